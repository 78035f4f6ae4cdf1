"""A sentence that was kept as it was written is recalled as the phrase that it was."""

from datetime import date

import pytest

from dashboard import prefect_runs
from dashboard.language import Language, said_in
from notifications.delivery import Delivered
from ocop.deadlines import FixedDate, Roll, period_of_days, period_of_working_days, recalled
from ocop.phrase import Phrase
from ocop.recall import Memory
from ocop.working_days import Calendar, CalendarDay, DayKind

HOLIDAYS = Calendar([CalendarDay(date(2025, 9, 2), DayKind.HOLIDAY, "Quốc khánh", "Bộ luật Lao động 2019, Điều 112")])
NUMBERS = Memory(
    ("%(number)s hồ sơ", "phải gác lại %(number)s: %(which)s"),
    {word: word for word in prefect_runs.STANDINGS.values()},
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


def test_of_two_messages_that_fit_the_one_with_more_words_of_its_own_is_recalled() -> None:
    parts, since = "%(day)s/%(month)s/%(year)s", "từ %(day)s"
    found = Memory((parts, since)).recall("từ 15/6/2025")
    assert isinstance(found, Phrase)
    assert (found, found.message) == ("từ 15/6/2025", since)


def test_a_message_that_has_a_semicolon_itself_is_recalled_whole() -> None:
    message = "thiếu %(number)s phiếu; hãy bổ sung"
    found = Memory((message,)).recall("thiếu 3 phiếu; hãy bổ sung")
    assert isinstance(found, Phrase)
    assert (found, found.message) == ("thiếu 3 phiếu; hãy bổ sung", message)


def test_the_doubled_per_cent_sign_of_a_message_is_found_as_the_one_that_was_written() -> None:
    kept = Phrase("đạt %(share)s%% kế hoạch", share=5)
    found = Memory((kept.message,)).recall(str(kept))
    assert isinstance(found, Phrase)
    assert (found, found.message) == ("đạt 5% kế hoạch", kept.message)


def test_numbers_are_written_as_the_reader_writes_them_and_lists_keep_their_words() -> None:
    kept = "phải gác lại 15.600: sắp đến hạn, đã xong bước; 1 hồ sơ"
    found = NUMBERS.recall(kept)
    assert found == kept
    assert english(found) == "15,600 set aside: due soon, stage done; 1 dossier"


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (Delivered(sent=1, waiting=2), "Sent 1 letter; 2 to be sent, 0 to hand over."),
        (
            Delivered(sent=5, retried=1, dead=2, marked_late=3, to_hand_over=4, dead_in_all=6),
            (
                "Sent 5 letters, 1 not sent yet, will be sent again, 2 refused for good, 3 that may have been sent twice; "
                "0 to be sent, 4 to hand over, 6 that could not be sent and need somebody."
            ),
        ),
        (
            Delivered(away="Connection refused", dead_in_all=1),
            (
                "Sent 0 letters; 0 to be sent, 0 to hand over, 1 that could not be sent and need somebody. "
                "Mail server: Connection refused"
            ),
        ),
        (
            Delivered(away="Chưa đặt OCOP_SMTP_HOST: thư được giữ lại cho đến khi có máy chủ thư."),
            (
                "Sent 0 letters; 0 to be sent, 0 to hand over. "
                "Mail server: OCOP_SMTP_HOST is not set: letters are held until there is a mail server."
            ),
        ),
    ],
)
def test_what_a_run_says_of_its_letters_is_said_in_english(told: Delivered, sentence: str) -> None:
    found = prefect_runs.recalled(told.message)
    assert found == told.message
    assert english(found) == sentence


@pytest.mark.parametrize(
    ("kept", "sentence"),
    [
        (
            "đến hết ngày 15/6/2025 (kể cả ngày được nêu): hạn cuối 24 giờ Chủ nhật, ngày 15/6/2025",
            "until the end of 15/6/2025 (the day named counts): until 24:00 on Sunday, 15/6/2025",
        ),
        (
            "dời sang ngày làm việc 16/6/2025 theo quy tắc của kế hoạch",
            "moved to the working day 16/6/2025 by the rule of the plan",
        ),
        ("36 tháng", "36 months"),
        ("gia hạn đến ngày 30/6/2025, không kể ngày được nêu", "extended to 30/6/2025, the day named does not count"),
        (
            "lịch làm việc đổi theo công điện 5/CĐ-TTg: hạn cuối 24 giờ ngày 20/5/2025",
            "the working calendar changed by công điện 5/CĐ-TTg: until 24:00 on 20/5/2025",
        ),
        ("15 ngày làm việc, tính lại từ ngày chuyển đơn vị", "15 working days, counted anew from the transfer"),
        (
            "tạm dừng từ ngày 1/8/2025 đến trước ngày 6/8/2025: lùi 3 ngày làm việc",
            "suspended from 1/8/2025 until before 6/8/2025: moved by 3 working days",
        ),
    ],
)
def test_what_an_act_made_of_a_deadline_is_said_in_english_later(kept: str, sentence: str) -> None:
    again = recalled(kept)
    assert (again, english(again)) == (kept, sentence)


@pytest.mark.parametrize(
    "kept",
    [
        "chỉ được họp, ký từ ngày khai mạc",
        "15 ngày làm việc kể từ ngày nhận hồ sơ, ngày đầu không tính: hạn cuối 24 giờ thứ Hai, ngày 22/6/2026",
        "tạm dừng từ ngày có bão đến trước ngày 6/8/2025: lùi 3 ngày làm việc",
        "tạm dừng từ ngày 1/8/2025 đến trước ngày hết bão: lùi 3 ngày làm việc",
        "tạm dừng từ ngày 1/8/2025 đến trước ngày 6/8/2025: lùi đủ số ngày làm việc",
    ],
)
def test_words_of_a_plan_where_ours_have_a_day_or_a_number_stay_the_plans_own(kept: str) -> None:
    again = recalled(kept)
    assert (type(again), again) == (str, kept)
