"""A lower body's plan lies inside the upper one: earlier dates for its own work, and nothing else."""

from datetime import date
from pathlib import Path

import pytest

from casework.calendar_seed import calendar_rows
from ocop.levels import Level
from ocop.nested_plan import covering, read_nested
from ocop.plan import CyclePlan
from ocop.plan_file import PlanErrors, read_plan
from ocop.working_days import Calendar

FORMS = Path(__file__).parents[1] / "data" / "plans"
NESTED = (FORMS / "nested" / "district.toml").read_text(encoding="utf-8")
CALENDAR = Calendar(calendar_rows(2025, 2026))


@pytest.fixture(scope="module")
def upper() -> CyclePlan:
    """The province's plan."""
    return read_plan(FORMS / "batches_and_passes.toml")


def test_a_districts_plan_sets_dates_for_itself_and_its_communes_before_the_provinces(upper: CyclePlan) -> None:
    plan = read_nested(NESTED, upper, Level.DISTRICT, CALENDAR)
    assert [(row.stage, row.day, row.given) for row in plan.deadlines] == [
        ("commune_review", date(2025, 5, 15), None),
        ("district_evaluation", date(2025, 5, 31), "cuối tháng 5"),
    ]
    assert "kế hoạch nêu 'cuối tháng 5', hiểu là ngày 31/5/2025" in plan.deadlines[1].explain(CALENDAR)


def test_work_without_a_date_of_its_own_is_over_by_the_deadline_that_it_lies_ahead_of(upper: CyclePlan) -> None:
    outer = covering(upper, "commune_review")
    assert outer is not None
    assert outer.stage == "district_evaluation"
    assert covering(upper, "central_evaluation") is None


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "told"),
    [
        ('within = "01/KH-UBND"', 'within = "61/KH-UBND"', 3, "plan.within", "chu trình chạy theo '01/KH-UBND'"),
        ('"cuối tháng 5"', '"giữa tháng 6"', 17, "deadlines[2].date", "hạn 15/6/2025 muộn hơn hạn 14/6/2025 của kế hoạch cấp trên"),
        ("2025-05-15", "2025-06-16", 11, "deadlines[1].date", "kế hoạch cấp dưới chỉ được sớm hơn"),
        ("2025-05-15", "2025-02-03", 11, "deadlines[1].date", "trước ngày mở chu trình 3/2/2025"),
        ('"commune_review"', '"provincial_evaluation"', 10, "deadlines[1].stage", "không phải việc của cấp huyện hay cấp dưới"),
        ('"commune_review"', '"district_evaluation"', 16, "deadlines[2].stage", "có hai thời hạn"),
        ("2025-05-15\n", '2025-05-15\nafter_deadline = "accept_late"\n', 12, "deadlines[1].after_deadline", "cấp dưới không đổi được giá trị này"),
        ("2025-05-15\n", '2025-05-15\nmet_by = "letter_sent"\n', 12, "deadlines[1].met_by", "cấp dưới không đổi được giá trị này"),
        ("2025-05-15\n", "2025-05-15\nopens_on = 2025-05-01\n", 12, "deadlines[1].opens_on", "cấp dưới không đổi được giá trị này"),
        ('"cuối tháng 5"', '"khi xong"', 17, "deadlines[2].date", "không hiểu ngày 'khi xong'"),
        ('number = "25/KH-UBND"\n', "", 2, "plan.number", "thiếu 'Số, ký hiệu'"),
        ("[plan]", "[council]\nspread = 5\n\n[plan]", 2, "council", "không có thiết lập này"),
    ],
)  # fmt: skip
def test_what_does_not_lie_inside_is_refused_where_it_stands(
    upper: CyclePlan, old: str, new: str, line: int, key: str, told: str
) -> None:
    assert old in NESTED
    with pytest.raises(PlanErrors) as refused:
        read_nested(NESTED.replace(old, new, 1), upper, Level.DISTRICT, CALENDAR)
    assert [(p.line, p.key) for p in refused.value.problems if told in p.problem] == [(line, key)], str(refused.value)


def test_the_last_day_of_the_province_is_still_allowed(upper: CyclePlan) -> None:
    same = NESTED.replace('"cuối tháng 5"', "2025-06-15")
    assert read_nested(same, upper, Level.DISTRICT, CALENDAR).deadlines[1].fixed.last_day(CALENDAR) == date(2025, 6, 14)


def test_a_communes_plan_orders_nothing_of_the_district(upper: CyclePlan) -> None:
    with pytest.raises(PlanErrors, match="không phải việc của cấp xã"):
        read_nested(NESTED, upper, Level.COMMUNE, CALENDAR)


def sentences(upper: CyclePlan, *changes: tuple[str, str]) -> list[str]:
    """Return what the district's plan with some words changed is refused for."""
    toml = NESTED
    for old, new in changes:
        assert old in toml, old
        toml = toml.replace(old, new, 1)
    with pytest.raises(PlanErrors) as refused:
        read_nested(toml, upper, Level.DISTRICT, CALENDAR)
    return [str(problem) for problem in refused.value.problems]


def test_a_refusal_says_what_is_wrong_and_what_to_write(upper: CyclePlan) -> None:
    wrong, late = sentences(upper, ('within = "01/KH-UBND"', 'within = "61/KH-UBND"'), ('"cuối tháng 5"', "2025-06-20"))
    assert wrong == (
        "dòng 3, khóa 'plan.within': kế hoạch này thực hiện '61/KH-UBND', chu trình chạy theo '01/KH-UBND'. "
        'Cách sửa: ghi within = "01/KH-UBND" nếu đúng là kế hoạch đó.'
    )
    assert late == (
        "dòng 17, khóa 'deadlines[2].date': hạn 19/6/2025 muộn hơn hạn 14/6/2025 của kế hoạch cấp trên ('trước ngày 15/6/2025'): "
        "kế hoạch cấp dưới chỉ được sớm hơn. Cách sửa: ghi ngày không muộn hơn 14/6/2025."
    )
    assert sentences(upper, ('"commune_review"', '"district_evaluation"')) == [
        "dòng 16, khóa 'deadlines[2].stage': bước 'district_evaluation' có hai thời hạn. Cách sửa: giữ một mục cho mỗi bước."
    ]


@pytest.mark.parametrize("stage", ["recognised", "district_supplement", "returned_to_district", "nowhere"])
def test_a_stage_that_takes_no_date_is_refused_with_those_that_do(upper: CyclePlan, stage: str) -> None:
    (told,) = sentences(upper, ('"commune_review"', f'"{stage}"'))
    assert f"bước '{stage}' không phải việc của cấp huyện hay cấp dưới" in told
    assert told.endswith(
        "ghi một trong: registered, filed_at_district, commune_review, commune_reported, district_evaluation, "
        "district_decided, provincial_submission, submitted, return_decided, district_recognition."
    )


def test_the_date_of_another_levels_work_is_not_judged_besides(upper: CyclePlan) -> None:
    assert len(sentences(upper, ('"commune_review"', '"provincial_evaluation"'), ("2025-05-15", "2025-02-03"))) == 1


def test_work_that_the_upper_plan_gives_no_date_may_take_any_from_the_opening_day_on(upper: CyclePlan) -> None:
    free = NESTED.replace('"district_evaluation"', '"district_recognition"').replace('"cuối tháng 5"', "2025-12-31")
    assert read_nested(free, upper, Level.DISTRICT, CALENDAR).deadlines[1].day == date(2025, 12, 31)
    first = NESTED.replace("date = 2025-05-15", "date = 2025-02-04")
    assert read_nested(first, upper, Level.DISTRICT, CALENDAR).deadlines[0].fixed.last_day(CALENDAR) == date(2025, 2, 3)
    assert "hạn 2/2/2025 trước ngày mở chu trình 3/2/2025" in sentences(upper, ("2025-05-15", "2025-02-03"))[0]


def test_a_deadline_that_is_no_table_is_refused(upper: CyclePlan) -> None:
    with pytest.raises(PlanErrors, match=r"khóa 'deadlines\[1\]': phải là một bảng"):
        read_nested(f"deadlines = [5]\n{NESTED.partition('[[deadlines]]')[0]}", upper, Level.DISTRICT, CALENDAR)


def test_the_number_of_a_lower_bodys_plan_is_as_long_as_the_record_holds(upper: CyclePlan) -> None:
    longest = "x" * 200
    plan = read_nested(NESTED.replace("25/KH-UBND", longest, 1), upper, Level.DISTRICT, CALENDAR)
    assert plan.document.number == longest
    assert sentences(upper, ("25/KH-UBND", f"{longest}x")) == [
        "dòng 4, khóa 'plan.number': dài quá 200 ký tự. Cách sửa: rút gọn, giữ số, ký hiệu và phần được nêu."
    ]


def test_a_lower_bodys_plan_that_cannot_be_read_is_one_document_and_refines_none(upper: CyclePlan) -> None:
    assert sentences(upper, ('number = "25/KH-UBND"', "number 25/KH-UBND")) == [
        "dòng 4: thiếu dấu '=' sau khóa. Cách sửa: viết khóa = giá trị; lời chú thích bắt đầu bằng #."
    ]
