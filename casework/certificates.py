"""Issues a certificate on a decision, beside what the product held before."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from casework import expiry
from casework.rules import plan_of
from models.cycles import Cycle
from models.dossiers import Dossier
from models.results import Certificate, Decision
from models.units import Unit
from ocop.errors import AlreadyExists, NotFound, NotPossibleNow
from ocop.levels import DossierKind, Level
from ocop.validity import valid_until


@dataclass(frozen=True)
class Award:
    """A star to certify: the dossier's, by a decision that is written; without a number one is made."""

    cycle: Cycle
    dossier: Dossier
    decision: Decision
    number: str = ""

    @property
    def star(self) -> int:
        """The star that the decision awards."""
        assert self.decision.awarded_star is not None
        return self.decision.awarded_star


def held_by(session: Session, product_ids: Collection[int]) -> dict[int, Certificate]:
    """Return the certificates that products hold, replaced by none and not revoked; their ends may have passed."""
    return {held.product_id: held for held in session.scalars(_HELD, {"products": product_ids})}


_HELD = select(Certificate).where(
    Certificate.product_id.in_(bindparam("products", expanding=True)),
    Certificate.replaced_on.is_(None),
    Certificate.revoked_on.is_(None),
)


def outlasting(held: Certificate | None, dossier: Dossier, star: int, signed_on: date) -> Certificate | None:
    """Return the held certificate if it goes on to its end because an upgrade reached no more than its star, or None."""
    if held is None or dossier.kind != DossierKind.UPGRADE or star > held.star or held.valid_until < signed_on:
        return None
    return held


def keeper(session: Session, certificate: Certificate) -> int:
    """Return the unit whose people enter what happens to a certificate: its issuer, the province for the centre's.

    The centre keeps no record here.
    """
    issuer = session.get_one(Unit, certificate.unit_id)
    if issuer.level != Level.CENTRAL:
        return issuer.id
    return expiry.province_of(session, certificate.commune_id)


def certificate_number(dossier: Dossier, star: int) -> str:
    """Return the number of a certificate for which nobody gave one."""
    return f"{dossier.code}/GCN-{star}"


def taken(session: Session, numbers: Collection[str]) -> set[str]:
    """Return those of the numbers that some certificate has, replaced and revoked ones included."""
    return set(session.scalars(_TAKEN, {"numbers": numbers}))


_TAKEN = select(Certificate.number).where(Certificate.number.in_(bindparam("numbers", expanding=True)))


def require_free(session: Session, number: str) -> None:
    """Raise AlreadyExists when some certificate has this number."""
    if taken(session, [number.strip()]):
        raise number_taken(number.strip())


def number_taken(number: str) -> AlreadyExists:
    """Return the refusal of a certificate's number that another one has."""
    return AlreadyExists(
        f"Đã có giấy chứng nhận mang số '{number}'. Hãy ghi số khác.",
        f"another certificate has the number '{number}'; give another one",
    )


def award(session: Session, awards: Sequence[Award], at: datetime) -> list[Certificate | None]:
    """Issue the certificates of decisions' stars; a product's earlier one ends on the day of issue.

    None where an upgrade reached no more than the star still held: the old certificate goes on to its end.
    """
    held = held_by(session, {item.dossier.product_id for item in awards})
    issued: dict[int, Certificate] = {}
    for item in awards:
        before = held.get(item.dossier.product_id)
        if not outlasting(before, item.dossier, item.star, item.decision.signed_on):
            issued[item.dossier.product_id] = _certificate(item)
            if before is not None:
                before.replaced_on = item.decision.signed_on
    session.flush()  # a product has one at a time: the earlier ones end before the new ones begin
    session.add_all(issued.values())
    session.flush()
    for product_id, new in issued.items():
        if product_id in held:
            held[product_id].replaced_by_id = new.id
    session.flush()
    expiry.schedule(session, list(issued.values()), at)
    return [issued.get(item.dossier.product_id) for item in awards]


def _certificate(item: Award) -> Certificate:
    dossier, decision, rules = item.dossier, item.decision, plan_of(item.cycle).certificate
    return Certificate(
        number=item.number.strip() or certificate_number(dossier, item.star),
        product_id=dossier.product_id,
        dossier_id=dossier.id,
        decision_id=decision.id,
        commune_id=dossier.commune_id,
        star=item.star,
        issued_on=decision.signed_on,
        valid_until=valid_until(decision.signed_on, rules.months, rules.end),
        unit_id=decision.unit_id,
        simulated=dossier.simulated,
    )


def standing_certificate(session: Session, number: str) -> Certificate:
    """Return the certificate of a number, locked; refused when there is none, or when it was replaced or revoked."""
    row = session.scalar(select(Certificate).where(Certificate.number == number).with_for_update())
    if row is None:
        raise NotFound(
            f"Không có giấy chứng nhận '{number}'. Hãy xem “Danh sách giấy chứng nhận”.",
            f"there is no certificate '{number}'; look at the list of certificates",
        )
    if row.revoked_on or row.replaced_on:
        raise NotPossibleNow(
            f"Giấy chứng nhận {number} đã được thay thế hoặc thu hồi.", f"certificate {number} was replaced or revoked"
        )
    return row
