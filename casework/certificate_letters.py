"""Owes the letters of what happens to a certificate: to producer, commune, coordinator office, and to the body that issued it."""

from datetime import datetime

from sqlalchemy.orm import Session

from casework.days import calendar
from casework.directory import Directory, Found
from casework.expiry import certificate_facts, province_of
from casework.owing import Draft, owe, producer
from casework.rules import standing_rules
from models.results import Certificate
from models.units import Producer, Product
from ocop.levels import Role
from ocop.notices import AUDIENCE, Notice, Party
from ocop.working_days import day_of


def tell(
    session: Session, certificate: Certificate, notice: Notice, cause: str, at: datetime, *, keeper_id: int, reason: str,
    document: str,
) -> None:  # fmt: skip
    """Owe a notice on a certificate to those whom the table of notices names; its holder is the body that keeps it."""
    product = session.get_one(Product, certificate.product_id)
    maker = session.get_one(Producer, product.producer_id)
    province = province_of(session, certificate.commune_id)
    _, _, notices, title = standing_rules(session, province)
    directory = Directory(session, [certificate.commune_id, keeper_id], province, day_of(at))
    facts = {
        "cycle_title": title,
        "dossier": None,
        "certificate": certificate_facts(certificate, product, maker, directory),
        "days_left": 0,
        "window": None,
        "reason": reason,
        "document": document,
    }
    readers = {
        Party.PRODUCER: lambda: Found(producer(maker.id, maker.name, maker.contact, maker.email, maker.commune_id)),
        Party.COMMUNE: lambda: directory.find(certificate.commune_id),
        Party.HOLDER: lambda: directory.find(keeper_id),
        Party.COORDINATOR_OFFICE: lambda: directory.find(province, Role.COORDINATOR_OFFICE),
    }
    drafts = [
        Draft(
            notice, cause, readers[party](), facts, at, reply_unit_id=certificate.commune_id,
            simulated=certificate.simulated, for_unit=certificate.commune_id,
        )
        for party in AUDIENCE[notice]
    ]  # fmt: skip
    owe(session, drafts, calendar(session), notices, directory)
