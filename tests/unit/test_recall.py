"""A sentence that was kept as it was written is recalled as the phrase that it was."""

from datetime import date

import pytest

from dashboard.language import Language, said_in
from dashboard.prefect_runs import STANDINGS
from ocop.deadlines import FixedDate, Roll, period_of_days, period_of_working_days, recalled
from ocop.phrase import Phrase
from ocop.recall import Memory
from ocop.working_days import Calendar, CalendarDay, DayKind

HOLIDAYS = Calendar([CalendarDay(date(2025, 9, 2), DayKind.HOLIDAY, "Quốc khánh", "Bộ luật Lao động 2019, Điều 112")])
NUMBERS = Memory(
    ("%(number)s hồ sơ", "phải gác lại %(number)s: %(which)s"),
    {word: word for word in STANDINGS.values()},
    {"number": r"[\d.]+"},
)


def english(kept: str) -> str:
    return said_in(Language.ENGLISH, kept)


@pytest.mark.parametrize(
    "kept",
    [
        FixedDate(date(2025, 6, 15)).explain(HOLIDAYS),
        FixedDate(date(2025, 9, 3), roll=Roll.PREVIOUS_WORKING_DAY).explain(HOLIDAYS),
        period_of_days(date(2025, 8, 3), 30, HOLIDAYS).explain(HOLIDAYS),
        period_of_working_days(date(2025, 7, 10), 15, HOLIDAYS).explain(HOLIDAYS),
        period_of_working_days(date(2025, 7, 10), 1, HOLIDAYS).length,
    ],
)
def test_a_deadlines_rule_is_said_as_it_was_when_it_was_written(kept: Phrase) -> None:
    again = recalled(str(kept))
    assert again == kept
    assert english(again) == english(kept) != str(kept)


def test_what_the_plan_says_stays_as_it_is_beside_what_is_ours() -> None:
    kept = "kế hoạch nêu 'trong tháng 6', hiểu là ngày 30/6/2025 (theo ý ta); việc khác"
    assert english(recalled(kept)) == "the plan says 'trong tháng 6', read as 30/6/2025 (theo ý ta); việc khác"
    assert recalled("hoàn thành trước ngày 15/6/2025") == "hoàn thành trước ngày 15/6/2025"
    assert not isinstance(recalled("hoàn thành trước ngày 15/6/2025"), Phrase)


def test_numbers_are_written_as_the_reader_writes_them_and_lists_keep_their_words() -> None:
    kept = "phải gác lại 15.600: sắp đến hạn, đã xong bước; 1 hồ sơ"
    found = NUMBERS.recall(kept)
    assert found == kept
    assert english(found) == "15,600 set aside: due soon, stage done; 1 dossier"
