"""What comes after a reorganisation: units that are merged again, people who are away, what is entered late, what names the old."""

from datetime import date

from sqlalchemy import Engine, select

from casework.actors import Territory, person
from models.session import transaction
from models.successions import Succession
from models.units import Unit
from tests.factories import Office
from tests.integration.test_reorganisation import holders, june, sound
from tests.merger import PAPER, learn, merge

AGAIN = date(2025, 9, 1)


def learn_of_another(office: Office) -> dict[str, int]:
    """Write that both communes of July become one in September; return the units by code."""
    with transaction(office.engine) as session:
        ids = {unit.code: unit.id for unit in session.scalars(select(Unit))}
        newest = Unit(
            level="commune", code="30001", name="Xã Chung", search="xa chung", parent_id=ids["37"], valid_from=AGAIN
        )
        session.add(newest)
        session.flush()
        for old in ("20001", "20002"):
            session.add(
                Succession(
                    unit_id=ids[old], successor_id=newest.id, from_day=AGAIN, main=True, roles="move", document=PAPER
                )
            )
        return ids | {"30001": newest.id}


def test_units_that_are_merged_twice_leave_letters_and_rights_to_the_last_of_them(sqlite_engine: Engine) -> None:
    office, found = june(sqlite_engine)
    learn(office).go("2025-07-01")
    merge(office)
    ids = learn_of_another(office)
    office.go("2025-09-01")
    office.act("reorganise", "36/officer", day=AGAIN, document=PAPER)
    assert holders(office)[found["registered"]] == "Xã Chung"
    with transaction(sqlite_engine) as session:
        posts = Territory.of(session, person(session, "14201/officer"), AGAIN).posts
    assert {code for code, unit in ids.items() if unit in posts} == {
        "14101", "14102", "14201", "14202", "20001", "20002", "30001",
    }  # fmt: skip
    sound(office)
