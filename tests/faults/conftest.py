"""Worlds on both databases; what a cut line left open is found in the test that cut it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.faults.worlds import OnPostgres, OnSqlite, World
from tests.leftovers import _collected, _set_aside

__all__ = ["_collected", "_set_aside", "world"]


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """An empty migrated record of either kind, to be prepared, kept and spoilt."""
    if request.param == "sqlite":
        world: World = OnSqlite(request.getfixturevalue("migrated_sqlite"), tmp_path)
    else:
        engine: Engine = request.getfixturevalue("postgres_engine")
        world = OnPostgres(engine.url.render_as_string(hide_password=False), tmp_path)
    yield world
    world.close()
