"""The units below a province on a day."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.units import Unit
from ocop.working_days import day_of


def units_under(session: Session, province_id: int, at: datetime) -> list[Unit]:
    """Return a province and all units below it that exist on an instant's day."""
    day = day_of(at)
    found: list[Unit] = list(session.scalars(select(Unit).where(Unit.id == province_id)))
    parents = {province_id}
    while parents:
        children = [
            unit
            for unit in session.scalars(select(Unit).where(Unit.parent_id.in_(parents)).order_by(Unit.id))
            if unit.valid_from <= day and (unit.valid_to is None or unit.valid_to >= day)
        ]
        found += children
        parents = {unit.id for unit in children}
    return found
