"""What holds for every day, span and calendar."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from casework.calendar_seed import calendar_rows
from ocop.deadlines import Boundary, FixedDate, Roll, add_months, period_of_days
from ocop.validity import CertificateEnd, in_force, valid_until
from ocop.working_days import Calendar, CalendarDay, DayKind, day_of, start_of

SEEDED = Calendar(calendar_rows(2024, 2028))
DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))
COUNTS = st.integers(1, 400)
CALENDARS = st.lists(
    st.builds(CalendarDay, DAYS, st.sampled_from(DayKind), st.just("ngày"), st.just("nguồn")), max_size=60
).map(Calendar)


@given(CALENDARS, DAYS, COUNTS)
def test_added_working_days_land_on_a_working_day_and_count_back_to_themselves(
    calendar: Calendar, start: date, days: int
) -> None:
    end = calendar.add_working_days(start, days)
    assert calendar.is_working(end)
    assert calendar.working_days_between(start, end) == days
    assert end > start


@given(CALENDARS, DAYS, COUNTS)
def test_adding_agrees_with_stepping_day_by_day(calendar: Calendar, start: date, days: int) -> None:
    for sign in (1, -1):
        day, left = start, days
        while left:
            day += timedelta(days=sign)
            left -= calendar.is_working(day)
        assert calendar.add_working_days(start, sign * days) == day


@given(DAYS, COUNTS)
def test_from_a_working_day_going_back_undoes_going_forward(start: date, days: int) -> None:
    start = SEEDED.next_working(start)
    assert SEEDED.add_working_days(SEEDED.add_working_days(start, days), -days) == start


@given(DAYS, DAYS, DAYS)
def test_countdowns_add_up(first: date, second: date, third: date) -> None:
    between = SEEDED.working_days_between
    assert between(first, second) + between(second, third) == between(first, third)
    assert between(first, second) == -between(second, first)


@given(DAYS)
def test_a_day_starts_on_itself(day: date) -> None:
    assert day_of(start_of(day)) == day
    assert day_of(start_of(day) - timedelta(microseconds=1)) == day - timedelta(days=1)


@given(DAYS, st.sampled_from(Roll))
def test_an_inclusive_deadline_is_never_before_the_exclusive_one(day: date, roll: Roll) -> None:
    exclusive = FixedDate(day, Boundary.EXCLUSIVE, roll).strikes_at(SEEDED)
    assert exclusive <= FixedDate(day, Boundary.INCLUSIVE, roll).strikes_at(SEEDED)


@given(DAYS, st.sampled_from(Boundary), st.sampled_from([Roll.NEXT_WORKING_DAY, Roll.PREVIOUS_WORKING_DAY]))
def test_a_rolled_deadline_ends_on_a_working_day(day: date, boundary: Boundary, roll: Roll) -> None:
    assert SEEDED.is_working(FixedDate(day, boundary, roll).last_day(SEEDED))


@given(DAYS, st.sampled_from(Boundary), st.sampled_from(Roll))
def test_the_stroke_is_24_hours_of_the_last_day(day: date, boundary: Boundary, roll: Roll) -> None:
    deadline = FixedDate(day, boundary, roll)
    assert deadline.strikes_at(SEEDED) - start_of(deadline.last_day(SEEDED)) == timedelta(days=1)


@given(DAYS, COUNTS)
def test_a_period_ends_on_a_working_day_not_before_its_count(start: date, days: int) -> None:
    period = period_of_days(start, days, SEEDED)
    assert SEEDED.is_working(period.last_day)
    assert period.last_day >= period.nominal_end > start


@given(DAYS, st.integers(0, 120))
def test_months_keep_the_day_or_clamp_it_to_the_months_end(start: date, months: int) -> None:
    end = add_months(start, months)
    assert (end.year - start.year) * 12 + end.month - start.month == months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


@given(DAYS, DAYS, st.sampled_from(CertificateEnd))
def test_a_certificate_is_in_force_exactly_between_its_issue_and_its_end(
    issued_on: date, today: date, end: CertificateEnd
) -> None:
    last = valid_until(issued_on, end=end)
    assert in_force(issued_on, last, today) == (issued_on <= today <= last)
    assert not in_force(issued_on, last, today, replaced_on=today)
