"""Certificates live 36 months, and whether they do is computed from the date."""

from datetime import date

import pytest

from ocop.validity import CertificateEnd, filing_window, in_force, notice_days, valid_until


@pytest.mark.parametrize(
    ("issued_on", "inclusive", "day_before"),
    [
        (date(2022, 12, 27), date(2025, 12, 27), date(2025, 12, 26)),
        (date(2024, 2, 29), date(2027, 2, 28), date(2027, 2, 27)),  # 29 February
        (date(2025, 2, 28), date(2028, 2, 28), date(2028, 2, 27)),  # not the 29th
        (date(2025, 3, 1), date(2028, 3, 1), date(2028, 2, 29)),
        (date(2024, 8, 31), date(2027, 8, 31), date(2027, 8, 30)),  # month ends
        (date(2025, 1, 1), date(2028, 1, 1), date(2027, 12, 31)),
    ],
)
def test_a_certificate_is_valid_for_36_calendar_months(issued_on: date, inclusive: date, day_before: date) -> None:
    assert valid_until(issued_on) == inclusive
    assert valid_until(issued_on, end=CertificateEnd.DAY_BEFORE) == day_before


ISSUED, LAST = date(2022, 12, 27), date(2025, 12, 27)


@pytest.mark.parametrize(
    ("today", "holds"),
    [
        (date(2022, 12, 26), False),  # the day before issue
        (date(2022, 12, 27), True),
        (date(2025, 12, 26), True),  # the day before the end
        (date(2025, 12, 27), True),  # the last day
        (date(2025, 12, 28), False),  # the day after
    ],
)
def test_a_certificate_holds_from_its_issue_to_its_last_day(today: date, holds: bool) -> None:
    assert in_force(ISSUED, LAST, today) is holds


@pytest.mark.parametrize(("today", "holds"), [(date(2024, 5, 9), True), (date(2024, 5, 10), False)])
def test_a_certificate_ends_on_the_day_it_is_revoked_or_replaced(today: date, holds: bool) -> None:
    assert in_force(ISSUED, LAST, today, revoked_on=date(2024, 5, 10)) is holds
    assert in_force(ISSUED, LAST, today, replaced_on=date(2024, 5, 10)) is holds


def test_the_warnings_lie_so_many_days_before_the_last_valid_day() -> None:
    assert notice_days(LAST) == {
        180: date(2025, 6, 30),
        120: date(2025, 8, 29),
        30: date(2025, 11, 27),
        0: date(2025, 12, 27),
    }


@pytest.mark.parametrize(
    ("day", "inside"),
    [
        (date(2025, 6, 29), False),
        (date(2025, 6, 30), True),
        (date(2025, 8, 29), True),
        (date(2025, 8, 30), False),
    ],
)
def test_a_re_recognition_is_filed_between_180_and_120_days_before_the_end(day: date, inside: bool) -> None:
    assert (day in filing_window(LAST)) is inside
