"""Councils' evaluations, the decisions signed on them, and certificates."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base

IN_FORCE = text("annulled_on IS NULL")
STANDING = text("replaced_on IS NULL AND revoked_on IS NULL")
COUNTING = text("counts IS 1 AND annulled_on IS NULL"), text("counts IS true AND annulled_on IS NULL")
"""The ballots that count, as SQLAlchemy writes it for SQLite and for PostgreSQL: a planner knows an index by its words."""


class Evaluation(Base):
    """One ballot of a council on one dossier; never overwritten, annulled only by a document."""

    __tablename__ = "evaluations"
    __table_args__ = (
        UniqueConstraint("dossier_id", "stage", "passage", "ballot"),
        Index(
            "ix_evaluations_counting",
            "dossier_id",
            "stage",
            "level",
            "counts",
            "annulled_on",
            sqlite_where=COUNTING[0],
            postgresql_where=COUNTING[1],
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    level: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str] = mapped_column(String(40))
    passage: Mapped[int]
    """The council's pass (vòng), from 1; a new one begins when a result is annulled."""
    ballot: Mapped[int]
    """The ballot (lượt chấm) within the pass, from 1."""
    held_on: Mapped[date]
    minutes_number: Mapped[str] = mapped_column(String(100))
    members: Mapped[int]
    """How many members the council has."""
    mean: Mapped[Decimal]
    stars_by_points: Mapped[int]
    stars_after_gates: Mapped[int]
    counts: Mapped[bool]
    """False when the totals lay too far apart: the council discusses and scores again."""
    recorded_late: Mapped[bool]
    """Held in time, recorded after the stroke."""
    recorded_at: Mapped[datetime]
    annulled_on: Mapped[date | None]
    annulled_by: Mapped[str] = mapped_column(String(200), default="")


class MemberTotal(Base):
    """One member's total, or why it does not count."""

    __tablename__ = "member_totals"
    __table_args__ = (UniqueConstraint("evaluation_id", "member"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    evaluation_id: Mapped[int] = mapped_column(ForeignKey("evaluations.id"))
    member: Mapped[str] = mapped_column(String(200))
    chair: Mapped[bool]
    total: Mapped[Decimal | None]
    recused_reason: Mapped[str] = mapped_column(Text, default="")


class GateResult(Base):
    """Whether one star's minimum requirements were met, with the reason as typed."""

    __tablename__ = "gate_results"
    __table_args__ = (UniqueConstraint("evaluation_id", "star"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    evaluation_id: Mapped[int] = mapped_column(ForeignKey("evaluations.id"))
    star: Mapped[int]
    passed: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text, default="")


class Decision(Base):
    """A signed paper on one dossier: the result of a council, a result after the return, a recognition, a correction."""

    __tablename__ = "decisions"
    __table_args__ = (
        Index(
            "uq_decisions_in_force",
            "dossier_id",
            "level",
            "purpose",
            unique=True,
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
        Index("ix_decisions_product", "product_id"),
        Index("ix_decisions_dossier", "dossier_id", "awarded_star", "annulled_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id"))
    """None for a recognition of earlier years that was imported."""
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    level: Mapped[str] = mapped_column(String(20))
    purpose: Mapped[str] = mapped_column(String(20))
    """'result', 'after_return', 'recognition', 'central' or 'imported'."""
    number: Mapped[str] = mapped_column(String(100))
    signed_on: Mapped[date]
    signer: Mapped[str] = mapped_column(String(200))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    """The authority."""
    evaluation_id: Mapped[int | None] = mapped_column(ForeignKey("evaluations.id"))
    mean: Mapped[Decimal | None]
    stars_by_points: Mapped[int | None]
    stars_after_gates: Mapped[int | None]
    awarded_star: Mapped[int | None]
    recorded_at: Mapped[datetime]
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))
    annulled_on: Mapped[date | None]
    annulled_by: Mapped[str] = mapped_column(String(200), default="")


class Certificate(Base):
    """A product's certificate; whether it is in force on a day is computed from its dates."""

    __tablename__ = "certificates"
    __table_args__ = (
        Index("uq_certificates_standing", "product_id", unique=True, sqlite_where=STANDING, postgresql_where=STANDING),
        Index("ix_certificates_valid_until", "valid_until", sqlite_where=STANDING, postgresql_where=STANDING),
        Index("ix_certificates_star", "star", "valid_until", sqlite_where=STANDING, postgresql_where=STANDING),
        Index("ix_certificates_commune", "commune_id", "valid_until", "product_id", "replaced_on", "revoked_on"),
        Index("ix_certificates_dossier", "dossier_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(100), unique=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id"))
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    commune_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    """The producer's commune on the day of issue."""
    star: Mapped[int]
    issued_on: Mapped[date]
    valid_until: Mapped[date]
    """The last day on which it is in force, were nothing else to happen."""
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    """The issuing authority."""
    replaced_on: Mapped[date | None]
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id"))
    revoked_on: Mapped[date | None]
    revoked_document: Mapped[str] = mapped_column(String(200), default="")
    revoked_reason: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(String(400), default="")
    simulated: Mapped[bool] = mapped_column(default=False)
