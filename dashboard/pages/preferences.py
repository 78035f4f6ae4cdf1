"""What a person of the province chooses about the letters that are not owed to them by law."""

import re
from datetime import time
from typing import Annotated

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from casework.directory import Directory
from casework.preferences import Choice, choice_of, choose
from casework.rules import plan_of
from dashboard.said import send_on
from dashboard.view import View, Viewed
from models.session import perform
from ocop.errors import InvalidInput
from ocop.levels import Role
from ocop.phrase import Phrase
from ocop.plan_sections import Notices
from ocop.working_days import day_of

router = APIRouter()
HOUR = re.compile(r"([01]?[0-9]|2[0-3]):[0-5][0-9]")


@router.get("/letters/preferences")
def preferences(view: Viewed) -> Response:
    """Show what the reader chose, and what nobody chooses."""
    person_id = view.reader.actor.person_id
    assert person_id is not None
    chosen = choice_of(view.session, person_id) or Choice(_is_office(view))
    return _form(view, digest=chosen.digest, hour=f"{chosen.hour:%H:%M}" if chosen.hour else "")


@router.post("/letters/preferences")
def prefer(
    view: Viewed, digest: Annotated[str, Form(max_length=5)] = "", hour: Annotated[str, Form(max_length=10)] = ""
) -> Response:
    """Keep a choice, or show the form again with what is wrong."""
    person_id, at = view.reader.actor.person_id, view.at
    assert person_id is not None
    try:
        choice = Choice(digest == "1", _hour(hour))

        def work(session: Session) -> None:
            choose(session, person_id, choice, _notices(view), at)

        perform(view.request.app.state.engine(), work)
    except InvalidInput as refusal:
        return _form(view, digest=digest == "1", hour=hour, error=refusal.told)
    return send_on(view.request, "/letters/preferences", Phrase("Đã lưu lựa chọn về thư."))


def _form(view: View, *, digest: bool, hour: str, error: str = "") -> Response:
    return view.page(
        "letters_preferences.html.j2", status=422 if error else 200, digest=digest, hour=hour, error=error,
        notices=_notices(view), is_office=_is_office(view),
    )  # fmt: skip


def _hour(typed: str) -> time | None:
    typed = typed.strip()
    if not typed:
        return None
    if not HOUR.fullmatch(typed):
        raise InvalidInput(
            f"'{typed}' không phải giờ. Hãy ghi như 09:30.", f"'{typed}' is no hour; write it like 09:30"
        )
    return time.fromisoformat(typed.zfill(5))


def _notices(view: View) -> Notices:
    return plan_of(view.chosen).notices if view.chosen else Notices()


def _is_office(view: View) -> bool:
    """Return whether the digest comes to the reader by their post."""
    if view.chosen is None:
        return False
    directory = Directory(view.session, [], view.chosen.province_id, day_of(view.at))
    office = directory.find(directory.province_id, Role.COORDINATOR_OFFICE)
    return office.recipient.key == f"person/{view.reader.actor.person_id}"
