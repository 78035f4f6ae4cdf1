"""Whether an act met its deadline: by the day of the act itself, not by the day on which it was typed in."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.timing import in_force, last_day
from models.cycles import Breach, Deadline, LateAcceptance
from models.dossiers import Dossier
from ocop.errors import TooLate
from ocop.plan_sections import AfterDeadline
from ocop.procedure import MetBy
from ocop.text import day as told
from ocop.working_days import start_of

REMEDIES = {
    AfterDeadline.REFUSE: "Chỉ cơ quan ban hành kế hoạch được gia hạn hoặc chấp nhận hồ sơ muộn bằng văn bản.",
    AfterDeadline.NEXT_ROUND: "Kế hoạch quy định chuyển hồ sơ sang đợt sau.",
}
"""What a refused unit can do."""


def in_time(session: Session, dossier: Dossier, act: MetBy, day: date, at: datetime) -> bool:
    """Return whether an act held in time is recorded after the stroke; raise TooLate for one that was not in time.

    Only the act that the deadline of the dossier's stage names meets it; the day of any other is free. The plan may accept
    late acts, and its issuer may accept named dossiers late; a unit never extends its own deadline.
    """
    stage = dossier.stage
    deadline = in_force(session, dossier, stage)
    if deadline is None or deadline.met_by != act:
        return False
    if start_of(day) < deadline.strikes_at:
        return at >= deadline.strikes_at
    accepted = session.scalar(
        select(LateAcceptance.id).where(LateAcceptance.dossier_id == dossier.id, LateAcceptance.stage == stage)
    )
    if accepted or deadline.after_deadline == AfterDeadline.ACCEPT_LATE:
        return False
    remedy = REMEDIES[AfterDeadline(deadline.after_deadline)]
    raise TooLate(
        f"Hồ sơ {dossier.code}: ngày {told(day)} đã quá hạn ({deadline.wording}; hạn cuối {told(last_day(deadline))}). {remedy}",
        f"{day} lies on or after the deadline {deadline.strikes_at.isoformat()}",
    )


def close_met(session: Session, dossier_ids: Sequence[int], stage: str, by: str, at: datetime) -> None:
    """Close the open breaches of a stage that a session meets, for dossiers whose session was recorded."""
    for breach in session.scalars(
        select(Breach)
        .join(Deadline, Deadline.id == Breach.deadline_id)
        .where(
            Breach.dossier_id.in_(dossier_ids),
            Deadline.stage == stage,
            Deadline.met_by == MetBy.SESSION_HELD,
            Breach.closed_at.is_(None),
        )
    ):
        breach.closed_at, breach.closed_by = at, by
    session.flush()
