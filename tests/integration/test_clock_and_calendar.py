"""The guard of the wall clock, the driven clock, and the calendar that an office edits."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select

from casework import calendar_table, clock
from casework.calendar_seed import calendar_rows
from casework.days import calendar
from casework.settings import ClockSettings
from cli.main import command
from models.cycles import CalendarDay
from models.session import transaction
from ocop.errors import InvalidInput, NotPossibleNow
from ocop.working_days import DayKind
from tests.factories import Office, an_office, at, day


def tick(engine: Engine, wall: datetime) -> datetime:
    """Let the wall clock wake a watch."""
    with transaction(engine) as session:
        return clock.tick(session, wall, ClockSettings().longest_gap)


def test_a_clock_behind_the_last_event_is_refused(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05 10:00")
    office.register()
    with pytest.raises(NotPossibleNow, match="10:00 05/05/2025"):
        tick(engine, at("2025-05-05 09:59:59"))
    assert tick(engine, at("2025-05-05 10:00")) == at("2025-05-05 10:00")


@pytest.mark.parametrize(("gap", "accepted"), [(timedelta(days=7), True), (timedelta(days=7, seconds=1), False)])
def test_more_than_seven_days_since_the_last_tick_a_person_is_asked(
    sqlite_engine: Engine, gap: timedelta, accepted: bool
) -> None:
    an_office(sqlite_engine)
    first = at("2025-05-05")
    tick(sqlite_engine, first)
    if accepted:
        assert tick(sqlite_engine, first + gap) == first + gap
        return
    with pytest.raises(NotPossibleNow, match="“Đồng hồ máy chủ đúng, làm bù các việc”"):
        tick(sqlite_engine, first + gap)
    with transaction(sqlite_engine) as session:
        clock.accept(session, first + gap)
    assert tick(sqlite_engine, first + gap + timedelta(hours=1)) == first + gap + timedelta(hours=1)


def test_a_refused_tick_is_not_remembered(sqlite_engine: Engine) -> None:
    an_office(sqlite_engine)
    tick(sqlite_engine, at("2025-05-05"))
    for _ in range(2):
        with pytest.raises(NotPossibleNow):
            tick(sqlite_engine, at("2025-05-20"))


def test_the_first_tick_of_an_installation_is_taken(sqlite_engine: Engine) -> None:
    assert tick(sqlite_engine, at("2031-01-01")) == at("2031-01-01")


def test_an_explicit_instant_passes_the_guard(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine)
    tick(sqlite_engine, at("2025-04-09"))
    office.go("2026-03-01")  # the driven clock of tests and rehearsals asks nobody
    assert office.now == at("2026-03-01")


def test_a_driven_clock_is_shown_and_used_whatever_the_wall_says(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    office.register()
    with transaction(sqlite_engine) as session:
        clock.drive(session, at("2025-06-01"))
        assert clock.now(session, at("2031-01-01")) == at("2025-06-01")
    assert tick(sqlite_engine, at("2024-01-01")) == at("2025-06-01")


# --- the calendar ------------------------------------------------------------------------------------------------------


def test_seeding_adds_what_is_missing_and_keeps_what_an_office_edited(engine: Engine) -> None:
    rows = calendar_rows(2025, 2025)
    with transaction(engine) as session:
        assert calendar_table.seed(session, rows) == len(rows)
        calendar_table.set_day(
            session, day("2025-05-02"), DayKind.WORKED, "Làm việc theo thông báo của tỉnh", "12/TB-UBND"
        )
        calendar_table.set_day(session, day("2025-06-10"), DayKind.HOLIDAY, "Nghỉ bão", "13/CĐ-UBND")
        assert calendar_table.seed(session, rows) == 0
    with transaction(engine) as session:
        kept = session.get_one(CalendarDay, day("2025-05-02"))
        assert (kept.kind, kept.source) == ("worked", "12/TB-UBND")
        assert not calendar(session).is_working(day("2025-06-10"))


def test_swap_days_change_the_working_days_left(sqlite_engine: Engine) -> None:
    # From Friday 25/4 to Monday 5/5/2025: with the swap Saturday 26/4, 28/4, 29/4 and 5/5; without it 28/4, 29/4, 2/5, 5/5.
    # With 26/4 worked and 2/5 not given off there are five.
    an_office(sqlite_engine)
    start, end = day("2025-04-25"), day("2025-05-05")
    with transaction(sqlite_engine) as session:
        assert calendar(session).working_days_between(start, end) == 4
        assert calendar_table.unset_day(session, day("2025-05-02")) is True
        assert calendar(session).working_days_between(start, end) == 5
        assert calendar_table.unset_day(session, day("2025-04-26")) is True
        assert calendar(session).working_days_between(start, end) == 4
        assert calendar_table.unset_day(session, day("2025-04-26")) is False
        calendar_table.set_day(session, day("2025-04-28"), DayKind.HOLIDAY, "Nghỉ", "14/TB")
        assert calendar(session).working_days_between(start, end) == 3


def test_an_edited_calendar_moves_the_periods_that_begin_after_it(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    first, second = office.at_district(), office.at_district()
    ask = {"reason": "Thiếu", "requested_on": day("2025-05-05")}
    assert office.act("request-supplement", "365/officer", dossier=first, **ask)["due_on"] == "2025-05-19"
    with transaction(sqlite_engine) as session:
        calendar_table.set_day(session, day("2025-05-12"), DayKind.HOLIDAY, "Nghỉ bão", "13/CĐ-UBND")
    assert office.act("request-supplement", "365/officer", dossier=second, **ask)["due_on"] == "2025-05-20"


def test_a_cycle_does_not_open_on_a_calendar_that_lacks_its_year(sqlite_engine: Engine) -> None:
    office = Office(sqlite_engine).found()
    with transaction(sqlite_engine) as session:
        session.execute(delete(CalendarDay).where(CalendarDay.day.between(day("2025-01-01"), day("2025-12-31"))))
    with pytest.raises(InvalidInput, match="“Nạp danh sách cả năm”"):
        office.open_cycle()


def test_2027_has_no_swap_days_yet_and_the_state_offices_swap_of_2026_is_there(sqlite_engine: Engine) -> None:
    with transaction(sqlite_engine) as session:
        calendar_table.seed(session, calendar_rows(2026, 2027))
        worked = list(
            session.scalars(select(CalendarDay.day).where(CalendarDay.kind == "worked").order_by(CalendarDay.day))
        )
    assert worked == [day("2026-01-10"), day("2026-08-22")]


def test_the_command_says_that_a_running_cycle_was_not_counted_anew(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OCOP_HOME", str(tmp_path))
    monkeypatch.delenv("OCOP_DB_URL", raising=False)
    words = ["calendar", "set", "16/6/2025", "holiday", "Nghỉ bão", "--source", "13/CĐ-UBND"]
    Office(sqlite_engine).found()
    command()(words, exit_on_error=False, print_error=False, result_action="return_value")
    assert "lưu ý" not in capsys.readouterr().err
    Office(sqlite_engine).open_cycle()
    command()(words, exit_on_error=False, print_error=False, result_action="return_value")
    assert "ocop edit-calendar" in capsys.readouterr().err
