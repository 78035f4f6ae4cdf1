"""Every day of five years, every deadline that can fall on it, and every certificate issued on it."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

import pytest

from casework.calendar_seed import calendar_rows
from ocop.deadlines import Boundary, FixedDate, Roll, add_months, period_of_working_days
from ocop.validity import CertificateEnd, filing_window, in_force, notice_days, valid_until
from ocop.working_days import Calendar, day_of

SEEDED = Calendar(calendar_rows(2023, 2032))
DAY = timedelta(days=1)


def every_day() -> Iterator[date]:
    """Yield each day of 2024 to 2028."""
    day = date(2024, 1, 1)
    while day.year <= 2028:
        yield day
        day += DAY


def last_of(year: int, month: int) -> int:
    """Return a month's last day, counted from the first of the next one."""
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return (first_of_next - DAY).day


@pytest.mark.long
def test_every_day_plus_every_number_of_months_is_the_same_day_or_the_months_last() -> None:
    for day, months in product(every_day(), range(1, 61)):
        end = add_months(day, months)
        month = day.month + months
        year, month = day.year + (month - 1) // 12, (month - 1) % 12 + 1
        assert end == date(year, month, min(day.day, last_of(year, month)))


@pytest.mark.long
def test_a_certificate_of_every_day_is_valid_for_36_months_and_not_a_day_longer() -> None:
    for issued_on in every_day():
        last = valid_until(issued_on)
        leap = (issued_on.month, issued_on.day) == (2, 29) and last.year % 4 != 0
        assert last == (date(last.year, 2, 28) if leap else issued_on.replace(year=issued_on.year + 3))
        assert valid_until(issued_on, end=CertificateEnd.DAY_BEFORE) == last - DAY
        assert in_force(issued_on, last, issued_on)
        assert in_force(issued_on, last, last)
        assert not in_force(issued_on, last, last + DAY)
        assert not in_force(issued_on, last, issued_on - DAY)
        warned = list(notice_days(last).values())
        assert warned == sorted(warned)
        assert warned[-1] == last
        window = filing_window(last)
        assert window.opens_on == warned[0]
        assert window.closes_on == warned[1]


@pytest.mark.long
def test_a_deadline_on_every_day_strikes_at_midnight_after_its_last_day_in_time() -> None:
    for day, boundary, roll in product(every_day(), Boundary, Roll):
        deadline = FixedDate(day, boundary, roll)
        last = deadline.last_day(SEEDED)
        nominal = day if boundary is Boundary.INCLUSIVE else day - DAY
        expected = nominal
        step = {Roll.NONE: None, Roll.NEXT_WORKING_DAY: DAY, Roll.PREVIOUS_WORKING_DAY: -DAY}[roll]
        while step is not None and not SEEDED.is_working(expected):
            expected += step
        assert last == expected
        strike = deadline.strikes_at(SEEDED)
        assert day_of(strike) == last + DAY
        assert day_of(strike - timedelta(microseconds=1)) == last
        assert deadline.explain(SEEDED)


@pytest.mark.long
def test_a_period_from_every_day_counts_working_days_after_it() -> None:
    for day, length in product(every_day(), (1, 10, 15)):
        found, left = day, length
        while left:
            found += DAY
            left -= SEEDED.is_working(found)
        assert period_of_working_days(day, length, SEEDED).last_day == found
