"""One's own account: name, password, second factor, sessions, keys for programs; what opens something asks the password again."""

from collections.abc import Callable
from typing import Annotated, Any

import segno
from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup
from sqlalchemy.orm import Session

from casework import accounts, api_keys, passwords, second_factor, sign_ins
from casework.board.audit import own_events
from dashboard.pages.sign_in import HIDDEN
from dashboard.said import say, send_on
from dashboard.view import View, Viewed
from dashboard.who import client_address, keep_session
from models.accounts import Account
from models.session import perform
from ocop.errors import RuleViolation
from ocop.passwords import RULES
from ocop.phrase import Phrase

router = APIRouter()
Text = Annotated[str, Form(max_length=300)]
Number = Annotated[int, Path(ge=1, le=2**53)]
LATEST = 20
"""Lines of what happened to the account that its page shows."""


@router.get("/account")
def show(view: Viewed) -> Response:
    """Show the account."""
    return _page(view)


def _page(view: View, *, status: int = 200, **shown: Any) -> Response:
    account = _own(view)
    page = view.page(
        "account.html.j2",
        account=account,
        sessions=sign_ins.sessions(view.session, account.id, view.wall),
        own_session=view.reader.sign_in_id,
        keys=api_keys.api_keys(view.session, account.id, view.wall),
        most_keys=api_keys.API_KEYS,
        events=own_events(view.session, account.id, LATEST),
        rules=RULES,
        status=status,
        **{"errors": {}, "label": "", "new_key": "", **shown},
    )
    if shown.get("new_key"):
        page.headers.update(HIDDEN)
    return page


def _own(view: View) -> Account:
    """Return the reader's account as the view of the request knows it."""
    assert view.reader.account_id is not None, "the table of rights lets nobody else here"
    return accounts.account_by_number(view.session, view.reader.account_id)


def _engine_work(view: View, work: Callable[[Session, Account], Any]) -> Any:
    """Do something with the reader's own account, locked."""
    number = _own(view).id
    return perform(
        view.request.app.state.engine(),
        lambda session: work(session, accounts.account_by_number(session, number, lock=True)),
    )


def _confirmed(view: View, password: str, work: Callable[[Session, Account], Any]) -> Any:
    """Do something that opens the account after the password was typed again; return a SignInRefused where it was wrong."""
    account, address = _own(view), client_address(view.request)
    kept = account.password
    compared = passwords.compare(password, kept)

    def confirmed(session: Session) -> Any:
        row = sign_ins.confirmed(session, account.id, kept, compared, at=view.wall, address=address)
        return row if isinstance(row, sign_ins.SignInRefused) else work(session, row)

    return perform(view.request.app.state.engine(), confirmed)


def _anew(request: Request, token: str, text: str) -> Response:
    """Send the browser back with the token of its new session."""
    response = RedirectResponse("/account", status_code=303)
    keep_session(response, token, request)
    say(response, request, text, token=token)
    return response


@router.post("/account/name")
def rename(view: Viewed, name: Text = "") -> Response:
    """Change what the account is called; a person of a unit is called as in the list of people."""
    try:
        _engine_work(view, lambda session, row: accounts.rename(session, row, name, at=view.wall))
    except RuleViolation as refusal:
        return _page(view, status=422, errors={"name": refusal.told})
    return send_on(view.request, "/account", Phrase("Đã đổi tên hiển thị."))


@router.post("/account/password")
def change_password(
    request: Request, view: Viewed, current: Text = "", password: Text = "", again: Text = ""
) -> Response:
    """Change the password: every other session ends, and this one goes on under a new token."""
    if password != again:
        return _page(view, status=422, errors={"again": Phrase("Hai lần gõ không giống nhau. Hãy gõ lại cả hai.")})
    try:
        kept = passwords.hashed(passwords.fit(password, _own(view)))
    except RuleViolation as refusal:
        return _page(view, status=422, errors={"password": refusal.told})
    agent, address = request.headers.get("user-agent", ""), client_address(request)
    found = _confirmed(
        view,
        current,
        lambda session, row: sign_ins.change_password(session, row, kept, at=view.wall, address=address, agent=agent),
    )
    if isinstance(found, sign_ins.SignInRefused):
        return _page(view, status=422, errors={"current": found.told})
    return _anew(request, found, Phrase("Đã đổi mật khẩu. Các phiên làm việc khác đã kết thúc."))


@router.get("/account/second-factor")
def ask_second_factor(view: Viewed) -> Response:
    """Show the picture that a telephone reads."""
    return _second_factor(view, second_factor.new_seed())


def _second_factor(view: View, seed: str, **errors: str) -> Response:
    account, secret = _own(view), view.request.app.state.secret
    picture = segno.make(second_factor.address_of(account, secret, seed), error="m", micro=False)
    page = view.page(
        "second_factor.html.j2", account=account, seed=seed, errors=errors,
        status=422 if errors else 200, key=second_factor.key_of(account, secret, seed), picture=Markup(picture.svg_inline(scale=5, border=4)),
    )  # fmt: skip
    page.headers.update(HIDDEN)
    return page


@router.post("/account/second-factor")
def turn_on(request: Request, view: Viewed, seed: Text = "", digits: Text = "", password: Text = "") -> Response:
    """Ask for six digits at sign-in from now on."""
    agent, address, secret = request.headers.get("user-agent", ""), client_address(request), request.app.state.secret
    try:
        found = _confirmed(
            view,
            password,
            lambda session, row: sign_ins.turn_on_second_factor(
                session, row, seed=seed, digits=digits, secret=secret, at=view.wall, address=address, agent=agent
            ),
        )
    except RuleViolation as refusal:
        return _second_factor(view, seed or second_factor.new_seed(), digits=refusal.told)
    if isinstance(found, sign_ins.SignInRefused):
        return _second_factor(view, seed or second_factor.new_seed(), password=found.told)
    return _anew(request, found, Phrase("Đã bật xác thực hai bước. Lần đăng nhập sau cần mã 6 số trên điện thoại."))


@router.post("/account/second-factor/off")
def turn_off(request: Request, view: Viewed, password: Text = "") -> Response:
    """Ask for no digits any more."""
    address = client_address(request)
    found = _confirmed(
        view,
        password,
        lambda session, row: sign_ins.turn_off_second_factor(session, row, at=view.wall, address=address),
    )
    if isinstance(found, sign_ins.SignInRefused):
        return _page(view, status=422, errors={"off": found.told})
    return send_on(request, "/account", Phrase("Đã tắt xác thực hai bước."))


@router.post("/account/sessions/end-others")
def end_others(view: Viewed) -> Response:
    """End every session but this one."""
    address = client_address(view.request)
    _engine_work(
        view,
        lambda session, row: sign_ins.end_others(
            session, row, keep=view.reader.sign_in_id, at=view.wall, address=address
        ),
    )
    return send_on(view.request, "/account", Phrase("Đã kết thúc các phiên làm việc khác."))


@router.post("/account/sessions/{number}/end")
def end_session(view: Viewed, number: Number) -> Response:
    """End one of the own sessions."""
    address = client_address(view.request)
    _engine_work(view, lambda session, row: sign_ins.end_session(session, row.id, number, view.wall, address=address))
    return send_on(view.request, "/account", Phrase("Đã kết thúc phiên làm việc."))


@router.post("/account/keys")
def make_key(view: Viewed, label: Text = "", password: Text = "") -> Response:
    """Make a key for programs and show it, this once."""
    address = client_address(view.request)
    try:
        found = _confirmed(
            view,
            password,
            lambda session, row: api_keys.make_api_key(session, row, label, view.wall, address=address),
        )
    except RuleViolation as refusal:
        return _page(view, status=422, errors={"label": refusal.told}, label=label)
    if isinstance(found, sign_ins.SignInRefused):
        return _page(view, status=422, errors={"key_password": found.told}, label=label)
    return _page(view, new_key=found)


@router.post("/account/keys/{number}/end")
def end_key(view: Viewed, number: Number) -> Response:
    """Let a key for programs open nothing any more."""
    address = client_address(view.request)
    _engine_work(view, lambda session, row: api_keys.end_api_key(session, row, number, view.wall, address=address))
    return send_on(view.request, "/account", Phrase("Đã thu hồi khóa. Chương trình dùng khóa này không vào được nữa."))
