"""Owes the letters of dossiers' moves to those whom the table of notices names."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import FromClause, Row, bindparam, select
from sqlalchemy.orm import Session

from casework.days import calendar
from casework.directory import Directory, Found
from casework.moves import Written
from casework.owing import Draft, owe, producer
from casework.rules import plan_of, procedure_of
from models.base import table_of
from models.cycles import Cycle
from models.dossiers import Dossier
from models.units import Producer, Product
from ocop.levels import KIND_LABELS, Role
from ocop.notices import AUDIENCE, Party
from ocop.procedure import Stage
from ocop.working_days import day_of


def owe_for_moves(session: Session, written: Sequence[Written], cycles: Mapping[int, Cycle]) -> None:
    """Owe each move's letters to those whom the table of notices names, as they were on the day from which it holds."""
    lettered = [item for item in written if item.letters]
    if not lettered:
        return
    batches: dict[tuple[int, date], list[Written]] = {}
    for item in lettered:
        batches.setdefault((item.row.cycle_id, day_of(item.event["effective_at"])), []).append(item)
    for (cycle_id, day), items in batches.items():
        cycle = cycles[cycle_id]
        plan = plan_of(cycle)
        units = {unit for item in items for unit in (item.row.commune_id, item.row.district_id, item.holder_id)}
        directory = Directory(session, units, cycle.province_id, day)
        drafts = [draft for item in items for draft in _drafts(item, cycle, directory)]
        owe(session, drafts, calendar(session), plan.notices, directory)


def _drafts(item: Written, cycle: Cycle, directory: Directory) -> Iterator[Draft]:
    facts = dossier_facts(item, cycle, directory)
    event, row, holder_id = item.event, item.row, item.holder_id
    cause = f"{event['chain']}#{event['number']}"
    for notice in item.letters:
        seen: set[str] = set()
        for party in AUDIENCE[notice]:
            found, unit_id = _party(party, item, directory)
            if found is None or found.recipient.key in seen:
                continue
            seen.add(found.recipient.key)
            yield Draft(
                notice,
                cause,
                found,
                facts,
                event["effective_at"],
                row.cycle_id,
                row.id,
                holder_id,
                row.simulated,
                unit_id,
            )


def _party(party: Party, item: Written, directory: Directory) -> tuple[Found | None, int | None]:
    """Return who stands for a party of a dossier, and the unit it stands for."""
    row = item.row
    if party is Party.PRODUCER:
        return Found(producer(row.producer_id, row.producer, row.contact, row.email, row.commune_id)), row.commune_id
    if party is Party.COORDINATOR_OFFICE:
        return directory.find(row.province_id, Role.COORDINATOR_OFFICE), row.province_id
    unit_id = item.holder_id if party is Party.HOLDER else getattr(row, _UNIT_OF[party])
    return (None, None) if unit_id is None else (directory.find(unit_id), unit_id)


_UNIT_OF = {Party.COMMUNE: "commune_id", Party.DISTRICT: "district_id", Party.PROVINCE: "province_id"}


def dossier_facts(item: Written, cycle: Cycle, directory: Directory) -> dict[str, Any]:
    """Return the facts of a letter about a dossier's event, every optional one present."""
    return {
        "cycle_title": cycle.title,
        "dossier": _named(item.row, item.stage, directory, item.holder_id),
        "event": item.proposed.event,
        "occurred_on": item.proposed.occurred_on.isoformat(),
        "reason": item.proposed.reason,
        "document": item.proposed.document,
        "rule": item.event["rule"],
        "result": None,
        "due_on": None,
        "certificate": None,
        "details": item.proposed.details,
        **item.proposed.letter,
    }


def places(dossiers: Iterable[Dossier]) -> set[int | None]:
    """Return the units that letters about dossiers name."""
    return {unit for row in dossiers for unit in (row.commune_id, row.district_id, row.holder_id)}


def letter_about(
    session: Session, dossier: Dossier, cycle: Cycle, directory: Directory, event: str, occurred_on: date, **known: Any
) -> dict[str, Any]:
    """Return the facts of a letter about a dossier that no move owes, every optional one present.

    The directory knows the dossier's `places`.
    """
    (row,) = session.execute(_NAMED, {"dossier": dossier.id})
    stage = procedure_of(cycle).stage(dossier.stage)
    facts: dict[str, Any] = {
        "cycle_title": cycle.title,
        "dossier": _named(row, stage, directory, dossier.holder_id),
        "event": event,
        "occurred_on": occurred_on,
        "reason": "",
        "document": "",
        "rule": "",
        "result": None,
        "due_on": None,
        "certificate": None,
        "details": {},
    }
    return facts | known


def _named(row: Row[Any], stage: Stage, directory: Directory, holder_id: int) -> dict[str, Any]:
    """Return a dossier as letters name it."""
    return {
        "code": row.code,
        "product": row.product,
        "producer": row.producer,
        "kind_label": KIND_LABELS[row.kind],
        "commune": directory.name(row.commune_id),
        "district": directory.name(row.district_id),
        "stage_label": stage.label,
        "waits_for": stage.waits_for,
        "holder": directory.name(holder_id),
    }


_DOSSIERS, _PRODUCTS, _PRODUCERS = table_of(Dossier), table_of(Product), table_of(Producer)
ABOUT = (
    *(_DOSSIERS.c[name] for name in ("id", "code", "kind", "commune_id", "district_id")),
    _PRODUCTS.c.name.label("product"),
    _PRODUCERS.c.id.label("producer_id"),
    _PRODUCERS.c.name.label("producer"),
    _PRODUCERS.c.contact,
    _PRODUCERS.c.email,
)
"""What a letter about a dossier needs of it, its product and its producer."""


def about_dossiers() -> FromClause:
    """Return dossiers with their products and producers, from which `ABOUT` is read."""
    products = _DOSSIERS.join(_PRODUCTS, _PRODUCTS.c.id == _DOSSIERS.c.product_id)
    return products.join(_PRODUCERS, _PRODUCERS.c.id == _DOSSIERS.c.producer_id)


_NAMED = select(*ABOUT).select_from(about_dossiers()).where(_DOSSIERS.c.id == bindparam("dossier"))
