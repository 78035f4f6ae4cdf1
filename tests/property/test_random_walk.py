"""A whole office acts at random: whatever is done or refused, nothing is lost and every number is explained by history."""

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine

from casework.acts import ACTS
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
@pytest.mark.parametrize("seed", range(24))
def test_after_every_act_of_a_long_random_walk_everything_is_conserved(
    sqlite_engine: Engine, seed: int, tmp_path: Path
) -> None:
    assert walked(sqlite_engine, seed, steps=400, files=tmp_path).done.total() > 100


@pytest.mark.long
def test_a_random_walk_holds_on_postgresql_and_comes_by_almost_every_act(
    postgres_engine: Engine, tmp_path: Path
) -> None:
    walk = walked(postgres_engine, 2025, steps=900, files=tmp_path)
    letters = {"hand-over", "resend", "release-letters"}
    assert set(ACTS) - set(walk.done) <= {*letters, "open-cycle", "close-cycle"}, Counter(walk.done)
