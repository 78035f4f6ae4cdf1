"""Issues a certificate on a decision, beside what the product held before."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import expiry
from casework.rules import plan_of
from models.cycles import Cycle
from models.dossiers import Dossier
from models.results import Certificate, Decision
from ocop.levels import DossierKind
from ocop.validity import valid_until


def award(
    session: Session, cycle: Cycle, dossier: Dossier, decision: Decision, number: str, at: datetime
) -> Certificate | None:
    """Issue the certificate of a decision's star; the product's earlier one ends on the day of issue.

    None when an upgrade reached no more than the star still held: the old certificate goes on to its end.
    """
    assert decision.awarded_star is not None
    held = session.scalar(
        select(Certificate).where(
            Certificate.product_id == dossier.product_id,
            Certificate.replaced_on.is_(None),
            Certificate.revoked_on.is_(None),
        )
    )
    in_force = held is not None and held.valid_until >= decision.signed_on
    if held and in_force and dossier.kind == DossierKind.UPGRADE and decision.awarded_star <= held.star:
        return None
    if held is not None:
        held.replaced_on = decision.signed_on
        session.flush()
    rules = plan_of(cycle).certificate
    issued = Certificate(
        number=number.strip() or f"{dossier.code}/GCN-{decision.awarded_star}",
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
