"""Who is away from which post, between which days, and who stands in."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from casework.exports import Cell
from casework.lists.listing import Column, ListKind, Wanted, level, narrowed, simulated, streamed
from models.leaves import Leave
from models.units import Person, Post, Unit
from ocop.levels import Role


def _leaves(session: Session, wanted: Wanted) -> Iterator[Any]:
    away, stands_in, his, deputy = aliased(Person), aliased(Person), aliased(Post), aliased(Post)
    statement = (
        select(
            Unit.level, Unit.code.label("unit_code"), Unit.name.label("unit"), his.role, away.code, away.name,
            stands_in.name.label("stands_in"), Leave.from_day, Leave.to_day, Leave.document, Leave.recorded_by,
            away.simulated,
        )
        .join(his, his.id == Leave.post_id)
        .join(away, away.id == his.person_id)
        .join(Unit, Unit.id == his.unit_id)
        .outerjoin(deputy, deputy.id == Leave.deputy_post_id)
        .outerjoin(stands_in, stands_in.id == deputy.person_id)
        .where(Leave.to_day >= Leave.from_day)
        .order_by(Leave.from_day, Leave.id)
    )  # fmt: skip
    return streamed(session, narrowed(statement, wanted, unit=his.unit_id))


def _stands(row: Any, wanted: Wanted) -> Cell:
    if wanted.day < row.from_day:
        return "sắp vắng"
    return "đang vắng" if wanted.day <= row.to_day else "đã trở lại"


LEAVES = ListKind(
    "leaves",
    "Vắng mặt và người thay",
    _leaves,
    (
        Column("Cấp", level, only_in_file=True),
        Column("Mã đơn vị", "unit_code", only_in_file=True),
        Column("Đơn vị", "unit"),
        Column("Nhiệm vụ", lambda row, wanted: Role(row.role).label),
        Column("Mã cán bộ", "code", only_in_file=True),
        Column("Người vắng", "name"),
        Column("Người thay", "stands_in"),
        Column("Từ ngày", "from_day"),
        Column("Đến hết ngày", "to_day"),
        Column("Tình trạng", _stands),
        Column("Văn bản", "document", only_in_file=True),
        Column("Người ghi", "recorded_by", only_in_file=True),
        Column("Ghi chú", simulated, only_in_file=True),
    ),
    by=frozenset({"unit", "day"}),
)
