"""The dates worked out by hand from the rules of time: every one of them comes out."""

import csv
import re
from datetime import date
from pathlib import Path

import pytest

from casework.calendar_seed import calendar_rows
from ocop.deadlines import Boundary, FixedDate, Roll, period_of_days, period_of_working_days
from ocop.text import WEEKDAYS
from ocop.validity import CertificateEnd, filing_window, valid_until
from ocop.working_days import Calendar

DATA = Path(__file__).parents[1] / "data"
VECTORS = list(csv.DictReader((DATA / "deadline_vectors.csv").read_text(encoding="utf-8").splitlines()))
CALENDAR = Calendar(calendar_rows(2025, 2027))
ENGLISH_DAYS = dict(zip(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), range(7), strict=True))


def of(kind: str) -> list[tuple[date, str, str, str]]:
    """Return the vectors of one kind: input, rule, result, note."""
    return [
        (date.fromisoformat(row["input"]), row["rule"], row["result"], row["note"])
        for row in VECTORS
        if row["kind"] == kind
    ]


def dates(text: str) -> list[date]:
    """Return the dates in a result, checking the weekday that stands behind a date."""
    found = []
    for iso, weekday in re.findall(r"(\d{4}-\d\d-\d\d)(?: \((\w{3})\))?", text):
        on = date.fromisoformat(iso)
        assert not weekday or ENGLISH_DAYS[weekday] == on.weekday()
        found.append(on)
    return found


def test_every_kind_of_vector_has_its_test() -> None:
    assert {row["kind"] for row in VECTORS} == {"working_days", "before_date", "expiry_36_months", "calendar_days"}
    assert len(WEEKDAYS) == 7


@pytest.mark.parametrize(("start", "rule", "result", "note"), of("working_days"))
def test_working_days_vector(start: date, rule: str, result: str, note: str) -> None:
    del note
    days = int(rule.split()[0])
    assert CALENDAR.add_working_days(start, days) == date.fromisoformat(result)
    assert period_of_working_days(start, days, CALENDAR).last_day == date.fromisoformat(result)
    assert CALENDAR.working_days_between(start, date.fromisoformat(result)) == days


@pytest.mark.parametrize(("named", "rule", "result", "note"), of("before_date"))
def test_before_date_vector(named: date, rule: str, result: str, note: str) -> None:
    del rule, note
    last, worked = dates(result)
    assert FixedDate(named, Boundary.EXCLUSIVE).last_day(CALENDAR) == last
    assert FixedDate(named, Boundary.EXCLUSIVE, Roll.PREVIOUS_WORKING_DAY).last_day(CALENDAR) == worked


@pytest.mark.parametrize(("issued_on", "rule", "result", "note"), of("expiry_36_months"))
def test_expiry_vector(issued_on: date, rule: str, result: str, note: str) -> None:
    del rule
    last, opens_on, closes_on = dates(result)
    (day_before,) = dates(note)
    assert valid_until(issued_on) == last
    assert valid_until(issued_on, end=CertificateEnd.DAY_BEFORE) == day_before
    window = filing_window(last)
    assert (window.opens_on, window.closes_on) == (opens_on, closes_on)


@pytest.mark.parametrize(("start", "rule", "result", "note"), of("calendar_days"))
def test_calendar_days_vector(start: date, rule: str, result: str, note: str) -> None:
    del note
    counted, rolled = dates(result)
    period = period_of_days(start, int(rule.split()[0]), CALENDAR)
    assert (period.nominal_end, period.last_day) == (counted, rolled)
