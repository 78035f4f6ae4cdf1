"""Who is late, whom to telephone, and how far the ladder was climbed."""

from fastapi import APIRouter, Response

from casework.board.late import SHOWN, late_units, settled_rungs
from casework.reminding import reminded
from dashboard.kept import Shared
from dashboard.view import Viewed

router = APIRouter(route_class=Shared)


@router.get("/late")
def late(view: Viewed) -> Response:
    """Show the units that hold what is overdue."""
    units = late_units(view.session, view.cycle, view.at)
    return view.page(
        "late.html.j2",
        units=units,
        shown=SHOWN,
        told=reminded(view.session, view.cycle, view.at),
        settled=settled_rungs(view.session, view.cycle, [entry.unit_id for entry in units]),
    )
