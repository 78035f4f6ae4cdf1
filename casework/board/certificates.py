"""Certificates near their end and run out, computed from the day: by unit, and as a list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from casework.living_on import living_on
from casework.scope import Scope
from models.dossiers import Dossier
from models.results import Certificate
from models.units import Producer, Product, Unit
from ocop.errors import NotFound
from ocop.levels import Level
from ocop.phrase import Opened, Phrase
from ocop.text import fold
from ocop.transition_2026 import IN_FORCE_FROM
from ocop.working_days import start_of

EXPIRED, EXPIRED_UNFILED, LIVING_ON, LATER, REVOKED = "expired", "expired_unfiled", "living_on", "later", "revoked"


@dataclass(frozen=True)
class Bucket:
    """Certificates whose end lies in a span of days, or that ran out."""

    key: str
    words: str
    """What the certificates are, as a filter of the list says it."""

    @property
    def label(self) -> str:
        """The column's head."""
        return Opened(self.words)


def buckets(days_before: Sequence[int], today: date) -> list[Bucket]:
    """Return the columns of the table: run out, run out and not filed again, then the plan's spans before the end.

    From the day of Decision 26/2026 there are also those that wait for a result and live on by its transition.
    """
    spans = sorted(days for days in days_before if days > 0)
    waiting = [Bucket(LIVING_ON, Phrase("hết hạn, còn giá trị chờ kết quả"))] if today >= IN_FORCE_FROM else []
    return [
        Bucket(EXPIRED, Phrase("đã hết hạn")),
        Bucket(EXPIRED_UNFILED, Phrase("hết hạn, chưa nộp lại")),
        *waiting,
        *(
            Bucket(
                f"within_{days}",
                Phrase("còn %(first)s–%(days)s ngày", first=str(lower + 1), days=str(days))
                if lower
                else Phrase("còn đến %(days)s ngày", days=str(days)),
            )
            for lower, days in zip([0, *spans], spans, strict=False)
        ),
        Bucket(LATER, Phrase("còn lâu hơn") if spans else Phrase("còn hiệu lực")),
    ]


def filed_again() -> ColumnElement[bool]:
    """Return the condition on Certificate for 'an open dossier of the same product asks for a new one'."""
    again = aliased(Dossier)
    return exists().where(
        again.product_id == Certificate.product_id,
        again.open.is_(True),
        again.kind.in_(("re_recognition", "upgrade")),
    )


def _morning_after(today: date) -> datetime:
    """Return an instant at which everything registered on a day is there; the day asked for is the board's own."""
    return start_of(today + timedelta(days=1)) - timedelta(microseconds=1)


STANDING = and_(Certificate.replaced_on.is_(None), Certificate.revoked_on.is_(None))


def in_bucket(key: str, days_before: Sequence[int], today: date) -> ColumnElement[bool]:
    """Return the condition on Certificate for a column of the table; NotFound for another word."""
    spans = sorted(days for days in days_before if days > 0)
    if key == EXPIRED:
        return and_(STANDING, Certificate.valid_until < today, ~living_on(_morning_after(today)))
    if key == LIVING_ON:
        return and_(STANDING, living_on(_morning_after(today)))
    if key == EXPIRED_UNFILED:
        return and_(STANDING, Certificate.valid_until < today, ~filed_again())
    if key == LATER:
        return and_(STANDING, Certificate.valid_until > today + timedelta(days=max(spans, default=-1)))
    if key == REVOKED:
        return Certificate.revoked_on.is_not(None)
    for lower, days in zip([-1, *spans], spans, strict=False):
        if key == f"within_{days}":
            return and_(
                STANDING,
                Certificate.valid_until > today + timedelta(days=lower),
                Certificate.valid_until <= today + timedelta(days=days),
            )
    raise NotFound(f"Không có nhóm giấy chứng nhận '{key}'.", f"there is no group of certificates '{key}'")


@dataclass
class UnitCertificates:
    """The numbers of one unit, or of all when there is none."""

    unit: Unit | None
    numbers: dict[str, int]


def by_unit(
    session: Session, days_before: Sequence[int], today: date, scope: Scope
) -> tuple[UnitCertificates, list[UnitCertificates]]:
    """Return the certificates of a reader's territory by bucket, and those of each unit: one query for the numbers.

    The units are those right above the communes, for a reader below the province the communes themselves.
    """
    keys = [bucket.key for bucket in buckets(days_before, today)]
    sums = [func.sum(case((in_bucket(key, days_before, today), 1), else_=0)) for key in keys]
    wide = scope.provincial or Level.CENTRAL in scope.levels
    parent = (func.coalesce(Unit.parent_id, Unit.id) if wide else Unit.id).label("parent")
    rows = session.execute(
        select(parent, *sums)
        .join(Unit, Unit.id == Certificate.commune_id)
        .where(STANDING, *scope.certificates())
        .group_by(parent)
    ).all()
    total = UnitCertificates(None, dict.fromkeys(keys, 0))
    units = {unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_([row[0] for row in rows])))}
    found = []
    for unit_id, *numbers in rows:
        counted = dict(zip(keys, (int(number) for number in numbers), strict=True))
        found.append(UnitCertificates(units[unit_id], counted))
        for key, number in counted.items():
            total.numbers[key] += number
    return total, sorted(found, key=lambda entry: entry.unit.code if entry.unit else "")


def conditions(
    session: Session, state: str, unit: int | None, words: str, days_before: Sequence[int], today: date, scope: Scope
) -> tuple[list[ColumnElement[bool]], list[str]]:
    """Return a list's filters as conditions on Certificate, within what a reader may see, and in words."""
    found: list[ColumnElement[bool]] = [*scope.certificates()]
    told: list[str] = []
    if state:
        found.append(in_bucket(state, days_before, today))
        labels: Mapping[str, str] = {bucket.key: bucket.words for bucket in buckets(days_before, today)}
        told.append(labels.get(state, Phrase("đã thu hồi")))
    else:
        found.append(STANDING)
    if unit is not None:
        row = session.get(Unit, unit)
        if row is None:
            raise NotFound(f"Không có đơn vị số {unit}.", f"there is no unit number {unit}")
        below, middle = aliased(Unit), aliased(Unit)
        communes = (
            select(below.id)
            .outerjoin(middle, middle.id == below.parent_id)
            .where(or_(below.id == unit, below.parent_id == unit, middle.parent_id == unit))
        )
        found.append(Certificate.commune_id.in_(communes))
        told.append(Phrase("thuộc %(unit)s", unit=row.name))
    if words.strip():
        found.append(_named(words))
        told.append(Phrase("có chữ “%(words)s”", words=words.strip()))
    return found, told


def _named(words: str) -> ColumnElement[bool]:
    """Return the condition on Certificate for 'number, product or producer holds these words', marks and case aside."""
    folded = "".join(f"\\{sign}" if sign in "\\%_" else sign for sign in fold(words))
    product, maker = aliased(Product), aliased(Producer)
    named = or_(product.search.like(f"%{folded}%", escape="\\"), maker.search.like(f"%{folded}%", escape="\\"))
    return or_(
        func.lower(Certificate.number).like(f"%{folded}%", escape="\\"),
        Certificate.product_id.in_(select(product.id).join(maker, maker.id == product.producer_id).where(named)),
    )


def count_certificates(session: Session, found: Sequence[ColumnElement[bool]]) -> int:
    """Return how many certificates a list has."""
    return session.scalar(select(func.count()).select_from(Certificate).where(*found)) or 0


def list_certificates(
    session: Session,
    found: Sequence[ColumnElement[bool]],
    today: date,
    *,
    limit: int | None = None,
    offset: int = 0,
) -> Sequence[Any]:
    """Return certificates by their end, with product, producer, commune, whether somebody filed again, whether it lives on."""
    issuer = aliased(Unit)
    statement = (
        select(
            Certificate, Product.name.label("product"), Product.code.label("product_code"),
            Producer.name.label("producer"), Producer.phone, Unit.name.label("commune"), issuer.name.label("issuer"),
            filed_again().label("filed_again"), living_on(_morning_after(today)).label("lives_on"), Dossier.code.label("dossier"),
            or_(Certificate.simulated, Product.simulated, Producer.simulated).label("simulated"),
        )
        .join(Product, Product.id == Certificate.product_id)
        .join(Producer, Producer.id == Product.producer_id)
        .join(Unit, Unit.id == Certificate.commune_id)
        .join(issuer, issuer.id == Certificate.unit_id)
        .outerjoin(Dossier, Dossier.id == Certificate.dossier_id)
        .order_by(Certificate.valid_until, Certificate.id)
    )  # fmt: skip
    if limit is None:
        return session.execute(statement.where(*found).offset(offset)).all()
    page = (
        select(Certificate.id)
        .where(*found)
        .order_by(Certificate.valid_until, Certificate.id)
        .offset(offset)
        .limit(limit)
    )
    return session.execute(statement.where(Certificate.id.in_(session.scalars(page).all()))).all()
