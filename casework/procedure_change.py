"""Takes a cycle and its dossiers on their way over to another procedure, stage by stage, or refuses it whole."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casework import ledger, suspensions
from casework.act import Answer, act
from casework.actors import Actor, require_post
from casework.chronicle import append_cycle_event
from casework.days import calendar
from casework.lookup import required
from casework.moves import ProposedMove
from casework.rebinding import anew
from casework.results import decisions_in_force
from casework.rules import cycle_by_code, facts_base, plan_of, procedure_of
from casework.timing import done_with, put_on_agenda, reminders
from models.cycles import Breach, Cycle, Deadline
from models.dossiers import Dossier
from ocop.errors import InvalidInput, NotFound, NotPossibleNow
from ocop.levels import Level
from ocop.phrase import Joined, Phrase
from ocop.procedure import Facts, Procedure
from ocop.rulebook import PROCEDURES
from ocop.text import day as told
from ocop.transitions import CHANGE, TRANSITIONS, Transition, between
from ocop.working_days import day_of, start_of


@act("change-procedure", "Chuyển chu trình sang quy trình mới")
def change_procedure(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    cycle: str,
    procedure: str,
    from_day: date,
    document: str,
) -> Answer:
    """Take a cycle over to another procedure from a day: each dossier on its way goes on at the image of its stage.

    Refused while any of them has no image. What is suspended goes on where somebody is competent now. Ended dossiers stay
    under the procedure under which they ended. Try it with `--dry-run`, before the day with `--at` on that day.
    """
    document = required(document, "số văn bản")
    row = cycle_by_code(session, cycle, lock=True)
    require_post(session, actor, row.province_id, day_of(at))
    way = _way(row, procedure, from_day)
    dossiers = session.scalars(suspensions.held_fast(Dossier.cycle_id == row.id, Dossier.open.is_(True))).all()
    facts = _facts(session, row, dossiers)
    images = {dossier.id: way.image(dossier.stage, facts[dossier.id]) for dossier in dossiers}
    lost = [dossier for dossier in dossiers if images[dossier.id] is None]
    if lost:
        stages = Counter(procedure_of(row).stage(dossier.stage).label for dossier in lost)
        raise NotPossibleNow(
            Phrase(
                "Chưa chuyển được, chưa thay đổi gì: %(n)s hồ sơ ở bước không có bước tương ứng trong quy trình mới (%(stages)s): "
                "%(codes)s. Hãy kết thúc hoặc chuyển kỳ các hồ sơ đó trước.",
                n=len(lost), codes=", ".join(dossier.code for dossier in lost[:10]),
                stages=Joined("; ", [Phrase("%(stage)s: %(n)s", stage=label, n=n) for label, n in sorted(stages.items())]),
            ),
            f"{len(lost)} dossiers have no image",
        )  # fmt: skip
    if day_of(at) < from_day:
        raise InvalidInput(
            f"Ngày {told(from_day)} chưa đến. Hãy dùng “Xem trước” để thấy kết quả như của ngày đó.",
            f"{told(from_day)} has not come yet. Use the preview to see the outcome as of that day",
        )
    report = _report(row, way, dossiers, images)
    _apply(session, row, way, dossiers, images, from_day, document, actor, at)
    return {
        "message": Phrase(
            "Đã chuyển chu trình %(cycle)s sang '%(procedure)s' từ ngày %(day)s: %(n)s hồ sơ.",
            cycle=cycle, procedure=PROCEDURES[way.target].name, day=from_day, n=len(dossiers),
        ),
        "report": report,
    }  # fmt: skip


def _way(cycle: Cycle, procedure: str, from_day: date) -> Transition:
    """Return the transition asked for; refused where the law has none, or before the new procedure is in force."""
    way = between(cycle.procedure_key, procedure)
    if way is None or procedure not in PROCEDURES:
        known = ", ".join(way.target for way in TRANSITIONS if way.source == cycle.procedure_key) or "không có"
        raise NotFound(
            f"Không có bảng chuyển từ quy trình '{cycle.procedure_key}' sang '{procedure}'. Các quy trình chuyển được: {known}.",
            f"there is no table for going from procedure '{cycle.procedure_key}' to '{procedure}'",
        )
    if from_day < way.from_day:
        raise InvalidInput(
            f"Quy trình mới chỉ có hiệu lực từ ngày {told(way.from_day)}: hãy chọn ngày đó hoặc muộn hơn.",
            f"the new procedure is in force from {told(way.from_day)}: choose that day or a later one",
        )
    return way


def _facts(session: Session, cycle: Cycle, dossiers: Sequence[Dossier]) -> dict[int, Facts]:
    """Return what the conditions of images look at."""
    base = facts_base(plan_of(cycle))
    decisions = decisions_in_force(session, [dossier.id for dossier in dossiers])
    returned = {dossier_id for dossier_id, _, purpose in decisions if purpose == "after_return"}
    return {dossier.id: replace(base, after_return=dossier.id in returned) for dossier in dossiers}


def _report(cycle: Cycle, way: Transition, dossiers: Sequence[Dossier], images: dict[int, str | None]) -> list[Phrase]:
    old, new = procedure_of(cycle), PROCEDURES[way.target]
    counted = Counter((dossier.stage, images[dossier.id]) for dossier in dossiers)
    order = [stage.key for stage in old.stages]
    lines = [Phrase("Căn cứ: %(rule)s", rule=str(way.rule))]
    for (stage, image), number in sorted(counted.items(), key=lambda pair: (order.index(pair[0][0]), pair[0][1] or "")):
        if image:
            goes = Phrase("sang bước '%(stage)s'", stage=new.stage(image).label)
        else:
            goes = Phrase("KHÔNG có bước tương ứng")
        lines.append(
            Phrase("Bước '%(stage)s': %(n)s hồ sơ %(goes)s", stage=old.stage(stage).label, n=number, goes=goes)
        )
    halted = sum(dossier.suspended_at is not None for dossier in dossiers)
    return [*lines, *([Phrase("Hết tạm dừng: %(n)s hồ sơ", n=halted)] if halted else [])]


def _apply(
    session: Session, cycle: Cycle, way: Transition, dossiers: Sequence[Dossier], images: dict[int, str | None],
    from_day: date, document: str, actor: Actor, at: datetime,
) -> None:  # fmt: skip
    old, new, instant = procedure_of(cycle), PROCEDURES[way.target], start_of(from_day)
    suspensions.push(session, cycle, [row for row in dossiers if row.suspended_at is not None], from_day, document, at)
    stood = {row.id: row.stage for row in dossiers}
    _own_dates(session, cycle, old, new, dossiers, images, document, at)
    cycle.suspended_level, cycle.procedure_key = "", way.target
    cause = append_cycle_event(
        session, cycle, CHANGE, actor=actor, at=at, occurred_on=from_day, reason=str(way.rule), rule=document,
        details={"from": way.source, "to": way.target, "dossiers": len(dossiers), "stages": dict(Counter(stood.values()))},
    )  # fmt: skip
    districts = any(stage.level is Level.DISTRICT for stage in new.stages)
    moves = [
        ProposedMove(
            row.id, CHANGE, from_day, document=document, effective_at=instant, version=row.version,
            details={"from": way.source, "to": way.target},
            rebind=anew(row, str(way.rule), procedure_key=way.target, stage=images[row.id], suspended_at=None,
                        district_id=row.district_id if districts else None),
        )
        for row in dossiers
    ]  # fmt: skip
    suspensions.all_or_nothing(ledger.advance(session, moves, actor=actor, at=at))
    _dates(session, cycle, way, new, document, at)
    suspensions.tell(
        session, cycle, cause, list(stood), at, document=document,
        reason=f"Từ ngày {told(from_day)} giải quyết theo quy trình mới ({way.rule.document}).",
    )  # fmt: skip


def _own_dates(
    session: Session, cycle: Cycle, old: Procedure, new: Procedure, dossiers: Sequence[Dossier],
    images: dict[int, str | None], document: str, at: datetime,
) -> None:  # fmt: skip
    """Give a dossier its own date at the image of its stage, where the same is waited for there."""
    rows = {row.id: row for row in dossiers}
    latest: dict[int, Deadline] = {}
    for deadline in session.scalars(
        select(Deadline)
        .where(Deadline.dossier_id.in_(rows), Deadline.replaced_at.is_(None))
        .order_by(Deadline.strikes_at, Deadline.id)
    ):
        if deadline.dossier_id is not None and deadline.stage == rows[deadline.dossier_id].stage:
            latest[deadline.dossier_id] = deadline
    days, plan = calendar(session), plan_of(cycle)
    for dossier_id, deadline in latest.items():
        image = images[dossier_id]
        before, after = old.stage(deadline.stage), new.stage(image or "")
        if before.key == after.key or (before.supplement, before.evaluates) != (after.supplement, after.evaluates):
            continue
        own = suspensions.copied(
            session, deadline, deadline.scope, dossier_id, at, deadline.document or document, stage=after.key
        )
        if own.strikes_at > at:
            put_on_agenda(session, reminders(own, plan.reminders.working_days_before, days, plan.notices, at))
        session.execute(
            update(Breach)
            .where(Breach.deadline_id == deadline.id, Breach.dossier_id == dossier_id, Breach.closed_at.is_(None))
            .values(deadline_id=own.id)
        )


def _dates(session: Session, cycle: Cycle, way: Transition, new: Procedure, document: str, at: datetime) -> None:
    """Let the plan's dates hold for the stages of the new procedure that have them; the others bind nobody any more."""
    rows = session.scalars(
        select(Deadline)
        .where(Deadline.cycle_id == cycle.id, Deadline.replaced_at.is_(None))
        .order_by(Deadline.strikes_at, Deadline.id)
    ).all()
    in_force = {row.stage: row for row in rows if row.scope == "all"}
    ended = [row for row in rows if not new.knows(row.stage) or (row.stage in way.dates and row.dossier_id is None)]
    _end_dates(session, cycle, ended, at)
    days, plan = calendar(session), plan_of(cycle)
    for stage, taken in way.dates.items():
        if stage not in in_force or taken not in in_force:
            continue
        old, date_of = in_force[stage], in_force[taken]
        later = suspensions.copied(
            session, date_of, "all", None, at, document, stage=stage, met_by=old.met_by,
            wording=f"{date_of.wording} (theo hạn của bước '{new.stage(taken).label}')", source=str(way.rule),
        )  # fmt: skip
        put_on_agenda(session, reminders(later, plan.reminders.working_days_before, days, plan.notices, at))
    session.flush()


def _end_dates(session: Session, cycle: Cycle, ended: Sequence[Deadline], at: datetime) -> None:
    """Let deadlines bind nobody any more: breaches of them are closed, never deleted, and nothing falls due for them."""
    ids = [row.id for row in ended]
    for row in ended:
        row.replaced_at = at
    session.execute(
        update(Breach)
        .where(Breach.deadline_id.in_(ids), Breach.closed_at.is_(None))
        .values(closed_at=at, closed_by=CHANGE)
    )
    done_with(session, cycle, ended, at, "the procedure changed")
