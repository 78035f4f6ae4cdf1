"""Keeps the calendar table: seeded from a package, edited by an office, never overwritten by the seed."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from models.cycles import CalendarDay as Row
from ocop.working_days import CalendarDay, DayKind


def seed(session: Session, rows: Sequence[CalendarDay]) -> int:
    """Add the days that the table does not have and return how many; a day that an office edited stays as it is."""
    known = set(session.scalars(select(Row.day)))
    new = [row for row in rows if row.day not in known]
    if new:
        session.execute(
            insert(Row),
            [{"day": row.day, "kind": row.kind.value, "name": row.name, "source": row.source} for row in new],
        )
    _forget(session)
    return len(new)


def set_day(session: Session, day: date, kind: DayKind, name: str, source: str) -> None:
    """Write or overwrite one day: a holiday, or a weekend day worked in exchange."""
    session.merge(Row(day=day, kind=kind.value, name=name, source=source))
    session.flush()
    _forget(session)


def unset_day(session: Session, day: date) -> bool:
    """Make a day an ordinary one again and tell whether it had a row."""
    found = session.get(Row, day) is not None
    session.execute(delete(Row).where(Row.day == day))
    _forget(session)
    return found


def _forget(session: Session) -> None:
    """Let the calendar be read anew in this transaction."""
    session.info.pop("calendar", None)
