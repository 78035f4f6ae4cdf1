"""What people do with letters: print and hand over those on paper, send dead ones again, look at one as its reader does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from casework.board.letters import (
    LetterFilter,
    conditions,
    count_letters,
    letter_by_number,
    letters_named,
    list_letters,
    within,
)
from casework.outbox import units_that_hand_over
from dashboard.acting import fresh_key, key_of, performed
from dashboard.pages.letters import LARGEST, LetterNumber
from dashboard.said import send_on
from dashboard.view import View, Viewed
from models.letters import LetterState
from models.session import perform
from notifications.delivery import UNWRITABLE
from notifications.links import CARRYING
from notifications.printing import Printed, print_letters
from notifications.rendering import render
from ocop.errors import NotFound, NotPossibleNow, RuleViolation
from ocop.phrase import Meant, Phrase
from ocop.text import count

router = APIRouter()
MOST = 200
"""Letters of one form."""
HANDED_OVER = "Đã ghi nhận trao %(n)s thư.", "Đã ghi nhận trao %(done)s trong %(total)s thư"
SENT_AGAIN = "Sẽ gửi lại %(n)s thư.", "Sẽ gửi lại %(done)s trong %(total)s thư"
"""What is said when all letters of a form went well, and over the list of what came of each."""
OUTCOMES = {True: Meant("được", "đã làm"), False: Meant("không được", "chưa làm")}
PAPER = {
    # A page of its own to look at and to print: its own style, no script, nothing from elsewhere, no link that leads on.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-modals",
    "Cache-Control": "private, no-store",
}
UnitNumber = Annotated[int | None, Query(ge=1, le=LARGEST)]
Numbers = Annotated[list[Annotated[int, Form(ge=1, le=LARGEST)]], Form(max_length=MOST)]
Key = Annotated[str, Form(max_length=60)]


@dataclass(frozen=True)
class Result:
    """What came of one letter."""

    number: int
    recipient: str
    done: bool
    words: str

    @property
    def outcome(self) -> str:
        """Whether it was done, in a word or two; at what may be done the same words mean that it may."""
        return OUTCOMES[self.done]


@router.get("/letters/hand-over")
def hand_over_list(view: Viewed, unit: UnitNumber = None) -> Response:
    """Show the letters that a unit hands over on paper; without a unit, which units have some."""
    units = units_that_hand_over(view.session, within(view.session, view.reader.scope))
    chosen = unit if unit is not None or len(units) != 1 else units[0].unit_id
    asked = LetterFilter(state=LetterState.TO_HAND_OVER.value, unit=chosen)
    found = conditions(view.session, asked, view.reader.scope) if chosen is not None else []
    rows = list_letters(view.session, found, limit=MOST) if found else []
    return view.page(
        "letters_hand_over.html.j2",
        units=units,
        unit=chosen,
        name=next((row.unit_name for row in units if row.unit_id == chosen), ""),
        rows=rows,
        total=count_letters(view.session, found) if found else 0,
        carrying=CARRYING,
        key=fresh_key(),
    )


@router.post("/letters/print")
def print_list(view: Viewed, letters: Numbers) -> Response:
    """Give the letters of a form on paper: a list to sign, then each on a sheet of its own; their words are kept as printed.

    A letter that carries the link to somebody's password is not among them.
    """
    rows = _theirs(view, letters)
    plain = [row.id for row in rows if row.notice not in CARRYING]
    units = {row.unit for row in rows if row.unit}
    heading = f"Danh sách thư trao tay ({count(len(plain))} thư){f' – {units.pop()}' if len(units) == 1 else ''}"

    def work(session: Session) -> Printed:
        return print_letters(session, plain, heading=heading)

    printed = perform(view.request.app.state.engine(), work)
    if not printed.numbers:
        raise NotPossibleNow(
            "Không có thư nào in được trong các thư đã chọn.", "none of the chosen letters can be printed"
        )
    return HTMLResponse(printed.page, headers=PAPER)


@router.post("/letters/hand-over")
def hand_over(view: Viewed, letters: Numbers, key: Key = "") -> Response:
    """Mark letters as handed over, each by itself."""
    results = _each(view, "hand-over", letters, key, Phrase("đã trao tay"))
    return _told(view, results, HANDED_OVER, "/letters/hand-over", Phrase("Chờ trao tay"))


@router.get("/letters/dead")
def dead_list(view: Viewed) -> Response:
    """Show the letters that could not be sent, each with why and what to do."""
    asked = conditions(view.session, LetterFilter(state=LetterState.DEAD.value), view.reader.scope)
    return view.page(
        "letters_dead.html.j2",
        rows=list_letters(view.session, asked, limit=MOST),
        total=count_letters(view.session, asked),
        key=fresh_key(),
    )


@router.post("/letters/resend")
def resend(view: Viewed, letters: Numbers, key: Key = "") -> Response:
    """Owe dead letters again, each by itself."""
    results = _each(view, "resend", letters, key, Phrase("sẽ gửi lại"))
    return _told(view, results, SENT_AGAIN, "/letters/dead", Phrase("Không gửi được"))


@router.post("/letters/release")
def release(view: Viewed, reason: Annotated[str, Form(max_length=2000)] = "", key: Key = "") -> Response:
    """Let the letters of a restored copy go."""
    answer = performed(view, "release-letters", key_of(key), reason=reason)
    return send_on(view.request, "/letters", answer["message"])


@router.get("/letters/{number}/html")
def html_part(view: Viewed, number: LetterNumber) -> Response:
    """Give a letter's HTML part as its reader's mail program shows it: for the frame on the letter's page."""
    letter = letter_by_number(view.session, number, view.reader.scope).letter
    try:
        return HTMLResponse(render(letter).html, headers=PAPER)
    except UNWRITABLE as fault:
        raise NotPossibleNow(
            "Không soạn được nội dung thư này.", f"letter {number} cannot be composed: {fault}"
        ) from fault


def _theirs(view: View, letters: Sequence[int]) -> Sequence[Any]:
    """Return the letters that a form names; NotFound for one that is not the reader's to see."""
    wanted = list(dict.fromkeys(letters))
    found = letters_named(view.session, wanted, view.reader.scope)
    if missing := sorted(set(wanted) - {row.id for row in found}):
        told = ", ".join(map(str, missing))
        raise NotFound(
            f"Không có thư số {told}. Hãy tải lại trang rồi chọn lại.",
            f"there is no letter {told}; load the page anew and choose again",
        )
    return sorted(found, key=lambda row: wanted.index(row.id))


def _each(view: View, act: str, letters: Sequence[int], key: str, done: str) -> list[Result]:
    """Do an act with each letter in a transaction of its own; sent twice, the form does it once."""
    key, results = key_of(key), []
    for row in _theirs(view, letters):
        try:
            answer = performed(view, act, f"{key}/{row.id}", letters=[row.id])
            results.append(Result(row.id, row.recipient_name, True, answer["message"] if act == "resend" else done))
        except RuleViolation as refusal:
            results.append(Result(row.id, row.recipient_name, False, refusal.told))
    return results


def _told(view: View, results: Sequence[Result], words: tuple[str, str], back: str, label: str) -> Response:
    """Go back to the list with a sentence where all went well; otherwise show what came of each letter."""
    done, (all_well, some_well) = sum(result.done for result in results), words
    if results and done == len(results):
        return send_on(view.request, back, Phrase(all_well, n=done))
    headline = Phrase(some_well, done=done, total=len(results))
    return view.page("letters_done.html.j2", results=results, headline=headline, back=back, back_label=label)
