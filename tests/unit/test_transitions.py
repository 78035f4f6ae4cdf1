"""A change of procedure says for each stage where its dossiers go on, quotes its rule, and loses none."""

from datetime import date

import pytest

from ocop.law_dates import IN_FORCE
from ocop.procedure import Facts
from ocop.rulebook import PROCEDURES, stage_of
from ocop.transitions import CHANGE, TO_QD26, TO_QD1489, TRANSITIONS, Transition, between

ALL = pytest.mark.parametrize("way", TRANSITIONS, ids=[f"{way.source}-{way.target}" for way in TRANSITIONS])


@ALL
def test_every_open_stage_has_an_image_that_the_new_procedure_knows_and_that_is_open(way: Transition) -> None:
    old, new = PROCEDURES[way.source], PROCEDURES[way.target]
    for stage in old.open_stages:
        for after_return in (False, True):
            image = way.image(stage, Facts(after_return=after_return))
            assert image in new.open_stages, stage
    assert {image.source for image in way.images} == set(old.open_stages)


@ALL
def test_a_stage_that_waits_for_the_producer_still_does(way: Transition) -> None:
    old, new = PROCEDURES[way.source], PROCEDURES[way.target]
    for image in way.images:
        assert old.stage(image.source).supplement == new.stage(image.target).supplement


@ALL
def test_a_change_quotes_its_rule_and_borrows_dates_of_stages_that_both_know(way: Transition) -> None:
    assert way.rule.document
    assert len(str(way.rule)) <= 300, "history keeps so much of a rule"
    for stage, taken in way.dates.items():
        assert PROCEDURES[way.target].knows(stage)
        assert PROCEDURES[way.source].knows(taken)


@pytest.mark.parametrize(
    ("stage", "after_return", "image"),
    [
        ("commune_review", False, "commune_review"),
        ("commune_reported", False, "provincial_submission"),
        ("district_evaluation", False, "provincial_evaluation"),
        ("provincial_submission", False, "provincial_evaluation"),
        ("district_recognition", False, "provincial_evaluation"),
        ("district_recognition", True, "provincial_decided"),
        ("returned_to_district", False, "provincial_decided"),
        ("provincial_recognition", False, "provincial_recognition"),
        ("central_evaluation", False, "central_evaluation"),
    ],
)
def test_what_stood_at_a_district_goes_on_at_the_province(stage: str, after_return: bool, image: str) -> None:
    assert TO_QD1489.image(stage, Facts(after_return=after_return)) == image


def test_a_change_is_an_event_from_the_day_on_which_the_new_decision_is_in_force() -> None:
    assert CHANGE == "change_procedure"
    assert [(way.target, way.from_day) for way in TRANSITIONS] == [
        ("qd1489", date(2025, 7, 6)),
        ("qd26", date(2026, 5, 22)),
    ]
    assert all(way.from_day == IN_FORCE[way.target].first for way in TRANSITIONS)


def test_a_commune_sends_in_time_for_the_provinces_council_where_the_districts_date_is_gone() -> None:
    assert [way.dates for way in TRANSITIONS] == [{"provincial_submission": "provincial_evaluation"}, {}]


@pytest.mark.parametrize("stage", [image.source for image in TO_QD26.images])
def test_under_the_decision_of_2026_a_dossier_goes_on_where_it_stands(stage: str) -> None:
    assert TO_QD26.image(stage, Facts()) == stage


def test_there_is_no_way_back_and_an_unknown_stage_has_no_image() -> None:
    assert between("qd148", "qd1489") is TO_QD1489
    assert between("qd1489", "qd148") is None
    assert TO_QD1489.image("nowhere", Facts()) is None


def test_a_stage_of_the_past_is_still_named() -> None:
    assert stage_of(PROCEDURES["qd1489"], "district_evaluation").label == "Huyện đánh giá"
    assert stage_of(PROCEDURES["qd1489"], "not_ranked") is PROCEDURES["qd1489"].stage("not_ranked")
    with pytest.raises(KeyError):
        stage_of(PROCEDURES["qd1489"], "nowhere")
