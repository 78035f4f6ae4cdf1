"""The versions of a cycle's plan: which there are, and which of them was in force at an instant."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.rules import plan_of, plan_read
from models.cycles import Cycle
from models.plans import PlanVersion
from ocop.plan import CyclePlan


def keep_first(session: Session, cycle: Cycle, document: str) -> None:
    """Keep the plan that a cycle is opened with as its first version."""
    session.flush()
    session.add(
        PlanVersion(
            cycle_id=cycle.id, number=1, plan=cycle.plan, plan_sha256=cycle.plan_sha256, document=document[:200],
            effective_at=cycle.opened_at, recorded_at=cycle.opened_at, in_force_at=cycle.opened_at,
        )
    )  # fmt: skip


def versions(session: Session, cycle: Cycle) -> Sequence[PlanVersion]:
    """Return every version of a cycle's plan, in the order of recording."""
    return session.scalars(
        select(PlanVersion).where(PlanVersion.cycle_id == cycle.id).order_by(PlanVersion.number)
    ).all()


def plan_at(session: Session, cycle: Cycle, at: datetime) -> CyclePlan:
    """Return the plan that was in force at an instant; before the opening, the first one."""
    if cycle.plan_version == 1:
        return plan_of(cycle)
    text = session.scalar(
        select(PlanVersion.plan)
        .where(PlanVersion.cycle_id == cycle.id, PlanVersion.in_force_at <= at)
        .order_by(PlanVersion.in_force_at.desc())
        .limit(1)
    )
    return plan_of(cycle) if text is None else plan_read(text)


def before(known: Sequence[PlanVersion], effective_at: datetime) -> PlanVersion | None:
    """Return the version that precedes an effective instant: in force then, or due to be."""
    earlier = [version for version in known if version.effective_at < effective_at]
    return max(earlier, key=lambda version: version.effective_at, default=None)
