"""Every flow is cut off at every statement and around each commit, and run again for the same instant: nothing is missing or double."""

from collections.abc import Callable

import pytest

from tests.faults.flows import FLOWS, as_functions, prepared_flow
from tests.faults.points import Fault
from tests.faults.trials import try_points
from tests.faults.worlds import World

pytestmark = pytest.mark.long


@pytest.mark.parametrize("fault", [Fault.FAIL, Fault.EXIT])
@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_cut_off_at_any_point_and_run_again_leaves_what_one_run_leaves(
    world: World, name: str, fault: Fault, record_property: Callable[[str, object], None]
) -> None:
    with as_functions(world):
        moment, work = prepared_flow(world, name)
        record_property("crash points tried", try_points(world, work, moment, fault, whole=False))
