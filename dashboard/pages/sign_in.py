"""Signing in, in one step or two, and out."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from casework import passwords, sign_ins
from dashboard.view import draw
from dashboard.who import Admission, client_address, forget_session, keep_session, session_token
from models.session import perform
from ocop.errors import NotPossibleNow

router = APIRouter()
Text = Annotated[str, Form(max_length=300)]
HIDDEN = {"Cache-Control": "no-store"}
"""For a page that shows a secret: the browser keeps no copy."""


def own(path: str) -> str:
    """Return where a form leads on: to a page of ours, never to another site."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"


@router.get("/sign-in")
def ask(request: Request, next: Annotated[str, Query(max_length=500)] = "") -> Response:
    """Show the form."""
    return draw(request, "sign_in.html.j2", login="", next=own(next), error="", ticket="")


@router.post("/sign-in")
def sign_in(
    request: Request, admission: Admission, login: Text = "", password: Text = "", digits: Text = "", ticket: Text = "",
    next: Annotated[str, Form(max_length=500)] = "",
) -> Response:  # fmt: skip
    """Start a session, ask for the second step, or show the form again with what was wrong; a failure is kept either way."""
    at, address, agent = datetime.now(UTC), client_address(request), request.headers.get("user-agent", "")
    engine, secret = request.app.state.engine(), request.app.state.secret
    found: sign_ins.SignedIn | sign_ins.CodeNeeded | sign_ins.SignInRefused
    if ticket:
        found = perform(
            engine,
            lambda session: sign_ins.second_step(
                session, ticket, digits, secret=secret, at=at, address=address, agent=agent
            ),
        )
    else:
        found = _by_password(request, admission, login, password, agent)
    if isinstance(found, sign_ins.SignedIn):
        with_token = RedirectResponse(own(next), status_code=303)
        perform(engine, lambda session: sign_ins.sign_out(session, session_token(request), at))
        keep_session(with_token, found.token, request)
        return with_token
    error = found.told if isinstance(found, sign_ins.SignInRefused) else ""
    page = draw(
        request,
        "sign_in.html.j2",
        status=401 if error else 200,
        login=login,
        next=own(next),
        error=error,
        ticket=found.ticket,
    )
    page.headers.update(HIDDEN)
    return page


def _by_password(
    request: Request, admission: Admission, login: str, password: str, agent: str
) -> sign_ins.SignedIn | sign_ins.CodeNeeded | sign_ins.SignInRefused:
    """Return what a login and a password give; the slow comparison keeps no writer waiting."""
    at, address = datetime.now(UTC), client_address(request)
    known = sign_ins.candidate(admission.session, login, at=at, address=address)
    if isinstance(known, sign_ins.SignInRefused):
        return known
    try:
        compared = passwords.compare(password, known.kept)
    except NotPossibleNow as busy:
        return sign_ins.SignInRefused(busy.vietnamese, busy.english)
    return perform(
        request.app.state.engine(),
        lambda session: sign_ins.sign_in(session, known, compared, at=at, address=address, agent=agent),
    )


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """End the session."""
    perform(
        request.app.state.engine(),
        lambda session: sign_ins.sign_out(session, session_token(request), datetime.now(UTC)),
    )
    response = RedirectResponse("/sign-in", status_code=303)
    forget_session(response, request)
    return response
