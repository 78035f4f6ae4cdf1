"""The process of every flow is gone at every statement and around each commit: run again, nothing is missing or double."""

from collections.abc import Callable

import pytest

from tests.faults.flows import FLOWS, as_functions, prepared_flow
from tests.faults.points import Fault
from tests.faults.trials import try_points
from tests.faults.worlds import World

pytestmark = pytest.mark.long


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_whose_process_is_gone_at_any_point_and_that_runs_again_leaves_what_one_run_leaves(
    world: World, name: str, record_property: Callable[[str, object], None]
) -> None:
    with as_functions(world):
        moment, work = prepared_flow(world, name)
        record_property("crash points tried", try_points(world, work, moment, Fault.EXIT, whole=False))
