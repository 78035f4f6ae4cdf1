"""What was found, signed and complained of: councils' ballots, those recorded late, decisions, complaints."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, String, cast, func, select
from sqlalchemy.orm import Session

from casework.exports import Cell
from casework.lists.listing import (
    OF_DOSSIERS,
    Column,
    ListKind,
    Wanted,
    level,
    narrowed,
    of_dossiers,
    simulated,
    stage,
    streamed,
)
from models.dossiers import Complaint, Dossier
from models.results import Decision, Evaluation, GateResult
from models.units import Producer, Product, Unit
from ocop.phrase import phrases

PURPOSE_LABELS = phrases(
    {
        "result": "kết quả đánh giá",
        "after_return": "kết quả sau khi tỉnh trả về",
        "recognition": "công nhận sản phẩm",
        "central": "kết quả của trung ương",
        "imported": "công nhận những năm trước",
    }
)


def _ballots(wanted: Wanted) -> Select[Any]:
    failed = (
        select(func.aggregate_strings(cast(GateResult.star, String).concat(" sao: ").concat(GateResult.reason), "; "))
        .where(GateResult.evaluation_id == Evaluation.id, GateResult.passed.is_(False))
        .scalar_subquery()
    )
    statement = (
        select(
            Dossier.code, Dossier.procedure_key, Dossier.simulated, Product.name.label("product"), Evaluation.level,
            Evaluation.stage, Evaluation.passage, Evaluation.ballot, Evaluation.held_on, Evaluation.minutes_number,
            Evaluation.members, Evaluation.mean, Evaluation.stars_by_points, Evaluation.stars_after_gates,
            Evaluation.counts, Evaluation.recorded_late, Evaluation.recorded_at, Evaluation.annulled_on,
            Evaluation.annulled_by, failed.label("failed"),
        )
        .select_from(Evaluation)
    )  # fmt: skip
    joined = of_dossiers(statement, wanted, Evaluation.dossier_id)
    return joined.join(Product, Product.id == Dossier.product_id).order_by(Dossier.code, Evaluation.id)


BALLOT = (
    Column("Mã hồ sơ", "code"),
    Column("Sản phẩm", "product"),
    Column("Cấp", level),
    Column("Bước", stage, only_in_file=True),
    Column("Vòng", "passage", only_in_file=True),
    Column("Lượt chấm", "ballot", only_in_file=True),
    Column("Ngày họp", "held_on"),
    Column("Số biên bản", "minutes_number"),
    Column("Số thành viên", "members", only_in_file=True),
    Column("Điểm trung bình", "mean"),
    Column("Sao theo điểm", "stars_by_points"),
    Column("Sao sau yêu cầu tối thiểu", "stars_after_gates"),
    Column("Yêu cầu không đạt", "failed", only_in_file=True),
    Column("Được tính", "counts", only_in_file=True),
    Column("Ghi muộn", lambda row, wanted: "ghi muộn" if row.recorded_late else ""),
    Column("Ghi lúc", "recorded_at", only_in_file=True),
    Column("Hủy từ ngày", "annulled_on", only_in_file=True),
    Column("Văn bản hủy", "annulled_by", only_in_file=True),
    Column("Ghi chú", simulated),
)
EVALUATIONS = ListKind(
    "evaluations",
    "Kết quả hội đồng",
    lambda session, wanted: streamed(session, _ballots(wanted)),
    BALLOT,
    by=OF_DOSSIERS,
)
RECORDED_LATE = ListKind(
    "recorded-late",
    "Kết quả ghi muộn",
    lambda session, wanted: streamed(session, _ballots(wanted).where(Evaluation.recorded_late.is_(True))),
    BALLOT,
    by=OF_DOSSIERS,
)
"""Held in time, recorded after the stroke: the coordinator office looks at these."""


def _decisions(session: Session, wanted: Wanted) -> Iterator[Any]:
    statement = (
        select(
            Decision.number, Decision.purpose, Decision.level, Decision.signed_on, Decision.signer, Decision.mean,
            Decision.stars_by_points, Decision.stars_after_gates, Decision.awarded_star, Decision.annulled_on,
            Decision.annulled_by, Dossier.code, Product.code.label("product_code"), Product.name.label("product"),
            Product.simulated, Unit.name.label("unit"),
        )
        .join(Product, Product.id == Decision.product_id)
        .join(Producer, Producer.id == Product.producer_id)
        .join(Unit, Unit.id == Decision.unit_id)
        .outerjoin(Dossier, Dossier.id == Decision.dossier_id)
        .order_by(Decision.signed_on, Decision.id)
    )  # fmt: skip
    return streamed(
        session,
        narrowed(statement, wanted, cycle=Dossier.cycle_id, unit=Producer.commune_id, dossier=Decision.dossier_id),
    )


DECISIONS = ListKind(
    "decisions",
    "Quyết định",
    _decisions,
    (
        Column("Số quyết định", "number"),
        Column("Ngày ký", "signed_on"),
        Column("Nội dung", lambda row, wanted: PURPOSE_LABELS.get(row.purpose, row.purpose)),
        Column("Cơ quan", "unit"),
        Column("Cấp", level, only_in_file=True),
        Column("Người ký", "signer", only_in_file=True),
        Column("Mã hồ sơ", "code"),
        Column("Mã sản phẩm", "product_code", only_in_file=True),
        Column("Sản phẩm", "product"),
        Column("Điểm trung bình", "mean", only_in_file=True),
        Column("Sao theo điểm", "stars_by_points", only_in_file=True),
        Column("Sao sau yêu cầu tối thiểu", "stars_after_gates", only_in_file=True),
        Column("Sao được công nhận", "awarded_star"),
        Column("Hủy từ ngày", "annulled_on", only_in_file=True),
        Column("Văn bản hủy", "annulled_by", only_in_file=True),
        Column("Ghi chú", simulated),
    ),
    by=OF_DOSSIERS,
)


def _complaints(session: Session, wanted: Wanted) -> Iterator[Any]:
    statement = select(
        Complaint.id, Dossier.code, Dossier.simulated, Complaint.received_on, Complaint.body, Complaint.due_on,
        Complaint.answered_on, Complaint.answer, Complaint.document,
    )  # fmt: skip
    return streamed(session, of_dossiers(statement, wanted, Complaint.dossier_id).order_by(Complaint.id))


def _answered(row: Any, wanted: Wanted) -> Cell:
    if row.answered_on is not None:
        return "đã trả lời"
    return "quá hạn trả lời" if wanted.day > row.due_on else "chờ trả lời"


COMPLAINTS = ListKind(
    "complaints",
    "Kiến nghị",
    _complaints,
    (
        Column("Số", "id"),
        Column("Mã hồ sơ", "code"),
        Column("Ngày nhận", "received_on"),
        Column("Nội dung", "body"),
        Column("Hạn trả lời", "due_on"),
        Column("Tình trạng", _answered),
        Column("Ngày trả lời", "answered_on", only_in_file=True),
        Column("Trả lời", "answer", only_in_file=True),
        Column("Văn bản trả lời", "document", only_in_file=True),
        Column("Ghi chú", simulated),
    ),
    by=OF_DOSSIERS | {"day"},
)


FINDINGS = (EVALUATIONS, RECORDED_LATE, DECISIONS, COMPLAINTS)
