"""Which dossiers of a desk are late or have to go on by a day, asked only at the stages where that can be.

The same days as casework.board.deadlines.due_dates shows beside each line; a test compares the two.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, and_, cast, exists, false, literal, or_, select
from sqlalchemy.orm import Session, aliased

from casework.timing import AT_THE_STAGE_ALONE
from models.cycles import Breach, Deadline
from models.dossiers import Dossier
from models.results import Evaluation
from ocop.procedure import MetBy, Procedure, Stage
from ocop.rulebook import PROCEDURES


class Group(NamedTuple):
    """A stage of a cycle: what stands there is judged together."""

    cycle_id: int
    law: str
    stage: str

    @property
    def procedure(self) -> Procedure:
        """The cycle's procedure."""
        return PROCEDURES[self.law]

    @property
    def at(self) -> Stage:
        """The stage."""
        return self.procedure.stage(self.stage)


def standing_at(groups: Iterable[Group]) -> ColumnElement[bool]:
    """Return the condition on Dossier for 'stands at one of these stages of its cycle'."""
    keys: dict[int, list[str]] = defaultdict(list)
    for group in groups:
        keys[group.cycle_id].append(group.stage)
    ways = [and_(Dossier.cycle_id == cycle_id, Dossier.stage.in_(stages)) for cycle_id, stages in keys.items()]
    return or_(false(), *ways)


OPEN_BREACH = exists().where(Breach.dossier_id == Dossier.id, Breach.closed_at.is_(None))
"""The condition on Dossier for 'a missed deadline is still open'."""


def judged_at(stage: Any) -> ColumnElement[bool]:
    """Return the condition on Dossier for 'a council's ballot counts at a stage'."""
    return exists().where(
        Evaluation.dossier_id == Dossier.id,
        Evaluation.stage == stage,
        Evaluation.counts.is_(True),
        Evaluation.annulled_on.is_(None),
    )


@cache
def runs_at(law: str, stage: str) -> frozenset[str]:
    """Return where a dossier stands while its own period for a stage runs: there, and where it waits for a supplement to it."""
    if not PROCEDURES[law].knows(stage):
        return frozenset()
    own, moves = PROCEDURES[law].stage(stage).period, PROCEDURES[law].moves
    if own is not None and own.kind in AT_THE_STAGE_ALONE:
        return frozenset({stage})
    return frozenset({stage, *(move.source for move in moves if move.event == "supplement" and move.target == stage)})


class Days:
    """The deadlines of some cycles, read once: those of all and of units as rows, those of single dossiers by their stages."""

    def __init__(self, session: Session, cycle_ids: Collection[int], at: datetime) -> None:
        """Read them as they stand at an instant."""
        self._at = at
        self._rows = session.scalars(
            select(Deadline)
            .where(Deadline.cycle_id.in_(cycle_ids), Deadline.dossier_id.is_(None))
            .order_by(Deadline.strikes_at, Deadline.id)
        ).all()
        own = select(Deadline.cycle_id, Deadline.stage).where(
            Deadline.cycle_id.in_(cycle_ids), Deadline.scope >= "dossier/", Deadline.scope < "dossier0"
        )
        self._own: set[tuple[int, str]] = set(session.execute(own.distinct()).tuples())

    def may_be_late(self, group: Group) -> bool:
        """Return whether some deadline that struck may have found dossiers of a group before it."""
        return self._alone(group) or any(
            row.cycle_id == group.cycle_id
            and row.strikes_at <= self._at
            and group.stage in group.procedure.still_ahead(row.stage)
            for row in self._rows
        )

    def may_be_due(self, group: Group, instant: datetime) -> bool:
        """Return whether some deadline in force by an instant may hold for dossiers of a group."""
        return self._alone(group) or any(
            row.cycle_id == group.cycle_id
            and row.replaced_at is None
            and row.strikes_at <= instant
            and group.stage in group.procedure.still_ahead(row.stage)
            for row in self._rows
        )

    def _alone(self, group: Group) -> bool:
        """Return whether dossiers of a group may have a period of their own."""
        return any(
            cycle_id == group.cycle_id and group.stage in runs_at(group.law, stage) for cycle_id, stage in self._own
        )

    def by(self, instant: datetime, groups: Collection[Group]) -> ColumnElement[bool] | None:
        """Return the condition on Dossier for 'a deadline in force strikes by an instant'; None where no group has one."""
        newest: dict[tuple[int, str], dict[int | None, Deadline]] = defaultdict(dict)
        for row in self._rows:
            if row.replaced_at is None:
                newest[row.cycle_id, row.stage][row.unit_id] = row
        ways = []
        for (cycle_id, stage), rows in newest.items():
            before = [
                one for one in groups if one.cycle_id == cycle_id and one.stage in one.procedure.still_ahead(stage)
            ]
            if before:
                own = (cycle_id, stage) in self._own
                ways += [and_(standing_at(before), way) for way in _holding(rows, instant, own=own)]
        if alone := [group for group in groups if self._alone(group)]:
            ways.append(and_(standing_at(alone), _own(instant, {group.law for group in alone})))
        return or_(*ways) if ways else None


def _holding(rows: dict[int | None, Deadline], instant: datetime, *, own: bool) -> Iterator[ColumnElement[bool]]:
    """Yield, for a stage's deadlines in force that strike by an instant, for whom each holds; `rows` by the unit, None for all."""
    general = rows.get(None)
    later = {unit: row for unit, row in rows.items() if unit is not None and (general is None or _after(row, general))}
    if general is not None and general.strikes_at <= instant:
        yield and_(*(~_lies_in(unit) for unit in later), *_binds(general, own=own))
    for unit, row in later.items():
        if row.strikes_at <= instant:
            yield and_(_lies_in(unit), *_binds(row, own=own))


def _after(row: Deadline, other: Deadline) -> bool:
    return (row.strikes_at, row.id) > (other.strikes_at, other.id)


def _lies_in(unit: int) -> ColumnElement[bool]:
    district = and_(Dossier.district_id.is_not(None), Dossier.district_id == unit)
    return or_(Dossier.commune_id == unit, district, Dossier.province_id == unit)


def _binds(row: Deadline, *, own: bool) -> list[ColumnElement[bool]]:
    """Return when a deadline of all or of a unit holds: registered before it, no later one of the dossier's own, not met."""
    found = [Dossier.registered_at < row.strikes_at]
    if own:
        later = aliased(Deadline)
        found.append(
            ~exists().where(
                later.cycle_id == Dossier.cycle_id,
                later.stage == row.stage,
                later.scope == _scope("dossier", Dossier.id),
                later.replaced_at.is_(None),
                later.strikes_at >= row.strikes_at,
            )
        )
    if row.met_by == MetBy.SESSION_HELD:
        found.append(~judged_at(row.stage))
    return found


def _scope(kind: str, number: Any) -> ColumnElement[str]:
    """Return a deadline's scope as its row writes it, by which an index finds it: 'unit/9'."""
    return literal(f"{kind}/").concat(cast(number, String))


def _own(instant: datetime, laws: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition on Dossier for 'a period of its own runs out by an instant'."""
    later = aliased(Deadline)
    units = (_scope("unit", column) for column in (Dossier.commune_id, Dossier.district_id, Dossier.province_id))
    longer = exists().where(
        later.cycle_id == Deadline.cycle_id,
        later.stage == Deadline.stage,
        later.scope.in_([literal("all"), Deadline.scope, *units]),
        later.replaced_at.is_(None),
        or_(
            later.strikes_at > Deadline.strikes_at,
            and_(later.strikes_at == Deadline.strikes_at, later.id > Deadline.id),
        ),
    )
    waiting = {
        (stage.key, place)
        for law in laws
        for stage in PROCEDURES[law].stages
        for place in runs_at(law, stage.key) - {stage.key}
    }
    here = [and_(Deadline.stage == stage, Dossier.stage == place) for stage, place in sorted(waiting)]
    return exists().where(
        Deadline.dossier_id == Dossier.id,
        Deadline.replaced_at.is_(None),
        Deadline.strikes_at <= instant,
        or_(Deadline.stage == Dossier.stage, *here),
        or_(Deadline.met_by != MetBy.SESSION_HELD.value, ~judged_at(Deadline.stage)),
        ~longer,
    )
