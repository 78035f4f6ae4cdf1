"""A copy of the record in a scratch folder, from which nothing is sent; the original is only read."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select

from casework import outbox
from cli.surroundings import surrounded
from models import copying, migrate
from models.session import make_engine, perform, reading, transaction
from models.settings import DatabaseSettings
from models.tables import METADATA

PREFIX = "ocop-dien-tap-"
BECAUSE = "diễn tập"
ELSEWHERE = {"OCOP_DB_URL": "", "OCOP_SMTP_HOST": "127.0.0.1", "OCOP_SMTP_PORT": "9", "OCOP_SMTP_USERNAME": ""}
"""What flows see besides the scratch folder: the copy alone, and no mail server, though none of them is to send."""


@contextmanager
def scratch(original: Engine, at: datetime) -> Iterator[Engine]:
    """Give a copy of the record in a scratch folder, all letters held; folder and copy go at the end.

    Within the block the environment names the copy, so that flows work on it.
    """
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder, surrounded({**ELSEWHERE, "OCOP_HOME": folder}):
        copy = make_engine(DatabaseSettings(home=Path(folder), db_url=""))
        try:
            migrate.upgrade(copy)
            with reading(original) as there, transaction(copy) as here:
                _fill(there.connection(), here.connection())
            perform(copy, lambda session: outbox.hold(session, at=at, because=BECAUSE))
            yield copy
        finally:
            copy.dispose()


def _fill(there: Connection, here: Connection) -> None:
    """Copy every table's rows, those that others point to first."""
    for shape in copying.shapes():
        copying.load(here, shape, _rows(there, shape.name))
        if shape.links:
            copying.link(here, shape, lambda name=shape.name: _rows(there, name))  # type: ignore[misc]


def _rows(there: Connection, name: str) -> Iterator[dict[str, Any]]:
    for row in there.execute(select(METADATA.tables[name]), execution_options={"yield_per": copying.BATCH}):
        yield dict(row._mapping)
