"""Who would own a plan's stages on the day when its cycle opens: units by level, and those without an officer."""

from collections.abc import Mapping
from datetime import datetime, time

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework.below import units_under
from models.units import Post, Unit
from ocop.levels import Level, Role
from ocop.plan import CyclePlan
from ocop.plan_lint import Owners
from ocop.working_days import VIETNAM


def owners(session: Session, plan: CyclePlan) -> Mapping[Level, Owners]:
    """Return, for each level of the plan's province, its units on the opening day and those where nobody is the officer."""
    day = plan.document.opens_on
    province = session.scalar(
        select(Unit.id).where(
            Unit.level == Level.PROVINCE,
            Unit.code == plan.document.province,
            Unit.valid_from <= day,
            or_(Unit.valid_to.is_(None), Unit.valid_to >= day),
        )
    )
    units = [] if province is None else units_under(session, province, datetime.combine(day, time.min, VIETNAM))
    manned = set(
        session.scalars(
            select(Post.unit_id).where(
                Post.role == Role.OFFICER,
                Post.valid_from <= day,
                or_(Post.valid_to.is_(None), Post.valid_to >= day),
            )
        )
    )
    by_level = {level: [unit for unit in units if unit.level == level] for level in Level}
    return {
        level: Owners(len(found), tuple(unit.name for unit in found if unit.id not in manned))
        for level, found in by_level.items()
    }
