"""Counts a cycle's dates anew when the calendar of working days changed: what is still to come, never what has passed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import digest, inner_dates
from casework.amending import Basis, general, set_date
from casework.inner_dates import INNER, LAST_DAY
from casework.owing import morning, next_morning
from casework.rules import plan_of, procedure_of
from casework.suspensions import copied
from casework.timing import OWN_KINDS, REMINDER, RUNG, Due, done_with, last_day, put_on_agenda, reminders
from models.cycles import AgendaItem, Cycle, Deadline
from models.dossiers import Complaint, Dossier
from models.inner_dates import InnerDate
from ocop.deadlines import RECOUNTED, lengthened
from ocop.phrase import Joined, Phrase
from ocop.plan import CyclePlan
from ocop.working_days import VIETNAM, Calendar, start_of

BY = "edit_calendar"
"""The event that closes a breach whose deadline a changed calendar moved."""
_WORKING_DAYS = re.compile(r"(\d+) ngày làm việc")
_COMPLAINT = "complaint"


@dataclass
class Recounted:
    """What a changed calendar did to a cycle."""

    moved: list[str] = field(default_factory=list)
    """Stages that got another date."""
    kept: list[str] = field(default_factory=list)
    """Stages whose date would lie before the instant now: the one in force stays, nobody becomes late backwards."""
    closed: int = 0
    """Breaches closed."""
    longer: list[int] = field(default_factory=list)
    """Dossiers whose own period ends later."""


def recount(
    session: Session, cycle: Cycle, old: Calendar, new: Calendar, at: datetime, document: str, reason: str
) -> Recounted:
    """Bring a cycle from one calendar to another, from an instant on.

    A date of the plan that rolls over days off is read anew; where it now lies later than one that struck, its open breaches
    close. A dossier's own period becomes longer, by the Civil Code, when a day in it became a day off; never shorter than its
    producer was told. An extension is the day that its document names. What is still to come is put on the new days; what the
    new calendar puts before the instant comes on the next working morning.
    """
    done, plan = Recounted(), plan_of(cycle)
    basis = Basis(cycle.plan_version, document, reason)
    _plan_dates(session, cycle, plan, old, new, at, basis, done)
    _own_periods(session, cycle, plan, old, new, at, document, done)
    session.flush()
    _reschedule(session, cycle, plan, new, at)
    _complaints(session, cycle, plan, old, new, at)
    digest.schedule_anew(session, cycle, at)
    session.flush()
    return done


def _plan_dates(
    session: Session, cycle: Cycle, plan: CyclePlan, old: Calendar, new: Calendar, at: datetime, basis: Basis, done: Recounted
) -> None:  # fmt: skip
    procedure = procedure_of(cycle)
    for stage, row in general(session, cycle).items():
        stated = plan.deadline(stage)
        if stated is None or row.kind != "plan" or row.strikes_at != stated.fixed.strikes_at(old):
            continue  # an extension, or a date that an amendment left as it was
        strikes_at = stated.fixed.strikes_at(new)
        if strikes_at == row.strikes_at:
            if row.strikes_at > at:
                row.rule = stated.explain(new)
        elif strikes_at <= at:
            done.kept.append(procedure.stage(stage).label)
        else:
            done.closed += set_date(session, cycle, stated, plan, basis, new, at, by=BY)
            done.moved.append(stage)


def _own_periods(
    session: Session, cycle: Cycle, plan: CyclePlan, old: Calendar, new: Calendar, at: datetime, document: str, done: Recounted
) -> None:  # fmt: skip
    rows = session.execute(
        select(Deadline, Dossier.suspended_at)
        .join(Dossier, Dossier.id == Deadline.dossier_id)
        .where(
            Deadline.cycle_id == cycle.id, Deadline.kind.in_(sorted(OWN_KINDS)), Deadline.replaced_at.is_(None),
            Deadline.strikes_at > at, Dossier.open.is_(True),
        )
        .order_by(Deadline.id)
    ).all()  # fmt: skip
    gone: list[Deadline] = []
    reminding: list[Due] = []
    for row, suspended_at in rows:
        was = last_day(row)
        now = lengthened(was, _working_days(row), old, new)
        if now == was or suspended_at is not None:
            continue  # no clock runs for a suspended dossier: it is counted when it goes on
        row.replaced_at = at
        gone.append(row)
        assert row.dossier_id is not None
        later = copied(
            session, row, row.scope, row.dossier_id, at, document, day=now, strikes_at=start_of(now + timedelta(days=1)),
            rule=Joined("; ", (row.rule, Phrase(RECOUNTED.message, document=document, day=now))),
        )  # fmt: skip
        reminding += reminders(later, plan.reminders.working_days_before, new, plan.notices, at)
        done.longer.append(row.dossier_id)
    if gone:
        done_with(session, cycle, gone, at, f"replaced by {document}"[:200])
        put_on_agenda(session, reminding)


def _working_days(row: Deadline) -> int | None:
    """Return how many working days a period has, None where it counts days or months, or was pushed since."""
    found = _WORKING_DAYS.fullmatch(row.wording)
    return int(found[1]) if found else None


def _reschedule(session: Session, cycle: Cycle, plan: CyclePlan, days: Calendar, at: datetime) -> None:
    """Put reminders and rungs that are still to come on the days that the calendar now has for them."""
    items = session.scalars(
        select(AgendaItem)
        .where(
            AgendaItem.cycle_id == cycle.id, AgendaItem.kind.in_((REMINDER, INNER, RUNG)), AgendaItem.done_at.is_(None),
            AgendaItem.due_at > at,
        )
        .order_by(AgendaItem.id)
    ).all()  # fmt: skip
    soonest = next_morning(at, days, plan.notices)
    nearest: dict[tuple[str, datetime], AgendaItem] = {}
    for item, due_at in _wanted(session, items, plan, days):
        item.due_at = due_at if due_at > at else soonest
        if item.kind == RUNG:
            continue
        other = nearest.setdefault((item.subject, item.due_at), item)
        if other is not item:  # one morning reminds once: by the number of days that is nearest
            late, near = sorted((other, item), key=lambda one: -one.number)
            late.done_at, late.outcome = at, f"comes together with {near.number} working days before"
            nearest[item.subject, item.due_at] = near
    session.flush()


def _wanted(
    session: Session, items: Sequence[AgendaItem], plan: CyclePlan, days: Calendar
) -> Iterator[tuple[AgendaItem, datetime]]:
    """Yield items with the instants that the calendar has for them."""
    numbers: dict[bool, set[int]] = {True: set(), False: set()}
    for item in items:
        numbers[item.kind == INNER].add(_about(item))
    deadlines = {row.id: row for row in session.scalars(select(Deadline).where(Deadline.id.in_(numbers[False])))}
    inner = {row.id: row for row in session.scalars(select(InnerDate).where(InnerDate.id.in_(numbers[True])))}
    steps, hour = plan.escalation.working_days_after, plan.notices.hour
    for item in items:
        if item.kind == INNER:
            yield item, _instant(_before(days, inner_dates.last_day(inner[_about(item)]), item.number), hour)
        elif item.kind == REMINDER:
            yield item, _instant(days.add_working_days(last_day(deadlines[_about(item)]), -item.number), hour)
        elif item.number < len(steps):
            strikes_at = deadlines[_about(item)].strikes_at
            yield item, morning(strikes_at, days, plan.notices, working_days=steps[item.number])


def _about(item: AgendaItem) -> int:
    """Return the number of the date that an item is about."""
    return int(item.subject.split("/")[1])


def _before(days: Calendar, last: date, number: int) -> date:
    """Return the day of an inner date's reminder: so many working days before, or the last working day itself."""
    return days.previous_working(last) if number == LAST_DAY else days.add_working_days(last, -number)


def _instant(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, VIETNAM)


def _complaints(session: Session, cycle: Cycle, plan: CyclePlan, old: Calendar, new: Calendar, at: datetime) -> None:
    """Give complaints that wait for an answer the day that their working days now end on, never an earlier one."""
    items = {
        _about(item): item
        for item in session.scalars(
            select(AgendaItem).where(
                AgendaItem.cycle_id == cycle.id, AgendaItem.kind == _COMPLAINT, AgendaItem.done_at.is_(None),
                AgendaItem.due_at > at,
            )
        )
    }  # fmt: skip
    waiting = select(Complaint).where(Complaint.id.in_(items), Complaint.answered_on.is_(None)).order_by(Complaint.id)
    for complaint in session.scalars(waiting):
        complaint.due_on = lengthened(complaint.due_on, plan.complaint.answer_working_days, old, new)
        items[complaint.id].due_at = morning(start_of(complaint.due_on + timedelta(days=1)), new, plan.notices)
