"""Letters owed, sent, handed over or dead."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Document

WAITING = text("state = 'owed'")
DOUBTED = text("unconfirmed > 0")


class LetterState(StrEnum):
    """Where a letter stands."""

    OWED = "owed"
    """Waits for a sender; `next_try_at` says from when. A claimed letter stays owed until its lease ends."""
    SENT = "sent"
    TO_HAND_OVER = "to_hand_over"
    HANDED_OVER = "handed_over"
    DEAD = "dead"
    """Refused for good, or its deadline passed; a person resends it."""
    HELD = "held"
    """In a restored copy: nothing leaves until a person releases it."""


class Letter(Base):
    """One letter to one recipient, written in the transaction of the event that owes it."""

    __tablename__ = "letters"
    __table_args__ = (
        Index("ix_letters_waiting", "next_try_at", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_letters_state", "state", "notice"),
        Index("ix_letters_unit", "unit_id", "state", "notice"),
        Index("ix_letters_recipient", "recipient"),
        Index("ix_letters_doubted", "unconfirmed", sqlite_where=DOUBTED, postgresql_where=DOUBTED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    """What owes it and to whom: '<cause>/<notice>/<recipient>'. The same cause never owes twice."""
    notice: Mapped[str] = mapped_column(String(40))
    cause: Mapped[str] = mapped_column(String(100), index=True)
    """The history line ('dossier/7#3') or the agenda item ('agenda/12') behind it."""
    cycle_id: Mapped[int | None] = mapped_column(ForeignKey("cycles.id"))
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    """The unit that the letter goes to, or whose commune its producer lies in: who hands it over on paper."""
    reply_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    """The holding unit: replies go to its officer."""
    recipient: Mapped[str] = mapped_column(String(60))
    """'person/<id>', 'producer/<id>' or 'unit/<id>' when nobody is there at all."""
    recipient_name: Mapped[str] = mapped_column(String(300))
    email: Mapped[str | None] = mapped_column(String(254))
    reply_to: Mapped[str | None] = mapped_column(String(254))
    facts: Mapped[Any] = mapped_column(Document)
    """What the text is rendered from."""
    state: Mapped[str] = mapped_column(String(20))
    owed_at: Mapped[datetime]
    """The instant of its cause."""
    send_from: Mapped[datetime]
    """Not before: quiet hours."""
    give_up_at: Mapped[datetime]
    """After this it is dead when not sent."""
    next_try_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    lease_by: Mapped[str] = mapped_column(String(60), default="")
    message_id: Mapped[str] = mapped_column(String(120))
    """The same at every try, so that a receiver can drop a duplicate."""
    last_error: Mapped[str] = mapped_column(Text, default="")
    unconfirmed: Mapped[int] = mapped_column(default=0)
    """How often the server's reply was lost after the text had gone: each may be a duplicate."""
    sent_at: Mapped[datetime | None]
    subject: Mapped[str | None] = mapped_column(String(400))
    body: Mapped[str | None] = mapped_column(Text)
    """The text part as sent or printed."""
    handed_over_at: Mapped[datetime | None]
    handed_over_by: Mapped[str] = mapped_column(String(200), default="")
    simulated: Mapped[bool] = mapped_column(default=False)
