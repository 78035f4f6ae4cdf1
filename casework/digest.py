"""The coordinator office's letter of every working morning: how each open cycle stands."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from casework import health
from casework.days import calendar
from casework.directory import Directory
from casework.late_entries import count_late_entries
from casework.owing import Draft, next_morning, owe, unit_facts
from casework.preferences import digest_readers
from casework.rules import plan_of, procedure_of
from casework.strokes import deadline_facts
from casework.timing import Due, last_day, put_on_agenda, take_off
from models.base import table_of
from models.cycles import AgendaItem, Breach, Cycle, Deadline
from models.dossiers import Dossier
from models.record import MOVES, Event
from ocop.notices import Notice
from ocop.working_days import day_of, start_of

DIGEST = "digest"


def schedule(session: Session, cycle: Cycle, after: datetime) -> None:
    """Put the next digest of a cycle on the agenda: the notice hour of the first working day after an instant."""
    due_at = next_morning(after, calendar(session), plan_of(cycle).notices)
    put_on_agenda(session, [Due(DIGEST, f"cycle/{cycle.id}", day_of(due_at).toordinal(), due_at, cycle.id)])


def schedule_anew(session: Session, cycle: Cycle, at: datetime) -> None:
    """Put the next digest on the agenda anew, where its hour or the calendar changed; no day has two."""
    take_off(session, cycle, DIGEST, at)
    todays = exists().where(
        AgendaItem.kind == DIGEST,
        AgendaItem.subject == f"cycle/{cycle.id}",
        AgendaItem.number == day_of(at).toordinal(),
    )
    written = session.execute(select(todays)).scalar()
    schedule(session, cycle, start_of(day_of(at) + timedelta(days=1)) if written else at)


def root(session: Session, cycle: Cycle) -> str:
    """Return one hash over the heads of all chains of a cycle, in their order: what the nightly letter carries away."""
    digest = hashlib.sha256(f"{cycle.code}:{cycle.version}:{cycle.head}".encode())
    rows = session.execute(_HEADS, {"cycle": cycle.id})
    for code, version, head in rows.yield_per(1000):
        digest.update(f"\n{code}:{version}:{head}".encode())
    return digest.hexdigest()


_DOSSIER, _EVENT, _BREACH, _DEADLINE = (table_of(kind).c for kind in (Dossier, Event, Breach, Deadline))
_HEADS = (
    select(_DOSSIER.code, _DOSSIER.version, _DOSSIER.head)
    .where(_DOSSIER.cycle_id == bindparam("cycle"))
    .order_by(_DOSSIER.id)
)


def send(session: Session, items: Sequence[AgendaItem], at: datetime) -> None:
    """Owe the digest of each cycle that is still open, and put the next one on the agenda."""
    del at
    health_at = cache(lambda instant: health.lines(session, instant))  # the installation's, the same for every cycle
    for item in items:
        cycle = session.get_one(Cycle, int(item.subject.split("/")[1]))
        if cycle.closed_at is not None:
            item.outcome = "cycle closed"
            continue
        plan, days = plan_of(cycle), calendar(session)
        directory = Directory(session, [], cycle.province_id, day_of(item.due_at))
        facts = unit_facts(
            directory, cycle.province_id, cycle_title=cycle.title, deadline=_next_deadline(session, cycle, item.due_at),
            counts=stage_counts(session, cycle, item.due_at), root=root(session, cycle), health=health_at(item.due_at),
        )  # fmt: skip
        drafts = [
            Draft(
                Notice.DAILY_DIGEST, f"cycle/{cycle.id}/digest/{item.number}", reader.found, facts, item.due_at, cycle.id,
                reply_unit_id=cycle.province_id, simulated=cycle.simulated, not_before=reader.not_before,
            )
            for reader in digest_readers(session, directory, day_of(item.due_at), plan.notices)
        ]  # fmt: skip
        owe(session, drafts, days, plan.notices, directory)
        item.outcome = "written"
        schedule(session, cycle, item.due_at)


def _next_deadline(session: Session, cycle: Cycle, at: datetime) -> dict[str, Any] | None:
    deadline = session.scalar(_NEXT, {"cycle": cycle.id, "at": at})
    if deadline is None:
        return None
    return deadline_facts(cycle, deadline, calendar(session).working_days_between(day_of(at), last_day(deadline)))


_NEXT = (
    select(Deadline)
    .where(
        Deadline.cycle_id == bindparam("cycle"), Deadline.dossier_id.is_(None), Deadline.strikes_at > bindparam("at")
    )
    .where(Deadline.replaced_at.is_(None))
    .order_by(Deadline.strikes_at)
    .limit(1)
)


def stage_counts(session: Session, cycle: Cycle, at: datetime) -> list[dict[str, Any]]:
    """Return how many dossiers a cycle had at an instant, how many were overdue and how many stood at each stage.

    Counted back from now by the instants from which moves and breaches hold, so that a digest written late says the same
    and one written in time reads no history.
    """
    asked = {"cycle": cycle.id, "at": at}
    by_stage = Counter(dict(session.execute(_STANDING, asked).tuples().all()))
    for before, after, number in session.execute(_SINCE, asked):
        by_stage[after] -= number
        by_stage[before] += number
    del by_stage[""]  # those that were not registered yet
    overdue = session.scalar(_OVERDUE, asked)
    counts = [
        {"label": "Tổng số hồ sơ", "value": sum(by_stage.values())},
        {"label": "Hồ sơ quá hạn", "value": overdue or 0},
        {"label": "Việc làm đúng hạn nhưng ghi sau hạn", "value": count_late_entries(session, cycle, at)},
    ]
    return counts + [
        {"label": stage.label, "value": by_stage[stage.key]}
        for stage in procedure_of(cycle).stages
        if by_stage.get(stage.key)
    ]


_STANDING = select(_DOSSIER.stage, func.count()).where(_DOSSIER.cycle_id == bindparam("cycle")).group_by(_DOSSIER.stage)
_SINCE = (
    select(_EVENT.from_stage, _EVENT.to_stage, func.count())
    .where(_EVENT.cycle_id == bindparam("cycle"), _EVENT.effective_at > bindparam("at"), MOVES)
    .group_by(_EVENT.from_stage, _EVENT.to_stage)
)
_OVERDUE = (
    select(func.count(func.distinct(_BREACH.dossier_id)))
    .join_from(table_of(Breach), table_of(Deadline), _DEADLINE.id == _BREACH.deadline_id)
    .where(
        _DEADLINE.cycle_id == bindparam("cycle"),
        _BREACH.struck_at <= bindparam("at"),
        or_(_BREACH.closed_at.is_(None), _BREACH.closed_at > bindparam("at")),
    )
)
