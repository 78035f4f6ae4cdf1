"""Dossiers under the laws without districts: QĐ 1489, the rounds of QĐ 26, what the ministry sends back."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from casework.doctor import chains
from casework.doctor.checkup import INVARIANTS, examine
from casework.doctor.invariant import Look
from models.cycles import Breach, Deadline
from models.dossiers import Dossier
from models.letters import Letter
from models.record import Event
from models.results import Certificate, Decision
from models.session import transaction
from notifications.rendering import words
from ocop.errors import TooLate
from ocop.notices import Notice
from tests.factories import Office, day
from tests.rounds import OF_THE_PROVINCE, ROUND_1, Province, a_plan, a_province

pytestmark = pytest.mark.postgresql_long


@pytest.fixture
def province(sqlite_engine: Engine) -> Province:
    """A province under the round's plan of QĐ 26."""
    return a_province(sqlite_engine, a_plan("qd26", ROUND_1), "2027-01-04")


def sound(office: Office, files: Path) -> None:
    """Assert that the doctor finds nothing but letters that nobody sends here."""
    with transaction(office.engine) as session:
        look = Look(session, office.now, files)
        keys = [row.key for row in INVARIANTS if row.key != "letters_not_forgotten"]
        broken = {found.invariant.key: list(found.violations) for found in examine(look, keys) if not found.holds}
        assert not broken, broken
        assert not chains.verify(session).faults


def held(office: Office, code: str) -> list[tuple[int, str]]:
    """Return star and issuing level of a dossier's certificates."""
    rows = office.rows(
        select(Certificate.star, Decision.level)
        .join(Decision, Decision.id == Certificate.decision_id)
        .join(Dossier, Dossier.id == Certificate.dossier_id)
        .where(Dossier.code == code)
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("mean", "stage", "stars"), [("49.9", "not_ranked", []), ("55", "recognised", [3]), ("75", "recognised", [4])]
)
def test_under_the_amended_decision_the_province_recognises_three_and_four_stars(
    engine: Engine, tmp_path: Path, mean: str, stage: str, stars: list[int]
) -> None:
    deadlines = (("provincial_evaluation", "2025-11-30", "session_held"),)
    office = a_province(engine, a_plan("qd1489", deadlines, year=2025, opens_on="2025-08-01"), "2025-08-01")
    code = office.ranked(mean)
    if stars:
        office.awarded(code)
    assert office.stage(code) == stage
    assert held(office, code) == [(star, "province") for star in stars]
    sound(office, tmp_path)


def test_the_commune_has_fifteen_working_days_from_receipt_and_a_supplement_does_not_begin_them_anew(
    province: Province,
) -> None:
    province.go("2027-03-01")
    code = province.register()
    province.act("receive", "14167/officer", dossiers=[code], received_on=day("2027-03-01"))
    ((deadline,),) = province.rows(select(Deadline).where(Deadline.kind == "review"))
    assert (deadline.stage, deadline.met_by, deadline.day) == ("commune_review", "letter_sent", day("2027-03-22"))
    assert "15 ngày làm việc" in deadline.source
    province.go("2027-03-10")
    province.act(
        "request-supplement", "14167/officer", dossier=code, reason="Thiếu nhãn", requested_on=day("2027-03-10")
    )
    province.act("supplement", "14167/officer", dossier=code, supplemented_on=day("2027-03-10"), note="Đã thêm nhãn")
    assert len(province.rows(select(Deadline.id).where(Deadline.kind == "review"))) == 1
    province.go("2027-03-22 23:00")
    assert not province.rows(select(Breach.id))
    province.go("2027-03-23 08:00")
    assert [tuple(row) for row in province.rows(select(Breach.stage, Breach.closed_by))] == [("commune_review", "")]
    province.report(code)
    assert [row[0] for row in province.rows(select(Breach.closed_by))] == ["report"]
    assert province.stage(code) == "provincial_submission"


def test_what_is_proposed_too_late_for_a_round_is_refused_by_name(province: Province) -> None:
    province.go("2027-04-01")
    code = province.reported()
    province.go("2027-04-30")
    with pytest.raises(TooLate, match=f"{code}: ngày 30/4/2027 đã quá hạn"):
        province.act("submit", "14167/officer", dossiers=[code], number="7/TTr-UBND", signed_on=day("2027-04-30"))
    assert province.stage(code) == "provincial_submission"


def test_ninety_points_go_to_the_ministry_before_anybody_recognises_them(province: Province, tmp_path: Path) -> None:
    province.go("2027-03-01")
    code = province.proposed("92")
    assert province.stage(code) == "central_evaluation"
    assert held(province, code) == []
    province.found_at_the_centre(code, "91")
    assert province.stage(code) == "recognised"
    assert held(province, code) == [(5, "central")]
    sound(province, tmp_path)


@pytest.mark.parametrize(
    ("central", "again", "stage", "stars"),
    [
        ("89.99", None, "provincial_recognition", [(4, "province")]),
        ("69", None, "provincial_recognition", [(3, "province")]),
        ("49", None, "not_ranked", []),
        ("49", "72", "provincial_recognition", [(4, "province")]),  # evaluated anew
        ("75", "95", "provincial_recognition", [(4, "province")]),  # never a second time to the ministry in this round
        ("75", "40", "not_ranked", []),
    ],
)
def test_under_ninety_at_the_ministry_the_province_decides_once_on_its_result_or_anew(
    province: Province, tmp_path: Path, central: str, again: str | None, stage: str, stars: list[tuple[int, str]]
) -> None:
    province.go("2027-03-01")
    code = province.proposed("92")
    province.go("2027-08-10")
    assert "trở về tỉnh" in province.found_at_the_centre(code, central)["message"]
    assert province.stage(code) == "returned_to_province"
    ((own,),) = province.rows(select(Deadline).where(Deadline.kind == "return"))
    assert (own.stage, own.day) == ("returned_to_province", day("2027-08-31"))
    told = province.rows(select(Letter.facts).where(Letter.notice == "returned_to_province"))
    assert {facts["due_on"] for (facts,) in told} == {"2027-08-31"}
    if again:
        province.judge(code, again, minutes="9/BB-HĐ")
    province.decide(code, OF_THE_PROVINCE, "600/QĐ-UBND")
    assert province.stage(code) == stage
    if stars:
        province.awarded(code)
        assert province.stage(code) == "recognised"
    assert held(province, code) == stars
    sound(province, tmp_path)


def test_a_product_that_is_not_proposed_gets_the_four_stars_that_the_province_may_give(
    province: Province, tmp_path: Path
) -> None:
    province.go("2027-03-01")
    code = province.ranked("95")
    province.act(
        "forgo", OF_THE_PROVINCE, dossiers=[code], reason="Chủ thể không đề nghị", decided_on=day("2027-03-01")
    )
    assert province.stage(code) == "provincial_recognition"
    province.awarded(code)
    assert held(province, code) == [(4, "province")]
    sound(province, tmp_path)


def test_a_result_annulled_after_the_ministry_goes_back_to_the_provinces_decision_on_it(
    province: Province, tmp_path: Path
) -> None:
    province.go("2027-03-01")
    code = province.proposed("92")
    province.found_at_the_centre(code, "75")
    province.decide(code, OF_THE_PROVINCE, "600/QĐ-UBND")
    province.go("2027-03-02")
    province.act("annul", OF_THE_PROVINCE, dossier=code, document="5/QĐ-UBND", reason="Sai thẩm quyền ký",
                 annulled_on=day("2027-03-02"), due_on=day("2027-03-20"))  # fmt: skip
    assert province.stage(code) == "returned_to_province"
    province.decide(code, OF_THE_PROVINCE, "601/QĐ-UBND")
    province.awarded(code)
    assert held(province, code) == [(4, "province")]
    sound(province, tmp_path)


def test_each_step_quotes_the_law_it_was_taken_under(province: Province) -> None:
    province.go("2027-03-01")
    code = province.proposed("92")
    province.found_at_the_centre(code, "75")
    rules = [row[0] for row in province.rows(
        select(Event.rule).join(Dossier, Dossier.id == Event.dossier_id).where(Dossier.code == code).order_by(Event.number)
    )]  # fmt: skip
    assert all("Quyết định 26/2026/QĐ-TTg" in rule for rule in rules)
    assert "sản phẩm dưới 90 điểm" in rules[-1]


def test_no_letter_of_this_law_speaks_of_a_district(province: Province) -> None:
    province.go("2027-03-01")
    code = province.proposed("92")
    province.found_at_the_centre(code, "75")
    province.decide(code, OF_THE_PROVINCE, "600/QĐ-UBND")
    province.awarded(code)
    letters = province.rows(select(Letter.notice, Letter.facts))
    assert {"ministry_result", "returned_to_province", "result_after_ministry"} <= {notice for notice, _ in letters}
    for notice, facts in letters:
        said = words(Notice(notice), facts)
        assert "huyện" not in said.text.lower(), notice
