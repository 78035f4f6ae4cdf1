"""A suspension takes the working days from its first day up to the day on which it ends."""

from datetime import date

import pytest

from ocop.suspension import pushed, working_days_lost
from ocop.working_days import Calendar, CalendarDay, DayKind

WEEK = Calendar([CalendarDay(date(2025, 7, 3), DayKind.HOLIDAY, "Ngày nghỉ thử", "test")])
PLAIN = Calendar()


@pytest.mark.parametrize(
    ("since", "until", "lost"),
    [
        (date(2025, 7, 1), date(2025, 7, 6), 4),
        (date(2025, 7, 1), date(2025, 7, 7), 4),
        (date(2025, 7, 5), date(2025, 7, 7), 0),
        (date(2025, 7, 1), date(2025, 7, 1), 0),
        (date(2025, 7, 1), date(2025, 7, 2), 1),
    ],
)
def test_the_first_day_is_lost_and_the_day_on_which_it_ends_is_not(since: date, until: date, lost: int) -> None:
    assert working_days_lost(since, until, PLAIN) == lost


def test_a_holiday_is_not_lost_twice() -> None:
    assert working_days_lost(date(2025, 7, 1), date(2025, 7, 6), WEEK) == 3


def test_a_last_day_comes_as_many_working_days_later_and_says_why() -> None:
    later = pushed(date(2025, 7, 10), date(2025, 7, 1), date(2025, 7, 6), PLAIN)
    assert later.last_day == date(2025, 7, 16)
    assert "tạm dừng từ ngày 1/7/2025 đến trước ngày 6/7/2025: lùi 4 ngày làm việc" in later.explain(PLAIN)


def test_nothing_lost_moves_nothing_but_off_a_day_off() -> None:
    assert pushed(date(2025, 7, 10), date(2025, 7, 5), date(2025, 7, 6), PLAIN).last_day == date(2025, 7, 10)
