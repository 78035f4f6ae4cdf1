"""Vietnamese text as people type, search and read it: one normal form, one fold, one way to write dates and numbers."""

import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_DOWN, Decimal
from difflib import get_close_matches

WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
"""The days of the week, Monday first as `date.weekday` counts."""

_UNMARKED = str.maketrans({"đ": "d", "ð": "d"})
"""The letters that lose no mark by decomposition; the Icelandic one is what old Vietnamese fonts left behind."""

_HUNDREDTH = Decimal("0.01")


def nfc(text: str) -> str:
    """Return the text in Unicode's composed form, otherwise as it was typed."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Return the text as search and name matching compare it: lower case, no marks, single spaces.

    Where a tone mark stands is lost with the mark, so 'Thủy' and 'Thuỷ' are equal; so are 'Thủy' and 'Thụy': a match
    on folded text is a candidate, a code is an identity.
    """
    bare = "".join(sign for sign in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(sign))
    return " ".join(unicodedata.normalize("NFC", bare).translate(_UNMARKED).split())


def day(on: date) -> str:
    """Return a date as letters and pages print it: '15/6/2025'."""
    return f"{on.day}/{on.month}/{on.year}"


def weekday(on: date) -> str:
    """Return the Vietnamese name of a date's day of the week."""
    return WEEKDAYS[on.weekday()]


def points(value: Decimal) -> str:
    """Return points of 100 with two decimals, cut and not rounded: '81,50'.

    A mean of 69.995 is 3 stars; rounded it would be shown as the 4 stars that it did not reach.
    """
    return str(value.quantize(_HUNDREDTH, rounding=ROUND_DOWN)).replace(".", ",")


def decimal(value: Decimal) -> str:
    """Return a number with a decimal comma and no needless zeros: '70', '7,5'."""
    shown = f"{value:f}"
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown).replace(".", ",")


def count(value: int) -> str:
    """Return a whole number with the thousands apart: '15.600'."""
    return f"{value:,}".replace(",", ".")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was probably meant, or None when nothing is near."""
    return next(iter(get_close_matches(word, list(known))), None)


def ended(sentence: str) -> str:
    """Return a sentence with its full stop, where it does not end with a question mark."""
    return sentence if sentence.endswith("?") else f"{sentence}."
