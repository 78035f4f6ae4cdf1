"""The office's pages as an application: `uvicorn dashboard.app:app`."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from itertools import chain

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Engine
from sqlalchemy.exc import DataError, DBAPIError
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute

from casework.imports.keeping import Uploads
from dashboard import api, liveness
from dashboard.api_problems import api_said
from dashboard.import_work import ImportWork
from dashboard.kept import Kept, Mark
from dashboard.limits import InTurn, Limited, TooLarge
from dashboard.pages import (
    account,
    accounts,
    acts,
    attachments,
    audit,
    certificates,
    dossiers,
    health,
    heat,
    imports,
    language,
    late,
    letters,
    metrics,
    my,
    my_new,
    operations,
    outbox,
    overview,
    plan,
    plan_check,
    preferences,
    procedure,
    public,
    rehearsals,
    reminders,
    sign_in,
    users,
    welcome,
    work,
    working_days,
)
from dashboard.prefect_runs import Watched
from dashboard.rehearsing import Rehearsals
from dashboard.rights import check_listed
from dashboard.settings import WebSettings
from dashboard.uses import Uses
from dashboard.vendored import vendored
from dashboard.view import HERE, NoCycle, draw
from dashboard.who import (
    Forbidden,
    ForgedForm,
    NoAccount,
    NotMigrated,
    SignInNeeded,
    admitted,
    by_key,
    genuine,
)
from dashboard.words import address
from models.secret import Secret
from models.session import AT_ONCE, make_engine
from models.settings import DatabaseSettings
from ocop.errors import NotFound, RuleViolation
from ocop.phrase import Phrase, phrases

PAGES = (
    overview,
    welcome,
    account,
    users,
    accounts,
    audit,
    heat,
    procedure,
    attachments,  # before dossiers: their addresses begin with a dossier's
    dossiers,
    acts,
    late,
    certificates,
    outbox,  # before letters: its addresses are no letter's number
    preferences,
    letters,
    plan,
    my,
    my_new,
    public,
    health,
    work,
    sign_in,
    language,
    api,
    metrics,
    working_days,
    reminders,
    imports,
    operations,
    plan_check,
    rehearsals,
)
"""Each has a `router`."""

SAFETY = {
    # Nothing but our own files: no script or style inside a page, no other origin, no frame around it.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

log = logging.getLogger("ocop.pages")

TOLD = phrases(
    {
        400: "Biểu mẫu hỏng trên đường gửi, có quá nhiều ô hoặc một ô quá dài. Hãy trở về trang trước, chia nhỏ rồi gửi lại.",
        404: "Không có trang này. Hãy xem lại địa chỉ hoặc trở về trang Hôm nay.",
        405: "Trang này không làm được việc đó. Hãy trở về trang trước.",
    }
)
TITLES = phrases({404: "Không tìm thấy", 409: "Không thực hiện được"})


@lru_cache(maxsize=1)
def _routes() -> Sequence[BaseRoute]:
    """Return the routes of every application of this process, what they depend on worked out once."""
    every = APIRouter()
    for page in PAGES:
        every.include_router(page.router, dependencies=[Depends(admitted), Depends(genuine)])
    every.include_router(liveness.router)  # whoever watches the process has no account, and there may be no database
    return every.routes


def create_app(engine: Engine | None = None, settings: WebSettings | None = None) -> FastAPI:
    """Return the application on a database; without one, that of the environment, opened at the first page."""
    app = FastAPI(title="OCOP", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.settings = settings or WebSettings()
    app.state.secret = Secret(DatabaseSettings().home)
    app.state.engine = lru_cache(maxsize=1)(lambda: engine or make_engine(DatabaseSettings()))
    app.state.mark = lru_cache(maxsize=1)(lambda: Mark(app.state.engine()))
    app.state.kept = Kept()
    app.state.uses = Uses()
    app.state.rehearsals = Rehearsals(DatabaseSettings().home / "rehearsals", app.state.engine)
    app.state.imports = ImportWork(Uploads(DatabaseSettings().home / "uploads"), app.state.engine)
    web = app.state.settings
    app.state.prefect = Watched(web.prefect_url, web.prefect_seconds, web.refresh_seconds)
    app.mount("/static/vendor", vendored(HERE / "static" / "vendor"), name="vendor")
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.router.routes.extend(_routes())
    _add_refusals(app)
    check_listed(chain.from_iterable(part.router.routes for part in (*PAGES, liveness)))
    app.add_middleware(InTurn, most=AT_ONCE)
    app.add_middleware(Limited, most=web.upload_mb * 1024 * 1024)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=app.state.settings.hosts)

    @app.middleware("http")
    async def safe(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        for name, value in SAFETY.items():
            response.headers.setdefault(name, value)  # a letter's paper has a stricter policy of its own
        response.headers.setdefault("Cache-Control", "no-cache")  # asked again each time: an upgrade changes the files
        return response

    return app


def _add_refusals(app: FastAPI) -> None:
    """Say what is not there, what was asked wrongly, and what to do on an empty database."""

    def said(request: Request, status: int, title: str, message: str) -> Response:
        if by_key(request.url.path):
            return api_said(status)
        return draw(request, "message.html.j2", status=status, title=title, message=message)

    @app.exception_handler(RuleViolation)
    def refused(request: Request, error: RuleViolation) -> Response:
        status = 404 if isinstance(error, NotFound) else 409
        return said(request, status, TITLES[status], error.told)

    @app.exception_handler(SignInNeeded)
    def strange(request: Request, error: SignInNeeded) -> Response:
        del error
        if request.method != "GET":
            return said(
                request, 401, Phrase("Cần đăng nhập"),
                Phrase("Phiên làm việc đã hết. Hãy đăng nhập lại rồi làm lại việc này."),
            )  # fmt: skip
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(address("/sign-in", next=asked if asked != "/" else None), status_code=303)

    @app.exception_handler(Forbidden)
    def forbidden(request: Request, error: Forbidden) -> Response:
        return said(request, 403, Phrase("Không có quyền"), error.told)

    @app.exception_handler(ForgedForm)
    def forged(request: Request, error: ForgedForm) -> Response:
        del error
        return said(
            request, 403, Phrase("Không nhận biểu mẫu này"),
            Phrase("Biểu mẫu được mở từ phiên làm việc khác hoặc từ trang khác. Hãy tải lại trang rồi gửi lại."),
        )  # fmt: skip

    @app.exception_handler(TooLarge)
    def too_large(request: Request, error: TooLarge) -> Response:
        return said(request, 413, Phrase("Quá lớn"), error.detail)

    @app.exception_handler(HTTPException)
    def not_here(request: Request, error: HTTPException) -> Response:
        title = TITLES[404 if error.status_code == 404 else 409]
        response = said(request, error.status_code, title, TOLD.get(error.status_code, error.detail))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(RequestValidationError)
    def unreadable(request: Request, error: RequestValidationError) -> Response:
        names = ", ".join(sorted({str(found["loc"][-1]) for found in error.errors()}))
        return said(
            request, 422, Phrase("Địa chỉ không đọc được"), Phrase("Giá trị không hợp lệ trong địa chỉ: %(names)s.", names=names)
        )  # fmt: skip

    @app.exception_handler(NotMigrated)
    def no_tables(request: Request, error: NotMigrated) -> Response:
        del error
        return draw(request, "first_steps.html.j2", status=503, migrated=False, accounts=False)

    @app.exception_handler(NoAccount)
    def no_account(request: Request, error: NoAccount) -> Response:
        del error
        return draw(request, "first_steps.html.j2", status=503, migrated=True, accounts=False)

    @app.exception_handler(NoCycle)
    def no_cycle(request: Request, error: NoCycle) -> Response:
        del error
        return draw(request, "first_steps.html.j2", migrated=True, accounts=True)

    @app.exception_handler(DataError)
    def unfit(request: Request, error: DataError) -> Response:
        """Say that no column holds what was sent: PostgreSQL takes no NUL, for one."""
        del error
        return said(
            request, 422, Phrase("Không đọc được"),
            Phrase("Địa chỉ hoặc biểu mẫu có ký tự hay số không dùng được. Hãy gõ lại."),
        )  # fmt: skip

    @app.exception_handler(DBAPIError)
    def no_database(request: Request, error: DBAPIError) -> Response:
        """Say that the database does not answer; why, with its address and rows, is for the server's log alone."""
        log.error(
            "the database did not answer %s",
            request.scope["route"].path if "route" in request.scope else "",
            exc_info=error,
        )
        return said(
            request,
            503,
            Phrase("Cơ sở dữ liệu không trả lời"),
            Phrase("Hãy thử lại sau ít phút. Nếu vẫn vậy, hãy báo người quản trị phần mềm."),
        )

    @app.exception_handler(Exception)
    def fault(request: Request, error: Exception) -> Response:
        """Say that something broke; the server logs what."""
        del error
        response = said(
            request, 500, Phrase("Phần mềm gặp lỗi"),
            Phrase("Lỗi đã được ghi vào nhật ký. Hãy báo người quản trị phần mềm."),
        )  # fmt: skip
        response.headers.update(SAFETY)
        response.headers.setdefault("Cache-Control", "no-cache")  # asked again each time: an upgrade changes the files
        return response


app = create_app()
