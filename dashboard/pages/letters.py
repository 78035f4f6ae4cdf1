"""Letters by state and kind, what is dead or to hand over, and one letter's words."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from casework.board.letters import (
    LetterFilter,
    conditions,
    count_letters,
    letter_by_number,
    letter_counts,
    list_letters,
    state_counts,
    state_totals,
    unconfirmed,
    within,
)
from casework.exports import Sheet
from casework.outbox import units_that_hand_over
from dashboard.kept import Shared
from dashboard.view import PageNumber, Viewed, pager
from dashboard.words import NOTICES, STATES
from models.letters import Letter, LetterState
from notifications.delivery import UNWRITABLE
from notifications.links import carries
from notifications.rendering import render
from ocop.notices import Notice
from ocop.phrase import Phrase

router = APIRouter(route_class=Shared)
Word = Annotated[str, Query(max_length=60)]
LARGEST = 2_147_483_647
"""What a column of whole numbers holds."""
LetterNumber = Annotated[int, Path(ge=1, le=LARGEST)]


def wanted(
    state: Word = "", notice: Word = "", unit: Annotated[int | None, Query(ge=1, le=LARGEST)] = None, dossier: Word = ""
) -> LetterFilter:
    """Return the filters of an address."""
    return LetterFilter(state, notice, unit, dossier)


Filters = Annotated[LetterFilter, Depends(wanted)]


@router.get("/letters")
def letters(view: Viewed, filters: Filters, page: PageNumber = 1) -> Response:
    """Show letters by state and kind, and the list that the address asks for."""
    scope = view.reader.scope
    found, own = conditions(view.session, filters, scope), within(view.session, scope)
    counts = letter_counts(view.session, own) if scope.provincial else {}
    by_state = state_totals(counts) if scope.provincial else state_counts(view.session, own)
    cycle = view.chosen.code if view.chosen else None
    parameters = {"cycle": cycle, **filters.parameters}
    total = count_letters(view.session, found) if filters.parameters else sum(by_state.values())
    pages = pager(view, "/letters", total, page, **parameters)
    return view.page(
        "letters.html.j2",
        states=STATES,
        by_state={state: by_state.get(state, 0) for state in STATES},
        notices=[notice for notice in Notice if any(kind == notice for kind, _ in counts)],
        counts=counts,
        unconfirmed=unconfirmed(view.session, own),
        hand_over=units_that_hand_over(view.session, own),
        rows=list_letters(view.session, found, limit=view.settings.rows, offset=pages.offset),
        pager=pages,
        filters=filters,
        parameters=parameters,
        dead=LetterState.DEAD.value,
        to_hand_over=LetterState.TO_HAND_OVER.value,
    )


@router.get("/letters.xlsx")
def letters_excel(view: Viewed, filters: Filters) -> Response:
    """Give the whole list as Excel."""
    rows = [
        [
            row.id, NOTICES.get(row.notice, row.notice), STATES.get(row.state, row.state), row.recipient_name, row.email,
            row.unit, row.dossier, row.owed_at, row.sent_at, row.handed_over_at, row.handed_over_by, row.tries,
            row.last_error, row.simulated,
        ]
        for row in list_letters(view.session, conditions(view.session, filters, view.reader.scope))
    ]  # fmt: skip
    return view.excel("thu", [Sheet("Thư", COLUMNS, rows)])


COLUMNS = (
    "Số thư", "Loại thư", "Trạng thái", "Người nhận", "Địa chỉ", "Đơn vị", "Hồ sơ", "Phát sinh lúc", "Gửi lúc",
    "Trao tay lúc", "Người trao", "Số lần gửi", "Lý do chưa gửi được", "Mô phỏng",
)  # fmt: skip


@router.get("/letters/{number}")
def letter(view: Viewed, number: LetterNumber) -> Response:
    """Show one letter: as it was sent or printed, or as it would read now."""
    found = letter_by_number(view.session, number, view.reader.scope)
    subject, body, fault = words_of(found.letter)
    return view.page(
        "letter.html.j2", found=found, letter=found.letter, subject=subject, body=body, fault=fault,
        carries=carries(found.letter),
    )  # fmt: skip


def words_of(letter: Letter) -> tuple[str, str, str]:
    """Return subject, text and, where they cannot be written, why."""
    if letter.subject is not None and letter.body is not None:
        return letter.subject, letter.body, ""
    try:
        written = render(letter)
    except UNWRITABLE as fault:
        return "", "", Phrase("Không soạn được nội dung thư: %(fault)s", fault=str(fault))
    return written.subject, written.text, ""
