"""A whole office acts at random: whatever is done or refused, nothing is lost and every number is explained by history."""

import shutil
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine

from models.session import make_engine
from models.settings import DatabaseSettings
from tests.factories import an_office
from tests.property.walker import Walk


def walked(engine: Engine, seed: int, steps: int, files: Path) -> Walk:
    """Return a walk of so many steps, checked after each, whose record the doctor finds sound at the end."""
    walk = Walk(an_office(engine), Random(seed))
    for _ in range(steps):
        walk.step()
    walk.end(files)
    return walk


@pytest.mark.parametrize("seed", [61, 148])
def test_after_every_act_of_a_random_walk_everything_is_conserved(
    sqlite_engine: Engine, seed: int, tmp_path: Path
) -> None:
    walk = walked(sqlite_engine, seed, steps=110, files=tmp_path)
    assert walk.done.total() > 50, (walk.done, walk.refused)
    assert walk.refused.total() > 10


@pytest.mark.long
def test_long_random_walks_conserve_everything_and_come_by_most_acts(migrated_sqlite: Path, tmp_path: Path) -> None:
    done: Counter[str] = Counter()
    for seed in range(8):
        home = tmp_path / str(seed)
        home.mkdir()
        shutil.copy(migrated_sqlite, home / "ocop.db")
        engine = make_engine(DatabaseSettings(home=home, db_url=""))
        done += walked(engine, seed, steps=350, files=home).done
        engine.dispose()
    assert len(done) >= 24, done


@pytest.mark.long
def test_a_long_random_walk_on_postgresql_conserves_everything(postgres_engine: Engine, tmp_path: Path) -> None:
    assert walked(postgres_engine, 2025, steps=350, files=tmp_path).done.total() > 100
