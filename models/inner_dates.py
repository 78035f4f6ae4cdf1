"""Dates inside a stage's deadline: a unit's own plan, its batch of sessions, a pass of its council. They remind; nobody is late by them."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class InnerDate(Base):
    """A day by which a unit means to have done a stage, never later than the plan's own deadline for it."""

    __tablename__ = "inner_dates"
    __table_args__ = (Index("ix_inner_dates_cycle_unit", "cycle_id", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    stage: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    """'own_plan', 'batch' or 'pass'."""
    title: Mapped[str] = mapped_column(String(300))
    """The batch or the pass; of a unit's own plan its number."""
    day: Mapped[date]
    wording: Mapped[str] = mapped_column(String(300))
    rule: Mapped[str] = mapped_column(Text)
    strikes_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(300))
    entered_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]
    """When a later plan of the unit, or an amended one of the cycle, took its place; the row stays."""
