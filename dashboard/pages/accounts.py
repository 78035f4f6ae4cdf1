"""Accounts for the administrator: all of them, one with what happened to it, and what is done to it."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query, Response
from sqlalchemy.orm import Session

from casework import accounts, invitations, sign_ins
from casework.accounts import STATE_WORDS
from casework.board.accounts import KINDS, AccountFilter, account_rows, find_accounts
from casework.board.audit import own_events
from casework.exports import Sheet
from dashboard.pages.sign_in import HIDDEN
from dashboard.pages.users import sender_of
from dashboard.said import send_on
from dashboard.view import PageNumber, View, Viewed, pager
from models.accounts import KeyPurpose
from models.session import perform
from ocop.errors import RuleViolation
from ocop.phrase import Phrase
from ocop.working_days import VIETNAM

router = APIRouter()
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Text = Annotated[str, Form(max_length=300)]
COLUMNS = (
    "Tên đăng nhập", "Tên", "Là ai", "Mã cán bộ", "Quản trị", "Trạng thái", "Xác thực hai bước", "Đăng nhập lần cuối",
)  # fmt: skip
LATEST = 50
"""Lines of what happened to an account that its page shows."""


def wanted(
    q: Annotated[str, Query(max_length=100)] = "", state: Annotated[str, Query(max_length=20)] = "",
    kind: Annotated[str, Query(max_length=20)] = "",
) -> AccountFilter:  # fmt: skip
    """Return the filters of an address."""
    return AccountFilter(q.strip(), state, kind)


Filters = Annotated[AccountFilter, Depends(wanted)]


@router.get("/users/accounts")
def show_accounts(view: Viewed, filters: Filters, page: PageNumber = 1) -> Response:
    """Show the list of accounts."""
    found = find_accounts(view.session, filters, view.wall)
    pages = pager(view, "/users/accounts", len(found), page, **filters.parameters)
    rows = account_rows(view.session, found[pages.offset : pages.offset + view.settings.rows], view.wall)
    return view.page(
        "accounts.html.j2", rows=rows, pager=pages, filters=filters, states=STATE_WORDS, kinds=KINDS, error="",
        given={"login": "", "name": "", "producer": ""},
    )  # fmt: skip


@router.get("/users/accounts.xlsx")
def accounts_as_excel(view: Viewed, filters: Filters) -> Response:
    """Return the list of accounts as a workbook."""
    rows = [
        (
            row.account.login, row.account.name, row.whose, row.person, row.account.administrator, STATE_WORDS[row.state],
            row.account.second_factor is not None, row.signed_in_at.astimezone(VIETNAM) if row.signed_in_at else None,
        )
        for row in account_rows(view.session, find_accounts(view.session, filters, view.wall), view.wall)
    ]  # fmt: skip
    return view.excel("Tài khoản", [Sheet("Tài khoản", COLUMNS, rows)])


@router.post("/users/accounts")
def open_account(view: Viewed, login: Text = "", name: Text = "", producer: Text = "") -> Response:
    """Open an account of a producer, or of a mere administrator where none is named, and invite its owner."""
    owner = accounts.Owner(producer=producer.strip(), administrator=not producer.strip())
    sender = sender_of(view)
    try:
        link = perform(
            view.request.app.state.engine(),
            lambda session: invitations.invite(session, login=login, owner=owner, name=name, sender=sender),
        )
    except RuleViolation as refusal:
        return view.page(
            "accounts.html.j2", status=422, rows=[], pager=pager(view, "/users/accounts", 0, 1), filters=AccountFilter(), states=STATE_WORDS,
            kinds=KINDS, error=refusal.told, given={"login": login, "name": name, "producer": producer},
        )  # fmt: skip
    return _linked(view, link)


def _linked(view: View, link: invitations.Link) -> Response:
    """Tell how the link goes to the account's owner; by hand where there is no e-mail, and then it is shown, this once."""
    if link.email:
        words = Phrase("Thư với liên kết đặt mật khẩu sẽ đến %(email)s.", email=link.email)
        return send_on(view.request, f"/users/accounts/{link.account.id}", words)
    page = view.page(
        "invited.html.j2", found=[invitations.Invited(link.account.login, link.account.name, link)], error=""
    )
    page.headers.update(HIDDEN)
    return page


@router.get("/users/accounts/{number}")
def show_account(view: Viewed, number: Number) -> Response:
    """Show one account and what happened to it."""
    accounts.account_by_number(view.session, number)
    (row,) = account_rows(view.session, [number], view.wall)
    return view.page(
        "user_account.html.j2",
        row=row,
        account=row.account,
        states=STATE_WORDS,
        sessions=len(sign_ins.sessions(view.session, number, view.wall)),
        events=own_events(view.session, number, LATEST),
        email=accounts.addresses(view.session, [number])[number],
        own=number == view.reader.account_id,
    )


def _changed(view: View, number: int, words: str, change: Callable[..., object]) -> Response:
    """Let the administrator change an account, locked, and go back to its page with what was done."""

    def work(session: Session) -> None:
        change(session, accounts.account_by_number(session, number, lock=True), at=view.wall, by=view.reader.name)

    perform(view.request.app.state.engine(), work)
    return send_on(view.request, f"/users/accounts/{number}", words)


def _sent(view: View, number: int, purpose: KeyPurpose) -> Response:
    sender = sender_of(view)

    def work(session: Session) -> invitations.Link:
        account = accounts.account_by_number(session, number, lock=True)
        if purpose is KeyPurpose.RESET:
            accounts.note(session, number, "reset_asked", view.wall, by=view.reader.name)
        return invitations.send(session, account, purpose, sender)

    return _linked(view, perform(view.request.app.state.engine(), work))


@router.post("/users/accounts/{number}/invite")
def invite(view: Viewed, number: Number) -> Response:
    """Send a new invitation; the one before opens no more."""
    return _sent(view, number, KeyPurpose.INVITATION)


@router.post("/users/accounts/{number}/reset")
def reset(view: Viewed, number: Number) -> Response:
    """Let the owner set a new password by a link."""
    return _sent(view, number, KeyPurpose.RESET)


@router.post("/users/accounts/{number}/close")
def close(view: Viewed, number: Number) -> Response:
    """Close an account."""
    words = Phrase("Đã đóng tài khoản. Các phiên làm việc và khóa của tài khoản đã kết thúc.")
    return _changed(view, number, words, accounts.close_account)


@router.post("/users/accounts/{number}/reopen")
def reopen(view: Viewed, number: Number) -> Response:
    """Open a closed account again, or one that is locked because of wrong passwords."""
    return _changed(view, number, Phrase("Đã mở lại tài khoản."), accounts.reopen_account)


@router.post("/users/accounts/{number}/second-factor-off")
def second_factor_off(view: Viewed, number: Number) -> Response:
    """Ask an account for no digits any more: the telephone is lost."""
    words = Phrase("Đã tắt xác thực hai bước. Chủ tài khoản nên bật lại với điện thoại mới.")
    return _changed(view, number, words, sign_ins.turn_off_second_factor)


@router.post("/users/accounts/{number}/administrator")
def administrator(view: Viewed, number: Number, on: Annotated[bool, Form()] = False) -> Response:
    """Give an account the administrator's rights, or take them."""
    words = Phrase("Đã giao quyền quản trị.") if on else Phrase("Tài khoản thôi quản trị.")
    return _changed(view, number, words, partial(accounts.set_administrator, on=on))
