"""Inserts rows in one batch and tells their new ids."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from models.base import Base


def insert_batch(
    session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]], key: Sequence[str]
) -> list[int]:
    """Insert rows and return their ids in the rows' order.

    `key` names the columns that tell these rows apart, the most telling one first. One executemany and one SELECT:
    SQLite returns the ids of an ordered INSERT only row by row.
    """
    if not rows:
        return []
    session.execute(insert(table), list(rows))
    columns = [getattr(table, name) for name in key]
    wanted = {row[key[0]] for row in rows}
    identity = table.__mapper__.primary_key[0]
    found = session.execute(select(identity, *columns).where(columns[0].in_(wanted)))
    ids = {tuple(values): row_id for row_id, *values in found}
    return [ids[tuple(row[name] for name in key)] for row in rows]
