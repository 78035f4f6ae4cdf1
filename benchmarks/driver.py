"""The plain driver: what one record has and another has not, written again with the same settings and nothing else."""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.tables import METADATA

SETTINGS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
"""What models/session.py asks of SQLite."""


@dataclass(frozen=True)
class Statement:
    """One statement and the values of each row that it writes."""

    sql: str
    rows: Sequence[tuple[Any, ...]]


def difference(before: Path, after: Path) -> list[Statement]:
    """Return the fewest statements that bring one record to the rows of another, parents first.

    Of a row that is there already only the columns are written that changed somewhere in its table.
    """
    found = []
    with sqlite3.connect(after) as connection:
        connection.execute("ATTACH DATABASE ? AS old", (str(before),))
        for table in METADATA.sorted_tables:
            name, (key,) = table.name, [column.name for column in table.primary_key]
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
            written = connection.execute(f"SELECT * FROM main.{name} EXCEPT SELECT * FROM old.{name}").fetchall()
            place = columns.index(key)
            kept = {row[0] for row in connection.execute(f"SELECT {key} FROM old.{name}")} if written else set()
            new = [row for row in written if row[place] not in kept]
            if new:
                listed = ", ".join(f'"{column}"' for column in columns)
                marks = ", ".join("?" * len(columns))
                found.append(Statement(f"INSERT INTO {name} ({listed}) VALUES ({marks})", new))
            if changed := [row for row in written if row[place] in kept]:
                found.append(_update(connection, name, columns, place, changed))
        connection.execute("DETACH DATABASE old")
    return found


def _update(
    connection: sqlite3.Connection, name: str, columns: Sequence[str], place: int, changed: Sequence[tuple[Any, ...]]
) -> Statement:
    moved = [
        number
        for number, column in enumerate(columns)
        if connection.execute(
            f'SELECT 1 FROM main.{name} AS new JOIN old.{name} AS was ON was."{columns[place]}" = new."{columns[place]}" '
            f'WHERE new."{column}" IS NOT was."{column}" LIMIT 1'
        ).fetchone()
    ]
    sets = ", ".join(f'"{columns[number]}" = ?' for number in moved)
    return Statement(
        f'UPDATE {name} SET {sets} WHERE "{columns[place]}" = ?',
        [(*(row[number] for number in moved), row[place]) for row in changed],
    )


def written(statements: Iterable[Statement]) -> int:
    """Return how many rows statements write."""
    return sum(len(statement.rows) for statement in statements)


def replay_seconds(record: Path, statements: Iterable[Statement]) -> float:
    """Return the seconds that the driver takes to write statements to a record in one durable transaction."""
    connection = sqlite3.connect(record, isolation_level=None)
    for pragma in SETTINGS:
        connection.execute(f"PRAGMA {pragma}")
    began = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    for statement in statements:
        connection.executemany(statement.sql, statement.rows)
    connection.execute("COMMIT")
    took = time.perf_counter() - began
    connection.close()
    return took
