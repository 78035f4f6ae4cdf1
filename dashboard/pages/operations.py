"""How the installation is kept: flows, work set aside, letters that failed, backups, the last check, the clock."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from casework import backup, clock
from casework.agenda import catch_up, in_words
from casework.board.keeping import backed_up, checked
from casework.incidents import LISTED, Retried, incidents, retry, unfit
from casework.routing import settle
from casework.settings import BackupSettings
from dashboard.acting import fresh_key, instant
from dashboard.nudge import ask_for_run
from dashboard.pages.health import health_facts
from dashboard.pages.letters import LARGEST
from dashboard.rights import Kind
from dashboard.said import send_on
from dashboard.view import View, Viewed
from models.session import perform, reading
from models.settings import DatabaseSettings
from ocop.phrase import Phrase

router = APIRouter()

WATCH = "deadline-watch/ocop"
"""The deployment that does what is due, as in prefect.yaml."""
BACKUPS = 10
"""Backups named."""
Items = Annotated[list[Annotated[int, Form(ge=1, le=LARGEST)]], Form(max_length=1000)]


def _cycles(view: View) -> frozenset[int] | None:
    """Return the cycles whose incidents a reader sees: all of them for an administrator."""
    if Kind.ADMINISTRATOR in view.reader.kinds or view.reader.scope.whole:
        return None
    return frozenset(cycle.id for cycle in view.cycles)


@router.get("/operations")
def show(view: Viewed) -> Response:
    """Show how the installation is kept."""
    return _page(view)


def _page(view: View, retried: Retried | None = None) -> Response:
    found = incidents(view.session, _cycles(view))
    folder = BackupSettings().place(DatabaseSettings().home)
    more: dict[str, Any] = {
        "flows": view.request.app.state.prefect.flows(),
        "incidents": found[:LISTED],
        "number": len(found),
        "unfit": unfit(view.session) if _cycles(view) is None else [],
        "retried": retried,
        "check": checked(view.session),
        "backup": backed_up(view.session, view.at),
        "backups": backup.kept(folder)[:BACKUPS],
    }
    return view.page("operations.html.j2", **health_facts(view), **more)


@router.post("/operations/run")
def run(view: Viewed) -> Response:
    """Ask Prefect for a run of the watch; say so when Prefect is away."""
    settings = view.settings
    asked = ask_for_run(settings.prefect_url, settings.prefect_seconds, WATCH, {}, fresh_key())
    if asked:
        return _back(
            view,
            Phrase("Đã yêu cầu Prefect chạy lượt theo dõi thời hạn; kết quả hiện ở danh sách lượt chạy sau ít phút."),
        )
    return _back(
        view,
        Phrase(
            "Prefect tại %(url)s không nhận yêu cầu: chưa có lượt chạy nào. Có thể bấm “Làm ngay tại đây”, hoặc báo "
            "người quản trị khởi động lại phần mềm.",
            url=settings.prefect_url,
        ),
        "warning",
    )


@router.post("/operations/catch-up")
def do_now(view: Viewed) -> Response:
    """Do what is due here and now, without Prefect, and carry on what is ready."""
    at = instant(view)

    def work(session: Session) -> Phrase:
        done = in_words(catch_up(session, at))
        settle(session, at)
        return done

    words = perform(view.request.app.state.engine(), work)
    told = Phrase("Đã làm: %(words)s", words=words) if words else Phrase("Không có việc nào đến hạn")
    return _back(view, Phrase("%(told)s; hồ sơ đã đủ kết quả được chuyển bước tiếp theo.", told=told))


@router.post("/operations/retry")
def try_again(view: Viewed, item: Items = []) -> Response:  # noqa: B006
    """Try what is set aside again, all of it where no item is named, and show what came of it."""
    at, cycles = instant(view), _cycles(view)

    def work(session: Session) -> Retried:
        return retry(session, at, frozenset(item) or None, cycles)

    retried = perform(view.request.app.state.engine(), work)
    if not retried.failing:
        return _back(view, retried.words)
    with reading(view.request.app.state.engine()) as now:  # what the page began with was before the work
        return _page(replace(view, session=now), retried)


@router.post("/operations/clock")
def accept_clock(view: Viewed) -> Response:
    """Take the server's clock as right after a long silence: the next watch acts for all the time since."""
    now = datetime.now(UTC)
    perform(view.request.app.state.engine(), lambda session: clock.accept(session, now))
    return _back(view, Phrase("Đã xác nhận đồng hồ máy chủ: lượt theo dõi sau sẽ làm bù mọi việc đến hạn."))


def _back(view: View, words: str, kind: str = "success") -> Response:
    return send_on(view.request, "/operations", words, kind)
