"""The table of QĐ 1489: no district, no way back from the province, 3 and 4 stars recognised by the province."""

from decimal import Decimal

import pytest

from ocop.levels import Level
from ocop.notices import Notice
from ocop.procedure import ROUTE, Back, Facts, Move
from ocop.procedures.qd1489 import QD1489

# fmt: off
WAYS = [
    # stage                    event                    mean       stars  target                    letter
    ("registered",             "receive",               "",        None,  "commune_review",         Notice.RECEIVED),
    ("commune_review",         "report",                "",        None,  "provincial_submission",  Notice.COMMUNE_REPORTED),
    ("provincial_submission",  "submit",                "",        None,  "submitted",              Notice.SENT_TO_PROVINCE),
    ("submitted",              ROUTE,                   "",        None,  "provincial_evaluation",  Notice.ARRIVED_AT_PROVINCE),
    ("provincial_evaluation",  "decide",                "49",      None,  "provincial_decided",     Notice.PROVINCIAL_RANKING),
    ("provincial_decided",     ROUTE,                   "49.999",  None,  "not_ranked",             Notice.NOT_RANKED),
    ("provincial_decided",     ROUTE,                   "50",      None,  "provincial_recognition", Notice.TO_RECOGNISE),
    ("provincial_decided",     ROUTE,                   "69.995",  None,  "provincial_recognition", Notice.TO_RECOGNISE),
    ("provincial_decided",     ROUTE,                   "95",      None,  "provincial_recognition", Notice.TO_RECOGNISE),
    ("provincial_decided",     ROUTE,                   "95",      2,     "not_ranked",             Notice.NOT_RANKED),
    ("provincial_recognition", "recognise",             "89.999",  None,  "recognised",             Notice.RECOGNISED),
    ("provincial_recognition", "recognise",             "90",      None,  "central_proposal",       Notice.RECOGNISED),
    ("provincial_recognition", "recognise",             "90",      4,     "recognised",             Notice.RECOGNISED),
    ("central_proposal",       "propose",               "90",      None,  "proposed",               Notice.PROPOSED_TO_CENTRE),
    ("central_proposal",       "forgo",                 "90",      None,  "recognised",             Notice.NOT_PROPOSED),
    ("proposed",               ROUTE,                   "90",      None,  "central_evaluation",     Notice.ARRIVED_AT_CENTRE),
    ("central_evaluation",     "record_central_result", "85",      None,  "central_decided",        Notice.CENTRAL_RESULT),
    ("central_decided",        ROUTE,                   "85",      None,  "recognised",             Notice.CENTRAL_COMPLETED),
    ("provincial_decided",     "annul",                 "",        None,  "provincial_evaluation",  Notice.REOPENED),
    ("provincial_recognition", "annul",                 "",        None,  "provincial_evaluation",  Notice.REOPENED),
    ("not_ranked",             "annul",                 "",        None,  "provincial_evaluation",  Notice.REOPENED),
]
# fmt: on


@pytest.mark.parametrize(("stage", "event", "mean", "stars", "target", "letter"), WAYS)
def test_a_dossier_goes_where_the_amended_decision_says(
    stage: str, event: str, mean: str, stars: int | None, target: str, letter: Notice
) -> None:
    taken = QD1489.move(stage, event, Facts(mean=Decimal(mean) if mean else None, stars_after_gates=stars))
    assert isinstance(taken, Move)
    assert (taken.target, taken.letters) == (target, (letter,))


def test_every_row_but_supplements_and_endings_is_exercised_here() -> None:
    walked = {(stage, event, target) for stage, event, _, _, target, _ in WAYS}
    others = {"request_supplement", "supplement", "retract", "disqualify", "carry_over"}
    assert {(move.source, move.event, move.target) for move in QD1489.moves if move.event not in others} == walked


def test_the_province_sends_nothing_back() -> None:
    assert Back.ONCE not in {move.back for move in QD1489.moves}
    assert not QD1489.knows("returned_to_district")


def test_the_province_awards_three_and_four_stars_and_the_centre_five() -> None:
    assert {stage.key: (stage.level, stage.awards_up_to) for stage in QD1489.stages if stage.awards_up_to} == {
        "provincial_recognition": (Level.PROVINCE, 4),
        "central_evaluation": (Level.CENTRAL, 5),
    }


def test_a_dossier_can_be_withdrawn_put_off_or_excluded_as_long_as_nobody_recognised_it() -> None:
    ends = {
        event: {move.source for move in QD1489.moves if move.event == event}
        for event in ("retract", "disqualify", "carry_over")
    }
    filed = {"registered", "commune_review", "commune_supplement", "provincial_submission"}
    judged = {"provincial_evaluation", "provincial_supplement"}
    assert ends == {
        "retract": filed | judged | {"provincial_recognition"},
        "disqualify": filed - {"registered"} | judged | {"provincial_recognition"},
        "carry_over": filed | judged | {"submitted"},
    }
