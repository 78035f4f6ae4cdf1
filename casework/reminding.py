"""Reminds one unit now, by a letter for each deadline that it has missed or has still to meet."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.act import Answer, act
from casework.actors import Actor, Territory, lineage, unit_by_code
from casework.board.calls import SOON, coming
from casework.board.selection import due_alone
from casework.chronicle import append_cycle_event
from casework.days import calendar
from casework.directory import Directory
from casework.owing import Draft, owe, unit_facts
from casework.rules import cycle_by_code, plan_of, procedure_of
from casework.strokes import deadline_facts, listed
from casework.timing import last_day, outstanding
from models.cycles import Breach, Cycle, Deadline
from models.dossiers import Dossier
from models.record import Event
from models.units import Unit
from ocop.errors import InvalidInput, NotPossibleNow, NotYours
from ocop.levels import Level
from ocop.notices import Notice
from ocop.phrase import Phrase
from ocop.rulebook import stage_of
from ocop.working_days import VIETNAM, day_of

REMIND = "remind"
"""The event of a cycle's history; its details name the unit and the deadline."""


@dataclass(frozen=True)
class _Due:
    """One deadline of which a unit is reminded, and the dossiers that it holds."""

    deadline: Deadline
    dossiers: Sequence[int]
    missed: bool


@act(REMIND, "Nhắc đơn vị ngay")
def remind(session: Session, *, actor: Actor, at: datetime, cycle: str, level: Level, unit: str) -> Answer:
    """Write to a unit's officer now about what it holds: overdue, due next, or in a period that ends soon.

    The province of the cycle or a unit above may. Of one deadline a unit is reminded once a day, whoever asks; a letter goes
    to the next rung of the ladder where the unit has no officer, as every letter does.
    """
    row = cycle_by_code(session, cycle, lock=True)
    found = unit_by_code(session, level, unit, day_of(at))
    _require_above(session, actor, row, found, at)
    due = list(_due(session, row, found.id, at))
    if not due:
        raise NotPossibleNow(
            f"{found.name} không giữ hồ sơ nào quá hạn, sắp đến hạn của kế hoạch hoặc sắp hết hạn riêng: không có gì để nhắc.",
            f"{found.name} holds no dossier that is overdue or due soon: there is nothing to remind of",
        )
    told = reminded(session, row, at).get(found.id, {})
    fresh = [one for one in due if one.deadline.id not in told]
    if not fresh:
        raise NotPossibleNow(
            f"{found.name} đã được nhắc về các thời hạn này lúc {_hour(max(told.values()))} hôm nay. Mỗi thời hạn chỉ nhắc một lần "
            "trong ngày: hãy gọi điện cho cán bộ phụ trách.",
            f"{found.name} was reminded of these deadlines at {_hour(max(told.values()))} today; each deadline is reminded of once a "
            "day: telephone the officer in charge",
        )
    directory = Directory(session, [found.id], row.province_id, day_of(at))
    reader = directory.find(found.id).recipient
    drafts = [_letter(session, row, found.id, one, directory, actor, at) for one in fresh]
    owe(session, drafts, calendar(session), plan_of(row).notices, directory)
    procedure = procedure_of(row)
    sent = {"unit": found.name, "number": len(fresh), "who": reader.name}
    return {
        "message": Phrase("Đã nhắc %(unit)s: %(number)s thư cho %(who)s.", **sent)
        if reader.email
        else Phrase(
            "Đã nhắc %(unit)s: %(number)s thư cho %(who)s, in và trao tay vì chưa có địa chỉ thư điện tử.", **sent
        ),
        "unit": found.code,
        "letters": len(fresh),
        "dossiers": len({dossier for one in fresh for dossier in one.dossiers}),
        "stages": [stage_of(procedure, one.deadline.stage).label for one in fresh],
    }


def _require_above(session: Session, actor: Actor, cycle: Cycle, unit: Unit, at: datetime) -> None:
    """Refuse a unit that is none of the cycle's, and an actor who works neither at its province nor above the unit."""
    line = lineage(session, unit.id)
    if cycle.province_id not in line and unit.id != cycle.central_id:
        raise InvalidInput(
            f"{unit.name} không thuộc tỉnh của chu trình {cycle.code}.",
            f"{unit.name} is not in the province of the cycle {cycle.code}",
        )
    above = {cycle.province_id, *line[1:]}
    if not actor.is_engine and above.isdisjoint(Territory.of(session, actor, day_of(at)).posts):
        raise NotYours(
            f"Chỉ cấp trên của {unit.name} hoặc tỉnh của chu trình được nhắc đơn vị này; {actor.name} không giữ nhiệm vụ ở đó.",
            f"only a unit above {unit.name} or the province of the cycle may remind it; {actor.name} holds no post there",
        )


def _due(session: Session, cycle: Cycle, unit_id: int, at: datetime) -> Iterator[_Due]:
    """Yield what a unit is called about: what it missed, what the next deadline waits for, and periods that end soon."""
    missed: dict[int, list[int]] = defaultdict(list)
    for deadline, dossier in session.execute(
        select(Breach.deadline_id, Breach.dossier_id)
        .join(Deadline, Deadline.id == Breach.deadline_id)
        .join(Dossier, Dossier.id == Breach.dossier_id)
        .where(
            Deadline.cycle_id == cycle.id, Breach.unit_id == unit_id, Breach.closed_at.is_(None),
            Dossier.suspended_at.is_(None),
        )
        .order_by(Deadline.strikes_at, Breach.deadline_id, Breach.dossier_id)
    ):  # fmt: skip
        missed[deadline].append(dossier)
    rows = {row.id: row for row in session.scalars(select(Deadline).where(Deadline.id.in_(missed)))}
    yield from (_Due(rows[deadline], dossiers, True) for deadline, dossiers in missed.items())
    for row in (*coming(session, cycle, at), *_own(session, cycle, unit_id, at)):
        waiting = select(Dossier.id).where(outstanding(session, cycle, row), Dossier.holder_id == unit_id)
        if dossiers := session.scalars(waiting.order_by(Dossier.id)).all():
            yield _Due(row, dossiers, False)


def _own(session: Session, cycle: Cycle, unit_id: int, at: datetime) -> Sequence[Deadline]:
    """Return the periods of a unit's dossiers' own that end within a few working days."""
    until = calendar(session).add_working_days(day_of(at), SOON)
    held = session.scalars(
        select(Dossier.id).where(
            Dossier.cycle_id == cycle.id, Dossier.holder_id == unit_id, due_alone(cycle, until)
        )
    ).all()  # fmt: skip
    rows = session.scalars(
        select(Deadline)
        .where(Deadline.dossier_id.in_(held), Deadline.replaced_at.is_(None), Deadline.strikes_at > at)
        .order_by(Deadline.strikes_at, Deadline.id)
    )
    return [row for row in rows if last_day(row) <= until]


class Place(NamedTuple):
    """A unit as the act names it, and as a reader knows it."""

    level: Level
    code: str
    name: str


def places(session: Session, unit_ids: Collection[int]) -> dict[int, Place]:
    """Return how the act names some units, by their numbers."""
    rows = session.execute(select(Unit.id, Unit.level, Unit.code, Unit.name).where(Unit.id.in_(unit_ids)))
    return {number: Place(Level(level), code, name) for number, level, code, name in rows}


def reminded(session: Session, cycle: Cycle, at: datetime) -> dict[int, dict[int, datetime]]:
    """Return which units were reminded on an instant's day, by unit and deadline, with the instants."""
    lines = session.scalars(
        select(Event).where(
            Event.chain == f"cycle/{cycle.id}", Event.event == REMIND, Event.occurred_on == day_of(at)
        )
    )  # fmt: skip
    found: dict[int, dict[int, datetime]] = defaultdict(dict)
    for line in lines:
        found[int(line.details["scope"].removeprefix("unit/"))][line.details["deadline"]] = line.recorded_at
    return found


def _letter(
    session: Session, cycle: Cycle, unit_id: int, due: _Due, directory: Directory, actor: Actor, at: datetime
) -> Draft:
    """Write a line of the cycle's history for one deadline, and return the letter that it owes."""
    row, today, days = due.deadline, day_of(at), calendar(session)
    cause = append_cycle_event(
        session, cycle, REMIND, actor=actor, at=at, occurred_on=today,
        details={
            "deadline": row.id, "stage": row.stage, "scope": f"unit/{unit_id}", "dossiers": len(due.dossiers),
            "missed": due.missed,
        },
    )  # fmt: skip
    left = days.working_days_between(today, last_day(row))
    facts: dict[str, Any] = {
        "cycle_title": cycle.title,
        "deadline": deadline_facts(cycle, row, left),
        "dossiers": listed(session, cycle, {unit_id: due.dossiers})[unit_id],
        "total": len(due.dossiers),
    }
    return Draft(
        Notice.OVERDUE if due.missed else Notice.DEADLINE_REMINDER, f"{cause}/unit/{unit_id}", directory.find(unit_id),
        unit_facts(directory, unit_id, **facts), at, cycle.id, reply_unit_id=cycle.province_id,
        simulated=cycle.simulated, for_unit=unit_id,
    )  # fmt: skip


def _hour(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%H:%M}"
