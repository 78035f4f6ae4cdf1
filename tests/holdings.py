"""Certificates of earlier years for tests, as an import of history leaves them."""

from datetime import date

from sqlalchemy import select

from casework import expiry
from casework.rules import cycle_by_code, plan_of
from models.results import Certificate, Decision
from models.session import transaction
from models.units import Producer, Product, Unit
from ocop.text import fold
from ocop.validity import valid_until
from tests.factories import CYCLE, Office


def certified(office: Office, commune: str, *, star: int, issued_on: date, number: str, product: str = "") -> str:
    """Give an earlier year's product a certificate and return the product's code."""
    code = product or f"SP-{number}"
    with transaction(office.engine) as session:
        unit = session.scalars(select(Unit).where(Unit.code == commune)).one()
        assert unit.parent_id is not None
        rules = plan_of(cycle_by_code(session, CYCLE)).certificate
        maker = Producer(
            code=f"CT-{number}", name=f"HTX mô phỏng {number}", search=fold(f"HTX mô phỏng {number}"), commune_id=unit.id,
            email=f"{number.lower()}@producer.example", simulated=True,
        )  # fmt: skip
        session.add(maker)
        session.flush()
        name = f"Chả cá mô phỏng {number}"
        goods = Product(code=code, name=name, search=fold(name), producer_id=maker.id, simulated=True)
        session.add(goods)
        session.flush()
        decision = Decision(
            product_id=goods.id, level=session.get_one(Unit, unit.parent_id).level, purpose="imported", number=f"QĐ-{number}", signed_on=issued_on,
            signer="Nguyễn Văn Cũ", unit_id=unit.parent_id, awarded_star=star, recorded_at=office.now,
        )  # fmt: skip
        session.add(decision)
        session.flush()
        certificate = Certificate(
            number=number, product_id=goods.id, decision_id=decision.id, commune_id=unit.id, star=star,
            issued_on=issued_on, valid_until=valid_until(issued_on, rules.months, rules.end), unit_id=unit.parent_id,
            source="test", simulated=True,
        )  # fmt: skip
        session.add(certificate)
        session.flush()
        expiry.schedule(session, [certificate], office.now)
    return code
