"""Rehearsals: what is to come of the running cycle, or of a plan that nobody has opened, played on a copy while one waits."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from dashboard.acting import instant
from dashboard.pages.plan_check import LONGEST
from dashboard.rehearsing import MINUTES, Rehearsal, Rehearsals
from dashboard.said import send_on
from dashboard.view import EXCEL, View, Viewed
from ocop.errors import InvalidInput, NotFound
from ocop.phrase import Phrase
from ocop.plan_file import read_plan
from ocop.working_days import day_of

router = APIRouter()

SHOWN = 30
"""Rows of a list shown on the page; the workbook has them all."""


def _rehearsals(view: View) -> Rehearsals:
    found: Rehearsals = view.request.app.state.rehearsals
    return found


def _seen(view: View, name: str) -> Rehearsal:
    found = _rehearsals(view).find(name, view.wall)
    if found.province_of not in {cycle.code for cycle in view.cycles} | {""}:
        raise NotFound("Không có lượt diễn tập này.", f"there is no rehearsal '{name}'")
    return found


@router.get("/plan/rehearse")
def show(view: Viewed) -> Response:
    """Show the rehearsals that are kept, and how to start one."""
    mine = {cycle.code for cycle in view.cycles} | {""}
    found = [one for one in _rehearsals(view).all(view.wall) if one.province_of in mine]
    return view.page(
        "rehearsals.html.j2",
        rehearsals=found,
        running=any(one.running for one in found),
        open_cycles=[cycle for cycle in view.cycles if cycle.closed_at is None],
        minutes=MINUTES,
    )


@router.post("/plan/rehearse")
def start(
    view: Viewed, played: Annotated[str, Form(max_length=60)] = "", until: Annotated[str, Form(max_length=10)] = "",
    plan: Annotated[str, Form(max_length=LONGEST)] = "", refinement: Annotated[str, Form(max_length=LONGEST)] = "",
    round_key: Annotated[str, Form(max_length=60)] = "",
) -> Response:  # fmt: skip
    """Start a rehearsal of a cycle or of a plan's text."""
    at = instant(view)
    last = _day(until)
    if last is not None and last <= day_of(at):
        raise InvalidInput(
            "Ngày cuối của diễn tập phải ở phía trước. Hãy chọn ngày khác hoặc bỏ trống.",
            "the last day of a rehearsal must lie ahead. Choose another day or leave it empty",
        )
    seen_by = view.chosen.code if view.chosen else ""
    if plan:
        read = read_plan(plan, *([refinement] if refinement.strip() else []), round_key=round_key)
        name = _rehearsals(view).start(
            cycle="", seen_by=seen_by, by=view.reader.name, at=at, wall=view.wall, until=last, plan=plan,
            plan_name=read.document.number, refinement=refinement, round_key=round_key,
        )  # fmt: skip
    else:
        cycle = next((one for one in view.cycles if one.code == played and one.closed_at is None), None)
        if cycle is None:
            raise NotFound(
                "Không có chu trình đang mở này. Hãy chọn lại chu trình.",
                f"there is no open cycle '{played}'. Choose a cycle again",
            )
        name = _rehearsals(view).start(
            cycle=cycle.code, seen_by=cycle.code, by=view.reader.name, at=at, wall=view.wall, until=last
        )  # fmt: skip
    return RedirectResponse(f"/plan/rehearse/{name}", status_code=303)


@router.get("/plan/rehearse/{name}")
def one(view: Viewed, name: str) -> Response:
    """Show how far a rehearsal is, or what it showed."""
    return view.page("rehearsal.html.j2", rehearsal=_seen(view, name), shown=SHOWN, minutes=MINUTES)


@router.get("/plan/rehearse/{name}/report.xlsx")
def workbook(view: Viewed, name: str) -> Response:
    """Give everything that a rehearsal showed."""
    found = _seen(view, name)
    headers = {"Content-Disposition": f'attachment; filename="dien-tap-{found.id}.xlsx"'}
    return Response(_rehearsals(view).workbook(found.id, view.wall), media_type=EXCEL, headers=headers)


@router.post("/plan/rehearse/{name}/stop")
def stop(view: Viewed, name: str) -> Response:
    """Stop a rehearsal that runs."""
    found = _seen(view, name)
    _rehearsals(view).stop(found.id, view.wall)
    return send_on(view.request, f"/plan/rehearse/{found.id}", Phrase("Đã dừng lượt diễn tập."), "info")


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput(
            f"'{text}' không phải một ngày. Hãy chọn ngày.", f"'{text}' is not a day. Choose a day"
        ) from None
