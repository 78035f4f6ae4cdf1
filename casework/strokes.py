"""What a deadline does by itself: reminders before it, breaches at its stroke, the ladder after it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from casework.actors import ENGINE
from casework.announcing import letter_about, places
from casework.days import calendar
from casework.directory import Directory, Found
from casework.ledger import advance
from casework.moves import ProposedMove
from casework.owing import Draft, owe, producer, unit_facts
from casework.rules import plan_of, procedure_of
from casework.timing import last_day, outstanding, put_on_agenda, rungs
from models.bulk import execute_many, insert_into
from models.cycles import AgendaItem, Breach, Cycle, Deadline, Escalation
from models.dossiers import Dossier
from models.record import Event
from models.units import Producer, Product, Unit
from ocop.levels import LADDER
from ocop.notices import Notice
from ocop.working_days import day_of

LISTED = 50
"""How many dossiers a letter lists; the total is always given."""
CHUNK = 500
"""Dossiers read at a time for letters."""
_NEW_BREACHES = insert_into(
    Breach.__table__, ("deadline_id", "dossier_id", "stage", "unit_id", "struck_at", "closed_by")
)


def deadline_facts(cycle: Cycle, deadline: Deadline, working_days_left: int) -> dict[str, Any]:
    """Return a deadline as letters and pages tell it."""
    return {
        "stage_label": procedure_of(cycle).stage(deadline.stage).label,
        "wording": deadline.wording,
        "rule": deadline.rule,
        "last_day": last_day(deadline),
        "strikes_at": deadline.strikes_at,
        "working_days_left": working_days_left,
    }


def listed(session: Session, cycle: Cycle, by_unit: Mapping[int, Sequence[int]]) -> dict[int, list[dict[str, Any]]]:
    """Return dossiers as each unit's letter lists them, by code; read in chunks for all units together."""
    procedure = procedure_of(cycle)
    shown = {unit_id: ids[:LISTED] for unit_id, ids in by_unit.items()}
    wanted = sorted({dossier for ids in shown.values() for dossier in ids})
    told: dict[int, dict[str, Any]] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = session.execute(
            select(
                Dossier.id, Dossier.code, Product.name, Producer.name.label("producer"), Dossier.stage,
                Unit.name.label("holder"), Dossier.stage_since, Dossier.simulated,
            )
            .join(Product, Product.id == Dossier.product_id)
            .join(Producer, Producer.id == Dossier.producer_id)
            .join(Unit, Unit.id == Dossier.holder_id)
            .where(Dossier.id.in_(wanted[start : start + CHUNK]))
        )  # fmt: skip
        for row in rows:
            told[row.id] = {
                "code": row.code,
                "product": row.name,
                "producer": row.producer,
                "stage_label": procedure.stage(row.stage).label,
                "holder": row.holder,
                "since": day_of(row.stage_since),
                "simulated": row.simulated,
            }
    return {
        unit_id: sorted((told[dossier] for dossier in ids), key=itemgetter("code")) for unit_id, ids in shown.items()
    }


def _deadline(session: Session, item: AgendaItem) -> tuple[Deadline, Cycle]:
    deadline = session.get_one(Deadline, int(item.subject.split("/")[1]))
    return deadline, session.get_one(Cycle, deadline.cycle_id)


def _alone(session: Session, cycle: Cycle) -> None:
    """Wait for whoever extends a cycle's deadlines or acknowledges an escalation, and let the next one wait."""
    session.refresh(cycle, with_for_update={"key_share": True})


def _missed(session: Session, cycle: Cycle, deadline: Deadline) -> Sequence[Row[Any]]:
    """Return the dossiers that have not met a deadline, locked.

    Whoever meets it or moves on meanwhile is waited for, or finds the breach and closes it. SQLite has one writer at a
    time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        waiting = outstanding(session, cycle, deadline)
        session.execute(select(Dossier.id).where(waiting).order_by(Dossier.id).with_for_update())
    return session.execute(
        select(Dossier.id, Dossier.stage, Dossier.holder_id)
        .where(outstanding(session, cycle, deadline))
        .order_by(Dossier.id)
    ).all()


def reminded(session: Session, cycle: Cycle, deadline: Deadline) -> dict[int, list[int]]:
    """Return the dossiers that have not met a deadline, by the units to remind: who holds them, and the stage's own unit."""
    waiting = session.execute(
        select(Dossier.id, Dossier.holder_id, Dossier.commune_id, Dossier.district_id, Dossier.province_id)
        .where(outstanding(session, cycle, deadline))
        .order_by(Dossier.id)
    ).all()
    level = procedure_of(cycle).stage(deadline.stage).level
    by_unit: dict[int, list[int]] = defaultdict(list)
    for row in waiting:
        responsible = getattr(row, f"{level}_id", None)
        for unit_id in {row.holder_id, responsible} - {None}:
            by_unit[unit_id].append(row.id)
    return by_unit


def remind(session: Session, items: Sequence[AgendaItem], at: datetime) -> None:
    """Owe the reminders of deadlines to the units that hold what is outstanding, and to the stage's own units."""
    del at
    for item in items:
        deadline, cycle = _deadline(session, item)
        if cycle.closed_at is not None:
            item.outcome = "cycle closed"
            continue
        by_unit = reminded(session, cycle, deadline)
        waiting = sorted({dossier for ids in by_unit.values() for dossier in ids})
        if deadline.kind == "supplement":
            _remind_producer(session, item, cycle, deadline, waiting, Notice.SUPPLEMENT_REMINDER)
            continue
        plan, days = plan_of(cycle), calendar(session)
        directory = Directory(session, by_unit, cycle.province_id, day_of(item.due_at))
        told = deadline_facts(cycle, deadline, days.working_days_between(day_of(item.due_at), last_day(deadline)))
        lists = listed(session, cycle, by_unit)
        drafts = [
            Draft(
                Notice.DEADLINE_REMINDER,
                f"deadline/{deadline.id}/before/{item.number}/unit/{unit_id}",
                directory.find(unit_id),
                unit_facts(
                    directory, unit_id, cycle_title=cycle.title, deadline=told,
                    dossiers=lists[unit_id], total=len(ids),
                ),
                item.due_at,
                cycle.id,
                reply_unit_id=cycle.province_id,
                simulated=cycle.simulated,
                for_unit=unit_id,
            )
            for unit_id, ids in sorted(by_unit.items())
        ]  # fmt: skip
        owe(session, drafts, days, plan.notices, directory)
        item.outcome = f"{len(drafts)} units, {len(waiting)} dossiers"


def strike(session: Session, items: Sequence[AgendaItem], at: datetime) -> None:
    """Record one breach for each registered dossier that has not met a deadline, and put the ladder on the agenda."""
    for item in items:
        deadline, cycle = _deadline(session, item)
        _alone(session, cycle)
        if cycle.closed_at is not None:
            item.outcome = "cycle closed"
            continue
        missed = _missed(session, cycle, deadline)
        execute_many(
            session,
            _NEW_BREACHES,
            [
                {
                    "deadline_id": deadline.id,
                    "dossier_id": row.id,
                    "stage": row.stage,
                    "unit_id": row.holder_id,
                    "struck_at": deadline.strikes_at,
                    "closed_by": "",
                }
                for row in missed
            ],
        )
        _after_stroke(session, item, cycle, deadline, missed, at)
        item.outcome = f"{len(missed)} breaches"


def _after_stroke(
    session: Session, item: AgendaItem, cycle: Cycle, deadline: Deadline, missed: Sequence[Any], at: datetime
) -> None:
    plan, days = plan_of(cycle), calendar(session)
    ids = [row.id for row in missed]
    if deadline.kind == "supplement":
        _remind_producer(session, item, cycle, deadline, ids, Notice.SUPPLEMENT_OVERDUE)
        return
    steps = plan.escalation.working_days_after
    put_on_agenda(session, rungs(deadline, sorted({row.holder_id for row in missed}), steps, days, plan.notices))
    if deadline.after_deadline == "next_round" and ids:
        reason = f"Quá hạn '{deadline.wording}': kế hoạch quy định chuyển sang đợt sau."
        moves = [
            ProposedMove(
                dossier, "carry_over", day_of(deadline.strikes_at), reason=reason, effective_at=deadline.strikes_at
            )
            for dossier in ids
        ]
        advance(session, moves, actor=ENGINE, at=at)


def _remind_producer(
    session: Session, item: AgendaItem, cycle: Cycle, deadline: Deadline, ids: Sequence[int], notice: Notice
) -> None:
    """Write to a dossier's producer, and after the stroke to the unit that asked, about a supplement."""
    rows = session.execute(
        select(Dossier, Producer)
        .join(Producer, Producer.id == Dossier.producer_id)
        .where(Dossier.id.in_(ids))
        .order_by(Dossier.id)
    ).all()
    if not rows:
        item.outcome = "nothing outstanding"
        return
    plan, days = plan_of(cycle), calendar(session)
    directory = Directory(session, places(row.Dossier for row in rows), cycle.province_id, day_of(item.due_at))
    drafts = []
    for dossier, maker in rows:
        facts = letter_about(
            session, dossier, cycle, directory, item.kind, day_of(item.due_at), rule=deadline.rule,
            reason=_asked_for(session, dossier), due_on=last_day(deadline),
        )  # fmt: skip
        cause = f"deadline/{deadline.id}/{item.kind}/{item.number}/dossier/{dossier.id}"
        readers = [Found(producer(maker.id, maker.name, maker.contact, maker.email, dossier.commune_id))]
        if notice is Notice.SUPPLEMENT_OVERDUE:
            readers.append(directory.find(dossier.holder_id))
        drafts += [
            Draft(
                notice, cause, found, facts, item.due_at, cycle.id, dossier.id, dossier.holder_id, dossier.simulated,
                dossier.holder_id,
            )
            for found in readers
        ]  # fmt: skip
    owe(session, drafts, days, plan.notices, directory)
    item.outcome = f"{len(drafts)} letters"


def _asked_for(session: Session, dossier: Dossier) -> str:
    """Return what a dossier was last asked to complete."""
    return session.scalars(
        select(Event.reason)
        .where(Event.dossier_id == dossier.id, Event.event == "request_supplement")
        .order_by(Event.number.desc())
        .limit(1)
    ).one()


def climb(session: Session, items: Sequence[AgendaItem], at: datetime) -> None:
    """Climb a rung for each unit whose breaches of a deadline are open and not acknowledged."""
    del at
    by_deadline: dict[str, list[AgendaItem]] = defaultdict(list)
    for item in items:
        by_deadline[item.subject.split("/")[1]].append(item)
    for found in by_deadline.values():
        _climb(session, found)


def _climb(session: Session, items: Sequence[AgendaItem]) -> None:
    """Climb the rungs of one deadline that are due at one instant: a few queries, whatever the number of units."""
    deadline, cycle = _deadline(session, items[0])
    _alone(session, cycle)
    due_at, open_ids = items[0].due_at, _open(session, deadline)
    acknowledged = set(
        session.scalars(
            select(Escalation.unit_id).where(
                Escalation.deadline_id == deadline.id, Escalation.acknowledged_at.is_not(None)
            )
        )
    )
    climbing: list[tuple[AgendaItem, int]] = []
    for item in items:
        unit_id = int(item.subject.split("/")[3])
        if cycle.closed_at is not None or not open_ids.get(unit_id) or unit_id in acknowledged:
            item.outcome = "acknowledged" if unit_id in acknowledged else "nothing overdue"
        else:
            climbing.append((item, unit_id))
    if not climbing:
        return
    days = calendar(session)
    units = [unit_id for _, unit_id in climbing]
    directory = Directory(session, units, cycle.province_id, day_of(due_at))
    told = deadline_facts(cycle, deadline, -days.working_days_between(last_day(deadline), day_of(due_at)))
    lists = listed(session, cycle, {unit_id: open_ids[unit_id] for unit_id in units})
    rows, drafts = [], []
    for item, unit_id in climbing:
        role, number = LADDER[item.number], len(open_ids[unit_id])
        found = directory.find(unit_id, role)
        rows.append(_rung(item, deadline, unit_id, number, found))
        drafts.append(
            Draft(
                Notice.OVERDUE, f"deadline/{deadline.id}/unit/{unit_id}/rung/{item.number}", found,
                unit_facts(
                    directory, unit_id, cycle_title=cycle.title, deadline=told, dossiers=lists[unit_id], total=number,
                    rung=item.number + 1, role_label=role.label,
                ),
                due_at, cycle.id, reply_unit_id=cycle.province_id, simulated=cycle.simulated, for_unit=unit_id,
            )
        )  # fmt: skip
        item.outcome = f"rung {item.number + 1}: {found.recipient.name}, {number} dossiers"
    session.execute(insert(Escalation), rows)
    owe(session, drafts, days, plan_of(cycle).notices, directory)


def _open(session: Session, deadline: Deadline) -> dict[int, list[int]]:
    """Return the dossiers whose breaches of a deadline are open, by the unit that held them; a suspended one waits."""
    found: dict[int, list[int]] = defaultdict(list)
    for unit_id, dossier_id in session.execute(
        select(Breach.unit_id, Breach.dossier_id)
        .join(Dossier, Dossier.id == Breach.dossier_id)
        .where(Breach.deadline_id == deadline.id, Breach.closed_at.is_(None), Dossier.suspended_at.is_(None))
        .order_by(Breach.dossier_id)
    ):
        found[unit_id].append(dossier_id)
    return found


def _rung(item: AgendaItem, deadline: Deadline, unit_id: int, number: int, found: Found) -> dict[str, Any]:
    """Return the row of a rung climbed."""
    return {
        "deadline_id": deadline.id,
        "unit_id": unit_id,
        "rung": item.number,
        "role": LADDER[item.number].value,
        "due_at": item.due_at,
        "dossiers": number,
        "vacant": bool(found.vacant),
        "acknowledged_by": "",
        "note": "",
    }
