"""What a cell's text means: dates, numbers, codes, addresses and words, each refused with a remedy in Vietnamese."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from email_validator import EmailNotValidError, validate_email

from ocop.levels import DossierKind, Level, Role
from ocop.text import day as day_text
from ocop.text import fold
from ocop.validity import CertificateEnd

EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)

_DAY_FIRST = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_PHONE = re.compile(r"\+?[\d ().-]{6,30}")
_YES = frozenset({"co", "x", "true", "1", "yes", "mo phong"})
_NO = frozenset({"khong", "false", "0", "no"})


Chosen = TypeVar("Chosen", Level, Role, DossierKind, CertificateEnd)


def text(longest: int) -> Callable[[str], str]:
    """Return a reader of free text up to so many characters."""

    def read(cell: str) -> str:
        if any(unicodedata.category(sign) == "Cc" for sign in cell):
            raise ValueError("có ký tự điều khiển không in được; hãy gõ lại ô này")
        if len(cell) > longest:
            raise ValueError(f"dài {len(cell)} ký tự, nhiều nhất {longest}; hãy viết ngắn lại")
        return cell

    return read


def code(longest: int) -> Callable[[str], str]:
    """Return a reader of codes: text without spaces."""
    limited = text(longest)

    def read(cell: str) -> str:
        if any(sign.isspace() for sign in cell):
            raise ValueError(f"mã '{cell}' có khoảng trắng; hãy viết liền")
        return limited(cell)

    return read


def day(cell: str) -> date:
    """Return a date written as 15/6/2025, 15-06-2025, 15.6.2025 or 2025-06-15, or kept as a date by Excel."""
    if found := _DAY_FIRST.fullmatch(cell):
        parts = (int(found[3]), int(found[2]), int(found[1]))
    elif found := _YEAR_FIRST.fullmatch(cell):
        parts = (int(found[1]), int(found[2]), int(found[3]))
    else:
        raise ValueError(f"'{cell}' không phải ngày đầy đủ; hãy ghi ngày/tháng/năm, ví dụ 15/6/2025")
    try:
        read = date(*parts)
    except ValueError as error:
        raise ValueError(f"'{cell}' không có trong lịch; hãy ghi ngày/tháng/năm, ví dụ 15/6/2025") from error
    if not EARLIEST <= read <= LATEST:
        raise ValueError(f"ngày {day_text(read)} nằm ngoài khoảng {EARLIEST.year} đến {LATEST.year}; hãy kiểm tra năm")
    return read


def whole(least: int, most: int, unit: str = "") -> Callable[[str], int]:
    """Return a reader of whole numbers within bounds; the unit may be written behind."""

    def read(cell: str) -> int:
        bare = fold(cell).removesuffix(fold(unit)).strip() if unit else cell
        if not (bare.isascii() and bare.isdigit() and least <= int(bare) <= most):
            raise ValueError(f"'{cell}' không hợp lệ; hãy ghi số nguyên từ {least} đến {most}")
        return int(bare)

    return read


def points(cell: str) -> Decimal:
    """Return points of 100 with a decimal comma or point: '81,5', '81.5'."""
    try:
        read = Decimal(cell.replace(",", "."))
    except InvalidOperation as error:
        raise ValueError(f"'{cell}' không phải điểm; hãy ghi số, ví dụ 81,5") from error
    exponent = read.as_tuple().exponent
    if not (read.is_finite() and 0 <= read <= 100 and isinstance(exponent, int) and exponent >= -6):
        raise ValueError(f"'{cell}' không phải điểm từ 0 đến 100; hãy kiểm tra lại")
    return read


def flag(cell: str) -> bool:
    """Return yes or no: 'có', 'x', 'không', or what Excel keeps as true and false."""
    word = fold(cell)
    if word not in _YES | _NO:
        raise ValueError(f"'{cell}' không rõ; hãy ghi 'có' hoặc 'không'")
    return word in _YES


def choice(options: Iterable[Chosen]) -> Callable[[str], Chosen]:
    """Return a reader of one word of a list, by its Vietnamese name or its key."""
    listed = tuple(options)
    known = {fold(option.label): option for option in listed} | {fold(option.value): option for option in listed}

    def read(cell: str) -> Chosen:
        word = fold(cell)
        found = known.get(word) or known.get(word.removeprefix("cap ")) or known.get(word.replace(" ", "_"))
        if found is None:
            raise ValueError(
                f"'{cell}' không có trong danh mục; hãy ghi một trong: " + ", ".join(o.label for o in listed)
            )
        return found

    return read


def email(cell: str) -> str:
    """Return an address that mail servers take; only plain letters before the @."""
    try:
        return validate_email(cell, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError as error:
        raise ValueError(
            f"'{cell}' không phải địa chỉ thư điện tử dùng được; hãy ghi dạng ten@coquan.gov.vn, không dấu, "
            "một địa chỉ trong một ô; để trống nếu không có"
        ) from error


def phone(cell: str) -> str:
    """Return a telephone number as typed."""
    if not _PHONE.fullmatch(cell):
        raise ValueError(f"'{cell}' không phải số điện thoại; hãy ghi chữ số, ví dụ 0912 345 678")
    return cell
