"""What the linter finds in the plan of 2025, exactly, and in plans that an experienced officer would send back."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from casework.calendar_seed import calendar_rows
from ocop.law_dates import IN_FORCE, law_round
from ocop.levels import Level
from ocop.plan import CyclePlan
from ocop.plan_file import read_plan, rounds_in
from ocop.plan_findings import Finding, Severity
from ocop.plan_lint import NOWHERE, Owners, lint
from ocop.working_days import Calendar
from tests.unit.plan_texts import RECOGNITION, TOML

FORMS = Path(__file__).parents[1] / "data" / "plans"
CALENDAR = Calendar(calendar_rows(2024, 2028))
DISTRICT, SUBMISSION, PROVINCE = (
    "Kế hoạch 61/KH-UBND, nội dung: đánh giá, phân hạng sản phẩm ở cấp huyện",
    "Kế hoạch 61/KH-UBND, nội dung: cấp huyện lựa chọn sản phẩm từ 70 điểm, gửi hồ sơ về Sở Nông nghiệp và Môi trường",
    "Kế hoạch 61/KH-UBND, nội dung: đánh giá, phân hạng sản phẩm ở cấp tỉnh",
)


def found(*changes: tuple[str, str], calendar: Calendar = CALENDAR) -> list[Finding]:
    """Return the findings in the plan of 2025 with some words changed."""
    toml = TOML
    for old, new in changes:
        assert old in toml, old
        toml = toml.replace(old, new, 1)
    return lint(read_plan(toml), calendar)


def named(check: str, *changes: tuple[str, str]) -> list[str]:
    """Return the keys at which one check finds something."""
    return [finding.key for finding in found(*changes) if finding.check == check]


def test_the_plan_of_2025_gives_exactly_these_findings(plan: CyclePlan) -> None:
    assert [(f.severity.value, f.check, f.key, f.section) for f in lint(plan, CALENDAR)] == [
        ("warning", "day_off", "deadlines.district_evaluation.date", DISTRICT),
        ("warning", "day_off", "deadlines.provincial_evaluation.date", PROVINCE),
        ("note", "before", "deadlines.district_evaluation.boundary", DISTRICT),
        ("note", "before", "deadlines.provincial_submission.boundary", SUBMISSION),
        ("note", "before", "deadlines.provincial_evaluation.boundary", PROVINCE),
        ("note", "reminder", "reminders.working_days_before", "mặc định của phần mềm"),
        ("warning", "law", "deadlines.provincial_evaluation.date", PROVINCE),
        ("note", "uncovered", "deadlines.district_recognition", NOWHERE),
        ("note", "uncovered", "deadlines.provincial_recognition", NOWHERE),
        ("note", "uncovered", "deadlines.central_proposal", NOWHERE),
    ]


def test_a_finding_says_what_is_wrong_and_what_to_write_instead(plan: CyclePlan) -> None:
    by_check = {finding.check: str(finding) for finding in lint(plan, CALENDAR)}
    assert by_check["day_off"] == (
        f"cảnh báo, deadlines.provincial_evaluation.date ({PROVINCE}): hạn của bước 'Tỉnh đánh giá' hết vào ngày 19/7/2025 là "
        "thứ Bảy; kế hoạch không dời, nên ngày làm việc cuối cùng còn kịp là 18/7/2025. Đề xuất: nêu ngày làm việc trong kế "
        'hoạch, hoặc cho dời sang ngày làm việc kế tiếp để được đến hết ngày 21/7/2025 (trong tệp: roll = "next_working_day").'
    )
    assert "hạn cuối là 24 giờ ngày 19/7/2025" in by_check["before"]
    assert "14 ngày (30/5/2025), 7 ngày (10/6/2025)" in by_check["reminder"]
    assert (
        "sang quy trình theo Quyết định 148/QĐ-TTg, sửa đổi bởi Quyết định 1489/QĐ-TTg, từ ngày 6/7/2025"
        in by_check["law"]
    )


def test_a_plan_of_working_days_in_plain_words_of_one_law_has_fewer_findings() -> None:
    changes = [
        ("date = 2025-06-15", "date = 2025-05-30"), ("hoàn thành trước ngày 15/6/2025", "đến hết ngày 30/5/2025"),
        ("date = 2025-06-20", "date = 2025-06-06"), ("hoàn thành trước ngày 20/6/2025", "đến hết ngày 06/6/2025"),
        ("date = 2025-07-20", "date = 2025-06-30"), ("trước ngày 20/7/2025", "đến hết ngày 30/6/2025"),
        *[('boundary = "exclusive"', 'boundary = "inclusive"')] * 3,
        ("working_days_before = [14, 7, 3, 1]", "working_days_before = [3, 1]"),
    ]  # fmt: skip
    assert [finding.check for finding in found(*changes)] == ["uncovered"] * 3


@pytest.mark.parametrize(
    ("check", "key", "changes"),
    [
        ("before", "deadlines.district_evaluation.boundary", [("trước ngày 15/6", "đến hết ngày 15/6")]),
        ("too_short", "deadlines.district_evaluation.date", [("opens_on = 2025-04-08", "opens_on = 2025-06-03")]),
        ("too_short", "deadlines.provincial_submission.date", [("date = 2025-06-20", "date = 2025-06-16")]),
        ("too_short", "deadlines.provincial_evaluation.date", [("date = 2025-07-20", "date = 2025-07-03")]),
        ("past_the_year", "returned_to_district.working_days", [("date = 2025-07-20", "date = 2025-12-20")]),
        ("council_notice", "council.dossier_notice_working_days", [("dossier_notice_working_days = 1", "dossier_notice_working_days = 21")]),
        ("band", "forwarding.to_province_from", [("to_province_from = 70", "to_province_from = 75")]),
        ("band", "forwarding.to_centre_from", [("to_centre_from = 90", "to_centre_from = 95")]),
        ("band", "forwarding.to_province_from", [("to_province_from = 70", "to_province_from = 65")]),
        ("reminder", "reminders.working_days_before", [("[14, 7, 3, 1]", "[60, 1]")]),
        ("law", "plan.procedure", [("opens_on = 2025-04-08", "opens_on = 2023-02-23"), ("year = 2025", "year = 2023")]),
    ],
)  # fmt: skip
def test_each_check_names_the_key_that_it_is_about(check: str, key: str, changes: list[tuple[str, str]]) -> None:
    assert key in named(check, *changes)


@pytest.mark.parametrize(
    ("check", "key", "changes"),
    [
        # 14 working days from 24/5 to Saturday 14/6: enough for one supplement of 10; 9 are not
        ("too_short", "deadlines.district_evaluation.date", [("opens_on = 2025-04-08", "opens_on = 2025-05-30")]),
        # Friday 20/6 is the last of five working days after Saturday 14/6; one is needed for the letter
        ("too_short", "deadlines.provincial_submission.date", [("date = 2025-06-20", "date = 2025-06-17")]),
        ("council_notice", "council.dossier_notice_working_days", [("dossier_notice_working_days = 1", "dossier_notice_working_days = 20")]),
        ("band", "forwarding.to_province_from", []),
        ("law", "plan.procedure", []),
    ],
)  # fmt: skip
def test_a_check_stays_silent_at_its_bound(check: str, key: str, changes: list[tuple[str, str]]) -> None:
    assert key not in named(check, *changes)


def test_a_rolled_deadline_is_told_as_a_note() -> None:
    (first, second) = [f for f in found(('roll = "none"', 'roll = "next_working_day"')) if f.check == "day_off"]
    assert (first.severity, second.severity) == (Severity.NOTE, Severity.WARNING)
    assert "dời thành ngày 16/6/2025" in first.problem


def test_an_evaluation_that_no_deadline_covers_is_a_warning() -> None:
    start, end = TOML.index('[[deadlines]]\nstage = "provincial_submission"'), TOML.index("[targets]")
    plan = read_plan(TOML[:start] + TOML[end:])
    warned = [f for f in lint(plan, CALENDAR) if f.check == "uncovered" and f.severity is Severity.WARNING]
    assert ["'Tỉnh đánh giá' (tỉnh)" in f.problem for f in warned] == [True]


def test_reminders_before_the_cycle_opens_are_a_warning() -> None:
    (warned,) = [
        f for f in found(("[14, 7, 3, 1]", "[60, 1]")) if f.severity is Severity.WARNING and "Huyện" in f.problem
        and f.check == "reminder"
    ]  # fmt: skip
    assert "chưa mở (8/4/2025)" in warned.problem


def form(name: str, round_key: str = "") -> list[Finding]:
    """Return the findings in one of the forms."""
    return lint(read_plan(FORMS / f"{name}.toml", round_key=round_key), CALENDAR)


def test_a_coarse_date_is_told_with_the_day_that_it_comes_to() -> None:
    told = [f.problem for f in form("coarse_dates") if f.check == "coarse"]
    assert len(told) == 4
    assert "'giữa tháng 11'" in told[1]
    assert "hiểu là ngày 14/11/2025" in told[1]


def test_late_dossiers_need_a_round_to_go_to() -> None:
    assert [f.check for f in form("several_rounds", "dot_1") if f.check == "no_way_out"] == []
    (note,) = [f for f in form("several_rounds", "dot_2") if f.check == "no_way_out"]
    assert (note.severity, note.key) == (Severity.NOTE, "registration.after_deadline")


def test_a_stage_that_nothing_carries_over_has_no_way_out() -> None:
    (warned, _) = [f for f in found(("[targets]", RECOGNITION)) if f.check == "no_way_out"]
    assert (warned.severity, warned.key) == (Severity.WARNING, "deadlines.provincial_recognition.after_deadline")


def test_a_plan_that_says_when_the_law_changes_is_not_warned_of_it() -> None:
    assert [f for f in form("rule_set_changes") if f.check == "law"] == []


def test_a_plan_without_a_centre_is_not_asked_for_the_centres_date() -> None:
    assert "central_evaluation" not in [f.section for f in form("no_centre") if f.check == "uncovered"]


def test_a_round_that_ends_after_the_laws_is_a_warning_and_one_that_takes_too_little_a_note() -> None:
    assert [f for f in form("rounds_of_the_law", "dot_1") if f.check == "round"] == []
    (late,) = [f for f in form("rounds_of_the_law", "dot_2") if f.check == "round"]
    assert (late.severity, late.key) == (Severity.WARNING, "deadlines.provincial_evaluation.date")
    assert "phải đánh giá trước ngày 30/12/2027, nhưng kế hoạch cho đến hết ngày 14/1/2028" in late.problem
    toml = (
        (FORMS / "rounds_of_the_law.toml").read_text(encoding="utf-8").replace("date = 2027-04-30", "date = 2027-04-15")
    )
    (short,) = [f for f in lint(read_plan(toml, round_key="dot_1"), CALENDAR) if f.check == "round"]
    assert (short.severity, short.key) == (Severity.NOTE, "deadlines.provincial_submission.date")
    assert "đến trước ngày 30/4/2027, kế hoạch chỉ nhận đến hết ngày 14/4/2027" in short.problem


def test_the_communes_fifteen_working_days_have_to_fit_before_its_proposals_end() -> None:
    toml = (FORMS / "rounds_of_the_law.toml").read_text(encoding="utf-8").replace("2027-01-11", "2027-04-09")
    (short,) = [f for f in lint(read_plan(toml, round_key="dot_1"), CALENDAR) if f.check == "too_short"]
    assert short.key == "deadlines.provincial_submission.date"
    assert "'Xã đánh giá' 15 ngày" in short.problem


def test_a_window_leaves_only_the_days_from_its_opening() -> None:
    opened = ("date = 2025-06-15", "opens_on = 2025-06-09\ndate = 2025-06-15")
    short = [f for f in found(opened) if f.check == "too_short"]
    assert "từ ngày bắt đầu của bước 'Huyện đánh giá' (8/6/2025)" in short[0].problem
    assert "có 5 ngày làm việc, cần 10" in short[0].problem


def test_levels_without_units_and_units_without_an_officer_leave_stages_without_an_owner(plan: CyclePlan) -> None:
    owners = {Level.COMMUNE: Owners(3), Level.PROVINCE: Owners(1), Level.CENTRAL: Owners(1)}
    (missing,) = [f for f in lint(plan, CALENDAR, owners) if f.check == "unowned"]
    assert "không có đơn vị cấp huyện nào vào ngày 8/4/2025" in missing.problem
    vacant = Owners(9, tuple(f"Huyện {number}" for number in range(1, 8)))
    (warned,) = [f for f in lint(plan, CALENDAR, {**owners, Level.DISTRICT: vacant}) if f.check == "unowned"]
    assert warned.problem.startswith("7/9 đơn vị cấp huyện chưa có cán bộ phụ trách: Huyện 1, ")
    assert warned.problem.endswith("Huyện 5 và 2 đơn vị khác")
    assert [f for f in lint(plan, CALENDAR, {**owners, Level.DISTRICT: Owners(9)}) if f.check == "unowned"] == []


def test_a_year_without_holidays_is_warned_of() -> None:
    assert found(calendar=Calendar())[0].check == "unknown_year"


@pytest.mark.parametrize(
    ("stage", "proposals_end", "ends"),
    [
        ("provincial_evaluation", date(2027, 4, 30), date(2027, 6, 30)),
        ("provincial_evaluation", date(2027, 5, 1), date(2027, 12, 30)),
        ("provincial_evaluation", date(2027, 10, 31), date(2028, 6, 30)),
        ("central_evaluation", date(2027, 1, 30), date(2027, 3, 30)),
        ("central_evaluation", date(2027, 1, 31), date(2027, 9, 30)),
        ("central_evaluation", date(2027, 7, 30), date(2027, 9, 30)),
        ("central_evaluation", date(2027, 7, 31), date(2028, 3, 30)),
    ],
)
def test_proposals_belong_to_the_first_round_of_the_law_that_takes_them(
    stage: str, proposals_end: date, ends: date
) -> None:
    found = law_round("qd26", stage, proposals_end)
    assert found is not None
    assert found[1] == ends


def test_the_older_decisions_set_no_rounds_and_follow_each_other_without_a_gap() -> None:
    assert law_round("qd148", "provincial_evaluation", date(2025, 6, 20)) is None
    for law, first, last in (
        ("qd148", date(2023, 2, 24), date(2025, 7, 5)),
        ("qd1489", date(2025, 7, 6), date(2026, 7, 21)),
        ("qd26", date(2026, 5, 22), None),
    ):
        days = IN_FORCE[law]
        assert (first in days, first - timedelta(days=1) in days) == (True, False), law
        assert last is None or (last in days, last + timedelta(days=1) in days) == (True, False), law


SHIPPED = sorted((Path(__file__).parents[2] / "deployments" / "plans").glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_each_round_of_each_shipped_plan_is_linted_and_each_finding_says_where_what_and_what_to_do(path: Path) -> None:
    for key in rounds_in(path) or [""]:
        plan = read_plan(path, round_key=key)
        places = {name for name, _ in plan.sections()} | {"deadlines"}
        for finding in lint(plan, CALENDAR):
            assert finding.key.partition(".")[0] in places
            assert finding.section
            assert finding.problem
            assert finding.proposal
