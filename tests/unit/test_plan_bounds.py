"""What a plan may say: each number, list and name from its least to its greatest."""

from decimal import Decimal

import pytest

from ocop.plan_file import read_plan
from tests.unit.plan_texts import SMALLEST, TOML, problems_of


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


def test_points_are_read_exactly() -> None:
    assert read_plan(TOML.replace("spread = 10", "spread = 7.5")).council.spread == Decimal("7.5")
    nearly = TOML.replace("to_province_from = 70", "to_province_from = 70.00000000000000001")
    assert [key for _, key, _ in problems_of(nearly)] == ["forwarding.to_province_from"]


def test_a_plan_has_a_deadline_at_the_least() -> None:
    before, _, after = SMALLEST.partition("[[deadlines]]")
    none = f"deadlines = []\n{before}[evidence{after.partition('[evidence')[2]}"
    none = none.replace('"deadlines.met_by" = "mục 1"\n', "")
    assert [key for _, key, _ in problems_of(none)] == ["deadlines"]


def test_a_rolling_plan_has_the_dates_of_each_certificate_and_none_of_its_own() -> None:
    before, _, after = SMALLEST.partition("[[deadlines]]")
    none = f"deadlines = []\n{before}[evidence{after.partition('[evidence')[2]}"
    none = none.replace('"deadlines.met_by" = "mục 1"\n', "").replace('"qd148"', '"qd26_renewal"')
    plan = read_plan(none)
    assert plan.deadlines == ()
    assert (plan.re_recognition.earliest_days, plan.re_recognition.latest_days) == (180, 120)
    closed = none.replace("[evidence.expired]", "[re_recognition]\nlatest_days = 180\n[evidence.expired]")
    closed += 're_recognition = "mục 3"\n'
    assert [key for _, key, _ in problems_of(closed)] == ["re_recognition.latest_days"]


@pytest.mark.parametrize(
    ("old", "new", "key", "told"),
    [
        ("date = 2025-06-15", "date = 0001-01-01", "deadlines[1].date", "ghi một ngày không nhỏ hơn 2017-01-01"),
        ("date = 2025-06-15", "date = 9999-12-31", "deadlines[1].date", "ghi một ngày không lớn hơn 2110-12-31"),
        ("date = 2025-06-15", 'date = "trong tháng 7/0000"', "deadlines[1].date", "không hiểu ngày"),
        ('wording = "trước ngày 15/6/2025"', f'wording = "{"x" * 301}"', "deadlines[1].wording", "dài quá 300 ký tự"),
        ('section = "', f'section = "{"x" * 300}', "deadlines[1].section", "dài quá 300 ký tự"),
        ('title = "', f'title = "{"x" * 200}', "plan.title", "dài quá 200 ký tự"),
        ('number = "', f'number = "{"x" * 200}', "plan.number", "dài quá 200 ký tự"),
    ],
)  # fmt: skip
def test_a_date_out_of_the_calendar_and_a_text_that_no_record_holds_are_refused_where_they_stand(
    old: str, new: str, key: str, told: str
) -> None:
    (said,) = [problem for _, named, problem in problems_of(SMALLEST.replace(old, new, 1)) if named == key]
    assert told in said


@pytest.mark.parametrize(
    ("setting", "wrong", "most"),
    [
        ("reminders.working_days_before", [10**20, 14], 250),
        ("escalation.working_days_after", [0, 251], 250),
        ("expiry.days_before", [3651, 30], 3650),
    ],
)
def test_days_of_a_list_have_a_greatest(setting: str, wrong: list[int], most: int) -> None:
    section, _, key = setting.partition(".")
    head, sources = SMALLEST.split("[sources]")
    plan = f'{head}[{section}]\n{key} = {wrong}\n\n[sources]\n"{setting}" = "mục 3"{sources}'
    assert any(named == setting and f"có số lớn hơn {most}" in problem for _, named, problem in problems_of(plan))


@pytest.mark.parametrize(
    ("old", "new", "key", "wrong", "right"),
    [
        ("[14, 7, 3, 1]", "[1, 250]", "reminders.working_days_before", "giảm dần", "[250, 1]"),
        ("[180, 120, 30, 0]", "[0, 3650]", "expiry.days_before", "giảm dần", "[3650, 0]"),
        ("[0, 2, 4, 6, 8]", "[250, 0]", "escalation.working_days_after", "tăng dần", "[0, 250]"),
    ],
)
def test_a_list_put_in_order_keeps_its_least_and_its_greatest_day(
    old: str, new: str, key: str, wrong: str, right: str
) -> None:
    ((line, _, told),) = problems_of(TOML.replace(old, new, 1))
    assert told == f"dòng {line}, khóa '{key}': các số phải {wrong} và không lặp lại. Cách sửa: ghi {right}."
