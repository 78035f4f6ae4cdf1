"""The transition of QĐ 26: 60 and 30 days for what was filed before it, 180 days for certificates that wait for a result."""

from datetime import date

import pytest

from casework.calendar_seed import calendar_rows
from ocop.transition_2026 import filed_under, last_day_living_on, lives_on, time_to_finish
from ocop.working_days import Calendar

CALENDAR = Calendar(calendar_rows(2026, 2027))
D = date.fromisoformat


@pytest.mark.parametrize(
    ("procedure", "filed", "may"),
    [
        ("qd148", "2026-05-21", True),
        ("qd148", "2026-05-22", False),
        ("qd1489", "2026-05-21", True),
        ("qd1489", "2026-05-22", False),
        ("qd26", "2026-05-22", True),
        ("qd26_renewal", "2030-01-01", True),
    ],
)
def test_from_the_day_of_the_new_law_nothing_is_filed_under_the_older_ones(
    procedure: str, filed: str, may: bool
) -> None:
    assert filed_under(procedure, D(filed)) is may


@pytest.mark.parametrize(
    ("filed", "again", "last"),
    [
        ("2026-05-21", False, "2026-07-21"),  # the day on which the older decisions lapse
        ("2025-08-01", False, "2026-07-21"),
        ("2026-05-21", True, "2026-06-22"),  # the 30th day, 21/6, is a Sunday
    ],
)
def test_what_was_filed_before_it_is_finished_under_the_old_rules_in_time(filed: str, again: bool, last: str) -> None:
    period = time_to_finish(D(filed), CALENDAR, re_evaluation=again)
    assert period is not None
    assert period.last_day == D(last)


def test_what_is_filed_on_its_day_has_no_transition() -> None:
    assert time_to_finish(D("2026-05-22"), CALENDAR) is None


ISSUED, ENDS = D("2023-09-30"), D("2026-09-30")


@pytest.mark.parametrize(
    ("day", "filed", "result", "holds"),
    [
        ("2026-09-30", "2026-06-01", None, False),  # it is in force by itself
        ("2026-10-01", "2026-06-01", None, True),
        ("2027-03-29", "2026-06-01", None, True),  # the 180th day past its end
        ("2027-03-30", "2026-06-01", None, False),
        ("2026-10-01", "2026-09-30", None, True),  # filed on its last day
        ("2026-10-02", "2026-10-01", None, False),  # filed when it was over
        ("2026-10-01", None, None, False),  # nobody filed
        ("2026-11-19", "2026-06-01", "2026-11-20", True),
        ("2026-11-20", "2026-06-01", "2026-11-20", False),  # from the result on, whatever it is
        ("2026-10-01", "2026-06-01", "2026-08-01", False),  # the result came before the end
    ],
)
def test_an_old_certificate_lives_on_until_the_result_at_most_180_days(
    day: str, filed: str | None, result: str | None, holds: bool
) -> None:
    assert lives_on(D(day), ISSUED, ENDS, D(filed) if filed else None, D(result) if result else None) is holds


def test_a_certificate_that_ended_before_the_law_lives_on_from_its_first_day() -> None:
    ended, filed = D("2026-04-01"), D("2026-03-01")
    assert not lives_on(D("2026-05-21"), D("2023-04-01"), ended, filed)
    assert lives_on(D("2026-05-22"), D("2023-04-01"), ended, filed)
    assert last_day_living_on(D("2023-04-01"), ended, filed) == D("2026-09-28")


def test_a_certificate_that_was_over_180_days_before_the_law_does_not_come_back() -> None:
    assert last_day_living_on(D("2022-10-01"), D("2025-10-01"), D("2025-09-01")) is None


def test_a_certificate_whose_180_days_end_on_the_first_day_of_the_law_lives_on_for_that_day() -> None:
    assert last_day_living_on(D("2022-11-23"), D("2025-11-23"), D("2025-11-01")) == D("2026-05-22")
    assert last_day_living_on(D("2022-11-22"), D("2025-11-22"), D("2025-11-01")) is None


@pytest.mark.parametrize(("result", "last"), [("2026-08-01", None), ("2026-10-01", None), ("2026-10-02", "2026-10-01")])
def test_a_result_by_the_day_after_the_end_leaves_nothing_to_live_on(result: str, last: str | None) -> None:
    assert last_day_living_on(ISSUED, ENDS, D("2026-06-01"), D(result)) == (D(last) if last else None)


def test_a_certificate_of_the_new_law_ends_with_its_day() -> None:
    assert last_day_living_on(D("2026-05-22"), D("2029-05-22"), D("2029-01-01")) is None
    assert last_day_living_on(D("2026-05-21"), D("2029-05-21"), D("2029-01-01")) == D("2029-11-17")


def test_who_does_not_say_that_a_dossier_is_judged_again_is_told_the_sixty_days_of_the_first_time() -> None:
    period = time_to_finish(D("2026-05-21"), CALENDAR)
    assert period is not None
    assert (period.length, period.last_day) == ("60 ngày", D("2026-07-21"))
