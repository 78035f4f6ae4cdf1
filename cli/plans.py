"""Commands that read a plan file before anything is opened from it: what it says, and what an experienced officer would ask."""

import sys
from pathlib import Path

from cyclopts import App

from casework.calendar_seed import calendar_rows
from casework.days import calendar as office_calendar
from cli.context import OUT, database, table, told
from models.session import reading
from ocop.plan import CyclePlan
from ocop.plan_file import read_plan
from ocop.plan_lint import Severity, lint
from ocop.text import day
from ocop.working_days import Calendar

WARNED = 2
"""The exit code of a check that found warnings; notes alone leave 0, a plan that cannot be read gives 1."""


def _calendar(plan: CyclePlan, office: bool) -> Calendar:
    """Return the calendar to count with: the office's own table, or the holidays that the software ships."""
    if office:
        with reading(database()) as session:
            return office_calendar(session)
    years = [plan.document.opens_on.year, *(row.day.year for row in plan.deadlines)]
    return Calendar(calendar_rows(min(years), max(years) + 1))


def add_plans(app: App) -> None:
    """Add the commands."""
    plans = App(name="plan", help="Tệp kế hoạch: đọc thử, kiểm tra trước khi mở chu trình.", group="Dữ liệu")
    app.command(plans)

    @plans.command(name="check")
    def check(file: Path, *, office: bool = False) -> None:
        """Kiểm tra một tệp kế hoạch: mỗi điểm cần lưu ý kèm phần của kế hoạch và đề xuất; không ghi gì.

        Kết thúc bằng 0 khi không có cảnh báo, 2 khi có cảnh báo, 1 khi tệp sai. Dùng lịch nghỉ của phần mềm; với --office dùng
        lịch đã nhập trong cơ sở dữ liệu.
        """
        with told():
            plan = read_plan(file)
            found = lint(plan, _calendar(plan, office))
            warnings = sum(finding.severity is Severity.WARNING for finding in found)
            for finding in found:
                style = "yellow" if finding.severity is Severity.WARNING else None
                OUT.print(f"{finding.severity.label}: {finding.problem}.", markup=False, style=style)
                OUT.print(f"    ở: {finding.key} ({finding.section})", markup=False)
                OUT.print(f"    đề xuất: {finding.proposal}.", markup=False)
            OUT.print(
                f"Kế hoạch {plan.document.number}: {warnings} cảnh báo, {len(found) - warnings} lưu ý.", markup=False
            )
        if warnings:
            sys.exit(WARNED)

    @plans.command(name="show")
    def show(file: Path, *, office: bool = False) -> None:
        """In từng thời hạn của kế hoạch: lời văn như đã ghi, ngày hiểu được, quy tắc đang dùng."""
        with told():
            plan = read_plan(file)
            days = _calendar(plan, office)
            table(
                f"{plan.document.number}: {plan.document.title}",
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
