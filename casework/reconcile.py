"""Brings one phase of a cycle to an instant, and says how it stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from casework.agenda import DEADLINE_KINDS, due
from casework.rules import procedure_of
from casework.timing import last_day
from models.cycles import AgendaItem, Breach, Cycle, Deadline
from models.dossiers import Dossier
from models.units import Unit
from ocop.text import day as told

NOT_STARTED, OPEN, DUE, OVERDUE, CLOSED = "Not started", "Open", "Due", "Overdue", "Closed"


@dataclass(frozen=True)
class PhaseReport:
    """How a phase stands at an instant: its name, the numbers behind it and a row for each unit."""

    phase: str
    name: str
    """'Not started', 'Open', 'Due', 'Overdue' or 'Closed'."""
    waiting: int
    overdue: int
    passed: int
    deadline: str
    """The deadline in force in words, with its last day; empty where the plan sets none."""
    rows: Sequence[dict[str, Any]] = field(default_factory=tuple)

    @property
    def message(self) -> str:
        """The numbers in one line."""
        told_deadline = f"; {self.deadline}" if self.deadline else ""
        return f"{self.waiting} hồ sơ đang chờ, {self.overdue} quá hạn, {self.passed} đã qua bước này{told_deadline}"


def cycles_with_work() -> Select[tuple[Cycle]]:
    """Return the query of the cycles that are open, and of closed ones whose products are still at the centre."""
    unfinished = exists().where(Dossier.cycle_id == Cycle.id, Dossier.open.is_(True))
    return select(Cycle).where(or_(Cycle.closed_at.is_(None), unfinished)).order_by(Cycle.id)


def phases_with_work(session: Session, cycle: Cycle, at: datetime) -> list[str]:
    """Return the phases of a cycle, in the plan's order, in which something is due or ready at an instant."""
    procedure = procedure_of(cycle)
    ready = set(
        session.scalars(
            select(Dossier.stage).where(Dossier.cycle_id == cycle.id, Dossier.stage.in_(procedure.routed)).distinct()
        )
    )
    ready |= set(session.scalars(select(AgendaItem.stage).where(due(at, DEADLINE_KINDS, cycle.id)).distinct()))
    return [phase for phase, stages in procedure.phases.items() if ready.intersection(stages)]


def phase_report(session: Session, cycle: Cycle, phase: str, at: datetime) -> PhaseReport:
    """Return how a phase stands at an instant."""
    procedure = procedure_of(cycle)
    stages = procedure.phases[phase]
    waiting = _counts(
        session,
        select(Unit.name, func.count())
        .join(Dossier, Dossier.holder_id == Unit.id)
        .where(Dossier.cycle_id == cycle.id, Dossier.stage.in_(stages)),
    )
    late = _counts(
        session,
        select(Unit.name, func.count(func.distinct(Dossier.id)))
        .join(Dossier, Dossier.holder_id == Unit.id)
        .join(Breach, Breach.dossier_id == Dossier.id)
        .join(Deadline, Deadline.id == Breach.deadline_id)
        .where(Dossier.cycle_id == cycle.id, Breach.closed_at.is_(None), Deadline.stage.in_(stages)),
    )
    ahead = procedure.still_ahead(phase)
    total = session.scalar(select(func.count()).where(Dossier.cycle_id == cycle.id)) or 0
    before = session.scalar(
        select(func.count()).where(Dossier.cycle_id == cycle.id, Dossier.stage.in_(sorted(ahead | set(stages))))
    )
    deadline = session.scalar(
        select(Deadline)
        .where(Deadline.cycle_id == cycle.id, Deadline.scope == "all", Deadline.stage == phase)
        .where(Deadline.replaced_at.is_(None))
        .order_by(Deadline.strikes_at.desc())
        .limit(1)
    )
    overdue, held, coming = sum(late.values()), sum(waiting.values()), before or 0
    if overdue:
        name = OVERDUE
    elif not coming and (cycle.closed_at or total):
        name = CLOSED
    elif deadline and deadline.strikes_at <= at:
        name = CLOSED if not held else DUE
    elif held and deadline and (deadline.strikes_at - at).days < 14:
        name = DUE
    else:
        name = OPEN if held else NOT_STARTED
    return PhaseReport(
        phase, name, held, overdue, total - coming,
        f"{deadline.wording}, hạn cuối {told(last_day(deadline))}" if deadline else "",
        [
            {"Đơn vị": unit, "Đang chờ": waiting.get(unit, 0), "Quá hạn": late.get(unit, 0)}
            for unit in sorted(waiting.keys() | late.keys())
        ],
    )  # fmt: skip


def _counts(session: Session, statement: Select[tuple[str, int]]) -> dict[str, int]:
    """Return numbers by unit."""
    return {name: number for name, number in session.execute(statement.group_by(Unit.name))}
