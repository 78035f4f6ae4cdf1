"""The calendar of working days in Việt Nam, and the days and instants of its one zone."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import accumulate
from zoneinfo import ZoneInfo

from ocop.phrase import Phrase, phrases

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
"""The zone of every day of the law; it has no daylight saving."""

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)


def start_of(day: date) -> datetime:
    """Return the first instant of a day in Việt Nam, which is also 24:00 of the day before."""
    return datetime.combine(day, time.min, VIETNAM)


def day_of(instant: datetime) -> date:
    """Return the day in Việt Nam on which an aware instant falls; ValueError for one without a zone."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return instant.astimezone(VIETNAM).date()


def at_hour(hour: str, day: date | str) -> Phrase:
    """Return an hour of a day as sentences say it: '07:30 ngày 16/6/2025'."""
    return Phrase("%(hour)s ngày %(day)s", hour=hour, day=day)


class DayKind(StrEnum):
    """What makes a day an exception to the week of Monday to Friday."""

    HOLIDAY = "holiday"
    """A public holiday, its day in lieu, or the day off of a swap."""
    WORKED = "worked"
    """A Saturday or Sunday worked in exchange for a day off."""

    @property
    def label(self) -> str:
        """The kind's Vietnamese name."""
        return DAY_KIND_LABELS[self]


DAY_KIND_LABELS = phrases({DayKind.HOLIDAY: "ngày nghỉ", DayKind.WORKED: "ngày làm bù"})


@dataclass(frozen=True, order=True)
class CalendarDay:
    """One row of the calendar table: a day that is not what its weekday says, and who says so."""

    day: date
    kind: DayKind
    name: str
    source: str


_SWAP_2026 = "Thông báo hoán đổi ngày làm việc dịp Tết Dương lịch 2026 (cơ quan nhà nước)"

OVERRIDES = (
    CalendarDay(date(2026, 1, 2), DayKind.HOLIDAY, "Ngày nghỉ (làm bù ngày 10/1/2026)", _SWAP_2026),
    CalendarDay(date(2026, 1, 10), DayKind.WORKED, "Ngày làm bù cho ngày 2/1/2026", _SWAP_2026),
)
"""The swap days of the state's offices that the `holidays` package lacks; they win over its rows."""


class Calendar:
    """Working days: Monday to Friday, less the holidays, plus the days worked in exchange.

    Every question is answered from running totals, so that spans of many years cost no more than a day.
    """

    def __init__(self, rows: Iterable[CalendarDay] = ()) -> None:
        """Take the rows of the calendar table; of two rows for one day the last one counts."""
        self._rows = {row.day: row for row in rows}
        exceptions = sorted(
            (row.day.toordinal(), 1 if row.kind is DayKind.WORKED else -1)
            for row in self._rows.values()
            if (row.day.weekday() >= _SATURDAY) == (row.kind is DayKind.WORKED)
        )
        self._ordinals = [ordinal for ordinal, _ in exceptions]
        self._totals = [0, *accumulate(change for _, change in exceptions)]

    def filled(self, rows: Iterable[CalendarDay]) -> "Calendar":
        """Return the same calendar with the rows of days that it does not name."""
        return Calendar([*rows, *self._rows.values()])

    def exception(self, day: date) -> CalendarDay | None:
        """Return the row that names this day, if there is one."""
        return self._rows.get(day)

    def knows_year(self, year: int) -> bool:
        """Return whether any row lies in the year; without one its Tết would count as working days."""
        return any(day.year == year for day in self._rows)

    def is_working(self, day: date) -> bool:
        """Return whether the state's offices work on this day."""
        row = self._rows.get(day)
        return day.weekday() < _SATURDAY if row is None else row.kind is DayKind.WORKED

    def next_working(self, day: date) -> date:
        """Return the day itself when it is worked, otherwise the first working day after it."""
        while not self.is_working(day):
            day += _ONE_DAY
        return day

    def previous_working(self, day: date) -> date:
        """Return the day itself when it is worked, otherwise the last working day before it."""
        while not self.is_working(day):
            day -= _ONE_DAY
        return day

    def add_working_days(self, start: date, days: int) -> date:
        """Return the day that lies so many working days after `start`, or before it when `days` is negative.

        The first day is not counted (Civil Code 2015, art. 147). Zero gives `start`. One working day before a Saturday is
        its Friday.
        """
        if days == 0:
            return start
        if days > 0:
            return self._day_with_total(self._total(start) + days)
        return self._day_with_total(self._total(start - _ONE_DAY) + days + 1)

    def working_days_between(self, start: date, end: date) -> int:
        """Return the number of working days after `start` up to and including `end`; negative when `end` is earlier.

        This is the countdown beside a deadline: `start` is today and not counted, `end` its last day.
        """
        return self._total(end) - self._total(start)

    def _total(self, day: date) -> int:
        """Return how many working days lie between the first day of the common era and `day`, `day` included."""
        ordinal = day.toordinal()  # 1 is a Monday
        weeks, rest = divmod(ordinal, 7)
        return weeks * 5 + min(rest, 5) + self._totals[bisect_right(self._ordinals, ordinal)]

    def _day_with_total(self, total: int) -> date:
        """Return the working day that is number `total` since the first day of the common era."""
        ordinal = total * 7 // 5
        while True:
            day = date.fromordinal(ordinal)
            short = total - self._total(day)
            if short == 0:
                return self.previous_working(day)
            ordinal += short
