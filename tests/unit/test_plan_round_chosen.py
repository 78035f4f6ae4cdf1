"""One round of a file made a plan of its own: what it takes from the shared part, and where each value stands in the file."""

from typing import Any

import pytest

from ocop.plan_forms import compose
from ocop.toml_lines import Key

A, B, C = ({"stage": stage, "of": "all"} for stage in "abc")
OWN_B, D = {"stage": "b", "of": "r1"}, {"stage": "d", "of": "r1"}
FILE: dict[str, Any] = {
    "plan": {"year": 2025, "opens_on": "of all"},
    "sources": {"plan": "phần đầu"},
    "deadlines": [A, B, C],
    "rounds": [
        {"key": "r1", "section": "mục 1", "opens_on": "of r1", "deadlines": [OWN_B, D]},
        {"key": "r2", "section": "mục 2", "next_round": "r9"},
        {"key": "r2"},
        {"key": "r3", "deadlines": 5},
    ],
}


def test_a_rounds_own_deadlines_and_opening_stand_for_the_shared_ones() -> None:
    made = compose([FILE], "r1")
    assert made.raw == {
        "plan": {"year": 2025, "opens_on": "of r1"},
        "sources": {"plan": "phần đầu", "plan.opens_on": "mục 1"},
        "deadlines": [A, C, OWN_B, D],
        "round": {"key": "r1", "section": "mục 1", "next_round": "r2"},
    }
    assert made.origins == {
        ("plan", "opens_on"): (0, ("rounds", 0, "opens_on")),
        ("deadlines", 0): (0, ("deadlines", 0)),
        ("deadlines", 1): (0, ("deadlines", 2)),
        ("deadlines", 2): (0, ("rounds", 0, "deadlines", 0)),
        ("deadlines", 3): (0, ("rounds", 0, "deadlines", 1)),
        ("round",): (0, ("rounds", 0)),
    }


def test_a_round_without_its_own_takes_all_that_is_shared() -> None:
    made = compose([FILE], "r2")
    assert made.raw["deadlines"] == [A, B, C]
    assert made.raw["plan"] == FILE["plan"]
    assert made.raw["round"] == {"key": "r2", "section": "mục 2", "next_round": "r9"}
    assert made.origins[("round",)] == (0, ("rounds", 1))


def test_the_last_round_has_none_after_it_and_deadlines_that_are_no_list_are_kept_to_be_refused() -> None:
    made = compose([FILE], "r3")
    assert made.raw["round"] == {"key": "r3"}
    assert made.raw["deadlines"] == 5
    assert made.origins == {("deadlines",): (0, ("rounds", 3, "deadlines")), ("round",): (0, ("rounds", 3))}


TWICE = (0, ("rounds", 2, "key"), "đợt 'r2' có hai mục", "đặt cho mỗi đợt một mã riêng")
LISTED = "'r1', 'r2', 'r2', 'r3'"


@pytest.mark.parametrize(
    ("wanted", "faults"),
    [
        ("r1", [TWICE]),
        ("r2", [TWICE, (0, ("rounds", 1, "next_round"), "không có đợt 'r9'", f"ghi một trong: {LISTED}")]),
        ("r7", [TWICE, (0, ("rounds",), "không có đợt 'r7'", f"nêu một trong các đợt: {LISTED}")]),
        ("", [TWICE, (0, ("rounds",), "kế hoạch chia nhiều đợt, chưa nói đợt nào", f"nêu một trong các đợt: {LISTED}")]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_rounds_is_told_of_the_first_document(
    wanted: str, faults: list[tuple[int, Key, str, str]]
) -> None:
    found = compose([FILE], wanted).faults
    assert [(document, fault.key, fault.problem, fault.remedy) for document, fault in found] == faults


def test_a_round_asked_of_a_plan_without_is_refused() -> None:
    ((document, fault),) = compose([{"plan": {}}], "r1").faults
    assert (document, fault.key, fault.problem, fault.remedy) == (
        0, (), "kế hoạch không chia đợt nên không có đợt 'r1'", "bỏ tên đợt",
    )  # fmt: skip


def test_a_round_that_names_no_section_leaves_its_opening_without_a_source() -> None:
    made = compose([{"plan": {}, "rounds": [{"key": "r1", "opens_on": "x"}]}], "r1")
    assert made.raw["sources"] == {"plan.opens_on": ""}
    assert compose([{"plan": {}, "sources": 5, "rounds": [{"key": "r1", "opens_on": "x"}]}], "r1").raw["sources"] == 5


def test_what_is_no_table_is_left_to_be_refused() -> None:
    made = compose([{"plan": 5, "deadlines": 7, "rounds": [{"key": "r1", "opens_on": "x", "deadlines": [A]}]}], "r1")
    assert (made.raw["plan"], made.raw["deadlines"]) == (5, 7)
    mixed = compose([{"deadlines": [5, B], "rounds": [{"key": "r1", "deadlines": [6, OWN_B]}]}], "r1")
    assert mixed.raw["deadlines"] == [5, 6, OWN_B]
