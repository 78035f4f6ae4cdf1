"""The heat map: units by stages with how many dossiers stand there, how long the oldest has, and until when."""

from fastapi import APIRouter, Response

from casework.board.cycles import Cell, grid
from casework.board.due import DueDays
from casework.days import calendar
from casework.rules import procedure_of
from dashboard.kept import Shared
from dashboard.view import Viewed
from ocop.working_days import day_of

router = APIRouter(route_class=Shared)

HEAT = ((20, "heat-3"), (10, "heat-2"), (5, "heat-1"))
"""Working days of the one that stands longest, from which a cell is shaded."""


@router.get("/heat")
def heat_map(view: Viewed) -> Response:
    """Show where the dossiers of the cycle stand."""
    cycle, today = view.cycle, day_of(view.at)
    days, procedure = calendar(view.session), procedure_of(cycle)

    def waited(cell: Cell) -> int:
        """Return the working days that the oldest of a cell has stood there."""
        return 0 if cell.oldest is None else days.working_days_between(day_of(cell.oldest), today)

    def shade(cell: Cell, final: bool) -> str:
        """Return a cell's shade: overdue first, then by how long the oldest has stood there."""
        if cell.overdue:
            return "heat-late"
        return "" if final else next((found for least, found in HEAT if waited(cell) >= least), "")

    return view.page(
        "heat.html.j2",
        grid=grid(view.session, cycle),
        phases={stage: phase for phase, stages in procedure.phases.items() for stage in stages},
        due=DueDays(view.session, cycle),
        waited=waited,
        shade=shade,
    )
