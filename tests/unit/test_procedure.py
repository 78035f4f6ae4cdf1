"""A procedure refuses to be built when it cannot work, and answers by its table of moves and notes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from ocop.levels import Level
from ocop.notices import Notice
from ocop.phrase import said
from ocop.procedure import (
    ROUTE,
    Back,
    Move,
    NoSuchMove,
    Note,
    Procedure,
    Stage,
    worth_three_stars,
)
from ocop.procedures.qd148 import QD148
from ocop.rulebook import PROCEDURES
from ocop.sources import Source

LAW = Source("Quyết định thử", "Điều 1")
COMMUNE, DISTRICT = Level.COMMUNE, Level.DISTRICT
STAGES = (
    Stage("filed", COMMUNE, "Đã nộp", "xã tiếp nhận"),
    Stage("judged", DISTRICT, "Đã chấm", "phân luồng"),
    Stage("asked", DISTRICT, "Chờ bổ sung", "chủ thể bổ sung", supplement=True),
    Stage("named", DISTRICT, "Đã công nhận", final=True),
    Stage("closed", DISTRICT, "Không phân hạng", final=True),
)
MOVES = (
    Move("receive", "filed", "judged"),
    Move("ask", "judged", "asked"),
    Move("supplement", "asked", "judged", back=Back.SUPPLEMENT),
    Move(ROUTE, "judged", "named", worth_three_stars),
    Move(ROUTE, "judged", "closed"),
)


def a_procedure(stages: Sequence[Stage] = STAGES, moves: Sequence[Move] = MOVES, **more: Any) -> Procedure:
    """Return a small procedure that holds, but for what is given."""
    return Procedure(
        "small", "Quy trình thử", LAW, more.pop("starts", {"commune": "filed"}), tuple(stages), tuple(moves), **more
    )


def changed(key: str, **values: Any) -> tuple[Stage, ...]:
    """Return the small stages with one of them changed."""
    return tuple(replace(stage, **values) if stage.key == key else stage for stage in STAGES)


def test_the_small_procedure_of_these_tests_holds() -> None:
    assert a_procedure().open_stages == ("filed", "judged", "asked")


@pytest.mark.parametrize(
    ("fault", "given"),
    [
        ("a stage stands twice", {"stages": (*STAGES, STAGES[0])}),
        ("unknown stages ['heaven']", {"moves": (*MOVES, Move("lift", "judged", "heaven"))}),
        ("unknown stages ['limbo']", {"moves": (*MOVES, Move("lift", "limbo", "named"))}),
        ("unknown stages ['door']", {"starts": {"commune": "door"}}),
        ("unknown stages ['attic']", {"notes": (Note("complain", frozenset({"attic"})),)}),
        ("no way into ['island']", {"stages": (*STAGES, Stage("island", DISTRICT, "Đảo", final=True))}),
        ("filed must be final or have a way out", {"moves": MOVES[1:], "starts": {"commune": "filed", "x": "judged"}}),
        ("named must be final or have a way out", {"moves": (*MOVES, Move("undo", "named", "closed"))}),
        ("asked does not say what it waits for", {"stages": changed("asked", waits_for="")}),
        ("the phases do not hold each open stage once", {"phases": {"all": ("filed", "judged")}}),
        ("the phases do not hold each open stage once", {"phases": {"a": ("filed", "judged", "asked", "filed")}}),
        ("the phases do not hold each open stage once", {"phases": {"a": ("filed", "judged", "asked", "named")}}),
        ("route at judged leaves a case open", {"moves": MOVES[:-1], "stages": changed("closed", final=True)[:-1]}),
        ("route at judged has a row that is never reached", {"moves": (*MOVES, Move(ROUTE, "judged", "closed"))}),
        ("note receive repeats a move at filed", {"notes": (Note("receive", frozenset({"filed"})),)}),
        ("note complain repeats a move at filed", {"notes": (Note("complain", frozenset({"filed"})),) * 2}),
        ("judged -> asked -> judged", {"moves": (*MOVES[:2], Move("supplement", "asked", "judged"), *MOVES[3:])}),
        ("filed -> filed", {"moves": (*MOVES, Move("wait", "filed", "filed"))}),
    ],
)
def test_a_procedure_refuses_to_be_built_with(fault: str, given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^small: ") as refused:
        a_procedure(**given)
    assert fault in str(refused.value)


def test_phases_may_hold_the_open_stages_in_another_order_than_the_table() -> None:
    phased = a_procedure(phases={"late": ("judged", "asked"), "early": ("filed",)})
    assert [phased.phase_of(stage) for stage in ("filed", "judged", "asked", "named")] == ["early", "late", "late", ""]


def test_a_note_leaves_a_dossier_where_it_is_and_keeps_its_letters_its_level_and_its_rule() -> None:
    rule = Source("Quyết định thử", "Điều 2")
    noted = a_procedure(notes=(Note("hear", frozenset({"filed"}), (Notice.CORRECTED,), Level.PROVINCE, rule),))
    assert noted.move("filed", "hear") == Move(
        "hear", "filed", "filed", letters=(Notice.CORRECTED,), by=Level.PROVINCE, rule=rule
    )


def test_a_stage_that_only_a_document_leaves_is_final() -> None:
    with_annulment = (*MOVES, Move("annul", "closed", "judged", back=Back.DOCUMENT))
    assert a_procedure(moves=with_annulment).stage("closed").final


def test_a_procedure_without_an_event_answers_with_what_is_possible_instead() -> None:
    assert a_procedure().move("filed", "recognise") == NoSuchMove("recognise", "filed", ("receive",))
    assert a_procedure().move("named", "receive") == NoSuchMove("receive", "named", ())


def test_the_name_of_a_procedure_and_the_words_of_its_stages_can_be_said_in_another_language() -> None:
    filed = Stage("filed", COMMUNE, "Đã nộp", "xã tiếp nhận")
    words = (a_procedure((filed, *STAGES[1:])).name, filed.label, filed.waits_for)
    assert words == ("Quy trình thử", "Đã nộp", "xã tiếp nhận")
    assert [said(word, str.upper, str) for word in words] == ["QUY TRÌNH THỬ", "ĐÃ NỘP", "XÃ TIẾP NHẬN"]


def test_a_level_awards_the_highest_star_of_its_stages_and_none_where_it_has_no_stage() -> None:
    awarding = a_procedure((*changed("judged", awards_up_to=3)[:2], *changed("asked", awards_up_to=4)[2:]))
    assert [awarding.most_stars(level) for level in (COMMUNE, DISTRICT, Level.CENTRAL)] == [0, 4, 0]


def test_every_procedure_stands_in_the_rulebook_under_its_own_key() -> None:
    assert {key: procedure.key for key, procedure in PROCEDURES.items()} == {key: key for key in PROCEDURES}
    assert PROCEDURES["qd148"] is QD148


def test_the_rows_of_a_table_are_its_entries_its_moves_and_its_notes_as_moves_that_stay() -> None:
    small = a_procedure(notes=(Note("hear", frozenset({"filed"})),), starts={"commune": "filed", "district": "filed"})
    assert small.rows == (
        small.entry("filed"),
        *sorted(MOVES, key=lambda row: row.event != "receive"),
        Move("hear", "filed", "filed"),
    )
    assert [row.moves for row in small.rows] == [True] * 6 + [False]
