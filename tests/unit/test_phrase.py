"""Phrases: Vietnamese texts that remember their message and values, so that a page can say them in English."""

import copy
import json
import pickle
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from ocop.errors import InvalidInput, InvalidRows, RowProblem, remedied
from ocop.phrase import (
    CONTEXT,
    Joined,
    Meant,
    Opened,
    Paired,
    Phrase,
    Shaped,
    Unstopped,
    Within,
    from_json,
    phrases,
    put_in,
    said,
    to_json,
    written,
)

DAY = date(2025, 6, 5)
ENGLISH: Mapping[str, str] = {
    "còn %(days)s ngày": "%(days)s %(days:day|days)s left",
    "hạn %(day)s": "due on %(day)s",
    "%(level)s, hạn %(day)s": "due on %(day)s at the %(level)s",
    "tăng 5%": "5% more",
    "tăng %(share)s%%": "%(share)s%% more",
    "huyện": "district",
    "Huyện": "District",
    "xã": "commune",
    "xã.": "commune.",
    " và ": " and ",
    f"về đơn vị{CONTEXT}nhận": "received",
}


def english(value: Any) -> str:
    """Return a value as a page says it to who reads English."""
    return said(value, lambda message: ENGLISH.get(message, message), write)


def write(value: Any) -> str:
    """Write whole numbers as English does, and the rest as Vietnamese."""
    return f"{value:,}" if isinstance(value, int) else written(value)


MADE = {
    "plain": (Phrase("huyện"), "huyện", "district"),
    "with a value": (Phrase("còn %(days)s ngày", days=11), "còn 11 ngày", "11 days left"),
    "within another": (
        Phrase("%(level)s, hạn %(day)s", level=Phrase("huyện"), day=DAY), "huyện, hạn 5/6/2025", "due on 5/6/2025 at the district",
    ),
    "joined": (Joined(", ", (Phrase("huyện"), "Giao Thủy", Phrase("xã"))), "huyện, Giao Thủy, xã", "district, Giao Thủy, commune"),
    "joined by a word": (Joined(" và ", (Phrase("huyện"), Phrase("xã"))), "huyện và xã", "district and commune"),
    "opened": (Opened(Phrase("huyện")), "Huyện", "District"),
    "opened, of parts": (Opened(Joined("; ", (Phrase("xã"), Phrase("huyện")))), "Xã; huyện", "Commune; district"),
    "meant": (Meant("nhận", "về đơn vị"), "nhận", "received"),
    "opened, meant": (Opened(Meant("nhận", "về đơn vị")), "Nhận", "Received"),
    "paired": (Paired("Không có.", "there is none"), "Không có.", "There is none."),
    "unknown to the catalogue": (Phrase("mã %(code)s", code="SP-1"), "mã SP-1", "mã SP-1"),
    "label": (Unstopped(Phrase("xã.")), "xã", "commune"),
    "within a sentence": (Within(Phrase("Huyện")), "huyện", "district"),
}  # fmt: skip


@pytest.mark.parametrize(("phrase", "vietnamese", "other"), MADE.values(), ids=MADE)
def test_a_phrase_is_its_vietnamese_text_and_can_be_said_in_english(
    phrase: Phrase, vietnamese: str, other: str
) -> None:
    assert phrase == vietnamese
    assert isinstance(phrase, str)
    assert f"{phrase}" == str(phrase) == vietnamese
    assert type(str(phrase)) is str
    assert {vietnamese: 1}[phrase] == 1
    assert english(phrase) == other


@pytest.mark.parametrize(
    ("value", "vietnamese"),
    [
        (15_600, "15.600"), (-3, "-3"), (Decimal("7.50"), "7,5"), (DAY, "5/6/2025"), ("2025", "2025"), ("", ""),
        (True, "True"), (Phrase("còn %(days)s ngày", days=1200), "còn 1.200 ngày"),
    ],
)  # fmt: skip
def test_values_are_written_as_vietnamese_writes_them(value: Any, vietnamese: str) -> None:
    assert written(value) == vietnamese
    assert Phrase("%(value)s", value=value) == vietnamese


def test_an_instant_is_no_value_of_a_phrase() -> None:
    with pytest.raises(TypeError, match="instant"):
        Phrase("lúc %(at)s", at=datetime(2025, 6, 5, tzinfo=UTC))


def test_each_language_writes_the_values_itself() -> None:
    phrase = Phrase("còn %(days)s ngày", days=12_000)
    assert (phrase, english(phrase)) == ("còn 12.000 ngày", "12,000 days left")
    assert english(Phrase("hạn %(day)s", day=DAY)) == "due on 5/6/2025"


@pytest.mark.parametrize(("days", "word"), [(1, "day"), (0, "days"), (2, "days"), (11, "days"), (1000, "days")])
def test_one_is_counted_by_the_first_form_and_every_other_number_by_the_second(days: int, word: str) -> None:
    assert english(Phrase("còn %(days)s ngày", days=days)) == f"{days:,} {word} left"


@pytest.mark.parametrize(("shown", "word"), [("1", "day"), ("11", "days")])
def test_a_number_that_is_a_link_is_counted_by_what_the_reader_sees(shown: str, word: str) -> None:
    link = f'<a href="/1">{shown}</a>'
    assert put_in("%(days)s %(days:day|days)s", {"days": link}, write) == f"{link} {word}"


def test_a_message_may_have_forms_of_several_numbers_and_none_of_a_value_that_is_not_there() -> None:
    message = "%(new)s %(new:line|lines)s, %(old)s %(old:line|lines)s"
    assert put_in(message, {"new": 1, "old": 2}, write) == "1 line, 2 lines"
    with pytest.raises(KeyError):
        put_in("%(days)s", {}, write)
    with pytest.raises(KeyError):
        put_in("%(days:day|days)s", {}, write)


def test_a_per_cent_sign_stands_alone_without_values_and_is_doubled_with_them() -> None:
    alone, doubled = Phrase("tăng 5%"), Phrase("tăng %(share)s%%", share=5)
    assert alone == doubled == "tăng 5%"
    assert english(alone) == english(doubled) == "5% more"
    assert Phrase("%(name)s", name="100% cói %(x)s") == english(Phrase("%(name)s", name="100% cói %(x)s"))


def test_what_is_no_phrase_is_said_as_it_is_written() -> None:
    assert english("huyện") == "huyện"
    assert english(15_600) == "15,600"
    assert english(f"{Phrase('huyện')}") == "huyện", "composed without a phrase, it is a plain text"


def test_the_first_letter_alone_is_written_large() -> None:
    assert Opened("đơn vị Giao Thủy") == "Đơn vị Giao Thủy"
    assert Opened("") == english(Opened(Phrase(""))) == ""


def test_a_separator_of_signs_is_no_message() -> None:
    asked: list[str] = []
    parts = Joined("; ", (Phrase("huyện"), "xã"))
    parts.said(lambda message: asked.append(message) or message, write)  # type: ignore[func-returns-value]
    assert asked == ["huyện"]
    assert english(Joined(", ", ())) == Joined(", ", ()) == ""


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ("no dossier", "No dossier."),
        ("It ended.", "It ended."),
        ("who is it?", "Who is it?"),
        ("OCOP only", "OCOP only."),
        ("this is no .xlsx", "This is no .xlsx."),
    ],
)
def test_the_english_of_a_pair_is_a_sentence(told: str, sentence: str) -> None:
    assert english(Paired("Không.", told)) == sentence
    assert english(InvalidInput("Không.", told).told) == sentence


def test_a_refusal_that_is_a_phrase_is_told_as_that_phrase() -> None:
    refused = InvalidInput(Phrase("còn %(days)s ngày", days=2), "days: 2")
    assert str(refused) == "còn 2 ngày"
    assert english(refused.told) == "2 days left"


def test_a_table_of_labels_keeps_its_keys_and_can_be_said() -> None:
    table = phrases({1: "xã", 2: "huyện"})
    assert table == {1: "xã", 2: "huyện"}
    assert [english(label) for label in table.values()] == ["commune", "district"]


@dataclass
class Kept:
    """What has a phrase among its values."""

    label: str


@pytest.mark.parametrize(("phrase", "vietnamese", "other"), MADE.values(), ids=MADE)
def test_a_copy_keeps_the_message(phrase: Phrase, vietnamese: str, other: str) -> None:
    copies = (
        copy.copy(phrase), copy.deepcopy(phrase), pickle.loads(pickle.dumps(phrase)), asdict(Kept(phrase))["label"],
    )  # fmt: skip
    for made in copies:
        assert type(made) is type(phrase)
        assert (made, english(made)) == (vietnamese, other)


def test_no_kind_of_phrase_carries_a_dictionary() -> None:
    kinds = {type(phrase) for phrase, _, _ in MADE.values()}
    assert kinds == {Phrase, *Phrase.__subclasses__(), *Shaped.__subclasses__()} - {Shaped}
    assert [phrase for phrase, _, _ in MADE.values() if hasattr(phrase, "__dict__")] == []


@pytest.mark.parametrize(("phrase", "vietnamese", "other"), MADE.values(), ids=MADE)
def test_a_json_file_keeps_the_message(phrase: Phrase, vietnamese: str, other: str) -> None:
    made = from_json(json.loads(json.dumps(to_json(phrase))))
    assert type(made) is type(phrase)
    assert (made, english(made)) == (vietnamese, other)
    assert json.loads(json.dumps(phrase)) == vietnamese, "without it a text is kept"


@pytest.mark.parametrize("value", ["huyện", 7, True, None, DAY, Decimal("7.50")])
def test_a_json_file_keeps_the_values_of_a_phrase(value: Any) -> None:
    made = from_json(json.loads(json.dumps(to_json(value))))
    assert (made, type(made)) == (value, type(value))


@pytest.mark.parametrize(
    ("reason", "apart"),
    [
        (remedied(Phrase("xã"), Phrase("huyện")), ("xã", "huyện")),
        (Phrase("xã"), ("xã", "")),
        (Joined(": ", ("SP-1", Phrase("xã"))), ("SP-1: xã", "")),
        ("để trống; hãy điền; đủ ngày", ("để trống", "hãy điền; đủ ngày")),
        ("để trống; đơn vị phải có tên", ("để trống; đơn vị phải có tên", "")),
    ],
)
def test_what_is_wrong_with_a_row_stands_apart_from_what_to_do(reason: str, apart: tuple[str, str]) -> None:
    problem = RowProblem("", 2, "Mã", reason)
    assert problem.apart == apart
    assert str(problem) == f"dòng 2, cột 'Mã': {reason}"


def test_what_to_do_about_a_row_can_be_said_in_english_by_itself() -> None:
    reason = remedied(Phrase("còn %(days)s ngày", days=1), Phrase("huyện"))
    assert reason == "còn 1 ngày; huyện"
    assert english(reason) == "1 day left; district"
    assert [english(part) for part in RowProblem("", 2, "Mã", reason).apart] == ["1 day left", "district"]


def test_a_refused_file_names_each_row_in_both_languages() -> None:
    refused = InvalidRows([RowProblem("", row, "Mã", remedied(Phrase("xã"), Phrase("huyện"))) for row in (2, 3)])
    assert (
        str(refused)
        == "Tệp có 2 chỗ sai, chưa nhập dòng nào:\ndòng 2, cột 'Mã': xã; huyện\ndòng 3, cột 'Mã': xã; huyện"
    )
    assert refused.told == str(refused)
    assert english(refused.told).endswith("\ndòng 3, cột 'Mã': commune; district")
