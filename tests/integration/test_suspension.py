"""While no body is competent no clock runs, nothing is judged, and nothing is lost; then what ran comes as much later."""

from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from casework.doctor.balance import conservation
from casework.rules import cycle_by_code
from models.cycles import Breach, Deadline, Escalation
from models.dossiers import Dossier
from models.letters import Letter
from models.record import Event
from models.session import transaction
from ocop.errors import AlreadyExists, InvalidInput, NotPossibleNow, NotYours
from ocop.levels import Level
from tests.factories import CYCLE, Office, an_office, at, day
from tests.integration.test_reorganisation import sound
from tests.merger import PAPER

pytestmark = pytest.mark.postgresql_long

BODY = {"cycle": CYCLE, "document": PAPER}


def suspend(office: Office, level: Level = Level.DISTRICT, who: str = "36/officer") -> None:
    office.act("suspend", who, level=level, since=office.now.date(), reason="Chưa có cơ quan thẩm quyền.", **BODY)


def resume(office: Office) -> None:
    office.act("resume", "36/officer", from_day=office.now.date(), reason="Đã có thẩm quyền.", **BODY)


def own(office: Office, code: str) -> list[str]:
    """Return the dates of a dossier's own, as they were entered."""
    rows = office.rows(
        select(Deadline.day)
        .join(Dossier, Dossier.id == Deadline.dossier_id)
        .where(Dossier.code == code, Deadline.kind == "supplement")
        .order_by(Deadline.id)
    )
    return [row.day.isoformat() for row in rows]


def test_a_suspended_dossier_is_not_reminded_not_late_and_not_escalated(engine: Engine) -> None:
    office = an_office(engine).go("2025-06-09")
    office.at_district()
    free = office.register()
    suspend(office)
    office.go("2025-06-18")
    assert office.rows(select(Dossier.code).join(Breach, Breach.dossier_id == Dossier.id)) == [(free,)]
    letters = office.rows(select(Letter.facts).where(Letter.notice.in_(("deadline_reminder", "overdue"))))
    reminded = [
        {dossier["code"] for dossier in row.facts["dossiers"]} for row in letters if row.facts["owed_on"] > "2025-06-09"
    ]
    assert reminded
    assert all(named == {free} for named in reminded)
    sound(office)


def test_every_act_on_it_is_refused_with_the_reason_and_the_way_out(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-12")
    code = office.at_district()
    suspend(office)
    for act in (
        lambda: office.evaluate(code, "66"),
        lambda: office.act(
            "request-supplement", "365/officer", dossier=code, reason="Thiếu.", requested_on=office.now.date()
        ),
        lambda: office.act("carry-over", "365/officer", dossiers=[code], decided_on=office.now.date(), reason="Muộn."),
    ):
        with pytest.raises(
            NotPossibleNow,
            match=r"tạm dừng từ ngày 12/5/2025, chờ xác định thẩm quyền.*“Cho tiếp tục hồ sơ đã tạm dừng”",
        ):
            act()
    assert office.rows(select(Event.event).order_by(Event.id.desc()).limit(1)) == [("suspend",)]


def test_what_comes_to_the_level_meanwhile_is_suspended_on_arrival_and_says_why(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-12")
    suspend(office)
    code = office.at_district()
    (line,) = office.rows(
        select(Event.rule, Event.reason, Event.details).where(Event.event == "suspend", Event.dossier_id.is_not(None))
    )
    assert "không cơ quan nào có thẩm quyền" in line.rule
    assert (line.reason, line.details["document"]) == ("Chưa có cơ quan thẩm quyền.", PAPER)
    assert office.rows(select(Dossier.suspended_at).where(Dossier.code == code)) == [(office.now,)]
    sound(office)


def test_what_is_filed_at_the_level_meanwhile_is_suspended_at_once(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-12")
    suspend(office, Level.COMMUNE)
    code = office.register()
    with pytest.raises(NotPossibleNow, match=r"tạm dừng từ ngày 12/5/2025"):
        office.act("receive", "14101/officer", dossiers=[code], received_on=office.now.date())
    assert office.rows(select(Dossier.suspended_at)) == [(office.now,)]
    office.go("2025-05-14")
    resume(office)
    office.act("receive", "14101/officer", dossiers=[code], received_on=office.now.date())
    sound(office)


def test_it_goes_on_from_the_day_of_its_suspension_at_the_earliest_and_what_came_later_from_then(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-05-12")
    office.at_district()
    suspend(office)
    office.go("2025-05-16")
    came_later = office.at_district()
    body: dict[str, Any] = {"reason": "Đã có thẩm quyền.", **BODY}
    with pytest.raises(InvalidInput, match=r"11/5/2025 sớm hơn ngày tạm dừng 12/5/2025"):
        office.act("resume", "36/officer", from_day=day("2025-05-11"), **body)
    office.act("resume", "36/officer", from_day=day("2025-05-14"), **body)
    resumed = office.rows(
        select(Event.effective_at)
        .join(Dossier, Dossier.id == Event.dossier_id)
        .where(Event.event == "resume")
        .order_by(Dossier.id)
    )
    assert [row.effective_at for row in resumed] == [at("2025-05-14 00:00"), office.now], came_later
    sound(office)


def test_the_coordinator_office_and_the_producer_are_told(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-12")
    office.at_district()
    suspend(office)
    told = office.rows(select(Letter.notice, Letter.recipient).where(Letter.notice.in_(("reorganised", "suspended"))))
    assert {row.notice for row in told} == {"reorganised", "suspended"}
    names = office.rows(select(Letter.recipient_name).where(Letter.notice == "reorganised"))
    assert ("Văn phòng Điều phối nông thôn mới Tỉnh Nam Định",) in names


def test_it_counts_as_in_progress_where_it_stands(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-12")
    office.at_district()
    suspend(office)
    with transaction(sqlite_engine) as session:
        found = {row.unit: row for row in conservation(session, cycle_by_code(session, CYCLE))}
    assert (found["Huyện Giao Thủy"].received, found["Huyện Giao Thủy"].in_progress) == (1, 1)


def test_its_own_date_and_a_date_that_struck_meanwhile_come_as_many_working_days_later(engine: Engine) -> None:
    office = an_office(engine).go("2025-06-09")
    asked, waiting = office.at_district(), office.at_district()
    office.act("request-supplement", "365/officer", dossier=asked, reason="Thiếu.", requested_on=office.now.date())
    suspend(office)
    office.go("2025-06-16")
    resume(office)
    assert own(office, asked) == ["2025-06-23", "2025-06-30"], "five working days were lost"
    struck = office.rows(
        select(Deadline.day, Deadline.wording)
        .join(Dossier, Dossier.id == Deadline.dossier_id)
        .where(Dossier.code == waiting, Deadline.stage == "district_evaluation")
    )
    assert struck == [
        (
            day("2025-06-20"),
            "hoàn thành trước ngày 15/6/2025, tạm dừng từ ngày 9/6/2025 đến trước ngày 16/6/2025: lùi 5 ngày làm việc",
        )
    ]
    office.evaluate(waiting, "66")
    sound(office)
    office.go("2025-07-02")
    sound(office)


def test_a_breach_that_was_open_before_waits_with_its_ladder(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-09")
    office.at_district()
    office.go("2025-06-15 00:10")
    suspend(office)
    office.go("2025-06-20")
    assert office.rows(select(func.count(Escalation.id))) == [(0,)]
    assert office.rows(select(func.count(Breach.id)).where(Breach.closed_at.is_(None))) == [(1,)]
    resume(office)
    office.go("2025-06-30")
    assert office.rows(select(func.count(Escalation.id))) > [(0,)]
    sound(office)


def test_only_the_province_suspends_and_one_level_at_a_time(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-12")
    with pytest.raises(NotYours):
        suspend(office, who="365/officer")
    with pytest.raises(NotPossibleNow, match="không có cấp nào đang tạm dừng"):
        resume(office)
    suspend(office)
    with pytest.raises(AlreadyExists, match="đang tạm dừng ở cấp huyện"):
        suspend(office, Level.COMMUNE)
