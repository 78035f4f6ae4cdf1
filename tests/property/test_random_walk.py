"""A whole office acts at random: whatever is done or refused, nothing is lost and every number is explained by history."""

from collections import Counter
from random import Random

import pytest
from sqlalchemy import Engine

from casework.acts import ACTS
from tests.factories import an_office
from tests.property.walker import Walk


def walked(engine: Engine, seed: int, steps: int) -> Walk:
    """Return a walk of so many steps, checked after each."""
    walk = Walk(an_office(engine), Random(seed))
    for _ in range(steps):
        walk.step()
    return walk


@pytest.mark.parametrize("seed", [61, 148])
def test_after_every_act_of_a_random_walk_everything_is_conserved(sqlite_engine: Engine, seed: int) -> None:
    walk = walked(sqlite_engine, seed, steps=110)
    assert walk.done.total() > 50, (walk.done, walk.refused)
    assert walk.refused.total() > 10


@pytest.mark.long
@pytest.mark.parametrize("seed", range(24))
def test_after_every_act_of_a_long_random_walk_everything_is_conserved(sqlite_engine: Engine, seed: int) -> None:
    assert walked(sqlite_engine, seed, steps=400).done.total() > 100


@pytest.mark.long
def test_a_random_walk_holds_on_postgresql_and_comes_by_almost_every_act(postgres_engine: Engine) -> None:
    walk = walked(postgres_engine, 2025, steps=900)
    letters = {"hand-over", "resend", "release-letters"}
    assert set(ACTS) - set(walk.done) <= {*letters, "open-cycle", "close-cycle"}, Counter(walk.done)
