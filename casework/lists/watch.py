"""What the clock does and what it reads: cycles, their settings, deadlines, breaches, escalations."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

from casework.exports import Cell
from casework.lists.listing import Column, ListKind, Wanted, level, narrowed, simulated, stage_label, streamed
from casework.rules import plan_of
from casework.timing import last_day
from models.cycles import Breach, Cycle, Deadline, Escalation
from models.dossiers import Dossier
from models.units import Product, Unit
from ocop import plan_settings
from ocop.levels import Role
from ocop.phrase import Phrase
from ocop.plan_sections import MET_BY_LABELS, AfterDeadline
from ocop.procedure import MetBy, PeriodKind
from ocop.working_days import day_of

DEADLINE_KIND_LABELS = {
    "plan": "kế hoạch",
    "extension": "gia hạn",
    "supplement": "bổ sung hồ sơ",
    "correction": "sau khi hủy kết quả",
    PeriodKind.RETURN: "sau khi trả về",
    PeriodKind.REVIEW: "xã đánh giá, từ ngày tiếp nhận",
    PeriodKind.OPINION: "hội đồng cho ý kiến bằng văn bản",
}
"""By what a deadline comes from: the plan, an act, or a period of the dossier's own."""


def _cycles(session: Session, wanted: Wanted) -> Iterator[Any]:
    registered = select(func.count()).where(Dossier.cycle_id == Cycle.id)
    statement = (
        select(
            Cycle.code, Cycle.title, Cycle.procedure_key, Cycle.opened_at, Cycle.closed_at, Cycle.simulated,
            Unit.name.label("province"), registered.scalar_subquery().label("dossiers"),
            registered.where(Dossier.open.is_(True)).scalar_subquery().label("open"),
        )
        .join(Unit, Unit.id == Cycle.province_id)
        .order_by(Cycle.opened_at, Cycle.id)
    )  # fmt: skip
    return streamed(session, narrowed(statement, wanted, unit=Cycle.province_id))


CYCLES = ListKind(
    "cycles",
    "Chu trình",
    _cycles,
    (
        Column("Mã chu trình", "code"),
        Column("Tên", "title"),
        Column("Tỉnh", "province"),
        Column("Quy trình", "procedure_key", only_in_file=True),
        Column("Mở lúc", "opened_at"),
        Column("Đóng lúc", "closed_at"),
        Column("Hồ sơ", "dossiers"),
        Column("Chưa kết thúc", "open"),
        Column("Ghi chú", simulated),
    ),
    by=frozenset({"unit"}),
)


def _settings(session: Session, wanted: Wanted) -> Iterator[Any]:
    del session
    assert wanted.cycle is not None
    return iter(plan_settings.settings(plan_of(wanted.cycle)))


SETTINGS = ListKind(
    "settings",
    "Thiết lập của kế hoạch",
    _settings,
    (
        Column("Nhóm", "group"),
        Column("Thiết lập", "label"),
        Column("Giá trị", "value_text"),
        Column("Nguồn", "source"),
        Column("Khóa trong tệp kế hoạch", "key", only_in_file=True),
    ),
    by=frozenset({"cycle"}),
    needs=frozenset({"cycle"}),
)


def _deadlines(session: Session, wanted: Wanted) -> Iterator[Any]:
    def latest(*same: Any) -> Any:
        in_force = case((Deadline.replaced_at.is_(None), Deadline.strikes_at))
        return func.max(in_force).over(partition_by=(Deadline.cycle_id, Deadline.stage, *same))

    own_unit = aliased(Unit)
    statement = (
        select(
            Deadline, Cycle.code.label("cycle"), Cycle.procedure_key, Cycle.simulated, Dossier.code.label("dossier"),
            Dossier.open.label("dossier_open"), own_unit.level, own_unit.code.label("unit_code"),
            own_unit.name.label("unit"), latest(Deadline.scope).label("latest"),
        )
        .join(Cycle, Cycle.id == Deadline.cycle_id)
        .outerjoin(Dossier, Dossier.id == Deadline.dossier_id)
        .outerjoin(own_unit, own_unit.id == Deadline.unit_id)
        .order_by(Deadline.cycle_id, Deadline.strikes_at, Deadline.id)
    )  # fmt: skip
    return streamed(session, narrowed(statement, wanted, cycle=Deadline.cycle_id, dossier=Deadline.dossier_id))


def _for_whom(row: Any, wanted: Wanted) -> Cell:
    del wanted
    name: str = row.dossier or row.unit
    return name or Phrase("toàn tỉnh")


def _left(row: Any, wanted: Wanted) -> Cell:
    if row.dossier_open is False:
        return None
    return wanted.calendar.working_days_between(day_of(wanted.at), last_day(row.Deadline))


def _deadline_stands(row: Any, wanted: Wanted) -> Cell:
    if row.Deadline.replaced_at is not None:
        return Phrase("không còn áp dụng từ ngày %(day)s", day=day_of(row.Deadline.replaced_at))
    if row.Deadline.strikes_at < row.latest:
        return Phrase("đã được gia hạn")
    if row.dossier_open is False:
        return Phrase("hồ sơ đã kết thúc")
    return Phrase("đã qua") if row.Deadline.strikes_at <= wanted.at else Phrase("đang áp dụng")


def _of(name: str) -> Any:
    return lambda row, wanted: getattr(row.Deadline, name)


DEADLINES = ListKind(
    "deadlines",
    "Thời hạn",
    _deadlines,
    (
        Column("Chu trình", "cycle", only_in_file=True),
        Column("Mã bước", _of("stage")),
        Column("Bước", lambda row, wanted: stage_label(row.procedure_key, row.Deadline.stage)),
        Column("Áp dụng cho", _for_whom),
        Column("Loại", lambda row, wanted: DEADLINE_KIND_LABELS.get(row.Deadline.kind, row.Deadline.kind), True),
        Column("Văn bản ghi", _of("wording"), only_in_file=True),
        Column("Ngày", _of("day"), only_in_file=True),
        Column("Ngày cuối cùng", lambda row, wanted: last_day(row.Deadline)),
        Column("Còn (ngày làm việc)", _left),
        Column("Tình trạng", _deadline_stands),
        Column("Quy tắc áp dụng", _of("rule")),
        Column("Hoàn thành bằng", lambda row, wanted: MET_BY_LABELS[MetBy(row.Deadline.met_by)], only_in_file=True),
        Column("Khi quá hạn", lambda row, wanted: AfterDeadline(row.Deadline.after_deadline).label, only_in_file=True),
        Column("Nguồn", _of("source"), only_in_file=True),
        Column("Phiên bản kế hoạch", _of("plan_version"), only_in_file=True),
        Column("Lý do", _of("reason"), only_in_file=True),
        Column("Ghi chú", simulated, only_in_file=True),
    ),
    by=frozenset({"cycle", "dossier"}),
)


def _breaches(session: Session, wanted: Wanted) -> Iterator[Any]:
    statement = (
        select(
            Cycle.code.label("cycle"), Cycle.procedure_key, Deadline.stage, Deadline.wording, Deadline.plan_version,
            Breach.struck_at, Breach.stage.label("stood"), Breach.closed_at, Breach.closed_by, Dossier.code,
            Dossier.simulated, Product.name.label("product"), Unit.level, Unit.code.label("unit_code"),
            Unit.name.label("unit"),
        )
        .join(Deadline, Deadline.id == Breach.deadline_id)
        .join(Cycle, Cycle.id == Deadline.cycle_id)
        .join(Dossier, Dossier.id == Breach.dossier_id)
        .join(Product, Product.id == Dossier.product_id)
        .join(Unit, Unit.id == Breach.unit_id)
        .order_by(Breach.struck_at, Dossier.code, Breach.id)
    )  # fmt: skip
    return streamed(
        session,
        narrowed(statement, wanted, cycle=Deadline.cycle_id, unit=Breach.unit_id, dossier=Breach.dossier_id),
    )


def _overdue_days(row: Any, wanted: Wanted) -> Cell:
    until = row.closed_at or wanted.at
    return max(0, wanted.calendar.working_days_between(day_of(row.struck_at), day_of(until)))


UNIT = (
    Column("Cấp", level, only_in_file=True),
    Column("Mã đơn vị", "unit_code", only_in_file=True),
    Column("Đơn vị", "unit"),
)
BREACHES = ListKind(
    "breaches",
    "Quá hạn",
    _breaches,
    (
        Column("Chu trình", "cycle", only_in_file=True),
        Column("Mã hồ sơ", "code"),
        Column("Sản phẩm", "product", only_in_file=True),
        Column("Thời hạn của bước", lambda row, wanted: stage_label(row.procedure_key, row.stage)),
        Column("Văn bản ghi", "wording", only_in_file=True),
        Column("Phiên bản kế hoạch", "plan_version", only_in_file=True),
        Column("Quá hạn từ", "struck_at"),
        Column("Khi đó ở bước", lambda row, wanted: stage_label(row.procedure_key, row.stood)),
        *UNIT,
        Column("Quá hạn (ngày làm việc)", _overdue_days),
        Column("Tình trạng", lambda row, wanted: "đã khép" if row.closed_at else "còn quá hạn"),
        Column("Khép lúc", "closed_at", only_in_file=True),
        Column("Ghi chú", simulated),
    ),
    by=frozenset({"cycle", "unit", "dossier"}),
)


def _escalations(session: Session, wanted: Wanted) -> Iterator[Any]:
    statement = (
        select(
            Cycle.code.label("cycle"), Cycle.procedure_key, Cycle.simulated, Deadline.stage, Escalation.rung,
            Escalation.role, Escalation.due_at, Escalation.dossiers, Escalation.vacant, Escalation.acknowledged_at,
            Escalation.acknowledged_by, Escalation.note, Unit.level, Unit.code.label("unit_code"),
            Unit.name.label("unit"),
        )
        .join(Deadline, Deadline.id == Escalation.deadline_id)
        .join(Cycle, Cycle.id == Deadline.cycle_id)
        .join(Unit, Unit.id == Escalation.unit_id)
        .order_by(Escalation.due_at, Escalation.unit_id, Escalation.rung)
    )  # fmt: skip
    return streamed(session, narrowed(statement, wanted, cycle=Deadline.cycle_id, unit=Escalation.unit_id))


ESCALATIONS = ListKind(
    "escalations",
    "Báo cáo vượt cấp",
    _escalations,
    (
        Column("Chu trình", "cycle", only_in_file=True),
        Column("Mã bước", "stage"),
        Column("Bước", lambda row, wanted: stage_label(row.procedure_key, row.stage)),
        *UNIT,
        Column("Bậc", lambda row, wanted: row.rung + 1),
        Column("Báo cáo tới", lambda row, wanted: Role(row.role).label),
        Column("Lúc", "due_at"),
        Column("Số hồ sơ quá hạn", "dossiers"),
        Column("Khuyết người", lambda row, wanted: "khuyết" if row.vacant else "", only_in_file=True),
        Column("Xác nhận lúc", "acknowledged_at"),
        Column("Người xác nhận", "acknowledged_by", only_in_file=True),
        Column("Nội dung xử lý", "note", only_in_file=True),
        Column("Ghi chú", simulated),
    ),
    by=frozenset({"cycle", "unit"}),
)

WATCH = (CYCLES, SETTINGS, DEADLINES, BREACHES, ESCALATIONS)
