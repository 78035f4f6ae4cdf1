"""What waits for an officer at an instant: the dossiers of their desk by urgency, and what else their unit owes; counted at once.

Most of a desk is told apart by its stages alone and counted from an index. A row is looked at only at the stages where a
deadline, a suspension or the council's ballot decides.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from casework.assigned import holds
from casework.board.desks import OF_DOSSIERS, SOON, Desk, Section
from casework.board.work_due import OPEN_BREACH, Days, Group, judged_at, standing_at
from casework.days import calendar
from casework.rebinding import SUSPEND
from models.assignments import Assignment
from models.cycles import Cycle
from models.dossiers import Dossier
from models.record import Event
from ocop.levels import Level
from ocop.procedure import Stage
from ocop.rulebook import PROCEDURES
from ocop.working_days import day_of, start_of

OPEN_STAGES = sorted({stage for law in PROCEDURES.values() for stage in law.open_stages})

COUNTED = select(Dossier.cycle_id, Dossier.stage, func.count())


def has_own(session: Session, desk: Desk, at: datetime) -> bool:
    """Return whether anything is assigned to somebody, or to one for whom they stand in."""
    found = (
        select(Assignment.id)
        .join(Dossier, Dossier.id == Assignment.dossier_id)
        .where(desk.own(), holds(day_of(at)))
        .limit(1)
    )
    return session.scalar(found) is not None


def at_council(stage: Stage) -> bool:
    """Return whether a stage waits for a session of the council, and not for what the unit decides without it."""
    return stage.evaluates and not stage.basis_by_plan and stage.falls_back_on is None


def by_stage(group: Group) -> Section:
    """Return where what is neither late nor due stands by its stage: with somebody else, or with the unit.

    Somebody else is the producer who was asked for a supplement, the centre, or the engine, which carries on by itself.
    """
    stage = group.at
    elsewhere = stage.supplement or stage.level is Level.CENTRAL or stage.key in group.procedure.routed
    return Section.WAITING if elsewhere else Section.LATER


@dataclass(frozen=True)
class Part:
    """The dossiers of one group in a list: how many, and the condition on Dossier that finds them."""

    group: Group
    number: int
    condition: ColumnElement[bool]


class Work:
    """The dossiers of one officer's desk: all of the unit, or `mine`, what they or those for whom they stand in took."""

    def __init__(self, session: Session, desk: Desk, at: datetime, *, mine: bool) -> None:
        """Read nothing yet."""
        self.session, self.desk, self.at, self.mine = session, desk, at, mine
        self.day = day_of(at)
        self._units = list(desk.units)
        self._provinces = desk.at(Level.PROVINCE)

    # What stands on the desk, by groups

    @cached_property
    def _cycles(self) -> Mapping[int, Row[Any]]:
        """Every cycle with its procedure and its centre, without the text of its plan."""
        rows = self.session.execute(select(Cycle.id, Cycle.procedure_key, Cycle.central_id))
        return {row.id: row for row in rows if row.procedure_key in PROCEDURES}

    def _places(self) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions on Dossier under which it stands on this desk, each found by an index."""
        yield and_(Dossier.holder_id.in_(self._units), Dossier.stage.in_(OPEN_STAGES))
        if self._provinces:
            centres = {row.central_id for row in self._cycles.values()} - set(self._units)
            yield and_(
                Dossier.holder_id.in_(centres), Dossier.stage.in_(OPEN_STAGES), Dossier.province_id.in_(self._provinces)
            )

    def _shown(self) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions on Dossier for what is shown of the desk."""
        if self.mine:
            yield Dossier.id.in_(self._assigned(self.desk.own()))
        else:
            yield from self._places()

    def _assigned(self, *which: ColumnElement[bool]) -> Select[Any]:
        """Return the dossiers that somebody has, by conditions on Assignment."""
        return self._joined(select(Assignment.dossier_id), *which).correlate(None)

    def _joined(self, statement: Select[Any], *which: ColumnElement[bool]) -> Select[Any]:
        joined = statement.select_from(Assignment).join(Dossier, Dossier.id == Assignment.dossier_id)
        return joined.where(*which, holds(self.day))

    def _grouped(self, *counted: Select[Any]) -> Counter[Group]:
        """Return what some statements count, which begin like `COUNTED`, by groups."""
        found = Counter[Group]()
        for statement in counted:
            for cycle_id, stage, number in self.session.execute(statement.group_by(Dossier.cycle_id, Dossier.stage)):
                cycle = self._cycles.get(cycle_id)
                if cycle is not None and PROCEDURES[cycle.procedure_key].knows(stage):
                    found[Group(cycle_id, cycle.procedure_key, stage)] += number
        return found

    @cached_property
    def _all(self) -> Counter[Group]:
        return self._grouped(*(COUNTED.where(place) for place in self._places()))

    @cached_property
    def _taken(self) -> Counter[Group]:
        return self._grouped(self._joined(COUNTED, Assignment.unit_id.in_(self._units)))

    @cached_property
    def _held(self) -> Counter[Group]:
        return self._grouped(self._joined(COUNTED, self.desk.own())) if self.mine else self._all

    # In which section

    @cached_property
    def _days(self) -> Days:
        return Days(self.session, {group.cycle_id for group in self._held}, self.at)

    @cached_property
    def _soon(self) -> datetime:
        return start_of(calendar(self.session).add_working_days(self.day, SOON) + timedelta(days=1))

    @cached_property
    def _halted(self) -> frozenset[int]:
        """The cycles in whose history something was suspended."""
        chains = {f"cycle/{cycle_id}": cycle_id for cycle_id in {group.cycle_id for group in self._held}}
        rows = self.session.scalars(
            select(Event.chain).where(Event.chain.in_(chains), Event.event == SUSPEND).distinct()
        )
        return frozenset(chains[chain] for chain in rows)

    def _asked(self, group: Group) -> bool:
        """Return whether the stage alone does not say where a dossier of a group stands."""
        return (
            at_council(group.at)
            or group.cycle_id in self._halted
            or self._days.may_be_late(group)
            or self._days.may_be_due(group, self._soon)
        )

    def _section(self, groups: Sequence[Group]) -> ColumnElement[str]:
        """Return in which section a dossier of one of some groups stands."""
        ways: list[tuple[ColumnElement[bool], str]] = []
        if any(group.cycle_id in self._halted for group in groups):
            ways.append((Dossier.suspended_at.is_not(None), Section.WAITING.value))
        if late := [group for group in groups if self._days.may_be_late(group)]:
            ways.append((and_(standing_at(late), OPEN_BREACH), Section.LATE.value))
        for section, instant in (
            (Section.TODAY, start_of(self.day + timedelta(days=1))),
            (Section.SOON, self._soon),
        ):
            near = [group for group in groups if self._days.may_be_due(group, instant)]
            if near and (due := self._days.by(instant, near)) is not None:
                ways.append((due, section.value))
        if council := [group for group in groups if at_council(group.at)]:
            ways.append((and_(standing_at(council), ~judged_at(Dossier.stage)), Section.WAITING.value))
        others = [group for group in groups if by_stage(group) is Section.WAITING]
        return case(*ways, (standing_at(others), Section.WAITING.value), else_=Section.LATER.value)

    @cached_property
    def _sections(self) -> Mapping[Section, Counter[Group]]:
        found: dict[Section, Counter[Group]] = {section: Counter() for section in OF_DOSSIERS}
        asked = [group for group in self._held if self._asked(group)]
        for group, number in self._held.items():
            if group not in asked:
                found[by_stage(group)][group] = number
        if not asked:
            return found
        section = self._section(asked).label("section")
        for place in self._shown():
            inner = select(Dossier.cycle_id, Dossier.stage, section).where(place, standing_at(asked)).subquery()
            for cycle_id, stage, named, number in self.session.execute(
                select(*inner.c, func.count()).group_by(*inner.c)
            ):
                found[Section(named)][Group(cycle_id, self._cycles[cycle_id].procedure_key, stage)] += number
        return found

    # What went up

    @cached_property
    def _above(self) -> Counter[Group]:
        return Counter() if self._forwarded is None else self._grouped(COUNTED.where(self._forwarded))

    @cached_property
    def _forwarded(self) -> ColumnElement[bool] | None:
        """The condition on Dossier for 'went up from one of their units and has not ended there', None where none can."""
        ways = [
            and_(column.in_(units), _stages_above(level))
            for level, column in ((Level.COMMUNE, Dossier.commune_id), (Level.DISTRICT, Dossier.district_id))
            if (units := self.desk.at(level))
        ]
        if not ways:
            return None
        found = and_(or_(*ways), Dossier.holder_id.not_in(self._units))
        if not self.mine:
            return found
        had = select(Assignment.dossier_id).where(
            self.desk.own(), Assignment.unit_id.in_(self._units), Assignment.ended_by == ""
        )
        return and_(found, Dossier.id.in_(had))

    # What is asked from outside

    def counts(self) -> dict[Section, int]:
        """Return how many dossiers stand in each section."""
        found = {section: groups.total() for section, groups in self._sections.items()}
        found[Section.WAITING] += self._above.total()
        found[Section.FREE] = self._all.total() - self._taken.total()
        return found

    def parts(self, section: Section, stage: str = "") -> list[Part]:
        """Return a section's dossiers by groups, in the order of their way; those that went up come last."""
        if section is Section.FREE:
            free = Dossier.id.not_in(self._assigned(Assignment.unit_id.in_(self._units)))
            found = [
                Part(group, number - self._taken[group], and_(self._on(group), free))
                for group, number in self._all.items()
            ]
        else:
            found = [
                Part(group, number, self._within(group, section)) for group, number in self._sections[section].items()
            ]
        found.sort(key=_order)
        if section is Section.WAITING and self._forwarded is not None:
            above = [Part(group, n, and_(self._forwarded, _at(group))) for group, n in self._above.items()]
            found += sorted(above, key=_order)
        return [part for part in found if part.number and stage in ("", part.group.stage)]

    def _on(self, group: Group) -> ColumnElement[bool]:
        """Return the condition on Dossier for 'stands there, on this desk'."""
        if group.at.level is Level.CENTRAL and self._provinces:
            centre = self._cycles[group.cycle_id].central_id
            return and_(Dossier.holder_id == centre, Dossier.province_id.in_(self._provinces), _at(group))
        return and_(Dossier.holder_id.in_(self._units), _at(group))

    def _within(self, group: Group, section: Section) -> ColumnElement[bool]:
        """Return the condition on Dossier for 'of this group, shown, and in this section'."""
        shown = Dossier.id.in_(self._assigned(self.desk.own())) if self.mine else self._on(group)
        found = and_(shown, _at(group))
        return and_(found, self._section([group]) == section.value) if self._asked(group) else found


def _at(group: Group) -> ColumnElement[bool]:
    return and_(Dossier.cycle_id == group.cycle_id, Dossier.stage == group.stage)


def _order(part: Part) -> tuple[int, int]:
    return list(part.group.procedure.open_stages).index(part.group.stage), part.group.cycle_id


def _stages_above(level: Level) -> ColumnElement[bool]:
    """Return the condition on Dossier for 'stands above a level, and has not ended'."""
    order = list(Level)
    above = {
        law.key: sorted(
            stage.key for stage in law.stages if not stage.final and order.index(stage.level) > order.index(level)
        )
        for law in PROCEDURES.values()
    }
    everywhere = sorted({stage for stages in above.values() for stage in stages})
    by_law = (and_(Dossier.procedure_key == law, Dossier.stage.in_(stages)) for law, stages in above.items())
    return and_(Dossier.stage.in_(everywhere), or_(*by_law))
