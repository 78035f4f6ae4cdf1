"""What a unit that ends leaves besides dossiers: targets, dates of its own, open breaches and the ladder above them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.days import calendar
from casework.rebinding import TRANSFER
from casework.rules import plan_of
from casework.succession import Successors
from casework.suspensions import copied
from casework.timing import OWN_KINDS, RUNG, Due, ahead_of, last_day, put_on_agenda, reminders
from models.cycles import AgendaItem, Breach, Cycle, Deadline, Escalation, UnitTarget
from models.dossiers import Dossier
from models.record import Event
from ocop.deadlines import BEGUN_ANEW, period_of_working_days
from ocop.phrase import Phrase
from ocop.rulebook import PROCEDURES
from ocop.working_days import day_of, start_of

Units = tuple[int, int | None, int]
"""A dossier's commune, district and province."""


def foreseen(session: Session, found: Successors, dossiers: Sequence[Dossier]) -> list[Phrase]:
    """Return sentences on what else would be handed on."""
    open_ones = session.scalar(
        select(func.count())
        .select_from(Breach)
        .where(Breach.dossier_id.in_([row.id for row in dossiers]), Breach.closed_at.is_(None))
    )
    own = session.scalar(
        select(func.count())
        .select_from(Deadline)
        .where(Deadline.unit_id.in_(found.parts), Deadline.replaced_at.is_(None))
    )
    rows = planned(session, found)
    moving = sum(_same_level(found, row) for row in rows)
    return [
        Phrase("Bản ghi quá hạn đang mở chuyển theo hồ sơ: %(n)s", n=open_ones or 0),
        Phrase("Gia hạn riêng của đơn vị cũ chuyển cho từng hồ sơ: %(n)s", n=own or 0),
        Phrase(
            "Chỉ tiêu đơn vị cộng vào đơn vị mới: %(n)s, giữ lại làm tư liệu: %(kept)s",
            n=moving,
            kept=len(rows) - moving,
        ),
    ]


TARGETS = "targets"
"""In the details of a reorganisation: the ended units, by code, whose targets it added to those of their successors."""


def planned(session: Session, found: Successors) -> list[UnitTarget]:
    """Return what ended units planned and no reorganisation of the day has handed on yet."""
    handed_on = {
        (cycle, code)
        for cycle, details in session.execute(
            select(Event.cycle_id, Event.details).where(
                Event.event == "reorganise", Event.dossier_id.is_(None), Event.occurred_on == found.day
            )
        )
        for code in details.get(TARGETS, ())
    }
    rows = session.scalars(select(UnitTarget).where(UnitTarget.unit_id.in_(found.parts)).order_by(UnitTarget.id))
    return [row for row in rows if (row.cycle_id, _key(found, row)) not in handed_on]


def _key(found: Successors, row: UnitTarget) -> str:
    unit = found.units[row.unit_id]
    return f"{unit.level}:{unit.code}"


def _same_level(found: Successors, row: UnitTarget) -> bool:
    return found.units[row.unit_id].level == found.units[found.after(row.unit_id)].level


def targets(session: Session, found: Successors) -> dict[int, list[str]]:
    """Add what ended units planned to the target of their successor of the same level; the old rows stay as they were.

    Returns the units handed on, by cycle: the cycle's history keeps them, so that nothing is added twice.
    """
    handed_on: dict[int, list[str]] = defaultdict(list)
    for row in planned(session, found):
        if not _same_level(found, row):
            continue
        after = found.after(row.unit_id)
        there = session.scalar(
            select(UnitTarget).where(UnitTarget.cycle_id == row.cycle_id, UnitTarget.unit_id == after)
        )
        if there is None:
            there = UnitTarget(cycle_id=row.cycle_id, unit_id=after, planned=0, document=row.document)
            session.add(there)
        there.planned += row.planned
        handed_on[row.cycle_id].append(_key(found, row))
        session.flush()
    return handed_on


def extensions(
    session: Session, old: Mapping[int, Units], moved: Sequence[Dossier], document: str, at: datetime
) -> None:
    """Give dossiers the extension of the unit that they leave as a date of their own, with the breach of it that is open."""
    units = {unit for place in old.values() for unit in place if unit is not None}
    found = session.scalars(
        select(Deadline)
        .where(Deadline.unit_id.in_(units), Deadline.replaced_at.is_(None))
        .order_by(Deadline.strikes_at, Deadline.id)
    ).all()
    if not found:
        return
    days = calendar(session)
    for row in moved:
        place = {row.commune_id, row.district_id, row.province_id}
        latest = {
            deadline.stage: deadline
            for deadline in found
            if deadline.cycle_id == row.cycle_id
            and deadline.unit_id in old[row.id]
            and deadline.unit_id not in place
            and row.stage in ahead_of(PROCEDURES[row.procedure_key], deadline.stage, deadline.kind)
        }
        for deadline in latest.values():
            own = copied(session, deadline, f"dossier/{row.id}", row.id, at, deadline.document or document)
            plan = plan_of(session.get_one(Cycle, row.cycle_id))
            if own.strikes_at > at:
                put_on_agenda(session, reminders(own, plan.reminders.working_days_before, days, plan.notices, at))
            _carry_breaches(session, deadline, own)
    session.flush()


def _carry_breaches(session: Session, old: Deadline, own: Deadline) -> None:
    """Bring one dossier's open breach of a deadline to the copy of it, with the rungs still to be climbed."""
    breaches = session.scalars(
        select(Breach).where(
            Breach.deadline_id == old.id, Breach.dossier_id == own.dossier_id, Breach.closed_at.is_(None)
        )
    ).all()
    for breach in breaches:
        breach.deadline_id = own.id
        for item in _rungs(session, [f"deadline/{old.id}/unit/{breach.unit_id}"]):
            subject = f"deadline/{own.id}/unit/{breach.unit_id}"
            put_on_agenda(session, [Due(RUNG, subject, item.number, item.due_at, item.cycle_id, item.stage)])


def breaches(session: Session, found: Successors, moved: Sequence[Dossier], at: datetime) -> None:
    """Let the open breaches of dossiers follow them, and the ladder climb on from the unit that holds them now."""
    holders = {row.id: row.holder_id for row in moved}
    after: dict[tuple[int, int], set[int]] = defaultdict(set)
    for breach in session.scalars(
        select(Breach).where(
            Breach.dossier_id.in_(holders), Breach.closed_at.is_(None), Breach.unit_id.in_(found.parts)
        )
    ):
        now = holders[breach.dossier_id]
        after[breach.deadline_id, breach.unit_id].add(now)
        breach.unit_id = now
    session.flush()
    acknowledged = {
        (deadline, unit)
        for deadline, unit in session.execute(
            select(Escalation.deadline_id, Escalation.unit_id).where(
                Escalation.unit_id.in_(found.parts), Escalation.acknowledged_at.is_not(None)
            )
        )
    }
    waiting = session.scalars(
        select(AgendaItem).where(AgendaItem.kind == RUNG, AgendaItem.done_at.is_(None)).order_by(AgendaItem.id)
    ).all()
    for item in waiting:
        _, deadline, _, unit = item.subject.split("/")
        place = int(deadline), int(unit)
        if place[1] not in found.parts:
            continue
        item.done_at, item.outcome = at, "handed on to the successor"
        if place not in acknowledged:
            put_on_agenda(
                session,
                [
                    Due(RUNG, f"deadline/{deadline}/unit/{now}", item.number, item.due_at, item.cycle_id, item.stage)
                    for now in sorted(after[place])
                ],
            )


def _rungs(session: Session, subjects: Sequence[str]) -> Sequence[AgendaItem]:
    return session.scalars(
        select(AgendaItem).where(
            AgendaItem.kind == RUNG, AgendaItem.subject.in_(subjects), AgendaItem.done_at.is_(None)
        )
    ).all()


def restart(session: Session, moved: Sequence[Dossier], day: date, document: str, at: datetime) -> None:
    """Let dossiers' own periods begin anew on a day, each as long as it was; a breach of the old one is closed."""
    days = calendar(session)
    rows = {row.id: row for row in moved}
    own: dict[int, Deadline] = {}
    for deadline in session.scalars(
        select(Deadline)
        .where(Deadline.dossier_id.in_(rows), Deadline.kind.in_(sorted(OWN_KINDS)), Deadline.replaced_at.is_(None))
        .order_by(Deadline.strikes_at, Deadline.id)
    ):
        if deadline.dossier_id is not None and deadline.stage == rows[deadline.dossier_id].stage:
            own[deadline.dossier_id] = deadline
    for dossier_id, deadline in own.items():
        length = days.working_days_between(day_of(deadline.entered_at), last_day(deadline))
        period = period_of_working_days(day, max(length, 1), days)
        if period.strikes_at <= deadline.strikes_at:
            continue
        later = copied(
            session, deadline, deadline.scope, dossier_id, at, document, day=period.last_day,
            wording=Phrase(BEGUN_ANEW.message, length=period.length), rule=period.explain(days),
            strikes_at=period.strikes_at,
        )  # fmt: skip
        plan = plan_of(session.get_one(Cycle, deadline.cycle_id))
        put_on_agenda(session, reminders(later, plan.reminders.working_days_before, days, plan.notices, start_of(day)))
        for breach in session.scalars(
            select(Breach).where(
                Breach.deadline_id == deadline.id, Breach.dossier_id == dossier_id, Breach.closed_at.is_(None)
            )
        ):
            breach.closed_at, breach.closed_by = at, TRANSFER
    session.flush()
