"""PostgreSQL asks at every statement and commit of every act for the transaction once more: nobody hears of it."""

from collections.abc import Callable

import pytest

from casework.acts import ACTS
from tests.faults.acts import prepared_act
from tests.faults.points import Fault
from tests.faults.trials import try_points
from tests.faults.worlds import World

pytestmark = pytest.mark.long


@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
@pytest.mark.parametrize("name", ACTS)
def test_an_act_that_collides_at_any_point_goes_through_by_itself(
    world: World, name: str, record_property: Callable[[str, object], None]
) -> None:
    office, work = prepared_act(world, name)
    record_property("collisions tried", try_points(world, work, office.now, Fault.COLLIDE))
