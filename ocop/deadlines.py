"""Deadlines: a date fixed by a plan, a period of the Civil Code, and the instant at which each of them strikes."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from ocop import text
from ocop.phrase import phrases
from ocop.sources import Source
from ocop.working_days import Calendar, start_of

_ONE_DAY = timedelta(days=1)

PERIOD_SOURCE = Source("Bộ luật Dân sự 2015", "Điều 147, Điều 148", "Bộ luật Dân sự số 91/2015/QH13")
"""The first day is not counted; a period that ends on a day off ends with the next working day, at 24:00."""

BOUNDARY_SOURCE = Source(
    "Kế hoạch năm của UBND tỉnh",
    "các mốc 'trước ngày'",
    reading="luật không định nghĩa 'trước ngày'; cách hiểu là thiết lập của kế hoạch",
)


class Boundary(StrEnum):
    """Whether the day named by 'before the day' still counts."""

    EXCLUSIVE = "exclusive"
    INCLUSIVE = "inclusive"

    @property
    def label(self) -> str:
        """The reading in Vietnamese."""
        return BOUNDARY_LABELS[self]


BOUNDARY_LABELS = phrases(
    {
        Boundary.EXCLUSIVE: "không kể ngày được nêu",
        Boundary.INCLUSIVE: "kể cả ngày được nêu",
    }
)


class Roll(StrEnum):
    """Where the last day of a fixed date goes when it is a day off."""

    NONE = "none"
    NEXT_WORKING_DAY = "next_working_day"
    PREVIOUS_WORKING_DAY = "previous_working_day"

    @property
    def label(self) -> str:
        """The rule in Vietnamese."""
        return ROLL_LABELS[self]


ROLL_LABELS = phrases(
    {
        Roll.NONE: "không dời khi rơi vào ngày nghỉ",
        Roll.NEXT_WORKING_DAY: "dời sang ngày làm việc kế tiếp khi rơi vào ngày nghỉ",
        Roll.PREVIOUS_WORKING_DAY: "lùi về ngày làm việc liền trước khi rơi vào ngày nghỉ",
    }
)


@dataclass(frozen=True)
class FixedDate:
    """A calendar date fixed by a plan, with the reading of 'before' and of days off that the plan chose.

    It is no period, so art. 148 of the Civil Code does not move it; only its own `roll` does.
    """

    day: date
    boundary: Boundary = Boundary.EXCLUSIVE
    roll: Roll = Roll.NONE

    @property
    def unrolled(self) -> date:
        """The last day in time before any roll: the day named, or the one before it."""
        return self.day if self.boundary is Boundary.INCLUSIVE else self.day - _ONE_DAY

    def last_day(self, calendar: Calendar) -> date:
        """Return the last day that is still in time, whole."""
        match self.roll:
            case Roll.NONE:
                return self.unrolled
            case Roll.NEXT_WORKING_DAY:
                return calendar.next_working(self.unrolled)
            case Roll.PREVIOUS_WORKING_DAY:
                return calendar.previous_working(self.unrolled)

    def strikes_at(self, calendar: Calendar) -> datetime:
        """Return the first instant that is too late: 24:00 of the last day."""
        return start_of(self.last_day(calendar) + _ONE_DAY)

    def explain(self, calendar: Calendar) -> str:
        """Return the rule in force as pages print it beside the date."""
        last = self.last_day(calendar)
        named = "trước ngày" if self.boundary is Boundary.EXCLUSIVE else "đến hết ngày"
        parts = [f"{named} {text.day(self.day)} ({self.boundary.label}): hạn cuối 24 giờ {_dated(last)}"]
        parts += [
            f"ngày {text.day(day)} là {day_off(day, calendar)}"
            for day in dict.fromkeys((self.unrolled, self.day))
            if not calendar.is_working(day)
        ]
        if last != self.unrolled:
            way = "dời sang" if last > self.unrolled else "lùi về"
            parts.append(f"{way} ngày làm việc {text.day(last)} theo quy tắc của kế hoạch")
        elif len(parts) > 1:
            parts.append(f"quy tắc của kế hoạch: {self.roll.label}")
        return "; ".join(parts)


@dataclass(frozen=True)
class Period:
    """A period of the Civil Code, counted from a day that is itself not counted."""

    start: date
    length: str
    """How long, in Vietnamese: '15 ngày làm việc'."""
    nominal_end: date
    """Where the count ends."""
    last_day: date
    """The last day in time, moved to the next working day when the count ends on a day off."""

    @property
    def strikes_at(self) -> datetime:
        """The first instant that is too late."""
        return start_of(self.last_day + _ONE_DAY)

    def explain(self, calendar: Calendar) -> str:
        """Return how the last day was found, as pages print it beside the date."""
        told = f"{self.length} kể từ ngày {text.day(self.start)}, ngày đầu không tính: hạn cuối 24 giờ {_dated(self.last_day)}"
        if self.last_day == self.nominal_end:
            return told
        off = f"ngày {text.day(self.nominal_end)} là {day_off(self.nominal_end, calendar)}"
        return f"{told}; {off}, chuyển sang ngày làm việc kế tiếp ({PERIOD_SOURCE})"


def period_of_days(start: date, days: int, calendar: Calendar) -> Period:
    """Return the period of so many calendar days after `start` (Civil Code 2015, art. 147-148)."""
    return _period(start, f"{days} ngày", start + timedelta(days=days), calendar)


def period_of_months(start: date, months: int, calendar: Calendar) -> Period:
    """Return the period that ends on the corresponding day of the last month (Civil Code 2015, art. 148)."""
    return _period(start, f"{months} tháng", add_months(start, months), calendar)


def period_of_working_days(start: date, days: int, calendar: Calendar) -> Period:
    """Return the period of so many working days after `start`; it cannot end on a day off."""
    return _period(start, f"{days} ngày làm việc", calendar.add_working_days(start, days), calendar)


def lengthened(last_day: date, working_days: int | None, old: Calendar, new: Calendar) -> date:
    """Return the last day of a running period when the calendar changed under it: the same one or a later, never an earlier.

    A period of so many working days keeps their number; any other only leaves a last day that became a day off.
    """
    if working_days is None:
        return new.next_working(last_day)
    counted = new.add_working_days(old.add_working_days(last_day, -working_days), working_days)
    return max(last_day, counted)


def _period(start: date, length: str, end: date, calendar: Calendar) -> Period:
    if end <= start:
        raise ValueError("a period ends after the day it is counted from")
    return Period(start, length, end, calendar.next_working(end))


def add_months(day: date, months: int) -> date:
    """Return the corresponding day so many months later, or that month's last day (Civil Code 2015, art. 148)."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def day_off(day: date, calendar: Calendar) -> str:
    """Return why a day is not worked: the holiday's name, or the day of the week."""
    row = calendar.exception(day)
    return text.weekday(day) if row is None else f"{text.weekday(day)}, ngày nghỉ ({row.name})"


def _dated(day: date) -> str:
    """Return a date led by its day of the week: 'thứ Bảy, ngày 14/6/2025'."""
    return f"{text.weekday(day)}, ngày {text.day(day)}"
