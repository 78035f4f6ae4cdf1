"""Owes the letters of dossiers' moves to those whom the table of notices names."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, aliased

from casework.days import calendar
from casework.directory import Directory, Found
from casework.moves import Written
from casework.owing import Draft, owe, producer
from casework.rules import plan_of, procedure_of
from models.cycles import Cycle
from models.dossiers import Dossier
from models.units import Producer, Product, Unit
from ocop.levels import KIND_LABELS, DossierKind, Role
from ocop.notices import AUDIENCE, Party
from ocop.procedure import Stage
from ocop.working_days import day_of


def owe_for_moves(session: Session, written: Sequence[Written], cycles: Mapping[int, Cycle]) -> None:
    """Owe each move's letters to those whom the table of notices names, as they were on the day from which it holds."""
    lettered = [item for item in written if item.letters]
    if not lettered:
        return
    about = _about(session, [item.row.id for item in lettered])
    batches: dict[tuple[int, date], list[Written]] = {}
    for item in lettered:
        batches.setdefault((item.row.cycle_id, day_of(item.event["effective_at"])), []).append(item)
    for (cycle_id, day), items in batches.items():
        cycle = cycles[cycle_id]
        plan = plan_of(cycle)
        units = {unit for item in items for unit in (item.row.commune_id, item.row.district_id, item.holder_id)}
        directory = Directory(session, units, cycle.province_id, day)
        drafts = [draft for item in items for draft in _drafts(item, about[item.row.id], cycle, directory)]
        owe(session, drafts, calendar(session), plan.notices, directory)


def _drafts(item: Written, about: Mapping[str, Any], cycle: Cycle, directory: Directory) -> Iterator[Draft]:
    facts = dossier_facts(item, about, cycle, directory)
    cause = f"{item.event['chain']}#{item.event['number']}"
    for notice in item.letters:
        seen: set[str] = set()
        for party in AUDIENCE[notice]:
            found, unit_id = _party(party, item, about, directory)
            if found is None or found.recipient.key in seen:
                continue
            seen.add(found.recipient.key)
            yield Draft(
                notice,
                cause,
                found,
                facts,
                item.event["effective_at"],
                cycle.id,
                item.row.id,
                item.holder_id,
                bool(item.row.simulated),
                {"for_unit": unit_id},
            )


def _party(
    party: Party, item: Written, about: Mapping[str, Any], directory: Directory
) -> tuple[Found | None, int | None]:
    """Return who stands for a party of a dossier, and the unit it stands for."""
    if party is Party.PRODUCER:
        return Found(
            producer(about["producer_id"], about["producer"], about["contact"], about["email"], item.row.commune_id)
        ), item.row.commune_id
    if party is Party.COORDINATOR_OFFICE:
        return directory.find(item.row.province_id, Role.COORDINATOR_OFFICE), item.row.province_id
    units = {
        Party.COMMUNE: item.row.commune_id,
        Party.DISTRICT: item.row.district_id,
        Party.PROVINCE: item.row.province_id,
        Party.HOLDER: item.holder_id,
    }
    unit_id = units[party]
    return (None, None) if unit_id is None else (directory.find(unit_id), unit_id)


def dossier_facts(item: Written, about: Mapping[str, Any], cycle: Cycle, directory: Directory) -> dict[str, Any]:
    """Return the facts of a letter about a dossier's event, every optional one present."""
    return {
        "cycle_title": cycle.title,
        "dossier": _named(item.row, about, item.stage, directory.name(item.holder_id)),
        "event": item.proposed.event,
        "occurred_on": item.proposed.occurred_on,
        "reason": item.proposed.reason,
        "document": item.proposed.document,
        "rule": item.event["rule"],
        "result": None,
        "due_on": None,
        "certificate": None,
        "details": dict(item.proposed.details),
        **item.proposed.letter,
    }


def letter_about(
    session: Session, dossier: Dossier, cycle: Cycle, directory: Directory, event: str, occurred_on: date, **known: Any
) -> dict[str, Any]:
    """Return the facts of a letter about a dossier that no move owes, every optional one present."""
    about = _about(session, [dossier.id])[dossier.id]
    stage = procedure_of(cycle).stage(dossier.stage)
    facts: dict[str, Any] = {
        "cycle_title": cycle.title,
        "dossier": _named(dossier, about, stage, directory.name(dossier.holder_id)),
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


def _named(dossier: Dossier | Row[Any], about: Mapping[str, Any], stage: Stage, holder: str) -> dict[str, Any]:
    """Return a dossier as letters name it."""
    return {
        "code": dossier.code,
        "product": about["product"],
        "producer": about["producer"],
        "kind_label": KIND_LABELS[DossierKind(dossier.kind)],
        "commune": about["commune"],
        "district": about["district"] or "",
        "stage_label": stage.label,
        "waits_for": stage.waits_for,
        "holder": holder,
    }


def _about(session: Session, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return names of product, producer and units for dossiers, in one query."""
    commune, district = aliased(Unit), aliased(Unit)
    rows = session.execute(
        select(
            Dossier.id,
            Product.name.label("product"),
            Producer.id.label("producer_id"),
            Producer.name.label("producer"),
            Producer.contact,
            Producer.email,
            commune.name.label("commune"),
            district.name.label("district"),
        )
        .join(Product, Product.id == Dossier.product_id)
        .join(Producer, Producer.id == Dossier.producer_id)
        .join(commune, commune.id == Dossier.commune_id)
        .outerjoin(district, district.id == Dossier.district_id)
        .where(Dossier.id.in_(ids))
    )
    return {row.id: dict(row._mapping) for row in rows}
