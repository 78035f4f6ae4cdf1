"""The forms of real plans: rounds, a document that refines, coarse dates, levels; what does not fit is refused by name."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from casework.calendar_seed import calendar_rows
from ocop.deadlines import Boundary
from ocop.plan import CyclePlan, dump, load
from ocop.plan_file import PlanErrors, read_plan, rounds_in
from ocop.plan_lint import lint
from ocop.working_days import Calendar

FORMS = Path(__file__).parents[1] / "data" / "plans"
CALENDAR = Calendar(calendar_rows(2024, 2029))


def text_of(name: str) -> str:
    return (FORMS / f"{name}.toml").read_text(encoding="utf-8")


def refused(*texts: str, round_key: str = "") -> list[str]:
    """Return the sentences of a plan's problems."""
    with pytest.raises(PlanErrors) as raised:
        read_plan(*texts, round_key=round_key)
    return [str(problem) for problem in raised.value.problems]


def changed(name: str, *changes: tuple[str, str]) -> str:
    toml = text_of(name)
    for old, new in changes:
        assert old in toml, old
        toml = toml.replace(old, new, 1)
    return toml


@pytest.mark.parametrize("path", sorted(FORMS.glob("*.toml")), ids=lambda path: path.stem)
def test_each_form_is_read_stored_and_linted(path: Path) -> None:
    if path.stem == "refinement":
        return
    for key in rounds_in(path) or [""]:
        plan = read_plan(path, round_key=key)
        assert load(dump(plan)) == plan
        lint(plan, CALENDAR)


def test_a_round_is_a_plan_of_its_own_that_names_the_next() -> None:
    path = FORMS / "several_rounds.toml"
    assert rounds_in(path) == ["dot_1", "dot_2"]
    first, second = (read_plan(path, round_key=key) for key in rounds_in(path))
    assert first.round is not None
    assert second.round is not None
    assert (first.round.next_round, second.round.next_round) == ("dot_2", None)
    assert first.title == "Đánh giá, phân hạng sản phẩm OCOP năm 2025: Đợt 1"
    assert [row.day for row in first.deadlines] == [date(2025, 4, 25), date(2025, 5, 9), date(2025, 6, 13)]
    assert [row.day for row in second.deadlines] == [date(2025, 11, 28), date(2026, 2, 27)]
    assert second.document.opens_on == date(2025, 4, 1)
    assert second.source_of("plan.opens_on") == second.source_of("round.title") == "Kế hoạch, mục đợt 2"
    assert first.closing == second.closing


def test_a_round_takes_the_shared_deadlines_but_those_that_it_sets_itself() -> None:
    shared = """
[[deadlines]]
stage = "provincial_evaluation"
date = 2026-01-30
wording = "trước 30/01/2026"
met_by = "session_held"
section = "mục chung"

[[deadlines]]
stage = "central_evaluation"
date = 2026-04-30
wording = "trước 30/4/2026"
met_by = "decision_signed"
section = "mục chung"

[[rounds]]"""
    toml = changed("several_rounds", ("\n[[rounds]]", shared))
    first, second = (read_plan(toml, round_key=key) for key in ("dot_1", "dot_2"))
    assert {row.stage: row.section for row in first.deadlines}["central_evaluation"] == "mục chung"
    assert [row.day for row in second.deadlines if row.stage == "provincial_evaluation"] == [date(2026, 2, 27)]


@pytest.mark.parametrize(
    ("round_key", "told"),
    [
        (
            "",
            "khóa 'rounds': kế hoạch chia nhiều đợt, chưa nói đợt nào. Cách sửa: nêu một trong các đợt: 'dot_1', 'dot_2'.",
        ),
        ("dot_3", "khóa 'rounds': không có đợt 'dot_3'. Cách sửa: nêu một trong các đợt: 'dot_1', 'dot_2'."),
    ],
)
def test_a_plan_of_rounds_asks_which(round_key: str, told: str) -> None:
    (sentence,) = refused(text_of("several_rounds"), round_key=round_key)
    assert sentence.endswith(told)


def test_a_plan_without_rounds_has_none_to_name() -> None:
    (sentence,) = refused(text_of("window"), round_key="dot_1")
    assert "kế hoạch không chia đợt nên không có đợt 'dot_1'" in sentence


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "told"),
    [
        ('key = "dot_2"', 'key = "dot_1"', 'key = "dot_1"\ntitle = "Đợt 2"', "rounds[2].key", "đợt 'dot_1' có hai mục"),
        ("date = 2025-05-09", "date = 2025-04-09", "date = 2025-04-09", "rounds[1].deadlines[2].date", "sớm hơn hạn"),
        ('title = "Đợt 1"\n', 'title = "Đợt 1"\nnext_round = "dot_9"\n', 'next_round = "dot_9"', "rounds[1].next_round", "không có đợt 'dot_9'"),
        ("opens_on = 2025-02-03\nsection", "opens_on = 2025-12-03\nsection", "opens_on = 2025-12-03", "rounds[1].deadlines[1].date", "đã qua khi chu trình mở"),
        ('title = "Đợt 1"\n', 'titel = "Đợt 1"\n', 'titel = "Đợt 1"', "rounds[1].titel", "không có thiết lập này"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_round_is_named_where_it_stands(old: str, new: str, line: str, key: str, told: str) -> None:
    sentences = refused(changed("several_rounds", (old, new)), round_key="dot_1")
    assert any(f"khóa '{key}'" in sentence and told in sentence for sentence in sentences), sentences


@pytest.mark.parametrize(
    ("texts", "key"),
    [
        ("rounds = 5\n", "rounds"),
        ("rounds = [1]\n", "rounds"),
        ('[[rounds]]\nkey = "a"\ntitle = "A"\nsection = "x"\ndeadlines = 5\n', "rounds[1].deadlines"),
    ],
)
def test_rounds_that_are_no_tables_are_refused_as_such(texts: str, key: str) -> None:
    assert any(f"khóa '{key}': phải là một danh sách" in sentence for sentence in refused(texts, round_key="a"))


@pytest.mark.parametrize(("deadlines", "key"), [("5", "deadlines"), ("[5]", "deadlines[1]")])
def test_deadlines_that_are_no_tables_are_refused_in_a_refining_document_too(deadlines: str, key: str) -> None:
    start = text_of("refinement").index("[[deadlines]]")
    end = text_of("refinement").index("[sources]")
    toml = f"deadlines = {deadlines}\n{text_of('refinement')[:start]}{text_of('refinement')[end:]}"
    assert any(f"khóa '{key}': phải là một" in sentence for sentence in refused(text_of("base"), toml))


def test_coarse_dates_are_kept_as_given_and_resolved_by_the_plans_rule() -> None:
    plan = read_plan(FORMS / "coarse_dates.toml")
    assert [(row.given, row.day, row.boundary) for row in plan.deadlines] == [
        ("trong tháng 7", date(2025, 7, 31), Boundary.INCLUSIVE),
        ("giữa tháng 11", date(2025, 11, 14), Boundary.INCLUSIVE),
        ("cuối tháng 12", date(2025, 12, 31), Boundary.INCLUSIVE),
        ("trong quý I năm 2026", date(2026, 3, 31), Boundary.INCLUSIVE),
    ]
    assert plan.deadlines[1].explain(CALENDAR) == (
        "kế hoạch nêu 'giữa tháng 11', hiểu là ngày 14/11/2025 ('giữa tháng' là ngày 14); "
        "đến hết ngày 14/11/2025 (kể cả ngày được nêu): hạn cuối 24 giờ thứ Sáu, ngày 14/11/2025"
    )
    assert plan.source_of("deadlines.district_evaluation.given") == "Kế hoạch, mục tiến độ"
    assert "kể cả ngày đó" in (plan.source_of("deadlines.district_evaluation.boundary") or "")


def test_a_date_that_nobody_can_resolve_is_refused_with_the_forms_that_are_understood() -> None:
    (sentence,) = refused(changed("coarse_dates", ('"giữa tháng 11"', '"khi có hướng dẫn"')))
    assert "khóa 'deadlines[2].date': không hiểu ngày 'khi có hướng dẫn'" in sentence
    assert "'giữa tháng 7'" in sentence


def refined(*changes: tuple[str, str]) -> CyclePlan:
    return read_plan(text_of("base"), changed("refinement", *changes))


def test_a_second_document_holds_over_the_first_with_its_own_sources() -> None:
    plan = refined()
    assert plan.council.spread == Decimal("7.5")
    assert plan.source_of("council.spread") == "Công văn 812, mục 4"
    assert plan.source_of("council.quorum_numerator") != "Công văn 812, mục 4"
    submission, province = plan.deadline("provincial_submission"), plan.deadline("provincial_evaluation")
    assert submission is not None
    assert province is not None
    assert (submission.day, province.day, province.given) == (date(2025, 6, 20), date(2025, 7, 15), "giữa tháng 7")
    assert province.section == "Kế hoạch, mục tiến độ; Công văn 812, mục 3"
    assert plan.document.number == "61/KH-UBND"
    assert plan.document.refined_by == ("812/SNN-PTNT ngày 21/4/2025 của Sở Nông nghiệp và Môi trường (mô phỏng)",)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('refines = "61/KH-UBND"', 'refines = "62/KH-UBND"', "khóa 'plan.refines': văn bản này làm rõ kế hoạch '62/KH-UBND', không phải '61/KH-UBND'"),
        ('number = "812/SNN-PTNT"\n', "", "văn bản làm rõ thiếu number"),
        ("issued_on = 2025-04-21", "issued_on = 2025-04-21\nyear = 2026", "khóa 'plan.year': văn bản làm rõ không đổi được giá trị này"),
        ('"council.spread" = "Công văn 812, mục 4"\n', "", "khóa 'council.spread': giá trị không ghi nguồn"),
        ('"council.spread" =', '"supplement" = "x"\n"council.spread" =', "khóa 'sources.supplement': không có giá trị nào"),
        ('wording = "tổ chức đánh giá giữa tháng 7"\n', "", "khóa 'deadlines[2].wording': ngày mới mà không có lời văn mới"),
        ('section = "Công văn 812, mục 3"\n', "", "khóa 'deadlines[2].section': thiếu 'Phần của kế hoạch'"),
        ("date = 2025-06-20", "date = 2025-07-20", "khóa 'deadlines[2].date': hạn 15/7/2025"),
        ("spread = 7.5", 'spread = "x"', "khóa 'council.spread': phải là một số điểm"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_refining_document_is_named_there(old: str, new: str, told: str) -> None:
    sentences = refused(text_of("base"), changed("refinement", (old, new)))
    assert any(sentence.startswith("văn bản làm rõ thứ 1, dòng ") and told in sentence for sentence in sentences), (
        sentences
    )


def test_a_refining_document_alone_opens_nothing() -> None:
    assert any("tự nó không mở được chu trình" in sentence for sentence in refused(text_of("refinement")))


def test_a_plan_without_a_centre_proposes_nothing_to_it() -> None:
    assert read_plan(FORMS / "no_centre.toml").to_centre_from > 100
    assert read_plan(FORMS / "no_district.toml").to_centre_from == 90


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("no_district", 'procedure = "qd1489"', 'procedure = "qd148"', "quy trình qd148 đi qua cấp huyện, kế hoạch thì không"),
        ("no_district", '["commune", "province"', '["commune", "district", "province"', "quy trình qd1489 không đi qua cấp huyện"),
        ("no_district", 'three_stars = "province"', 'three_stars = "district"', "giao cấp tỉnh công nhận 3 sao, kế hoạch ghi cấp huyện"),
        ("no_commune", 'files_with = "district"', 'files_with = "commune"', "đi qua cấp xã, kế hoạch thì không"),
        ("no_district", "[levels]", '[registration]\nfiles_with = "province"\n\n[levels]', "không nhận hồ sơ ở cấp tỉnh"),
        ("rule_set_changes", 'procedure = "qd1489"', 'procedure = "qd99"', "khóa 'changes[1].procedure': không có quy trình 'qd99'"),
        ("rule_set_changes", "date = 2025-07-06", "date = 2025-02-03", "khóa 'changes[1].date': ngày đổi quy trình 3/2/2025"),
        ("window", "opens_on = 2025-06-01", "opens_on = 2025-06-15", "khóa 'deadlines[1].opens_on': ngày bắt đầu 15/6/2025 muộn hơn"),
    ],
)  # fmt: skip
def test_what_the_procedure_does_otherwise_is_refused_by_name(name: str, old: str, new: str, told: str) -> None:
    sentences = refused(changed(name, (old, new)))
    assert any(told in sentence for sentence in sentences), sentences


def test_a_plan_that_says_itself_by_what_it_is_refined_is_still_refused_where_that_is_no_list() -> None:
    plan = (FORMS / "base.toml").read_text(encoding="utf-8").replace("year = 2025", "year = 2025\nrefined_by = 5")
    with pytest.raises(PlanErrors) as refused:
        read_plan(plan, FORMS / "refinement.toml")
    assert "plan.refined_by" in {problem.key for problem in refused.value.problems}


def test_a_round_is_the_source_of_its_own_values_and_of_no_others() -> None:
    plan = read_plan(FORMS / "several_rounds.toml", round_key="dot_1")
    assert [plan.source_of(key) for key in ("round.title", "closing.date", "council.spread")] == [
        "Kế hoạch, mục đợt 1",
        "Kế hoạch, mục tổng kết",
        "mặc định của phần mềm, theo quy chế hội đồng mà nhiều tỉnh đã ban hành (báo chí)",
    ]
    assert read_plan(FORMS / "window.toml").source_of("round.title") is None, "a plan of one has no round"


UNREAD = "khóa '{key}': giá trị không đọc được. Cách sửa: đặt chữ trong dấu ngoặc kép \"...\", ngày viết 2025-06-15."


def test_a_refining_document_that_cannot_be_parsed_is_named_before_its_line() -> None:
    toml = changed("refinement", ("spread = 7.5", "spread = ?"))
    line = toml.splitlines().index("spread = ?") + 1
    assert refused(text_of("base"), toml) == [f"văn bản làm rõ thứ 1, dòng {line}, {UNREAD.format(key='spread')}"]


def test_a_plan_that_cannot_be_parsed_when_asked_for_its_rounds_is_named_as_the_plan() -> None:
    with pytest.raises(PlanErrors) as raised:
        rounds_in("[plan]\nkey = ?\n")
    assert [str(problem) for problem in raised.value.problems] == [f"dòng 2, {UNREAD.format(key='key')}"]


@pytest.mark.parametrize(
    ("name", "old", "new", "key"),
    [
        ("several_rounds", "date = 2026-03-27", 'date = "cuối tháng 3"', "closing.date"),
        ("batches_and_passes", "date = 2025-05-16", 'date = "giữa tháng 5"', "batches[1].date"),
        ("window", "opens_on = 2025-06-01", 'opens_on = "trong tháng 6"', "deadlines[1].opens_on"),
        ("window", "date = 2025-06-15", "date = 20250615", "deadlines[1].date"),
    ],
)
def test_coarse_words_are_offered_for_the_date_of_a_deadline_that_was_given_in_words_and_nowhere_else(
    name: str, old: str, new: str, key: str
) -> None:
    (sentence,) = refused(changed(name, (old, new)), round_key="dot_1" if name == "several_rounds" else "")
    assert sentence.partition(", ")[2] == (
        f"khóa '{key}': phải là một ngày có trong lịch. Cách sửa: viết năm-tháng-ngày, ví dụ 2025-06-15."
    )
