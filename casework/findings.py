"""Findings that a certificate may have to be revoked: recorded with their day, decided on in time by the body that issued it."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.act import Answer, act
from casework.actors import Actor, require_post
from casework.certificate_letters import tell
from casework.certificates import keeper, standing_certificate
from casework.days import calendar
from casework.expiry import province_of
from casework.findings_due import FINDING, reason_of
from casework.lookup import not_after_today, required
from casework.owing import morning
from casework.rules import standing_rules
from casework.timing import Due, put_on_agenda
from models.findings import Finding
from models.results import Certificate
from ocop.deadlines import period_of_days
from ocop.errors import InvalidInput, NotFound
from ocop.notices import Notice
from ocop.phrase import Phrase
from ocop.revocation import DECIDE_WITHIN_DAYS, RULE, Ground, Outcome
from ocop.text import day as told
from ocop.working_days import day_of, start_of


@act("record-finding", "Ghi phát hiện căn cứ thu hồi giấy chứng nhận")
def record_finding(
    session: Session, *, actor: Actor, at: datetime, certificate: str, ground: Ground, found_on: date, body: str,
    document: str,
) -> Answer:  # fmt: skip
    """Record a ground for revoking a certificate; the issuing body decides within 15 days of the finding.

    It closes with the revocation or with a decision not to revoke; until then its day is watched.
    """
    not_after_today(found_on, at, "Ngày phát hiện")
    row = standing_certificate(session, certificate)
    holder = keeper(session, row)
    require_post(session, actor, holder, day_of(at))
    if found_on < row.issued_on:
        raise InvalidInput(
            f"Ngày phát hiện {told(found_on)} sớm hơn ngày cấp {told(row.issued_on)}.",
            f"the finding of {told(found_on)} lies before the day of issue, {told(row.issued_on)}",
        )
    days = calendar(session)
    due_on = period_of_days(found_on, DECIDE_WITHIN_DAYS, days).last_day
    finding = Finding(
        certificate_id=row.id, ground=ground.value, found_on=found_on, due_on=due_on,
        body=required(body, "nội dung phát hiện"), document=required(document, "số văn bản, biên bản"),
        recorded_by=actor.name, recorded_at=at,
    )  # fmt: skip
    session.add(finding)
    session.flush()
    _, _, notices, _ = standing_rules(session, province_of(session, row.commune_id))
    due_at = morning(start_of(due_on + timedelta(days=1)), days, notices)
    put_on_agenda(session, [Due(FINDING, f"finding/{finding.id}", 0, due_at)])
    tell(
        session, row, Notice.FINDING_RECORDED, f"finding/{finding.id}", at, keeper_id=holder,
        reason=reason_of(finding), document=finding.document,
    )  # fmt: skip
    return {
        "message": Phrase(
            "Đã ghi phát hiện số %(number)s về giấy chứng nhận %(certificate)s (%(ground)s): quyết định chậm nhất ngày %(day)s "
            "(%(rule)s).",
            number=str(finding.id), certificate=certificate, ground=ground.label, day=due_on, rule=RULE.document,
        ),
        "finding": finding.id,
        "due_on": due_on,
    }  # fmt: skip


@act("close-finding", "Kết luận không thu hồi giấy chứng nhận")
def close_finding(
    session: Session, *, actor: Actor, at: datetime, finding: int, closed_on: date, document: str, reason: str
) -> Answer:
    """Close a finding on which the issuing body decided not to revoke, with document and reason."""
    not_after_today(closed_on, at, "Ngày kết luận")
    row = session.scalar(select(Finding).where(Finding.id == finding).with_for_update())
    if row is None or row.closed_on is not None:
        raise NotFound(
            f"Không có phát hiện số {finding} đang chờ quyết định.", f"no finding {finding} waits for a decision"
        )
    certificate = session.get_one(Certificate, row.certificate_id)
    require_post(session, actor, keeper(session, certificate), day_of(at))
    if closed_on < row.found_on:
        raise InvalidInput(
            f"Ngày kết luận {told(closed_on)} sớm hơn ngày phát hiện {told(row.found_on)}.",
            f"the conclusion of {told(closed_on)} lies before the finding, {told(row.found_on)}",
        )
    row.closed_on, row.outcome = closed_on, Outcome.KEPT.value
    row.closing_document, row.closing_reason = required(document, "số văn bản"), required(reason, "lý do")
    message = "Đã kết luận phát hiện số %(number)s: không thu hồi giấy chứng nhận %(certificate)s."
    return {"message": Phrase(message, number=str(finding), certificate=certificate.number)}


def close_by_revocation(session: Session, certificate: Certificate, reason: str) -> list[Finding]:
    """Close the open findings on a certificate that is revoked, and return them."""
    found = session.scalars(
        select(Finding)
        .where(Finding.certificate_id == certificate.id, Finding.closed_on.is_(None))
        .order_by(Finding.id)
    ).all()
    for finding in found:
        finding.closed_on, finding.outcome = certificate.revoked_on, Outcome.REVOKED.value
        finding.closing_document, finding.closing_reason = certificate.revoked_document, reason
    return list(found)
