"""The calendar of working days as the record holds it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.cycles import CalendarDay as Row
from ocop.working_days import Calendar, CalendarDay, DayKind


def calendar(session: Session) -> Calendar:
    """Return the calendar of the record, read once in a transaction."""
    known = session.info.get("calendar")
    if isinstance(known, Calendar):
        return known
    read = Calendar(
        CalendarDay(day, DayKind(kind), name, source)
        for day, kind, name, source in session.execute(
            select(Row.day, Row.kind, Row.name, Row.source).order_by(Row.day)
        )
    )
    session.info["calendar"] = read
    return read
