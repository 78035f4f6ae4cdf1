"""Sends a dossier back to its producer to be completed, and takes in what was completed."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import ledger
from casework.act import Answer, act
from casework.actors import Actor
from casework.days import calendar
from casework.evidence import NewEvidence, add_evidence
from casework.lookup import dossier_by_code, not_after_today, one_answer, required
from casework.moves import ProposedMove
from casework.producers import require_supplement_in_time
from casework.rules import plan_of
from casework.snapshots import take_snapshot
from casework.timing import own_deadline
from models.dossiers import Dossier
from models.record import Event
from ocop.deadlines import period_of_working_days
from ocop.errors import NotPossibleNow
from ocop.phrase import Phrase
from ocop.plan import CyclePlan
from ocop.procedure import MetBy


@act("request-supplement", "Trả hồ sơ để bổ sung")
def request_supplement(
    session: Session, *, actor: Actor, at: datetime, dossier: str, reason: str, requested_on: date
) -> Answer:
    """Return a dossier for completion with a reason; it stays with the level that asked, and no plan date moves."""
    not_after_today(requested_on, at, "Ngày yêu cầu bổ sung")
    row, cycle = dossier_by_code(session, dossier)
    plan = plan_of(cycle)
    require_supplement_left(session, row, plan)
    period = period_of_working_days(requested_on, plan.supplement.working_days, calendar(session))
    moved = ledger.move_one(
        session,
        ProposedMove(
            row.id, "request_supplement", requested_on, reason=required(reason, "lý do trả hồ sơ"),
            letter={"due_on": period.last_day},
        ),
        actor=actor,
        at=at,
    )  # fmt: skip
    own_deadline(
        session, cycle, row.id, moved.target, "supplement", period, calendar(session), met_by=MetBy.SUPPLEMENTED,
        source=plan.source_of("supplement.working_days") or "", at=at,
    )  # fmt: skip
    message = Phrase("Đã trả hồ sơ %(dossier)s để bổ sung, hạn %(day)s.", dossier=dossier, day=period.last_day)
    return one_answer(moved, message, due_on=period.last_day)


def require_supplement_left(session: Session, row: Dossier, plan: CyclePlan) -> None:
    """Raise NotPossibleNow when a dossier was returned for completion at its stage as often as the plan allows."""
    asked = session.scalar(
        select(func.count()).where(
            Event.dossier_id == row.id, Event.event == "request_supplement", Event.from_stage == row.stage
        )
    )
    if (asked or 0) >= plan.supplement.at_most:
        raise NotPossibleNow(
            f"Hồ sơ {row.code} đã được yêu cầu bổ sung {asked} lần ở cấp này, bằng số lần kế hoạch cho phép.",
            f"dossier {row.code} was returned {asked} times at this level, as often as the plan allows",
        )


@act("supplement", "Ghi nhận bổ sung hồ sơ")
def supplement(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    dossier: str,
    supplemented_on: date,
    note: str,
    evidence: Sequence[NewEvidence] = (),
) -> Answer:
    """Take in what the producer completed; a paper of the same kind and title replaces the older one. A new snapshot is kept."""
    not_after_today(supplemented_on, at, "Ngày bổ sung")
    row, _ = dossier_by_code(session, dossier)
    if actor.producer_id is not None:
        require_supplement_in_time(session, row, at)
    add_evidence(session, row.id, evidence, at)
    snapshot = take_snapshot(session, row.id, "supplement", {"note": note}, at)
    moved = ledger.move_one(
        session,
        ProposedMove(
            row.id,
            "supplement",
            supplemented_on,
            reason=required(note, "nội dung bổ sung"),
            details={"snapshot": snapshot},
        ),
        actor=actor,
        at=at,
    )
    return one_answer(moved, Phrase("Đã ghi nhận bổ sung hồ sơ %(dossier)s.", dossier=dossier))
