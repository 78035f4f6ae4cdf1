"""A prepared record that can be had again as often as a fault has spoilt it, on SQLite and on PostgreSQL."""

import shutil
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from casework.doctor import checkup
from casework.doctor.invariant import Look
from models.session import make_engine, reading
from models.settings import DatabaseSettings
from models.tables import METADATA
from tests.faults.points import Points, watch

TABLES = tuple(METADATA.sorted_tables)
Contents = Mapping[str, list[Any]]


def contents(engine: Engine) -> Contents:
    """Return every row of every table, all columns as the database keeps them."""
    with engine.connect() as connection:
        return {
            table.name: list(
                connection.exec_driver_sql(
                    f"SELECT * FROM {table.name} ORDER BY {', '.join(column.name for column in table.primary_key)}"
                )
            )
            for table in TABLES
        }


def differing(one: Contents, other: Contents) -> dict[str, Any]:
    """Return, by table, the rows that stand in one of two records alone."""
    return {
        table: [row for row in one[table] if row not in other[table]]
        + ["against"]
        + [row for row in other[table] if row not in one[table]]
        for table in one
        if one[table] != other[table]
    }


def _no_waiting(held: Any, record: Any) -> None:
    """Let SQLite not wait for the disk: nothing here cuts the power, and what a process wrote outlives it."""
    del record
    held.execute("PRAGMA synchronous=OFF")


class World(ABC):
    """A record in the state from which every trial begins."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self.settings = settings
        self.points = Points(self.number_on)
        self.engine = make_engine(settings)
        """One for all trials: it knows its compiled statements."""
        watch(self.engine, self.points)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _no_waiting)
        self.contents: Contents = {}
        self.spoilt: Collection[str] = ()
        """The tables that a run changes: all until somebody knows."""
        self._sound: set[int] = set()

    def keep(self) -> None:
        """Take the record as it stands now for the state to come back to."""
        self.contents = contents(self.engine)
        self.spoilt = self.contents.keys()
        self.engine.dispose()
        self._keep()

    def again(self) -> None:
        """Bring the record back, and the folders beside it."""
        for other in self.settings.home.iterdir():
            if other.is_dir():
                shutil.rmtree(other)
        self._again()

    def close(self) -> None:
        """Leave the database."""
        self.engine.dispose()

    @abstractmethod
    def number_on(self) -> None:
        """Let new rows be numbered after those that are there: a transaction that was rolled back used numbers up."""

    def assert_sound(self, now: Contents, at: datetime) -> None:
        """Assert that every invariant and every chain holds; contents found sound before are not asked again."""
        mark = hash(repr((at, now)))
        if mark in self._sound:
            return
        with reading(self.engine) as session:
            found = checkup.check(Look(session, at, self.settings.files))
        assert found.sound, found.message
        self._sound.add(mark)

    @abstractmethod
    def _keep(self) -> None:
        """Copy the record to where `_again` finds it."""

    @abstractmethod
    def _again(self) -> None:
        """Put the copy in the record's place."""


class OnSqlite(World):
    """A file, copied."""

    def __init__(self, migrated: Path, home: Path) -> None:
        self._file, self._kept = home / "ocop.db", home / "kept.db"
        shutil.copyfile(migrated, self._file)
        super().__init__(DatabaseSettings(home=home, db_url=""))

    def number_on(self) -> None:
        """Nothing to do: SQLite numbers a new row after the last one that is there."""

    def _keep(self) -> None:
        with self.engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
        self.engine.dispose()
        shutil.copyfile(self._file, self._kept)

    def _again(self) -> None:
        self.engine.dispose()
        for log in ("ocop.db-wal", "ocop.db-shm"):
            (self.settings.home / log).unlink(missing_ok=True)
        shutil.copyfile(self._kept, self._file)


class OnPostgres(World):
    """A database that keeps a copy of its tables in a schema of its own: quicker than a new database for each trial."""

    def __init__(self, address: str, home: Path) -> None:
        super().__init__(DatabaseSettings(home=home, db_url=address))
        self._numbered = [table.name for table in TABLES if table.primary_key.columns.keys() == ["id"]]
        self._beside = make_engine(self.settings).execution_options(isolation_level="AUTOCOMMIT")

    def close(self) -> None:
        super().close()
        self._beside.dispose()

    def number_on(self) -> None:
        with self._beside.connect() as connection:
            connection.exec_driver_sql(
                ";".join(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL) "
                    f"FROM {name}"
                    for name in self._numbered
                )
            )

    def _keep(self) -> None:
        with self._beside.connect() as connection:
            connection.exec_driver_sql(
                "CREATE SCHEMA kept;"
                + ";".join(f"CREATE TABLE kept.{table.name} AS TABLE {table.name}" for table in TABLES)
            )

    def _again(self) -> None:
        undo = "".join(f"DELETE FROM {name}; INSERT INTO {name} SELECT * FROM kept.{name};" for name in self.spoilt)
        with self._beside.connect() as connection:
            # As a replica: no trigger keeps history, and no foreign key asks for an order.
            connection.exec_driver_sql(f"BEGIN; SET LOCAL session_replication_role = replica; {undo} COMMIT")
        self.number_on()
