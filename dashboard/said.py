"""A sentence for the page after the next: what a form did, told once after the browser was sent on."""

import base64
import binascii
import hmac
import json
from typing import NamedTuple

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from dashboard.language import said_to
from dashboard.who import secured, session_token

SAID = "ocop_said"
LASTS = 60
"""Seconds for which a sentence waits for its page."""
LONGEST = 700
"""Characters of a sentence: a cookie has four thousand bytes."""


class Said(NamedTuple):
    """A sentence with the colour that it is shown in: success, info, warning or danger."""

    text: str
    kind: str


def say(response: Response, request: Request, text: str, kind: str = "success", *, token: str | None = None) -> None:
    """Let the next page of this session show a sentence, once; `token` is the session's where it has just got a new one."""
    text = said_to(request, text)
    whole = json.dumps([text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…", kind], ensure_ascii=False)
    sealed = base64.urlsafe_b64encode(whole.encode()).decode()
    seal = _seal(session_token(request) if token is None else token, sealed)
    response.set_cookie(
        SAID, f"{seal}.{sealed}", max_age=LASTS, path="/", httponly=True, samesite="lax",
        secure=secured(request),
    )  # fmt: skip


def send_on(request: Request, path: str, text: str, kind: str = "success") -> Response:
    """Send the browser on to a page that shows a sentence, once."""
    response = RedirectResponse(path, status_code=303)
    say(response, request, text, kind)
    return response


def heard(request: Request) -> Said | None:
    """Return the sentence that waits for this session, if there is one and we wrote it.

    A page that asks again in the background does not take it from the one that a person opens.
    """
    if request.headers.get("sec-fetch-dest", "document") == "empty":
        return None
    token, (seal, _, sealed) = session_token(request), request.cookies.get(SAID, "").partition(".")
    if not token or not sealed or not hmac.compare_digest(seal.encode(), _seal(token, sealed).encode()):
        return None
    try:
        text, kind = json.loads(base64.urlsafe_b64decode(sealed))
    except (ValueError, binascii.Error):
        return None
    return Said(text, kind)


def forget(response: Response) -> None:
    """Take the sentence from the browser: it was shown."""
    response.delete_cookie(SAID, path="/", httponly=True, samesite="lax")


def _seal(token: str, sealed: str) -> str:
    """Return what only a session's own pages can have written beside a sentence."""
    return hmac.new(token.encode(), f"said/{sealed}".encode(), "sha256").hexdigest()
