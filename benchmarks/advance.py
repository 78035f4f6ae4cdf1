"""`advance()` on many decided dossiers, against the plain driver that writes the same rows with the same settings."""

import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
import tracemalloc
from decimal import Decimal
from pathlib import Path

from benchmarks.world import AT, decided
from casework.actors import ENGINE
from casework.ledger import advance
from casework.moves import Moved, ProposedMove
from models.session import make_engine, transaction
from models.settings import DatabaseSettings
from ocop.procedure import ROUTE, Facts

FACTS = Facts(mean=Decimal(75), stars_after_gates=4)
GOAL = 0.5
"""The engine's speed as a part of the plain driver's."""
MEMORY_GOAL = 1.2
ROUNDS = 3


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


def measure(number: int) -> tuple[float, float, float]:
    """Return the median seconds of engine and driver in turn, and the engine's peak of Python memory in MB."""
    ours, plain = [], []
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template"
        decided(template, number).dispose()
        peak = 0.0
        for turn in range(ROUNDS):
            after, before = Path(folder) / f"after{turn}", Path(folder) / f"before{turn}"
            shutil.copytree(template, after)
            shutil.copytree(template, before)
            ours.append(engine_seconds(after, number))
            plain.append(driver_seconds(before / "ocop.db", after / "ocop.db"))
        measured = Path(folder) / "measured"
        shutil.copytree(template, measured)
        tracemalloc.start()
        engine_seconds(measured, number)
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
    return statistics.median(ours), statistics.median(plain), peak


def main() -> None:
    """Print the table."""
    say = sys.stdout.write
    say(f"advance(), medians of {ROUNDS} interleaved rounds, SQLite, one durable commit a batch\n")
    say(f"{'dossiers':>9} {'engine s':>9} {'driver s':>9} {'ratio':>6}  goal {GOAL}    {'peak MB':>8}\n")
    peaks = []
    for number in (1_000, 10_000):
        ours, plain, peak = measure(number)
        peaks.append(peak)
        told = "met" if plain / ours >= GOAL else "not met"
        say(f"{number:>9} {ours:>9.2f} {plain:>9.2f} {plain / ours:>6.2f}  {told:<8} {peak:>8.1f}\n")
    growth = peaks[-1] / peaks[0]
    say(f"peak memory grows {growth:.2f} times from 1,000 to 10,000 (goal {MEMORY_GOAL}: ")
    say("met)\n" if growth <= MEMORY_GOAL else "not met)\n")


if __name__ == "__main__":
    main()
