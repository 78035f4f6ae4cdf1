"""The pages as a browser sees them: a server of its own on 127.0.0.1, and readers who are signed in."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request
from sqlalchemy import Engine, select

from casework import accounts, clock, sign_ins
from casework.routing import route
from cli.serving.processes import HOST, Child, end, free_port, wait_until
from dashboard.who import COOKIE
from models.accounts import Account
from models.cycles import Cycle
from models.session import make_engine, reading, transaction
from models.settings import DatabaseSettings
from models.units import Person, Producer, Product, Unit
from tests.integration.signing_in import CHEAP

DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
PATIENCE = 15_000
"""How long a browser waits for what a page is to show, in milliseconds; a busy machine is slow."""


@dataclass
class Console:
    """A served record and the browser before it."""

    url: str
    engine: Engine
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()
    """Parts of complaints that a test provokes."""

    def open(self, who: str = "", path: str = "/", *, size: dict[str, int] = DESK, **options: Any) -> Page:
        """Return a page at a path, read by a person or a producer by code, the administrator, or by nobody."""
        context = self.browser.new_context(viewport=size, locale="vi-VN", base_url=self.url, **options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        if who:
            context.add_cookies([{"name": COOKIE, "value": self.session_of(who), "url": self.url}])
        context.on("request", self._asked)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))
        page = context.new_page()
        page.goto(path)
        return page

    def session_of(self, who: str) -> str:
        """Return the token of a new session of somebody's account, which is opened where it is not yet."""
        now = datetime.now(UTC)
        with transaction(self.engine) as session:
            account = session.scalar(select(Account).where(Account.login == accounts.login_of(who)))
            if account is None:
                account = accounts.open_account(session, login=who, owner=owner_of(who), at=now, by="")
                account.password = CHEAP
            return sign_ins.start_session(session, account, now, "Chromium")

    def names(self) -> set[str]:
        """Return what people, units, producers and products are called."""
        with reading(self.engine) as session:
            return {name for kind in (Person, Unit, Producer, Product) for name in session.scalars(select(kind.name))}

    def rows(self, statement: Any) -> list[Any]:
        """Return the rows of a query on the record behind the pages."""
        with reading(self.engine) as session:
            return list(session.execute(statement).all())

    def carry_on(self) -> None:
        """Route what is decided, as the flow does that the pages ask for: no Prefect runs beside them here."""
        with transaction(self.engine) as session:
            for cycle in session.scalars(select(Cycle)).all():
                route(session, cycle, clock.now(session, datetime.now(UTC)))

    def close_pages(self) -> list[str]:
        """Close every page and return what the browser complained of."""
        for context in self.contexts:
            context.close()
        found = [said for said in self.complaints if not any(part in said for part in self.expected)]
        self.contexts, self.complaints, self.expected = [], [], ()
        return found

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).hostname != HOST and not request.url.startswith(("data:", "blob:")):
            self.complaints.append(f"another host: {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")


def owner_of(who: str) -> accounts.Owner:
    """Return whose account a code names: 'quan-tri' the administrator's, 'CT-...' a producer's, else a person's."""
    if who == "quan-tri":
        return accounts.Owner(administrator=True)
    return accounts.Owner(producer=who) if who.startswith("CT-") else accounts.Owner(person=who)


@contextmanager
def served(
    home: Path, browser: Browser, *, refresh_seconds: int = 2, prefect_url: str = f"http://{HOST}:9"
) -> Iterator[Console]:
    """Serve the record of a folder until the end; an open page asks every so many seconds what is new."""
    port = free_port()
    program = [sys.executable, "-m", "uvicorn", "dashboard.app:app", "--host", HOST, "--port", str(port)]
    environment = {
        "OCOP_HOME": str(home), "OCOP_DB_URL": "", "OCOP_WEB_PREFECT_URL": prefect_url,
        "OCOP_WEB_REFRESH_SECONDS": str(refresh_seconds),
    }  # fmt: skip
    engine = make_engine(DatabaseSettings(home=home, db_url=""))
    child = Child("Trang", program, environment=environment, log=home / "console.log")
    try:
        wait_until(f"http://{HOST}:{port}/healthz", child, seconds=60)
        yield Console(f"http://{HOST}:{port}", engine, browser)
    finally:
        end([child], grace=5)
        engine.dispose()
