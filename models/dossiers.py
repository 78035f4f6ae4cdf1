"""Dossiers with their submissions, evidence and complaints."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Document

OPEN = text("open")


class Dossier(Base):
    """A product's file in one cycle; `stage`, `holder_id`, `version` and `head` are written by casework.ledger alone."""

    __tablename__ = "dossiers"
    __table_args__ = (
        Index("uq_dossiers_one_open", "product_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_dossiers_cycle_stage", "cycle_id", "stage", "holder_id"),
        Index("ix_dossiers_board", "cycle_id", "stage", "district_id", "province_id", "commune_id", "stage_since"),
        Index("ix_dossiers_code", "cycle_id", "code"),
        Index(
            "ix_dossiers_simulated",
            "cycle_id",
            sqlite_where=text("simulated IS 1"),
            postgresql_where=text("simulated IS true"),
        ),
        Index("ix_dossiers_holder", "holder_id", "stage", "stage_since", "cycle_id"),
        Index("ix_dossiers_district", "district_id", "stage"),
        Index("ix_dossiers_producer", "producer_id"),
        Index("ix_dossiers_commune", "commune_id", "stage"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    producer_id: Mapped[int] = mapped_column(ForeignKey("producers.id"))
    kind: Mapped[str] = mapped_column(String(20))
    procedure_key: Mapped[str] = mapped_column(String(40))
    stage: Mapped[str] = mapped_column(String(40))
    """Written by casework.ledger.advance alone."""
    stage_since: Mapped[datetime]
    open: Mapped[bool]
    """Whether the stage is not final."""
    holder_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    """The unit that has to act now; the last one when the stage is final."""
    commune_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    province_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    proposed_star: Mapped[int]
    """What the producer asks for; what is awarded stands in decisions."""
    certificate_id: Mapped[int | None] = mapped_column(index=True)
    """The certificate that an upgrade or a re-recognition follows; no foreign key, which would close a circle of tables:
    the doctor checks it."""
    changes: Mapped[str] = mapped_column(Text, default="")
    """What changed since that certificate, for an upgrade."""
    carried_from_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id"))
    registered_on: Mapped[date]
    registered_at: Mapped[datetime]
    version: Mapped[int]
    """The number of its last event."""
    head: Mapped[str] = mapped_column(String(64))
    """The hash of its last event."""
    simulated: Mapped[bool] = mapped_column(default=False)
    suspended_at: Mapped[datetime | None]
    """Since when no body is competent for it, so that no clock runs; None while somebody is."""


class Snapshot(Base):
    """A submission exactly as it was made; never changed."""

    __tablename__ = "snapshots"
    __table_args__ = (UniqueConstraint("dossier_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    number: Mapped[int]
    occasion: Mapped[str] = mapped_column(String(40))
    body: Mapped[Any] = mapped_column(Document)
    sha256: Mapped[str] = mapped_column(String(64))
    taken_at: Mapped[datetime]


class Evidence(Base):
    """One paper of a dossier, with its own end."""

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(300))
    issued_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    """The last day on which the paper is valid; None when it has no end."""
    file_name: Mapped[str] = mapped_column(String(300), default="")
    file_sha256: Mapped[str] = mapped_column(String(64), default="")
    added_at: Mapped[datetime]
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id"))
    waived_at: Mapped[datetime | None]
    waived_reason: Mapped[str] = mapped_column(Text, default="")


class Complaint(Base):
    """A producer's complaint and its answer; it stops nothing."""

    __tablename__ = "complaints"

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), index=True)
    received_on: Mapped[date]
    body: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date]
    answered_on: Mapped[date | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    document: Mapped[str] = mapped_column(String(200), default="")
