"""Letters leave in office hours of working days."""

from datetime import date, datetime, time

import pytest

from ocop.quiet_hours import leaves_from
from ocop.working_days import VIETNAM, Calendar, CalendarDay, DayKind

DAYS = Calendar(
    [
        CalendarDay(date(2025, 5, 1), DayKind.HOLIDAY, "Quốc tế Lao động", "test"),
        CalendarDay(date(2025, 5, 2), DayKind.HOLIDAY, "Nghỉ hoán đổi", "test"),
        CalendarDay(date(2025, 4, 26), DayKind.WORKED, "Làm bù", "test"),
    ]
)


@pytest.mark.parametrize(
    ("ready", "leaves"),
    [
        ("2025-04-25 07:29", "2025-04-25 07:30"),
        ("2025-04-25 07:30", "2025-04-25 07:30"),
        ("2025-04-25 17:59", "2025-04-25 17:59"),
        ("2025-04-25 18:00", "2025-04-26 07:30"),  # the Saturday is worked in exchange
        ("2025-04-26 10:00", "2025-04-26 10:00"),
        ("2025-04-27 10:00", "2025-04-28 07:30"),
        ("2025-04-30 18:00", "2025-05-05 07:30"),
        ("2025-05-02 00:00", "2025-05-05 07:30"),
    ],
)
def test_what_is_ready_outside_office_hours_leaves_when_the_next_ones_begin(ready: str, leaves: str) -> None:
    at, expected = (datetime.fromisoformat(text).replace(tzinfo=VIETNAM) for text in (ready, leaves))
    assert leaves_from(at, DAYS, time(7, 30), time(18)) == expected
