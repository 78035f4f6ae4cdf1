"""The calendar of working days: weekends, holidays, swap days, Tết, and the days and instants of the one zone."""

from datetime import UTC, date, datetime, timedelta

import pytest

from casework.calendar_seed import calendar_rows
from ocop.working_days import VIETNAM, Calendar, CalendarDay, DayKind, at_hour, day_of, start_of

SEEDED = Calendar(calendar_rows(2025, 2027))
PLAIN = Calendar()


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2025, 6, 13), True),  # a Friday
        (date(2025, 6, 14), False),  # a Saturday
        (date(2025, 6, 15), False),  # a Sunday
        (date(2025, 4, 26), True),  # Saturday worked for 2/5
        (date(2025, 5, 2), False),  # Friday off for it
        (date(2026, 8, 22), True),  # Saturday worked for 31/8
        (date(2026, 8, 31), False),
        (date(2026, 1, 10), True),  # state offices, worked for 2/1
        (date(2026, 1, 2), False),
        (date(2025, 1, 27), False),  # Tết
        (date(2026, 2, 16), False),
        (date(2026, 2, 20), False),
        (date(2026, 2, 23), True),  # the Monday after Tết
        (date(2026, 4, 27), False),  # in lieu of Sunday 26/4
        (date(2025, 11, 24), True),  # a holiday only from 2026
        (date(2026, 11, 24), False),
    ],
)
def test_the_seeded_calendar_knows_which_days_are_worked(day: date, worked: bool) -> None:
    assert SEEDED.is_working(day) is worked


def test_the_unverified_holiday_says_so_in_its_name() -> None:
    (row,) = [row for row in calendar_rows(2026, 2026) if row.day == date(2026, 11, 24)]
    assert "chưa kiểm chứng" in row.name


def test_the_seed_keeps_to_its_years_is_sorted_and_names_a_source_for_every_day() -> None:
    rows = calendar_rows(2025, 2026)
    assert {row.day.year for row in rows} == {2025, 2026}
    assert rows == sorted(rows, key=lambda row: row.day)
    assert len({row.day for row in rows}) == len(rows)
    assert all(row.name and row.source for row in rows)


def test_a_row_added_to_the_table_changes_the_count() -> None:
    off = CalendarDay(date(2025, 6, 12), DayKind.HOLIDAY, "Nghỉ đột xuất", "Công văn")
    calendar = Calendar([*calendar_rows(2025, 2025), off])
    assert SEEDED.add_working_days(date(2025, 6, 11), 1) == date(2025, 6, 12)
    assert calendar.add_working_days(date(2025, 6, 11), 1) == date(2025, 6, 13)


def test_rows_of_the_calendar_stand_in_the_order_of_their_days() -> None:
    later, earlier = (CalendarDay(date(2025, 6, day), DayKind.HOLIDAY, "a", "s") for day in (13, 12))
    assert sorted([later, earlier]) == [earlier, later]


def test_of_two_rows_for_a_day_the_last_one_counts() -> None:
    first = CalendarDay(date(2025, 6, 12), DayKind.HOLIDAY, "a", "s")
    second = CalendarDay(date(2025, 6, 12), DayKind.WORKED, "b", "s")
    calendar = Calendar([first, second])
    assert calendar.is_working(date(2025, 6, 12))
    assert calendar.working_days_between(date(2025, 6, 11), date(2025, 6, 12)) == 1


def test_a_calendar_that_is_filled_keeps_its_own_rows_and_takes_those_of_other_days() -> None:
    ours = CalendarDay(date(2025, 6, 12), DayKind.HOLIDAY, "Nghỉ đột xuất", "Công văn")
    theirs = CalendarDay(date(2025, 6, 12), DayKind.WORKED, "a", "s")
    another = CalendarDay(date(2025, 6, 13), DayKind.HOLIDAY, "b", "s")
    office = Calendar([ours])
    filled = office.filled([theirs, another])
    assert [filled.exception(date(2025, 6, day)) for day in (12, 13, 16)] == [ours, another, None]
    assert filled.working_days_between(date(2025, 6, 11), date(2025, 6, 13)) == 0
    assert office.exception(date(2025, 6, 13)) is None, "the calendar itself stays as it was"


@pytest.mark.parametrize(
    ("start", "days", "result"),
    [
        (date(2025, 6, 13), 0, date(2025, 6, 13)),
        (date(2025, 6, 14), 0, date(2025, 6, 14)),  # zero stays, even on a Saturday
        (date(2025, 6, 13), 1, date(2025, 6, 16)),  # over the weekend
        (date(2025, 6, 14), 1, date(2025, 6, 16)),  # from a Saturday
        (date(2025, 4, 25), 1, date(2025, 4, 26)),  # the worked Saturday counts
        (date(2025, 4, 29), 1, date(2025, 5, 5)),  # 30/4, 1/5, 2/5 off, then a weekend
        (date(2025, 1, 24), 1, date(2025, 2, 3)),  # over Tết
        (date(2026, 2, 13), 1, date(2026, 2, 23)),
        (date(2025, 12, 31), 1, date(2026, 1, 5)),  # 1/1 and the swapped 2/1 off, a weekend
        (date(2026, 1, 9), 1, date(2026, 1, 10)),  # the Saturday worked for 2/1
    ],
)
def test_working_days_are_added_without_the_first_day(start: date, days: int, result: date) -> None:
    assert SEEDED.add_working_days(start, days) == result


@pytest.mark.parametrize(
    ("start", "days", "result"),
    [
        (date(2025, 6, 14), -1, date(2025, 6, 13)),  # one working day before the Saturday is its Friday
        (date(2025, 6, 14), -3, date(2025, 6, 11)),
        (date(2025, 6, 14), -7, date(2025, 6, 5)),
        (date(2025, 6, 14), -14, date(2025, 5, 27)),
        (date(2025, 6, 16), -1, date(2025, 6, 13)),
        (date(2025, 5, 5), -1, date(2025, 4, 29)),
        (date(2025, 4, 28), -1, date(2025, 4, 26)),
        (date(2025, 2, 3), -1, date(2025, 1, 24)),
    ],
)
def test_working_days_are_counted_back_for_reminders(start: date, days: int, result: date) -> None:
    assert SEEDED.add_working_days(start, days) == result


@pytest.mark.parametrize(
    ("today", "last", "left"),
    [
        (date(2025, 6, 12), date(2025, 6, 14), 1),
        (date(2025, 6, 13), date(2025, 6, 14), 0),
        (date(2025, 6, 14), date(2025, 6, 14), 0),
        (date(2025, 6, 16), date(2025, 6, 14), -1),
        (date(2025, 4, 29), date(2025, 5, 5), 1),
        (date(2025, 1, 1), date(2025, 12, 31), 250),
    ],
)
def test_the_countdown_counts_the_working_days_after_today(today: date, last: date, left: int) -> None:
    assert SEEDED.working_days_between(today, last) == left


def test_the_nearest_working_day_is_the_day_itself_when_it_is_worked() -> None:
    assert SEEDED.next_working(date(2025, 6, 13)) == date(2025, 6, 13)
    assert SEEDED.previous_working(date(2025, 6, 13)) == date(2025, 6, 13)
    assert SEEDED.next_working(date(2025, 4, 30)) == date(2025, 5, 5)
    assert SEEDED.previous_working(date(2025, 5, 4)) == date(2025, 4, 29)


def test_the_totals_agree_with_counting_day_by_day_over_three_years() -> None:
    start, counted = date(2025, 1, 1), 0
    for offset in range(1, 3 * 365):
        day = start + timedelta(days=offset)
        counted += SEEDED.is_working(day)
        assert SEEDED.working_days_between(start, day) == counted


def test_a_span_of_many_years_is_one_question() -> None:
    far = PLAIN.add_working_days(date(2025, 1, 1), 260_000)
    assert PLAIN.working_days_between(date(2025, 1, 1), far) == 260_000


def test_the_calendar_says_which_years_it_knows() -> None:
    assert SEEDED.knows_year(2027)
    assert not SEEDED.knows_year(2030)


def test_a_day_in_viet_nam_starts_at_seventeen_hours_utc_of_the_day_before() -> None:
    assert start_of(date(2025, 6, 15)) == datetime(2025, 6, 14, 17, tzinfo=UTC)
    assert start_of(date(2025, 6, 15)).isoformat() == "2025-06-15T00:00:00+07:00"


def test_an_instant_belongs_to_its_day_in_viet_nam() -> None:
    assert day_of(datetime(2025, 6, 14, 16, 59, 59, tzinfo=UTC)) == date(2025, 6, 14)
    assert day_of(datetime(2025, 6, 14, 17, tzinfo=UTC)) == date(2025, 6, 15)
    assert day_of(datetime(2025, 6, 15, 23, 59, tzinfo=VIETNAM)) == date(2025, 6, 15)


def test_an_hour_is_said_before_its_day() -> None:
    assert at_hour("07:30", date(2025, 6, 16)) == "07:30 ngày 16/6/2025"
    assert at_hour("07:30", "16/06/2025") == "07:30 ngày 16/06/2025"


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        day_of(datetime(2025, 6, 15, 12))  # noqa: DTZ001
