"""What the coordinator office opens in the morning: how it stands, the deadlines, whom to telephone, whether all keeps up."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from casework import health as keeping
from casework.board.calls import SOON, calls
from casework.board.cycles import cycles, stars, summed
from casework.board.deadlines import headline, strips
from casework.board.health import books, health
from casework.board.waiting import Waiting
from casework.reminding import reminded
from dashboard.kept import Shared
from dashboard.view import Viewed

router = APIRouter(route_class=Shared)
FIRST = ("/work", "/my", "/users", "/public")
"""The first page of who reads less than a province: the one of these that is theirs."""


@router.get("/")
def today(view: Viewed) -> Response:
    """Show how the cycle stands today and what to do about it; who reads less than a province goes to their own first page."""
    if not view.reader.scope.provincial and (view.cycles or cycles(view.session)):
        mine = {entry.path for entry in view.menu}
        return RedirectResponse(next(path for path in FIRST if path in mine), status_code=303)
    cycle = view.cycle
    waiting = Waiting(view.session, cycle)
    found = strips(view.session, cycle, view.at, waiting)
    counted = summed(view.session, cycle, waiting.standing)
    facts = health(view.session, view.at)
    return view.page(
        "overview.html.j2",
        headline=headline(cycle, found, counted.total, counted.open),
        counted=counted,
        strips=found,
        stars=stars(view.session, cycle),
        calls=calls(view.session, cycle, view.at, waiting),
        told=reminded(view.session, cycle, view.at),
        soon=SOON,
        health=facts,
        attention=keeping.lines(view.session, view.at, thorough=False),
        books=books(view.session, cycle),
        tick_late=facts.tick_late(view.wall),
        behind=facts.behind(view.wall),
        runs=view.request.app.state.prefect.runs(),
        prefect_url=view.settings.prefect_url,
    )
