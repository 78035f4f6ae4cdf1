"""Opens a cycle from a plan, plans units' numbers, and closes it."""

import hashlib
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import digest
from casework.act import Answer, TextFile, act
from casework.actors import Actor, require_post, unit_by_code
from casework.below import units_under
from casework.chronicle import append_cycle_event
from casework.days import calendar
from casework.directory import Directory
from casework.events import done_by
from casework.inner_dates import from_plan
from casework.lookup import required
from casework.owing import Draft, owe, unit_facts
from casework.plan_versions import keep_first
from casework.rules import cycle_by_code, plan_of, procedure_of
from casework.timing import last_day, plan_deadline, put_on_agenda, reminders
from models.cycles import Cycle, Deadline, UnitTarget
from models.dossiers import Dossier
from models.record import Event
from models.units import Unit
from ocop.errors import AlreadyExists, InvalidInput, NotPossibleNow
from ocop.levels import Level, Role
from ocop.notices import Notice
from ocop.phrase import Joined, Phrase
from ocop.plan import dump
from ocop.plan_file import read_plan
from ocop.text import day as told
from ocop.working_days import day_of


@act("open-cycle", "Mở chu trình theo kế hoạch")
def open_cycle(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    code: str,
    plan: TextFile,
    refinement: TextFile | None = None,
    round_key: str = "",
) -> Answer:
    """Open a province's cycle from a plan's text (TOML); the plan and its procedure stay with the cycle.

    A cycle is one round: `round_key` names it where the plan has several. `refinement` is a second document whose values
    hold over the plan's. Writes the plan's deadlines, puts reminders, strokes and digests on the agenda and tells every unit.
    """
    required(code, "mã chu trình")
    read = read_plan(plan, *([refinement] if refinement else []), round_key=round_key)
    day = day_of(at)
    if day < read.document.opens_on:
        raise NotPossibleNow(
            f"Kế hoạch {read.document.number} chỉ mở chu trình từ ngày {told(read.document.opens_on)}.",
            f"plan {read.document.number} opens a cycle from {told(read.document.opens_on)} on",
        )
    if opened := session.execute(
        select(Event.actor_name, Event.event, Event.recorded_at)
        .join(Cycle, Cycle.id == Event.cycle_id)
        .where(Cycle.code == code, Event.dossier_id.is_(None), Event.number == 1)
    ).first():
        raise AlreadyExists(
            Phrase("Đã có chu trình mang mã '%(code)s', mở bởi %(act)s.", code=code, act=done_by(*opened)),
            f"cycle {code} exists",
        )
    province = unit_by_code(session, Level.PROVINCE, read.document.province, day)
    require_post(session, actor, province.id, day)
    central = session.scalar(select(Unit).where(Unit.level == Level.CENTRAL).order_by(Unit.valid_from.desc()).limit(1))
    if central is None:
        raise InvalidInput(
            "Danh mục đơn vị chưa có cấp trung ương. Hãy dùng “Nhập đơn vị hành chính”.",
            "the list of units has no central level. Use “Import administrative units”",
        )
    days = calendar(session)
    for year in sorted({read.document.year, day.year, *(row.day.year for row in read.deadlines)}):
        if not days.knows_year(year):
            raise InvalidInput(
                f"Lịch làm việc chưa có năm {year}. Hãy nạp ngày nghỉ của năm đó bằng “Nạp danh sách cả năm”.",
                f"the working calendar has no year {year} yet. Load its days off first",
            )
    text = dump(read)
    cycle = Cycle(
        code=code,
        title=read.title,
        province_id=province.id,
        central_id=central.id,
        procedure_key=read.document.procedure,
        plan=text,
        plan_sha256=hashlib.sha256(text.encode()).hexdigest(),
        opened_at=at,
        simulated=read.document.simulated,
    )
    session.add(cycle)
    keep_first(session, cycle, read.document.number)
    deadlines = [plan_deadline(cycle.id, stated, days, at) for stated in read.deadlines]
    session.add_all(deadlines)
    session.flush()
    for deadline in deadlines:
        put_on_agenda(session, reminders(deadline, read.reminders.working_days_before, days, read.notices, at))
    for one in read.planned:
        unit = unit_by_code(session, one.level, one.unit, day)
        session.add(UnitTarget(cycle_id=cycle.id, unit_id=unit.id, planned=one.products, document=one.section[:200]))
    inner = from_plan(session, cycle, read, days, at)
    digest.schedule(session, cycle, at)
    cause = append_cycle_event(
        session, cycle, "open", actor=actor, at=at, occurred_on=day, rule=read.document.number,
        details={"plan_sha256": cycle.plan_sha256, "procedure": cycle.procedure_key},
    )  # fmt: skip
    _tell_units(session, cycle, cause, Notice.CYCLE_OPENED, at)
    opened_message = Phrase(
        "Đã mở chu trình %(code)s theo %(plan)s: %(n)s thời hạn, %(inner)s hạn của cụm, lượt."
        if inner
        else "Đã mở chu trình %(code)s theo %(plan)s: %(n)s thời hạn.",
        code=code, plan=read.document.number, n=len(deadlines), **({"inner": inner} if inner else {}),
    )  # fmt: skip
    return {
        "message": opened_message,
        "cycle": code,
        "deadlines": [
            {"stage": row.stage, "wording": row.wording, "rule": row.rule, "last_day": last_day(row)}
            for row in deadlines
        ],
    }


@act("set-target", "Ghi số sản phẩm đơn vị đăng ký trong kế hoạch")
def set_target(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    cycle: str,
    level: Level,
    unit: str,
    planned: int,
    document: str = "",
) -> Answer:
    """Record how many products a unit plans for a cycle, with the document that says so; a later one replaces it."""
    if planned < 0:
        raise InvalidInput("Số sản phẩm dự kiến không được âm.", "the number of products planned must not be negative")
    row = cycle_by_code(session, cycle, lock=True)
    found = unit_by_code(session, level, unit, day_of(at))
    require_post(session, actor, row.province_id if level is Level.PROVINCE else found.id, day_of(at))
    target = session.scalar(select(UnitTarget).where(UnitTarget.cycle_id == row.id, UnitTarget.unit_id == found.id))
    before = target.planned if target else None
    if target is None:
        target = UnitTarget(cycle_id=row.id, unit_id=found.id)
        session.add(target)
    target.planned, target.document = planned, document
    append_cycle_event(
        session, row, "set_target", actor=actor, at=at, occurred_on=day_of(at), reason=document,
        details={"unit": found.code, "before": before, "planned": planned},
    )  # fmt: skip
    message = Phrase("%(unit)s: dự kiến %(n)s sản phẩm.", unit=found.name, n=planned)
    return {"message": message, "unit": found.code, "planned": planned}


@act("close-cycle", "Đóng chu trình")
def close_cycle(session: Session, *, actor: Actor, at: datetime, cycle: str) -> Answer:
    """Close a cycle when every dossier is final, carried over or at the centre."""
    row = cycle_by_code(session, cycle, lock=True)
    require_post(session, actor, row.province_id, day_of(at))
    procedure = procedure_of(row)
    at_centre = {stage.key for stage in procedure.stages if stage.level is Level.CENTRAL}
    waiting = session.execute(
        select(Dossier.stage, func.count())
        .where(Dossier.cycle_id == row.id, Dossier.open.is_(True), Dossier.stage.not_in(at_centre))
        .group_by(Dossier.stage)
    ).all()
    if waiting:
        named = Joined(
            "; ", [Phrase("%(stage)s: %(n)s", stage=procedure.stage(stage).label, n=n) for stage, n in waiting]
        )
        raise NotPossibleNow(
            Phrase(
                "Chưa đóng được chu trình %(cycle)s: còn hồ sơ chưa kết thúc (%(named)s). Hãy kết thúc hoặc chuyển kỳ sau từng hồ "
                "sơ.",
                cycle=cycle,
                named=named,
            ),
            f"cycle {cycle} has open dossiers",
        )
    row.closed_at = at
    cause = append_cycle_event(session, row, "close", actor=actor, at=at, occurred_on=day_of(at))
    _tell_units(session, row, cause, Notice.CYCLE_CLOSED, at)
    return {"message": Phrase("Đã đóng chu trình %(cycle)s.", cycle=cycle), "cycle": cycle}


AUDIENCE_LEVELS = {
    Notice.CYCLE_OPENED: (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE),
    Notice.CYCLE_CLOSED: (Level.PROVINCE, Level.DISTRICT),
}


def _tell_units(session: Session, cycle: Cycle, cause: str, notice: Notice, at: datetime) -> None:
    plan = plan_of(cycle)
    units = [unit for unit in units_under(session, cycle.province_id, at) if unit.level in AUDIENCE_LEVELS[notice]]
    directory = Directory(session, [unit.id for unit in units], cycle.province_id, day_of(at))
    deadlines = session.scalars(
        select(Deadline)
        .where(Deadline.cycle_id == cycle.id, Deadline.kind == "plan", Deadline.replaced_at.is_(None))
        .order_by(Deadline.id)
    ).all()
    told_plan = {
        "number": plan.document.number,
        "issued_on": plan.document.issued_on,
        "title": plan.document.title,
        "deadlines": [
            {
                "stage_label": procedure_of(cycle).stage(row.stage).label,
                "wording": row.wording,
                "last_day": last_day(row),
            }
            for row in deadlines
        ],
    }
    counts = digest.stage_counts(session, cycle, at) if notice is Notice.CYCLE_CLOSED else []
    targets = [(unit.id, directory.find(unit.id)) for unit in units]
    targets.append((cycle.province_id, directory.find(cycle.province_id, Role.COORDINATOR_OFFICE)))
    drafts = [
        Draft(
            notice, f"{cause}/unit/{unit_id}" if found.recipient.key.startswith("unit/") else cause, found,
            unit_facts(directory, unit_id, cycle_title=cycle.title, plan=told_plan, counts=counts),
            at, cycle.id, reply_unit_id=cycle.province_id, simulated=cycle.simulated, for_unit=unit_id,
        )
        for unit_id, found in targets
    ]  # fmt: skip
    owe(session, drafts, calendar(session), plan.notices, directory)
