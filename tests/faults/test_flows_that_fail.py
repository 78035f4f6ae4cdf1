"""Every flow fails at every statement and around each commit, and is run again for the same instant: nothing is missing or double."""

from collections.abc import Callable
from datetime import datetime

import pytest
import time_machine

from casework.clock import LAST_TICK
from models.record import Mark
from models.session import reading
from tests.faults.flows import FLOWS, as_functions, prepared_flow, run
from tests.faults.points import Fault
from tests.faults.trials import try_points
from tests.faults.worlds import World

pytestmark = [
    pytest.mark.long,
    # A cursor on a line that is cut cannot be closed any more, of which psycopg warns when it is collected.
    pytest.mark.filterwarnings("ignore:<psycopg.ServerCursor:ResourceWarning"),
]


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_that_fails_at_any_point_and_runs_again_leaves_what_one_run_leaves(
    world: World, name: str, record_property: Callable[[str, object], None]
) -> None:
    with as_functions(world):
        moment, work = prepared_flow(world, name)
        record_property("crash points tried", try_points(world, work, moment, whole=False))


@pytest.mark.parametrize("fault", [Fault.FAIL, Fault.EXIT])
def test_a_flow_that_the_clock_woke_remembers_its_instant_however_often_it_was_cut_off(
    world: World, fault: Fault, record_property: Callable[[str, object], None]
) -> None:
    with as_functions(world):
        moment, _ = prepared_flow(world, "daily_digest")
        with time_machine.travel(moment, tick=False):
            tried = try_points(world, lambda engine: run("daily_digest", moment=None).name, moment, fault, whole=False)
        record_property("crash points tried", tried)
        with reading(world.engine) as session:
            assert datetime.fromisoformat(session.get_one(Mark, LAST_TICK).value) == moment
