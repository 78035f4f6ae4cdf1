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


def test_dossiers_are_filed_with_the_commune_and_the_province_sends_nothing_back() -> None:
    assert QD1489.starts == {"commune": "registered"}
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


ORDER = "trình tự đánh giá, phân hạng: cấp "


def test_a_move_quotes_the_order_of_the_body_that_acts_or_takes_over_or_the_bands_of_points() -> None:
    others = {"annul", "retract", "disqualify", "carry_over"}
    quoted = {
        (move.source, move.event, move.target): (move.rule.document, move.rule.place.removeprefix(ORDER))
        for move in QD1489.moves
        if move.event not in others and move.rule is not None
    }
    law, commune, province, centre = "Quyết định 1489/QĐ-TTg", "xã", "tỉnh", "trung ương"
    # fmt: off
    assert quoted == {
        ("registered",             "receive",               "commune_review"):          (law, commune),
        ("commune_review",         "report",                "provincial_submission"):   (law, commune),
        ("provincial_submission",  "submit",                "submitted"):               (law, commune),
        ("submitted",              ROUTE,                   "provincial_evaluation"):   (law, province),
        ("provincial_evaluation",  "decide",                "provincial_decided"):      (law, province),
        ("provincial_decided",     ROUTE,                   "provincial_recognition"):  (law, province),
        ("provincial_decided",     ROUTE,                   "not_ranked"):              ("Quyết định 148/QĐ-TTg", "phân hạng sản phẩm theo điểm"),
        ("provincial_recognition", "recognise",             "central_proposal"):        (law, province),
        ("provincial_recognition", "recognise",             "recognised"):              (law, province),
        ("central_proposal",       "propose",               "proposed"):                (law, province),
        ("central_proposal",       "forgo",                 "recognised"):              (law, province),
        ("proposed",               ROUTE,                   "central_evaluation"):      (law, centre),
        ("central_evaluation",     "record_central_result", "central_decided"):         (law, centre),
        ("central_decided",        ROUTE,                   "recognised"):              (law, centre),
        ("commune_review",         "request_supplement",    "commune_supplement"):      (law, commune),
        ("provincial_evaluation",  "request_supplement",    "provincial_supplement"):   (law, province),
        ("commune_supplement",     "supplement",            "commune_review"):          (law, commune),
        ("provincial_supplement",  "supplement",            "provincial_evaluation"):   (law, province),
    }
    # fmt: on
    assert QD1489.source.place == "Điều 1"
    assert {row.rule.full_name for row in QD1489.rows if row.rule and row.rule.document.startswith("Quyết định")} == {
        QD1489.source.full_name
    }


def test_a_stage_has_its_level_and_its_purpose() -> None:
    by_level = {
        level: {stage.key for stage in QD1489.stages if stage.level is level and not stage.final} for level in Level
    }
    assert by_level == {
        Level.COMMUNE: {"registered", "commune_review", "commune_supplement", "provincial_submission", "submitted"},
        Level.DISTRICT: set(),
        Level.PROVINCE: {
            "provincial_evaluation", "provincial_supplement", "provincial_decided", "provincial_recognition",
            "central_proposal", "proposed",
        },
        Level.CENTRAL: {"central_evaluation", "central_decided"},
    }  # fmt: skip
    assert {stage.key for stage in QD1489.stages if stage.evaluates} == {"provincial_evaluation"}
    assert {stage.key for stage in QD1489.stages if stage.supplement} == {"commune_supplement", "provincial_supplement"}
    assert {stage.key: stage.result for stage in QD1489.stages if stage.result} == {"provincial_decided": "result"}
    assert not any(stage.period or stage.in_writing or stage.falls_back_on for stage in QD1489.stages)


def test_the_phases_of_a_year_hold_their_stages_and_the_province_records_what_the_centre_found() -> None:
    assert QD1489.phases == {
        "commune_review": ("registered", "commune_review", "commune_supplement"),
        "provincial_submission": ("provincial_submission", "submitted"),
        "provincial_evaluation": (
            "provincial_evaluation", "provincial_supplement", "provincial_decided", "provincial_recognition",
        ),
        "central_evaluation": ("central_proposal", "proposed", "central_evaluation", "central_decided"),
    }  # fmt: skip
    assert {row.event for row in QD1489.rows if row.by is Level.PROVINCE} == {"accept_late", "record_central_result"}
    assert {row.by for row in QD1489.rows} == {None, Level.PROVINCE}
