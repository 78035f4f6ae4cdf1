"""The versions of the plan that a cycle runs under: the one that opened it and every amendment."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class PlanVersion(Base):
    """A plan text that a document ordered for a cycle; written once, only `in_force_at` is filled in later."""

    __tablename__ = "plan_versions"
    __table_args__ = (UniqueConstraint("cycle_id", "number"), UniqueConstraint("cycle_id", "effective_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    number: Mapped[int]
    """From 1, in the order of recording: 1 is the plan that opened the cycle."""
    plan: Mapped[str] = mapped_column(Text)
    """The canonical text (ocop.plan.dump)."""
    plan_sha256: Mapped[str] = mapped_column(String(64))
    document: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text, default="")
    effective_at: Mapped[datetime]
    """The instant that the document names."""
    recorded_at: Mapped[datetime]
    in_force_at: Mapped[datetime | None]
    """From when the cycle ran under it: never before it was recorded; None while it waits."""
