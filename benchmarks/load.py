"""Fifty people at the pages at once: a real server over 100,000 dossiers, each reader pausing a second between pages.

Once nothing is written; then, besides, something is committed every ten seconds, which ends every page that is kept.
"""

import asyncio
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import httpx
from sqlalchemy import Engine

from benchmarks.figures import Figure, at_most
from benchmarks.midyear import AT, checked, midyear
from benchmarks.postgres import copied, engine_on, named, postgres
from casework import accounts, clock, sign_ins
from dashboard.who import COOKIE
from models.session import transaction

DOSSIERS, OLDER = 100_000, 50_000
SECONDS, PAUSE = 60, 1.0
WARM = 15
"""Seconds until every page was opened once by somebody: what comes before is not counted."""
COMMITS_EVERY = 10
MEDIAN_GOAL, P95_GOAL = 100.0, 300.0
"""Milliseconds."""
ANY_DOSSIER = f"/dossiers/BENCH-{DOSSIERS // 2:06d}"
READERS: Sequence[tuple[int, Sequence[str], Sequence[str]]] = (
    # so many people, whose accounts they use in turn, the pages that they open in turn
    (20, ("2/officer", "2/coordinator_office", "2/department"),
     ("/", "/heat", "/late", "/dossiers", "/dossiers?unmet=provincial_evaluation", ANY_DOSSIER, "/certificates", "/letters", "/plan")),
    (15, tuple(f"{unit}/officer" for unit in range(3, 13)), ("/work", "/dossiers", "/plan", "/certificates")),
    (15, tuple(f"{unit}/officer" for unit in range(13, 28)), ("/work", "/dossiers", "/plan", "/certificates")),
)  # fmt: skip


def figures() -> Iterator[Figure]:
    """Measure on SQLite and on PostgreSQL, over the same record."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        engine = midyear(home, DOSSIERS, older=OLDER).engine
        with transaction(engine) as session:
            clock.drive(session, AT)
            checked(session)
        sessions = _signed_in(engine)
        yield from _measured("SQLite", engine, sessions)
        with postgres() as address:
            copied(home, address, "load")
            yield from _measured("PostgreSQL", engine_on(named(address, "load")), sessions)


def _signed_in(engine: Engine) -> list[tuple[str, Sequence[str]]]:
    """Open an account for each reader's person and return the token of each reader's session, with their pages."""
    now = datetime.now(UTC)
    found = []
    with transaction(engine) as session:
        for number, people, pages in READERS:
            held = [
                accounts.open_account(session, login=code, owner=accounts.Owner(person=code), at=now, by="")
                for code in people
            ]
            found += [
                (sign_ins.start_session(session, held[turn % len(held)], now, "benchmark"), pages)
                for turn in range(number)
            ]
    return found


@contextmanager
def _served(environment: dict[str, str]) -> Iterator[str]:
    """Serve the pages from a process of their own, as `ocop serve` does, and give their address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "dashboard.app:app", "--host", "127.0.0.1", "--port", str(port),
         "--log-level", "warning", "--no-access-log"],
        env={**os.environ, "OCOP_WEB_PREFECT_URL": "http://127.0.0.1:9", **environment},
    )  # fmt: skip
    try:
        for _ in range(200):
            try:
                httpx.get(f"{address}/readyz", timeout=5).raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def _measured(where: str, engine: Engine, sessions: list[tuple[str, Sequence[str]]]) -> Iterator[Figure]:
    address = engine.url.render_as_string(hide_password=False)
    what = f"pages, {len(sessions)} readers, {where}"
    with _served({"OCOP_DB_URL": address}) as pages:
        took = asyncio.run(_read(pages, sessions))
        median, late, told = _told(took)
        yield at_most(f"{what}, median", median, MEDIAN_GOAL, "ms", told)
        yield at_most(f"{what}, 95 of 100 within", late, P95_GOAL, "ms")
        slowest = sorted(((statistics.median(found), page) for page, found in took.items()), reverse=True)[:4]
        yield Figure(f"{what}, slowest medians", ", ".join(f"{page} {moment:.0f} ms" for moment, page in slowest))
        with _written(engine):
            median, late, told = _told(asyncio.run(_read(pages, sessions)))
        yield Figure(
            f"{what}, a commit every {COMMITS_EVERY} s",
            f"median {median:.0f} ms, 95 of 100 within {late:.0f} ms ({told})",
        )
    engine.dispose()


def _told(took: dict[str, list[float]]) -> tuple[float, float, str]:
    """Return the median and the 95th of a hundred in milliseconds, and how many pages a second there were."""
    everything = sorted(moment for found in took.values() for moment in found)
    pages = len(everything) / (SECONDS - WARM)
    return statistics.median(everything), everything[int(len(everything) * 0.95)], f"{pages:.0f} pages/s"


@contextmanager
def _written(engine: Engine) -> Iterator[None]:
    """Commit something every few seconds from a thread beside."""
    done = Event()

    def write() -> None:
        while not done.wait(COMMITS_EVERY):
            with transaction(engine) as session:
                clock.set_mark(session, "benchmark", str(time.time()), datetime.now(UTC))

    thread = Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


async def _read(address: str, sessions: list[tuple[str, Sequence[str]]]) -> dict[str, list[float]]:
    """Let everybody read for a while; return the milliseconds of each page, without those of the first seconds."""
    took: dict[str, list[float]] = {}
    start = time.perf_counter()

    async def reader(client: httpx.AsyncClient, number: int, token: str, pages: Sequence[str]) -> None:
        turn = random.Random(number)
        await asyncio.sleep(turn.random() * PAUSE)
        while time.perf_counter() < start + SECONDS:
            page = turn.choice(pages)
            began = time.perf_counter()
            answer = await client.get(page, headers={"Cookie": f"{COOKIE}={token}"})
            moment = (time.perf_counter() - began) * 1000
            if answer.status_code != 200:
                raise RuntimeError(f"{page} answered {answer.status_code}")
            if began > start + WARM:
                took.setdefault(page, []).append(moment)
            await asyncio.sleep(PAUSE)

    limits = httpx.Limits(max_connections=len(sessions))
    async with httpx.AsyncClient(base_url=address, timeout=60, limits=limits) as client:
        await asyncio.gather(*(reader(client, number, *held) for number, held in enumerate(sessions)))
    return took
