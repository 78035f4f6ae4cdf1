"""Whether the process is up and its database ready, for whoever watches the machine."""

import logging

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from sqlalchemy.exc import DBAPIError

from dashboard.who import is_migrated, newest_migration

log = logging.getLogger("ocop.pages")
router = APIRouter()


@router.get("/healthz")
def healthz() -> PlainTextResponse:
    """Answer that the process is up."""
    return PlainTextResponse("ok")


@router.get("/readyz")
def readyz(request: Request) -> JSONResponse:
    """Answer 200 when the database has the tables of this version, else 503 with the reason."""
    try:
        ready = is_migrated(request.app.state.engine())
    except DBAPIError:
        log.exception("the database did not answer /readyz")
        return JSONResponse({"ready": False, "reason": "the database does not answer"}, status_code=503)
    reason = "" if ready else f"the database is not at migration {newest_migration()}"
    return JSONResponse({"ready": ready, "reason": reason}, status_code=200 if ready else 503)
