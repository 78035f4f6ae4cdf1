"""Dates that a plan leaves coarse, 'trong tháng 7', 'giữa tháng 11', 'cuối năm': which day they come to, by a rule that the plan states."""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ocop.phrase import Phrase
from ocop.recall import Memory
from ocop.text import fold

FORMS = (
    "'trong tháng 7', 'đầu tháng 7', 'giữa tháng 7', 'cuối tháng 7', 'trung tuần tháng 7', 'trong quý III', 'cuối năm'"
)
"""What is understood, as a refusal names it; a year may follow: 'trong tháng 7/2026', 'cuối tháng 12 năm 2026'."""

_YEAR = r"(?:\s*(?:/|nam|/ nam)\s*(?P<year>[12]\d{3}))?"
_MONTH = re.compile(
    rf"(?P<part>trong|dau|giua|cuoi|thuong tuan|trung tuan|ha tuan) thang (?P<month>0?[1-9]|1[0-2]){_YEAR}"
)
_QUARTER = re.compile(rf"(?P<part>trong|cuoi|het) quy (?P<quarter>iii|iv|ii|i|[1-4]){_YEAR}")
_WHOLE_YEAR = re.compile(r"(?P<part>trong|cuoi|het) nam(?: (?P<year>[12]\d{3}))?")
_QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
SHORTEST_MONTH = 28
_TEN_DAYS = {"thuong tuan": 10, "trung tuan": 20, "ha tuan": 31}
"""The three parts of a month of ten days each; the last ends with the month."""


@dataclass(frozen=True)
class Reading:
    """The day that coarse words come to, and the rule that says so, in Vietnamese."""

    day: date
    rule: str


def resolve(words: str, year: int, days: Mapping[str, int]) -> Reading | None:
    """Return what coarse words come to, or None when they are not understood.

    `days` gives the day of the month for 'trong', 'dau', 'giua' and 'cuoi' tháng; a shorter month gives its last day.
    A year that the words leave out is `year`.
    """
    told = fold(words)
    if found := _MONTH.fullmatch(told):
        part, month = found["part"], int(found["month"])
        wanted, spoken = {**days, **_TEN_DAYS}[part], _SPOKEN[part]
        return Reading(_day(int(found["year"] or year), month, wanted), _rule(f"{spoken} tháng", _named(wanted)))
    if found := _QUARTER.fullmatch(told):
        quarter = _QUARTERS.get(found["quarter"]) or int(found["quarter"])
        return Reading(
            _day(int(found["year"] or year), quarter * 3, 31), _rule(f"{_SPOKEN[found['part']]} quý", _END_OF_QUARTER)
        )
    if found := _WHOLE_YEAR.fullmatch(told):
        return Reading(_day(int(found["year"] or year), 12, 31), _rule(f"{_SPOKEN[found['part']]} năm", _END_OF_YEAR))
    return None


_SPOKEN = {
    "trong": "trong", "dau": "đầu", "giua": "giữa", "cuoi": "cuối", "thuong tuan": "thượng tuần",
    "trung tuan": "trung tuần", "ha tuan": "hạ tuần", "het": "hết",
}  # fmt: skip


_RULE = "'%(words)s' là %(reading)s"
_DAY, _DAY_OR_LAST = "ngày %(number)s", "ngày %(number)s, tháng ngắn hơn thì ngày cuối"
_END_OF_MONTH, _END_OF_QUARTER = Phrase("ngày cuối của tháng"), Phrase("ngày cuối của quý")
_END_OF_YEAR = Phrase("ngày cuối của năm")
_MEMORY = Memory(
    (_RULE, _DAY, _DAY_OR_LAST),
    {words: words for words in (_END_OF_MONTH, _END_OF_QUARTER, _END_OF_YEAR)},
    {"number": r"\d{1,2}"},
)


def recalled(kept: str) -> str:
    """Return the rule of a reading, kept as a plan keeps it, so that it can be said in another language."""
    return _MEMORY.recall(kept)


def _rule(words: str, reading: str) -> Phrase:
    return Phrase(_RULE, words=words, reading=reading)


def _named(day: int) -> Phrase:
    if day > SHORTEST_MONTH:
        return _END_OF_MONTH if day == 31 else Phrase(_DAY_OR_LAST, number=str(day))
    return Phrase(_DAY, number=str(day))


def _day(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))
