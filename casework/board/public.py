"""What everybody may know: the products whose certificate is in force, and how one certificate stands. No personal data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, union
from sqlalchemy.orm import Session, aliased

from casework.board.certificates import STANDING
from casework.living_on import living_on
from models.results import Certificate
from models.units import Producer, Product, Unit
from ocop.errors import InvalidInput, NotFound
from ocop.levels import Level
from ocop.phrase import Phrase
from ocop.text import count, fold, nfc
from ocop.transition_2026 import IN_FORCE_FROM, LIVES_ON_DAYS
from ocop.validity import in_force
from ocop.working_days import day_of

STARS = (5, 4, 3)
MOST_IN_A_FILE = 20_000
"""Rows of a workbook that anybody may ask for."""


@dataclass(frozen=True)
class Sought:
    """What a reader looks for; each is empty or one word of the address."""

    q: str = ""
    star: int | None = None
    unit: int | None = None

    @property
    def parameters(self) -> dict[str, str | int | None]:
        """The filters as an address has them."""
        return {"q": self.q.strip() or None, "star": self.star, "unit": self.unit}


def in_force_at(at: datetime) -> ColumnElement[bool]:
    """Return the condition on Certificate for 'in force on this day', by its end or by the transition of 2026.

    None is recorded before the day of its issue: the end alone is asked, which an index tells.
    """
    today = day_of(at)
    ends = Certificate.valid_until >= today
    if today < IN_FORCE_FROM:
        return and_(STANDING, ends)
    earliest = today - timedelta(days=LIVES_ON_DAYS)
    return and_(STANDING, Certificate.valid_until >= earliest, or_(ends, living_on(at)))


def conditions(session: Session, sought: Sought, at: datetime) -> tuple[list[ColumnElement[bool]], list[str]]:
    """Return the filters as conditions on Certificate, and in words; NotFound names a unit that there is not."""
    found, told = [in_force_at(at)], list[str]()
    if sought.star is not None:
        found.append(Certificate.star == sought.star)
        told.append(Phrase("%(stars)s sao", stars=sought.star))
    if sought.unit is not None:
        unit = session.get(Unit, sought.unit)
        if unit is None:
            raise NotFound(f"Không có đơn vị số {sought.unit}.", f"there is no unit number {sought.unit}")
        middle = select(Unit.id).where(Unit.parent_id == unit.id)
        below = select(Unit.id).where(or_(Unit.id == unit.id, Unit.parent_id == unit.id, Unit.parent_id.in_(middle)))
        found.append(Certificate.commune_id.in_(below))
        told.append(Phrase("thuộc %(unit)s", unit=unit.name))
    if words := sought.q.strip():
        found.append(_named(words))
        told.append(Phrase("có chữ “%(words)s”", words=words))
    return found, told


def _named(words: str) -> ColumnElement[bool]:
    """Return the condition on Certificate for 'number, product or producer holds these words', marks and case aside.

    Each is looked for in its own index, and the answers are put together.
    """
    folded = "".join(f"\\{sign}" if sign in "\\%_" else sign for sign in fold(words))
    pattern = f"%{folded}%"
    product, maker, held = aliased(Product), aliased(Producer), aliased(Certificate)
    makers = select(maker.id).where(maker.search.like(pattern, escape="\\"))
    products = union(
        select(product.id).where(product.search.like(pattern, escape="\\")),
        select(product.id).where(product.producer_id.in_(makers)),
    )
    return Certificate.id.in_(
        union(
            select(held.id).where(func.lower(held.number).like(pattern, escape="\\")),
            select(held.id).where(held.product_id.in_(products), held.replaced_on.is_(None), held.revoked_on.is_(None)),
        )
    )


def count_products(session: Session, found: Sequence[ColumnElement[bool]]) -> int:
    """Return how many products a list has."""
    return session.scalar(select(func.count()).select_from(Certificate).where(*found)) or 0


def list_products(
    session: Session, found: Sequence[ColumnElement[bool]], at: datetime, *, limit: int | None = None, offset: int = 0
) -> Sequence[Any]:
    """Return products by the end of their certificates, the latest first: a page of them, or all where they fit a file."""
    if limit is None and (number := count_products(session, found)) > MOST_IN_A_FILE:
        raise InvalidInput(
            f"Danh sách có {count(number)} sản phẩm, mỗi tệp Excel nhiều nhất {count(MOST_IN_A_FILE)}. Hãy lọc theo đơn vị hoặc "
            "số sao rồi tải lại.",
            f"the list has {number:,} products, and an Excel file at most {MOST_IN_A_FILE:,}; filter by unit or stars, then download "
            "again",
        )
    above = aliased(Unit)
    newest = (Certificate.valid_until.desc(), Certificate.id.desc())
    page = select(Certificate.id).where(*found).order_by(*newest).limit(limit or MOST_IN_A_FILE).offset(offset)
    return session.execute(
        select(
            Certificate.number, Certificate.star, Certificate.issued_on, Certificate.valid_until,
            (Certificate.valid_until < day_of(at)).label("lives_on"), Certificate.commune_id,
            Product.name.label("product"), Product.group, Producer.name.label("producer"), Unit.name.label("commune"),
            above.name.label("above"),
            or_(Certificate.simulated, Product.simulated, Producer.simulated).label("simulated"),
        )
        .join(Product, Product.id == Certificate.product_id)
        .join(Producer, Producer.id == Product.producer_id)
        .join(Unit, Unit.id == Certificate.commune_id)
        .outerjoin(above, above.id == Unit.parent_id)
        .where(Certificate.id.in_(session.scalars(page).all()))
        .order_by(*newest)
    ).all()  # fmt: skip


def places(session: Session, chosen: int | None) -> list[tuple[Unit, list[Unit]]]:
    """Return the units above communes that hold certificates, by name; below the chosen one its communes."""
    commune = aliased(Unit)
    held = exists().where(Certificate.commune_id == commune.id, STANDING)
    holding = (commune.level == Level.COMMUNE, held)
    above = session.scalars(
        select(Unit).where(Unit.id.in_(select(commune.parent_id).where(*holding))).order_by(Unit.search, Unit.id)
    ).all()
    opened = session.scalar(select(Unit.parent_id).where(Unit.id == chosen, Unit.level == Level.COMMUNE)) or chosen
    below = session.scalars(
        select(commune).where(commune.parent_id == opened, *holding).order_by(commune.search, commune.id)
    ).all()
    return [(unit, list(below) if unit.id == opened else []) for unit in above]


@dataclass(frozen=True)
class Shown:
    """One certificate as everybody may know it."""

    certificate: Certificate
    product: Product
    producer: str
    commune: str
    above: str
    issuer: str
    in_force: bool
    lives_on: bool
    """Past its end, and in force until the result that its holder waits for."""
    replaced_by: str
    """The number of the certificate that took its place."""
    simulated: bool


def certificate_by_number(session: Session, number: str, at: datetime) -> Shown:
    """Return how the certificate of a number stands; NotFound when there is none."""
    above, issuer, after = aliased(Unit), aliased(Unit), aliased(Certificate)
    row = session.execute(
        select(
            Certificate, Product, Producer.name, Unit.name, above.name, issuer.name, living_on(at), after.number,
            or_(Certificate.simulated, Product.simulated, Producer.simulated),
        )
        .join(Product, Product.id == Certificate.product_id)
        .join(Producer, Producer.id == Product.producer_id)
        .join(Unit, Unit.id == Certificate.commune_id)
        .join(issuer, issuer.id == Certificate.unit_id)
        .outerjoin(above, above.id == Unit.parent_id)
        .outerjoin(after, after.id == Certificate.replaced_by_id)
        .where(Certificate.number == (nfc(number).strip() if number.isprintable() else ""))
    ).one_or_none()  # fmt: skip
    if row is None:
        raise NotFound(
            f"Không có giấy chứng nhận mang số '{number}'. Hãy xem lại số ghi trên giấy, hoặc tìm theo tên sản phẩm.",
            f"there is no certificate '{number}'; look at the number on the paper again, or search by the product's name",
        )
    held, product, producer, commune, parent, authority, waits, number_after, simulated = row
    lives_on = bool(waits) and held.revoked_on is None and held.replaced_on is None
    holds = lives_on or in_force(held.issued_on, held.valid_until, day_of(at), held.revoked_on, held.replaced_on)
    return Shown(
        held, product, producer, commune, parent or "", authority, holds, lives_on, number_after or "", bool(simulated)
    )
