"""A plan's text looked at before anything is opened from it: what it says date by date, and what an experienced officer would ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from casework.board.planned import findings_of
from casework.calendar_seed import calendar_rows
from casework.days import calendar
from ocop.plan import CyclePlan
from ocop.plan_file import read_plan, rounds_in
from ocop.plan_findings import Finding, Severity
from ocop.working_days import Calendar

SHIPPED = Path(__file__).parents[2] / "deployments" / "plans"
"""The plans that come with the software; a copy without them has none."""


@dataclass(frozen=True)
class Dated:
    """One date of a plan: what the plan says, what is understood by it, and where it says so."""

    stage: str
    label: str
    wording: str
    last_day: date
    rule: str
    section: str


@dataclass(frozen=True)
class Checked:
    """One round of a plan that can be read."""

    plan: CyclePlan
    round_key: str
    findings: Sequence[Finding]
    """Warnings first."""
    dates: Sequence[Dated]
    assumed_years: Sequence[int]
    """Years that the office's calendar does not have: counted by the software's own list."""

    @property
    def warnings(self) -> int:
        """How many findings are warnings."""
        return sum(finding.severity is Severity.WARNING for finding in self.findings)


def check_plan(session: Session, plan: str, refinement: str = "") -> list[Checked]:
    """Return every round of a plan's text with what is found in it; PlanErrors names each thing wrong in the text."""
    refinements = [refinement] if refinement.strip() else []
    return [
        _checked(session, read_plan(plan, *refinements, round_key=key), key) for key in rounds_in(plan) or [""]
    ]  # fmt: skip


def _checked(session: Session, plan: CyclePlan, key: str) -> Checked:
    office = calendar(session)
    years = sorted({plan.document.opens_on.year, *(row.day.year for row in plan.deadlines)})
    assumed = [year for year in years if not office.knows_year(year)]
    days = office.filled(calendar_rows(assumed[0], assumed[-1])) if assumed else office
    return Checked(plan, key, findings_of(session, plan, days), dates(plan, days), assumed)


def dates(plan: CyclePlan, days: Calendar) -> list[Dated]:
    """Return the dates of a plan's stages, each with the sentence behind it."""
    return [
        Dated(
            row.stage, plan.procedure.stage(row.stage).label, row.wording, row.fixed.last_day(days), row.explain(days),
            row.section,
        )
        for row in plan.deadlines
    ]  # fmt: skip


def shipped() -> list[str]:
    """Return the names of the plans that come with the software."""
    return sorted(path.name for path in SHIPPED.glob("*.toml"))


def shipped_text(name: str) -> str:
    """Return the text of a plan that comes with the software, by one of `shipped`'s names; empty for any other."""
    return (SHIPPED / name).read_text(encoding="utf-8") if name in shipped() else ""
