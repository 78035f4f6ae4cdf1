"""All races of the table run once on a database of their own; the tests then look at what became of them."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from threading import Event, Thread

import pytest
from sqlalchemy import create_engine, text

from models.session import make_engine
from models.settings import DatabaseSettings
from tests.factories import Office
from tests.integration.mail_server import MailServer, mail_server
from tests.races.course import World, run
from tests.races.track import Results, a_track

FEW, MANY = 3, 1000
"""How many heats of each race `make test` runs, and `make test-long`."""
SEED = 2025


@dataclass(frozen=True)
class Raced:
    """A world after its races."""

    world: World
    results: dict[str, Results]
    rounds: int


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
    scope="module", params=[pytest.param(FEW, id="few"), pytest.param(MANY, id="many", marks=pytest.mark.long)]
)
def raced(request: pytest.FixtureRequest, settings: DatabaseSettings) -> Iterator[Raced]:
    """Run every race of the table and print how often each side came first."""
    engine = make_engine(settings)
    with serving() as mail, a_track(settings, SEED) as track:
        world = World(settings, Office(engine).found().open_cycle(), mail)
        results = run(world, track, request.param)
        with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            for found in results.values():
                print(found)  # noqa: T201 - the figures of the proof
        yield Raced(world, results, request.param)
    engine.dispose()
