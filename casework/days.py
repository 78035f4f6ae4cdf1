"""The calendar of working days as the record holds it."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import table_of
from models.cycles import CalendarDay as Row
from ocop.working_days import Calendar, CalendarDay, DayKind

_ROW = table_of(Row).c
_DAYS = select(_ROW.day, _ROW.kind, _ROW.name, _ROW.source).order_by(_ROW.day)


def calendar(session: Session) -> Calendar:
    """Return the calendar of the record, read once in a transaction."""
    known = session.info.get("calendar")
    if isinstance(known, Calendar):
        return known
    read = session.info["calendar"] = _of(tuple(tuple(row) for row in session.execute(_DAYS)))
    return read


@lru_cache(maxsize=4)
def _of(rows: Sequence[tuple[date, str, str, str]]) -> Calendar:
    """Return the calendar of these rows, worked out once however many transactions read them."""
    return Calendar(CalendarDay(day, DayKind(kind), name, source) for day, kind, name, source in rows)
