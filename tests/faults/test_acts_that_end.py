"""The process is gone at every statement of every act and around its commit: who opens the record again finds it whole."""

from collections.abc import Callable

import pytest

from casework.acts import ACTS
from tests.faults.acts import prepared_act
from tests.faults.points import Fault
from tests.faults.trials import try_points
from tests.faults.worlds import World

pytestmark = pytest.mark.long


@pytest.mark.parametrize("name", ACTS)
def test_an_act_whose_process_is_gone_at_any_point_is_whole_when_asked_again(
    world: World, name: str, record_property: Callable[[str, object], None]
) -> None:
    office, work = prepared_act(world, name)
    record_property("crash points tried", try_points(world, work, office.now, Fault.EXIT))
