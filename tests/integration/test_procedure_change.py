"""A cycle goes over to another procedure with its dossiers on their way: each at the image of its stage, or none at all."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from casework import procedure_change
from casework.lists.kinds import KINDS
from casework.rules import cycle_by_code
from models.cycles import AgendaItem, Breach, Cycle, Deadline
from models.dossiers import Dossier
from models.letters import Letter
from models.record import Event
from models.results import Decision
from models.session import reading, transaction
from ocop.errors import InvalidInput, NotFound, NotPossibleNow, NotYours, TooLate
from ocop.transitions import TO_QD1489
from tests.factories import CYCLE, Office, an_office, at, day
from tests.integration.test_reorganisation import sound
from tests.merger import IN_FORCE

pytestmark = pytest.mark.postgresql_long

PAPER = "Quyết định 1489/QĐ-TTg"


def change(office: Office, who: str = "36/officer", **more: Any) -> Any:
    """Take the cycle over, as the province's officer."""
    body = {"cycle": CYCLE, "procedure": "qd1489", "from_day": IN_FORCE, "document": PAPER}
    return office.act("change-procedure", who, **(body | more))


def summer(engine: Engine) -> tuple[Office, dict[str, str]]:
    """Bring a cycle with its districts in office to 6/7, a dossier at the commune, at the district and at the province."""
    office = an_office(engine).go("2025-05-12")
    found = {
        "commune": office.register(),
        "district": office.at_district(),
        "supplement": office.at_district(),
        "province": office.at_province(),
        "ended": office.judged("40"),
    }
    office.go("2025-06-30")
    office.act(
        "request-supplement",
        "365/officer",
        dossier=found["supplement"],
        reason="Thiếu.",
        requested_on=office.now.date(),
    )
    return office.go("2025-07-06 00:10"), found


def test_dossiers_go_on_at_the_image_of_their_stage_and_keep_what_was_before(engine: Engine) -> None:
    office, found = summer(engine)
    answer = change(office)
    assert {name: office.stage(code) for name, code in found.items()} == {
        "commune": "registered", "district": "provincial_evaluation", "supplement": "provincial_supplement",
        "province": "provincial_evaluation", "ended": "not_ranked",
    }  # fmt: skip
    assert "Bước 'Huyện đánh giá': 1 hồ sơ sang bước 'Tỉnh đánh giá'" in answer["report"]
    pinned = office.rows(
        select(Dossier.procedure_key, func.count()).group_by(Dossier.procedure_key).order_by(Dossier.procedure_key)
    )
    assert pinned == [("qd148", 1), ("qd1489", 4)], "what had ended stays under the procedure under which it ended"
    assert office.rows(select(Cycle.procedure_key)) == [("qd1489",)]
    lines = office.rows(
        select(Event.from_stage, Event.to_stage, Event.rule).where(
            Event.event == "change_procedure", Event.dossier_id.is_not(None)
        )
    )
    assert len(lines) == 4
    assert all("Quyết định 1489/QĐ-TTg" in line.rule for line in lines)
    sound(office)


def test_the_plans_dates_for_districts_bind_nobody_any_more_and_breaches_of_them_are_closed_not_deleted(
    engine: Engine,
) -> None:
    office, found = summer(engine)
    assert office.rows(select(func.count(Breach.id)).where(Breach.closed_at.is_(None))) == [(6,)]
    change(office)
    assert office.rows(select(Breach.closed_by, func.count()).group_by(Breach.closed_by)) == [("change_procedure", 6)]
    dates = office.rows(
        select(Deadline.stage, Deadline.day)
        .where(Deadline.scope == "all", Deadline.replaced_at.is_(None))
        .order_by(Deadline.stage)
    )
    assert dates == [("provincial_evaluation", date(2025, 7, 20)), ("provincial_submission", date(2025, 7, 20))]
    office.go("2025-07-21")
    late = office.rows(
        select(Dossier.code, Deadline.stage)
        .join(Breach, Breach.dossier_id == Dossier.id)
        .join(Deadline, Deadline.id == Breach.deadline_id)
        .where(Breach.struck_at == at("2025-07-20 00:00"))
    )
    assert {code for code, _ in late} == set(found.values()) - {found["ended"]}
    assert office.rows(select(AgendaItem.outcome).where(AgendaItem.outcome.like("không làm được%"))) == []
    sound(office)


def test_the_list_of_deadlines_says_from_when_a_districts_date_holds_no_more(sqlite_engine: Engine) -> None:
    office, _ = summer(sqlite_engine)
    change(office)
    with reading(office.engine) as session:
        dates = KINDS["deadlines"].sheet(session, KINDS["deadlines"].wanted(session, at=office.now))
    stage, stands = dates.columns.index("Bước"), dates.columns.index("Tình trạng")
    assert {row[stands] for row in dates.rows if row[stage] == "Huyện đánh giá"} == {
        "không còn áp dụng từ ngày 6/7/2025"
    }


def test_a_supplement_goes_on_with_its_own_date_at_the_provinces_stage(sqlite_engine: Engine) -> None:
    office, found = summer(sqlite_engine)
    change(office)
    own = office.rows(
        select(Deadline.stage, Deadline.day)
        .join(Dossier, Dossier.id == Deadline.dossier_id)
        .where(Dossier.code == found["supplement"], Deadline.replaced_at.is_(None))
    )
    assert own == [("provincial_supplement", day("2025-07-14"))]
    office.act(
        "supplement", "36/officer", dossier=found["supplement"], supplemented_on=office.now.date(), note="Đã đủ."
    )
    assert office.stage(found["supplement"]) == "provincial_evaluation"
    office.go("2025-07-16")
    assert office.rows(select(func.count(Letter.id)).where(Letter.notice == "supplement_overdue")) == [(0,)]
    sound(office)


def test_a_dossier_goes_on_under_the_new_rules_to_three_stars_of_the_province(engine: Engine) -> None:
    office, found = summer(engine)
    change(office)
    office.go("2025-07-10")
    office.evaluate(found["district"], "60", "36/officer")
    office.decide(found["district"], "36/officer")
    office.recognise(found["district"], "36/officer")
    assert office.stage(found["district"]) == "recognised"
    with pytest.raises(TooLate, match="đăng ký sau hạn"):
        office.register("14202")  # the first date of the plan had ended registration: new rules do not open it again
    sound(office)


def test_it_is_refused_whole_while_a_dossier_has_no_image(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, found = summer(sqlite_engine)
    shorter = replace(TO_QD1489, images=tuple(row for row in TO_QD1489.images if row.source != "district_evaluation"))
    monkeypatch.setattr(procedure_change, "between", lambda source, target: shorter)
    before = office.rows(select(func.count(Event.id)))
    with pytest.raises(NotPossibleNow, match=rf"1 hồ sơ.*Huyện đánh giá: 1.*{found['district']}"):
        change(office)
    assert office.rows(select(func.count(Event.id))) == before
    assert office.rows(select(Cycle.procedure_key)) == [("qd148",)]


@pytest.mark.parametrize(
    ("more", "refusal", "said"),
    [
        ({"procedure": "qd26"}, NotFound, "Các quy trình chuyển được: qd1489"),
        ({"from_day": date(2025, 7, 5)}, InvalidInput, "chỉ có hiệu lực từ ngày 6/7/2025"),
        ({"from_day": date(2025, 7, 8)}, InvalidInput, "Ngày 8/7/2025 chưa đến. Hãy dùng “Xem trước”"),
        ({"who": "365/officer"}, NotYours, "Tỉnh Nam Định"),
    ],
)
def test_it_goes_where_a_table_leads_from_the_day_of_the_law_by_the_province(
    sqlite_engine: Engine, more: dict[str, Any], refusal: type[Exception], said: str
) -> None:
    office = an_office(sqlite_engine)
    office.now = at("2025-07-06 09:00")
    with pytest.raises(refusal, match=said):
        change(office, **more)


def test_what_ended_under_the_old_procedure_is_not_opened_again_under_the_new_one(sqlite_engine: Engine) -> None:
    office, found = summer(sqlite_engine)
    change(office)
    with pytest.raises(NotPossibleNow, match="đã kết thúc theo quy trình cũ"):
        office.act(
            "annul", "365/officer", dossier=found["ended"], annulled_on=office.now.date(), due_on=day("2025-08-01"),
            document="3/QĐ", reason="Sai.",
        )  # fmt: skip


def test_annulled_after_the_change_the_provinces_result_takes_along_what_the_district_had_signed_on_it(
    engine: Engine,
) -> None:
    office = an_office(engine).go("2025-05-12")
    code = office.at_province("75")
    office.go("2025-06-26")
    office.evaluate(code, "62", "36/officer")
    office.decide(code, "36/officer")
    office.decide(code, "365/officer", number="7/QĐ")  # after the return, on the province's result
    office.go("2025-07-06 00:10")
    change(office)
    office.go("2025-07-07")
    assert office.stage(code) == "provincial_recognition"
    office.act(
        "annul", "36/officer", dossier=code, annulled_on=office.now.date(), due_on=day("2025-07-30"), document="3/QĐ",
        reason="Sai.",
    )  # fmt: skip
    assert (
        office.rows(select(Decision.number).where(Decision.annulled_on.is_(None), Decision.level == "province")) == []
    )
    assert ("7/QĐ",) in office.rows(select(Decision.number).where(Decision.annulled_by == "3/QĐ"))
    sound(office)
    office.evaluate(code, "72", "36/officer")
    office.decide(code, "36/officer", number="8/QĐ")
    assert office.stage(code) == "provincial_recognition"
    sound(office)


def test_a_cycle_remembers_how_it_went_over(sqlite_engine: Engine) -> None:
    office, _ = summer(sqlite_engine)
    change(office)
    with transaction(sqlite_engine) as session:
        cycle = cycle_by_code(session, CYCLE)
        line = session.execute(
            select(Event.rule, Event.details)
            .where(Event.cycle_id == cycle.id, Event.dossier_id.is_(None))
            .order_by(Event.number.desc())
            .limit(1)
        ).one()
    assert line.rule == PAPER
    assert (line.details["from"], line.details["to"], line.details["dossiers"]) == ("qd148", "qd1489", 4)
