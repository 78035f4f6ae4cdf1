"""The button that reminds a unit called today: one unit, or several with a result for each."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Response

from casework.reminding import places
from dashboard.acting import fresh_key, performed
from dashboard.pages.letters import LARGEST
from dashboard.said import send_on
from dashboard.view import Viewed
from dashboard.words import address
from ocop.errors import NotFound, RuleViolation
from ocop.phrase import phrases

router = APIRouter()

MOST = 200
"""Units reminded at a time."""
PLACES = phrases({"/": "Hôm nay", "/heat": "Bản đồ nhiệt", "/late": "Quá hạn"})
"""The pages that have the button, and that a reader goes back to."""


Numbers = Annotated[list[Annotated[int, Form(ge=1, le=LARGEST)]], Form(max_length=MOST)]


@dataclass(frozen=True)
class Result:
    """What came of reminding one unit."""

    name: str
    done: bool
    words: str


@router.post("/remind")
def remind(
    view: Viewed, unit: Numbers, back: Annotated[str, Form(max_length=20)] = "/"
) -> Response:  # fmt: skip
    """Remind the units that a form names, each in a transaction of its own, and say what came of it."""
    cycle = view.cycle
    known = places(view.session, unit)
    if any(number not in known for number in unit):
        raise NotFound(
            "Không có đơn vị này. Hãy tải lại trang rồi chọn lại.",
            "there is no such unit; load the page again and choose anew",
        )
    results = []
    for number in dict.fromkeys(unit):
        place = known[number]
        try:
            answer = performed(view, "remind", fresh_key(), cycle=cycle.code, level=place.level, unit=place.code)
            results.append(Result(place.name, True, answer["message"]))
        except RuleViolation as refused:
            results.append(Result(place.name, False, refused.told))
    way = address(back if back in PLACES else "/", cycle=cycle.code)
    if len(results) == 1:
        return send_on(view.request, way, results[0].words, "success" if results[0].done else "warning")
    return view.page("reminded.html.j2", results=results, back=way, back_label=PLACES.get(back, PLACES["/"]))
