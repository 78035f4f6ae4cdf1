"""A list of dossiers, a page of it at a time or whole for a spreadsheet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from casework.board.deadlines import DueDate, due_dates
from casework.board.selection import Selection
from casework.rules import procedure_of
from models.cycles import Breach, Cycle
from models.dossiers import Dossier
from models.results import Decision as Signed
from models.results import Evaluation
from models.units import Producer, Product, Unit
from ocop.levels import DossierKind
from ocop.phrase import Phrase

CHUNK = 500
"""Dossiers read at a time for a spreadsheet."""


@dataclass(frozen=True)
class Line:
    """One dossier in a list."""

    code: str
    product: str
    producer: str
    kind: str
    commune: str
    district: str
    stage: str
    since: datetime
    holder: str
    registered_on: date
    due: DueDate | None
    overdue: bool
    mean: Decimal | None
    """Of the newest ballot that counts."""
    star: int | None
    """Awarded by a decision in force."""
    simulated: bool


ORDERS: dict[str, tuple[str, tuple[ColumnElement[Any], ...]]] = {
    "code": (Phrase("mã hồ sơ"), (Dossier.code.asc(),)),
    "since": (Phrase("đứng lâu nhất ở bước hiện tại"), (Dossier.stage_since.asc(), Dossier.id.asc())),
    "newest": (Phrase("mới chuyển bước"), (Dossier.stage_since.desc(), Dossier.id.desc())),
}
"""How a list may be sorted: the word in the address, what it means, and the columns."""


def count_dossiers(session: Session, selection: Selection) -> int:
    """Return how many dossiers a selection has."""
    return session.scalar(select(func.count()).select_from(Dossier).where(*selection.conditions)) or 0


def page_of(
    session: Session, cycle: Cycle, selection: Selection, at: datetime, *, order: str, limit: int, offset: int
) -> list[Line]:
    """Return one page of a list."""
    ids = session.scalars(
        select(Dossier.id).where(*selection.conditions).order_by(*ORDERS[order][1]).limit(limit).offset(offset)
    ).all()
    statement = _statement(Dossier.id.in_(ids)).order_by(*ORDERS[order][1])
    return _lines(session, cycle, session.execute(statement).all(), at)


def all_of(session: Session, cycle: Cycle, selection: Selection, at: datetime) -> Iterator[Line]:
    """Yield a whole list by its dossiers' numbers, read in chunks."""
    last = 0
    while True:
        rows = session.execute(
            _statement(*selection.conditions, Dossier.id > last).order_by(Dossier.id).limit(CHUNK)
        ).all()
        if not rows:
            return
        last = rows[-1].id
        yield from _lines(session, cycle, rows, at)


def _statement(*conditions: ColumnElement[bool]) -> Select[Any]:
    commune, district, holder = aliased(Unit), aliased(Unit), aliased(Unit)
    return (
        select(
            Dossier.id, Dossier.code, Dossier.kind, Dossier.stage, Dossier.stage_since, Dossier.registered_on,
            Dossier.registered_at, Dossier.simulated, Dossier.commune_id, Dossier.district_id, Dossier.province_id,
            Product.name.label("product"), Producer.name.label("producer"), commune.name.label("commune"),
            district.name.label("district"), holder.name.label("holder"),
        )
        .join(Product, Product.id == Dossier.product_id)
        .join(Producer, Producer.id == Dossier.producer_id)
        .join(commune, commune.id == Dossier.commune_id)
        .outerjoin(district, district.id == Dossier.district_id)
        .join(holder, holder.id == Dossier.holder_id)
        .where(*conditions)
    )  # fmt: skip


def _lines(session: Session, cycle: Cycle, rows: Sequence[Any], at: datetime) -> list[Line]:
    """Return rows with their due dates, breaches and results: a query for each, not for each row."""
    ids = [row.id for row in rows]
    procedure = procedure_of(cycle)
    due = due_dates(session, cycle, rows, at)
    overdue = set(
        session.scalars(select(Breach.dossier_id).where(Breach.dossier_id.in_(ids), Breach.closed_at.is_(None)))
    )
    means: dict[int, Decimal] = {
        dossier_id: mean
        for dossier_id, mean in session.execute(
            select(Evaluation.dossier_id, Evaluation.mean)
            .where(Evaluation.dossier_id.in_(ids), Evaluation.counts.is_(True), Evaluation.annulled_on.is_(None))
            .order_by(Evaluation.id)
        )
    }
    stars = {
        dossier_id: star
        for dossier_id, star in session.execute(
            select(Signed.dossier_id, func.max(Signed.awarded_star))
            .where(Signed.dossier_id.in_(ids), Signed.annulled_on.is_(None))
            .group_by(Signed.dossier_id)
        )
    }
    return [
        Line(
            row.code, row.product, row.producer, DossierKind(row.kind).label, row.commune, row.district or "",
            procedure.stage(row.stage).label, row.stage_since, row.holder, row.registered_on, due.get(row.id),
            row.id in overdue, means.get(row.id), stars.get(row.id), row.simulated,
        )
        for row in rows
    ]  # fmt: skip
