"""`advance()` on many decided dossiers, against the plain driver that writes the same rows with the same settings."""

import shutil
import sqlite3
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from sqlalchemy import text

from benchmarks.figures import Figure, at_least, at_most, interleaved
from benchmarks.world import AT, decided
from casework.actors import ENGINE
from casework.ledger import advance
from casework.moves import Moved, ProposedMove
from casework.routing import route
from models.cycles import Cycle
from models.session import make_engine, transaction
from models.settings import DatabaseSettings
from ocop.procedure import ROUTE, Facts

FACTS = Facts(mean=Decimal(75), stars_after_gates=4)
GOAL = 0.5
"""The engine's speed as a part of the plain driver's."""
MEMORY_GOAL = 1.2


def engine_seconds(home: Path, number: int) -> float:
    """Return the seconds that the engine takes for one batch: rules, history, letters, one durable commit."""
    engine = make_engine(DatabaseSettings(home=home, db_url=""))
    began = time.perf_counter()
    with transaction(engine) as session:
        moves = [ProposedMove(key, ROUTE, AT.date(), FACTS, effective_at=AT) for key in range(1, number + 1)]
        answers = advance(session, moves, actor=ENGINE, at=AT)
    took = time.perf_counter() - began
    assert len(answers) == number
    assert all(isinstance(answer, Moved) for answer in answers)
    engine.dispose()
    return took


def driver_seconds(before: Path, after: Path) -> float:
    """Return the seconds that the plain driver takes to bring one file to the rows of another, read beforehand."""
    with sqlite3.connect(after) as source:
        rows = {table: source.execute(f"SELECT * FROM {table}").fetchall() for table in ("events", "letters")}
        moved = source.execute("SELECT stage, open, holder_id, stage_since, version, head, id FROM dossiers").fetchall()
    connection = sqlite3.connect(before, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    began = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    for table, lines in rows.items():
        connection.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(lines[0]))})", lines)
    connection.executemany(
        "UPDATE dossiers SET stage=?, open=?, holder_id=?, stage_since=?, version=?, head=? WHERE id=? AND version=6",
        [(*line[:-1], line[-1]) for line in moved],
    )
    connection.execute("COMMIT")
    took = time.perf_counter() - began
    connection.close()
    return took


def figures() -> Iterator[Figure]:
    """Measure 1,000 and 10,000 dossiers, engine and driver in turn, and how the peak of memory grows."""
    for number in (1_000, 10_000):
        with tempfile.TemporaryDirectory() as folder:
            template = Path(folder) / "template"
            decided(template, number).dispose()

            def ours(turn: int, here: Path = Path(folder), number: int = number) -> float:
                shutil.copytree(here / "template", here / f"before{turn}")
                return engine_seconds(shutil.copytree(here / "template", here / f"after{turn}"), number)

            def plain(turn: int, here: Path = Path(folder)) -> float:
                return driver_seconds(here / f"before{turn}" / "ocop.db", here / f"after{turn}" / "ocop.db")

            took, floor = interleaved([ours, plain])
            yield at_least(
                f"advance(), {number:,} decided dossiers", floor / took, GOAL, f"{took:.2f} s to {floor:.2f} s"
            )
    yield memory()


DECISIONS = text(
    "INSERT INTO decisions (dossier_id, product_id, level, purpose, number, signed_on, signer, unit_id, mean, "
    "stars_by_points, stars_after_gates, recorded_at, annulled_by) SELECT id, product_id, 'district', 'result', "
    "'12/QĐ-UBND', '2025-06-10', 'Nguyễn Văn Ký', holder_id, '75', 4, 4, registered_at, '' FROM dossiers"
)
"""The result that each dossier's route looks at."""


def memory() -> Figure:
    """Measure how the peak of memory grows when ten times as many dossiers are carried on in one transaction."""
    peaks = []
    for number in (10_000, 100_000):
        with tempfile.TemporaryDirectory() as folder:
            engine = decided(Path(folder), number)
            with engine.begin() as connection:
                connection.execute(DECISIONS)
            engine.dispose()
            peaks.append(peak_megabytes(Path(folder), number))
    told = " and ".join(f"{peak:.1f} MB" for peak in peaks)
    return at_most(
        "peak memory of a route, 100,000 to 10,000 dossiers", peaks[1] / peaks[0], MEMORY_GOAL, "times", told
    )


def peak_megabytes(home: Path, number: int) -> float:
    """Return the peak of Python memory while a cycle's decided dossiers are carried on as the flow does it."""
    engine = make_engine(DatabaseSettings(home=home, db_url=""))
    tracemalloc.start()
    with transaction(engine) as session:
        carried = route(session, session.get_one(Cycle, 1), AT)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    engine.dispose()
    assert carried.moved == number
    return peak
