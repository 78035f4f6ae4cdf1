"""All races of the table run once on a database of their own; the tests then look at what became of them."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from threading import Event, Thread

import pytest
from sqlalchemy import create_engine, text

from casework.doctor.checkup import check
from casework.doctor.invariant import Look
from models.session import reading
from models.settings import DatabaseSettings
from tests.factories import Office
from tests.integration.mail_server import MailServer, mail_server
from tests.races.course import SPARE, run
from tests.races.track import Results, a_track, engine_of
from tests.races.world import LATER_STROKE, OPENING, World

# The claims stand in no file of tests: what they compare is shown all the same.
pytest.register_assert_rewrite("tests.races.claims")

FEW, MANY = 2, int(os.environ.get("RACE_ROUNDS", "1000"))
"""How many rounds `make test` runs, and `make test-long`; a race that takes turns with others runs in some of them.

`.ci/run` asks for a hundred: the thousand takes ten minutes on two cores, too much beside the rest.
"""
ENOUGH = 200
"""Of so many heats each side comes first in some."""
SEED = 2025


@dataclass(frozen=True)
class Raced:
    """A world after its races."""

    world: World
    results: dict[str, Results]

    def wrong(self, kind: str) -> dict[str, list[str]]:
        """Return the first things of a kind that are wrong, by race."""
        found = {name: getattr(results, kind) for name, results in self.results.items()}
        return {name: told[:3] for name, told in found.items() if told}

    def never_first(self) -> dict[str, list[str]]:
        """Return who never came first in a race of many heats: its window was not hit."""
        return {
            name: missing
            for name, results in self.results.items()
            if results.heats >= ENOUGH and (missing := [side for side in results.sides if not results.won[side]])
        }

    def broken(self) -> dict[str, int]:
        """Return the invariants that do not hold, with how many break them."""
        with reading(self.world.engine) as session:
            return check(Look(session, LATER_STROKE, self.world.settings.files)).broken


@contextmanager
def serving() -> Iterator[MailServer]:
    """Run a real SMTP server in a thread of its own."""
    ready, done = Event(), Event()
    found: list[MailServer] = []

    async def serve() -> None:
        async with mail_server() as server:
            found.append(server)
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    ready.wait()
    try:
        yield found[0]
    finally:
        done.set()
        thread.join()


@pytest.fixture(scope="module")
def settings(
    request: pytest.FixtureRequest, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DatabaseSettings]:
    """The database of a test file, which says of which kind: `DATABASE = "sqlite"` or "postgresql"."""
    home = tmp_path_factory.mktemp("races")
    if request.module.DATABASE == "sqlite":
        copy(migrated_sqlite, home / "ocop.db")
        yield DatabaseSettings(home=home, db_url="")
        return
    address = request.getfixturevalue("postgres_address")
    server, _, query = address.partition("?")
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {home.name} TEMPLATE template_ocop"))
    yield DatabaseSettings(home=home, db_url=f"{server.rpartition('/')[0]}/{home.name}?{query}")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {home.name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(
    scope="module", params=[pytest.param(False, id="few"), pytest.param(True, id="many", marks=pytest.mark.long)]
)
def raced(request: pytest.FixtureRequest, settings: DatabaseSettings) -> Iterator[Raced]:
    """Run every race of the table; of many heats, print how often each side came first.

    Few heats are run without the spare rounds that show how each order ends: then only the answers are judged.
    """
    many: bool = request.param
    engine = engine_of(settings)
    with serving() as mail, a_track(settings, SEED) as track:
        world = World(settings, Office(engine, OPENING).found().open_cycle(), mail)
        results = run(world, track, MANY if many else FEW, SPARE if many else 0)
        if many:
            with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
                print(f"\n{engine.dialect.name}", *results.values(), sep="\n")  # noqa: T201 - the figures of the proof
        yield Raced(world, results)
    engine.dispose()
