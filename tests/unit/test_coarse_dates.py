"""Which day coarse words of a plan come to, and which words are not understood."""

from datetime import date

import pytest

from ocop.coarse_dates import recalled, resolve
from ocop.phrase import Phrase

DAYS = {"trong": 31, "dau": 10, "giua": 15, "cuoi": 31}


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("trong tháng 7", date(2025, 7, 31)),
        ("Trong tháng 02", date(2025, 2, 28)),
        ("trong tháng 2/2028", date(2028, 2, 29)),
        ("đầu tháng 3", date(2025, 3, 10)),
        ("giữa tháng 11", date(2025, 11, 15)),
        ("cuối tháng 12", date(2025, 12, 31)),
        ("cuối tháng 4 năm 2026", date(2026, 4, 30)),
        ("thượng tuần tháng 5", date(2025, 5, 10)),
        ("trung tuần tháng 5", date(2025, 5, 20)),
        ("hạ tuần tháng 6", date(2025, 6, 30)),
        ("trong quý III", date(2025, 9, 30)),
        ("cuối quý 1/2026", date(2026, 3, 31)),
        ("cuối năm", date(2025, 12, 31)),
        ("hết năm 2026", date(2026, 12, 31)),
    ],
)
def test_coarse_words_come_to_a_day(words: str, day: date) -> None:
    reading = resolve(words, 2025, DAYS)
    assert reading is not None
    assert reading.day == day


@pytest.mark.parametrize(
    "words", ["", "tháng 7", "trong tháng 13", "trong tháng 0", "khoảng hè", "trong tháng 7 hoặc 8", "quý V"]
)
def test_other_words_are_not_understood(words: str) -> None:
    assert resolve(words, 2025, DAYS) is None


def test_the_days_are_the_plans_and_the_rule_is_told() -> None:
    early = resolve("giữa tháng 11", 2025, {**DAYS, "giua": 14})
    late = resolve("cuối tháng 2", 2025, {**DAYS, "cuoi": 25})
    assert early is not None
    assert late is not None
    assert (early.day, early.rule) == (date(2025, 11, 14), "'giữa tháng' là ngày 14")
    assert (late.day, late.rule) == (date(2025, 2, 25), "'cuối tháng' là ngày 25")


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("trong tháng 7", "'trong tháng' là ngày cuối của tháng"),
        ("hạ tuần tháng 7", "'hạ tuần tháng' là ngày cuối của tháng"),
        ("trong quý I", "'trong quý' là ngày cuối của quý"),
        ("hết năm", "'hết năm' là ngày cuối của năm"),
    ],
)
def test_the_rule_is_told_in_the_plans_words(words: str, rule: str) -> None:
    reading = resolve(words, 2025, DAYS)
    assert reading is not None
    assert reading.rule == rule


def test_the_thirtieth_is_a_day_that_some_months_lack() -> None:
    reading = resolve("cuối tháng 7", 2025, {**DAYS, "cuoi": 30})
    assert reading is not None
    assert (reading.day, reading.rule) == (date(2025, 7, 30), "'cuối tháng' là ngày 30, tháng ngắn hơn thì ngày cuối")
    every = resolve("cuối tháng 2", 2025, {**DAYS, "cuoi": 28})
    assert every is not None
    assert every.rule == "'cuối tháng' là ngày 28", "a day that every month has"


@pytest.mark.parametrize("words", ["trong tháng 7", "đầu tháng 3", "trung tuần tháng 5", "trong quý III", "cuối năm"])
def test_a_rule_that_a_plan_kept_is_recalled_as_the_phrase_it_was(words: str) -> None:
    reading = resolve(words, 2025, {**DAYS, "dau": 30})
    assert reading is not None
    rule, found = Phrase(reading.rule), recalled(str(reading.rule))
    assert isinstance(found, Phrase)
    assert (found, found.message) == (rule, "'%(words)s' là %(reading)s")
    assert isinstance(found.values["reading"], Phrase)
    assert not isinstance(recalled("như văn bản ghi"), Phrase)


@pytest.mark.parametrize(
    ("reading", "ours"),
    [("ngày 14", True), ("ngày cuối của quý", True), ("ngày họp giao ban", False), ("ngày 5/7", False)],
)
def test_a_plans_own_words_in_a_days_place_are_not_taken_for_a_day_of_the_month(reading: str, ours: bool) -> None:
    found = recalled(f"'trong tháng' là {reading}")
    assert isinstance(found, Phrase)
    assert found.values["reading"] == reading
    assert isinstance(found.values["reading"], Phrase) is ours
