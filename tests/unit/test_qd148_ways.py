"""The table of QĐ 148 sends each dossier where the law and the plan say."""

from dataclasses import replace
from decimal import Decimal

import pytest

from ocop.notices import Notice
from ocop.procedure import (
    ROUTE,
    Facts,
    Move,
)
from ocop.procedures.qd148 import QD148

ALWAYS = ""
# fmt: off
WAYS = [
    # stage                     event                    mean      target                    letter
    ("registered",              "receive",               ALWAYS,   "commune_review",         Notice.RECEIVED),
    ("filed_at_district",       "receive",               ALWAYS,   "district_evaluation",    Notice.RECEIVED),
    ("commune_review",          "report",                ALWAYS,   "commune_reported",       Notice.COMMUNE_REPORTED),
    ("commune_reported",        ROUTE,                   ALWAYS,   "district_evaluation",    Notice.FORWARDED_TO_DISTRICT),
    ("district_evaluation",     "decide",                ALWAYS,   "district_decided",       Notice.DISTRICT_RESULT),
    ("district_decided",        ROUTE,                   "0",      "not_ranked",             Notice.NOT_RANKED),
    ("district_decided",        ROUTE,                   "49",     "not_ranked",             Notice.NOT_RANKED),
    ("district_decided",        ROUTE,                   "49.995", "not_ranked",             Notice.NOT_RANKED),
    ("district_decided",        ROUTE,                   "50",     "district_recognition",   Notice.TO_RECOGNISE),
    ("district_decided",        ROUTE,                   "69",     "district_recognition",   Notice.TO_RECOGNISE),
    ("district_decided",        ROUTE,                   "69.995", "district_recognition",   Notice.TO_RECOGNISE),
    ("district_decided",        ROUTE,                   "70",     "provincial_submission",  Notice.SELECTED_FOR_PROVINCE),
    ("district_decided",        ROUTE,                   "89.999", "provincial_submission",  Notice.SELECTED_FOR_PROVINCE),
    ("district_decided",        ROUTE,                   "90",     "provincial_submission",  Notice.SELECTED_FOR_PROVINCE),
    ("district_decided",        ROUTE,                   "100",    "provincial_submission",  Notice.SELECTED_FOR_PROVINCE),
    ("provincial_submission",   "submit",                ALWAYS,   "submitted",              Notice.SENT_TO_PROVINCE),
    ("provincial_submission",   "keep",                  ALWAYS,   "district_recognition",   Notice.KEPT_AT_DISTRICT),
    ("submitted",               ROUTE,                   ALWAYS,   "provincial_evaluation",  Notice.ARRIVED_AT_PROVINCE),
    ("provincial_evaluation",   "decide",                ALWAYS,   "provincial_decided",     Notice.PROVINCIAL_RESULT),
    ("provincial_decided",      ROUTE,                   "49.995", "returned_to_district",   Notice.RETURNED_TO_DISTRICT),
    ("provincial_decided",      ROUTE,                   "50",     "returned_to_district",   Notice.RETURNED_TO_DISTRICT),
    ("provincial_decided",      ROUTE,                   "69",     "returned_to_district",   Notice.RETURNED_TO_DISTRICT),
    ("provincial_decided",      ROUTE,                   "69.995", "returned_to_district",   Notice.RETURNED_TO_DISTRICT),
    ("provincial_decided",      ROUTE,                   "70",     "provincial_recognition", Notice.TO_RECOGNISE),
    ("provincial_decided",      ROUTE,                   "89.999", "provincial_recognition", Notice.TO_RECOGNISE),
    ("provincial_decided",      ROUTE,                   "90",     "provincial_recognition", Notice.TO_RECOGNISE),
    ("returned_to_district",    "decide",                ALWAYS,   "return_decided",         Notice.RETURN_RESULT),
    ("return_decided",          ROUTE,                   "49",     "not_ranked",             Notice.NOT_RANKED),
    ("return_decided",          ROUTE,                   "49.995", "not_ranked",             Notice.NOT_RANKED),
    ("return_decided",          ROUTE,                   "50",     "district_recognition",   Notice.TO_RECOGNISE),
    ("return_decided",          ROUTE,                   "69.995", "district_recognition",   Notice.TO_RECOGNISE),
    ("return_decided",          ROUTE,                   "100",    "district_recognition",   Notice.TO_RECOGNISE),
    ("district_recognition",    "recognise",             ALWAYS,   "recognised",             Notice.RECOGNISED),
    ("provincial_recognition",  "recognise",             "70",     "recognised",             Notice.RECOGNISED),
    ("provincial_recognition",  "recognise",             "89.999", "recognised",             Notice.RECOGNISED),
    ("provincial_recognition",  "recognise",             "90",     "central_proposal",       Notice.RECOGNISED),
    ("provincial_recognition",  "recognise",             "100",    "central_proposal",       Notice.RECOGNISED),
    ("central_proposal",        "propose",               ALWAYS,   "proposed",               Notice.PROPOSED_TO_CENTRE),
    ("central_proposal",        "forgo",                 ALWAYS,   "recognised",             Notice.NOT_PROPOSED),
    ("proposed",                ROUTE,                   ALWAYS,   "central_evaluation",     Notice.ARRIVED_AT_CENTRE),
    ("central_evaluation",      "record_central_result", "89.999", "central_decided",        Notice.CENTRAL_RESULT),
    ("central_evaluation",      "record_central_result", "90",     "central_decided",        Notice.CENTRAL_RESULT),
    ("central_decided",         ROUTE,                   ALWAYS,   "recognised",             Notice.CENTRAL_COMPLETED),
    ("commune_review",          "request_supplement",    ALWAYS,   "commune_supplement",     Notice.RETURNED_FOR_COMPLETION),
    ("district_evaluation",     "request_supplement",    ALWAYS,   "district_supplement",    Notice.RETURNED_FOR_COMPLETION),
    ("provincial_evaluation",   "request_supplement",    ALWAYS,   "provincial_supplement",  Notice.RETURNED_FOR_COMPLETION),
    ("commune_supplement",      "supplement",            ALWAYS,   "commune_review",         Notice.SUPPLEMENTED),
    ("district_supplement",     "supplement",            ALWAYS,   "district_evaluation",    Notice.SUPPLEMENTED),
    ("provincial_supplement",   "supplement",            ALWAYS,   "provincial_evaluation",  Notice.SUPPLEMENTED),
    ("district_decided",        "annul",                 ALWAYS,   "district_evaluation",    Notice.REOPENED),
    ("provincial_submission",   "annul",                 ALWAYS,   "district_evaluation",    Notice.REOPENED),
    ("district_recognition",    "annul",                 ALWAYS,   "district_evaluation",    Notice.REOPENED),
    ("not_ranked",              "annul",                 ALWAYS,   "district_evaluation",    Notice.REOPENED),
    ("provincial_decided",      "annul",                 ALWAYS,   "provincial_evaluation",  Notice.REOPENED),
    ("provincial_recognition",  "annul",                 ALWAYS,   "provincial_evaluation",  Notice.REOPENED),
    ("returned_to_district",    "annul",                 ALWAYS,   "provincial_evaluation",  Notice.REOPENED),
    ("return_decided",          "annul",                 ALWAYS,   "returned_to_district",   Notice.REOPENED),
    *((stage, "retract", ALWAYS, "retracted", Notice.RETRACTED) for stage in (
        "registered", "filed_at_district", "commune_review", "commune_supplement", "commune_reported",
        "district_evaluation", "district_supplement", "provincial_submission", "provincial_evaluation",
        "provincial_supplement", "returned_to_district", "district_recognition", "provincial_recognition")),
    *((stage, "disqualify", ALWAYS, "disqualified", Notice.DISQUALIFIED) for stage in (
        "commune_review", "commune_supplement", "district_evaluation", "district_supplement", "provincial_submission",
        "provincial_evaluation", "provincial_supplement", "returned_to_district", "district_recognition",
        "provincial_recognition")),
    *((stage, "carry_over", ALWAYS, "carried_over", Notice.CARRIED_OVER) for stage in (
        "registered", "filed_at_district", "commune_review", "commune_supplement", "commune_reported",
        "district_evaluation", "district_supplement", "provincial_submission", "submitted", "provincial_evaluation",
        "provincial_supplement", "returned_to_district")),
]
AFTER_RETURN = [
    # stage                  event    target
    ("district_recognition", "annul", "returned_to_district"),
    ("not_ranked",           "annul", "returned_to_district"),
]
GATED = [
    # stage                   event        mean   stars  target
    ("district_decided",      ROUTE,       "95",  5,     "provincial_submission"),
    ("district_decided",      ROUTE,       "95",  4,     "provincial_submission"),
    ("district_decided",      ROUTE,       "95",  3,     "district_recognition"),
    ("district_decided",      ROUTE,       "95",  2,     "not_ranked"),
    ("district_decided",      ROUTE,       "55",  2,     "not_ranked"),
    ("provincial_decided",    ROUTE,       "95",  5,     "provincial_recognition"),
    ("provincial_decided",    ROUTE,       "95",  4,     "provincial_recognition"),
    ("provincial_decided",    ROUTE,       "95",  3,     "returned_to_district"),
    ("provincial_decided",    ROUTE,       "70",  2,     "returned_to_district"),
    ("provincial_recognition", "recognise", "95", 5,     "central_proposal"),
    ("provincial_recognition", "recognise", "95", 4,     "recognised"),
    ("return_decided",        ROUTE,       "69",  3,     "district_recognition"),
    ("return_decided",        ROUTE,       "69",  2,     "not_ranked"),
]
# fmt: on


def going(stage: str, event: str, facts: Facts) -> Move:
    """Return the row that is taken."""
    found = QD148.move(stage, event, facts)
    assert isinstance(found, Move)
    return found


@pytest.mark.parametrize(("stage", "event", "mean", "target", "letter"), WAYS)
def test_a_dossier_goes_where_the_table_says_and_the_letter_is_owed(
    stage: str, event: str, mean: str, target: str, letter: Notice
) -> None:
    taken = going(stage, event, Facts(mean=Decimal(mean)) if mean else Facts())
    assert (taken.target, taken.letters) == (target, (letter,))


@pytest.mark.parametrize(("stage", "event", "target"), AFTER_RETURN)
def test_an_annulled_result_of_the_return_goes_back_to_the_return(stage: str, event: str, target: str) -> None:
    assert going(stage, event, Facts(after_return=True)).target == target


@pytest.mark.parametrize(("stage", "event", "mean", "stars", "target"), GATED)
def test_failed_gates_lead_where_the_lower_star_leads(
    stage: str, event: str, mean: str, stars: int, target: str
) -> None:
    assert going(stage, event, Facts(mean=Decimal(mean), stars_after_gates=stars)).target == target


def test_every_row_of_the_table_is_exercised_here() -> None:
    walked = {(stage, event, target) for stage, event, _, target, _ in WAYS}
    walked |= {(stage, event, target) for stage, event, target in AFTER_RETURN}
    assert {(move.source, move.event, move.target) for move in QD148.moves} == walked


AT_DISTRICT, AT_PROVINCE = ("district_decided", ROUTE), ("provincial_decided", ROUTE)
TO_CENTRE = ("provincial_recognition", "recognise")
BY_POINTS = {
    "the plan says from how many points a product goes up": [
        (AT_DISTRICT, "to_province_from", "75", "74.999", 4, "district_recognition"),
        (AT_DISTRICT, "to_province_from", "75", "75", 4, "provincial_submission"),
        (AT_DISTRICT, "to_province_from", "60", "59.999", 3, "district_recognition"),
        (AT_DISTRICT, "to_province_from", "60", "60", 3, "provincial_submission"),  # a plan that sends up below 4 stars
        (AT_DISTRICT, "to_province_from", "60", "75", 3, "provincial_submission"),
        (AT_DISTRICT, "to_province_from", "60", "75", 2, "not_ranked"),
        # The province may give 4: its threshold never asks for the gates of 5.
        (AT_DISTRICT, "to_province_from", "92", "92", 4, "provincial_submission"),
        (AT_DISTRICT, "to_province_from", "92", "91", 4, "district_recognition"),
    ],
    "the plan says from how many points the centre is asked": [
        (TO_CENTRE, "to_centre_from", "95", "94.999", 5, "recognised"),
        (TO_CENTRE, "to_centre_from", "95", "95", 5, "central_proposal"),
        (TO_CENTRE, "to_centre_from", "85", "85", 4, "central_proposal"),
        (TO_CENTRE, "to_centre_from", "85", "84.999", 4, "recognised"),
    ],
    "what the province recognises hangs on four stars and not on the points for going up": [
        (AT_PROVINCE, "to_province_from", "75", "72", 4, "provincial_recognition"),
        (AT_PROVINCE, "to_province_from", "60", "65", 3, "returned_to_district"),
    ],
}


@pytest.mark.parametrize(
    ("step", "setting", "threshold", "mean", "stars", "target"),
    [pytest.param(*row, id=f"{rule}-{row[3]}-{row[4]}") for rule, rows in BY_POINTS.items() for row in rows],
)
def test_where_a_result_leads_hangs_on_the_points_that_the_plan_states(
    step: tuple[str, str], setting: str, threshold: str, mean: str, stars: int, target: str
) -> None:
    facts = replace(Facts(mean=Decimal(mean), stars_after_gates=stars), **{setting: Decimal(threshold)})
    assert going(*step, facts).target == target


def test_without_a_result_nobody_is_ranked() -> None:
    assert Facts().stars == 0
    assert going("district_decided", ROUTE, Facts()).target == "not_ranked"


def test_stars_alone_without_a_mean_lead_no_higher() -> None:
    assert going("district_decided", ROUTE, Facts(stars_after_gates=5)).target == "district_recognition"
    assert going("provincial_recognition", "recognise", Facts(stars_after_gates=5)).target == "recognised"


def test_without_any_facts_a_dossier_takes_the_row_that_asks_for_none() -> None:
    routed = QD148.move("district_decided", ROUTE)
    assert isinstance(routed, Move)
    assert routed.target == "not_ranked"


@pytest.mark.parametrize("start", ["registered", "filed_at_district"])
def test_a_dossier_comes_from_nowhere_into_its_first_stage_by_the_law(start: str) -> None:
    assert QD148.entry(start) == Move("register", "", start, letters=(Notice.REGISTERED,), rule=QD148.source)


def test_a_row_is_permitted_and_another_is_not() -> None:
    assert QD148.permits("district_decided", ROUTE, "provincial_submission")
    assert not QD148.permits("district_decided", ROUTE, "submitted")
    assert not QD148.permits("recognised", "annul", "district_evaluation")
