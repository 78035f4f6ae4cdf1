"""Two documents made one plan: whose value holds, whose source it takes, and in which document it stands."""

from datetime import date
from typing import Any

import pytest

from ocop.plan_forms import Composed, compose
from ocop.toml_lines import Key

BASE: dict[str, Any] = {
    "plan": {"number": "1", "year": 2025},
    "sources": {"council": "phần đầu"},
    "council": {"spread": 10, "quorum": 3, "deep": {"x": 1, "y": 1}},
    "deadlines": [
        {"stage": "a", "date": "d1", "boundary": "exclusive", "section": "mục 1", "wording": "w1"},
        {"stage": "b", "roll": "none", "section": "mục 1"},
    ],
}
HEAD = {"refines": "1", "number": "2", "title": "t", "issued_on": date(2025, 4, 21), "issuer": "Sở"}
LETTER: dict[str, Any] = {
    "plan": HEAD,
    "council": {"spread": 7, "deep": {"y": 2}},
    "deadlines": [
        {"stage": "a", "date": "d2", "wording": "w2", "section": "công văn, mục 1"},
        {"stage": "b", "roll": "next", "met_by": "m"},
        {"stage": "c", "date": "d3", "wording": "w3", "section": "công văn, mục 2", "boundary": "inclusive"},
    ],
    "sources": {"council.spread": "mục 4", "council.deep": "mục 5", "deadlines.roll": "mục 6", "deadlines": "mục 7"},
}


def told(made: Composed) -> list[tuple[int, Key, str, str]]:
    """Return what is wrong, by document."""
    return [(document, fault.key, fault.problem, fault.remedy) for document, fault in made.faults]


def test_the_later_documents_values_hold_and_each_takes_the_source_that_it_gives() -> None:
    made = compose([BASE, LETTER])
    assert told(made) == []
    assert made.raw["plan"] == {"number": "1", "year": 2025, "refined_by": ["2 ngày 21/4/2025 của Sở"]}
    assert made.raw["council"] == {"spread": 7, "quorum": 3, "deep": {"x": 1, "y": 2}}
    assert made.raw["deadlines"] == [  # new words are read anew: the old boundary does not hold for them
        {"stage": "a", "date": "d2", "section": "mục 1; công văn, mục 1", "wording": "w2"},
        {"stage": "b", "roll": "next", "section": "mục 1", "met_by": "m"},
        {"stage": "c", "date": "d3", "wording": "w3", "section": "công văn, mục 2", "boundary": "inclusive"},
    ]
    assert made.raw["sources"] == {
        "deadlines.a.boundary": "mặc định của phần mềm: ngày không cụ thể được hiểu là kể cả ngày đó",
        "council": "phần đầu",
        "council.spread": "mục 4",
        "council.deep.y": "mục 5",
        "deadlines.b.roll": "mục 6",
        "deadlines.b.met_by": "mục 7",
        "deadlines.c.boundary": "mục 7",
        "plan.refined_by": "2",
    }


def test_each_value_is_found_in_the_document_that_states_it() -> None:
    same: list[Key] = [("council", "spread"), ("council", "deep", "y"), ("deadlines", 2)]
    for index, row in enumerate(LETTER["deadlines"]):
        same += [("deadlines", index, key) for key in row]
    cited = {
        "council.spread": "council.spread", "council.deep.y": "council.deep", "deadlines.b.roll": "deadlines.roll",
        "deadlines.b.met_by": "deadlines", "deadlines.c.boundary": "deadlines",
    }  # fmt: skip
    stands: dict[Key, tuple[int, Key]] = {place: (1, place) for place in same}
    stands |= {("sources", key): (1, ("sources", found)) for key, found in cited.items()}
    assert compose([BASE, LETTER]).origins == stands


def test_a_row_moves_with_its_stage_whatever_its_place_in_the_letter() -> None:
    letter = {"plan": HEAD, "deadlines": [{"stage": "b", "roll": "next"}], "sources": {"deadlines.b.roll": "mục 1"}}
    made = compose([BASE, letter])
    assert [row["stage"] for row in made.raw["deadlines"]] == ["a", "b"]
    assert made.origins[("deadlines", 1, "roll")] == (1, ("deadlines", 0, "roll"))
    assert told(made) == []
    assert made.raw["sources"]["deadlines.b.roll"] == "mục 1"
    assert made.raw["deadlines"][0] == BASE["deadlines"][0]


def test_all_that_a_letter_may_not_do_is_told_of_that_letter() -> None:
    wrong = {
        "plan": {**HEAD, "refines": "9", "issued_on": "?", "year": 1}, "rounds": [], "council": 5, "supplement": {"x": 1},
        "deadlines": [6, {"stage": "a", "date": "d2"}], "sources": {"z": "1"},
    }  # fmt: skip
    made = compose([BASE, {}, wrong])
    assert made.raw["plan"]["refined_by"] == ["2 ngày ? của Sở"]
    assert made.raw["deadlines"] == [
        {"stage": "a", "date": "d2", "section": "mục 1", "wording": "w1"},
        BASE["deadlines"][1],
    ]
    assert [(document, key, problem) for document, key, problem, _ in told(made)] == [
        (1, ("plan",), "thiếu bảng [plan] của văn bản làm rõ"),
        (2, ("plan", "refines"), "văn bản này làm rõ kế hoạch '9', không phải '1'"),
        (2, ("plan", "year"), "văn bản làm rõ không đổi được giá trị này của kế hoạch"),
        (2, ("rounds",), "văn bản làm rõ không thêm được đợt"),
        (2, ("council",), "phải là một bảng"),
        (2, ("supplement", "x"), "giá trị không ghi nguồn"),
        (2, ("deadlines", 0), "phải là một bảng"),
        (2, ("deadlines", 1, "wording"), "ngày mới mà không có lời văn mới"),
        (2, ("deadlines", 1, "section"), "thiếu 'Phần của kế hoạch'"),
        (2, ("sources", "z"), "không có giá trị nào của văn bản này dùng nguồn đó"),
    ]


def test_what_is_no_list_and_no_table_is_told_and_nothing_is_lost() -> None:
    made = compose([BASE, {**LETTER, "deadlines": 5, "sources": 5}])
    assert [(document, key) for document, key, *_ in told(made)] == [
        (1, ("council", "spread")), (1, ("council", "deep", "y")), (1, ("deadlines",)),
    ]  # fmt: skip
    assert made.raw["deadlines"] == BASE["deadlines"]
    kept = compose([{**BASE, "deadlines": 5, "sources": 6}, {"plan": HEAD, "deadlines": [{"stage": "a"}]}])
    assert (kept.raw["deadlines"], kept.raw["sources"]) == (5, 6)
    assert compose([{"plan": 5}, {"plan": HEAD}]).raw["plan"] == 5


def test_a_letter_fills_a_table_that_the_plan_does_not_have() -> None:
    made = compose([BASE, {"plan": HEAD, "targets": {"new": 3}, "sources": {"targets": "mục 1"}}])
    assert made.raw["targets"] == {"new": 3}
    assert told(made) == []
    over = compose([{**BASE, "targets": 5}, {"plan": HEAD, "targets": {"new": 3}, "sources": {"targets": "mục 1"}}])
    assert over.raw["targets"] == {"new": 3}
    flat = compose(
        [{**BASE, "targets": {"new": 1}}, {"plan": HEAD, "targets": {"new": {"x": 3}}, "sources": {"targets": "mục 1"}}]
    )
    assert flat.raw["targets"] == {"new": {"x": 3}}
    deep = compose([{**BASE, "targets": {"new": {"x": 1}}}, {"plan": HEAD, "targets": {"new": 3}}])
    assert deep.raw["targets"] == {"new": 3}


def test_all_that_a_letters_head_lacks_is_named_in_order() -> None:
    ((document, _, problem, _),) = told(compose([BASE, {"plan": {}}]))
    assert (document, problem) == (1, "văn bản làm rõ thiếu issued_on, issuer, number, refines, title")


@pytest.mark.parametrize(
    ("year", "days", "read"),
    [
        (1, {}, True),
        (9999, {}, True),
        (0, {}, False),
        (10000, {}, False),
        (True, {}, False),
        ("2025", {}, False),
        (2025, {"late_day": 1}, True),
        (2025, {"late_day": 31}, True),
        (2025, {"late_day": 0}, False),
        (2025, {"late_day": 32}, False),
        (2025, 5, False),
    ],
)
def test_coarse_words_are_read_where_the_year_and_the_days_can_be(year: object, days: object, read: bool) -> None:
    row = {"stage": "a", "date": "cuối tháng 7", "wording": "w", "section": "s"}
    made = compose([{"plan": {"year": year}, "dates": days, "deadlines": [row]}])
    assert isinstance(made.raw["deadlines"][0]["date"], date) is read


def test_a_round_without_a_key_is_the_one_that_nobody_names() -> None:
    assert compose([{"rounds": [{"title": "b"}]}]).faults == []


@pytest.mark.parametrize(("part", "day"), [("trong", 31), ("đầu", 9), ("giữa", 14), ("cuối", 30)])
def test_each_part_of_a_month_comes_to_the_day_that_the_plan_gives_it(part: str, day: int) -> None:
    row = {"stage": "a", "date": f"{part} tháng 7"}
    days = {"within_day": 31, "early_day": 9, "middle_day": 14, "late_day": 30}
    made = compose([{"plan": {"year": 2025}, "dates": days, "deadlines": [row]}])
    assert made.raw["deadlines"][0]["date"] == date(2025, 7, day)
