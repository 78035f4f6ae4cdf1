"""What has still to meet a deadline, counted from an index and a few exceptions instead of from every dossier.

Says the same as casework.board.selection.unmet and casework.timing.outstanding, which the lists use, for the one page that
asks for every deadline at once.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from casework.board.cycles import Standing, standing
from casework.board.selection import UNIT_COLUMNS, unmet
from casework.rebinding import SUSPEND
from casework.rules import procedure_of
from casework.timing import ahead_of, outstanding
from models.cycles import Breach, Cycle, Deadline
from models.dossiers import Dossier
from models.record import Event
from models.results import Evaluation
from ocop.levels import Level
from ocop.procedure import MetBy


@dataclass(frozen=True)
class Held:
    """Dossiers before a stage's deadline whose session was held already: nothing more is waited for."""

    stage: str
    district_id: int | None
    province_id: int
    holder_id: int
    suspended: bool
    number: int


@dataclass(frozen=True)
class Late:
    """The open breaches of one deadline at one unit."""

    deadline: Deadline
    unit_id: int
    number: int


class Waiting:
    """One instant's counts of a cycle, each read when first asked for."""

    def __init__(self, session: Session, cycle: Cycle) -> None:
        self.session, self.cycle, self.procedure = session, cycle, procedure_of(cycle)
        self._held: dict[str, Sequence[Held]] = {}

    @cached_property
    def standing(self) -> Sequence[Standing]:
        """Where the dossiers stand."""
        return standing(self.session, self.cycle)

    @cached_property
    def late(self) -> Sequence[Late]:
        """The open breaches by deadline and unit, the earliest deadlines first."""
        deadlines = select(Deadline.id).where(Deadline.cycle_id == self.cycle.id)
        counted = self.session.execute(
            select(Breach.deadline_id, Breach.unit_id, func.count())
            .where(Breach.closed_at.is_(None), Breach.deadline_id.in_(deadlines))
            .group_by(Breach.unit_id, Breach.deadline_id)
        ).all()
        found = select(Deadline).where(Deadline.id.in_({deadline for deadline, *_ in counted}))
        known = {row.id: row for row in self.session.scalars(found)}
        rows = [Late(known[deadline], unit, number) for deadline, unit, number in counted]
        return sorted(rows, key=lambda row: (row.deadline.strikes_at, row.unit_id))

    def by_unit(self, deadline: Deadline, level: Level) -> Counter[int]:
        """Return how many dossiers of each unit of a level have still to meet a stage's deadline, whichever date holds."""
        found = Counter[int]()
        if level is Level.COMMUNE:
            column = UNIT_COLUMNS[level]
            for unit, number in self.session.execute(
                select(column, func.count())
                .where(Dossier.cycle_id == self.cycle.id, unmet(self.cycle, deadline.stage, deadline.met_by))
                .group_by(column)
            ):
                found[unit] += number
            return found
        ahead = self.procedure.still_ahead(deadline.stage)
        for row in self.standing:
            if row.stage in ahead:
                found[_place(row, level)] += row.number
        for held in self.held(deadline):
            found[_place(held, level)] -= held.number
        return +found

    def here(self, deadline: Deadline) -> int:
        """Return how many of those that have still to meet a stage's deadline stand in its phase already."""
        phase = self.procedure.phases.get(self.procedure.phase_of(deadline.stage), (deadline.stage,))
        stages = self.procedure.still_ahead(deadline.stage) & set(phase)
        return sum(row.number for row in self.standing if row.stage in stages) - sum(
            held.number for held in self.held(deadline) if held.stage in stages
        )

    def by_holder(self, deadline: Deadline) -> Counter[int]:
        """Return how many dossiers each unit holds for which a deadline to come holds, and that have not met it."""
        if deadline.scope != "all" or self._has_later(deadline):
            rows = self.session.execute(
                select(Dossier.holder_id, func.count())
                .where(outstanding(self.session, self.cycle, deadline))
                .group_by(Dossier.holder_id)
            )
            return Counter({unit: number for unit, number in rows})
        ahead = ahead_of(self.procedure, deadline.stage, deadline.kind)
        found = Counter[int]()
        for stage, unit, number in self._holders:
            if stage in ahead:
                found[unit] += number
        for stage, unit, number in self._suspended:
            if stage in ahead:
                found[unit] -= number
        for held in self.held(deadline):
            if not held.suspended:
                found[held.holder_id] -= held.number
        return +found

    def held(self, deadline: Deadline) -> Sequence[Held]:
        """Return the dossiers before a deadline that a session meets, and that had theirs."""
        if deadline.met_by != MetBy.SESSION_HELD:
            return ()
        if deadline.stage not in self._held:
            place = (
                Dossier.stage, Dossier.district_id, Dossier.province_id, Dossier.holder_id,
                Dossier.suspended_at.is_not(None),
            )  # fmt: skip
            had = exists().where(
                Evaluation.dossier_id == Dossier.id, Evaluation.stage == deadline.stage, Evaluation.counts.is_(True),
                Evaluation.annulled_on.is_(None),
            )  # fmt: skip
            ahead = sorted(self.procedure.still_ahead(deadline.stage))
            rows = self.session.execute(
                select(*place, func.count())
                .where(Dossier.cycle_id == self.cycle.id, Dossier.stage.in_(ahead), had)
                .group_by(*place)
            )
            self._held[deadline.stage] = [Held(*row) for row in rows]
        return self._held[deadline.stage]

    @cached_property
    def _holders(self) -> Sequence[tuple[str, int, int]]:
        rows = self.session.execute(
            select(Dossier.stage, Dossier.holder_id, func.count())
            .where(Dossier.cycle_id == self.cycle.id)
            .group_by(Dossier.stage, Dossier.holder_id)
        )
        return list(rows.tuples())

    @cached_property
    def _suspended(self) -> Sequence[tuple[str, int, int]]:
        """Suspended dossiers by stage and holder: none where the cycle's history knows of no suspension."""
        ever = select(Event.id).where(Event.chain == f"cycle/{self.cycle.id}", Event.event == SUSPEND).limit(1)
        if self.session.scalar(ever) is None:
            return ()
        rows = self.session.execute(
            select(Dossier.stage, Dossier.holder_id, func.count())
            .where(Dossier.cycle_id == self.cycle.id, Dossier.suspended_at.is_not(None))
            .group_by(Dossier.stage, Dossier.holder_id)
        )
        return list(rows.tuples())

    def _has_later(self, deadline: Deadline) -> bool:
        later = or_(
            Deadline.strikes_at > deadline.strikes_at,
            and_(Deadline.strikes_at == deadline.strikes_at, Deadline.id > deadline.id),
        )
        found = select(Deadline.id).where(
            Deadline.cycle_id == self.cycle.id, Deadline.stage == deadline.stage, Deadline.replaced_at.is_(None), later
        )
        return self.session.scalar(found.limit(1)) is not None


def _place(row: Standing | Held, level: Level) -> int:
    """Return the unit of a level that a row belongs to; what stands at the centre, its province follows."""
    return (row.district_id or 0) if level is Level.DISTRICT else row.province_id
