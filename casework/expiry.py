"""Watches certificates to their end: warnings before it, the day itself, and the monthly list of those that ran out."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from casework.days import calendar
from casework.directory import Directory, Found
from casework.owing import Draft, owe, producer, unit_facts
from casework.rules import standing_rules, standing_window
from casework.timing import Due, put_on_agenda
from models.cycles import AgendaItem
from models.dossiers import Dossier
from models.results import Certificate
from models.successions import Succession
from models.units import Producer, Product, Unit
from ocop.levels import Role
from ocop.notices import AUDIENCE, Notice, Party
from ocop.plan_sections import ReRecognition
from ocop.validity import filing_window
from ocop.working_days import VIETNAM, day_of

EXPIRY, MONTHLY_LIST = "expiry", "expired_list"


def schedule(session: Session, certificates: Sequence[Certificate], at: datetime) -> None:
    """Put the warnings of new certificates on the agenda, those that still lie ahead, and the province's monthly list."""
    if not certificates:
        return
    session.flush()
    provinces = provinces_of(session, {certificate.commune_id for certificate in certificates})
    items: list[Due] = []
    rules = {province: standing_rules(session, province) for province in set(provinces.values())}
    for certificate in certificates:
        _, expiry, notices, _ = rules[provinces[certificate.commune_id]]
        for days in expiry.days_before:
            due_at = datetime.combine(certificate.valid_until - timedelta(days=days), notices.hour, VIETNAM)
            if due_at >= at:
                items.append(Due(EXPIRY, f"certificate/{certificate.id}", days, due_at))
    put_on_agenda(session, items)
    for province, (_, expiry, notices, _) in rules.items():
        pending = session.scalar(
            select(AgendaItem.id).where(
                AgendaItem.kind == MONTHLY_LIST, AgendaItem.subject == f"unit/{province}", AgendaItem.done_at.is_(None)
            )
        )
        if pending is None:
            put_on_agenda(session, [_next_list(province, at, expiry.monthly_list_day, notices.hour)])


def _next_list(province_id: int, at: datetime, day: int, hour: Any) -> Due:
    """Return the first monthly list after an instant."""
    local = day_of(at)
    due = datetime.combine(date(local.year, local.month, day), hour, VIETNAM)
    if due <= at:
        year, month = (local.year + 1, 1) if local.month == 12 else (local.year, local.month + 1)
        due = datetime.combine(date(year, month, day), hour, VIETNAM)
    return Due(MONTHLY_LIST, f"unit/{province_id}", due.year * 100 + due.month, due)


def provinces_of(session: Session, commune_ids: Iterable[int]) -> dict[int, int]:
    """Return the province above each commune, whether or not a district stands between."""
    parents = {unit.id: unit.parent_id for unit in session.scalars(select(Unit).where(Unit.id.in_(set(commune_ids))))}
    middle = {
        unit.id: unit
        for unit in session.scalars(select(Unit).where(Unit.id.in_({parent for parent in parents.values() if parent})))
    }
    found: dict[int, int] = {}
    for commune, parent in parents.items():
        above = middle.get(parent) if parent else None
        if above is None:
            raise ValueError(f"unit {commune} stands under no province")
        found[commune] = above.id if above.level == "province" or above.parent_id is None else above.parent_id
    return found


def province_of(session: Session, commune_id: int) -> int:
    """Return the province above a commune."""
    return provinces_of(session, [commune_id])[commune_id]


def filed_again(at: datetime) -> Any:
    """Return the condition on Certificate for 'at an instant somebody had filed for it again and not given it up'."""
    again = aliased(Dossier)
    return exists().where(
        again.product_id == Certificate.product_id,
        again.kind.in_(("re_recognition", "upgrade")),
        again.registered_at <= at,
        or_(again.open.is_(True), again.stage_since > at),
    )


def standing() -> Any:
    """Return the condition on Certificate for one that was neither replaced nor revoked."""
    return and_(Certificate.replaced_on.is_(None), Certificate.revoked_on.is_(None))


def warn(session: Session, items: Sequence[AgendaItem], at: datetime) -> None:
    """Owe the warnings that are due for certificates in force for whose product nothing was filed again."""
    del at
    due_at = items[0].due_at
    by_certificate = {int(item.subject.split("/")[1]): item for item in items}
    rows = session.execute(
        select(Certificate, Product, Producer)
        .join(Product, Product.id == Certificate.product_id)
        .join(Producer, Producer.id == Product.producer_id)
        .where(Certificate.id.in_(list(by_certificate)), standing(), ~filed_again(items[0].due_at))
        .order_by(Certificate.id)
    ).all()
    for item in items:
        item.outcome = "replaced, revoked or filed again"
    if not rows:
        return
    provinces = provinces_of(session, {row.Certificate.commune_id for row in rows})
    by_province: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        by_province[provinces[row.Certificate.commune_id]].append(row)
    for province, found in by_province.items():
        _, _, notices, title = standing_rules(session, province)
        rules = standing_window(session, province)
        directory = Directory(session, {row.Certificate.commune_id for row in found}, province, day_of(due_at))
        drafts: list[Draft] = []
        for certificate, product, maker in found:
            item = by_certificate[certificate.id]
            drafts += _warnings(item, certificate, product, maker, province, directory, title, rules)
            item.outcome = "warned"
        owe(session, drafts, calendar(session), notices, directory)


def _warnings(
    item: AgendaItem, certificate: Certificate, product: Product, maker: Producer, province: int, directory: Directory,
    title: str, rules: ReRecognition,
) -> list[Draft]:  # fmt: skip
    notice = Notice.EXPIRED if item.number == 0 else Notice.EXPIRY_WARNING
    window = filing_window(certificate.valid_until, rules.earliest_days, rules.latest_days)
    facts = {
        "cycle_title": title,
        "dossier": None,
        "certificate": certificate_facts(certificate, product, maker, directory),
        "days_left": item.number,
        "window": {"from": window.opens_on, "to": window.closes_on},
        "reason": "",
        "document": "",
    }
    readers = {
        Party.PRODUCER: lambda: Found(producer(maker.id, maker.name, maker.contact, maker.email, maker.commune_id)),
        Party.COMMUNE: lambda: directory.find(certificate.commune_id),
        Party.COORDINATOR_OFFICE: lambda: directory.find(province, Role.COORDINATOR_OFFICE),
    }
    return [
        Draft(
            notice, f"certificate/{certificate.id}/before/{item.number}", readers[party](), facts, item.due_at,
            reply_unit_id=certificate.commune_id, simulated=certificate.simulated or maker.simulated,
            for_unit=certificate.commune_id,
        )
        for party in AUDIENCE[notice]
    ]  # fmt: skip


def certificate_facts(
    certificate: Certificate, product: Product, maker: Producer, directory: Directory
) -> dict[str, Any]:
    """Return a certificate as letters tell it."""
    return {
        "number": certificate.number,
        "star": certificate.star,
        "issued_on": certificate.issued_on,
        "valid_until": certificate.valid_until,
        "product": product.name,
        "producer": maker.name,
        "commune": directory.name(certificate.commune_id),
    }


def _with_those_it_followed(session: Session, province_id: int, day: date) -> set[int]:
    """Return a province and the units that it took the place of until a day, and those that they had."""
    found, newest = {province_id}, {province_id}
    while newest:
        newest = set(
            session.scalars(
                select(Succession.unit_id).where(
                    Succession.successor_id.in_(newest), Succession.main.is_(True), Succession.from_day <= day
                )
            )
        )
        found |= newest
    return found


def list_expired(session: Session, items: Sequence[AgendaItem], at: datetime) -> None:
    """Owe each commune and district of a province its list of products that ran out and were not filed again.

    What belonged to units that have ended stands on the lists of those that followed them, one list a unit and month.
    """
    del at
    for item in items:
        province = int(item.subject.split("/")[1])
        _, expiry, notices, title = standing_rules(session, province)
        today = day_of(item.due_at)
        followed_by = Directory(session, [], province, today).province_id
        if followed_by != province:
            item.outcome = "handed on to the successor"
            before = item.due_at - timedelta(seconds=1)
            put_on_agenda(session, [_next_list(followed_by, before, expiry.monthly_list_day, notices.hour)])
            continue
        provinces = _with_those_it_followed(session, province, today)
        commune, above = aliased(Unit), aliased(Unit)
        rows = session.execute(
            select(Certificate, Product, Producer, commune.parent_id)
            .join(Product, Product.id == Certificate.product_id)
            .join(Producer, Producer.id == Product.producer_id)
            .join(commune, commune.id == Certificate.commune_id)
            .outerjoin(above, above.id == commune.parent_id)
            .where(
                Certificate.valid_until < today,
                standing(),
                ~filed_again(item.due_at),
                commune.parent_id.in_(provinces) | above.parent_id.in_(provinces),
            )
            .order_by(Certificate.valid_until, Certificate.id)
        ).all()
        asked = {unit for row in rows for unit in (row.Certificate.commune_id, row.parent_id) if unit is not None}
        directory = Directory(session, asked, province, today)
        by_unit: dict[int, list[Any]] = defaultdict(list)
        for row in rows:
            by_unit[directory.now(row.Certificate.commune_id)].append(row)
            if row.parent_id is not None and directory.now(row.parent_id) != province:
                by_unit[directory.now(row.parent_id)].append(row)
        drafts = [
            Draft(
                Notice.EXPIRED_LIST,
                f"unit/{unit_id}/expired/{item.number}",
                directory.find(unit_id),
                unit_facts(
                    directory, unit_id, cycle_title=title, total=len(found),
                    certificates=[
                        {
                            "number": row.Certificate.number,
                            "product": row.Product.name,
                            "producer": row.Producer.name,
                            "star": row.Certificate.star,
                            "valid_until": row.Certificate.valid_until,
                        }
                        for row in found[:200]
                    ],
                ),
                item.due_at,
                reply_unit_id=province,
                simulated=all(row.Certificate.simulated for row in found),
                for_unit=unit_id,
            )
            for unit_id, found in sorted(by_unit.items())
        ]  # fmt: skip
        owe(session, drafts, calendar(session), notices, directory)
        item.outcome = f"{len(drafts)} units, {len(rows)} products"
        put_on_agenda(session, [_next_list(province, item.due_at, expiry.monthly_list_day, notices.hour)])
