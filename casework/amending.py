"""Lets an amended plan take force: deadlines that it moves, breaches that it closes, the agenda that it remakes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import digest, inner_dates
from casework.actors import ENGINE
from casework.chronicle import append_cycle_event
from casework.days import calendar
from casework.owing import next_morning
from casework.plan_versions import versions
from casework.rules import plan_of, plan_read, procedure_of
from casework.timing import REMINDER, RUNG, done_with, plan_deadline, put_on_agenda, reminders, rungs, take_off
from models.cycles import AgendaItem, Breach, Cycle, Deadline
from models.plans import PlanVersion
from ocop.plan import CyclePlan
from ocop.plan_sections import StageDeadline
from ocop.working_days import Calendar, day_of

AMENDMENT = "amendment"
"""The agenda's kind for a recorded amendment that is still to take force."""
BY = "amend_plan"
"""The event that closes a breach whose deadline was moved or dropped."""
NAMED = 180
"""How much of a document's number an item's outcome holds."""


class Basis(NamedTuple):
    """What a date rests on that takes another's place: the plan's version, and the document that moves it."""

    plan_version: int
    document: str
    reason: str


@dataclass
class Outcome:
    """What an amendment did when it took force."""

    moved: list[str] = field(default_factory=list)
    """Stages that got another date."""
    dropped: list[str] = field(default_factory=list)
    """Stages that have no date any more."""
    kept: list[str] = field(default_factory=list)
    """Stages whose date the text puts before the instant: the one in force stays, nobody becomes late backwards."""
    closed: int = 0
    """Breaches closed."""


def reading_of(stated: StageDeadline | None, days: Calendar) -> tuple[object, ...] | None:
    """Return what a deadline makes of its words: two that read the same are the same deadline."""
    if stated is None:
        return None
    return stated.fixed.strikes_at(days), stated.met_by.value, stated.after_deadline.value


def general(session: Session, cycle: Cycle) -> dict[str, Deadline]:
    """Return, by stage, the deadline in force for all."""
    rows = session.scalars(
        select(Deadline)
        .where(Deadline.cycle_id == cycle.id, Deadline.scope == "all", Deadline.replaced_at.is_(None))
        .order_by(Deadline.strikes_at, Deadline.id)
    )
    return {row.stage: row for row in rows}


def take_force(session: Session, items: Sequence[AgendaItem], at: datetime) -> None:
    """Let each amendment that waited take force at its instant, and write so in the cycle's history."""
    for item in items:
        cycle = session.get_one(Cycle, int(item.subject.split("/")[1]))
        session.refresh(cycle, with_for_update={"key_share": True})
        if cycle.closed_at is not None:
            item.outcome = "cycle closed"
            continue
        (version,) = (one for one in versions(session, cycle) if one.number == item.number)
        done = apply(session, cycle, version, item.due_at)
        append_cycle_event(
            session, cycle, "plan_in_force", actor=ENGINE, at=at, occurred_on=day_of(item.due_at), rule=version.document,
            effective_at=item.due_at, details=described(version, done),
        )  # fmt: skip
        item.outcome = f"version {version.number}: {version.document}"[:200]


def described(version: PlanVersion, done: Outcome) -> dict[str, object]:
    """Return what history remembers of an amendment that took force."""
    return {
        "version": version.number,
        "plan_sha256": version.plan_sha256,
        "moved": done.moved,
        "dropped": done.dropped,
        "kept": done.kept,
        "closed_breaches": done.closed,
    }


def apply(session: Session, cycle: Cycle, version: PlanVersion, at: datetime) -> Outcome:
    """Bring a cycle under a version of its plan from an instant on.

    A date that the text moves gets a new row beside the old one, which stays with its breaches; where the new date is later
    than one that struck, its open breaches are closed as by an extension. A date that would lie before the instant changes
    nothing. What was done stays done; what is still to come is put on the agenda anew. Periods of a dossier's own run on as
    they were told.
    """
    old, new = plan_of(cycle), plan_read(version.plan)
    done, days, in_force = Outcome(), calendar(session), general(session, cycle)
    cycle.plan, cycle.plan_sha256, cycle.plan_version = version.plan, version.plan_sha256, version.number
    cycle.title, version.in_force_at = new.title, at
    basis = Basis(version.number, version.document, version.reason)
    known = procedure_of(cycle)  # not that of the text, where the cycle has gone over to another since
    stages = dict.fromkeys([*(row.stage for row in old.deadlines), *(row.stage for row in new.deadlines)])
    for stage in filter(known.knows, stages):
        stated, row = new.deadline(stage), in_force.get(stage)
        if stated is None:
            done.closed += _drop(session, cycle, stage, basis, at)
            done.dropped.append(stage)
        elif not same(old.deadline(stage), stated, row, at, days):
            if stated.fixed.strikes_at(days) <= at:
                done.kept.append(stage)
            else:
                done.closed += set_date(session, cycle, stated, new, basis, days, at)
                done.moved.append(stage)
    session.flush()
    _remake(session, cycle, old, new, days, at)
    inner_dates.anew(session, cycle, old, new, days, at)
    return done


def same(was: StageDeadline | None, stated: StageDeadline, row: Deadline | None, at: datetime, days: Calendar) -> bool:
    """Return whether a stage's date stays: as the plan gave it, or as an extension that the new text takes in."""
    reading = reading_of(stated, days)
    if row is None:
        return False
    if was is not None and reading == reading_of(was, days):
        return row.strikes_at <= at or _words(was) == _words(stated) or row.kind == "extension"
    return reading == (row.strikes_at, row.met_by, row.after_deadline)


def _words(stated: StageDeadline) -> tuple[object, ...]:
    """Return what a date's row tells besides what it makes of its words."""
    return stated.wording, stated.given, stated.opens_on


def set_date(
    session: Session, cycle: Cycle, stated: StageDeadline, plan: CyclePlan, basis: Basis, days: Calendar, at: datetime,
    by: str = BY,
) -> int:  # fmt: skip
    """Set a stage's new date for all, and return how many breaches of earlier ones it closes."""
    stage = stated.stage
    rows = session.scalars(
        select(Deadline).where(Deadline.cycle_id == cycle.id, Deadline.stage == stage, Deadline.scope == "all")
    ).all()
    _replace(session, cycle, [row for row in rows if row.replaced_at is None], basis, at)
    new = plan_deadline(cycle.id, stated, days, at)
    new.version = 1 + max((row.version for row in rows), default=0)
    new.plan_version, new.document, new.reason = basis
    session.add(new)
    session.flush()
    put_on_agenda(session, reminders(new, plan.reminders.working_days_before, days, plan.notices, at))
    earlier = select(Deadline.id).where(
        Deadline.cycle_id == cycle.id, Deadline.stage == stage, Deadline.strikes_at < new.strikes_at
    )
    return _close(session, session.scalars(earlier).all(), at, by)


def _drop(session: Session, cycle: Cycle, stage: str, basis: Basis, at: datetime) -> int:
    """Take a stage's dates away, units' extensions of them too, and return how many breaches that closes.

    A dossier's own period that ended while the date was the later one goes too: it would make it late backwards in time.
    """
    rows = session.scalars(
        select(Deadline).where(
            Deadline.cycle_id == cycle.id, Deadline.stage == stage, Deadline.replaced_at.is_(None)
        )
    ).all()  # fmt: skip
    last = max((row.strikes_at for row in rows if row.dossier_id is None), default=at)
    gone = [row for row in rows if row.dossier_id is None or row.strikes_at < min(last, at)]
    _replace(session, cycle, gone, basis, at)
    return _close(session, [row.id for row in gone], at, BY)


def _replace(session: Session, cycle: Cycle, rows: Sequence[Deadline], basis: Basis, at: datetime) -> None:
    """Mark dates as replaced, and what they had still on the agenda as done with."""
    for row in rows:
        row.replaced_at = at
    done_with(session, cycle, rows, at, f"replaced by {basis.document[:NAMED]}")


def _close(session: Session, deadlines: Sequence[int], at: datetime, by: str) -> int:
    """Close the open breaches of some dates, and return how many."""
    closed = session.scalars(select(Breach).where(Breach.deadline_id.in_(deadlines), Breach.closed_at.is_(None))).all()
    for breach in closed:
        breach.closed_at, breach.closed_by = at, by
    session.flush()
    return len(closed)


def _remake(session: Session, cycle: Cycle, old: CyclePlan, new: CyclePlan, days: Calendar, at: datetime) -> None:
    """Put on the agenda anew what is still to come, where the plan now says another day or hour for it."""
    hour = old.notices.hour != new.notices.hour
    if hour or old.reminders != new.reminders:
        _remind_anew(session, cycle, new, days, at)
        inner_dates.remind_anew(session, cycle, new, days, at)
    if hour or old.escalation != new.escalation:
        _climb_anew(session, cycle, new, days, at)
    if hour:
        digest.schedule_anew(session, cycle, at)


def _remind_anew(session: Session, cycle: Cycle, plan: CyclePlan, days: Calendar, at: datetime) -> None:
    take_off(session, cycle, REMINDER, at)
    coming = session.scalars(
        select(Deadline)
        .where(Deadline.cycle_id == cycle.id, Deadline.replaced_at.is_(None), Deadline.strikes_at > at)
        .order_by(Deadline.id)
    )
    for row in coming:
        put_on_agenda(session, reminders(row, plan.reminders.working_days_before, days, plan.notices, at))


def _climb_anew(session: Session, cycle: Cycle, plan: CyclePlan, days: Calendar, at: datetime) -> None:
    """Remake the rungs still to come; one whose new day has passed comes the next morning."""
    waiting = session.scalars(
        select(AgendaItem.subject)
        .where(AgendaItem.cycle_id == cycle.id, AgendaItem.kind == RUNG, AgendaItem.done_at.is_(None))
        .where(AgendaItem.due_at > at)
        .distinct()
        .order_by(AgendaItem.subject)
    ).all()
    take_off(session, cycle, RUNG, at)
    soonest = next_morning(at, days, plan.notices)
    for subject in waiting:
        _, deadline, _, unit = subject.split("/")
        row = session.get_one(Deadline, int(deadline))
        steps = rungs(row, [int(unit)], plan.escalation.working_days_after, days, plan.notices)
        put_on_agenda(session, (step if step.due_at > at else replace(step, due_at=soonest) for step in steps))
