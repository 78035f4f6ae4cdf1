"""A deadline's stroke on many open dossiers: breaches and ladder, the morning's letters, and the plan that carries over."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.driver import difference, replay_seconds, written
from benchmarks.figures import Figure, interleaved
from benchmarks.midyear import WAITING, midyear
from benchmarks.world import PLAN
from casework.agenda import DEADLINE_KINDS, catch_up
from models.session import make_engine, transaction
from models.settings import DatabaseSettings

DOSSIERS = 10_000
EVE = datetime(2025, 6, 14, 16, 0, tzinfo=UTC)
STROKE = datetime(2025, 6, 14, 17, 0, tzinfo=UTC)
"""Midnight in Việt Nam: the district's deadline, exclusive of 15/6."""
MORNING = datetime(2025, 6, 16, 0, 30, tzinfo=UTC)
"""The notice hour of the first working day after it: the ladder's first rung."""
CARRIED = PLAN.read_text(encoding="utf-8").replace('after_deadline = "refuse"', 'after_deadline = "next_round"', 1)


def watch_seconds(home: Path, at: datetime) -> float:
    """Return the seconds of one hourly watch at an instant: everything due, in one durable transaction."""
    engine = make_engine(DatabaseSettings(home=home, db_url=""))
    began = time.perf_counter()
    with transaction(engine) as session:
        catch_up(session, at, DEADLINE_KINDS)
    took = time.perf_counter() - began
    engine.dispose()
    return took


def figures() -> Iterator[Figure]:
    """Measure the stroke and its morning under the plan of 2025, then the stroke of a plan that carries over."""
    yield from _measured("", (("stroke", STROKE), ("first rung, the morning after", MORNING)))
    yield from _measured(CARRIED, (("stroke that carries all to the next round", STROKE),))


def _measured(plan: str, instants: tuple[tuple[str, datetime], ...]) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        before = Path(folder) / "before"
        midyear(before, DOSSIERS, WAITING, plan=plan, struck_by=EVE).engine.dispose()
        watch_seconds(before, EVE)
        for what, at in instants:
            yield from _one(before, what, at)
            watch_seconds(before, at)


def _one(before: Path, what: str, at: datetime) -> Iterator[Figure]:
    """Measure one instant, watch and driver in turn, and the second watch of the same instant."""
    turns = before.parent / "turns"
    turns.mkdir()
    again: list[float] = []
    rows: list[int] = []

    def ours(turn: int) -> float:
        here = shutil.copytree(before, turns / f"ours{turn}")
        took = watch_seconds(here, at)
        again.append(watch_seconds(here, at))
        return took

    def plain(turn: int) -> float:
        here = shutil.copytree(before, turns / f"plain{turn}")
        statements = difference(here / "ocop.db", turns / f"ours{turn}" / "ocop.db")
        rows.append(written(statements))
        took = replay_seconds(here / "ocop.db", statements)
        shutil.rmtree(here)
        shutil.rmtree(turns / f"ours{turn}")
        return took

    took, floor = interleaved([ours, plain])
    shutil.rmtree(turns)
    told = f"{floor / took:.2f} of the plain driver ({took:.2f} s to {floor:.2f} s, {rows[0]:,} rows)"
    yield Figure(f"{what}, {DOSSIERS:,} open dossiers", told)
    yield Figure(f"{what}: a second watch at the same instant", f"{sorted(again)[1] * 1000:.1f} ms, nothing written")
