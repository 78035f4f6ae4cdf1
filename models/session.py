"""Engines set up the same way everywhere, and the one way to open a transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from models.settings import DatabaseSettings

AT_ONCE = 30
"""Requests that the pages deal with at a time; each has a view to read from and, while it acts, a second connection."""
POOL = {"pool_size": 5, "max_overflow": 2 * AT_ONCE}
"""More connections than such requests ask for: none waits for another's while holding its own."""


def make_engine(settings: DatabaseSettings) -> Engine:
    """Return an engine for the record.

    SQLite: WAL, full synchronisation, foreign keys, BEGIN IMMEDIATE so that a read that becomes a write cannot fail
    half-way, a busy timeout, and 16 MB of pages kept by each connection, into which the indexes of a year fit.
    PostgreSQL: the driver's defaults with a check of stale connections, of which a few are kept and the rest are closed.
    """
    url = settings.url
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, **POOL)
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": settings.db_busy_seconds, "check_same_thread": False}, **POOL)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        del record
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-16000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        reading = connection.get_execution_options().get("ocop_reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


SAVEPOINTS = "savepoints"
"""Whether a session's transaction takes parts back by themselves."""


class NeedsSavepoints(Exception):
    """A part of a unit of work failed that was done without a savepoint: the unit is to be done again with them."""


@contextmanager
def transaction(engine: Engine, *, savepoints: bool = True) -> Iterator[Session]:
    """Open a transaction for writing: commit at the end, or nothing happened.

    Without `savepoints` no part of it can be taken back by itself: where one must be, NeedsSavepoints is raised.
    """
    with Session(engine, expire_on_commit=False) as session, session.begin():
        session.info[SAVEPOINTS] = savepoints
        yield session


T = TypeVar("T")
COLLISIONS = 5
RETRIED = frozenset({"40001", "40P01"})
"""PostgreSQL's serialization failure and deadlock: the whole unit is tried again."""


def perform(engine: Engine, work: Callable[[Session], T]) -> T:
    """Run a unit of work in one transaction and return its answer; try it again whole after a collision.

    A collision is a deadlock, a serialization failure, or another request that took the same unique place first: the
    second try then finds what the first one wrote. At the fifth the database's error is raised. Savepoints are set only
    once a row was unfit (decision 0031).
    """
    collisions, savepoints = 0, False
    while True:
        try:
            with transaction(engine, savepoints=savepoints) as session:
                return work(session)
        except NeedsSavepoints:
            savepoints = True
        except DBAPIError as error:
            collisions += 1
            collided = isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", None) in RETRIED
            if not collided or collisions == COLLISIONS:
                raise


def trial(engine: Engine, work: Callable[[Session], T]) -> T:
    """Run a unit of work whole and return its answer, then take everything back: the record is as it was."""
    with Session(engine, expire_on_commit=False) as session, session.begin() as whole:
        session.info[SAVEPOINTS] = True
        answer = work(session)
        whole.rollback()
    return answer


@contextmanager
def taken_back(session: Session) -> Iterator[None]:
    """Take back at the end what is done within: to see what it would do, in the middle of a transaction."""
    part = session.begin_nested()
    try:
        yield
    finally:
        part.rollback()


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Open a consistent view for reading; nothing is ever committed, and no writer waits for it."""
    options: dict[str, Any] = {"ocop_reading": True}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection, Session(connection) as session:
        yield session
        session.rollback()
