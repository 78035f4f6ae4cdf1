"""The history that nobody rewrites, the answers under idempotency keys, and the installation's marks."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Document

BY_PEOPLE = text("actor_id IS NOT NULL")
MOVES = text("from_stage <> to_stage")
"""The lines by which dossiers went on, as their index has it."""
LATE = text("""details LIKE '%"recorded_late"\\:true%'""")
"""The lines of acts held in time and recorded after the stroke: details are canonical text, in which a fact has one form."""


class Event(Base):
    """One line of a dossier's or a cycle's history, chained by hash; triggers refuse UPDATE and DELETE."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("chain", "number"),
        Index("ix_events_dossier", "dossier_id", "number"),
        Index("ix_events_recorded", "recorded_at", "id"),
        Index("ix_events_actor", "actor_id", "recorded_at", "id", sqlite_where=BY_PEOPLE, postgresql_where=BY_PEOPLE),
        Index(
            "ix_events_moves",
            "cycle_id",
            "effective_at",
            "from_stage",
            "to_stage",
            sqlite_where=MOVES,
            postgresql_where=MOVES,
        ),
        Index("ix_events_late", "cycle_id", "recorded_at", sqlite_where=LATE, postgresql_where=LATE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chain: Mapped[str] = mapped_column(String(40))
    """'dossier/<id>' or 'cycle/<id>'."""
    number: Mapped[int]
    """From 1 without gaps within the chain."""
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id"))
    event: Mapped[str] = mapped_column(String(40))
    from_stage: Mapped[str] = mapped_column(String(40))
    to_stage: Mapped[str] = mapped_column(String(40))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    """The unit at which it happened: the holder before a move."""
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """None when the engine itself acted."""
    actor_name: Mapped[str] = mapped_column(String(200))
    on_behalf: Mapped[str] = mapped_column(String(300), default="")
    """The authorising document and the signer, when a unit above entered it."""
    occurred_on: Mapped[date]
    """The day of the act itself: the council's day, the signing day."""
    effective_at: Mapped[datetime]
    """The instant from which it holds; the same however late a flow ran."""
    recorded_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text, default="")
    rule: Mapped[str] = mapped_column(String(300), default="")
    details: Mapped[Any] = mapped_column(Document)
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class Request(Base):
    """The answer given under an idempotency key."""

    __tablename__ = "requests"
    __table_args__ = (Index("ix_requests_recorded", "recorded_at", "key"),)

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    act: Mapped[str] = mapped_column(String(60))
    body_sha256: Mapped[str] = mapped_column(String(64))
    answer: Mapped[Any] = mapped_column(Document)
    actor_name: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime]


class Mark(Base):
    """A fact about this installation: when a watch last ran, whether sending is held after a restore."""

    __tablename__ = "marks"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime]
