"""The first content of the calendar table: public holidays and swap days of Việt Nam, ready to be edited."""

from datetime import date
from importlib.metadata import version

import holidays

from ocop.working_days import OVERRIDES, CalendarDay, DayKind

PACKAGE = f"gói dữ liệu ngày nghỉ holidays {version('holidays')}"
"""Whom a seeded row quotes."""

UNVERIFIED = {(11, 24): "chưa kiểm chứng"}
"""Days of the year that the package lists and that we found in no text of law, with the remark their names carry."""


def calendar_rows(first_year: int, last_year: int) -> list[CalendarDay]:
    """Return the exceptions to Monday to Friday in these years, both included, by day.

    They come from the `holidays` package; `OVERRIDES` adds the swap days of the state's offices that it lacks. Years for
    which the government has announced no swap days have none: the table is edited when it does.
    """
    package = holidays.country_holidays("VN", years=range(first_year, last_year + 1), language="vi")
    rows = {day: CalendarDay(day, DayKind.HOLIDAY, _named(day, name), PACKAGE) for day, name in package.items()}
    for worked in package.weekend_workdays:
        rows[worked] = CalendarDay(worked, DayKind.WORKED, "Ngày làm bù theo thông báo hoán đổi", PACKAGE)
    rows |= {row.day: row for row in OVERRIDES}
    return [rows[day] for day in sorted(rows) if first_year <= day.year <= last_year]


def _named(day: date, name: str) -> str:
    remark = UNVERIFIED.get((day.month, day.day))
    return f"{name} ({remark})" if remark else name
