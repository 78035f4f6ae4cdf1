"""`advance()` on many decided dossiers, against the plain driver that writes the same rows with the same settings."""

import shutil
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from sqlalchemy import text

from benchmarks.driver import Statement, difference, replay_seconds
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
    moves = [ProposedMove(key, ROUTE, AT.date(), FACTS, effective_at=AT) for key in range(1, number + 1)]
    began = time.perf_counter()
    with transaction(engine) as session:
        answers = advance(session, moves, actor=ENGINE, at=AT)
    took = time.perf_counter() - began
    assert len(answers) == number
    assert all(isinstance(answer, Moved) for answer in answers)
    engine.dispose()
    return took


def figures() -> Iterator[Figure]:
    """Measure 10,000 and 100,000 dossiers, engine and driver in turn, and how the peak of memory grows."""
    for number in (10_000, 100_000):
        with tempfile.TemporaryDirectory() as folder:
            here = Path(folder)
            decided(here / "template", number).dispose()
            statements: list[Statement] = []

            def ours(turn: int, here: Path = here, number: int = number, found: list[Statement] = statements) -> float:
                home = shutil.copytree(here / "template", here / "after")
                took = engine_seconds(home, number)
                found[:] = found or difference(here / "template" / "ocop.db", home / "ocop.db")
                shutil.rmtree(home)
                return took

            def plain(turn: int, here: Path = here, found: list[Statement] = statements) -> float:
                home = shutil.copytree(here / "template", here / "before")
                took = replay_seconds(home / "ocop.db", found)
                shutil.rmtree(home)
                return took

            took, floor = interleaved([ours, plain])
            told = f"{took:.2f} s to {floor:.2f} s"
            yield at_least(f"advance(), {number:,} decided dossiers", floor / took, GOAL, told)
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
