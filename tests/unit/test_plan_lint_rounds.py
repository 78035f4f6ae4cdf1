"""What the linter says of rounds beside the law's, of levels without units or officers, and of late dossiers without a way out."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from casework.calendar_seed import calendar_rows
from ocop.levels import Level
from ocop.plan_file import read_plan
from ocop.plan_findings import spans
from ocop.plan_lint import Owners, lint
from ocop.working_days import Calendar
from tests.unit.plan_texts import SMALLEST, TOML

CALENDAR = Calendar(calendar_rows(2024, 2029))
ROUNDS = (Path(__file__).parents[1] / "data" / "plans" / "rounds_of_the_law.toml").read_text(encoding="utf-8")


def told(
    check: str,
    *changes: tuple[str, str],
    toml: str = TOML,
    round_key: str = "",
    owners: Mapping[Level, Owners] | None = None,
) -> list[str]:
    """Return what one check says of a plan with some words changed."""
    for old, new in changes:
        assert old in toml, old
        toml = toml.replace(old, new, 1)
    plan = read_plan(toml, round_key=round_key)
    return [str(finding) for finding in lint(plan, CALENDAR, owners) if finding.check == check]


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        ([], []),
        ([("date = 2027-04-30", "date = 2027-05-01")], ["lưu ý, deadlines.provincial_submission.date (mục 1): luật cho đề nghị vào đợt 2 của tỉnh đến trước ngày 30/10/2027, kế hoạch chỉ nhận đến hết ngày 30/4/2027: đề nghị trong khoảng đó chưa thuộc đợt nào của kế hoạch. Đề xuất: nhận đến trước ngày 30/10/2027, hoặc thêm một đợt theo quy chế của tỉnh."]),
        ([("date = 2027-04-30", "date = 2027-04-29")], ["lưu ý, deadlines.provincial_submission.date (mục 1): luật cho đề nghị vào đợt 1 của tỉnh đến trước ngày 30/4/2027, kế hoạch chỉ nhận đến hết ngày 28/4/2027: đề nghị trong khoảng đó chưa thuộc đợt nào của kế hoạch. Đề xuất: nhận đến trước ngày 30/4/2027, hoặc thêm một đợt theo quy chế của tỉnh."]),
        ([("date = 2027-06-30", "date = 2027-07-01")], ["cảnh báo, deadlines.provincial_evaluation.date (mục 1): hồ sơ đề nghị đến hết ngày 29/4/2027 thuộc đợt 1 của tỉnh, phải đánh giá trước ngày 30/6/2027, nhưng kế hoạch cho đến hết ngày 30/6/2027. Đề xuất: đặt hạn trước ngày 30/6/2027."]),
        ([('stage = "provincial_evaluation"', 'stage = "provincial_recognition"'), ('"session_held"', '"decision_signed"')], []),
    ],
)  # fmt: skip
def test_a_round_is_held_against_the_laws_own(changes: list[tuple[str, str]], sentences: list[str]) -> None:
    assert told("round", *changes, toml=ROUNDS, round_key="dot_1") == sentences


def test_the_ministrys_rounds_are_looked_at_where_the_plan_dates_them() -> None:
    ministry = '[[rounds]]\nkey = "dot_2"'
    late = "".join(
        f'[[rounds.deadlines]]\nstage = "{stage}"\ndate = {day}\nwording = "trước ngày"\nmet_by = "decision_signed"\n'
        f'section = "mục 1"\n\n'
        for stage, day in (("central_proposal", "2027-07-30"), ("central_evaluation", "2027-10-15"))
    )
    (sentence,) = told("round", (ministry, late + ministry), toml=ROUNDS, round_key="dot_1")
    assert sentence == (
        "cảnh báo, deadlines.central_evaluation.date (mục 1): hồ sơ đề nghị đến hết ngày 29/7/2027 thuộc đợt 2 của Bộ, phải "
        "đánh giá trước ngày 30/9/2027, nhưng kế hoạch cho đến hết ngày 14/10/2027. Đề xuất: đặt hạn trước ngày 30/9/2027."
    )


def test_each_level_below_the_centre_needs_units() -> None:
    assert told("unowned", owners={}) == [
        f"cảnh báo, deadlines.{stage} (danh mục đơn vị, cấp {level}): không có đơn vị cấp {level} nào vào ngày 8/4/2025, nên "
        f"bước '{label}' không có ai chịu trách nhiệm. Đề xuất: nhập danh mục đơn vị, hoặc chọn quy trình không qua cấp này."
        for stage, level, label in (
            ("registered", "xã", "Đã đăng ký"),
            ("filed_at_district", "huyện", "Đã nộp tại huyện"),
            ("provincial_evaluation", "tỉnh", "Tỉnh đánh giá"),
        )
    ]


@pytest.mark.parametrize(
    ("vacant", "named"),
    [
        (5, "5/9 đơn vị cấp huyện chưa có cán bộ phụ trách: H1, H2, H3, H4, H5."),
        (6, "6/9 đơn vị cấp huyện chưa có cán bộ phụ trách: H1, H2, H3, H4, H5 và 1 đơn vị khác."),
    ],
)
def test_five_units_without_an_officer_are_named_and_the_others_counted(vacant: int, named: str) -> None:
    district = Owners(9, tuple(f"H{number}" for number in range(1, vacant + 1)))
    owners = {Level.COMMUNE: Owners(3), Level.DISTRICT: district, Level.PROVINCE: Owners(1)}
    (sentence,) = told("unowned", owners=owners)
    assert sentence == (
        f"cảnh báo, deadlines.filed_at_district (danh mục cán bộ, cấp huyện): {named} "
        "Đề xuất: nhập cán bộ cho các đơn vị đó trước ngày mở chu trình."
    )


def test_a_level_that_a_procedure_does_not_go_through_needs_no_units() -> None:
    owners = {Level.COMMUNE: Owners(3), Level.PROVINCE: Owners(1)}
    assert told("unowned", toml=ROUNDS, round_key="dot_1", owners=owners) == []


def recognition(after: str) -> tuple[str, str]:
    """Return a deadline for the province's recognition, which no dossier is carried over from."""
    return "[targets]", (
        '[[deadlines]]\nstage = "provincial_recognition"\ndate = 2025-08-15\nwording = "đến hết ngày 15/8/2025"\n'
        f'boundary = "inclusive"\nmet_by = "decision_signed"\nafter_deadline = "{after}"\nsection = "mục 9"\n\n[targets]'
    )


CITED = ("\n[sources]", '\n[sources]\n"deadlines.provincial_recognition.after_deadline" = "mục 10"')


def test_only_a_late_dossier_that_is_to_go_to_the_next_round_needs_a_way_there() -> None:
    assert told("no_way_out", recognition("refuse")) == []
    stuck, waiting = told("no_way_out", recognition("next_round"), CITED)
    assert stuck.startswith("cảnh báo, deadlines.provincial_recognition.after_deadline (mục 10): quy trình không cho")
    assert waiting.startswith("lưu ý, deadlines.provincial_recognition.after_deadline (mục 10): hồ sơ muộn được chuyển")


def test_the_first_value_that_sends_dossiers_on_is_named() -> None:
    both = (
        'files_with = "commune"\nafter_deadline = "refuse"',
        'files_with = "commune"\nafter_deadline = "next_round"',
    )
    (_, waiting) = told("no_way_out", recognition("next_round"), CITED, both)
    assert "deadlines.provincial_recognition.after_deadline (mục 10)" in waiting


def test_a_plan_that_sends_only_a_hundred_points_to_the_centre_is_still_asked_for_its_date() -> None:
    found = told("uncovered", ("to_centre_from = 90", "to_centre_from = 100"))
    assert any("Trung ương đánh giá" in sentence for sentence in found)


def test_uncovered_stages_are_told_by_phase_in_the_plans_order_without_supplements() -> None:
    plan = read_plan(SMALLEST)
    found = [finding for finding in lint(plan, CALENDAR) if finding.check == "uncovered"]
    assert [plan.procedure.phase_of(finding.key.removeprefix("deadlines.")) for finding in found] == [
        "district_evaluation", "provincial_submission", "provincial_evaluation", "central_evaluation",
    ]  # fmt: skip
    assert "Chờ bổ sung" not in " ".join(finding.problem for finding in found)


def test_a_threshold_that_no_move_asks_for_leaves_no_band() -> None:
    forms = Path(__file__).parents[1] / "data" / "plans"
    form = (forms / "no_district.toml").read_text(encoding="utf-8")
    raised = ("\n[sources]", '\n[forwarding]\nto_province_from = 75\n\n[sources]\nforwarding = "mục 9"')
    assert told("band", raised, toml=form) == []


def test_who_owns_a_stage_is_told_after_all_else() -> None:
    plan = read_plan(TOML)
    without, owned = lint(plan, CALENDAR), lint(plan, CALENDAR, {})
    assert owned[: len(without)] == without
    assert {finding.check for finding in owned[len(without) :]} == {"unowned"}


@pytest.mark.parametrize(
    ("opens", "after"),
    [
        ("2025-06-10", date(2025, 6, 14)),  # the stage before ends later
        ("2025-06-14", date(2025, 6, 14)),
        ("2025-06-15", date(2025, 6, 14)),
        ("2025-06-17", date(2025, 6, 16)),
    ],
)
def test_a_span_begins_after_the_stage_before_or_with_its_window(opens: str, after: date) -> None:
    toml = TOML.replace("date = 2025-06-20", f"date = 2025-06-20\nopens_on = {opens}")
    found = {span.row.stage: span for span in spans(read_plan(toml), CALENDAR)}
    assert found["provincial_submission"].after == after


def test_spans_follow_the_procedure_in_whatever_order_the_file_has_them() -> None:
    head, *rows = TOML.partition("[targets]")[0].split("[[deadlines]]")
    turned = "[[deadlines]]".join([head, *reversed(rows)]) + "[targets]" + TOML.partition("[targets]")[2]
    assert spans(read_plan(turned), CALENDAR) == spans(read_plan(TOML), CALENDAR)


def test_a_rounds_section_says_whence_its_values_are_and_is_none_of_them() -> None:
    plan = read_plan(ROUNDS, round_key="dot_1")
    assert plan.round is not None
    assert [key for key, *_ in plan.round.values("round")] == ["round.key", "round.title", "round.next_round"]
