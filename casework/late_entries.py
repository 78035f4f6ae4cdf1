"""The acts held in time but entered after the stroke: what the coordinator office sees as 'recorded late'."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session

from models.cycles import Cycle
from models.dossiers import Dossier
from models.record import LATE, Event
from models.units import Unit


@dataclass(frozen=True)
class LateEntry:
    """One act: whose, on which day it was held, and when it was entered under which number."""

    dossier: str
    event: str
    unit: str
    occurred_on: date
    recorded_at: datetime
    document: str
    """The minutes' number, or the number of the letter or decision."""


def late_entries(session: Session, cycle: Cycle, at: datetime) -> Sequence[LateEntry]:
    """Return a cycle's acts that were held in time and recorded after the stroke, until an instant, oldest first."""
    rows = session.execute(_WHICH, {"cycle": cycle.id, "at": at})
    return [
        LateEntry(code, event, unit, day, recorded, details.get("document", ""))
        for code, event, unit, day, recorded, details in rows
    ]


def count_late_entries(session: Session, cycle: Cycle, at: datetime) -> int:
    """Return how many there are."""
    return session.scalar(_HOW_MANY, {"cycle": cycle.id, "at": at}) or 0


_RECORDED_LATE = and_(Event.cycle_id == bindparam("cycle"), Event.recorded_at <= bindparam("at"), LATE)
_HOW_MANY = select(func.count(Event.id)).where(_RECORDED_LATE)
_WHICH = (
    select(Dossier.code, Event.event, Unit.name, Event.occurred_on, Event.recorded_at, Event.details)
    .join(Dossier, Dossier.id == Event.dossier_id)
    .join(Unit, Unit.id == Event.unit_id)
    .where(_RECORDED_LATE)
    .order_by(Event.recorded_at, Event.id)
)
