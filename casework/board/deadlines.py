"""How the deadlines stand: each with what is done and what remains, and the date that holds for a dossier."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from casework.board.cycles import Cell
from casework.board.waiting import Waiting
from casework.days import calendar
from casework.rules import procedure_of
from casework.timing import last_day, outstanding
from models.cycles import Cycle, Deadline
from models.dossiers import Dossier
from models.results import Evaluation
from models.units import Unit
from ocop.deadlines import recalled
from ocop.levels import Level
from ocop.phrase import Joined, Phrase
from ocop.procedure import MetBy
from ocop.working_days import Calendar, day_of


@dataclass(frozen=True)
class Change:
    """An extension, or a date that an extension replaced."""

    deadline: Deadline
    unit_name: str
    """The unit that it is for; empty for all."""
    last_day: date
    in_force: bool
    remaining: int | None
    """Dossiers that have still to meet it; None where it holds for nobody any more."""


@dataclass(frozen=True)
class Strip:
    """One stage's deadline on an instant."""

    deadline: Deadline
    """The one in force for all."""
    label: str
    last_day: date
    passed: bool
    working_days: int
    """Left until the last day, or passed since."""
    remaining: int
    standing: int
    """Of the remaining, those that stand in this phase already."""
    done: int
    units: int
    """Units of the stage's level with something remaining."""
    level_label: str
    overdue: int
    changes: Sequence[Change]

    @property
    def rule(self) -> str:
        """How the plan's words are read, as it was written when the deadline was set."""
        return recalled(self.deadline.rule)

    @property
    def share(self) -> int:
        """How many of a hundred are done."""
        total = self.done + self.remaining
        return 100 if not total else self.done * 100 // total


def days_to(calendar_: Calendar, today: date, last: date, *, passed: bool) -> int:
    """Return the working days left until a last day, or passed since it."""
    return abs(calendar_.working_days_between(*((last, today) if passed else (today, last))))


def strips(session: Session, cycle: Cycle, at: datetime, waiting: Waiting) -> list[Strip]:
    """Return the deadlines of a cycle's stages, in their order: a few queries for each stage that has one."""
    rows = session.scalars(
        select(Deadline)
        .where(Deadline.cycle_id == cycle.id, Deadline.dossier_id.is_(None))
        .order_by(Deadline.strikes_at, Deadline.id)
    ).all()
    names = {
        unit.id: unit.name
        for unit in session.scalars(select(Unit).where(Unit.id.in_([row.unit_id for row in rows if row.unit_id])))
    }
    late = Counter[str]()
    for missed in waiting.late:
        late[missed.deadline.stage] += missed.number
    by_stage: dict[str, list[Deadline]] = defaultdict(list)
    dated = {row.stage for row in rows if row.scope == "all" and row.replaced_at is None}
    for row in rows:
        if row.stage in dated:
            by_stage[row.stage].append(row)
    found = [_strip(waiting, deadlines, names, late[stage], at) for stage, deadlines in by_stage.items()]
    return sorted(found, key=lambda strip: strip.deadline.strikes_at)


def _strip(waiting: Waiting, rows: Sequence[Deadline], names: dict[int, str], late: int, at: datetime) -> Strip:
    session, cycle, procedure = waiting.session, waiting.cycle, waiting.procedure
    standing = [row for row in rows if row.replaced_at is None]
    current = max((row for row in standing if row.scope == "all"), key=lambda row: (row.strikes_at, row.id))
    stage = procedure.stage(current.stage)
    remaining = waiting.by_unit(current, stage.level)
    left, total = remaining.total(), sum(row.number for row in waiting.standing)
    last, passed = last_day(current), current.strikes_at <= at
    days = calendar(session)
    return Strip(
        current, stage.label, last, passed, days_to(days, day_of(at), last, passed=passed),
        left, waiting.here(current), total - left, len(remaining), stage.level.label, late,
        [_change(session, cycle, row, standing, current, names) for row in rows if row is not current],
    )  # fmt: skip


def _change(
    session: Session, cycle: Cycle, row: Deadline, rows: Sequence[Deadline], current: Deadline, names: dict[int, str]
) -> Change:
    """Return how an earlier date or a unit's own extension stands."""
    same = [other for other in rows if other.scope == row.scope]
    newest = max(same, key=lambda other: other.strikes_at, default=None)
    later = (row.strikes_at, row.id) > (current.strikes_at, current.id)
    holds = row is newest and row.scope != "all" and later
    remaining = None
    if holds:
        remaining = session.scalar(select(func.count()).select_from(Dossier).where(outstanding(session, cycle, row)))
    return Change(row, names.get(row.unit_id or 0, ""), last_day(row), holds, remaining)


PROVINCES_OWN = frozenset({Level.PROVINCE.label, Level.CENTRAL.label})
"""The levels at which there is one unit to count: the province, or the centre that its province follows."""


def headline(cycle: Cycle, found: Sequence[Strip], counted: Cell, open_: int) -> Phrase:
    """Return one sentence on how a cycle stands."""
    total, overdue = counted.number, counted.overdue
    dossiers = Phrase("%(number)s hồ sơ", number=total) if total else Phrase("chưa có hồ sơ nào được đăng ký")
    unfinished = Phrase("%(number)s chưa kết thúc", number=open_)
    late = [Phrase("%(number)s hồ sơ quá hạn", number=overdue)] if overdue else []
    coming = next((strip for strip in found if not strip.passed), None)
    if cycle.closed_at is not None:
        closed = Phrase("Chu trình đã đóng ngày %(day)s", day=day_of(cycle.closed_at))
        parts = [closed, Joined(", ", (Phrase("%(number)s hồ sơ", number=total), unfinished))]
    elif coming is None:
        parts = [Phrase("Các thời hạn của kế hoạch đã qua"), Joined(", ", (dossiers, unfinished)), *late]
    else:
        parts = [_to_come(coming), Joined(", ", (dossiers, *_not_through(coming, total))), *late]
    return Phrase("%(parts)s.", parts=Joined("; ", parts))


def _to_come(strip: Strip) -> Phrase:
    """Return how long it is to a deadline."""
    named = {"stage": strip.label, "day": strip.last_day}
    if not strip.working_days:
        return Phrase("Hôm nay là ngày làm việc cuối cùng đến hạn “%(stage)s” (hết ngày %(day)s)", **named)
    return Phrase("Còn %(days)s ngày làm việc đến hạn “%(stage)s” (hết ngày %(day)s)", days=strip.working_days, **named)


def _not_through(strip: Strip, total: int) -> list[Phrase]:
    """Return how many have still to meet a deadline, and at how many units where there are several."""
    if strip.remaining and strip.level_label not in PROVINCES_OWN:
        return [
            Phrase(
                "%(number)s chưa xong bước này ở %(units)s %(level)s", number=strip.remaining, units=strip.units,
                level=strip.level_label,
            )
        ]  # fmt: skip
    return [Phrase("%(number)s chưa xong bước này", number=strip.remaining)] if total else []


@dataclass(frozen=True)
class DueDate:
    """The next deadline that a dossier has to meet."""

    deadline: Deadline
    label: str
    last_day: date
    passed: bool
    working_days: int

    @property
    def rule(self) -> str:
        """How the last day was found, as it was written when the deadline was set."""
        return recalled(self.deadline.rule)

    @property
    def wording(self) -> str:
        """The plan's words, or how long a period of the dossier's own is."""
        return recalled(self.deadline.wording)


def due_dates(session: Session, cycle: Cycle, dossiers: Sequence[Any], at: datetime) -> dict[int, DueDate]:
    """Return the next deadline of each open dossier: of those still to be met, the first that strikes.

    Takes rows with id, stage, registered_at and the units of the dossier; three queries for all of them. No clock runs for a
    suspended one: it has none.
    """
    ids = [row.id for row in dossiers]
    procedure, days = procedure_of(cycle), calendar(session)
    rows = session.scalars(
        select(Deadline).where(
            Deadline.cycle_id == cycle.id,
            Deadline.replaced_at.is_(None),
            or_(Deadline.dossier_id.is_(None), Deadline.dossier_id.in_(ids)),
        )
    ).all()
    held = {
        (dossier_id, stage)
        for dossier_id, stage in session.execute(
            select(Evaluation.dossier_id, Evaluation.stage).where(
                Evaluation.dossier_id.in_(ids), Evaluation.counts.is_(True), Evaluation.annulled_on.is_(None)
            )
        )
    }
    halted = set(session.scalars(select(Dossier.id).where(Dossier.id.in_(ids), Dossier.suspended_at.is_not(None))))
    found = {}
    for dossier in (row for row in dossiers if row.id not in halted):
        scopes = {"all", f"dossier/{dossier.id}"}
        scopes |= {f"unit/{unit}" for unit in (dossier.commune_id, dossier.district_id, dossier.province_id)}
        in_force: dict[str, Deadline] = {}
        for row in sorted(rows, key=lambda row: (row.strikes_at, row.id)):
            if row.scope in scopes:
                in_force[row.stage] = row
        open_ones = [
            row
            for stage, row in in_force.items()
            if dossier.stage in procedure.still_ahead(stage)
            and dossier.registered_at < row.strikes_at
            and not (row.met_by == MetBy.SESSION_HELD and (dossier.id, stage) in held)
        ]
        if open_ones:
            first = min(open_ones, key=lambda row: row.strikes_at)
            last, passed = last_day(first), first.strikes_at <= at
            found[dossier.id] = DueDate(
                first, procedure.stage(first.stage).label, last, passed, days_to(days, day_of(at), last, passed=passed)
            )
    return found
