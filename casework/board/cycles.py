"""A cycle at a glance: which cycles there are, and its stages by unit with the oldest and the overdue."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.rules import procedure_of
from models.cycles import Breach, Cycle, Deadline
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


@dataclass(frozen=True)
class Standing:
    """The dossiers of one stage in one unit of a province: a district, or a commune where there are no districts."""

    stage: str
    province_id: int
    district_id: int | None
    commune_id: int | None
    """None where the district is known."""
    number: int
    oldest: datetime

    @property
    def unit_id(self) -> int:
        """The unit that a table shows them under."""
        return self.district_id or self.commune_id or self.province_id


def standing(session: Session, cycle: Cycle) -> list[Standing]:
    """Return where a cycle's dossiers stand: an index read once, in its own order."""
    by_district = (Dossier.stage, Dossier.district_id, Dossier.province_id)
    counted = (func.count(), func.min(Dossier.stage_since))
    found = [
        Standing(stage, province, district, None, number, oldest)
        for stage, district, province, number, oldest in session.execute(
            select(*by_district, *counted).where(Dossier.cycle_id == cycle.id).group_by(*by_district)
        )
    ]
    if all(row.district_id for row in found):
        return found
    without = session.execute(
        select(*by_district, Dossier.commune_id, *counted)
        .where(Dossier.cycle_id == cycle.id, Dossier.district_id.is_(None))
        .group_by(*by_district, Dossier.commune_id)
    )
    return [row for row in found if row.district_id] + [
        Standing(stage, province, None, commune, number, oldest)
        for stage, _, province, commune, number, oldest in without
    ]


@dataclass(frozen=True)
class Summed:
    """A cycle's dossiers without their places."""

    total: Cell
    open: int
    """How many have not ended."""


def summed(session: Session, cycle: Cycle, rows: Sequence[Standing]) -> Summed:
    """Return how many dossiers a cycle has, how many have not ended, how many are overdue; `rows` is where they stand."""
    late = session.scalar(
        select(func.count(func.distinct(Breach.dossier_id)))
        .join(Deadline, Deadline.id == Breach.deadline_id)
        .where(Deadline.cycle_id == cycle.id, Breach.closed_at.is_(None))
    )
    open_ones = set(procedure_of(cycle).open_stages)
    return Summed(
        Cell(sum(row.number for row in rows), late or 0), sum(row.number for row in rows if row.stage in open_ones)
    )


def grid(session: Session, cycle: Cycle) -> Grid:
    """Return stages by district, or by commune where there are no districts: a few queries, whatever the number."""
    cells: dict[tuple[str, int], Cell] = {}
    for row in standing(session, cycle):
        cells.setdefault((row.stage, row.unit_id), Cell()).add(Cell(row.number, 0, row.oldest))
    for stage, unit_id, number in _overdue(session, cycle):
        cells[stage, unit_id].overdue = number
    units = session.scalars(
        select(Unit).where(Unit.id.in_({unit_id for _, unit_id in cells})).order_by(Unit.code, Unit.id)
    ).all()
    procedure, present = procedure_of(cycle), {stage for stage, _ in cells}
    phased = [key for stages in procedure.phases.values() for key in stages]
    stages = [procedure.stage(key) for key in phased] + [stage for stage in procedure.stages if stage.final]
    return Grid(units, [stage for stage in stages if stage.key in present], cells)


def _overdue(session: Session, cycle: Cycle) -> list[tuple[str, int, int]]:
    """Return how many dossiers of which stage and unit are overdue: from the few that are, not from all there are.

    The cycle is grouped by, not asked for: asked for, SQLite would begin with all its dossiers.
    """
    late = select(Breach.dossier_id).where(Breach.closed_at.is_(None)).distinct().subquery()
    unit = func.coalesce(Dossier.district_id, Dossier.commune_id)
    rows = session.execute(
        select(Dossier.cycle_id, Dossier.stage, unit, func.count())
        .join(late, late.c.dossier_id == Dossier.id)
        .group_by(Dossier.cycle_id, Dossier.stage, unit)
    )
    return [(stage, unit_id, number) for cycle_id, stage, unit_id, number in rows if cycle_id == cycle.id]


def stars(session: Session, cycle: Cycle) -> dict[int, int]:
    """Return how many dossiers were recognised at how many stars: the highest that a decision in force awards."""
    highest = (
        select(Decision.dossier_id, func.max(Decision.awarded_star).label("star"))
        .where(Decision.dossier_id.is_not(None), Decision.annulled_on.is_(None), Decision.awarded_star.is_not(None))
        .group_by(Decision.dossier_id)
        .subquery()
    )
    rows = session.execute(
        select(Dossier.cycle_id, highest.c.star, func.count())
        .join(highest, highest.c.dossier_id == Dossier.id)
        .group_by(Dossier.cycle_id, highest.c.star)
    )
    return {star: number for cycle_id, star, number in rows if cycle_id == cycle.id}


def has_simulated(session: Session, cycle: Cycle) -> bool:
    """Return whether the cycle or any dossier in it is invented."""
    if cycle.simulated:
        return True
    return (
        session.scalar(select(Dossier.id).where(Dossier.cycle_id == cycle.id, Dossier.simulated.is_(True)).limit(1))
        is not None
    )
