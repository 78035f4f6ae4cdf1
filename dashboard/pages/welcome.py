"""Setting a password by a link: of an invitation, or of a forgotten one, which is asked for here."""

import logging
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import DBAPIError
from starlette.background import BackgroundTask

from casework import accounts, invitations, passwords, sign_ins
from dashboard.pages.sign_in import HIDDEN
from dashboard.view import draw
from dashboard.who import Admission, Admitted, client_address, page_address
from models.accounts import Account
from models.secret import in_fours, key_typed
from models.session import perform
from ocop.errors import NotFound, RuleViolation
from ocop.passwords import RULES
from ocop.phrase import Phrase

router = APIRouter()
Key = Annotated[str, Path(max_length=100)]
Text = Annotated[str, Form(max_length=300)]
log = logging.getLogger("ocop.accounts")


@router.get("/forgotten")
def ask_forgotten(request: Request) -> Response:
    """Ask for the login of who forgot the password."""
    return draw(request, "forgotten.html.j2", login="", sent=False, error="")


@router.post("/forgotten")
def forgotten(request: Request, admission: Admission, login: Text = "") -> Response:
    """Say the same whoever has the login; what is to be done is done when the answer has left, so that it tells no time."""
    address = client_address(request)
    if not login.strip():
        return draw(
            request, "forgotten.html.j2", status=422, login="", sent=False, error=Phrase("Hãy ghi tên đăng nhập.")
        )
    if not sign_ins.may_ask_reset(admission.session, at=admission.wall, address=address):
        error = Phrase("Máy hoặc mạng này đã xin đặt lại mật khẩu nhiều lần. Hãy đợi 10 phút rồi thử lại.")
        return draw(request, "forgotten.html.j2", status=429, login=login, sent=False, error=error)
    page = draw(request, "forgotten.html.j2", login=login, sent=True, error="")
    sender = invitations.Sender(request.app.state.secret, page_address(request), admission.wall, admission.at)
    page.background = BackgroundTask(_send, request, login, sender, address)
    return page


def _send(request: Request, login: str, sender: invitations.Sender, address: str) -> None:
    """Owe the letter, where there is one to owe."""

    try:
        perform(
            request.app.state.engine(),
            lambda session: invitations.forgotten(session, login, sender, address=address),
        )
    except (DBAPIError, OSError, ValueError):  # nobody waits for this answer any more
        log.exception("a forgotten password could not be written down")


@router.get("/welcome")
def ask_key(request: Request) -> Response:
    """Ask for the key that stands in a letter on paper."""
    return draw(request, "welcome.html.j2", account=None, key="", error="", rules=RULES, done=False)


@router.post("/welcome")
def find_key(request: Request, admission: Admission, key: Text = "") -> Response:
    """Send the browser to what a typed key opens."""
    typed = key_typed(key)
    if _opened(admission, typed) is None:
        error = Phrase("Mã không dùng được: gõ sai, đã dùng hoặc đã hết hạn. Hãy xem lại mã trong thư.")
        return draw(request, "welcome.html.j2", status=404, account=None, key=key, error=error, rules=RULES, done=False)
    return RedirectResponse(f"/welcome/{in_fours(typed)}", status_code=303)


def _opened(admission: Admitted, key: str) -> Account | None:
    try:
        return accounts.password_key(admission.session, key, admission.wall)[1]
    except NotFound:
        return None


@router.get("/welcome/{key}")
def ask_password(request: Request, admission: Admission, key: Key) -> Response:
    """Ask for the password that a key lets one set; opening the page uses nothing up."""
    _, account = accounts.password_key(admission.session, key_typed(key), admission.wall)
    return _page(request, account, key)


def _page(request: Request, account: Account, key: str, *, error: str = "", done: bool = False) -> Response:
    page = draw(
        request,
        "welcome.html.j2",
        status=422 if error else 200,
        account=account,
        key=key,
        error=error,
        rules=RULES,
        done=done,
    )
    page.headers.update(HIDDEN)
    return page


@router.post("/welcome/{key}")
def set_password(request: Request, admission: Admission, key: Key, password: Text = "", again: Text = "") -> Response:
    """Set the password, once; signing in is then as always, with the second factor where one is on."""
    token = key_typed(key)
    _, account = accounts.password_key(admission.session, token, admission.wall)
    if password != again:
        return _page(request, account, key, error=Phrase("Hai lần gõ không giống nhau. Hãy gõ lại cả hai."))
    try:
        kept = passwords.hashed(passwords.fit(password, account))
    except RuleViolation as refusal:
        return _page(request, account, key, error=refusal.told)
    address, at = client_address(request), datetime.now(UTC)
    perform(
        request.app.state.engine(),
        lambda session: accounts.take_key(session, token, kept, at, address=address),
    )
    return _page(request, account, key, done=True)
