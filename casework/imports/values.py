"""What a cell's text means: dates, numbers, codes, addresses and words, each refused with a remedy in Vietnamese."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from email_validator import EmailNotValidError, validate_email

from ocop.errors import remedied
from ocop.levels import DossierKind, Level, Role
from ocop.phrase import Phrase
from ocop.text import fold
from ocop.validity import CertificateEnd

EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)

_DAY_FIRST = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_PHONE = re.compile(r"\+?[\d ().-]{6,30}")
_YES = frozenset({"co", "x", "true", "1", "yes", "mo phong"})
_NO = frozenset({"khong", "false", "0", "no"})


class Wrong(ValueError):
    """A cell cannot be taken: `reason` says what is wrong with it, and what to do."""

    def __init__(self, wrong: str, remedy: str = "") -> None:
        """Say what is wrong, and what to do about it."""
        self.reason = remedied(wrong, remedy) if remedy else wrong
        super().__init__(self.reason)


Chosen = TypeVar("Chosen", Level, Role, DossierKind, CertificateEnd)


def text(longest: int) -> Callable[[str], str]:
    """Return a reader of free text up to so many characters."""

    def read(cell: str) -> str:
        if any(unicodedata.category(sign) == "Cc" for sign in cell):
            raise Wrong(Phrase("có ký tự điều khiển không in được"), Phrase("hãy gõ lại ô này"))
        if len(cell) > longest:
            raise Wrong(
                Phrase("dài %(length)s ký tự, nhiều nhất %(most)s", length=str(len(cell)), most=str(longest)),
                Phrase("hãy viết ngắn lại"),
            )
        return cell

    return read


def code(longest: int) -> Callable[[str], str]:
    """Return a reader of codes: text without spaces."""
    limited = text(longest)

    def read(cell: str) -> str:
        if any(sign.isspace() for sign in cell):
            raise Wrong(Phrase("mã '%(code)s' có khoảng trắng", code=cell), Phrase("hãy viết liền"))
        return limited(cell)

    return read


def day(cell: str) -> date:
    """Return a date written as 15/6/2025, 15-06-2025, 15.6.2025 or 2025-06-15, or kept as a date by Excel."""
    if found := _DAY_FIRST.fullmatch(cell):
        parts = (int(found[3]), int(found[2]), int(found[1]))
    elif found := _YEAR_FIRST.fullmatch(cell):
        parts = (int(found[1]), int(found[2]), int(found[3]))
    else:
        raise Wrong(
            Phrase("'%(cell)s' không phải ngày đầy đủ", cell=cell), Phrase("hãy ghi ngày/tháng/năm, ví dụ 15/6/2025")
        )
    try:
        read = date(*parts)
    except ValueError as error:
        raise Wrong(
            Phrase("'%(cell)s' không có trong lịch", cell=cell), Phrase("hãy ghi ngày/tháng/năm, ví dụ 15/6/2025")
        ) from error
    if not EARLIEST <= read <= LATEST:
        raise Wrong(
            Phrase(
                "ngày %(day)s nằm ngoài khoảng %(first)s đến %(last)s",
                day=read, first=str(EARLIEST.year), last=str(LATEST.year),
            ),
            Phrase("hãy kiểm tra năm"),
        )  # fmt: skip
    return read


def whole(least: int, most: int, unit: str = "") -> Callable[[str], int]:
    """Return a reader of whole numbers within bounds; the unit may be written behind."""

    def read(cell: str) -> int:
        bare = fold(cell).removesuffix(fold(unit)).strip() if unit else cell
        if not (bare.isascii() and bare.isdigit() and len(bare) < 10 and least <= int(bare) <= most):
            raise Wrong(
                Phrase("'%(cell)s' không hợp lệ", cell=cell),
                Phrase("hãy ghi số nguyên từ %(least)s đến %(most)s", least=str(least), most=str(most)),
            )
        return int(bare)

    return read


def points(cell: str) -> Decimal:
    """Return points of 100 with a decimal comma or point: '81,5', '81.5'."""
    try:
        read = Decimal(cell.replace(",", "."))
    except InvalidOperation as error:
        raise Wrong(Phrase("'%(cell)s' không phải điểm", cell=cell), Phrase("hãy ghi số, ví dụ 81,5")) from error
    exponent = read.as_tuple().exponent
    if not (read.is_finite() and 0 <= read <= 100 and isinstance(exponent, int) and exponent >= -6):
        raise Wrong(Phrase("'%(cell)s' không phải điểm từ 0 đến 100", cell=cell), Phrase("hãy kiểm tra lại"))
    return read


def flag(cell: str) -> bool:
    """Return yes or no: 'có', 'x', 'không', or what Excel keeps as true and false."""
    word = fold(cell)
    if word not in _YES | _NO:
        raise Wrong(Phrase("'%(cell)s' không rõ", cell=cell), Phrase("hãy ghi 'có' hoặc 'không'"))
    return word in _YES


def choice(options: Iterable[Chosen]) -> Callable[[str], Chosen]:
    """Return a reader of one word of a list, by its Vietnamese name or its key."""
    listed = tuple(options)
    known = {fold(option.label): option for option in listed} | {fold(option.value): option for option in listed}

    def read(cell: str) -> Chosen:
        word = fold(cell)
        found = known.get(word) or known.get(word.removeprefix("cap ")) or known.get(word.replace(" ", "_"))
        if found is None:
            raise Wrong(
                Phrase("'%(cell)s' không có trong danh mục", cell=cell),
                Phrase("hãy ghi một trong: %(words)s", words=", ".join(option.label for option in listed)),
            )
        return found

    return read


def email(cell: str) -> str:
    """Return an address that mail servers take; only plain letters before the @."""
    try:
        return validate_email(cell, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError as error:
        raise Wrong(
            Phrase("'%(cell)s' không phải địa chỉ thư điện tử dùng được", cell=cell),
            Phrase("hãy ghi dạng ten@coquan.gov.vn, không dấu, một địa chỉ trong một ô; để trống nếu không có"),
        ) from error


def phone(cell: str) -> str:
    """Return a telephone number as typed."""
    if not _PHONE.fullmatch(cell):
        raise Wrong(
            Phrase("'%(cell)s' không phải số điện thoại", cell=cell), Phrase("hãy ghi chữ số, ví dụ 0912 345 678")
        )
    return cell
