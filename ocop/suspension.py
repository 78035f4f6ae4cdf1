"""How much time a suspension takes, and where it moves the last day of a dossier's own period."""

from datetime import date, timedelta

from ocop.deadlines import SUSPENDED, Period
from ocop.phrase import Phrase
from ocop.working_days import Calendar

_ONE_DAY = timedelta(days=1)


def working_days_lost(since: date, until: date, calendar: Calendar) -> int:
    """Return how many working days lie from the first day of a suspension up to, not including, the day on which it ends."""
    return calendar.working_days_between(since - _ONE_DAY, until - _ONE_DAY)


def pushed(last_day: date, since: date, until: date, calendar: Calendar) -> Period:
    """Return the period that ends as many working days later as the suspension took."""
    lost = working_days_lost(since, until, calendar)
    end = calendar.add_working_days(last_day, lost)
    length = Phrase(SUSPENDED.message, since=since, until=until, lost=str(lost))
    return Period(last_day, length, end, calendar.next_working(end))
