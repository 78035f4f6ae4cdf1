"""Every act fails at every statement and around its commit: nothing happened or all of it, and the same request heals it."""

from collections.abc import Callable

import pytest

from casework.acts import ACTS
from tests.faults.acts import prepared_act
from tests.faults.trials import try_points
from tests.faults.worlds import World

pytestmark = pytest.mark.long


@pytest.mark.parametrize("name", ACTS)
def test_an_act_that_fails_at_any_point_is_whole_when_asked_again(
    world: World, name: str, record_property: Callable[[str, object], None]
) -> None:
    office, work = prepared_act(world, name)
    record_property("crash points tried", try_points(world, work, office.now))
