"""Writes many rows through the driver's own `executemany`: a statement is compiled once, values are prepared by column."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, Table, bindparam, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import UpdateBase


@dataclass(frozen=True)
class _Prepared:
    """A statement as a driver takes it: its text, its values in order, and how values of a type are written."""

    text: str
    names: tuple[str, ...]
    writers: tuple[Callable[[Any], Any] | None, ...]
    by_name: bool
    """Whether the driver takes a row by name; otherwise in the order of `names`."""


@lru_cache(maxsize=256)
def _prepare(statement: UpdateBase, dialect: Dialect) -> _Prepared:
    compiled: Any = statement.compile(dialect=dialect)
    names = tuple(compiled.positiontup or compiled.binds)
    types = [compiled.binds[name].type.dialect_impl(dialect) for name in names]
    return _Prepared(
        str(compiled), names, tuple(kind.bind_processor(dialect) for kind in types), not compiled.positional
    )


def execute_many(session: Session, statement: UpdateBase, rows: Sequence[Mapping[str, Any]]) -> int:
    """Execute a statement once for each row, a value for each of its named parameters, and return the rows it touched.

    `statement` is one of a few that a module keeps: it is compiled once for a database. A value that stands in many rows
    is prepared once.
    """
    if not rows:
        return 0
    connection = session.connection()
    prepared = _prepare(statement, connection.dialect)
    columns = [[row[name] for row in rows] for name in prepared.names]
    written = [
        column if write is None else _written(column, write)
        for column, write in zip(columns, prepared.writers, strict=True)
    ]
    values: list[Any] = list(zip(*written, strict=True))
    if prepared.by_name:
        values = [dict(zip(prepared.names, row, strict=True)) for row in values]
    return connection.exec_driver_sql(prepared.text, values).rowcount


def _written(values: Sequence[Any], write: Callable[[Any], Any]) -> list[Any]:
    """Return a column's values as the driver takes them."""
    if len(values) == 1:
        return [write(values[0])]
    # The rows keep every value alive meanwhile, so that an identity stands for one value.
    different = {id(value): value for value in values}
    if len(different) == len(values):
        return [write(value) for value in values]
    known = {mark: write(value) for mark, value in different.items()}
    return [known[id(value)] for value in values]


@lru_cache(maxsize=64)
def insert_into(table: Table, columns: tuple[str, ...]) -> UpdateBase:
    """Return the statement that inserts these columns of a table, each named as its parameter."""
    return insert(table).inline().values({name: bindparam(name, type_=table.c[name].type) for name in columns})


@lru_cache(maxsize=64)
def insert_missing(table: Table, columns: tuple[str, ...], keys: tuple[str, ...], dialect_name: str) -> UpdateBase:
    """Return the statement that inserts these columns, but leaves a row as it is whose `keys` are there already."""
    new = postgresql.insert(table) if dialect_name == "postgresql" else sqlite.insert(table)
    values = {name: bindparam(name, type_=table.c[name].type) for name in columns}
    return new.inline().values(values).on_conflict_do_nothing(index_elements=keys)
