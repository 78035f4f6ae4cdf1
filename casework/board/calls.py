"""Whom to telephone today, in order: units with something overdue, then those with the most undone before the next deadline."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.board.late import role_of
from casework.board.selection import due_alone
from casework.board.waiting import Late, Waiting
from casework.days import calendar
from casework.directory import Directory, Found
from casework.timing import last_day
from models.cycles import Cycle, Deadline
from models.dossiers import Dossier
from ocop.phrase import Phrase
from ocop.rulebook import stage_of
from ocop.working_days import Calendar, day_of

SHOWN = 12
"""Units named; a morning has no time for more."""
SOON = 5
"""Working days ahead for which periods of a dossier's own are told."""


@dataclass(frozen=True)
class Reason:
    """Why a unit is called: so many dossiers, what is the matter with them, and the filters of the list that has them."""

    number: int
    words: Phrase
    parameters: Mapping[str, str | int]
    late: bool = False


@dataclass
class Owing:
    """What one unit has not done."""

    overdue: int = 0
    undone: int = 0
    """Before the next deadline of all, or of its own."""
    alone: int = 0
    """In periods of a dossier's own that end soon."""
    reasons: list[Reason] = field(default_factory=list)

    @property
    def place(self) -> tuple[int, int, int]:
        """Where it stands among the others, the first to call lowest."""
        return (-self.overdue, -self.undone, -self.alone)


@dataclass(frozen=True)
class Call:
    """One unit to telephone."""

    unit_id: int
    name: str
    contact: Found
    """Who reads for the unit today, and the rungs that are vacant below."""
    role: str
    owing: Owing


@dataclass(frozen=True)
class Calls:
    """The first units to telephone, and how many more there are."""

    first: Sequence[Call]
    more: int


def calls(session: Session, cycle: Cycle, at: datetime, waiting: Waiting) -> Calls:
    """Return the units to telephone on an instant: a few queries for all of them."""
    found: dict[int, Owing] = defaultdict(Owing)
    days = calendar(session)
    _overdue(waiting, days, day_of(at), found)
    for deadline in coming(session, cycle, at):
        _undone(waiting, deadline, days, day_of(at), found)
    _alone(session, cycle, days, day_of(at), found)
    order = sorted(found, key=lambda unit: (found[unit].place, unit))
    directory = Directory(session, order[:SHOWN], cycle.province_id, day_of(at))
    first = []
    for unit in order[:SHOWN]:
        contact = directory.find(unit)
        first.append(Call(unit, directory.name(unit), contact, role_of(directory, unit, contact), found[unit]))
    return Calls(first, len(order) - len(first))


def coming(session: Session, cycle: Cycle, at: datetime) -> Sequence[Deadline]:
    """Return the next deadline for all, with the extensions of single units that strike no later.

    Of a stage whose deadline was extended for all, only the last holds.
    """
    if cycle.closed_at is not None:
        return ()
    rows = session.scalars(
        select(Deadline)
        .where(
            Deadline.cycle_id == cycle.id, Deadline.dossier_id.is_(None), Deadline.replaced_at.is_(None),
            Deadline.strikes_at > at,
        )
        .order_by(Deadline.strikes_at, Deadline.id)
    ).all()  # fmt: skip
    holding = {row.stage: row for row in rows if row.scope == "all"}
    rows = [row for row in rows if row.scope != "all" or row is holding[row.stage]]
    end = next((row.strikes_at for row in rows if row.scope == "all"), None)
    return [row for row in rows if end is None or row.strikes_at <= end]


def _overdue(waiting: Waiting, days: Calendar, today: date, found: dict[int, Owing]) -> None:
    missed: dict[tuple[int, str], list[Late]] = defaultdict(list)
    for late in waiting.late:
        missed[late.unit_id, late.deadline.stage].append(late)
    for (unit, stage), rows in missed.items():
        number, waited = sum(row.number for row in rows), days.working_days_between(last_day(rows[0].deadline), today)
        label = stage_of(waiting.procedure, stage).label
        words = (
            Phrase("hồ sơ quá hạn bước “%(stage)s”, lâu nhất đã %(days)s ngày làm việc", stage=label, days=waited)
            if waited
            else Phrase("hồ sơ quá hạn bước “%(stage)s”", stage=label)
        )
        found[unit].overdue += number
        found[unit].reasons.append(Reason(number, words, {"overdue": stage, "late_unit": unit}, late=True))


def _undone(waiting: Waiting, deadline: Deadline, days: Calendar, today: date, found: dict[int, Owing]) -> None:
    last = last_day(deadline)
    left = days.working_days_between(today, last)
    label = waiting.procedure.stage(deadline.stage).label
    when = (
        Phrase("còn %(days)s ngày làm việc, hết ngày %(day)s", days=left, day=last)
        if left
        else Phrase("hết hôm nay, ngày %(day)s", day=last)
    )
    words = (
        Phrase("hồ sơ chưa xong bước “%(stage)s”: %(when)s", stage=label, when=when)
        if deadline.unit_id is None
        else Phrase("hồ sơ chưa xong bước “%(stage)s” được gia hạn: %(when)s", stage=label, when=when)
    )
    for unit, number in waiting.by_holder(deadline).items():
        found[unit].undone += number
        found[unit].reasons.append(Reason(number, words, {"deadline": deadline.id, "holder": unit}))


def _alone(session: Session, cycle: Cycle, days: Calendar, today: date, found: dict[int, Owing]) -> None:
    until = days.add_working_days(today, SOON)
    for unit, number in session.execute(
        select(Dossier.holder_id, func.count())
        .where(Dossier.cycle_id == cycle.id, due_alone(cycle, until))
        .group_by(Dossier.holder_id)
    ):
        found[unit].alone = number
        found[unit].reasons.append(
            Reason(
                number,
                Phrase("hồ sơ có hạn riêng đến hết ngày %(day)s", day=until),
                {"alone_by": until.isoformat(), "holder": unit},
            )
        )
