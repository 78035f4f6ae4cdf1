"""The dates inside a plan's deadlines: units' own plans, batches of sessions, passes of a council."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.exports import Cell
from casework.inner_dates import InnerKind, last_day
from casework.lists.listing import Column, ListKind, Wanted, level, narrowed, simulated, stage_label, streamed
from models.cycles import Cycle
from models.inner_dates import InnerDate
from models.units import Unit


def _dates(session: Session, wanted: Wanted) -> Iterator[Any]:
    statement = (
        select(
            InnerDate, Cycle.code.label("cycle"), Cycle.procedure_key, Cycle.simulated, Unit.level, Unit.code, Unit.name
        )
        .join(Cycle, Cycle.id == InnerDate.cycle_id)
        .join(Unit, Unit.id == InnerDate.unit_id)
        .order_by(InnerDate.cycle_id, InnerDate.strikes_at, InnerDate.id)
    )
    return streamed(session, narrowed(statement, wanted, cycle=InnerDate.cycle_id, unit=InnerDate.unit_id))


def _of(name: str) -> Any:
    return lambda row, wanted: getattr(row.InnerDate, name)


def _stage(row: Any, wanted: Wanted) -> Cell:
    del wanted
    return stage_label(row.procedure_key, row.InnerDate.stage)


def _stands(row: Any, wanted: Wanted) -> Cell:
    if row.InnerDate.replaced_at is not None:
        return "đã được thay"
    return "đã qua" if row.InnerDate.strikes_at <= wanted.at else "còn phía trước"


INNER_DATES = ListKind(
    "inner-dates",
    "Hạn bên trong thời hạn của kế hoạch",
    _dates,
    (
        Column("Chu trình", "cycle"),
        Column("Cấp", level),
        Column("Mã đơn vị", "code"),
        Column("Đơn vị", "name"),
        Column("Bước", _stage),
        Column("Loại", lambda row, wanted: InnerKind(row.InnerDate.kind).label),
        Column("Văn bản, cụm, lượt", _of("title")),
        Column("Kế hoạch ghi", _of("wording")),
        Column("Ngày cuối cùng", lambda row, wanted: last_day(row.InnerDate)),
        Column("Quy tắc đang dùng", _of("rule"), only_in_file=True),
        Column("Tình trạng", _stands),
        Column("Nguồn", _of("source"), only_in_file=True),
        Column("Ghi lúc", _of("entered_at"), only_in_file=True),
        Column("Ghi chú", simulated, only_in_file=True),
    ),
    by=frozenset({"cycle", "unit"}),
)
