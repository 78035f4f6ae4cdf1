"""How the cycle stands: one sentence, the deadlines, and stages by unit."""

from fastapi import APIRouter, Response

from casework.board.cycles import Cell, grid, stars
from casework.board.deadlines import headline, strips
from casework.days import calendar
from casework.rules import procedure_of
from dashboard.view import View, Viewed
from ocop.working_days import day_of

router = APIRouter()

HEAT = ((20, "heat-3"), (10, "heat-2"), (5, "heat-1"))
"""Working days of the one that stands longest, from which a cell is shaded."""


def heat(view: View, cell: Cell, *, final: bool) -> str:
    """Return a cell's shade: overdue first, then by how long the oldest has stood there."""
    if cell.overdue:
        return "heat-late"
    if final or cell.oldest is None:
        return ""
    waited = calendar(view.session).working_days_between(day_of(cell.oldest), day_of(view.at))
    return next((shade for days, shade in HEAT if waited >= days), "")


@router.get("/")
def overview(view: Viewed) -> Response:
    """Show how the cycle stands."""
    cycle = view.cycle
    found = strips(view.session, cycle, view.at)
    counted = grid(view.session, cycle)
    return view.page(
        "overview.html.j2",
        headline=headline(cycle, found, counted.total, counted.open),
        strips=found,
        grid=counted,
        phases={stage: phase for phase, stages in procedure_of(cycle).phases.items() for stage in stages},
        stars=stars(view.session, cycle),
        heat=lambda cell, final: heat(view, cell, final=final),
        waited=lambda cell: calendar(view.session).working_days_between(day_of(cell.oldest), day_of(view.at)),
    )
