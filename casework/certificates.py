"""Issues a certificate on a decision, beside what the product held before."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import expiry
from casework.rules import plan_of
from models.cycles import Cycle
from models.dossiers import Dossier
from models.results import Certificate, Decision
from ocop.errors import AlreadyExists
from ocop.levels import DossierKind
from ocop.validity import valid_until


def held_by(session: Session, product_id: int) -> Certificate | None:
    """Return the certificate that a product holds, replaced by none and not revoked; its end may have passed."""
    return session.scalar(
        select(Certificate).where(
            Certificate.product_id == product_id,
            Certificate.replaced_on.is_(None),
            Certificate.revoked_on.is_(None),
        )
    )


def outlasting(session: Session, dossier: Dossier, star: int, signed_on: date) -> Certificate | None:
    """Return the certificate that goes on to its end because an upgrade reached no more than its star, or None."""
    held = held_by(session, dossier.product_id)
    if held is None or dossier.kind != DossierKind.UPGRADE or star > held.star or held.valid_until < signed_on:
        return None
    return held


def certificate_number(dossier: Dossier, star: int) -> str:
    """Return the number of a certificate for which nobody gave one."""
    return f"{dossier.code}/GCN-{star}"


def require_free(session: Session, number: str) -> None:
    """Raise AlreadyExists when some certificate, replaced and revoked ones included, has this number."""
    if session.scalar(select(Certificate.id).where(Certificate.number == number.strip())) is not None:
        raise AlreadyExists(
            f"Đã có giấy chứng nhận mang số '{number.strip()}'. Hãy ghi số khác.", f"certificate {number} exists"
        )


def award(
    session: Session, cycle: Cycle, dossier: Dossier, decision: Decision, number: str, at: datetime
) -> Certificate | None:
    """Issue the certificate of a decision's star; the product's earlier one ends on the day of issue.

    None when an upgrade reached no more than the star still held: the old certificate goes on to its end.
    """
    assert decision.awarded_star is not None
    if outlasting(session, dossier, decision.awarded_star, decision.signed_on):
        return None
    held = held_by(session, dossier.product_id)
    if held is not None:
        held.replaced_on = decision.signed_on
        session.flush()
    rules = plan_of(cycle).certificate
    issued = Certificate(
        number=number.strip() or certificate_number(dossier, decision.awarded_star),
        product_id=dossier.product_id,
        dossier_id=dossier.id,
        decision_id=decision.id,
        commune_id=dossier.commune_id,
        star=decision.awarded_star,
        issued_on=decision.signed_on,
        valid_until=valid_until(decision.signed_on, rules.months, rules.end),
        unit_id=decision.unit_id,
        simulated=dossier.simulated,
    )
    session.add(issued)
    session.flush()
    if held is not None:
        held.replaced_by_id = issued.id
        session.flush()
    expiry.schedule(session, [issued], at)
    return issued
