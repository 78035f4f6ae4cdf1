"""Commands that read a plan file before anything is opened from it: what it says, and what an experienced officer would ask."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from casework.calendar_seed import calendar_rows
from casework.days import calendar as office_calendar
from casework.plan_owners import owners
from cli.context import OUT, database, table, told
from models.session import reading
from ocop import text
from ocop.levels import Level
from ocop.plan import CyclePlan
from ocop.plan_file import read_plan, rounds_in
from ocop.plan_findings import Severity
from ocop.plan_lint import Owners, lint
from ocop.text import day
from ocop.working_days import Calendar

WARNED = 2
"""The exit code of a check that found warnings; notes alone leave 0, a plan that cannot be read gives 1."""

RoundKey = Annotated[str, Parameter(help="Mã đợt; bỏ trống là mọi đợt của tệp.")]
Refinements = Annotated[list[Path] | None, Parameter(help="Văn bản làm rõ kế hoạch; văn bản sau thay văn bản trước.")]
Office = Annotated[bool, Parameter(negative="", help="Dùng lịch, đơn vị và cán bộ đã nhập trong cơ sở dữ liệu.")]


def _plans(file: Path, refinements: list[Path] | None, round_key: str) -> list[CyclePlan]:
    """Return the plan of the round that is named, or of every round of the file."""
    keys = [round_key] if round_key else rounds_in(file) or [""]
    return [read_plan(file, *(refinements or ()), round_key=key) for key in keys]


def _days(plan: CyclePlan, office: bool) -> Calendar:
    """Return the office's calendar, or the holidays that the software ships for the plan's years."""
    if office:
        with reading(database()) as session:
            return office_calendar(session)
    years = [plan.document.opens_on.year, *(row.day.year for row in plan.deadlines)]
    return Calendar(calendar_rows(min(years), max(years) + 1))


def _owners(plan: CyclePlan, office: bool) -> Mapping[Level, Owners] | None:
    """Return who would act at each level, where the office's record is asked."""
    if not office:
        return None
    with reading(database()) as session:
        return owners(session, plan)


def add_plans(app: App) -> None:
    """Add the commands."""
    plans = App(name="plan", help="Tệp kế hoạch: đọc thử, kiểm tra trước khi mở chu trình.", group="Dữ liệu")
    app.command(plans)

    @plans.command(name="check")
    def check(file: Path, *, round_key: RoundKey = "", refinement: Refinements = None, office: Office = False) -> None:
        """Kiểm tra một tệp kế hoạch: mỗi điểm cần lưu ý kèm phần của kế hoạch và đề xuất; không ghi gì.

        Kết thúc bằng 0 khi không có cảnh báo, 2 khi có cảnh báo, 1 khi tệp sai.
        """
        warned = False
        with told():
            for plan in _plans(file, refinement, round_key):
                found = lint(plan, _days(plan, office), _owners(plan, office))
                warnings = sum(finding.severity is Severity.WARNING for finding in found)
                for finding in found:
                    style = "yellow" if finding.severity is Severity.WARNING else None
                    OUT.print(f"{finding.severity.label}: {finding.problem}.", markup=False, style=style)
                    OUT.print(f"    ở: {finding.key} ({finding.section})", markup=False)
                    OUT.print(f"    đề xuất: {text.ended(finding.remedy)}", markup=False)
                name = f"{plan.document.number}, {plan.round.title}" if plan.round else plan.document.number
                OUT.print(f"Kế hoạch {name}: {warnings} cảnh báo, {len(found) - warnings} lưu ý.", markup=False)
                warned = warned or warnings > 0
        if warned:
            sys.exit(WARNED)

    @plans.command(name="show")
    def show(file: Path, *, round_key: RoundKey = "", refinement: Refinements = None, office: Office = False) -> None:
        """In từng thời hạn của kế hoạch: lời văn như đã ghi, ngày hiểu được, quy tắc đang dùng."""
        with told():
            for plan in _plans(file, refinement, round_key):
                days = _days(plan, office)
                table(
                    f"{plan.document.number}: {plan.title}",
                    ["Giai đoạn", "Kế hoạch ghi", "Hạn cuối", "Quy tắc đang dùng"],
                    [
                        (
                            plan.procedure.stage(row.stage).label,
                            row.wording,
                            day(row.fixed.last_day(days)),
                            row.explain(days),
                        )
                        for row in plan.deadlines
                    ],
                )
                for heading, line in _others(plan):
                    OUT.print(f"  {heading}: {line}", markup=False)


def _others(plan: CyclePlan) -> list[tuple[str, str]]:
    """Return what a plan says beside its deadlines: documents, the next round, the closing event, a change of procedure."""
    said = [("Được làm rõ bởi", document) for document in plan.document.refined_by or ()]
    if plan.next_round:
        said.append(("Đợt kế tiếp", plan.next_round))
    if plan.closing:
        hour = f"{plan.closing.hour:%H giờ %M} " if plan.closing.hour else ""
        place = f", {plan.closing.place}" if plan.closing.place else ""
        said.append((plan.closing.title, f"{hour}ngày {day(plan.closing.day)}{place}"))
    said += [("Đổi quy trình", f"{change.procedure} từ ngày {day(change.day)}") for change in plan.changes]
    return said
