"""Who of a unit's people works on a dossier while it stands there."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base

RUNNING = text("ended_at IS NULL")


class Assignment(Base):
    """A person works on a dossier at a unit; a hand-over ends the row and begins another.

    Whether it still holds is asked (casework.assigned.holds): it lapses by itself when the dossier leaves the unit or the
    person their posts there, and the act that next gives the dossier to somebody ends the row.
    """

    __tablename__ = "assignments"
    __table_args__ = (
        Index("uq_assignments_running", "dossier_id", unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING),
        Index("ix_assignments_unit", "unit_id", sqlite_where=RUNNING, postgresql_where=RUNNING),
        Index("ix_assignments_person", "person_id", "ended_at"),
        Index("ix_assignments_dossier", "dossier_id", "unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    """The unit that had to act on the dossier; the province for what stands at the centre."""
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    number: Mapped[int]
    """The dossier's last history line then: one at another unit after it ends the assignment."""
    begun_at: Mapped[datetime]
    begun_by: Mapped[str] = mapped_column(String(200))
    """Who gave the dossier; the person's own name where they took it."""
    note: Mapped[str] = mapped_column(Text, default="")
    """What the person was told with it."""
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(String(200), default="")
    """Who took it back or handed it over; empty where it had lapsed by itself."""
