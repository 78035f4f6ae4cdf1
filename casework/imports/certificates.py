"""Writes imported recognitions: producers, products, decisions and certificates, each table in a few statements."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casework.imports.batches import insert_batch
from casework.imports.catalogue import Catalogue
from casework.imports.recognition import Placed
from models.results import Certificate, Decision
from models.units import Producer, Product
from ocop.scoring import stars
from ocop.text import fold

After = Callable[[Session, Sequence[Certificate]], None]
"""What is to be done with the certificates that an import has written."""

Written = tuple[dict[str, int], set[str]]
"""Ids by code, and the codes of those that were there and that the file has renewed."""


def write_producers(session: Session, placed: Sequence[Placed], catalogue: Catalogue) -> Written:
    """Write new producers, and the contacts, kind and present commune that the file gives of known ones."""
    fresh, renewed = [], []
    for code, items in _grouped(placed, "producer_code").items():
        given = {
            "kind": _given(items, "producer_kind") or "",
            "contact": _given(items, "contact") or "",
            "email": _given(items, "email"),
            "phone": _given(items, "phone"),
        }
        moved = next((item.home.id for item in items if item.row.producer_commune_code), None)
        there = catalogue.producers.get(code)
        if there is None:
            name = items[0].row.producer_name
            fresh.append(
                {
                    "code": code,
                    "name": name,
                    "search": fold(name),
                    "commune_id": moved or items[0].home.id,
                    "simulated": items[0].row.simulated,
                    **given,
                }
            )
        elif change := _changes(there, {"commune_id": moved, **given}):
            renewed.append({"code": code, "id": there.id, **change})
    known = {code: producer.id for code, producer in catalogue.producers.items()}
    return _write(session, Producer, fresh, renewed, known)


def write_products(
    session: Session, placed: Sequence[Placed], catalogue: Catalogue, producers: Mapping[str, int]
) -> Written:
    """Write new products, and the group that the file gives of known ones."""
    fresh, renewed = [], []
    for code, items in _grouped(placed, "product_code").items():
        row = items[0].row
        group = _given(items, "group") or ""
        there = catalogue.products.get(code)
        if there is None:
            fresh.append(
                {
                    "code": code,
                    "name": row.product_name,
                    "search": fold(row.product_name),
                    "group": group,
                    "producer_id": producers[row.producer_code],
                    "simulated": row.simulated,
                }
            )
        elif change := _changes(there, {"group": group}):
            renewed.append({"code": code, "id": there.id, **change})
    known = {code: product.id for code, product in catalogue.products.items()}
    return _write(session, Product, fresh, renewed, known)


@dataclass
class _Issued:
    """A certificate in its product's line: one of the record, or one that is about to be written."""

    product: str
    issued_on: date
    id: int | None = None
    replaced_by_id: int | None = None
    successor: "_Issued | None" = None

    @property
    def replaced_on(self) -> date | None:
        return self.successor.issued_on if self.successor is not None else None


def write_certificates(
    session: Session,
    fresh: Sequence[Placed],
    known: Iterable[tuple[Certificate, str]],
    products: Mapping[str, int],
    at: datetime,
) -> Sequence[Certificate]:
    """Write decisions and certificates and return the new ones.

    Of a product's certificates each replaces the one before on its issue day; a revoked one stays as it is.
    """
    if not fresh:
        return []
    touched = {item.row.product_code for item in fresh}
    standing = [
        _Issued(code, certificate.issued_on, certificate.id, certificate.replaced_by_id)
        for certificate, code in known
        if code in touched and certificate.revoked_on is None
    ]
    issued = [_Issued(item.row.product_code, item.row.decision_date) for item in fresh]
    _succeed([*standing, *issued])
    replaced = [{"id": old.id, "replaced_on": old.replaced_on} for old in standing if old.successor is not None]
    if replaced:  # first: one certificate per product stands, and the new one may be it
        session.execute(update(Certificate), replaced)
    made = [_decision(item, products[item.row.product_code], at) for item in fresh]
    decisions = insert_batch(session, Decision, made, ("product_id", "signed_on", "purpose"))
    rows = [
        _certificate(item, products[item.row.product_code], decision, certificate.replaced_on)
        for item, decision, certificate in zip(fresh, decisions, issued, strict=True)
    ]
    ids = insert_batch(session, Certificate, rows, ("number",))
    for certificate, certificate_id in zip(issued, ids, strict=True):
        certificate.id = certificate_id
    followed = [
        {"id": old.id, "replaced_by_id": old.successor.id}
        for old in (*standing, *issued)
        if old.successor is not None and old.successor.id != old.replaced_by_id
    ]
    if followed:
        session.execute(update(Certificate), followed)
    fetched = {c.id: c for c in session.scalars(select(Certificate).where(Certificate.id.in_(ids)))}
    return [fetched[certificate_id] for certificate_id in ids]


def _succeed(issued: Iterable[_Issued]) -> None:
    lines: dict[str, list[_Issued]] = defaultdict(list)
    for certificate in issued:
        lines[certificate.product].append(certificate)
    for line in lines.values():
        for earlier, later in pairwise(sorted(line, key=lambda certificate: certificate.issued_on)):
            earlier.successor = later


def _decision(item: Placed, product_id: int, at: datetime) -> dict[str, Any]:
    row = item.row
    return {
        "dossier_id": None,
        "product_id": product_id,
        "level": row.authority_level.value,
        "purpose": "imported",
        "number": row.decision_number,
        "signed_on": row.decision_date,
        "signer": row.signer,
        "unit_id": item.authority.id,
        "mean": row.mean,
        "stars_by_points": stars(row.mean) if row.mean is not None else None,
        "awarded_star": row.star,
        "recorded_at": at,
    }


def _certificate(item: Placed, product_id: int, decision_id: int, replaced_on: date | None) -> dict[str, Any]:
    row = item.row
    return {
        "number": row.number,
        "product_id": product_id,
        "dossier_id": None,
        "decision_id": decision_id,
        "commune_id": item.commune.id,
        "star": row.star,
        "issued_on": row.decision_date,
        "valid_until": row.valid_until,
        "unit_id": item.authority.id,
        "replaced_on": replaced_on,
        "source": row.origin,
        "simulated": row.simulated,
    }


def _grouped(placed: Iterable[Placed], field: str) -> dict[str, list[Placed]]:
    """Return the rows under each code, the latest recognition first."""
    groups: dict[str, list[Placed]] = defaultdict(list)
    for item in sorted(placed, key=lambda item: item.row.decision_date, reverse=True):
        groups[getattr(item.row, field)].append(item)
    return groups


def _given(items: Iterable[Placed], field: str) -> Any:
    """Return what any of the rows says in a column; None when all leave it empty."""
    return next((value for item in items if (value := getattr(item.row, field))), None)


def _changes(there: object, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that say something else than the record; an empty one says nothing."""
    return {field: value for field, value in values.items() if value and value != getattr(there, field)}


def _write(
    session: Session,
    table: type[Producer] | type[Product],
    fresh: Sequence[dict[str, Any]],
    renewed: Sequence[dict[str, Any]],
    known: Mapping[str, int],
) -> Written:
    ids = dict(known)
    ids |= zip((row["code"] for row in fresh), insert_batch(session, table, fresh, ("code",)), strict=True)
    if renewed:
        session.execute(update(table), renewed)
    return ids, {row["code"] for row in renewed}
