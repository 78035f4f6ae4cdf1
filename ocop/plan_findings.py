"""What the linter answers with, and the days that a plan's deadlines leave between them."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ocop import text
from ocop.phrase import Phrase, phrases
from ocop.plan import CyclePlan
from ocop.plan_sections import StageDeadline
from ocop.working_days import Calendar


class Severity(StrEnum):
    """How much a finding matters."""

    NOTE = "note"
    """Right as it stands; a reader should know what it comes to."""
    WARNING = "warning"
    """Somebody will be late, refused or left out unless it is changed."""

    @property
    def label(self) -> str:
        """The severity in Vietnamese."""
        return SEVERITY_LABELS[self]


SEVERITY_LABELS = phrases({Severity.NOTE: "lưu ý", Severity.WARNING: "cảnh báo"})


@dataclass(frozen=True)
class Finding:
    """One thing that a plan's author should know: where it stands, what it is, and what could be done."""

    severity: Severity
    check: str
    key: str
    """The key in the file."""
    section: str
    """The plan's own section, or the source of the value."""
    problem: str
    proposal: str
    written: str = ""
    """What the proposal comes to in the plan's file, where a line of it does."""

    def __str__(self) -> str:
        """Return the finding on one line."""
        return f"{self.severity.label}, {self.key} ({self.section}): {self.problem}. Đề xuất: {text.ended(self.remedy)}"

    @property
    def remedy(self) -> str:
        """The proposal as the author of the file reads it."""
        return f"{self.proposal} (trong tệp: {self.written})" if self.written else self.proposal


@dataclass(frozen=True)
class Span:
    """The days that a deadline leaves: from the end of what comes before it to its own last day."""

    row: StageDeadline
    label: str
    after: date
    """The day from which the span is counted, itself not counted."""
    after_what: str
    last: date

    def working_days(self, calendar: Calendar) -> int:
        """Return the number of working days in the span."""
        return calendar.working_days_between(self.after, self.last)


def spans(plan: CyclePlan, calendar: Calendar) -> list[Span]:
    """Return the span of each deadline, in the procedure's order."""
    order = {stage.key: number for number, stage in enumerate(plan.procedure.stages)}
    found: list[Span] = []
    after, what = plan.document.opens_on, Phrase("ngày mở chu trình")
    for row in sorted(plan.deadlines, key=lambda row: order[row.stage]):
        label, last = plan.procedure.stage(row.stage).label, row.fixed.last_day(calendar)
        if row.opens_on is not None and row.opens_on > after:
            after = row.opens_on - timedelta(days=1)
            what = Phrase("ngày bắt đầu của bước '%(stage)s'", stage=label)
        found.append(Span(row, label, after, what, last))
        after, what = last, Phrase("hạn của bước '%(stage)s'", stage=label)
    return found


def at(row: StageDeadline, rule: str = "date") -> str:
    """Return the key of a deadline's value."""
    return f"deadlines.{row.stage}.{rule}"
