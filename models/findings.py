"""Findings that a certificate may have to be revoked."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Finding(Base):
    """A ground for revoking a certificate as it was found; the issuing body decides on it until `due_on`."""

    __tablename__ = "findings"

    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"), index=True)
    ground: Mapped[str] = mapped_column(String(40))
    found_on: Mapped[date]
    due_on: Mapped[date]
    body: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(String(200))
    recorded_by: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime]
    closed_on: Mapped[date | None]
    outcome: Mapped[str] = mapped_column(String(20), default="")
    """'revoked' or 'kept'; empty while nobody has decided."""
    closing_document: Mapped[str] = mapped_column(String(200), default="")
    closing_reason: Mapped[str] = mapped_column(Text, default="")
