"""A dossier's way from the commune to its certificate, on both databases."""

from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from models.letters import Letter
from models.record import Event
from models.results import Certificate, Decision
from tests.factories import all_gates, an_office, at

pytestmark = pytest.mark.postgresql_long


def test_a_dossier_of_fifty_five_points_gets_three_stars_from_its_district(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    code = office.judged("55")
    assert office.stage(code) == "district_recognition"
    office.recognise(code)
    assert office.stage(code) == "recognised"
    ((star, until),) = office.rows(select(Certificate.star, Certificate.valid_until))
    assert (star, until.isoformat()) == (3, "2028-05-05")
    events = [row[0] for row in office.rows(select(Event.event).where(Event.dossier_id == 1).order_by(Event.number))]
    assert events == ["register", "receive", "report", "route", "evaluate", "decide", "route", "recognise"]
    assert office.rows(select(Letter.key).where(Letter.notice == "recognised"))


@pytest.mark.parametrize(
    ("mean", "stage"),
    [
        ("49.999", "not_ranked"),
        ("50", "district_recognition"),
        ("69.999", "district_recognition"),
        ("70", "provincial_submission"),
        ("100", "provincial_submission"),
    ],
)
def test_a_district_decision_goes_where_its_points_belong(sqlite_engine: Engine, mean: str, stage: str) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    assert office.stage(office.judged(mean)) == stage


@pytest.mark.parametrize(
    ("mean", "stage"),
    [
        ("69.999", "returned_to_district"),
        ("70", "provincial_recognition"),
        ("89.999", "provincial_recognition"),
        ("90", "provincial_recognition"),
    ],
)
def test_a_provincial_decision_goes_where_its_points_belong(sqlite_engine: Engine, mean: str, stage: str) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_province()
    office.evaluate(code, mean, "36/officer")
    office.decide(code, "36/officer")
    assert office.stage(code) == stage


def test_a_returned_dossier_is_decided_on_the_provinces_result_at_three_stars_at_most(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    code = office.at_province()
    office.evaluate(code, "65", "36/officer")
    office.decide(code, "36/officer")
    office.decide(code, number="413/QĐ-UBND")
    assert office.stage(code) == "district_recognition"
    office.recognise(code)
    purposes = office.rows(select(Decision.purpose, Decision.awarded_star).order_by(Decision.id))
    assert purposes == [("result", None), ("result", None), ("after_return", None), ("recognition", 3)]


def test_a_product_of_ninety_points_is_recognised_at_four_stars_and_goes_on_to_the_centre(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    code = office.at_province("92")
    office.evaluate(code, "91", "36/officer")
    office.decide(code, "36/officer")
    office.recognise(code, "36/officer")
    assert office.stage(code) == "central_proposal"
    office.act("propose", "36/officer", dossiers=[code], number="90/TTr-UBND", signed_on=office.now.date())
    office.tick()
    assert office.stage(code) == "central_evaluation"
    office.now = at("2025-08-05")
    office.act(
        "record-central-result", "36/officer", dossier=code, held_on=office.now.date(), minutes="7/BB", mean=Decimal(93),
        gates=all_gates(), number="2000/QĐ-BNNMT", signed_on=office.now.date(), signer="Bộ trưởng",
    )  # fmt: skip
    office.tick()
    assert office.stage(code) == "recognised"
    held = office.rows(select(Certificate.star, Certificate.replaced_on).order_by(Certificate.id))
    assert [(star, str(day)) for star, day in held] == [(4, "2025-08-05"), (5, "None")]
