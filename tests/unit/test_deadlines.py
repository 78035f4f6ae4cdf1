"""Deadlines strike at the instant that their rule names, and say why."""

from datetime import date, datetime, timedelta

import pytest

from casework.calendar_seed import calendar_rows
from ocop.deadlines import (
    Boundary,
    FixedDate,
    Roll,
    add_months,
    lengthened,
    period_of_days,
    period_of_months,
    period_of_working_days,
)
from ocop.working_days import VIETNAM, Calendar, CalendarDay, DayKind, start_of

CALENDAR = Calendar(calendar_rows(2024, 2027))
SUNDAY = date(2025, 6, 15)


@pytest.mark.parametrize(
    ("boundary", "roll", "last_day"),
    [
        (Boundary.EXCLUSIVE, Roll.NONE, date(2025, 6, 14)),
        (Boundary.EXCLUSIVE, Roll.NEXT_WORKING_DAY, date(2025, 6, 16)),
        (Boundary.EXCLUSIVE, Roll.PREVIOUS_WORKING_DAY, date(2025, 6, 13)),
        (Boundary.INCLUSIVE, Roll.NONE, date(2025, 6, 15)),
        (Boundary.INCLUSIVE, Roll.NEXT_WORKING_DAY, date(2025, 6, 16)),
        (Boundary.INCLUSIVE, Roll.PREVIOUS_WORKING_DAY, date(2025, 6, 13)),
    ],
)
def test_a_fixed_date_ends_on_the_day_its_rule_names(boundary: Boundary, roll: Roll, last_day: date) -> None:
    deadline = FixedDate(SUNDAY, boundary, roll)
    assert deadline.last_day(CALENDAR) == last_day
    assert deadline.strikes_at(CALENDAR) == start_of(last_day + timedelta(days=1))


def test_the_stroke_of_before_15_june_is_the_first_instant_of_15_june() -> None:
    strikes = FixedDate(SUNDAY).strikes_at(CALENDAR)
    assert strikes.isoformat() == "2025-06-15T00:00:00+07:00"
    day_before = datetime(2025, 6, 14, 23, 59, 59, 999999, tzinfo=VIETNAM)
    assert day_before < strikes
    assert not datetime(2025, 6, 15, tzinfo=VIETNAM) < strikes


def test_the_stroke_of_an_inclusive_15_june_is_the_first_instant_of_16_june() -> None:
    assert FixedDate(SUNDAY, Boundary.INCLUSIVE).strikes_at(CALENDAR).isoformat() == "2025-06-16T00:00:00+07:00"


def test_a_fixed_date_is_no_period_and_does_not_roll_by_itself() -> None:
    assert FixedDate(date(2025, 7, 20)).last_day(CALENDAR) == date(2025, 7, 19)  # a Saturday


def test_an_explanation_names_the_rule_the_days_off_and_the_last_moment() -> None:
    assert FixedDate(SUNDAY).explain(CALENDAR) == (
        "trước ngày 15/6/2025 (không kể ngày được nêu): hạn cuối 24 giờ thứ Bảy, ngày 14/6/2025; "
        "ngày 14/6/2025 là thứ Bảy; ngày 15/6/2025 là Chủ nhật; "
        "quy tắc của kế hoạch: không dời khi rơi vào ngày nghỉ"
    )
    assert FixedDate(SUNDAY, Boundary.INCLUSIVE, Roll.NEXT_WORKING_DAY).explain(CALENDAR) == (
        "đến hết ngày 15/6/2025 (kể cả ngày được nêu): hạn cuối 24 giờ thứ Hai, ngày 16/6/2025; "
        "ngày 15/6/2025 là Chủ nhật; dời sang ngày làm việc 16/6/2025 theo quy tắc của kế hoạch"
    )
    assert "lùi về ngày làm việc 13/6/2025" in FixedDate(SUNDAY, roll=Roll.PREVIOUS_WORKING_DAY).explain(CALENDAR)


def test_an_explanation_of_one_day_off_names_the_rule_that_leaves_it_there() -> None:
    assert FixedDate(SUNDAY, Boundary.INCLUSIVE).explain(CALENDAR) == (
        "đến hết ngày 15/6/2025 (kể cả ngày được nêu): hạn cuối 24 giờ Chủ nhật, ngày 15/6/2025; "
        "ngày 15/6/2025 là Chủ nhật; quy tắc của kế hoạch: không dời khi rơi vào ngày nghỉ"
    )


def test_an_explanation_of_a_date_on_working_days_is_short() -> None:
    assert FixedDate(date(2025, 6, 20)).explain(CALENDAR) == (
        "trước ngày 20/6/2025 (không kể ngày được nêu): hạn cuối 24 giờ thứ Năm, ngày 19/6/2025"
    )


def test_an_explanation_names_the_holiday() -> None:
    explained = FixedDate(date(2026, 4, 30)).explain(CALENDAR)
    assert "ngày 30/4/2026 là thứ Năm, ngày nghỉ (Ngày Chiến thắng" in explained


@pytest.mark.parametrize(
    ("start", "days", "nominal", "last_day"),
    [
        (date(2026, 5, 22), 30, date(2026, 6, 21), date(2026, 6, 22)),  # ends on a Sunday
        (date(2025, 4, 15), 15, date(2025, 4, 30), date(2025, 5, 5)),  # ends on a holiday before a long weekend
        (date(2025, 4, 16), 10, date(2025, 4, 26), date(2025, 4, 26)),  # ends on a Saturday that is worked
        (date(2026, 2, 6), 10, date(2026, 2, 16), date(2026, 2, 23)),  # ends in Tết
        (date(2025, 6, 2), 1, date(2025, 6, 3), date(2025, 6, 3)),
    ],
)
def test_a_period_that_ends_on_a_day_off_ends_with_the_next_working_day(
    start: date, days: int, nominal: date, last_day: date
) -> None:
    period = period_of_days(start, days, CALENDAR)
    assert (period.nominal_end, period.last_day) == (nominal, last_day)
    assert period.strikes_at == start_of(last_day + timedelta(days=1))


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 36, date(2027, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2025, 3, 31), 1, date(2025, 4, 30)),
        (date(2025, 12, 31), 2, date(2026, 2, 28)),
        (date(2025, 11, 15), 2, date(2026, 1, 15)),
        (date(2025, 6, 19), 36, date(2028, 6, 19)),
    ],
)
def test_months_end_on_the_corresponding_day_or_the_months_last(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end


def test_a_period_of_months_rolls_over_days_off() -> None:
    period = period_of_months(date(2025, 1, 31), 3, CALENDAR)
    assert (period.nominal_end, period.last_day) == (date(2025, 4, 30), date(2025, 5, 5))


def test_fifteen_working_days_from_the_provinces_return() -> None:
    period = period_of_working_days(date(2025, 7, 10), 15, CALENDAR)
    assert period.nominal_end == period.last_day == date(2025, 7, 31)


def test_a_period_explains_its_roll() -> None:
    assert period_of_days(date(2026, 5, 22), 30, CALENDAR).explain(CALENDAR) == (
        "30 ngày kể từ ngày 22/5/2026, ngày đầu không tính: hạn cuối 24 giờ thứ Hai, ngày 22/6/2026; "
        "ngày 21/6/2026 là Chủ nhật, chuyển sang ngày làm việc kế tiếp (Bộ luật Dân sự 2015, Điều 147, Điều 148)"
    )
    assert period_of_working_days(date(2025, 7, 10), 15, CALENDAR).explain(CALENDAR) == (
        "15 ngày làm việc kể từ ngày 10/7/2025, ngày đầu không tính: hạn cuối 24 giờ thứ Năm, ngày 31/7/2025"
    )
    assert (
        period_of_months(date(2025, 6, 19), 36, CALENDAR).explain(CALENDAR).startswith("36 tháng kể từ ngày 19/6/2025")
    )


@pytest.mark.parametrize("days", [0, -3])
def test_a_period_without_length_is_refused(days: int) -> None:
    with pytest.raises(ValueError, match="after the day"):
        period_of_working_days(date(2025, 7, 10), days, CALENDAR)


@pytest.mark.parametrize(
    ("working_days", "off", "worked", "ends"),
    [
        (10, "2025-05-12", "", "2025-05-20"),  # a day off within it
        (10, "2025-05-19", "", "2025-05-20"),  # its last day itself
        (10, "", "2025-05-10", "2025-05-19"),  # a Saturday worked in it: never shorter than was told
        (10, "2025-05-21", "", "2025-05-19"),  # after it
        (None, "2025-05-19", "", "2025-05-20"),  # a period of calendar days ends with the next working day
        (None, "2025-05-12", "", "2025-05-19"),
    ],
)
def test_a_running_period_gets_longer_with_the_calendar_and_never_shorter(
    working_days: int | None, off: str, worked: str, ends: str
) -> None:
    rows = [
        *([CalendarDay(date.fromisoformat(off), DayKind.HOLIDAY, "Nghỉ bão", "công điện")] if off else []),
        *([CalendarDay(date.fromisoformat(worked), DayKind.WORKED, "Làm bù", "thông báo")] if worked else []),
    ]
    changed = Calendar([*calendar_rows(2024, 2027), *rows])
    assert lengthened(date(2025, 5, 19), working_days, CALENDAR, changed) == date.fromisoformat(ends)
