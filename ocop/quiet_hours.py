"""Quiet hours: letters leave in office hours of working days; only what the law makes due that day leaves at once."""

from datetime import datetime, time, timedelta

from ocop.working_days import VIETNAM, Calendar


def leaves_from(at: datetime, calendar: Calendar, opens: time, closes: time) -> datetime:
    """Return when what is ready at an instant may leave: at once in office hours, else when the next ones begin."""
    local = at.astimezone(VIETNAM)
    day = local.date()
    if calendar.is_working(day):
        if opens <= local.time() < closes:
            return at
        if local.time() < opens:
            return datetime.combine(day, opens, VIETNAM)
    return datetime.combine(calendar.next_working(day + timedelta(days=1)), opens, VIETNAM)
