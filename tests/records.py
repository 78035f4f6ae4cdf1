"""What a record holds, so that two records can be compared: everything but when it was written down and row numbers."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Engine, select

from models.cycles import Deadline
from models.letters import Letter
from models.session import transaction
from models.tables import METADATA
from notifications.rendering import Rendered, render
from tests.factories import Office

WHEN_WRITTEN = frozenset({"recorded_at", "done_at"})
"""When a row came into the record: the only thing that a late run may change."""
BY_HASH = frozenset({"hash", "prev_hash", "head", "message_id"})
"""They cover `recorded_at` or numbers of rows."""
LEFT_OUT = WHEN_WRITTEN | BY_HASH
_DEADLINE = re.compile(r"deadline/(\d+)")


def record(engine: Engine) -> dict[str, list[str]]:
    """Return every table's rows as sorted texts, comparable between runs.

    Row numbers are left out, and where a deadline's number stands in a text or a reference its stage, scope and version
    stand instead: two dossiers sent back in one late run may get their deadlines in another order. The digest's root
    covers hashes and is left out with them.
    """
    with transaction(engine) as session:
        names = {row.id: f"{row.stage}@{row.scope}#{row.version}" for row in session.scalars(select(Deadline))}
        return {
            table.name: sorted(_told(row._mapping, names) for row in session.execute(select(table)))
            for table in METADATA.sorted_tables
        }


def _told(row: Mapping[str, Any], names: Mapping[int, str]) -> str:
    cells = {}
    for column, value in row.items():
        if column in LEFT_OUT or column == "id":
            continue
        if column == "deadline_id":
            value = names[value]
        if column == "facts":
            value = {key: part for key, part in value.items() if key != "root"}
        cells[column] = _DEADLINE.sub(lambda found: names[int(found[1])], f"{value!r}")
    return repr(cells)


def differing(one: Mapping[str, list[str]], other: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return, by table, the rows that stand in one of two records alone."""
    found = {table: sorted(set(one[table]) ^ set(other[table])) for table in one}
    counts = {table: [f"{len(one[table])} rows against {len(other[table])}"] for table in one
              if len(one[table]) != len(other[table])}  # fmt: skip
    return {table: rows for table, rows in found.items() if rows} | counts


def letters(office: Office, *notices: str) -> list[Letter]:
    """Return the letters owed of these kinds, or all, in the order of their causes' instants."""
    statement = select(Letter).order_by(Letter.owed_at, Letter.id)
    if notices:
        statement = statement.where(Letter.notice.in_(notices))
    return [row[0] for row in office.rows(statement)]


def readers(found: Iterable[Letter]) -> set[str]:
    """Return the names of those to whom letters go."""
    return {letter.recipient_name for letter in found}


def read_all(office: Office) -> list[Rendered]:
    """Render every letter of the record; a fact that a template misses raises."""
    return [render(letter) for letter in letters(office)]
