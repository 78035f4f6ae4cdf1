"""Signing in and out."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from casework import sign_ins
from dashboard.view import draw
from dashboard.who import COOKIE, forget_session, keep_session
from models.session import transaction

router = APIRouter()
Text = Annotated[str, Form(max_length=300)]


def own(path: str) -> str:
    """Return where to go after sign-in: a page of ours, never another site."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


@router.get("/sign-in")
def ask(request: Request, next: Annotated[str, Query(max_length=500)] = "") -> Response:
    """Show the form."""
    return draw(request, "sign_in.html.j2", login="", next=own(next), error="", code_needed=False)


@router.post("/sign-in")
def sign_in(request: Request, login: Text = "", password: Text = "", code: Text = "", next: Text = "") -> Response:
    """Start a session, or show the form again with what was wrong; the failure is kept either way."""
    client = request.client.host if request.client else ""
    with transaction(request.app.state.engine()) as session:
        found = sign_ins.sign_in(
            session, login=login, password=password, code=code, at=datetime.now(UTC), address=client,
            agent=request.headers.get("user-agent", ""),
        )  # fmt: skip
    if isinstance(found, sign_ins.SignInRefused):
        return draw(
            request, "sign_in.html.j2", status=401, login=login, next=own(next), error=found.vietnamese,
            code_needed=found.needs_code,
        )  # fmt: skip
    response = RedirectResponse(own(next), status_code=303)
    keep_session(response, found, request, request.app.state.settings)
    return response


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """End the session."""
    with transaction(request.app.state.engine()) as session:
        sign_ins.sign_out(session, request.cookies.get(COOKIE, ""), datetime.now(UTC))
    response = RedirectResponse("/sign-in", status_code=303)
    forget_session(response)
    return response
