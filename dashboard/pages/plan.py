"""The plan: its findings, versions, extensions and calendar, every setting with its source, units' numbers, targets against results."""

from itertools import groupby

from fastapi import APIRouter, Response

from casework.board.history import history
from casework.board.plan_check import dates
from casework.board.planned import extensions, findings, years
from casework.board.units import plan_numbers
from casework.days import calendar
from casework.exports import Sheet
from casework.plan_versions import versions
from casework.rules import plan_of, procedure_of
from dashboard.kept import Shared
from dashboard.rights import OFFICERS
from dashboard.view import Viewed
from ocop.levels import Level
from ocop.plan_settings import settings
from ocop.working_days import DAY_KIND_LABELS

router = APIRouter(route_class=Shared)


@router.get("/plan")
def plan(view: Viewed) -> Response:
    """Show the plan in force, and the versions before it and to come; to officers alone who did what in its cycle."""
    read = plan_of(view.cycle)
    numbers = plan_numbers(view.session, view.cycle, view.at, view.reader.scope)
    return view.page(
        "plan.html.j2",
        plan=read,
        versions=versions(view.session, view.cycle),
        procedure=procedure_of(view.cycle),
        groups=[(group, list(rows)) for group, rows in groupby(settings(read), key=lambda setting: setting.group)],
        counts=numbers.counts,
        planned=sum(row.planned or 0 for row in numbers.counts if row.unit.level == Level.DISTRICT),
        targets=numbers.targets,
        province=Level.PROVINCE.value,
        findings=findings(view.session, view.cycle),
        extensions=extensions(view.session, view.cycle),
        years=years(view.session, view.cycle),
        history=() if view.reader.kinds.isdisjoint(OFFICERS) else history(view.session, view.cycle),
        day_kinds=DAY_KIND_LABELS,
        dates=dates(read, calendar(view.session)),
        extendable=view.cycle.closed_at is None and view.reader.may("GET", "/plan/check"),
    )


@router.get("/plan.xlsx")
def plan_excel(view: Viewed) -> Response:
    """Give the units' numbers and the plan's settings as Excel."""
    counts = [
        [row.unit.code, row.unit.name, row.planned, row.registered, row.judged, row.recognised, row.document]
        for row in plan_numbers(view.session, view.cycle, view.at, view.reader.scope).counts
    ]
    rows = [
        [setting.group, setting.label, setting.value_text, setting.source] for setting in settings(plan_of(view.cycle))
    ]
    return view.excel(
        "ke-hoach",
        [
            Sheet("Số liệu đơn vị", COLUMNS, counts),
            Sheet("Thiết lập của kế hoạch", ("Mục", "Thiết lập", "Giá trị", "Nguồn"), rows),
        ],
    )


COLUMNS = ("Mã", "Đơn vị", "Dự kiến", "Đăng ký", "Đã chấm", "Được công nhận", "Văn bản")
