"""Deadlines: a date fixed by a plan, a period of the Civil Code, and the instant at which each of them strikes."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from ocop import text
from ocop.phrase import Joined, Phrase, phrases
from ocop.recall import Memory
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

    def explain(self, calendar: Calendar) -> Joined:
        """Return the rule in force as pages print it beside the date."""
        last = self.last_day(calendar)
        named = _BEFORE if self.boundary is Boundary.EXCLUSIVE else _UNTIL
        parts = [Phrase(named, day=self.day, boundary=self.boundary.label, last=_dated(last))]
        parts += [
            Phrase(_OFF, day=day, off=day_off(day, calendar))
            for day in dict.fromkeys((self.unrolled, self.day))
            if not calendar.is_working(day)
        ]
        if last != self.unrolled:
            parts.append(Phrase(_ON if last > self.unrolled else _BACK, day=last))
        elif len(parts) > 1:
            parts.append(Phrase(_ROLL, roll=self.roll.label))
        return Joined("; ", parts)


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

    def explain(self, calendar: Calendar) -> Phrase:
        """Return how the last day was found, as pages print it beside the date."""
        told = Phrase(_PERIOD, length=self.length, start=self.start, last=_dated(self.last_day))
        if self.last_day == self.nominal_end:
            return told
        off = day_off(self.nominal_end, calendar)
        return Joined("; ", (told, Phrase(_MOVED, day=self.nominal_end, off=off, source=str(PERIOD_SOURCE))))


def period_of_days(start: date, days: int, calendar: Calendar) -> Period:
    """Return the period of so many calendar days after `start` (Civil Code 2015, art. 147-148)."""
    return _period(start, Phrase(_DAYS, number=str(days)), start + timedelta(days=days), calendar)


def period_of_months(start: date, months: int, calendar: Calendar) -> Period:
    """Return the period that ends on the corresponding day of the last month (Civil Code 2015, art. 148)."""
    return _period(start, Phrase(_MONTHS, number=str(months)), add_months(start, months), calendar)


def period_of_working_days(start: date, days: int, calendar: Calendar) -> Period:
    """Return the period of so many working days after `start`; it cannot end on a day off."""
    return _period(start, Phrase(_WORKING_DAYS, number=str(days)), calendar.add_working_days(start, days), calendar)


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
    weekday = Phrase(text.weekday(day))
    return weekday if row is None else Phrase(_HOLIDAY, weekday=weekday, name=row.name)


def _dated(day: date) -> Phrase:
    """Return a date led by its day of the week: 'thứ Bảy, ngày 14/6/2025'."""
    return Phrase(_DATED, weekday=Phrase(text.weekday(day)), day=day)


# fmt: off
_BEFORE = "trước ngày %(day)s (%(boundary)s): hạn cuối 24 giờ %(last)s"
_UNTIL = "đến hết ngày %(day)s (%(boundary)s): hạn cuối 24 giờ %(last)s"
_OFF = "ngày %(day)s là %(off)s"
_ON = "dời sang ngày làm việc %(day)s theo quy tắc của kế hoạch"
_BACK = "lùi về ngày làm việc %(day)s theo quy tắc của kế hoạch"
_ROLL = "quy tắc của kế hoạch: %(roll)s"
_PERIOD = "%(length)s kể từ ngày %(start)s, ngày đầu không tính: hạn cuối 24 giờ %(last)s"
_MOVED = "ngày %(day)s là %(off)s, chuyển sang ngày làm việc kế tiếp (%(source)s)"
_DAYS, _MONTHS, _WORKING_DAYS = "%(number)s ngày", "%(number)s tháng", "%(number)s ngày làm việc"
_HOLIDAY = "%(weekday)s, ngày nghỉ (%(name)s)"
_DATED = "%(weekday)s, ngày %(day)s"
# What other modules write into a rule or a wording.
READ_AS = Phrase("kế hoạch nêu '%(given)s', hiểu là ngày %(day)s (%(reading)s)")
OPENS = Phrase("chỉ được họp, ký từ ngày %(day)s")
EXTENDED = Phrase("gia hạn đến ngày %(day)s, %(boundary)s")
SUSPENDED = Phrase("tạm dừng từ ngày %(since)s đến trước ngày %(until)s: lùi %(lost)s ngày làm việc")
RECOUNTED = Phrase("lịch làm việc đổi theo %(document)s: hạn cuối 24 giờ ngày %(day)s")
BEGUN_ANEW = Phrase("%(length)s, tính lại từ ngày chuyển đơn vị")
# fmt: on

_WORDS = {label: label for label in (*BOUNDARY_LABELS.values(), *ROLL_LABELS.values(), *map(Phrase, text.WEEKDAYS))}
_DAY = r"\d{1,2}/\d{1,2}/\d{4}"
_MEMORY = Memory(
    (
        _BEFORE, _UNTIL, _OFF, _ON, _BACK, _ROLL, _PERIOD, _MOVED, _DAYS, _MONTHS, _WORKING_DAYS, _HOLIDAY, _DATED,
        READ_AS, OPENS, EXTENDED, SUSPENDED, RECOUNTED, BEGUN_ANEW,
    ),
    _WORDS,
    {name: _DAY for name in ("day", "start", "since", "until")}
    | {"number": r"\d+", "lost": r"\d+", "weekday": "|".join(text.WEEKDAYS)},
)  # fmt: skip


def recalled(kept: str) -> str:
    """Return a deadline's rule or wording, kept as it was written, so that it can be said in another language."""
    return _MEMORY.recall(kept)
