"""How dossiers stand and what was found on them: dossiers, papers, history, ballots, decisions, complaints, counts."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select, union_all
from sqlalchemy.orm import Session, aliased

from casework.acts import EVENT_LABELS
from casework.exports import Cell
from casework.lists.listing import (
    OF_DOSSIERS,
    Column,
    ListKind,
    Wanted,
    awarded,
    counted,
    level,
    narrowed,
    of_dossiers,
    simulated,
    stage,
    stage_label,
    streamed,
)
from models.cycles import Breach, Cycle, UnitTarget
from models.dossiers import Dossier, Evidence
from models.record import Event
from models.results import Decision, Evaluation
from models.units import Producer, Product, Unit
from ocop.evidence import EvidenceKind
from ocop.levels import DossierKind
from ocop.rulebook import PROCEDURES


def _dossiers(session: Session, wanted: Wanted) -> Iterator[Any]:
    commune, district, holder = aliased(Unit), aliased(Unit), aliased(Unit)
    mean = select(Evaluation.mean).where(*counted(Dossier.id)).order_by(Evaluation.id.desc()).limit(1)
    star = select(func.max(Decision.awarded_star)).where(*awarded(Dossier.id))
    statement = (
        select(
            Dossier.code, Cycle.code.label("cycle"), Dossier.kind, Dossier.procedure_key, Dossier.stage,
            Dossier.stage_since, Dossier.proposed_star, Dossier.registered_on, Dossier.simulated,
            Product.code.label("product_code"), Product.name.label("product"), Producer.code.label("producer_code"),
            Producer.name.label("producer"), commune.code.label("commune_code"), commune.name.label("commune"),
            district.name.label("district"), holder.name.label("holder"),
            mean.scalar_subquery().label("mean"), star.scalar_subquery().label("star"), _overdue().label("overdue"),
        )
        .join(Cycle, Cycle.id == Dossier.cycle_id)
        .join(Product, Product.id == Dossier.product_id)
        .join(Producer, Producer.id == Dossier.producer_id)
        .join(commune, commune.id == Dossier.commune_id)
        .outerjoin(district, district.id == Dossier.district_id)
        .join(holder, holder.id == Dossier.holder_id)
        .order_by(Dossier.cycle_id, Dossier.code)
    )  # fmt: skip
    return streamed(session, narrowed(statement, wanted, cycle=Dossier.cycle_id, unit=Dossier.commune_id))


def _overdue() -> ColumnElement[bool]:
    return exists().where(Breach.dossier_id == Dossier.id, Breach.closed_at.is_(None))


def _waits_for(row: Any, wanted: Wanted) -> Cell:
    del wanted
    return PROCEDURES[row.procedure_key].stage(row.stage).waits_for


DOSSIERS = ListKind(
    "dossiers",
    "Hồ sơ",
    _dossiers,
    (
        Column("Mã hồ sơ", "code"),
        Column("Chu trình", "cycle", only_in_file=True),
        Column("Mã sản phẩm", "product_code", only_in_file=True),
        Column("Sản phẩm", "product"),
        Column("Mã chủ thể", "producer_code", only_in_file=True),
        Column("Chủ thể", "producer", only_in_file=True),
        Column("Loại hồ sơ", lambda row, wanted: DossierKind(row.kind).label),
        Column("Mã xã", "commune_code", only_in_file=True),
        Column("Xã", "commune"),
        Column("Huyện", "district"),
        Column("Bước", stage),
        Column("Từ", "stage_since", only_in_file=True),
        Column("Chờ việc gì", _waits_for, only_in_file=True),
        Column("Đơn vị đang giữ", "holder", only_in_file=True),
        Column("Quá hạn", lambda row, wanted: "quá hạn" if row.overdue else ""),
        Column("Ngày đăng ký", "registered_on", only_in_file=True),
        Column("Sao đề nghị", "proposed_star", only_in_file=True),
        Column("Điểm trung bình", "mean"),
        Column("Sao được công nhận", "star"),
        Column("Ghi chú", simulated),
    ),
    by=frozenset({"cycle", "unit"}),
)


def _evidence(session: Session, wanted: Wanted) -> Iterator[Any]:
    statement = select(
        Dossier.code, Dossier.simulated, Evidence.kind, Evidence.title, Evidence.issued_on, Evidence.expires_on,
        Evidence.file_name, Evidence.waived_at, Evidence.waived_reason,
    ).where(Evidence.replaced_by_id.is_(None))  # fmt: skip
    return streamed(session, of_dossiers(statement, wanted, Evidence.dossier_id).order_by(Dossier.code, Evidence.id))


def _paper(row: Any, wanted: Wanted) -> Cell:
    if row.waived_at is not None:
        return "được chấp nhận dù hết hạn"
    if row.expires_on is not None and row.expires_on < wanted.day:
        return "hết hạn"
    return "còn hạn"


EVIDENCE = ListKind(
    "evidence",
    "Tài liệu minh chứng",
    _evidence,
    (
        Column("Mã hồ sơ", "code"),
        Column("Loại", lambda row, wanted: EvidenceKind(row.kind).label),
        Column("Tên tài liệu", "title"),
        Column("Ngày cấp", "issued_on", only_in_file=True),
        Column("Có giá trị đến hết ngày", "expires_on"),
        Column("Tình trạng", _paper),
        Column("Lý do chấp nhận", "waived_reason", only_in_file=True),
        Column("Tệp", "file_name", only_in_file=True),
        Column("Ghi chú", simulated),
    ),
    by=OF_DOSSIERS | {"day"},
)


def _history(session: Session, wanted: Wanted) -> Iterator[Any]:
    columns = (
        Event.number, Event.event, Event.from_stage, Event.to_stage, Event.actor_name, Event.on_behalf,
        Event.occurred_on, Event.effective_at, Event.recorded_at, Event.reason, Event.rule, Event.details, Event.hash,
        Unit.name.label("unit"), Cycle.procedure_key,
    )  # fmt: skip
    statement = (
        select(*columns, Dossier.code, func.coalesce(Dossier.simulated, Cycle.simulated).label("simulated"))
        .join(Unit, Unit.id == Event.unit_id)
        .join(Cycle, Cycle.id == Event.cycle_id)
        .outerjoin(Dossier, Dossier.id == Event.dossier_id)
        .order_by(Event.number)
    )
    if wanted.dossier is not None:
        return streamed(session, statement.where(Event.dossier_id == wanted.dossier.id))
    assert wanted.cycle is not None
    return streamed(session, statement.where(Event.chain == f"cycle/{wanted.cycle.id}"))


def _way(row: Any, wanted: Wanted) -> Cell:
    del wanted
    if row.from_stage == row.to_stage:
        return stage_label(row.procedure_key, row.to_stage) if row.to_stage else ""
    before = f"{stage_label(row.procedure_key, row.from_stage)} → " if row.from_stage else ""
    return before + stage_label(row.procedure_key, row.to_stage)


HISTORY = ListKind(
    "history",
    "Lịch sử",
    _history,
    (
        Column("Số thứ tự", "number"),
        Column("Mã hồ sơ", "code", only_in_file=True),
        Column("Việc", lambda row, wanted: EVENT_LABELS.get(row.event, row.event)),
        Column("Bước", _way),
        Column("Đơn vị", "unit"),
        Column("Người thực hiện", "actor_name"),
        Column("Nhập thay theo", "on_behalf", only_in_file=True),
        Column("Ngày thực hiện", "occurred_on"),
        Column("Có hiệu lực từ", "effective_at", only_in_file=True),
        Column("Ghi lúc", "recorded_at", only_in_file=True),
        Column("Văn bản", lambda row, wanted: str((row.details or {}).get("document", ""))),
        Column("Lý do", "reason"),
        Column("Căn cứ", "rule"),
        Column("Mã kiểm tra", "hash", only_in_file=True),
        Column("Ghi chú", simulated),
    ),
    by=frozenset({"dossier", "cycle"}),
    needs=frozenset({"dossier", "cycle"}),
)


def _counts(session: Session, wanted: Wanted) -> Iterator[Any]:
    assert wanted.cycle is not None
    judged = exists().where(*counted(Dossier.id))
    recognised = exists().where(*awarded(Dossier.id), Decision.awarded_star >= 3)
    each = union_all(
        *(
            select(
                unit.label("unit_id"),
                func.count().label("registered"),
                func.count().filter(judged).label("judged"),
                func.count().filter(recognised).label("recognised"),
            )
            .where(Dossier.cycle_id == wanted.cycle.id, unit.is_not(None))
            .group_by(unit)
            for unit in (Dossier.province_id, Dossier.district_id, Dossier.commune_id)
        )
    ).subquery()
    target = aliased(UnitTarget)
    statement = (
        select(
            Unit.level, Unit.code, Unit.name, target.planned, target.document,
            func.coalesce(each.c.registered, 0).label("registered"),
            func.coalesce(each.c.judged, 0).label("judged"),
            func.coalesce(each.c.recognised, 0).label("recognised"),
        )
        .outerjoin(target, (target.unit_id == Unit.id) & (target.cycle_id == wanted.cycle.id))
        .outerjoin(each, each.c.unit_id == Unit.id)
        .where(target.id.is_not(None) | each.c.unit_id.is_not(None))
        .order_by(Unit.level.desc(), Unit.code)
    )  # fmt: skip
    return streamed(session, narrowed(statement, wanted, unit=Unit.id))


COUNTS = ListKind(
    "counts",
    "Kế hoạch và kết quả theo đơn vị",
    _counts,
    (
        Column("Cấp", level),
        Column("Mã đơn vị", "code"),
        Column("Đơn vị", "name"),
        Column("Dự kiến", "planned"),
        Column("Đã đăng ký", "registered"),
        Column("Đã đánh giá", "judged"),
        Column("Được công nhận", "recognised"),
        Column("Văn bản đăng ký", "document", only_in_file=True),
        Column("Ghi chú", lambda row, wanted: "mô phỏng" if wanted.cycle and wanted.cycle.simulated else ""),
    ),
    by=frozenset({"cycle", "unit"}),
    needs=frozenset({"cycle"}),
)

PROGRESS = (DOSSIERS, EVIDENCE, HISTORY, COUNTS)
