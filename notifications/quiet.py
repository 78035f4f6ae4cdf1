"""When letters may leave: what waited for a server or a sender does not leave at night or on a day off either."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.cycles import CalendarDay as Row
from models.cycles import Cycle
from models.letters import Letter
from ocop.notices import AT_ANY_HOUR
from ocop.plan import load
from ocop.plan_sections import Notices
from ocop.quiet_hours import leaves_from
from ocop.working_days import Calendar, CalendarDay, DayKind

ANY_HOUR = sorted(notice.value for notice in AT_ANY_HOUR)
"""What the law makes due on its day, and what its reader waits for, leaves at any hour."""


def office_hours(session: Session, at: datetime) -> bool:
    """Return whether an instant lies in the hours in which letters leave."""
    return opening(session)(at) == at


def leaves(session: Session) -> Callable[[Letter, datetime], datetime]:
    """Return the function that tells from when a letter that is to leave at an instant may do so."""
    first = opening(session)
    return lambda letter, at: at if letter.notice in ANY_HOUR else first(at)


def opening(session: Session) -> Callable[[datetime], datetime]:
    """Return the function that tells the first instant in office hours from an instant on.

    The hours are those of the newest cycle's plan, or the defaults. A letter's own first instant follows the plan of its
    cycle (casework.owing); this holds back what comes late.
    """
    days = Calendar(
        CalendarDay(row.day, DayKind(row.kind), row.name, row.source) for row in session.scalars(select(Row))
    )
    notices = _notices(session)
    return lambda at: leaves_from(at, days, notices.hour, notices.until)


def _notices(session: Session) -> Notices:
    text = session.scalar(select(Cycle.plan).order_by(Cycle.opened_at.desc(), Cycle.id.desc()).limit(1))
    return Notices() if text is None else _read(text)


@lru_cache(maxsize=16)
def _read(text: str) -> Notices:
    """Return a plan's hours, read once for each text: a sender asks at every claim."""
    try:
        return load(text).notices
    except (ValueError, TypeError, LookupError, AttributeError):  # damaged: the doctor names it
        return Notices()
