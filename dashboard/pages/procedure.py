"""The picture of the procedure with the cycle's live counts, its table, and the changes of procedure that the cycle saw."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from casework.board.cycles import Cell, grid
from casework.board.history import history
from dashboard.kept import Shared
from dashboard.language import asked, spoken
from dashboard.picture import UNDRAWN, WIDTH, picture
from dashboard.view import Viewed
from ocop.errors import NotFound
from ocop.procedure import Back
from ocop.rulebook import PROCEDURES

router = APIRouter(route_class=Shared)


@router.get("/procedure")
def show_procedure(view: Viewed, law: Annotated[str, Query(max_length=60)] = "") -> Response:
    """Show a procedure: the cycle's own with its dossiers, any other as the law has it."""
    cycle = view.cycle
    chosen = PROCEDURES.get(law or cycle.procedure_key)
    if chosen is None:
        raise NotFound(f"Không có quy trình mang mã '{law}'.", f"there is no procedure with the code '{law}'")
    counts: dict[str, Cell] = {}
    if own := chosen.key == cycle.procedure_key:
        counts = grid(view.session, cycle).by_stage
    onward: dict[str, dict[str, list[str]]] = {stage.key: {} for stage in chosen.stages}
    out: dict[str, list[str]] = {stage.key: [] for stage in chosen.stages}
    for move in (move for move in chosen.moves if move.back is not Back.DOCUMENT):
        told = out[move.source] if move.event in UNDRAWN else onward[move.source].setdefault(move.event, [])
        told.append(chosen.stage(move.target).label)
    with spoken(asked(view.request)):
        drawn = picture(chosen)
    return view.page(
        "procedure.html.j2",
        law=chosen,
        own=own,
        laws=list(PROCEDURES.values()),
        picture=drawn,
        box_width=WIDTH,
        counts=counts,
        empty=Cell(),
        onward=onward,
        out=out,
        changes=[row for row in history(view.session, cycle) if row.event == "change_procedure"],
        amended=cycle.plan_version > 1,
    )
