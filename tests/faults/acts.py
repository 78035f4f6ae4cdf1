"""Each act as it is tried: in a world where it may happen, under one key."""

from sqlalchemy import Engine

from casework.act import Answer
from tests.cases import prepared
from tests.factories import Office
from tests.faults.trials import Work
from tests.faults.worlds import World
from tests.walked import sent


def prepared_act(world: World, name: str) -> tuple[Office, Work]:
    """Bring a world to where an act may happen; return its office, and the act under one key."""
    office, case = prepared(world.engine, name)
    sent(office)
    world.keep()

    def work(engine: Engine) -> Answer:
        return Office(engine, office.now).act(name, case.who, key="một mã", **case.body)

    return office, work
