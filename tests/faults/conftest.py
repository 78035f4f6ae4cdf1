"""Worlds on both databases."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.faults.worlds import OnPostgres, OnSqlite, World


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


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """Let what a cut line left open be found in the test that cut it, where its warning is expected."""
    yield
    gc.collect()
