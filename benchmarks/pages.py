"""Stage by unit counts and every page of the console on a cycle of 100,000 dossiers in the middle of its year."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import Engine, select

from benchmarks.figures import Figure, at_most
from benchmarks.midyear import AT, checked, midyear
from casework import accounts, clock, sign_ins
from casework.board.cycles import grid, standing
from casework.digest import stage_counts
from dashboard.app import create_app
from dashboard.settings import WebSettings
from dashboard.who import COOKIE
from models.cycles import Cycle
from models.session import reading, transaction

DOSSIERS, OLDER = 100_000, 50_000
COUNTS_GOAL, PAGE_GOAL = 20.0, 100.0
"""Milliseconds."""
TIMES = 7
PAGES = (
    "/", "/work", "/heat", "/procedure", "/late", "/dossiers", "/dossiers?unmet=provincial_evaluation", "/dossiers?result=recognised",
    f"/dossiers/BENCH-{DOSSIERS // 2:06d}", "/certificates", "/letters", "/plan", "/health",
)  # fmt: skip
OFFICE = "2/coordinator_office"
NOWHERE = "http://127.0.0.1:9"
"""Where no Prefect server is."""


def milliseconds(work: Callable[[], object]) -> float:
    """Return the median of several runs, after one that fills the caches."""
    work()
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000


def figures() -> Iterator[Figure]:
    """Measure the counts, then every page as the application answers it after a commit, reckoned, rendered and whole."""
    with tempfile.TemporaryDirectory() as folder:
        engine = midyear(Path(folder), DOSSIERS, older=OLDER).engine
        with transaction(engine) as session:
            clock.drive(session, AT)
            checked(session)
        yield from _counts(engine)
        yield from asyncio.run(_pages(engine))
        engine.dispose()


def _counts(engine: Engine) -> Iterator[Figure]:
    with reading(engine) as session:
        cycle = session.scalars(select(Cycle)).one()
        what = f"stage x unit counts, {DOSSIERS:,} dossiers"
        yield at_most(what, milliseconds(lambda: standing(session, cycle)), COUNTS_GOAL, "ms")
        told = milliseconds(lambda: grid(session, cycle))
        yield Figure(f"{what}, with the overdue of each, a fifth of all", f"{told:.3g} ms")
        told = milliseconds(lambda: stage_counts(session, cycle, AT))
        yield Figure(f"what a morning's letter counts, {DOSSIERS:,} dossiers", f"{told:.3g} ms")


async def _pages(engine: Engine) -> list[Figure]:
    app = create_app(engine, WebSettings(prefect_url=NOWHERE))
    found = []
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        with transaction(engine) as session:
            now = datetime.now(UTC)
            office = accounts.open_account(session, login=OFFICE, owner=accounts.Owner(person=OFFICE), at=now, by="")
            client.cookies.set(COOKIE, sign_ins.start_session(session, office, now, "benchmark"))
        for page in PAGES:
            took = []
            for turn in range(TIMES + 1):
                with transaction(engine) as session:  # a commit ends what is kept: the page is reckoned
                    clock.drive(session, AT + timedelta(seconds=turn))
                began = time.perf_counter()
                answer = await client.get(page)
                took.append(time.perf_counter() - began)
            answer.raise_for_status()
            told = f"{len(answer.content) / 1000:.0f} kB"
            found.append(at_most(f"page {page}", statistics.median(took[1:]) * 1000, PAGE_GOAL, "ms", told))
    return found
