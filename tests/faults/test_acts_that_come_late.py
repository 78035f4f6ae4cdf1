"""An act that finds a stroke due, breaches to write and a dossier to carry on, and does them first, is cut off anywhere."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, select

from casework.act import Answer
from models.cycles import Breach
from models.dossiers import Dossier
from tests.factories import Office
from tests.faults.flows import a_stroke_at_the_district
from tests.faults.points import Fault
from tests.faults.trials import try_points
from tests.faults.worlds import World
from tests.walked import sent

pytestmark = pytest.mark.long


@pytest.mark.parametrize("fault", [Fault.FAIL, Fault.EXIT])
def test_what_fell_due_and_the_act_that_finds_it_are_there_together_or_not_at_all(
    world: World, fault: Fault, record_property: Callable[[str, object], None]
) -> None:
    office = Office(world.engine).found().open_cycle()
    moment = a_stroke_at_the_district(office)
    sent(office)
    (late,) = office.rows(select(Dossier.code).where(Dossier.stage == "district_evaluation"))[0]
    assert office.rows(select(Breach.id)) == []
    world.keep()

    def work(engine: Engine) -> Answer:
        body = {"dossiers": [late], "stage": "district_evaluation", "document": "71/UBND", "reason": "Mưa bão"}
        return Office(engine, moment).act("accept-late", "36/officer", key="một mã", **body)

    record_property("crash points tried", try_points(world, work, moment, fault))
    assert len(office.rows(select(Breach.id))) == 1
