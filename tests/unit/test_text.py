"""Vietnamese text: one normal form, one fold, dates and numbers as they are written."""

import unicodedata
from datetime import date
from decimal import Decimal

import pytest

from ocop import text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Thủy", "Thuỷ"),
        ("Hòa Bình", "hoà   bình"),
        ("ĐƯỜNG", "đường"),
        ("Đặng", "dang"),
        ("ðường", "duong"),  # as old fonts left it
        (unicodedata.normalize("NFD", "Nghĩa Hưng"), "Nghĩa Hưng"),
        ("Nước mắm Sa Châu\u00a0", "nuoc mam sa chau"),
    ],
)
def test_names_that_differ_in_case_marks_or_spaces_fold_alike(one: str, other: str) -> None:
    assert text.fold(one) == text.fold(other)


def test_text_is_kept_as_typed_but_composed() -> None:
    typed = "  Thủy Nguyên "
    assert text.nfc(unicodedata.normalize("NFD", typed)) == typed


def test_dates_are_written_day_first_without_zeros() -> None:
    assert text.day(date(2025, 6, 5)) == "5/6/2025"
    assert text.weekday(date(2025, 6, 15)) == "Chủ nhật"
    assert text.weekday(date(2025, 6, 16)) == "thứ Hai"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("81.5", "81,50"),
        ("69.995", "69,99"),  # not 70,00: it is 3 stars
        ("89.9999", "89,99"),
        ("70", "70,00"),
        ("0", "0,00"),
        ("100", "100,00"),
        ("66.66666666666666666666666667", "66,66"),
    ],
)
def test_points_are_shown_with_two_decimals_and_never_reach_a_band_they_did_not(value: str, shown: str) -> None:
    assert text.points(Decimal(value)) == shown


def test_numbers_have_a_decimal_comma_and_points_between_thousands() -> None:
    assert text.decimal(Decimal(70)) == "70"
    assert text.decimal(Decimal("7.50")) == "7,5"
    assert text.decimal(Decimal(100)) == "100"
    assert text.decimal(Decimal("7E+1")) == "70"  # as a calculation may leave it
    assert text.count(15600) == "15.600"


def test_a_sentence_gets_its_full_stop_where_it_asks_nothing() -> None:
    assert text.ended("ghi 3") == "ghi 3."
    assert text.ended("có phải «date»?") == "có phải «date»?"
