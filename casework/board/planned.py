"""What a plan comes to: what the linter finds in it, the extensions given, and the days off and swap days of its years."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.days import calendar
from casework.plan_owners import owners
from casework.rules import plan_of, procedure_of
from casework.timing import last_day
from models.cycles import CalendarDay, Cycle, Deadline
from models.units import Unit
from ocop.plan import CyclePlan
from ocop.plan_findings import Finding, Severity
from ocop.plan_lint import lint
from ocop.rulebook import stage_of
from ocop.working_days import Calendar, DayKind


def findings(session: Session, cycle: Cycle) -> Sequence[Finding]:
    """Return what an experienced officer would say about the plan in force, warnings first."""
    return findings_of(session, plan_of(cycle), calendar(session))


def findings_of(session: Session, plan: CyclePlan, days: Calendar) -> Sequence[Finding]:
    """Return the same of any plan, with its days counted by a calendar."""
    return sorted(lint(plan, days, owners(session, plan)), key=lambda finding: finding.severity != Severity.WARNING)


@dataclass(frozen=True)
class Extension:
    """A later date that the plan's issuer gave, for all or for one unit."""

    deadline: Deadline
    stage: str
    unit: str
    """Empty for all."""
    last_day: date


def extensions(session: Session, cycle: Cycle) -> Sequence[Extension]:
    """Return the extensions of a cycle in the order in which they were given."""
    procedure = procedure_of(cycle)
    rows = session.execute(
        select(Deadline, Unit.name)
        .outerjoin(Unit, Unit.id == Deadline.unit_id)
        .where(Deadline.cycle_id == cycle.id, Deadline.kind == "extension", Deadline.dossier_id.is_(None))
        .order_by(Deadline.entered_at, Deadline.id)
    )
    return [Extension(row, stage_of(procedure, row.stage).label, name or "", last_day(row)) for row, name in rows]


@dataclass(frozen=True)
class Year:
    """A year of the calendar table."""

    number: int
    days: Sequence[CalendarDay]
    """The days that are not what their weekday says; none where nobody entered the year."""

    @property
    def off(self) -> int:
        """How many days of the week from Monday to Friday are off."""
        return sum(row.kind == DayKind.HOLIDAY and row.day.weekday() < 5 for row in self.days)

    @property
    def swapped(self) -> int:
        """How many weekend days are worked in exchange."""
        return sum(row.kind == DayKind.WORKED for row in self.days)


def year(session: Session, number: int) -> Year:
    """Return the calendar of one year."""
    rows = session.scalars(
        select(CalendarDay)
        .where(CalendarDay.day.between(date(number, 1, 1), date(number, 12, 31)))
        .order_by(CalendarDay.day)
    )
    return Year(number, list(rows))


def years(session: Session, cycle: Cycle) -> Sequence[Year]:
    """Return the calendar of the years that a plan runs through."""
    plan = plan_of(cycle)
    days = [plan.document.opens_on, *(row.day for row in plan.deadlines)]
    wanted = sorted({plan.document.year, *(day.year for day in days)})
    rows = session.scalars(
        select(CalendarDay)
        .where(CalendarDay.day.between(date(wanted[0], 1, 1), date(wanted[-1], 12, 31)))
        .order_by(CalendarDay.day)
    ).all()
    return [Year(year, [row for row in rows if row.day.year == year]) for year in wanted]
