"""Tells the issuing body and the coordinator office of a finding on which nobody has decided until its day."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from casework.certificate_letters import tell
from casework.certificates import keeper
from models.cycles import AgendaItem
from models.findings import Finding
from models.results import Certificate
from ocop.notices import Notice
from ocop.revocation import Ground
from ocop.text import day as told

FINDING = "finding"
"""The agenda's kind for the day on which a finding has to be decided on."""


def remind(session: Session, items: Sequence[AgendaItem], at: datetime) -> None:
    """Owe a letter for each finding on which nobody decided until its day."""
    del at
    for item in items:
        finding = session.get_one(Finding, int(item.subject.split("/")[1]))
        if finding.closed_on is not None:
            item.outcome = finding.outcome
            continue
        certificate = session.get_one(Certificate, finding.certificate_id)
        tell(
            session, certificate, Notice.FINDING_DUE, f"{item.subject}/due", item.due_at,
            keeper_id=keeper(session, certificate), reason=reason_of(finding), document=finding.document,
        )  # fmt: skip
        item.outcome = "told"


def reason_of(finding: Finding) -> str:
    """Return a finding as letters tell it: the ground, what was found, and until when the issuing body decides."""
    return (
        f"{Ground(finding.ground).label}: {finding.body} (phát hiện ngày {told(finding.found_on)}, quyết định chậm nhất ngày "
        f"{told(finding.due_on)})"
    )
