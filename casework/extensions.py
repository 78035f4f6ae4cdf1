"""Opens a deadline again: an extension for all or for a unit, a late acceptance for named dossiers, an answer to an escalation."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from casework import ledger
from casework.act import Answer, act
from casework.actors import Actor, Territory, lineage, require_post, unit_by_code
from casework.chronicle import append_cycle_event
from casework.days import calendar
from casework.directory import Directory
from casework.lookup import batch_answer, dossiers_by_code, required
from casework.moves import Moved, ProposedMove
from casework.owing import Draft, owe, unit_facts
from casework.rules import cycle_by_code, cycles_of, plan_of, procedure_of
from casework.strokes import deadline_facts, listed
from casework.timing import last_day, outstanding, put_on_agenda, reminders
from models.cycles import Breach, Cycle, Deadline, Escalation, LateAcceptance
from models.dossiers import Dossier
from models.units import Unit
from ocop.deadlines import EXTENDED, Boundary, FixedDate, Roll, recalled
from ocop.errors import InvalidInput, NotFound, NotPossibleNow
from ocop.levels import PROVINCIAL_RUNGS, Level, Role
from ocop.notices import Notice
from ocop.phrase import Phrase
from ocop.text import day as told
from ocop.working_days import day_of


@act("extend", "Gia hạn")
def extend(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    cycle: str,
    stage: str,
    day: date,
    document: str,
    reason: str,
    boundary: Boundary = Boundary.INCLUSIVE,
    roll: Roll = Roll.NONE,
    level: Level | None = None,
    unit: str = "",
) -> Answer:
    """Give a stage a later deadline, for all or for one unit, before or after the stroke, with document and reason.

    Only the plan's issuer, the province, may. Open breaches of the old date are closed, never deleted; a new miss is a
    new breach. An extension that overruns the next stage's deadline is reported in `warnings`.
    """
    row = cycle_by_code(session, cycle, lock=True)
    require_post(session, actor, row.province_id, day_of(at))
    document, reason = required(document, "số văn bản gia hạn"), required(reason, "lý do gia hạn")
    found = None if level is None else unit_by_code(session, level, unit, day_of(at))
    if found is not None and row.province_id not in lineage(session, found.id):
        raise InvalidInput(
            f"{found.name} không thuộc tỉnh của chu trình {cycle}.",
            f"{found.name} does not belong to the province of cycle {cycle}",
        )
    current = _current(session, row, stage, found)
    days, plan = calendar(session), plan_of(row)
    fixed = FixedDate(day, boundary, roll)
    strikes_at = fixed.strikes_at(days)
    if strikes_at <= current.strikes_at:
        raise InvalidInput(
            f"Hạn mới ({told(fixed.last_day(days))}) phải muộn hơn hạn đang áp dụng ({told(last_day(current))}).",
            f"the new deadline, {told(fixed.last_day(days))}, must be later than the one in force, {told(last_day(current))}",
        )
    if strikes_at <= at:
        raise InvalidInput(
            f"Hạn mới {told(fixed.last_day(days))} đã qua. Hãy chọn ngày còn ở phía trước.",
            f"the new deadline, {told(fixed.last_day(days))}, has passed. Choose a day still to come",
        )
    scope = "all" if found is None else f"unit/{found.id}"
    version = session.scalar(
        select(func.max(Deadline.version)).where(
            Deadline.cycle_id == row.id, Deadline.stage == stage, Deadline.scope == scope
        )
    )
    deadline = Deadline(
        cycle_id=row.id,
        stage=stage,
        scope=scope,
        version=(version or 0) + 1,
        kind="extension",
        unit_id=None if found is None else found.id,
        day=day,
        wording=Phrase(EXTENDED.message, day=day, boundary=boundary.label),
        rule=fixed.explain(days),
        strikes_at=strikes_at,
        met_by=current.met_by,
        after_deadline=current.after_deadline,
        source=document,
        document=document,
        reason=reason,
        entered_at=at,
        plan_version=row.plan_version,
    )
    session.add(deadline)
    session.flush()
    put_on_agenda(session, reminders(deadline, plan.reminders.working_days_before, days, plan.notices, at))
    closed = _close_breaches(session, row, deadline, at)
    warnings = _overruns(session, row, deadline)
    cause = append_cycle_event(
        session, row, "extend", actor=actor, at=at, occurred_on=day_of(at), reason=reason, rule=document,
        details={"stage": stage, "scope": scope, "day": day, "strikes_at": strikes_at, "closed_breaches": closed},
    )  # fmt: skip
    _tell(session, row, deadline, cause, at)
    place = Phrase("toàn tỉnh") if found is None else found.name
    return {
        "message": Phrase(
            "Đã gia hạn '%(stage)s' cho %(place)s: hạn cuối %(day)s.",
            stage=procedure_of(row).stage(stage).label, place=place, day=last_day(deadline),
        ),
        "last_day": last_day(deadline),
        "closed_breaches": closed,
        "warnings": warnings,
    }  # fmt: skip


def _current(session: Session, cycle: Cycle, stage: str, unit: Unit | None) -> Deadline:
    """Return the deadline that an extension replaces; NotFound when the plan sets none for the stage."""
    scopes = ["all"] if unit is None else ["all", f"unit/{unit.id}"]
    found = session.scalar(
        select(Deadline)
        .where(Deadline.cycle_id == cycle.id, Deadline.stage == stage, Deadline.scope.in_(scopes))
        .where(Deadline.replaced_at.is_(None))
        .order_by(Deadline.strikes_at.desc(), Deadline.id.desc())
        .limit(1)
    )
    if found is None:
        stages = session.scalars(
            select(Deadline.stage)
            .where(Deadline.cycle_id == cycle.id, Deadline.scope == "all", Deadline.replaced_at.is_(None))
            .distinct()
        ).all()
        raise NotFound(
            f"Kế hoạch không đặt hạn cho bước '{stage}'. Các bước có hạn: {', '.join(sorted(stages))}.",
            f"the plan sets no deadline for stage '{stage}'. Stages with one: {', '.join(sorted(stages))}",
        )
    return found


def _close_breaches(session: Session, cycle: Cycle, deadline: Deadline, at: datetime) -> int:
    """Close the open breaches of dossiers for which the extension now holds; return how many."""
    statement = (
        select(Breach)
        .join(Deadline, Deadline.id == Breach.deadline_id)
        .join(Dossier, Dossier.id == Breach.dossier_id)
        .where(
            Deadline.cycle_id == cycle.id,
            Deadline.stage == deadline.stage,
            Deadline.strikes_at < deadline.strikes_at,
            Breach.closed_at.is_(None),
        )
    )
    if deadline.unit_id is not None:
        statement = statement.where(
            or_(Dossier.commune_id == deadline.unit_id, Dossier.district_id == deadline.unit_id,
                Dossier.province_id == deadline.unit_id)
        )  # fmt: skip
    closed = session.scalars(statement).all()
    for breach in closed:
        breach.closed_at, breach.closed_by = at, "extend"
    session.flush()
    return len(closed)


def _overruns(session: Session, cycle: Cycle, deadline: Deadline) -> list[str]:
    """Return a sentence for each later stage whose deadline in force now falls before the extended one."""
    procedure = procedure_of(cycle)
    unit = None if deadline.unit_id is None else session.get_one(Unit, deadline.unit_id)
    dated = session.scalars(
        select(Deadline.stage)
        .where(Deadline.cycle_id == cycle.id, Deadline.kind == "plan", Deadline.stage != deadline.stage)
        .where(Deadline.replaced_at.is_(None))
        .order_by(Deadline.strikes_at)
    )
    later = [_current(session, cycle, stage, unit) for stage in dated if deadline.stage in procedure.still_ahead(stage)]
    return [
        Phrase(
            "Hạn mới vượt quá hạn '%(stage)s' (%(wording)s): hãy xem xét gia hạn cả bước đó.",
            stage=procedure.stage(row.stage).label, wording=recalled(row.wording),
        )
        for row in later
        if row.strikes_at <= deadline.strikes_at
    ]  # fmt: skip


def _tell(session: Session, cycle: Cycle, deadline: Deadline, cause: str, at: datetime) -> None:
    waiting = session.execute(
        select(Dossier.id, Dossier.holder_id).where(outstanding(session, cycle, deadline)).order_by(Dossier.id)
    ).all()
    by_unit: dict[int, list[int]] = {}
    for row in waiting:
        by_unit.setdefault(row.holder_id, []).append(row.id)
    if deadline.unit_id is not None:
        by_unit.setdefault(deadline.unit_id, [])
    directory = Directory(session, by_unit, cycle.province_id, day_of(at))
    days = calendar(session)
    facts = deadline_facts(cycle, deadline, days.working_days_between(day_of(at), last_day(deadline)))
    readers = [(unit_id, directory.find(unit_id)) for unit_id in sorted(by_unit)]
    readers.append((cycle.province_id, directory.find(cycle.province_id, Role.COORDINATOR_OFFICE)))
    lists = listed(session, cycle, by_unit)
    drafts = [
        Draft(
            Notice.DEADLINE_EXTENDED, f"{cause}/unit/{unit_id}", found,
            unit_facts(
                directory, unit_id, cycle_title=cycle.title, deadline=facts, document=deadline.document,
                reason=deadline.reason, dossiers=lists.get(unit_id, []),
                total=len(by_unit.get(unit_id, [])),
            ),
            at, cycle.id, reply_unit_id=cycle.province_id, simulated=cycle.simulated, for_unit=unit_id,
        )
        for unit_id, found in readers
    ]  # fmt: skip
    owe(session, drafts, days, plan_of(cycle).notices, directory)


@act("accept-late", "Chấp nhận hồ sơ muộn")
def accept_late(
    session: Session, *, actor: Actor, at: datetime, dossiers: Sequence[str], stage: str, document: str, reason: str
) -> Answer:
    """Let named dossiers be judged or sent after a stage's deadline, by a document of the plan's issuer.

    The breach stays open until the act itself is recorded.
    """
    document, reason = required(document, "số văn bản"), required(reason, "lý do")
    rows = dossiers_by_code(session, dossiers)
    cycles = cycles_of(session, rows)
    for row in rows:
        procedure = procedure_of(cycles[row.cycle_id])
        if row.stage not in procedure.still_ahead(stage):
            raise NotPossibleNow(
                Phrase(
                    "Hồ sơ %(code)s đang ở bước '%(at)s', không còn chờ bước '%(stage)s'.",
                    code=row.code, at=procedure.stage(row.stage).label, stage=stage,
                ),
                f"dossier {row.code} is past {stage}",
            )  # fmt: skip
    known = set(
        session.scalars(
            select(LateAcceptance.dossier_id).where(
                LateAcceptance.dossier_id.in_([row.id for row in rows]), LateAcceptance.stage == stage
            )
        )
    )
    moves = [
        ProposedMove(row.id, "accept_late", day_of(at), reason=reason, document=document, details={"stage": stage})
        for row in rows
        if row.id not in known
    ]
    answers = ledger.advance(session, moves, actor=actor, at=at)
    session.add_all(
        LateAcceptance(dossier_id=answer.dossier_id, stage=stage, document=document, reason=reason, recorded_at=at)
        for answer in answers
        if isinstance(answer, Moved)
    )
    return batch_answer(answers, Phrase("Đã chấp nhận muộn theo %(document)s", document=document))


@act("acknowledge", "Xác nhận đã nhận báo cáo vượt cấp")
def acknowledge(
    session: Session, *, actor: Actor, at: datetime, cycle: str, stage: str, level: Level, unit: str, note: str
) -> Answer:
    """Acknowledge a unit's open escalations at a stage, with what will be done; the ladder then stops climbing.

    The unit's own people may, and once the ladder has reached the province whoever stands on a rung there.
    """
    row = cycle_by_code(session, cycle, lock=True)
    found = unit_by_code(session, level, unit, day_of(at))
    territory = Territory.of(session, actor, day_of(at))
    open_ones = session.scalars(
        select(Escalation)
        .join(Deadline, Deadline.id == Escalation.deadline_id)
        .where(
            Deadline.cycle_id == row.id,
            Deadline.stage == stage,
            Escalation.unit_id == found.id,
            Escalation.acknowledged_at.is_(None),
        )
    ).all()
    if not open_ones:
        raise NotPossibleNow(
            f"{found.name} không có báo cáo vượt cấp nào chờ xác nhận ở bước này.",
            f"no escalation of {found.name} waits to be acknowledged at this stage",
        )
    reached = {escalation.role for escalation in open_ones} & PROVINCIAL_RUNGS
    if not reached & territory.posts.get(row.province_id, frozenset()):
        refusal = territory.refusal(actor, found.id, (row.province_id,), frozenset())
        if refusal is not None:
            raise refusal
    note = required(note, "nội dung xử lý")
    for escalation in open_ones:
        escalation.acknowledged_at, escalation.acknowledged_by, escalation.note = at, actor.name, note
    append_cycle_event(
        session, row, "acknowledge", actor=actor, at=at, occurred_on=day_of(at), reason=note,
        details={"stage": stage, "unit": found.code, "rungs": [item.rung for item in open_ones]},
    )  # fmt: skip
    return {
        "message": Phrase("Đã xác nhận %(n)s báo cáo vượt cấp của %(unit)s.", n=len(open_ones), unit=found.name),
        "acknowledged": len(open_ones),
    }
