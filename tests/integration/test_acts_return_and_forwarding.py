"""The province's return, and products of 70 points and more that do not go up."""

import pytest
from sqlalchemy import Engine, select

from casework.submission import KeptBecause
from models.cycles import Breach, Deadline
from models.results import Certificate, Decision
from ocop.errors import InvalidInput, NotPossibleNow
from tests.factories import Office, all_gates, an_office, at, day
from tests.plans import plan_with
from tests.records import letters, read_all

pytestmark = pytest.mark.postgresql_long


def returned(engine: Engine, mean: str = "65", *, basis: str = "province_result", district: str = "75",
             failed: dict[int, str] | None = None, when: str = "2025-05-05") -> tuple[Office, str]:  # fmt: skip
    """Return the world with a dossier that the province sent back."""
    plan = plan_with(('basis = "province_result"', f'basis = "{basis}"'))
    office = Office(engine).found().open_cycle(plan).go(when)
    code = office.at_province(district)
    office.evaluate(code, mean, "36/officer", gates=all_gates(failed))
    office.decide(code, "36/officer")
    assert office.stage(code) == "returned_to_district"
    return office, code


def test_a_returned_dossier_has_15_working_days_of_its_own_from_the_return(engine: Engine) -> None:
    # 15 working days after Monday 28/4, with 30/4, 1/5 and 2/5 off: Thursday 22/5.
    office, code = returned(engine, when="2025-04-28")
    ((deadline,),) = office.rows(select(Deadline).where(Deadline.kind == "return"))
    assert (deadline.day, deadline.strikes_at) == (day("2025-05-22"), at("2025-05-23 00:00"))
    assert "15 ngày làm việc" in deadline.rule
    (letter, *_) = letters(office, "returned_to_district")
    assert letter.facts["due_on"] == "2025-05-22"
    office.go("2025-05-22 23:59")
    assert office.rows(select(Breach.id)) == []
    office.go("2025-05-23 00:00")
    ((struck,),) = office.rows(select(Breach.struck_at))
    assert struck == at("2025-05-23 00:00")
    office.decide(code, number="9/QĐ")  # late, but nobody else can do it
    assert office.rows(select(Breach.closed_by)) == [("decide",)]
    read_all(office)


def test_the_return_is_independent_of_15_june(sqlite_engine: Engine) -> None:
    office, code = returned(sqlite_engine, when="2025-06-12")
    office.go("2025-06-17")
    assert office.rows(select(Breach.id)) == []
    office.decide(code, number="9/QĐ")
    assert office.stage(code) == "district_recognition"


@pytest.mark.parametrize(
    ("mean", "failed", "stage"),
    [
        ("50", {}, "district_recognition"),
        ("69.999", {}, "district_recognition"),
        ("49.999", {}, "not_ranked"),
        ("65", {3: "Thiếu điều kiện"}, "not_ranked"),
        ("75", {4: "Thiếu liên kết"}, "district_recognition"),
    ],
)
def test_on_the_provinces_result_50_and_more_with_the_3_star_gates_give_at_most_3_stars(
    sqlite_engine: Engine, mean: str, failed: dict[int, str], stage: str
) -> None:
    office, code = returned(sqlite_engine, mean, failed=failed)
    office.decide(code, number="9/QĐ")
    assert office.stage(code) == stage
    if stage == "district_recognition":
        office.recognise(code)
        assert office.rows(select(Certificate.star)) == [(3,)]
    read_all(office)


def test_on_the_districts_own_result_its_75_points_give_3_stars(sqlite_engine: Engine) -> None:
    office, code = returned(sqlite_engine, "45", basis="district_result")
    office.decide(code, number="9/QĐ")
    office.recognise(code)
    decided = office.rows(select(Decision.mean, Decision.stars_after_gates).where(Decision.purpose == "after_return"))
    assert [(str(mean), stars) for mean, stars in decided] == [("75", 3)]


def test_on_a_new_session_the_district_meets_again(sqlite_engine: Engine) -> None:
    office, code = returned(sqlite_engine, "65", basis="new_session")
    with pytest.raises(Exception, match="chưa có kết quả"):
        office.decide(code, number="9/QĐ")
    office.evaluate(code, "58", minutes="02/BB-HĐ")
    office.decide(code, number="9/QĐ")
    assert office.stage(code) == "district_recognition"
    decided = office.rows(select(Decision.mean).where(Decision.purpose == "after_return"))
    assert [str(mean) for (mean,) in decided] == ["58"]


def test_without_the_setting_no_council_meets_again_after_the_return(sqlite_engine: Engine) -> None:
    office, code = returned(sqlite_engine)
    with pytest.raises(NotPossibleNow, match="không họp hội đồng lại"):
        office.evaluate(code, "58")


def test_a_dossier_reaches_the_province_once_in_a_round(sqlite_engine: Engine) -> None:
    office, code = returned(sqlite_engine)
    with pytest.raises(NotPossibleNow):
        office.act("submit", "365/officer", dossiers=[code], number="99", signed_on=office.now.date())


# --- 70 and more that do not go up -----------------------------------------------------------------------------------


@pytest.mark.parametrize("because", KeptBecause)
def test_a_product_of_70_that_stays_is_recognised_at_3_stars_with_a_reason(
    sqlite_engine: Engine, because: KeptBecause
) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.judged("75")
    if because is KeptBecause.NOT_SENT:
        office.go("2025-06-23")
    body = {"dossiers": [code], "because": because, "decided_on": office.now.date()}
    with pytest.raises(InvalidInput):
        office.act("keep", "365/officer", reason=" ", **body)
    office.act("keep", "365/officer", reason="Theo biên bản", **body)
    office.recognise(code)
    assert office.rows(select(Certificate.star)) == [(3,)]  # never less than one of 55
    assert not [row for row in office.rows(select(Breach.closed_at)) if row[0] is None]
    read_all(office)


def test_or_it_is_carried_over_with_a_reason(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.judged("75")
    office.act("carry-over", "365/officer", dossiers=[code], decided_on=office.now.date(), reason="Chờ kỳ sau")
    assert office.stage(code) == "carried_over"


def test_where_forwarding_is_compulsory_a_district_may_not_leave_it_unselected(sqlite_engine: Engine) -> None:
    office = (
        Office(sqlite_engine)
        .found()
        .open_cycle(plan_with(("compulsory = false", "compulsory = true")))
        .go("2025-05-05")
    )
    code = office.judged("75")
    body = {"dossiers": [code], "reason": "Không chọn", "decided_on": office.now.date()}
    with pytest.raises(NotPossibleNow, match="bắt buộc"):
        office.act("keep", "365/officer", because=KeptBecause.NOT_SELECTED, **body)
    office.act("keep", "365/officer", because=KeptBecause.DECLINED, **body)


def test_the_threshold_for_going_up_is_the_plans(sqlite_engine: Engine) -> None:
    office = (
        Office(sqlite_engine)
        .found()
        .open_cycle(plan_with(("to_province_from = 70", "to_province_from = 80")))
        .go("2025-05-05")
    )
    assert office.stage(office.judged("79.999")) == "district_recognition"
    assert office.stage(office.judged("80")) == "provincial_submission"
