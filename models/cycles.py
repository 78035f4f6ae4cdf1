"""A cycle, the plan it was opened with, and the deadlines, breaches and escalations of its stages."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base

ASIDE = text("done_at IS NULL AND outcome <> ''")
"""The work that was tried and could not be done: its outcome says why."""


class Cycle(Base):
    """One province's cycle under one plan, as amended, and one procedure: that of its opening, or the one it went over to."""

    __tablename__ = "cycles"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[str] = mapped_column(String(300))
    province_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    central_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    procedure_key: Mapped[str] = mapped_column(String(40))
    plan: Mapped[str] = mapped_column(Text)
    """The canonical text of the plan in force (ocop.plan.dump); models.plans keeps every version."""
    plan_sha256: Mapped[str] = mapped_column(String(64))
    plan_version: Mapped[int] = mapped_column(default=1)
    """The number of the version in force."""
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    last_serial: Mapped[int] = mapped_column(default=0)
    """The number of the last dossier registered; the row is locked while it grows."""
    version: Mapped[int] = mapped_column(default=0)
    head: Mapped[str] = mapped_column(String(64), default="")
    simulated: Mapped[bool] = mapped_column(default=False)
    suspended_level: Mapped[str] = mapped_column(String(20), default="")
    """The level at which no body is competent for the time being: what comes there is suspended; empty otherwise."""


class UnitTarget(Base):
    """How many products a unit plans for a cycle."""

    __tablename__ = "unit_targets"
    __table_args__ = (UniqueConstraint("cycle_id", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    planned: Mapped[int]
    document: Mapped[str] = mapped_column(String(200), default="")


class Deadline(Base):
    """A date that a stage must meet: the plan's, an extension, or one dossier's own period.

    What holds for a dossier at a stage is the latest `strikes_at` among the rows whose scope covers it and that
    neither an amendment of the plan nor a change of procedure replaced; of two at one instant, the one entered last (`id`).
    """

    __tablename__ = "deadlines"
    __table_args__ = (UniqueConstraint("cycle_id", "stage", "scope", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    stage: Mapped[str] = mapped_column(String(40))
    scope: Mapped[str] = mapped_column(String(40))
    """'all', 'unit/<id>' or 'dossier/<id>'."""
    version: Mapped[int]
    """Counted within its scope."""
    kind: Mapped[str] = mapped_column(String(20))
    """'plan', 'extension', or one of `casework.timing.OWN_KINDS`."""
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossiers.id"), index=True)
    day: Mapped[date]
    """The date as the document gives it."""
    wording: Mapped[str] = mapped_column(String(300))
    rule: Mapped[str] = mapped_column(Text)
    """The rule in force and what it makes of the date, as shown beside it."""
    strikes_at: Mapped[datetime] = mapped_column(index=True)
    """The first instant that is too late."""
    met_by: Mapped[str] = mapped_column(String(30))
    after_deadline: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(300))
    document: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    entered_at: Mapped[datetime]
    plan_version: Mapped[int] = mapped_column(default=1)
    """The version of the plan under which it was entered: a breach of it is a breach of that version."""
    replaced_at: Mapped[datetime | None]
    """From when an amended plan or another procedure sets another date, or none; the row and its breaches stay."""


class Breach(Base):
    """A registered dossier that had not passed a stage when its deadline struck; closed, never deleted."""

    __tablename__ = "breaches"
    __table_args__ = (
        UniqueConstraint("deadline_id", "dossier_id"),
        Index(
            "ix_breaches_open",
            "dossier_id",
            "deadline_id",
            "closed_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_breaches_unit", "unit_id", "deadline_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deadline_id: Mapped[int] = mapped_column(ForeignKey("deadlines.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    stage: Mapped[str] = mapped_column(String(40))
    """Where the dossier stood."""
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    """The unit that held it."""
    struck_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str] = mapped_column(String(40), default="")
    """The event that closed it."""


class Escalation(Base):
    """A rung climbed for a unit's open breaches of a deadline."""

    __tablename__ = "escalations"
    __table_args__ = (UniqueConstraint("deadline_id", "unit_id", "rung"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deadline_id: Mapped[int] = mapped_column(ForeignKey("deadlines.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    rung: Mapped[int]
    role: Mapped[str] = mapped_column(String(30))
    due_at: Mapped[datetime]
    dossiers: Mapped[int]
    """How many dossiers were overdue then."""
    vacant: Mapped[bool] = mapped_column(default=False)
    """Nobody held the role: the letter went to the next rung and the gap to the coordinator office."""
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(Text, default="")


class LateAcceptance(Base):
    """The plan's issuer accepts one dossier late at a stage, by a document."""

    __tablename__ = "late_acceptances"
    __table_args__ = (UniqueConstraint("dossier_id", "stage"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    stage: Mapped[str] = mapped_column(String(40))
    document: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]


class AgendaItem(Base):
    """Something that falls due at an instant: a reminder, a stroke, a rung, a warning, a list, a digest.

    Whoever runs asks for what is due and not done; when it runs does not change what it writes.
    """

    __tablename__ = "agenda"
    __table_args__ = (
        UniqueConstraint("kind", "subject", "number"),
        Index(
            "ix_agenda_due", "due_at", sqlite_where=text("done_at IS NULL"), postgresql_where=text("done_at IS NULL")
        ),
        Index("ix_agenda_aside", "due_at", sqlite_where=ASIDE, postgresql_where=ASIDE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str] = mapped_column(String(60))
    """What it is about: 'deadline/3', 'deadline/3/unit/9', 'certificate/7', 'unit/2', 'cycle/1'."""
    cycle_id: Mapped[int | None] = mapped_column(ForeignKey("cycles.id"))
    stage: Mapped[str] = mapped_column(String(40), default="")
    """The stage whose deadline it belongs to; empty for what is no stage's."""
    number: Mapped[int]
    """Days before, the rung, or the day as an ordinal: it makes the item unique."""
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(200), default="")


class CalendarDay(Base):
    """A day that differs from Monday-to-Friday: a holiday, or a weekend day worked in exchange."""

    __tablename__ = "calendar_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    """'holiday' or 'worked'."""
    name: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(200))
