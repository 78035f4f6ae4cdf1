"""The language of the pages, which each browser keeps for itself."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.language import Language, choose
from dashboard.pages.sign_in import own
from dashboard.who import secured

router = APIRouter()


@router.post("/language")
def change(
    request: Request, language: Annotated[Language, Form()], next: Annotated[str, Form(max_length=4000)] = ""
) -> Response:
    """Keep the choice and go back to the page."""
    response = RedirectResponse(own(next), status_code=303)
    choose(response, language, secure=secured(request))
    return response
