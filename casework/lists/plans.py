"""The versions of a cycle's plan: by which document, from when, and which is in force."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.exports import Cell
from casework.lists.listing import Column, ListKind, Wanted, narrowed, simulated, streamed
from models.cycles import Cycle
from models.plans import PlanVersion


def _versions(session: Session, wanted: Wanted) -> Iterator[Any]:
    statement = (
        select(PlanVersion, Cycle.code.label("cycle"), Cycle.plan_version, Cycle.simulated)
        .join(Cycle, Cycle.id == PlanVersion.cycle_id)
        .order_by(PlanVersion.cycle_id, PlanVersion.number)
    )
    return streamed(session, narrowed(statement, wanted, cycle=PlanVersion.cycle_id))


def _stands(row: Any, wanted: Wanted) -> Cell:
    del wanted
    if row.PlanVersion.number == row.plan_version:
        return "đang áp dụng"
    return "chờ có hiệu lực" if row.PlanVersion.in_force_at is None else "đã được thay"


def _of(name: str) -> Any:
    return lambda row, wanted: getattr(row.PlanVersion, name)


PLAN_VERSIONS = ListKind(
    "plan-versions",
    "Các phiên bản kế hoạch",
    _versions,
    (
        Column("Chu trình", "cycle"),
        Column("Phiên bản", _of("number")),
        Column("Văn bản", _of("document")),
        Column("Có hiệu lực từ", _of("effective_at")),
        Column("Ghi lúc", _of("recorded_at")),
        Column("Áp dụng từ", _of("in_force_at")),
        Column("Tình trạng", _stands),
        Column("Lý do", _of("reason"), only_in_file=True),
        Column("Mã băm nội dung", _of("plan_sha256"), only_in_file=True),
        Column("Ghi chú", simulated, only_in_file=True),
    ),
    by=frozenset({"cycle"}),
)
