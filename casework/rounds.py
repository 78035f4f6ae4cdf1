"""Which cycle takes a registration: the one that is named until its first deadline, then that of the plan's next round."""

from datetime import datetime

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from casework.rules import plan_of
from models.cycles import Cycle, Deadline
from ocop.errors import TooLate
from ocop.phrase import Phrase
from ocop.plan_sections import AfterRegistration
from ocop.working_days import day_of


def _goes_on(cycle: Cycle) -> bool:
    """Return whether the plan lets a late registration go to the next round."""
    return plan_of(cycle).registration.after_deadline is AfterRegistration.NEXT_ROUND


def _following(session: Session, cycle: Cycle) -> Cycle | None:
    """Return the open cycle of the round that follows, locked; None where the plan names none or it is not open yet."""
    plan = plan_of(cycle)
    if plan.next_round is None:
        return None
    others = session.scalars(
        select(Cycle)
        .where(Cycle.province_id == cycle.province_id, Cycle.closed_at.is_(None), Cycle.id != cycle.id)
        .order_by(Cycle.opened_at, Cycle.id)
    )
    for other in others:
        theirs = plan_of(other)
        if theirs.round and (theirs.document.key, theirs.round.key) == (plan.document.key, plan.next_round):
            session.refresh(other, with_for_update={"key_share": True})
            return other if other.closed_at is None else None
    return None


def in_time(session: Session, cycle: Cycle, product: str, at: datetime) -> tuple[Cycle, list[str]]:
    """Return the cycle that takes a registration, with what to say of it: after the deadline that of the next round, if any."""
    late = _late_registration(session, cycle, product, at)
    if late is None:
        return cycle, []
    later = _following(session, cycle) if _goes_on(cycle) else None
    if later is None:
        raise late
    taken, said = in_time(session, later, product, at)
    return taken, [
        Phrase(
            "đăng ký sau hạn của chu trình %(cycle)s: đã ghi vào đợt sau, chu trình %(later)s",
            cycle=cycle.code,
            later=later.code,
        ),
        *said,
    ]


def registration_ends(session: Session, cycle: Cycle) -> datetime | None:
    """Return the instant from which a cycle takes no registration: its first deadline; None where it has none."""
    return min((strike for _, strike in session.execute(_LATEST, {"cycle": cycle.id})), default=None)


def _late_registration(session: Session, cycle: Cycle, product: str, at: datetime) -> TooLate | None:
    """Return the refusal of a registration after the cycle's first deadline; None while it is in time."""
    strikes_at = registration_ends(session, cycle)
    if strikes_at is None or at < strikes_at:
        return None
    late = Phrase(
        "Sản phẩm '%(product)s' đăng ký sau hạn của chu trình %(cycle)s (hết hạn lúc 0 giờ ngày %(day)s)",
        product=product,
        cycle=cycle.code,
        day=day_of(strikes_at),
    )
    if not _goes_on(cycle):
        message = Phrase("%(late)s nên không nhận. Chỉ cơ quan ban hành kế hoạch được gia hạn.", late=late)
        return TooLate(message, "registered after the deadline")
    message = Phrase("%(late)s: hãy đăng ký vào đợt sau, kế hoạch cho phép chuyển đợt.", late=late)
    if following := plan_of(cycle).next_round:
        message = Phrase(
            "%(late)s: hãy đăng ký vào đợt sau ('%(round)s') khi chu trình của đợt đó được mở, kế hoạch cho phép chuyển đợt.",
            late=late,
            round=following,
        )
    return TooLate(message, "registered after the deadline: register it in the next round")


_LATEST = (
    select(Deadline.stage, func.max(Deadline.strikes_at))
    .where(
        Deadline.cycle_id == bindparam("cycle"),
        Deadline.scope == "all",
        # One that struck before it was replaced had ended registration: only a later date of its stage opens it again.
        or_(Deadline.replaced_at.is_(None), Deadline.strikes_at <= Deadline.replaced_at),
    )
    .group_by(Deadline.stage)
)
"""The stroke of each stage's deadline that holds for all."""
