"""Each setting of a plan by itself: what it is when a plan is silent, whose word that is, its bounds and its example."""

import json
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ocop.levels import Level
from ocop.phrase import Phrase
from ocop.plan import SECTIONS, CyclePlan
from ocop.plan_file import _told, read_plan
from ocop.plan_sections import AfterRegistration, OutsideWindow, ReturnBasis, Section, setting
from ocop.validity import CertificateEnd
from tests.unit.plan_texts import SMALLEST, problems_of

PLANS = Path(__file__).parents[1] / "data" / "plans"
OURS = "mặc định của phần mềm"
COUNCILS = "mặc định của phần mềm, theo quy chế hội đồng mà nhiều tỉnh đã ban hành (báo chí)"
COARSE = "mặc định của phần mềm: ngày không cụ thể được hiểu là kể cả ngày đó"
BANDS = "Quyết định 148/QĐ-TTg, phân hạng sản phẩm theo điểm"
VALID = "Quyết định 148/QĐ-TTg, thời hạn của giấy chứng nhận"
WINDOW = "Quyết định 26/2026/QĐ-TTg, công nhận lại: nộp hồ sơ trước khi hết hạn 180 đến 120 ngày"

# fmt: off
NUMBERS: list[tuple[str, int, int, int | None, str]] = [
    # setting                                 silent  least  greatest  source
    ("targets.new_three_stars",                    0,     0,     None, OURS),
    ("targets.five_stars_evaluated",               0,     0,     None, OURS),
    ("forwarding.to_province_from",               70,     0,      100, BANDS),
    ("forwarding.to_centre_from",                 90,     0,      100, BANDS),
    ("returned_to_district.working_days",         15,     1,      250, OURS),
    ("returned_to_province.working_days",         15,     1,      250, OURS),
    ("re_recognition.earliest_days",             180,     1,     1000, WINDOW),
    ("re_recognition.latest_days",               120,     0,     1000, WINDOW),
    ("supplement.working_days",                   10,     1,      250, OURS),
    ("supplement.at_most",                         3,     1,       20, OURS),
    ("complaint.answer_working_days",             15,     1,      250, OURS),
    ("council.quorum_numerator",                   3,     1,      100, COUNCILS),
    ("council.quorum_denominator",                 4,     1,      100, COUNCILS),
    ("council.spread",                            10,     0,      100, COUNCILS),
    ("council.dossier_notice_working_days",        1,     0,       60, COUNCILS),
    ("notices.retry_for_days",                     3,     1,       60, OURS),
    ("dates.within_day",                          31,     1,       31, OURS),
    ("dates.early_day",                           10,     1,       31, OURS),
    ("dates.middle_day",                          15,     1,       31, OURS),
    ("dates.late_day",                            31,     1,       31, OURS),
    ("certificate.months",                        36,     1,      120, VALID),
    ("expiry.monthly_list_day",                    1,     1,       28, OURS),
]
OTHERS: list[tuple[str, Any, str]] = [
    # setting                                     silent                           source
    ("plan.simulated",                            False,                           OURS),
    ("forwarding.compulsory",                     False,                           OURS),
    ("registration.files_with",                   Level.COMMUNE,                   OURS),
    ("registration.after_deadline",               AfterRegistration.REFUSE,        OURS),
    ("returned_to_district.basis",                ReturnBasis.PROVINCE_RESULT,     OURS),
    ("re_recognition.outside",                    OutsideWindow.REFUSE,            OURS),
    ("council.chair_must_attend",                 True,                            COUNCILS),
    ("reminders.working_days_before",             (14, 7, 3, 1),                   OURS),
    ("escalation.working_days_after",             (0, 2, 4, 6, 8),                 OURS),
    ("notices.hour",                              time(7, 30),                     OURS),
    ("notices.until",                             time(18, 0),                     OURS),
    ("certificate.end",                           CertificateEnd.INCLUSIVE,        OURS),
    ("expiry.days_before",                        (180, 120, 30, 0),               OURS),
]
# fmt: on
SILENT = [*((key, silent, source) for key, silent, _, _, source in NUMBERS), *OTHERS]


@pytest.fixture(scope="module")
def silent_plan() -> CyclePlan:
    """A plan that says only what it must."""
    return read_plan(SMALLEST)


@pytest.mark.parametrize(("key", "value", "source"), SILENT)
def test_where_a_plan_is_silent_the_default_holds_and_says_whose_it_is(
    silent_plan: CyclePlan, key: str, value: Any, source: str
) -> None:
    name, _, rule = key.partition(".")
    held = getattr(silent_plan.document if name == "plan" else getattr(silent_plan, name), rule)
    assert (held, type(held) is bool) == (value, type(value) is bool)
    assert silent_plan.source_of(key) == source


def test_the_tables_above_leave_out_no_setting_that_has_a_default() -> None:
    with_default = {
        f"{name}.{rule}"
        for name, section in SECTIONS.items()
        for rule, field in section.model_fields.items()
        if not field.is_required() and field.default is not None
    }
    assert {key for key, *_ in SILENT} == with_default - {"evidence.expired"}, "papers have a default for each kind"


def refused(key: str, value: int) -> str:
    """Return for which reason a table that says nothing else refuses a value of a setting; nothing when it takes it."""
    name, _, rule = key.partition(".")
    try:
        made = SECTIONS[name].model_validate_json(json.dumps({rule: value}))
    except ValidationError as error:
        ((where, why),) = [(detail["loc"], detail["type"]) for detail in error.errors()]
        assert where == (rule,)
        return why
    assert getattr(made, rule) == value
    return ""


@pytest.mark.parametrize(("key", "least", "greatest"), [(key, low, high) for key, _, low, high, _ in NUMBERS])
def test_a_table_takes_a_number_from_its_least_to_its_greatest_and_none_beyond(
    key: str, least: int, greatest: int | None
) -> None:
    assert (refused(key, least), refused(key, least - 1)) == ("", "greater_than_equal")
    if greatest is None:
        assert not refused(key, 10**6)
    else:
        assert (refused(key, greatest), refused(key, greatest + 1)) == ("", "less_than_equal")


@pytest.mark.parametrize(("year", "taken"), [(2017, False), (2018, True), (2100, True), (2101, False)])
def test_a_cycle_is_one_of_the_years_from_2018_to_2100(year: int, taken: bool) -> None:
    dated = SMALLEST.replace("year = 2025", f"year = {year}")
    for day in ("opens_on = 2025-04-08", "date = 2025-06-15"):
        dated = dated.replace(day, day.replace("2025", str(year)))
    if taken:
        assert read_plan(dated).document.year == year
    else:
        assert [key for _, key, _ in problems_of(dated)] == ["plan.year"]


def test_a_breach_may_climb_a_single_rung() -> None:
    one = SMALLEST.replace("[sources]", '[escalation]\nworking_days_after = [3]\n\n[sources]\nescalation = "mục 3"')
    assert read_plan(one).escalation.working_days_after == (3,)


def test_a_default_is_held_to_the_bounds_of_its_own_setting() -> None:
    class Careless(Section):
        days: int = setting("Số ngày", 0, ge=1)

    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        Careless()


@pytest.mark.parametrize(
    ("file", "key", "source"),
    [
        (SMALLEST, "supplement.at_most", OURS),
        (SMALLEST, "council.spread", COUNCILS),
        (PLANS / "coarse_dates.toml", "deadlines.district_evaluation.boundary", COARSE),
    ],
)
def test_a_default_of_ours_is_named_so_that_it_can_be_said_in_english(file: Path | str, key: str, source: str) -> None:
    named = read_plan(file).source_of(key)
    assert named == source
    assert isinstance(named, Phrase)
    assert named.message == source


def test_the_law_and_the_plan_are_quoted_in_their_own_words(silent_plan: CyclePlan) -> None:
    for key, source in (("certificate.months", VALID), ("plan.title", "Kế hoạch 1")):
        assert silent_plan.source_of(key) == source
        assert not isinstance(silent_plan.source_of(key), Phrase)


@pytest.mark.parametrize(
    ("without", "example"),
    [
        ('key = "nho"', 'key = "nam_dinh_2025"'),
        ('title = "Kế hoạch nhỏ nhất"', 'title = "Triển khai Chương trình OCOP năm 2025"'),
        ('number = "1/KH-UBND"', 'number = "61/KH-UBND"'),
        ("issued_on = 2025-04-08", "issued_on = 2025-04-08"),
        ('issuer = "UBND"', 'issuer = "Ủy ban nhân dân tỉnh Nam Định"'),
        ('province = "36"', 'province = "36"'),
        ('procedure = "qd148"', 'procedure = "qd148"'),
        ("year = 2025", "year = 2025"),
        ("opens_on = 2025-04-08", "opens_on = 2025-04-08"),
        ('stage = "district_evaluation"', 'stage = "district_evaluation"'),
        ("date = 2025-06-15", "date = 2025-06-15"),
        ('wording = "trước ngày 15/6/2025"', 'wording = "trước ngày 15/6/2025"'),
        ('met_by = "session_held"', 'met_by = "session_held"'),
        ('section = "mục 1"', 'section = "Kế hoạch 61/KH-UBND, nội dung: ..."'),
    ],
)
def test_what_a_plan_lacks_is_asked_for_with_a_line_that_can_be_copied(without: str, example: str) -> None:
    assert SMALLEST.count(f"\n{without}\n") == 1
    ((_, _, told),) = problems_of(SMALLEST.replace(f"\n{without}\n", "\n"))
    assert f"Cách sửa: thêm dòng {example} vào " in told
    assert told.endswith((" vào [plan].", " vào bảng [[deadlines]] thứ 1."))


def test_the_first_day_of_a_deadline_has_an_example_for_a_finding_that_nobody_foresaw() -> None:
    key = ("deadlines", 0, "opens_on")
    _, remedy = _told({"type": "odd", "loc": key, "msg": "is odd", "input": 1}, key)
    assert remedy == "viết như 2025-06-01"
