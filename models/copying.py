"""The record's tables as portable lines, the same from SQLite and PostgreSQL, and back into an empty database of either."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Integer,
    Table,
    Text,
    bindparam,
    column,
    func,
    insert,
    inspect,
    select,
    table,
    text,
    update,
)

from models.base import Document, Instant, Points
from models.tables import METADATA

BATCH = 1000
"""Rows read and written at a time: memory does not grow with the record."""

KINDS: Mapping[str, Any] = {
    "whole": Integer(),
    "flag": Boolean(),
    "day": Date(),
    "instant": Instant(),
    "points": Points(),
    "document": Document(),
    "text": Text(),
}
"""What a column holds, by the word for it in an archive."""
_READ: Mapping[str, Callable[[str], Any]] = {
    "day": date.fromisoformat,
    "instant": datetime.fromisoformat,
    "points": Decimal,
}
"""How a value that JSON has no word for is read back."""


@dataclass(frozen=True)
class Shape:
    """A table as an archive describes it: whoever reads it needs no other version of the program."""

    name: str
    columns: Mapping[str, str]
    """The kind of each column, in the order of a line's values."""
    key: Sequence[str]
    """The primary key, by which lines are ordered."""
    links: Sequence[str] = ()
    """Columns that point to other rows of the same table, perhaps to later ones."""


def shapes() -> list[Shape]:
    """Return the shape of every table, those that others point to first."""
    return [_shape(each) for each in METADATA.sorted_tables]


def _shape(each: Table) -> Shape:
    return Shape(
        each.name,
        {one.name: _kind(one) for one in each.columns},
        [one.name for one in each.primary_key.columns],
        [one.name for one in each.columns for link in one.foreign_keys if link.column.table is each],
    )


def _kind(one: Column[Any]) -> str:
    return next((kind for kind, known in KINDS.items() if isinstance(one.type, type(known))), "text")


def lines(connection: Connection, shape: Shape) -> Iterator[str]:
    """Yield a table's rows as JSON lists, a line each, by primary key; streamed, also from PostgreSQL."""
    each = METADATA.tables[shape.name]
    rows = connection.execute(
        select(*(each.c[name] for name in shape.columns)).order_by(*(each.c[name] for name in shape.key)),
        execution_options={"yield_per": BATCH},
    )
    for row in rows:
        yield json.dumps(list(row), ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else format(value, "f")


def read(shape: Shape, line: str | bytes) -> dict[str, Any]:
    """Return a line's values by column; ValueError when the line does not fit the shape."""
    values = json.loads(line)
    if not isinstance(values, list) or len(values) != len(shape.columns):
        raise ValueError(f"a line of {shape.name} has not {len(shape.columns)} values")
    return {
        name: value if value is None or kind not in _READ else _READ[kind](value)
        for (name, kind), value in zip(shape.columns.items(), values, strict=True)
    }


def load(connection: Connection, shape: Shape, rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert rows, without what points inside their own table, and return how many."""
    into = _portable(shape)
    number = 0
    for batch in _batches(rows):
        connection.execute(insert(into), [{**row, **dict.fromkeys(shape.links)} for row in batch])
        number += len(batch)
    return number


def link(connection: Connection, shape: Shape, reread: Callable[[], Iterable[Mapping[str, Any]]]) -> None:
    """Set what points inside the rows' own table, now that all are there; they are read once for each such column."""
    into, (key,) = _portable(shape), shape.key
    for name in shape.links:
        pointing = ({"row_key": row[key], "row_link": row[name]} for row in reread() if row[name] is not None)
        set_link = update(into).where(into.c[key] == bindparam("row_key")).values({name: bindparam("row_link")})
        for batch in _batches(pointing):
            connection.execute(set_link, batch)


def _portable(shape: Shape) -> Any:
    return table(shape.name, *(column(name, KINDS[kind]) for name, kind in shape.columns.items()))


def _batches(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    waiting = iter(rows)
    while batch := [dict(row) for row in islice(waiting, BATCH)]:
        yield batch


def continue_numbering(connection: Connection, loaded: Sequence[Shape]) -> None:
    """Let PostgreSQL number new rows after the loaded ones; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for shape in loaded:
        if shape.key == ["id"]:
            into = _portable(shape)
            last = connection.scalar(select(func.max(into.c.id)))
            if last is not None:
                connection.execute(
                    text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"),
                    {"name": shape.name, "last": last},
                )


def occupied(connection: Connection) -> str:
    """Return the name of a table that keeps a database from being an empty one, or an empty text."""
    for name in sorted(inspect(connection).get_table_names()):
        if name == "alembic_version":
            continue
        if (
            name not in METADATA.tables
            or connection.execute(select(text("1")).select_from(table(name)).limit(1)).first()
        ):
            return name
    return ""
