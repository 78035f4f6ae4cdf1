"""Who is late: the units that hold overdue dossiers, whom to telephone, and how far the ladder was climbed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, exists, func, select
from sqlalchemy.orm import Session

from casework.days import calendar
from casework.directory import Directory, Found
from casework.rules import procedure_of
from casework.timing import last_day
from models.cycles import Breach, Cycle, Deadline, Escalation
from models.dossiers import Dossier
from models.units import Producer, Product, Unit
from ocop.levels import Role
from ocop.phrase import Phrase
from ocop.procedure import Procedure
from ocop.rulebook import stage_of
from ocop.working_days import day_of

SHOWN = 10
"""Dossiers shown under a unit; the list has them all."""
WHOLE = 20
"""Units shown with their dossiers, those with the most; of the others the numbers and whom to telephone."""
SETTLED = 300
"""Escalations shown of units that are late no more."""
STILL_OVERDUE = (
    exists()
    .where(
        Breach.deadline_id == Escalation.deadline_id,
        Breach.unit_id == Escalation.unit_id,
        Breach.closed_at.is_(None),
    )
    .label("open")
)


@dataclass(frozen=True)
class LateDossier:
    """A dossier with the deadline that it missed."""

    code: str
    product: str
    producer: str
    simulated: bool
    stage: str
    """Where it stands."""
    missed: str
    """The stage whose deadline was missed."""
    last_day: date
    working_days: int
    """Passed since."""


@dataclass(frozen=True)
class Rung:
    """One escalation of a unit at a deadline."""

    escalation: Escalation
    role: str
    missed: str
    open: bool
    """Whether something that it is about is overdue still."""
    dossier: str | None
    """The code of the dossier, where the deadline is one dossier's own: else two of one day look like one told twice."""


@dataclass(frozen=True)
class LateUnit:
    """A unit with open breaches."""

    unit_id: int
    name: str
    number: int
    contact: Found
    """Who reads for the unit today, and the rungs that are vacant below."""
    role: str
    dossiers: Sequence[LateDossier]
    """The first of them; none where so many units are late that only the worst are shown whole."""
    rungs: Sequence[Rung]


def late_units(session: Session, cycle: Cycle, at: datetime) -> list[LateUnit]:
    """Return the units that hold what is overdue, those with the most first: four queries for all of them."""
    counted = session.execute(
        select(Breach.unit_id, func.count(func.distinct(Breach.dossier_id)).label("number"))
        .join(Deadline, Deadline.id == Breach.deadline_id)
        .where(Deadline.cycle_id == cycle.id, Breach.closed_at.is_(None))
        .group_by(Breach.unit_id)
        .order_by(func.count(func.distinct(Breach.dossier_id)).desc(), Breach.unit_id)
    ).all()
    ids = [row.unit_id for row in counted]
    directory = Directory(session, ids, cycle.province_id, day_of(at))
    dossiers, rungs = _dossiers(session, cycle, at, ids[:WHOLE]), _rungs(session, cycle)
    found = []
    for unit_id, number in counted:
        contact = directory.find(unit_id)
        role = role_of(directory, unit_id, contact)
        found.append(
            LateUnit(unit_id, directory.name(unit_id), number, contact, role, dossiers[unit_id], rungs[unit_id])
        )
    return found


def role_of(directory: Directory, unit_id: int, contact: Found) -> str:
    """Return what somebody who reads for a unit is there, in Vietnamese."""
    held = next((role for role in Role if directory.at(unit_id, role) == contact.recipient), None)
    return held.label if held else Phrase("chưa có người phụ trách")


def _dossiers(session: Session, cycle: Cycle, at: datetime, units: Sequence[int]) -> dict[int, list[LateDossier]]:
    """Return the first overdue dossiers of some units."""
    place = func.row_number().over(partition_by=Breach.unit_id, order_by=(Breach.struck_at, Breach.id))
    ranked = (
        select(Breach.id, Breach.dossier_id, Breach.unit_id, Breach.deadline_id, place.label("place"))
        .join(Deadline, Deadline.id == Breach.deadline_id)
        .where(Deadline.cycle_id == cycle.id, Breach.closed_at.is_(None), Breach.unit_id.in_(units))
        .subquery()
    )
    rows = session.execute(
        select(
            ranked.c.unit_id, Deadline, Dossier.code, Dossier.stage, Dossier.simulated, Product.name.label("product"),
            Producer.name.label("producer"),
        )
        .join(Deadline, Deadline.id == ranked.c.deadline_id)
        .join(Dossier, Dossier.id == ranked.c.dossier_id)
        .join(Product, Product.id == Dossier.product_id)
        .join(Producer, Producer.id == Dossier.producer_id)
        .where(ranked.c.place <= SHOWN)
        .order_by(ranked.c.unit_id, ranked.c.place)
    )  # fmt: skip
    procedure, days, today = procedure_of(cycle), calendar(session), day_of(at)
    found: dict[int, list[LateDossier]] = defaultdict(list)
    for row in rows:
        last = last_day(row.Deadline)
        found[row.unit_id].append(_late_dossier(procedure, row, last, days.working_days_between(last, today)))
    return found


def _late_dossier(procedure: Procedure, row: Row[Any], last: date, working_days: int) -> LateDossier:
    return LateDossier(
        row.code, row.product, row.producer, row.simulated, stage_of(procedure, row.stage).label,
        stage_of(procedure, row.Deadline.stage).label, last, working_days,
    )  # fmt: skip


def _rungs(session: Session, cycle: Cycle) -> dict[int, list[Rung]]:
    procedure = procedure_of(cycle)
    found: dict[int, list[Rung]] = defaultdict(list)
    for escalation, stage, is_open, code in session.execute(
        select(Escalation, Deadline.stage, STILL_OVERDUE, Dossier.code)
        .join(Deadline, Deadline.id == Escalation.deadline_id)
        .outerjoin(Dossier, Dossier.id == Deadline.dossier_id)
        .where(Deadline.cycle_id == cycle.id)
        .order_by(Escalation.due_at, Escalation.rung)
    ):
        rung = Rung(escalation, Role(escalation.role).label, stage_of(procedure, stage).label, bool(is_open), code)
        found[escalation.unit_id].append(rung)
    return found


def settled_rungs(session: Session, cycle: Cycle, open_units: Sequence[int]) -> list[tuple[str, Rung]]:
    """Return the escalations of units that are late no more, with the unit's name."""
    procedure = procedure_of(cycle)
    rows = session.execute(
        select(Escalation, Deadline.stage, Unit.name, Dossier.code)
        .join(Deadline, Deadline.id == Escalation.deadline_id)
        .outerjoin(Dossier, Dossier.id == Deadline.dossier_id)
        .join(Unit, Unit.id == Escalation.unit_id)
        .where(Deadline.cycle_id == cycle.id, Escalation.unit_id.not_in(open_units))
        .order_by(Unit.name, Escalation.due_at, Escalation.rung)
        .limit(SETTLED)
    )
    return [
        (
            name,
            Rung(escalation, Role(escalation.role).label, stage_of(procedure, stage).label, open=False, dossier=code),
        )
        for escalation, stage, name, code in rows
    ]
