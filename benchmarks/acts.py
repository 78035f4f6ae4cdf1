"""Single acts, each with its own durable commit, against the plain driver that commits the same rows one act at a time."""

import multiprocessing
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Engine, text

from benchmarks.driver import SETTINGS
from benchmarks.figures import Figure, at_least, interleaved
from benchmarks.postgres import copied, engine_on, named, postgres
from benchmarks.world import AT, decided
from casework.actors import Actor
from casework.acts import ACTS
from models.session import make_engine, perform
from models.settings import DatabaseSettings

ACTS_IN_A_RUN = 300
CONNECTIONS = 4
TEMPLATE = "template_bench"
"""The database that those of single runs are made from."""
GOALS = {"sqlite": 0.2, "postgresql": 0.4}
OFFICER = Actor("cán bộ phụ trách 4", 8)
"""The officer of the commune in `benchmarks.world.decided`: the first of its people, after seven of the units above."""
WRITES = {"events": "dossier_id", "letters": "dossier_id", "requests": None}
"""What the act writes besides the dossier's own row, and the column that names the dossier."""
STEP = ("stage", "open", "holder_id", "stage_since", "version", "head")


def report(engine: Engine, dossiers: Sequence[int], tries: int = 0) -> None:
    """Record the commune's report on dossiers, an act and a commit for each; another act needs another key."""
    for key in dossiers:
        perform(
            engine,
            lambda session, key=key: ACTS["report"].perform(  # type: ignore[misc]
                session, actor=OFFICER, at=AT, key=f"bench/{tries}/{key}", dossiers=[f"BENCH-{key:06d}"],
                number="12/BC-UBND", reported_on=AT.date(), findings="Đủ điều kiện, hồ sơ đúng mẫu.",
            ),
        )  # fmt: skip


def waiting_at_communes(home: Path) -> None:
    """Make a record whose dossiers wait for the commune's report."""
    engine = decided(home, ACTS_IN_A_RUN)
    with engine.begin() as connection:
        connection.execute(text("UPDATE dossiers SET stage = 'commune_review', holder_id = 4"))
        connection.execute(text("UPDATE dossiers SET stage_since = registered_at"))
    engine.dispose()


Rows = list[tuple[str, list[tuple[Any, ...]]]]
"""For each act the rows of each table that it wrote, the dossier's step last."""


def rows_of_acts(fetch: Callable[[str], list[tuple[Any, ...]]], columns: Callable[[str], list[str]]) -> list[Rows]:
    """Read what each act wrote, so that the driver can write it again."""
    found: list[Rows] = []
    steps = {row[0]: row[1:] for row in fetch(f"SELECT id, {', '.join(STEP)} FROM dossiers")}
    requests = {row[0].rsplit("/", 1)[1]: row for row in fetch("SELECT * FROM requests")}
    by_dossier: dict[str, dict[int, list[tuple[Any, ...]]]] = {"events": {}, "letters": {}}
    for table, kept in by_dossier.items():
        place = columns(table).index("dossier_id")
        for row in fetch(f"SELECT * FROM {table}"):
            kept.setdefault(row[place], []).append(row)
    for key, step in steps.items():
        written: Rows = [(table, kept[key]) for table, kept in by_dossier.items()]
        found.append([*written, ("requests", [requests[str(key)]]), ("dossiers", [(*step, key)])])
    return found


def sqlite_figures(folder: Path) -> Iterator[Figure]:
    """Measure on SQLite with one connection."""
    template = folder / "template"
    waiting_at_communes(template)
    acts: list[Rows] = []
    commits: list[float] = []

    def ours(turn: int) -> float:
        home = Path(shutil.copytree(template, folder / f"after{turn}"))
        engine = make_engine(DatabaseSettings(home=home, db_url=""))
        began = time.perf_counter()
        report(engine, range(1, ACTS_IN_A_RUN + 1))
        took = time.perf_counter() - began
        engine.dispose()
        with sqlite3.connect(home / "ocop.db") as connection:
            acts[:] = rows_of_acts(
                lambda asked: connection.execute(asked).fetchall(),
                lambda table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})")],
            )
        return took

    def plain(turn: int) -> float:
        connection = sqlite3.connect(
            shutil.copytree(template, folder / f"plain{turn}") / "ocop.db", isolation_level=None
        )
        for pragma in SETTINGS:
            connection.execute(f"PRAGMA {pragma}")
        began = time.perf_counter()
        for act in acts:
            connection.execute("BEGIN IMMEDIATE")
            for table, rows in act:
                for row in rows:
                    connection.execute(_statement(table, len(row), "?"), row)
            written = time.perf_counter()
            connection.execute("COMMIT")
            commits.append(time.perf_counter() - written)
        took = time.perf_counter() - began
        connection.close()
        return took

    yield _figure("SQLite, one connection", "sqlite", *interleaved([ours, plain]))
    yield Figure("a durable commit by the driver, SQLite, which both wait for", f"{1000 * median(commits):.2f} ms")


def _statement(table: str, width: int, mark: str) -> str:
    if table == "dossiers":
        return f"UPDATE dossiers SET {', '.join(f'{name} = {mark}' for name in STEP)} WHERE id = {mark} AND version = 6"
    return f"INSERT INTO {table} VALUES ({', '.join([mark] * width)})"


def _figure(where: str, goal: str, ours: float, plain: float) -> Figure:
    told = f"{ACTS_IN_A_RUN / ours:,.0f} to {ACTS_IN_A_RUN / plain:,.0f} acts/s"
    return at_least(f"single acts, {where}", plain / ours, GOALS[goal], told)


def postgres_figures(folder: Path) -> Iterator[Figure]:
    """Measure on PostgreSQL with one connection and with four."""
    waiting_at_communes(folder / "template")
    with postgres() as address:
        copied(folder / "template", address, TEMPLATE)
        acts: list[Rows] = []
        numbers = count()

        def fresh() -> str:
            name = f"run{next(numbers)}"
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(TEMPLATE))
                )
            return name

        def ours(turn: int, connections: int = 1) -> float:
            name = fresh()
            took = _together(_ours_in_a_process, [named(address, name)], connections)
            if not acts:
                with psycopg.connect(named(address, name)) as connection:
                    acts[:] = rows_of_acts(
                        lambda asked: connection.execute(asked).fetchall(),
                        lambda table: [column.name for column in connection.execute(
                            f"SELECT * FROM {table} LIMIT 0").description or ()],
                    )  # fmt: skip
            return took

        def plain(turn: int, connections: int = 1) -> float:
            return _together(_driver_in_a_process, [named(address, fresh()), acts], connections)

        one = interleaved([ours, plain])
        yield _figure("PostgreSQL, one connection", "postgresql", *one)
        four = interleaved([lambda turn: ours(turn, CONNECTIONS), lambda turn: plain(turn, CONNECTIONS)])
        grown = f"{ACTS_IN_A_RUN / four[0]:,.0f} acts/s, {one[0] / four[0]:.1f} times those of one"
        yield Figure(f"single acts, PostgreSQL, {CONNECTIONS} connections", grown)
        yield Figure(f"the driver on {CONNECTIONS} connections", f"{one[1] / four[1]:.1f} times those of one")


def _together(work: Callable[..., None], given: list[Any], processes: int) -> float:
    """Run so many processes at once, each with its share of the acts, and return the seconds from the common start."""
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(processes + 1)
    started = [
        context.Process(target=work, args=(*given, range(1 + part, ACTS_IN_A_RUN + 1, processes), gate))
        for part in range(processes)
    ]
    for process in started:
        process.start()
    gate.wait()
    began = time.perf_counter()
    for process in started:
        process.join()
    took = time.perf_counter() - began
    if any(process.exitcode for process in started):
        raise RuntimeError("a process of the benchmark failed")
    return took


def _ours_in_a_process(address: str, share: range, gate: Any) -> None:
    engine = engine_on(address)
    with engine.connect():
        gate.wait()
    report(engine, share)
    engine.dispose()


def _driver_in_a_process(address: str, acts: list[Rows], share: range, gate: Any) -> None:
    with psycopg.connect(address) as connection:
        gate.wait()
        for number in share:
            for table, rows in acts[number - 1]:
                for row in rows:
                    connection.execute(_statement(table, len(row), "%s").encode(), row)
            connection.commit()


def figures() -> Iterator[Figure]:
    """Measure both databases."""
    for measured in (sqlite_figures, postgres_figures):
        with tempfile.TemporaryDirectory() as folder:
            yield from measured(Path(folder))
