"""The invented year asks of the engine what a year asks of an office: all kinds of dossier, nearly every act, every fate."""

from collections import Counter
from datetime import date

import pytest

from casework.acts import ACTS
from casework.submission import KeptBecause
from cli.demo.fates import FIVE_STARS, OTHERS, Twist
from cli.demo.play import CYCLE
from cli.demo.steps import Step
from cli.demo.story import story
from cli.demo.world import World, world
from ocop.levels import DossierKind
from ocop.procedures.qd148 import QD148

BESIDE_THE_STORY = {"open-cycle", "register", "hand-over"}
"""Done by the player itself: it opens the cycle, imports the dossiers, hands printed letters over."""
NOT_PLAYED = {
    "correct-certificate", "release-letters", "resend", "revoke", "reorganise", "suspend", "resume", "change-procedure",
    "amend-plan", "adopt-plan", "record-finding", "close-finding", "leave", "end-leave", "remind", "edit-calendar", "claim",
    "assign", "release",
}  # fmt: skip
LAST_DAY = date(2025, 6, 14)


@pytest.fixture(scope="module")
def invented() -> World:
    """The world of the demo."""
    return world(cycle=CYCLE)


@pytest.fixture(scope="module")
def steps(invented: World) -> list[Step]:
    """The acts of the demo's officers."""
    return story(invented, CYCLE)


def test_the_year_has_a_hundred_dossiers_of_all_three_kinds_and_enough_new_products_to_reach_the_target(
    invented: World, steps: list[Step]
) -> None:
    kinds = {str(row["product_code"]): str(row["kind"]) for row in invented.dossiers}
    assert len(kinds) >= 100
    assert set(kinds.values()) == {kind.label for kind in DossierKind}
    recognised = Counter(kinds[product] for step in steps if step.act == "recognise" for product in step.products)
    assert recognised[DossierKind.FIRST.label] >= 40
    assert min(recognised.values()) > 0


def test_officers_do_what_the_commands_do_and_nearly_all_of_it(steps: list[Step]) -> None:
    assert {step.act for step in steps} == set(ACTS) - BESIDE_THE_STORY - NOT_PLAYED


def test_every_fate_and_every_twist_befalls_some_dossier() -> None:
    dealt = [fate for fate in (*FIVE_STARS, *OTHERS) if fate.number]
    assert {fate.twist for fate in dealt} == {None, *Twist}
    assert {fate.kept for fate in dealt} == {None, *KeptBecause}
    assert {star for fate in dealt for star in fate.failed} == {3, 4}


def test_dossiers_leave_every_stage_of_a_cycle_filed_with_the_communes_in_every_way_that_the_table_knows() -> None:
    passing = {move.source for move in QD148.moves if move.event == "route"}
    elsewhere = {QD148.starts["district"]}
    assert {fate.ends for fate in OTHERS if fate.ends} == {
        (move.source, move.event.replace("_", "-"))
        for move in QD148.moves
        if move.event in {"retract", "disqualify", "carry_over"} and move.source not in passing | elsewhere
    }


def test_a_session_lies_after_the_districts_deadline_and_another_is_entered_late(steps: list[Step]) -> None:
    districts = [step for step in steps if step.act == "evaluate" and not step.who.startswith("36-")]
    assert any(step.body["held_on"] > LAST_DAY for step in districts), "by an extension"
    assert any(step.body["held_on"] <= LAST_DAY < step.at.date() for step in districts), "recorded late"
    assert any(step.refused for step in steps), "the programme says no"
