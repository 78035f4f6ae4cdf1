"""The plan file: the shipped plan loads, and a broken one is refused with line, key and remedy."""

import unicodedata
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest

from casework.calendar_seed import calendar_rows
from ocop.deadlines import Boundary, Roll
from ocop.evidence import EVIDENCE_LABELS, EvidenceKind, ExpiredEvidence
from ocop.levels import LADDER, Level
from ocop.plan import CyclePlan, Fault, PlanFaults, dump, load
from ocop.plan_file import PlanErrors, _told, read_plan
from ocop.plan_sections import SOFTWARE, AfterDeadline, ReturnBasis
from ocop.plan_settings import settings
from ocop.procedure import MetBy
from ocop.toml_lines import line_numbers
from ocop.working_days import Calendar

SHIPPED = Path(__file__).parents[2] / "deployments" / "plans" / "nam_dinh_2025.toml"
TOML = SHIPPED.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def plan() -> CyclePlan:
    return read_plan(SHIPPED)


def test_the_shipped_plan_is_the_plan_of_2025(plan: CyclePlan) -> None:
    document = plan.document
    assert (document.number, document.issued_on, document.province) == ("61/KH-UBND", date(2025, 4, 8), "36")
    assert (document.year, document.procedure, document.simulated) == (2025, "qd148", False)
    assert [(row.stage, row.day, row.met_by) for row in plan.deadlines] == [
        ("district_evaluation", date(2025, 6, 15), MetBy.SESSION_HELD),
        ("provincial_submission", date(2025, 6, 20), MetBy.LETTER_SENT),
        ("provincial_evaluation", date(2025, 7, 20), MetBy.SESSION_HELD),
    ]
    assert {(row.boundary, row.roll, row.after_deadline) for row in plan.deadlines} == {
        (Boundary.EXCLUSIVE, Roll.NONE, AfterDeadline.REFUSE)
    }
    assert (plan.targets.new_three_stars, plan.targets.five_stars_evaluated) == (40, 1)
    assert (plan.forwarding.to_province_from, plan.forwarding.to_centre_from) == (Decimal(70), Decimal(90))
    assert plan.registration.files_with is Level.COMMUNE


def test_the_shipped_plan_states_each_default_of_the_domain(plan: CyclePlan) -> None:
    assert plan.returned_to_district.working_days == 15
    assert plan.returned_to_district.basis is ReturnBasis.PROVINCE_RESULT
    assert (plan.supplement.working_days, plan.supplement.at_most) == (10, 3)
    assert plan.complaint.answer_working_days == 15
    assert plan.council.spread == Decimal(10)
    assert plan.council.chair_must_attend
    assert plan.council.dossier_notice_working_days == 1
    assert plan.reminders.working_days_before == (14, 7, 3, 1)
    assert plan.escalation.working_days_after == (0, 2, 4, 6, 8)
    assert len(plan.escalation.working_days_after) == len(LADDER)
    assert plan.notices.hour == time(7, 30)
    assert plan.certificate.months == 36
    assert (plan.expiry.days_before, plan.expiry.monthly_list_day) == ((180, 120, 30, 0), 1)
    assert set(plan.evidence.expired) == set(EvidenceKind) == set(EVIDENCE_LABELS)
    assert len(EvidenceKind) == 15


def test_the_deadlines_strike_at_the_first_instant_of_the_days_they_name(plan: CyclePlan) -> None:
    calendar = Calendar(calendar_rows(2025, 2025))
    assert [row.fixed.strikes_at(calendar).isoformat() for row in plan.deadlines] == [
        "2025-06-15T00:00:00+07:00",
        "2025-06-20T00:00:00+07:00",
        "2025-07-20T00:00:00+07:00",
    ]


def test_a_deadline_is_found_by_its_stage(plan: CyclePlan) -> None:
    found = plan.deadline("provincial_submission")
    assert found is not None
    assert found.day == date(2025, 6, 20)
    assert plan.deadline("commune_review") is None


@pytest.mark.parametrize(("members", "needed"), [(1, 1), (4, 3), (5, 4), (7, 6), (8, 6), (9, 7), (12, 9)])
def test_a_quorum_of_three_quarters_is_rounded_up(plan: CyclePlan, members: int, needed: int) -> None:
    assert plan.council.quorum(members) == needed


def test_every_setting_has_a_label_a_value_and_a_source(plan: CyclePlan) -> None:
    shown = settings(plan)
    assert all(setting.group and setting.label and setting.value_text and setting.source for setting in shown)
    assert len({setting.key for setting in shown}) == len(shown)
    assert len({(setting.group, setting.label) for setting in shown}) == len(shown)
    by_key = {setting.key: setting for setting in shown}
    assert by_key["forwarding.to_province_from"].value_text == "70 điểm"
    assert by_key["deadlines.district_evaluation.date"].value_text == "15/6/2025"
    assert "61/KH-UBND" in by_key["deadlines.district_evaluation.date"].source
    assert by_key["reminders.working_days_before"].value_text == "14, 7, 3, 1 ngày làm việc"
    assert by_key["notices.hour"].value_text == "7 giờ 30"
    assert by_key["plan.procedure"].value_text == plan.procedure.name


@pytest.mark.parametrize("rule", ["boundary", "roll", "met_by", "after_deadline"])
def test_a_default_of_ours_is_not_said_to_come_from_the_plan(plan: CyclePlan, rule: str) -> None:
    for row in plan.deadlines:
        source = plan.source_of(f"deadlines.{row.stage}.{rule}")
        assert source is not None
        assert source.startswith(SOFTWARE)


def test_a_stored_plan_is_the_same_plan_and_the_same_text(plan: CyclePlan) -> None:
    assert load(dump(plan)) == plan
    assert dump(load(dump(plan))) == dump(plan)


def test_a_stored_plan_writes_the_defaults_out() -> None:
    plan = read_plan(SMALLEST)
    assert '"days_before":[180,120,30,0]' in dump(plan)
    assert load(dump(plan)) == plan


SMALLEST = """
[plan]
key = "nho"
title = "Kế hoạch nhỏ nhất"
number = "1/KH-UBND"
issued_on = 2025-04-08
issuer = "UBND"
province = "36"
procedure = "qd148"
year = 2025
opens_on = 2025-04-08

[[deadlines]]
stage = "district_evaluation"
date = 2025-06-15
wording = "trước ngày 15/6/2025"
met_by = "session_held"
section = "mục 1"

[evidence.expired]
story = "warn"

[sources]
plan = "Kế hoạch 1"
"deadlines.met_by" = "mục 1"
"evidence.expired.story" = "mục 2"
"""


def test_what_a_plan_leaves_out_has_the_softwares_value_and_says_so() -> None:
    plan = read_plan(SMALLEST)
    assert plan.supplement.at_most == 3
    assert plan.source_of("supplement.at_most") == SOFTWARE
    assert plan.source_of("deadlines.district_evaluation.roll") == SOFTWARE
    assert plan.source_of("deadlines.district_evaluation.met_by") == "mục 1"
    assert plan.evidence.expired[EvidenceKind.STORY] is ExpiredEvidence.WARN
    assert plan.evidence.expired[EvidenceKind.AWARDS] is ExpiredEvidence.HOLD
    assert "công nhận" not in (plan.source_of("certificate.months") or "")
    assert "148" in (plan.source_of("certificate.months") or "")


def test_a_stored_plan_can_be_read_by_a_person_and_has_one_order() -> None:
    stored = dump(read_plan(SMALLEST))
    assert '"title":"Kế hoạch nhỏ nhất"' in stored
    assert [stored.index(f'"{key}":') for key in ("certificate", "council", "deadlines")] == sorted(
        stored.index(f'"{key}":') for key in ("certificate", "council", "deadlines")
    )
    assert stored.index('"boundary":') < stored.index('"date":') < stored.index('"wording":')


def test_a_source_is_found_at_the_key_itself_then_at_what_lies_above_it() -> None:
    plan = read_plan(SMALLEST.replace('"deadlines.met_by" = "mục 1"', 'deadlines = "phụ lục"\n"plan.year" = "tiêu đề"'))
    assert plan.source_of("deadlines.district_evaluation.met_by") == "phụ lục"
    assert plan.source_of("deadlines.district_evaluation.date") == "mục 1"
    assert plan.source_of("plan.year") == "tiêu đề"
    assert plan.source_of("plan.title") == "Kế hoạch 1"
    assert plan.source_of("deadlines.central_evaluation.date") == "phụ lục"  # a stage without a date of its own
    assert plan.source_of("prizes.first") is None


def test_a_rule_that_a_deadline_states_needs_a_source_that_the_file_states() -> None:
    stated = SMALLEST.replace('met_by = "session_held"', 'met_by = "session_held"\nroll = "next_working_day"')
    ((_, key, told),) = problems_of(stated)
    assert (key, "không ghi nguồn" in told) == ("deadlines[1].roll", True)


@pytest.mark.parametrize("opens_on", ["2024-12-01", "2025-04-08", "2026-01-15"])
def test_a_cycle_may_open_in_the_year_before_its_own_or_after(opens_on: str) -> None:
    early = SMALLEST.replace("opens_on = 2025-04-08", f"opens_on = {opens_on}").replace("2025-06-15", "2027-06-15")
    assert read_plan(early).document.opens_on.isoformat() == opens_on


@pytest.mark.parametrize(
    ("setting", "least", "greatest"),
    [
        ("targets.new_three_stars", 0, None),
        ("targets.five_stars_evaluated", 0, None),
        ("forwarding.to_province_from", 0, None),
        ("forwarding.to_centre_from", None, 100),
        ("returned_to_district.working_days", 1, 250),
        ("supplement.working_days", 1, 250),
        ("supplement.at_most", 1, 20),
        ("complaint.answer_working_days", 1, 250),
        ("council.quorum_numerator", 1, None),
        ("council.quorum_denominator", None, 100),
        ("council.spread", 0, 100),
        ("council.dossier_notice_working_days", 0, 60),
        ("notices.retry_for_days", 1, 60),
        ("certificate.months", 1, 120),
        ("expiry.monthly_list_day", 1, 28),
    ],
)
def test_a_number_is_taken_from_its_least_to_its_greatest(
    setting: str, least: int | None, greatest: int | None
) -> None:
    section, _, key = setting.partition(".")

    def plan_with(value: int) -> str:
        head, sources = SMALLEST.split("[sources]")
        return f'{head}[{section}]\n{key} = {value}\n\n[sources]\n"{setting}" = "mục 3"{sources}'

    for bound, beyond in ((least, -1), (greatest, 1)):
        if bound is not None:
            assert getattr(getattr(read_plan(plan_with(bound)), section), key) == bound
            assert setting in [named for _, named, _ in problems_of(plan_with(bound + beyond))]


@pytest.mark.parametrize(
    ("old", "new", "taken"),
    [
        ("year = 2025\nopens_on = 2025-04-08", "year = 2018\nopens_on = 2018-04-08", True),
        ("year = 2025\nopens_on = 2025-04-08", "year = 2017\nopens_on = 2017-04-08", False),  # OCOP began in 2018
        ('key = "nho"', 'key = "nho_2"', True),
        ('key = "nho"', 'key = "Nho"', False),
        ('key = "nho"', 'key = "2nho"', False),
        ('province = "36"', 'province = "361"', False),
        ('title = "Kế hoạch nhỏ nhất"', 'title = ""', False),
        ('issuer = "UBND"', 'issuer = ""', False),
        ('wording = "trước ngày 15/6/2025"', 'wording = ""', False),
        ('section = "mục 1"', 'section = ""', False),
    ],
)
def test_a_document_names_itself_in_full(old: str, new: str, taken: bool) -> None:
    assert old in SMALLEST
    changed = SMALLEST.replace(old, new)
    if taken:
        read_plan(changed)
    else:
        assert len(problems_of(changed)) == 1


def test_lists_of_days_have_a_length_that_a_person_can_mean() -> None:
    head, sources = SMALLEST.split("[sources]")
    for section, key, first in (("reminders", "working_days_before", 1), ("expiry", "days_before", 0)):
        for length, taken in ((0, True), (20, True), (21, False)):
            days = sorted(range(first, first + length), reverse=True)
            toml = f'{head}[{section}]\n{key} = {days}\n\n[sources]\n{section} = "mục 3"{sources}'
            if taken:
                assert getattr(getattr(read_plan(toml), section), key) == tuple(days)
            else:
                assert [named for _, named, _ in problems_of(toml)] == [f"{section}.{key}"]


def test_points_of_a_plan_have_at_most_six_digits() -> None:
    head, sources = SMALLEST.split("[sources]")
    for setting in ("forwarding.to_province_from", "forwarding.to_centre_from", "council.spread"):
        section, _, key = setting.partition(".")
        for value, taken in (("71.1235", True), ("71.12345", False)):
            toml = f'{head}[{section}]\n{key} = {value}\n\n[sources]\n{section} = "mục 3"{sources}'
            if taken:
                assert getattr(getattr(read_plan(toml), section), key) == Decimal(value)
            else:
                assert setting in [named for _, named, _ in problems_of(toml)]


def test_the_faults_of_a_plan_are_told_to_a_programmer_with_their_places() -> None:
    faults = PlanFaults([Fault(("deadlines", 1, "date"), "sai", "sửa"), Fault(("plan", "year"), "xa", "sửa")])
    assert str(faults) == "deadlines[2].date: sai; plan.year: xa"


def problems_of(toml: str) -> list[tuple[int, str, str]]:
    """Return line, key and sentence of each problem of a plan."""
    with pytest.raises(PlanErrors) as refused:
        read_plan(toml)
    return [(problem.line, problem.key, str(problem)) for problem in refused.value.problems]


# fmt: off
BROKEN = [
    # what is wrong           replace                                  by                                        at the line with              key                                  problem                             remedy
    ("unknown key",           "at_most = 3",                           "at_mots = 3",                            "at_mots",                    "supplement.at_mots",                "không có thiết lập này",           "có phải «at_most»?"),
    ("unknown far key",       "at_most = 3",                           "zzz = 3",                                "zzz",                        "supplement.zzz",                    "không có thiết lập này",           "working_days, at_most"),
    ("unknown section",       "[reminders]",                           "[remindrs]",                             "[remindrs]",                 "remindrs",                          "không có thiết lập này",           "có phải «reminders»?"),
    ("unknown deadline key",  'wording = "trước ngày 20/7/2025"',      'word = "trước ngày 20/7/2025"',          "word =",                     "deadlines[3].word",                 "không có thiết lập này",           "có phải «wording»?"),
    ("text for a number",     "working_days = 10",                     'working_days = "10"',                    'working_days = "10"',        "supplement.working_days",           "phải là một số nguyên",            "không có dấu ngoặc kép"),
    ("true for a number",     "at_most = 3",                           "at_most = true",                         "at_most",                    "supplement.at_most",                "phải là một số nguyên",            "viết số"),
    ("a fraction of a day",   "working_days = 10",                     "working_days = 10.5",                    "working_days = 10.5",        "supplement.working_days",           "phải là một số nguyên",            "phần thập phân"),
    ("number for a yes",      "chair_must_attend = true",              "chair_must_attend = 1",                  "chair_must_attend",          "council.chair_must_attend",         "phải là đúng hoặc sai",            "true hoặc false"),
    ("number for text",       'province = "36"',                       "province = 36",                          "province = 36",              "plan.province",                     "phải là chữ",                      '"36"'),
    ("short province",        'province = "36"',                       'province = "6"',                         'province = "6"',             "plan.province",                     "viết không đúng dạng",             '"36"'),
    ("text for a date",       "issued_on = 2025-04-08",                'issued_on = "8/4/2025"',                 'issued_on = "8/4',           "plan.issued_on",                    "phải là một ngày",                 "năm-tháng-ngày"),
    ("date with a time",      "opens_on = 2025-04-08",                 "opens_on = 2025-04-08T07:00:00",         "opens_on",                   "plan.opens_on",                     "phải là một ngày",                 "năm-tháng-ngày"),
    ("a wrong hour",          'hour = "07:30"',                        'hour = "7 giờ 30"',                      "hour =",                     "notices.hour",                      "phải là một giờ",                  '"07:30"'),
    ("text for points",       "spread = 10",                           'spread = "mười"',                        "spread",                     "council.spread",                    "phải là một số điểm",              "70 hoặc 7.5"),
    ("points that are none",  "spread = 10",                           "spread = nan",                           "spread",                     "council.spread",                    "phải là một số điểm",              "70 hoặc 7.5"),
    ("yes for points",        "spread = 10",                           "spread = true",                          "spread",                     "council.spread",                    "phải là một số điểm",              "70 hoặc 7.5"),
    ("points over 100",       "to_centre_from = 90",                   "to_centre_from = 900",                   "to_centre_from",             "forwarding.to_centre_from",         "phải không lớn hơn 100",           "ghi một số không lớn hơn 100"),
    ("negative target",       "new_three_stars = 40",                  "new_three_stars = -1",                   "new_three_stars",            "targets.new_three_stars",           "phải không nhỏ hơn 0",             "ghi một số không nhỏ hơn 0"),
    ("month without the day", "monthly_list_day = 1",                  "monthly_list_day = 31",                  "monthly_list_day",           "expiry.monthly_list_day",           "phải không lớn hơn 28",            "không lớn hơn 28"),
    ("unknown choice",        'basis = "province_result"',             'basis = "provincial_result"',            "basis",                      "returned_to_district.basis",        "không nhận giá trị",               "có phải «province_result»?"),
    ("unknown evidence",      'test_report = "hold"',                  'test_reports = "hold"',                  "test_reports",               "evidence.expired.test_reports",     "không nhận giá trị",               "có phải «test_report»?"),
    ("unknown evidence rule", 'story = "hold"',                        'story = "held"',                         'story = "held"',             "evidence.expired.story",            "không nhận giá trị 'held'",        "có phải «hold»?"),
    ("number for a list",     "days_before = [180, 120, 30, 0]",       "days_before = 180",                      "days_before = 180",          "expiry.days_before",                "phải là một danh sách",            "ngoặc vuông"),
    ("text in a list",        "[14, 7, 3, 1]",                         '[14, "7", 3, 1]',                        "working_days_before",        "reminders.working_days_before[2]",  "phải là một số nguyên",            "viết số"),
    ("empty ladder",          "working_days_after = [0, 2, 4, 6, 8]",  "working_days_after = []",                "working_days_after",         "escalation.working_days_after",     "không được để trống",              "ít nhất một mục"),
    ("empty title",           'number = "61/KH-UBND"',                 'number = ""',                            "number",                     "plan.number",                       "không được để trống",              '"61/KH-UBND"'),
    ("missing value",         "issued_on = 2025-04-08\n",              "",                                       "[plan]",                     "plan.issued_on",                    "thiếu 'Ngày ban hành'",            "thêm dòng issued_on = 2025-04-08 vào [plan]"),
    ("missing act",           'met_by = "letter_sent"\n',              "",                                       "[[deadlines]]#2",            "deadlines[2].met_by",               "thiếu 'Việc được tính là đúng hạn'", 'met_by = "session_held"'),
    ("missing section",       "section = \"Kế hoạch 61/KH-UBND, nội dung: đánh giá, phân hạng sản phẩm ở cấp tỉnh\"\n", "", "[[deadlines]]#3", "deadlines[3].section", "thiếu 'Phần của kế hoạch'",        "thêm dòng section"),
    ("unknown stage",         'stage = "provincial_evaluation"',       'stage = "province_evaluation"',          'stage = "province_',         "deadlines[3].stage",                "không có giai đoạn",               "có phải «provincial_evaluation»?"),
    ("final stage",           'stage = "provincial_evaluation"',       'stage = "recognised"',                   'stage = "recognised',        "deadlines[3].stage",                "không nhận mốc ngày",              "mốc ngày dùng cho"),
    ("stage with own period", 'stage = "provincial_evaluation"',       'stage = "returned_to_district"',         'stage = "returned_to',       "deadlines[3].stage",                "không nhận mốc ngày",              "bỏ mục này"),
    ("stage of a supplement", 'stage = "provincial_evaluation"',       'stage = "provincial_supplement"',        'stage = "provincial_supp',   "deadlines[3].stage",                "không nhận mốc ngày",              "bỏ mục này"),
    ("act of a supplement",   'met_by = "letter_sent"',                'met_by = "supplemented"',                'met_by = "supplemented"',    "deadlines[2].met_by",               "không được hoàn thành bằng ngày nộp bổ sung", '"letter_sent"'),
    ("two years off",         "year = 2025",                           "year = 2027",                            "opens_on",                   "plan.opens_on",                     "cách xa năm 2027",                 "sửa opens_on hoặc year"),
    ("stage twice",           'stage = "provincial_evaluation"',       'stage = "district_evaluation"',          'stage = "district_evaluation"#2', "deadlines[3].stage",           "có hai thời hạn",                  "giữ một mục"),
    ("out of order",          "date = 2025-06-20",                     "date = 2025-06-10",                      "date = 2025-06-10",          "deadlines[2].date",                 "sớm hơn hạn 15/6/2025",            "không sớm hơn 15/6/2025"),
    ("before the opening",    "date = 2025-06-15",                     "date = 2025-04-01",                      "date = 2025-04-01",          "deadlines[1].date",                 "đã qua khi chu trình mở",          "opens_on"),
    ("on the opening day",    "date = 2025-06-15",                     "date = 2025-04-08",                      "date = 2025-04-08",          "deadlines[1].date",                 "đã qua khi chu trình mở",          "opens_on"),
    ("session without council", 'met_by = "letter_sent"',              'met_by = "session_held"',                'met_by = "session_held"#2',  "deadlines[2].met_by",               "không được hoàn thành bằng ngày họp", '"letter_sent"'),
    ("unknown procedure",     'procedure = "qd148"',                   'procedure = "qd26"',                     "procedure",                  "plan.procedure",                    "không có quy trình 'qd26'",        'một trong: "qd148"'),
    ("year far away",         "year = 2025",                           "year = 2052",                            "opens_on",                   "plan.opens_on",                     "cách xa năm 2052",                 "sửa opens_on hoặc year"),
    ("filed at the province", 'files_with = "commune"',                'files_with = "province"',                "files_with",                 "registration.files_with",           "không nhận hồ sơ ở cấp tỉnh",      "commune, district"),
    ("thresholds turned",     "to_centre_from = 90",                   "to_centre_from = 60",                    "to_centre_from",             "forwarding.to_centre_from",         "không cao hơn ngưỡng lên tỉnh 70", "lớn hơn to_province_from"),
    ("thresholds equal",      "to_province_from = 70",                 "to_province_from = 90",                  "to_centre_from",             "forwarding.to_centre_from",         "không cao hơn ngưỡng lên tỉnh 90", "lớn hơn to_province_from"),
    ("quorum over all",       "quorum_numerator = 3",                  "quorum_numerator = 5",                   "quorum_numerator",           "council.quorum_numerator",          "không thể đòi 5/4",                "3 và 4"),
    ("ladder too long",       "[0, 2, 4, 6, 8]",                       "[0, 2, 4, 6, 8, 10]",                    "working_days_after",         "escalation.working_days_after",     "có 6 bước",                        "bỏ bớt"),
    ("ladder not rising",     "[0, 2, 4, 6, 8]",                       "[0, 2, 2, 6, 8]",                        "working_days_after",         "escalation.working_days_after",     "phải tăng dần",                    "ghi [0, 2, 6, 8]"),
    ("reminders not falling", "[14, 7, 3, 1]",                         "[1, 3, 7, 14]",                          "working_days_before",        "reminders.working_days_before",     "phải giảm dần",                    "ghi [14, 7, 3, 1]"),
    ("reminder at zero",      "[14, 7, 3, 1]",                         "[14, 7, 3, 0]",                          "working_days_before",        "reminders.working_days_before",     "có số nhỏ hơn 1",                  "từ 1 trở lên"),
    ("warning after the end", "[180, 120, 30, 0]",                     "[180, 120, 30, -5]",                     "days_before = [180",         "expiry.days_before",                "có số nhỏ hơn 0",                  "từ 0 trở lên"),
    ("value without source",  'complaint = "mặc định của phần mềm"\n', "",                                       "answer_working_days",        "complaint.answer_working_days",     "không ghi nguồn",                  '"complaint" = "..."'),
    ("rule without source",   '"deadlines.met_by" = "mặc định của phần mềm"\n', "",                              'met_by = "session_held"',    "deadlines[1].met_by",               "không ghi nguồn",                  '"deadlines.met_by" = "..."'),
    ("source of nothing",     '"certificate.end" =',                   '"certificate.ends" =',                   "certificate.ends",           "sources.certificate.ends",          "không có thiết lập",               "có phải «certificate.end»?"),
    ("empty source",          'evidence = "mặc định của phần mềm"',    'evidence = " "',                         'evidence = " "',             "sources.evidence",                  "nguồn để trống",                   "ghi phần của kế hoạch"),
    ("source key unquoted",   '"deadlines.roll" =',                    "deadlines.roll =",                       "deadlines.roll",             "sources.deadlines",                 "nguồn phải là chữ",                "trong ngoặc kép"),
    ("no quotes",             'issuer = "Ủy ban nhân dân tỉnh Nam Định"', "issuer = Ủy ban",                     "issuer",                     "issuer",                            "giá trị không đọc được",           "dấu ngoặc kép"),
    ("quote not closed",      'number = "61/KH-UBND"',                 'number = "61/KH-UBND',                   "number",                     "number",                            "thiếu dấu ngoặc kép đóng",         "đóng chuỗi"),
    ("no equals sign",        "year = 2025",                           "year 2025",                              "year 2025",                  "",                                  "thiếu dấu '='",                    "khóa = giá trị"),
    ("day outside the month", "opens_on = 2025-04-08",                 "opens_on = 2025-04-31",                  "opens_on",                   "opens_on",                          "không có trong lịch",              "năm-tháng-ngày"),
    ("key twice",             "at_most = 3",                           "at_most = 3\nat_most = 4",               "at_most = 4",                "at_most",                           "khóa đã có ở trên",                "một dòng cho mỗi khóa"),
    ("table twice",           "[complaint]",                           "[supplement]",                           "[supplement]#2",             "",                                  "bảng đã được mở",                  "gộp hai bảng"),
    ("bracket not closed",    "[council]",                             "[council",                               "[council",                   "",                                  "thiếu dấu ']'",                    "[tên_bảng]"),
    ("list not closed",       "[14, 7, 3, 1]",                         "[14, 7, 3, 1",                           "working_days_before",        "working_days_before",               "danh sách thiếu dấu ']'",          "đóng danh sách"),
    ("stray sign",            "year = 2025",                           "= 2025",                                 "= 2025#1",                   "",                                  "không phải là khóa = giá trị",     "đặt #"),
    ("long text not closed",  'issuer = "Ủy ban',                      'issuer = """Ủy ban',                     "issuer",                     "issuer",                            "thiếu dấu ngoặc kép đóng",         "đóng chuỗi"),
    ("apostrophe not closed", 'number = "61/KH-UBND"',                 "number = '61/KH-UBND",                   "number",                     "number",                            "thiếu dấu ngoặc đơn đóng",         "đóng chuỗi"),
    ("a number without end",  "spread = 10",                           "spread = 1e99999999999999999999",        "spread",                     "council.spread",                    "phải là một số điểm",              "70 hoặc 7.5"),
    ("remark without a sign", "# Mỗi số là",                           "Mỗi số là",                              "Mỗi số là",                  "",                                  "thiếu dấu '='",                    "bắt đầu bằng #"),
]
# fmt: on


@pytest.mark.parametrize(
    ("old", "new", "marker", "key", "problem", "remedy"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_a_broken_plan_is_refused_with_line_key_and_remedy(
    old: str, new: str, marker: str, key: str, problem: str, remedy: str
) -> None:
    assert old in TOML
    toml = TOML.replace(old, new, 1)
    text, _, nth = marker.partition("#")
    line = [number for number, written in enumerate(toml.splitlines(), 1) if written.lstrip('" ').startswith(text)][
        int(nth or 1) - 1
    ]
    found = problems_of(toml)
    assert (line, key) in [(at, named) for at, named, _ in found], found
    sentence = next(told for at, named, told in found if (at, named) == (line, key))
    assert problem in sentence
    assert remedy in sentence
    assert sentence.startswith(f"dòng {line}")
    assert "Cách sửa: " in sentence


@pytest.mark.parametrize(
    ("old", "new", "facts"),
    [
        ("year = 2025", "year = 2052", ("8/4/2025", "2052")),
        (
            'stage = "provincial_evaluation"',
            'stage = "zzzzzz"',
            ("qd148", "'zzzzzz'", "registered, filed_at_district, "),
        ),
        (
            'stage = "provincial_evaluation"',
            'stage = "recognised"',
            ("'recognised' không nhận", "district_evaluation, "),
        ),
        ('stage = "provincial_evaluation"', 'stage = "district_evaluation"', ("'district_evaluation' có hai",)),
        ('met_by = "letter_sent"', 'met_by = "session_held"', ("'provincial_submission' không được",)),
        ('files_with = "commune"', 'files_with = "province"', ("qd148",)),
        ("date = 2025-06-15", "date = 2025-04-01", ("hạn 1/4/2025", "mở ngày 8/4/2025")),
        (
            "date = 2025-06-20",
            "date = 2025-06-10",
            ("hạn 10/6/2025 của 'provincial_submission'", "hạn 15/6/2025 của 'district_evaluation'"),
        ),
        ('met_by = "letter_sent"\n', "", ("vào [deadlines[2]]",)),
        ("working_days = 10", 'working_days = "10"', ("ví dụ 3",)),
        (
            'basis = "province_result"',
            'basis = "zzz"',
            ("Cách sửa: Các giá trị: district_result, province_result, new_session.",),
        ),
        ("to_centre_from = 90", "to_centre_from = 60.5", ("trung ương 60,5", "lên tỉnh 70")),
        ("[0, 2, 4, 6, 8]", "[0, 2, 4, 6, 8, 10]", ("chỉ có 5 bậc", "cán bộ phụ trách, ")),
        ("[0, 2, 4, 6, 8]", "[-1, 2, 4, 6, 8]", ("có số nhỏ hơn 0", "từ 0 trở lên")),
        ("[180, 120, 30, 0]", "[180, 120, 30, -1]", ("có số nhỏ hơn 0",)),
        ('complaint = "mặc', 'complain = "mặc', ("có phải «complaint»?",)),
        ('evidence = "mặc định của phần mềm"', 'evidence = " "', ("hoặc 'mặc định của phần mềm'",)),
        ('"certificate.end" =', '"zzzzzz" =', ("'zzzzzz'", "bỏ dòng này")),
        (
            'complaint = "mặc định của phần mềm"\n',
            "",
            ('"complaint.answer_working_days" = "..."', '"complaint" = "..."'),
        ),
    ],
)
def test_a_problem_quotes_the_values_it_is_about(old: str, new: str, facts: tuple[str, ...]) -> None:
    assert old in TOML
    told = "\n".join(sentence for _, _, sentence in problems_of(TOML.replace(old, new, 1)))
    assert [fact for fact in facts if fact not in told] == [], told


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("date = 2025-06-15", "date = 2025-04-09"),  # before 9/4: the opening day itself is the last one in time
        ("date = 2025-06-20", "date = 2025-06-15"),  # two stages may end on one day
        ("quorum_numerator = 3", "quorum_numerator = 4"),  # all of them
        ('number = "61/KH-UBND"', "number = '61/KH-UBND'"),
    ],
)
def test_what_lies_just_inside_a_bound_is_taken(old: str, new: str) -> None:
    assert old in TOML
    read_plan(TOML.replace(old, new, 1))


def test_a_stage_that_stands_twice_is_no_stage_out_of_order() -> None:
    again = 'stage = "district_evaluation"\ndate = 2025-06-01'
    ((_, key, told),) = problems_of(
        SMALLEST.replace(
            "[evidence", f'[[deadlines]]\n{again}\nwording = "w"\nmet_by = "decision_signed"\nsection = "s"\n[evidence'
        )
    )
    assert key == "deadlines[2].stage"
    assert "có hai thời hạn" in told


def test_deadlines_may_stand_in_any_order_in_the_file() -> None:
    later = (
        'stage = "provincial_evaluation"\ndate = 2025-07-20\nwording = "w"\nmet_by = "session_held"\nsection = "s"\n'
    )
    plan = read_plan(SMALLEST.replace("[[deadlines]]", f"[[deadlines]]\n{later}\n[[deadlines]]"))
    assert [row.stage for row in plan.deadlines] == ["provincial_evaluation", "district_evaluation"]


def test_a_problem_is_told_with_its_line_its_key_and_its_remedy() -> None:
    (found,) = [told for _, _, told in problems_of(TOML.replace("spread = 10", "spread = true"))]
    assert found.partition(", ")[2] == (
        "khóa 'council.spread': phải là một số điểm. Cách sửa: viết số với dấu chấm thập phân, ví dụ 70 hoặc 7.5."
    )


def test_a_broken_value_under_a_dotted_key_is_named_by_it() -> None:
    assert [(line, key) for line, key, _ in problems_of("\nplan.year = ?\n")] == [(2, "plan.year")]


def test_a_finding_that_nobody_foresaw_is_passed_on_in_the_readers_words() -> None:
    def told(*key: str) -> tuple[str, str]:
        return _told({"type": "odd", "loc": key, "msg": "is odd", "input": 1}, key)

    assert told("plan", "issued_on") == ("giá trị không dùng được (is odd)", "viết như 2025-04-08")
    assert told("council", "spread") == ("giá trị không dùng được (is odd)", "xem tệp kế hoạch mẫu")


def test_points_are_read_exactly() -> None:
    assert read_plan(TOML.replace("spread = 10", "spread = 7.5")).council.spread == Decimal("7.5")
    nearly = TOML.replace("to_province_from = 70", "to_province_from = 70.00000000000000001")
    assert [key for _, key, _ in problems_of(nearly)] == ["forwarding.to_province_from"]


def test_all_problems_are_named_at_once_in_the_order_of_the_file() -> None:
    toml = TOML.replace("at_most = 3", "at_mots = 3").replace("spread = 10", 'spread = "x"').replace('"36"', "36")
    found = problems_of(toml)
    assert [key for _, key, _ in found] == ["plan.province", "supplement.at_mots", "council.spread"]
    assert [line for line, _, _ in found] == sorted(line for line, _, _ in found)


def test_a_plan_without_its_tables_says_which() -> None:
    assert problems_of("") == [
        (1, "deadlines", "dòng 1, khóa 'deadlines': thiếu 'Thời hạn'. Cách sửa: thêm bảng [[deadlines]]."),
        (1, "plan", "dòng 1, khóa 'plan': thiếu 'Kế hoạch'. Cách sửa: thêm bảng [plan]."),
    ]


@pytest.mark.parametrize("value", ["5", '"x"', "[1]", "true"])
def test_a_table_is_refused_whatever_else_stands_in_its_place(value: str) -> None:
    for table in ("council", "sources", "plan", "evidence"):
        (told,) = [told for _, key, told in problems_of(f"{table} = {value}\n") if key == table]
        assert "phải là một bảng" in told
    assert "deadlines" in {key for _, key, _ in problems_of(f"deadlines = {value}\n")} | {
        key.partition("[")[0] for _, key, _ in problems_of(f"deadlines = {value}\n")
    }
    assert "evidence.expired" in {key for _, key, _ in problems_of(f"[evidence]\nexpired = {value}\n")}


def test_a_plan_has_a_deadline_at_the_least() -> None:
    assert [key for _, key, _ in problems_of(f"deadlines = []\n{SMALLEST.replace('[[deadlines]]', '[zzz]')}")] == [
        "deadlines",
        "zzz",
    ]


def test_a_table_given_as_a_value_is_refused() -> None:
    (found,) = [told for _, key, told in problems_of('council = "không"\n') if key == "council"]
    assert "phải là một bảng" in found
    assert "[council]" in found


def test_the_refusal_is_one_sentence_with_a_line_for_each_problem() -> None:
    with pytest.raises(PlanErrors) as refused:
        read_plan(TOML.replace("at_most = 3", "at_mots = 3"))
    assert refused.value.vietnamese.startswith("Tệp kế hoạch có 1 chỗ sai")
    assert refused.value.vietnamese.count("\n") == 1
    assert "1 problem" in refused.value.english


def test_a_file_that_is_not_utf_8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes(b"[plan]\n# \xd0\xcf\x11\n")
    with pytest.raises(PlanErrors) as refused:
        read_plan(path)
    (problem,) = refused.value.problems
    assert str(problem) == "dòng 2: có ký tự không phải UTF-8. Cách sửa: lưu lại tệp với bảng mã UTF-8."


def test_a_file_from_a_windows_editor_reads_the_same(tmp_path: Path, plan: CyclePlan) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes(b"\xef\xbb\xbf" + TOML.replace("\n", "\r\n").encode())
    assert read_plan(path) == plan


def test_decomposed_vietnamese_reads_as_composed(plan: CyclePlan) -> None:
    assert read_plan(unicodedata.normalize("NFD", TOML)) == plan


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 5000])
def test_a_value_beyond_measure_is_refused_like_any_other(value: str) -> None:
    ((_, _, told),) = problems_of(f"plan = {value}\n")
    assert "cú pháp TOML không đúng" in told
    assert "digits" in told or "recursion" in told, "what the reader said is passed on"


def test_a_plan_cannot_be_changed_once_read(plan: CyclePlan) -> None:
    with pytest.raises(ValueError, match="frozen"):
        plan.targets.new_three_stars = 1


def test_lines_are_found_past_strings_and_lists_that_look_like_tables() -> None:
    toml = (
        "[a]\n"  # 1
        "text = '''\n[not.a.table]\nkey = 1\n'''\n"  # 2 to 5
        "list = [\n  1, # ]\n  2,\n]\n"  # 6 to 9
        'after = "]["\n'  # 10
        '[[rows]]\nx = 1\n[[rows]]\n"y.z" = { p = 1 }\n'  # 11 to 14
        "b.c = 2\n"  # 15
    )
    lines = line_numbers(toml)
    assert lines["a", "text"] == 2
    assert lines["a", "list"] == 6
    assert lines["a", "after"] == 10
    assert (lines["rows", 0], lines["rows", 0, "x"]) == (11, 12)
    assert (lines["rows", 1], lines["rows", 1, "y.z"]) == (13, 14)
    assert lines["rows", 1, "b", "c"] == 15
    assert ("not", "a", "table") not in lines
    assert ("a", "key") not in lines
