"""A cycle at a glance: which cycles there are, and its stages by unit with the oldest and the overdue."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.rules import procedure_of
from models.cycles import Breach, Cycle
from models.dossiers import Dossier
from models.results import Decision
from models.units import Unit
from ocop.procedure import Stage


def cycles(session: Session) -> list[Cycle]:
    """Return all cycles, the open ones first, then the newest."""
    return list(
        session.scalars(select(Cycle).order_by(Cycle.closed_at.is_not(None), Cycle.opened_at.desc(), Cycle.id.desc()))
    )


@dataclass
class Cell:
    """The dossiers of one stage in one unit."""

    number: int = 0
    overdue: int = 0
    oldest: datetime | None = None
    """Since when the one that stands there longest has stood there."""

    def add(self, other: "Cell") -> None:
        """Count another cell into this one."""
        self.number += other.number
        self.overdue += other.overdue
        known = [moment for moment in (self.oldest, other.oldest) if moment]
        self.oldest = min(known, default=None)


@dataclass
class Grid:
    """Stages down in the order of the plan's phases, units across; a stage without dossiers is left out."""

    units: Sequence[Unit]
    stages: Sequence[Stage]
    cells: dict[tuple[str, int], Cell]
    by_stage: dict[str, Cell] = field(default_factory=dict)
    by_unit: dict[int, Cell] = field(default_factory=dict)
    total: Cell = field(default_factory=Cell)

    def __post_init__(self) -> None:
        for (stage, unit), cell in self.cells.items():
            self.by_stage.setdefault(stage, Cell()).add(cell)
            self.by_unit.setdefault(unit, Cell()).add(cell)
            self.total.add(cell)

    @property
    def open(self) -> int:
        """How many dossiers have not ended."""
        return sum(self.by_stage[stage.key].number for stage in self.stages if not stage.final)


def grid(session: Session, cycle: Cycle) -> Grid:
    """Return stages by district, or by commune where there are no districts: two queries, whatever the number."""
    unit = func.coalesce(Dossier.district_id, Dossier.commune_id)
    cells = {
        (stage, unit_id): Cell(number, 0, oldest)
        for stage, unit_id, number, oldest in session.execute(
            select(Dossier.stage, unit, func.count(), func.min(Dossier.stage_since))
            .where(Dossier.cycle_id == cycle.id)
            .group_by(Dossier.stage, unit)
        )
    }
    late = (
        select(Dossier.stage, unit, func.count(func.distinct(Breach.dossier_id)))
        .join(Breach, Breach.dossier_id == Dossier.id)
        .where(Dossier.cycle_id == cycle.id, Breach.closed_at.is_(None))
        .group_by(Dossier.stage, unit)
    )
    for stage, unit_id, number in session.execute(late):
        cells[stage, unit_id].overdue = number
    units = session.scalars(
        select(Unit).where(Unit.id.in_({unit_id for _, unit_id in cells})).order_by(Unit.code, Unit.id)
    ).all()
    procedure, standing = procedure_of(cycle), {stage for stage, _ in cells}
    phased = [key for stages in procedure.phases.values() for key in stages]
    stages = [procedure.stage(key) for key in phased] + [stage for stage in procedure.stages if stage.final]
    return Grid(units, [stage for stage in stages if stage.key in standing], cells)


def stars(session: Session, cycle: Cycle) -> dict[int, int]:
    """Return how many dossiers were recognised at how many stars: the highest that a decision in force awards."""
    highest = (
        select(Decision.dossier_id, func.max(Decision.awarded_star).label("star"))
        .join(Dossier, Dossier.id == Decision.dossier_id)
        .where(Dossier.cycle_id == cycle.id, Decision.annulled_on.is_(None), Decision.awarded_star.is_not(None))
        .group_by(Decision.dossier_id)
        .subquery()
    )
    rows = session.execute(select(highest.c.star, func.count()).group_by(highest.c.star))
    return {star: number for star, number in rows}


def has_simulated(session: Session, cycle: Cycle) -> bool:
    """Return whether the cycle or any dossier in it is invented."""
    if cycle.simulated:
        return True
    return (
        session.scalar(select(Dossier.id).where(Dossier.cycle_id == cycle.id, Dossier.simulated.is_(True)).limit(1))
        is not None
    )
