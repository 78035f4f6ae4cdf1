"""Pages kept for as long as nothing is written: fifty people who watch the same figures have them reckoned once."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from html import escape
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import Engine, PoolProxiedConnection
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse

from dashboard.language import asked
from dashboard.said import SAID
from dashboard.who import NAMELESS, Reader, reader_now, session_token, used

MOST = 512
"""Pages and readers kept at a time; those not asked for the longest go first."""

SHARED = frozenset({"/", "/heat", "/procedure", "/late", "/dossiers", "/certificates", "/letters", "/plan"})
"""The pages that say the same to everybody who reads as much, and have no form with a key of its own."""

OWN = frozenset({"/work"})
"""Pages that are kept too, for each person their own."""

KEPT_FOR = 60
"""Seconds after which a page is reckoned again although nothing was written: days begin, and Prefect's runs are not in the record."""

T = TypeVar("T")


class Mark:
    """Tells whether anything was written to the record since one looked before, whoever wrote it."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._lock = engine, Lock()
        self._watching: PoolProxiedConnection | None = None

    def now(self) -> str:
        """Return a text that is the same only while nothing was committed.

        SQLite counts the commits of others for each connection: one is kept for looking alone. PostgreSQL tells which
        transactions a snapshot sees.
        """
        if self._engine.dialect.name == "postgresql":
            with self._engine.connect() as connection:
                return str(connection.exec_driver_sql("SELECT pg_current_snapshot()::text").scalar_one())
        with self._lock:
            if self._watching is None:
                self._watching = self._engine.raw_connection()
                self._watching.detach()  # the pool lends to requests: many applications on a record would empty it
            cursor = self._watching.cursor()
            try:
                cursor.execute("PRAGMA data_version")
                return repr(cursor.fetchone())
            finally:
                cursor.close()


@dataclass(frozen=True)
class Page:
    """A page as it was reckoned, and when by the machine's own clock, in seconds."""

    html: str
    reckoned: float

    @property
    def fresh(self) -> bool:
        """Whether it may still be given out to everybody."""
        return time.monotonic() - self.reckoned < KEPT_FOR


class Kept:
    """What was reckoned from the record, by a key that names the mark it was reckoned under."""

    def __init__(self) -> None:
        self._held: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()
        self._turns: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    def turn(self, key: Hashable) -> asyncio.Lock:
        """Return what one who reckons a page holds, so that the others who ask for it wait or take the one before."""
        with self._lock:
            return self._turns.setdefault((asyncio.get_running_loop(), key), asyncio.Lock())

    def get(self, key: Hashable) -> Any:
        """Return what is kept under a key, or None."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def put(self, key: Hashable, value: T) -> T:
        """Keep a value and return it."""
        with self._lock:
            self._held[key] = value
            while len(self._held) > MOST:
                self._held.popitem(last=False)
        return value


class Shared(APIRoute):
    """A route whose page is kept where it is one of `SHARED`: it depends on the record, the address and the scope alone.

    It is reckoned again as soon as anything is committed, and after `KEPT_FOR` in any case; by one request, however many
    ask. The name of the reader and the token of their forms are put in each time.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler that looks among the kept pages first."""
        reckon = super().get_route_handler()
        if self.path not in SHARED | OWN or self.methods != {"GET"}:
            return reckon

        async def handler(request: Request) -> Response:
            if request.cookies.get(SAID):  # a sentence for this reader alone
                return await reckon(request)
            mark, reader = await run_in_threadpool(_who, request)
            if reader is None or not reader.may(request.method, self.path):
                return await reckon(request)
            kept: Kept = request.app.state.kept
            person = reader.person_id if self.path in OWN else None
            key = (mark, str(request.url), asked(request), reader.kinds, reader.scope, person)
            page, turn = kept.get(key), kept.turn(key)
            if page is None or not (page.fresh or turn.locked()):
                async with turn:
                    page = kept.get(key)
                    if page is None or not page.fresh:
                        request.state.nameless = True
                        try:
                            answer = await reckon(request)
                        finally:  # what refuses the page is drawn for this reader alone
                            request.state.reader = reader
                        if answer.status_code != 200 or not answer.headers["content-type"].startswith("text/html"):
                            return answer
                        page = kept.put(key, Page(bytes(answer.body).decode(), time.monotonic()))
            return _signed(page.html, reader, request)

        return handler


def _who(request: Request) -> tuple[str, Reader | None]:
    """Return the mark of this moment, and who asks, None for somebody whom `admitted` will refuse."""
    state, token = request.app.state, session_token(request)
    if not token:
        return "", None
    try:
        mark = state.mark().now()
    except DBAPIError:  # the page itself says what is the matter
        return "", None
    kept: Kept = state.kept
    # A session ends by time too, and a person's use is noted although the page has just renewed itself.
    known = (mark, token, used(request), time.monotonic() // KEPT_FOR)
    reader: Reader | None = kept.get(known)
    if reader is None:
        reader = reader_now(request)
        if reader is not None:
            kept.put(known, reader)
    return mark, reader


def _signed(html: str, reader: Reader, request: Request) -> Response:
    """Return a kept page as this reader's, or 304 when their browser has it."""
    html = html.replace(NAMELESS.name, escape(reader.name)).replace(NAMELESS.form_token, reader.form_token)
    tag = f'"{hashlib.sha256(html.encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return HTMLResponse(html, headers=headers)
