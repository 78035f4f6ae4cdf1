"""Suspends what stands at a level where no body is competent, and lets it go on: no clock runs in between."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from casework import ledger
from casework.act import Answer, act
from casework.actors import Actor, require_post
from casework.chronicle import append_cycle_event
from casework.days import calendar
from casework.directory import Directory
from casework.lookup import not_after_today, required
from casework.moves import Moved, ProposedMove, Refused
from casework.owing import Draft, owe, unit_facts
from casework.rebinding import DETERMINED, PENDING, RESUME, SUSPEND, anew
from casework.rules import cycle_by_code, plan_of, procedure_of
from casework.strokes import listed
from casework.timing import OWN_KINDS, ahead_of, last_day, put_on_agenda, reminders, scopes
from models.cycles import Breach, Cycle, Deadline
from models.dossiers import Dossier
from models.record import Event
from ocop.errors import AlreadyExists, InvalidInput, NotPossibleNow
from ocop.levels import Level, Role
from ocop.notices import Notice
from ocop.phrase import Phrase
from ocop.rulebook import PROCEDURES
from ocop.suspension import pushed
from ocop.text import day as told
from ocop.working_days import day_of, start_of


@act("suspend", "Tạm dừng hồ sơ, chờ xác định thẩm quyền")
def suspend(
    session: Session, *, actor: Actor, at: datetime, cycle: str, level: Level, since: date, document: str, reason: str
) -> Answer:
    """Suspend every dossier of a cycle that stands at a level, and those that come there, until competence is determined.

    No clock runs for them, no act on them is possible, and they count as in progress. Only the cycle's province may.
    """
    not_after_today(since, at, "Ngày tạm dừng")
    row = cycle_by_code(session, cycle, lock=True)
    require_post(session, actor, row.province_id, day_of(at))
    number = begin(session, row, level, since, document=document, reason=reason, actor=actor, at=at)
    message = "Đã tạm dừng %(n)s hồ sơ ở cấp %(level)s của chu trình %(cycle)s."
    return {"message": Phrase(message, n=number, level=level.label, cycle=cycle), "suspended": number}


@act("resume", "Cho tiếp tục hồ sơ đã tạm dừng")
def resume(
    session: Session, *, actor: Actor, at: datetime, cycle: str, from_day: date, document: str, reason: str
) -> Answer:
    """Let the suspended dossiers of a cycle go on under the procedure they stand under, from a day.

    Their own deadlines, and dates that struck meanwhile, come as many working days later as the suspension took.
    """
    not_after_today(from_day, at, "Ngày tiếp tục")
    row = cycle_by_code(session, cycle, lock=True)
    require_post(session, actor, row.province_id, day_of(at))
    number = end(session, row, from_day, document=document, reason=reason, actor=actor, at=at)
    message = Phrase("Đã cho tiếp tục %(n)s hồ sơ của chu trình %(cycle)s.", n=number, cycle=cycle)
    return {"message": message, "resumed": number}


def begin(
    session: Session, cycle: Cycle, level: Level, since: date, *, document: str, reason: str, actor: Actor, at: datetime
) -> int:
    """Suspend a level of a cycle and return how many dossiers stand there; the coordinator office is told."""
    document, reason = required(document, "số văn bản"), required(reason, "lý do tạm dừng")
    if cycle.suspended_level:
        raise AlreadyExists(
            f"Chu trình {cycle.code} đang tạm dừng ở cấp {Level(cycle.suspended_level).label}. Hãy dùng “Cho tiếp tục "
            "hồ sơ đã tạm dừng” trước.",
            f"a level of cycle {cycle.code} is suspended already. Use “Resume suspended dossiers” first",
        )
    stages = [stage.key for stage in procedure_of(cycle).stages if stage.level is level and not stage.final]
    if not stages:
        raise NotPossibleNow(
            f"Quy trình của chu trình {cycle.code} không có bước nào ở cấp {level.label}.",
            f"the procedure of cycle {cycle.code} has no stage at the level {level.value}",
        )
    cycle.suspended_level = level.value
    rows = session.scalars(held_fast(Dossier.cycle_id == cycle.id, Dossier.stage.in_(stages))).all()
    cause = append_cycle_event(
        session, cycle, SUSPEND, actor=actor, at=at, occurred_on=since, reason=reason, rule=document,
        details={"level": level.value, "dossiers": len(rows)},
    )  # fmt: skip
    instant = start_of(since)
    answers = ledger.advance(
        session,
        [
            ProposedMove(
                row.id, SUSPEND, since, reason=reason, document=document, effective_at=instant, version=row.version,
                rebind=anew(row, str(PENDING), suspended_at=instant),
            )
            for row in rows
        ],
        actor=actor,
        at=at,
    )  # fmt: skip
    all_or_nothing(answers)
    tell(
        session, cycle, cause, [row.id for row in rows], at, document=document,
        reason=f"Tạm dừng, chờ xác định thẩm quyền ở cấp {level.label}. {reason}",
    )  # fmt: skip
    return len(rows)


def end(
    session: Session, cycle: Cycle, from_day: date, *, document: str, reason: str, actor: Actor, at: datetime
) -> int:
    """Let a cycle's suspended dossiers go on from a day, push what ran for them, and return how many they are."""
    document, reason = required(document, "số văn bản"), required(reason, "lý do tiếp tục")
    if not cycle.suspended_level:
        raise NotPossibleNow(
            f"Chu trình {cycle.code} không có cấp nào đang tạm dừng.", f"no level of cycle {cycle.code} is suspended"
        )
    since = session.scalars(
        select(Event.occurred_on)
        .where(Event.cycle_id == cycle.id, Event.dossier_id.is_(None), Event.event == SUSPEND)
        .order_by(Event.number.desc())
        .limit(1)
    ).one()
    if from_day < since:
        raise InvalidInput(
            f"Ngày tiếp tục {told(from_day)} sớm hơn ngày tạm dừng {told(since)}: hãy ghi từ ngày tạm dừng trở đi.",
            f"{told(from_day)}, the day of going on, lies before the suspension of {told(since)}: give that day or a later one",
        )
    cycle.suspended_level = ""
    rows = session.scalars(held_fast(Dossier.cycle_id == cycle.id, Dossier.suspended_at.is_not(None))).all()
    append_cycle_event(
        session, cycle, RESUME, actor=actor, at=at, occurred_on=from_day, reason=reason, rule=document,
        details={"dossiers": len(rows)},
    )  # fmt: skip
    push(session, cycle, rows, from_day, document, at)
    answers = ledger.advance(
        session,
        [
            ProposedMove(
                row.id, RESUME, from_day, reason=reason, document=document, version=row.version,
                effective_at=max(start_of(from_day), row.suspended_at or start_of(from_day)),
                rebind=anew(row, str(DETERMINED), suspended_at=None),
            )
            for row in rows
        ],
        actor=actor,
        at=at,
    )  # fmt: skip
    all_or_nothing(answers)
    return len(rows)


def held_fast(*which: ColumnElement[bool]) -> Select[tuple[Dossier]]:
    """Return the query of dossiers to bind anew, as they are now and locked; their cycle is locked before."""
    found = select(Dossier).where(*which).order_by(Dossier.id).with_for_update()
    return found.execution_options(populate_existing=True)


def all_or_nothing(answers: Sequence[Moved | Refused]) -> None:
    """Raise the first refusal: dossiers are bound anew together or not at all."""
    for answer in answers:
        if isinstance(answer, Refused):
            raise answer.violation


def push(session: Session, cycle: Cycle, rows: Sequence[Dossier], from_day: date, document: str, at: datetime) -> None:
    """Give suspended dossiers a later date for each of their own that ran on, and for each of the plan's that struck."""
    if not rows:
        return
    covering = {row.id: set(scopes(row)) for row in rows}
    found = session.scalars(
        select(Deadline)
        .where(
            Deadline.cycle_id == cycle.id,
            Deadline.scope.in_(set().union(*covering.values())),
            Deadline.replaced_at.is_(None),
        )
        .order_by(Deadline.strikes_at, Deadline.id)
    ).all()
    days, plan, resumed_at = calendar(session), plan_of(cycle), start_of(from_day)
    for row in rows:
        since = row.suspended_at
        if since is None:
            continue
        latest = {deadline.stage: deadline for deadline in found if deadline.scope in covering[row.id]}
        for old in latest.values():
            waits = row.stage in ahead_of(PROCEDURES[row.procedure_key], old.stage, old.kind)
            runs_on = old.strikes_at > since and (old.kind in OWN_KINDS or old.strikes_at <= resumed_at)
            if not (waits and runs_on):
                continue
            later = pushed(last_day(old), day_of(since), from_day, days)
            deadline = copied(
                session, old, f"dossier/{row.id}", row.id, at, document, day=later.last_day,
                wording=f"{old.wording}, {later.length}", rule=later.explain(days), strikes_at=later.strikes_at,
            )  # fmt: skip
            put_on_agenda(
                session, reminders(deadline, plan.reminders.working_days_before, days, plan.notices, resumed_at)
            )
            for breach in session.scalars(
                select(Breach).where(
                    Breach.deadline_id == old.id, Breach.dossier_id == row.id, Breach.closed_at.is_(None)
                )
            ):
                breach.closed_at, breach.closed_by = resumed_at, RESUME
    session.flush()


def copied(
    session: Session, old: Deadline, scope: str, dossier_id: int | None, at: datetime, document: str, **changed: Any
) -> Deadline:
    """Add a deadline like another one, but for its scope and what is changed; its version is the next of its scope."""
    kept = {
        column.key: getattr(old, column.key)
        for column in Deadline.__table__.columns
        if column.key not in {"id", "unit_id", "replaced_at"}
    }
    stage = changed.get("stage", old.stage)
    versions = session.scalars(
        select(Deadline.version).where(
            Deadline.cycle_id == old.cycle_id, Deadline.stage == stage, Deadline.scope == scope
        )
    ).all()
    told = {"scope": scope, "dossier_id": dossier_id, "entered_at": at, "document": document}
    deadline = Deadline(**(kept | told | {"version": max(versions, default=0) + 1} | changed))
    session.add(deadline)
    session.flush()
    return deadline


def tell(
    session: Session, cycle: Cycle, cause: str, dossiers: Sequence[int], at: datetime, *, document: str, reason: str
) -> None:
    """Tell the units that hold dossiers, each with its list, and the coordinator office with the number of all."""
    by_unit: dict[int, list[int]] = {}
    for dossier_id, holder in session.execute(
        select(Dossier.id, Dossier.holder_id).where(Dossier.id.in_(dossiers)).order_by(Dossier.id)
    ):
        by_unit.setdefault(holder, []).append(dossier_id)
    directory = Directory(session, by_unit, cycle.province_id, day_of(at))
    lists = listed(session, cycle, by_unit)
    office = directory.find(cycle.province_id, Role.COORDINATOR_OFFICE)
    readers = [(unit, directory.find(unit), lists[unit], len(ids)) for unit, ids in sorted(by_unit.items())]
    readers = [reader for reader in readers if reader[1].recipient.key != office.recipient.key]
    drafts = [
        Draft(
            Notice.REORGANISED, f"{cause}/unit/{unit}", found,
            unit_facts(
                directory, unit, cycle_title=cycle.title, document=document, reason=reason, dossiers=shown, total=number
            ),
            at, cycle.id, reply_unit_id=cycle.province_id, simulated=cycle.simulated, for_unit=unit,
        )
        for unit, found, shown, number in readers
    ]  # fmt: skip
    drafts.append(
        Draft(
            Notice.REORGANISED, cause, office,
            unit_facts(
                directory, cycle.province_id, cycle_title=cycle.title, document=document, reason=reason,
                total=len(dossiers),
                counts=[{"label": directory.name(unit), "value": len(ids)} for unit, ids in sorted(by_unit.items())],
            ),
            at, cycle.id, reply_unit_id=cycle.province_id, simulated=cycle.simulated, for_unit=cycle.province_id,
        )
    )  # fmt: skip
    owe(session, drafts, calendar(session), plan_of(cycle).notices, directory)
