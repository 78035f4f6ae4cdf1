"""A changed calendar moves what lies ahead: dates that roll, periods, reminders, reports; never what has passed."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, and_, select

from casework.actors import person
from casework.acts import ACTS
from casework.calendar_edits import Becomes, DayEdit
from casework.doctor.checkup import examine
from casework.doctor.invariant import Look
from models.cycles import AgendaItem, Breach, CalendarDay, Deadline
from models.dossiers import Complaint
from models.record import Event
from models.session import reading, trial
from ocop.errors import InvalidInput, NotYours
from ocop.levels import Level
from tests.factories import PLAN, Office, an_office, at, day
from tests.records import letters, read_all, record

pytestmark = pytest.mark.postgresql_long

ROLLING = PLAN.replace('roll = "none"', 'roll = "next_working_day"', 1)
"""The district's date, before 15/6/2025: it falls on Saturday 14/6 and rolls to Monday 16/6."""
BACK = PLAN.replace('roll = "none"', 'roll = "previous_working_day"', 1)
"""The same date rolled back to Friday 13/6."""
NOTICE = "12/TB-BNV"


def holiday(on: str, name: str = "Nghỉ bão") -> DayEdit:
    """Return a day that becomes a holiday."""
    return DayEdit(day(on), Becomes.HOLIDAY, name)


def worked(on: str) -> DayEdit:
    """Return a day that becomes a working day."""
    return DayEdit(day(on), Becomes.WORKED, "Làm bù")


def edit(office: Office, *days: DayEdit, who: str = "36/officer", **more: Any) -> Any:
    """Edit the calendar."""
    return office.act("edit-calendar", who, days=list(days), **({"document": NOTICE} | more))


def lines(answer: Any, heading: str) -> list[str]:
    """Return what an answer lists under a heading."""
    return next(part["lines"] for part in answer["changes"] if part["heading"] == heading)


def opened(engine: Engine, plan: str, on: str = "2025-05-05") -> Office:
    """Return the small world whose cycle was opened by a plan."""
    return Office(engine).found().open_cycle(plan).go(on)


def last_days(office: Office, scope: str = "") -> list[str]:
    """Return the instants at which the district's dates that hold strike, or those of a scope."""
    whose = Deadline.scope == scope if scope else and_(Deadline.stage == "district_evaluation", Deadline.scope == "all")
    rows = office.rows(
        select(Deadline.strikes_at).where(whose, Deadline.replaced_at.is_(None)).order_by(Deadline.version)
    )
    return [f"{row.strikes_at.astimezone(office.now.tzinfo):%Y-%m-%d %H:%M}" for row in rows]


def waiting(office: Office, kind: str, stage: str = "district_evaluation") -> list[tuple[int, str]]:
    """Return what waits of a kind, with its instants."""
    rows = office.rows(
        select(AgendaItem.number, AgendaItem.due_at)
        .where(AgendaItem.kind == kind, AgendaItem.stage == stage, AgendaItem.done_at.is_(None))
        .order_by(AgendaItem.due_at)
    )
    return [(row.number, f"{row.due_at.astimezone(office.now.tzinfo):%Y-%m-%d %H:%M}") for row in rows]


def test_a_date_that_rolls_moves_past_a_new_holiday_and_its_reminders_with_it(engine: Engine) -> None:
    office = opened(engine, ROLLING)
    code = office.at_district()
    assert last_days(office) == ["2025-06-17 00:00"]
    answer = edit(office, holiday("2025-06-16"), reason="bão số 3")
    assert last_days(office) == ["2025-06-18 00:00"]
    assert "1 thời hạn" in answer["message"]
    assert lines(answer, "Lịch") == ["thứ Hai, 16/6/2025: ngày thường → ngày nghỉ (Nghỉ bão)"]
    (date,) = lines(answer, "Thời hạn")
    assert "hạn cuối 16/6/2025" in date
    assert "→ hạn cuối 17/6/2025" in date
    assert any(code in line and "16/6/2025 → 17/6/2025" in line for line in lines(answer, "Hồ sơ"))
    assert waiting(office, "stroke") == [(0, "2025-06-18 00:00")]
    assert (3, "2025-06-11 07:30") in waiting(office, "reminder")
    told = letters(office, "calendar_changed")
    assert {letter.email for letter in told} == {
        "officer.365@office.example",
        "coordinator_office.36@office.example",
    }
    assert all(NOTICE in rendered.text for rendered in read_all(office) if "Lịch làm việc" in rendered.subject)


def test_a_fixed_date_stays_and_only_what_is_counted_back_from_it_moves(engine: Engine) -> None:
    office = opened(engine, PLAN)
    office.at_district()
    before = waiting(office, "reminder")
    answer = edit(office, holiday("2025-06-11"), holiday("2025-06-12"))
    assert last_days(office) == ["2025-06-15 00:00"]
    assert lines(answer, "Thời hạn") == []
    assert lines(answer, "Việc đến hạn")
    assert waiting(office, "reminder") != before
    assert letters(office, "calendar_changed") == []


def test_a_reminder_that_the_new_calendar_puts_before_now_comes_the_next_working_morning_and_once(
    engine: Engine,
) -> None:
    office = opened(engine, PLAN)
    office.at_district()
    office.go("2025-06-10 16:00")
    assert waiting(office, "reminder") == [(3, "2025-06-11 07:30"), (1, "2025-06-13 07:30")]
    answer = edit(office, holiday("2025-06-11"), holiday("2025-06-13"))
    assert waiting(office, "reminder") == [(1, "2025-06-12 07:30")]
    assert any("Nhắc trước hạn 3 ngày làm việc" in line and "bỏ" in line for line in lines(answer, "Việc đến hạn"))
    office.go("2025-06-12 08:00")
    assert [letter.owed_at for letter in letters(office, "deadline_reminder")][-1] == at("2025-06-12 07:30")


def test_a_holiday_announced_after_the_stroke_closes_the_breaches_when_the_date_lies_ahead_again(
    engine: Engine,
) -> None:
    office = opened(engine, ROLLING)
    office.at_district()
    office.go("2025-06-17 09:00")
    assert len(office.rows(select(Breach.id).where(Breach.closed_at.is_(None)))) == 1
    answer = edit(office, holiday("2025-06-16"))
    assert answer["closed_breaches"] == 1
    ((by,),) = office.rows(select(Breach.closed_by))
    assert by == "edit_calendar"
    office.go("2025-06-18 09:00")
    assert len(office.rows(select(Breach.id).where(Breach.closed_at.is_(None)))) == 1


def test_nobody_becomes_late_backwards(engine: Engine) -> None:
    office = opened(engine, ROLLING)
    office.at_district()
    office.go("2025-06-16 09:00")
    answer = edit(office, worked("2025-06-14"))
    assert last_days(office) == ["2025-06-17 00:00"]
    assert answer["warnings"] == [
        "bước “Huyện đánh giá” giữ hạn đang áp dụng: theo lịch mới thì hạn rơi vào ngày đã qua."
    ]


def test_a_date_may_become_earlier_while_it_lies_ahead(engine: Engine) -> None:
    office = opened(engine, BACK)
    assert last_days(office) == ["2025-06-14 00:00"]
    edit(office, holiday("2025-06-13"))
    assert last_days(office) == ["2025-06-13 00:00"]


def test_a_period_of_working_days_gets_longer_and_never_shorter(engine: Engine) -> None:
    office = opened(engine, PLAN)
    code = office.at_district()
    office.act("request-supplement", "365/officer", dossier=code, reason="thiếu", requested_on=office.now.date())
    (scope,) = {row.scope for row in office.rows(select(Deadline.scope).where(Deadline.kind == "supplement"))}
    assert last_days(office, scope=scope) == ["2025-05-20 00:00"]
    edit(office, worked("2025-05-10"))
    assert last_days(office, scope=scope) == ["2025-05-20 00:00"]
    answer = edit(office, holiday("2025-05-12"), holiday("2025-05-19"))
    assert last_days(office, scope=scope) == ["2025-05-22 00:00"]
    assert lines(answer, "Thư")
    assert {letter.email for letter in letters(office, "calendar_changed")} == {
        "officer.365@office.example",
        "coordinator_office.36@office.example",
    }
    office.go("2025-05-21 12:00")
    assert office.rows(select(Breach.id)) == []
    office.go("2025-05-22 12:00")
    assert len(office.rows(select(Breach.id))) == 1


def test_an_extension_stays_on_the_day_that_its_document_names(engine: Engine) -> None:
    office = opened(engine, ROLLING)
    office.act(
        "extend", "36/officer", cycle="ND2025", stage="district_evaluation", day=day("2025-06-20"), document="9/UBND",
        reason="bão", level=Level.DISTRICT, unit="365",
    )  # fmt: skip
    edit(office, holiday("2025-06-20"), holiday("2025-06-16"))
    ((unit,),) = office.rows(select(Deadline.strikes_at).where(Deadline.kind == "extension"))
    assert unit == at("2025-06-21 00:00")


def test_the_answer_to_a_complaint_and_the_next_digest_follow(engine: Engine) -> None:
    office = opened(engine, PLAN)
    code = office.at_district()
    office.act("complain", "365/officer", dossier=code, received_on=office.now.date(), body="điểm thấp")
    ((due,),) = office.rows(select(Complaint.due_on))
    edit(office, holiday("2025-05-06"))
    ((later,),) = office.rows(select(Complaint.due_on))
    assert later > due
    ((digest,),) = office.rows(
        select(AgendaItem.due_at).where(AgendaItem.kind == "digest", AgendaItem.done_at.is_(None))
    )
    assert digest == at("2025-05-07 07:30")


def test_reports_up_the_ladder_move_with_the_working_days(engine: Engine) -> None:
    office = opened(engine, PLAN)
    office.at_district()
    office.go("2025-06-16 16:00")
    before = waiting(office, "rung")
    edit(office, holiday("2025-06-17"), holiday("2025-06-18"))
    assert [number for number, _ in waiting(office, "rung")] == [number for number, _ in before]
    assert all(now > was for (_, now), (_, was) in zip(waiting(office, "rung"), before, strict=True))


def test_a_trial_shows_everything_and_writes_nothing(engine: Engine) -> None:
    office = opened(engine, ROLLING)
    office.at_district()
    before = record(engine)

    def work(session: Any) -> Any:
        return ACTS["edit-calendar"].perform(
            session, actor=person(session, "36/officer"), at=office.now, key="thu", days=[holiday("2025-06-16")],
            document=NOTICE,
        )  # fmt: skip

    answer = trial(engine, work)
    assert lines(answer, "Thời hạn")
    assert record(engine) == before


def test_the_days_their_document_and_who_wrote_them_stay(engine: Engine) -> None:
    office = opened(engine, PLAN)
    edit(office, holiday("2025-06-16"), worked("2025-06-21"), DayEdit(day("2025-05-02"), Becomes.ORDINARY))
    rows = office.rows(
        select(CalendarDay.day, CalendarDay.kind, CalendarDay.source).where(CalendarDay.source == NOTICE)
    )
    assert {(str(row.day), row.kind) for row in rows} == {("2025-06-16", "holiday"), ("2025-06-21", "worked")}
    assert office.rows(select(CalendarDay.day).where(CalendarDay.day == day("2025-05-02"))) == []
    (line,) = office.rows(select(Event.actor_name, Event.rule, Event.details).where(Event.event == "edit_calendar"))
    assert line.rule == NOTICE
    assert line.details["days"] == [["2025-05-02", "ordinary"], ["2025-06-16", "holiday"], ["2025-06-21", "worked"]]


@pytest.mark.parametrize(
    ("days", "refused"),
    [
        ([], "Chưa nêu ngày nào"),
        ([holiday("2025-06-16"), worked("2025-06-16")], "ghi hai lần"),
        ([DayEdit(day("2025-06-16"), Becomes.HOLIDAY)], "chưa có tên"),
        ([holiday("1925-06-16")], "nằm ngoài các năm"),
        ([DayEdit(day("2025-06-16"), Becomes.ORDINARY)], "không có gì để sửa"),
    ],
)
def test_what_makes_no_calendar_is_refused(sqlite_engine: Engine, days: list[DayEdit], refused: str) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    with pytest.raises(InvalidInput, match=refused):
        edit(office, *days)


def test_only_the_province_edits_the_calendar(sqlite_engine: Engine) -> None:
    office = Office(sqlite_engine).found()
    with pytest.raises(NotYours, match="Chỉ cán bộ cấp tỉnh"):
        edit(office, holiday("2025-06-16"), who="365/officer")
    assert edit(office, holiday("2025-06-16"), who="36/coordinator_office")["days"] == 1
    office.open_cycle()
    with pytest.raises(NotYours):
        edit(office, holiday("2025-06-17"), who="365/officer")


def test_the_doctor_finds_nothing_wrong_after_an_edit(sqlite_engine: Engine, tmp_path: Path) -> None:
    office = opened(sqlite_engine, ROLLING)
    code = office.at_district()
    office.at_district("14201")
    office.act("request-supplement", "365/officer", dossier=code, reason="thiếu", requested_on=office.now.date())
    edit(office, holiday("2025-05-12"), holiday("2025-06-16"))
    office.go("2025-06-20 09:00")
    with reading(sqlite_engine) as session:
        found = examine(Look(session, office.now, tmp_path))
        assert [one.invariant.key for one in found if not one.holds] == ["letters_not_forgotten"]
