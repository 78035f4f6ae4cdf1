"""A producer's own registration: who they are and which product they mean, as the act takes it."""

from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.registration import Goods, Maker
from casework.rounds import registration_ends
from casework.rules import procedure_of
from models.cycles import Cycle
from models.units import Producer, Product, Unit
from ocop.errors import NotFound
from ocop.levels import DossierKind
from ocop.text import fold, nfc
from ocop.working_days import day_of

LONGEST_CODE = 50
"""How much of a producer's code begins the codes of their products."""


def own_maker(session: Session, producer_id: int) -> Maker:
    """Return a producer as a registration names them."""
    own = session.get_one(Producer, producer_id)
    commune = session.get_one(Unit, own.commune_id)
    return Maker(own.code, own.name, commune.code, own.kind, own.contact, own.email, own.phone, own.simulated)


def own_goods(session: Session, producer_id: int, *, code: str = "", name: str = "", group: str = "") -> Goods:
    """Return the product that a producer names by code or, new or known, by name; a new one gets their next free code."""
    if code:
        known = session.scalar(select(Product).where(Product.code == code, Product.producer_id == producer_id))
        if known is None:
            raise NotFound(f"Chủ thể không có sản phẩm mang mã '{code}'.", f"no product {code} of this producer")
        return Goods(known.code, known.name, known.group)
    name, group = nfc(name).strip(), nfc(group).strip()
    known = session.scalar(
        select(Product).where(Product.producer_id == producer_id, Product.search == fold(name)).order_by(Product.id)
    )
    if known is not None:
        return Goods(known.code, known.name, known.group)
    return Goods(_free_code(session, session.get_one(Producer, producer_id)), name, group)


def _free_code(session: Session, producer: Producer) -> str:
    start = f"{producer.code[:LONGEST_CODE]}-"
    number = 1 + (session.scalar(select(func.count()).where(Product.producer_id == producer.id)) or 0)
    taken = set(session.scalars(select(Product.code).where(Product.code.startswith(start, autoescape=True))))
    while f"{start}{number:02d}" in taken:
        number += 1
    return f"{start}{number:02d}"


class Filing:
    """A cycle that takes registrations now: which kinds, and until when."""

    def __init__(self, cycle: Cycle, ends: datetime | None) -> None:
        self.cycle, self.ends = cycle, ends
        self.kinds = tuple(kind for kind in DossierKind if kind in procedure_of(cycle).kinds)

    @property
    def last_day(self) -> date | None:
        """The last day on which it takes one."""
        return None if self.ends is None else day_of(self.ends - timedelta(microseconds=1))


def filings(session: Session, cycles: list[Cycle], at: datetime) -> list[Filing]:
    """Return those of some cycles that take a registration at an instant."""
    found = [Filing(cycle, registration_ends(session, cycle)) for cycle in cycles if cycle.closed_at is None]
    return [filing for filing in found if filing.ends is None or at < filing.ends]
