"""A document that refines a plan: what it may not do, told in full, and what its tables put over the plan's."""

from pathlib import Path

import pytest

from ocop.plan_file import PlanErrors, read_plan
from ocop.plan_forms import Composed, compose, round_keys

FORMS = Path(__file__).parents[1] / "data" / "plans"
BASE, REFINEMENT = ((FORMS / f"{name}.toml").read_text(encoding="utf-8") for name in ("base", "refinement"))
WHICH = "văn bản làm rõ thứ 1, "


def refused(*changes: tuple[str, str]) -> list[str]:
    """Return what the refining document with some words changed is refused for, without the line."""
    toml = REFINEMENT
    for old, new in changes:
        assert old in toml, old
        toml = toml.replace(old, new, 1)
    with pytest.raises(PlanErrors) as raised:
        read_plan(BASE, toml)
    return [str(problem).removeprefix(WHICH).partition(", ")[2] for problem in raised.value.problems]


COUNCIL = ("[council]\nspread = 7.5\n", "")
HEAD = REFINEMENT.partition("[council]")[0]


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        ([('refines = "61/KH-UBND"', 'refines = "62/KH-UBND"')], ["khóa 'plan.refines': văn bản này làm rõ kế hoạch '62/KH-UBND', không phải '61/KH-UBND'. Cách sửa: đưa đúng tệp kế hoạch gốc."]),
        ([('number = "812/SNN-PTNT"\n', ""), ("title = ", "# title = ")], ["khóa 'plan': văn bản làm rõ thiếu number, title. Cách sửa: thêm các dòng đó vào [plan]."]),
        ([("issued_on = 2025-04-21", "issued_on = 2025-04-21\nyear = 2026")], ["khóa 'plan.year': văn bản làm rõ không đổi được giá trị này của kế hoạch. Cách sửa: bỏ dòng này; [plan] của văn bản làm rõ chỉ có issued_on, issuer, number, refines, title."]),
        ([('"council.spread" = "Công văn 812, mục 4"\n', "")], ["khóa 'council.spread': giá trị không ghi nguồn. Cách sửa: thêm vào [sources] của văn bản này dòng \"council.spread\" = \"...\"."]),
        ([('"council.spread" =', '"supplement" = "x"\n"council.spread" =')], ["khóa 'sources.supplement': không có giá trị nào của văn bản này dùng nguồn đó. Cách sửa: bỏ dòng này."]),
        ([('wording = "tổ chức đánh giá giữa tháng 7"\n', "")], ["khóa 'deadlines[2].wording': ngày mới mà không có lời văn mới. Cách sửa: ghi wording như văn bản này viết."]),
        ([('section = "Công văn 812, mục 3"\n', "")], ["khóa 'deadlines[2].section': thiếu 'Phần của kế hoạch'. Cách sửa: ghi phần của văn bản này nêu ngày đó."]),
        ([(HEAD, f"council = 5\n{HEAD}"), COUNCIL, ('"council.spread" = "Công văn 812, mục 4"\n', "")], ["khóa 'council': phải là một bảng. Cách sửa: viết [council] rồi mỗi thiết lập một dòng."]),
        ([(HEAD, f"rounds = []\n{HEAD}")], ["khóa 'rounds': văn bản làm rõ không thêm được đợt. Cách sửa: ghi [[deadlines]]; nó áp dụng cho đợt được mở."]),
        ([('met_by = "letter_sent"\n', 'met_by = "letter_sent"\nroll = "none"\n')], ["khóa 'deadlines[1].roll': giá trị không ghi nguồn. Cách sửa: thêm vào [sources] của văn bản này dòng \"deadlines.provincial_submission.roll\" = \"...\".", "khóa 'deadlines[1].roll': giá trị không ghi nguồn. Cách sửa: thêm vào [sources] dòng \"deadlines.provincial_submission.roll\" = \"...\" hoặc \"deadlines.roll\" = \"...\"."]),
    ],
)  # fmt: skip
def test_what_a_refining_document_may_not_do_is_told_in_full(
    changes: list[tuple[str, str]], sentences: list[str]
) -> None:
    assert refused(*changes) == sentences


def test_a_refining_document_without_its_head_says_what_is_missing() -> None:
    with pytest.raises(PlanErrors) as raised:
        read_plan(BASE, "[council]\nspread = 7.5\n")
    (told,) = [str(problem) for problem in raised.value.problems]
    assert told == (
        f"{WHICH}dòng 1, khóa 'plan': thiếu bảng [plan] của văn bản làm rõ. "
        "Cách sửa: thêm [plan] với refines, number, title, issued_on, issuer."
    )


def test_a_table_inside_a_table_is_put_over_value_by_value_with_its_source() -> None:
    nested = '[evidence.expired]\nstory = "warn"\n\n[sources]\n"evidence.expired.story" = "Công văn 812, mục 5"'
    plan = read_plan(BASE, REFINEMENT.replace("[sources]", nested, 1))
    before = read_plan(BASE, REFINEMENT)
    assert plan.source_of("evidence.expired.story") == "Công văn 812, mục 5"
    changed = {row: now for (row, now) in plan.evidence.expired.items() if now != before.evidence.expired[row]}
    assert [(str(row), str(now)) for row, now in changed.items()] == [("story", "warn")]


def test_two_documents_refine_in_their_order_and_both_are_named() -> None:
    second = REFINEMENT.replace("812/SNN-PTNT", "900/SNN-PTNT").replace("spread = 7.5", "spread = 6")
    plan = read_plan(BASE, REFINEMENT, second)
    assert str(plan.council.spread) == "6"
    assert [told.partition(" ")[0] for told in plan.document.refined_by or ()] == ["812/SNN-PTNT", "900/SNN-PTNT"]
    assert plan.source_of("plan.refined_by") == "900/SNN-PTNT"


def test_a_value_is_found_where_it_stands_and_what_nobody_moved_in_the_first_document() -> None:
    made = Composed({}, {("round",): (0, ("rounds", 1)), ("deadlines", 0): (2, ("deadlines", 3))})
    assert made.origin(("round", "title")) == (0, ("rounds", 1, "title"))
    assert made.origin(("deadlines", 0, "date")) == (2, ("deadlines", 3, "date"))
    assert made.origin(("council", "spread")) == (0, ("council", "spread"))


def test_words_of_a_coarse_date_are_kept_and_counted_inclusive() -> None:
    row = {"stage": "district_evaluation", "date": "giữa tháng 6", "boundary": "exclusive"}
    other = {"stage": "provincial_evaluation", "date": "cuối tháng 7"}
    made = compose([{"plan": {"year": 2025}, "deadlines": [row, other], "sources": {}}])
    first, second = made.raw["deadlines"]
    assert (first["boundary"], first["given"], str(first["date"])) == ("exclusive", "giữa tháng 6", "2025-06-15")
    assert (second["boundary"], str(second["date"])) == ("inclusive", "2025-07-31")
    assert made.raw["sources"] == {
        "deadlines.provincial_evaluation.boundary": "mặc định của phần mềm: ngày không cụ thể được hiểu là kể cả ngày đó"
    }


def test_a_refining_document_given_alone_is_told_what_it_refines() -> None:
    made = compose([{"plan": {"refines": "61/KH-UBND", "year": 2025}}])
    ((document, fault),) = made.faults
    assert (document, fault.key) == (0, ("plan", "refines"))
    assert fault.problem == "tệp này làm rõ kế hoạch 61/KH-UBND, tự nó không mở được chu trình"
    assert made.raw["plan"] == {"year": 2025}


@pytest.mark.parametrize(
    ("raw", "wanted", "told"),
    [
        ({"rounds": []}, "a", [("rounds",)]),
        ({"rounds": 5}, "", [("rounds",)]),
        ({"rounds": [{"key": "a"}, 5]}, "a", [("rounds",)]),
        ({"rounds": [{"key": "a"}]}, "a", []),
        ({"rounds": [{"key": "a"}]}, "b", [("rounds",)]),
        ({}, "a", [()]),
        ({}, "", []),
    ],
)
def test_rounds_that_are_none_or_not_all_tables_are_refused(
    raw: dict[str, object], wanted: str, told: list[tuple[str, ...]]
) -> None:
    made = compose([raw], wanted)
    assert [(document, fault.key) for document, fault in made.faults] == [(0, key) for key in told]


def test_the_keys_of_rounds_are_those_of_its_tables() -> None:
    assert round_keys({"rounds": [{"key": "a"}, 5, {"title": "b"}]}) == ["a", ""]
    assert round_keys({"rounds": 5}) == round_keys({}) == []
