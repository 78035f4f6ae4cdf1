"""Measures what an .xlsx would unpack to before a parser opens it: nothing that its headers claim is believed."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from casework.imports.settings import ImportSettings
from ocop.errors import InvalidInput
from ocop.text import count

MEGABYTE = 1024 * 1024
WORKBOOK = "xl/workbook.xml"
_PIECE = 1024 * 1024
_CELL = re.compile(rb"<(?:[^\s<>/:]+:)?(?:c|row)\s(?:[^<]*?\s)?r\s*=\s*[\"']([A-Za-z]*)(\d+)[\"']")
"""The place of a cell or a row, as a sheet's XML writes it: 'B7' or '7'."""


def check(content: bytes, settings: ImportSettings) -> None:
    """Raise InvalidInput unless the content is an .xlsx that unpacks within the limits.

    The parser reserves memory for the rectangle up to the last cell, so one cell at XFD1048576 would be enough to end
    the process: the places of the cells are read here first.
    """
    try:
        archive = zipfile.ZipFile(BytesIO(content))
        parts = archive.infolist()
    except zipfile.BadZipFile as error:
        raise unreadable() from error
    if WORKBOOK not in {part.filename for part in parts}:
        raise unreadable()
    unpacked = 0
    for part in parts:
        begun = b""
        for piece in _unpacked(content, part):
            unpacked += len(piece)
            if unpacked > settings.max_unpacked_megabytes * MEGABYTE or unpacked > settings.max_ratio * len(content):
                raise _too_large_unpacked(settings)
            text = begun + piece
            _check_places(text, settings)
            begun = text[text.rfind(b"<") :]  # a tag may go on in the next piece
            if len(begun) > _PIECE:
                raise unreadable()


def _unpacked(content: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a part's real content in pieces, whatever size its header gives."""
    header = content[part.header_offset : part.header_offset + 30]
    if len(header) < 30:
        raise unreadable()
    start = part.header_offset + 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    packed = content[start : start + part.compress_size]
    if part.flag_bits & 1 or part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise unreadable()
    if part.compress_type == zipfile.ZIP_STORED:
        yield packed
        return
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    while packed and not inflate.eof:
        try:
            piece = inflate.decompress(packed, _PIECE)
        except zlib.error as error:
            raise unreadable() from error
        packed = inflate.unconsumed_tail
        yield piece


def _check_places(text: bytes, settings: ImportSettings) -> None:
    for letters, digits in _CELL.findall(text):
        if int(digits) > settings.max_rows + 1 or _column_number(letters) > settings.max_columns:
            place = f"{'ô' if letters else 'dòng'} {letters.decode().upper()}{digits.decode()}"
            raise InvalidInput(
                f"Bảng tính có dữ liệu hoặc định dạng ở {place}, vượt giới hạn {count(settings.max_rows)} dòng, "
                f"{settings.max_columns} cột. Hãy xóa các dòng, cột trống có định dạng ở cuối trang hoặc chia tệp.",
                f"the sheet has data or formats at {place.split()[-1]}, beyond the limit of {settings.max_rows:,} lines and "
                f"{settings.max_columns} columns. Delete the empty lines and columns with formats at the end, or split the file",
            )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def unreadable() -> InvalidInput:
    """Return the refusal of a file that is no readable .xlsx."""
    return InvalidInput(
        "Không đọc được tệp Excel: tệp hỏng, có mật khẩu hoặc không phải .xlsx. "
        "Hãy mở bằng Excel và lưu lại dạng 'Excel Workbook (*.xlsx)', không đặt mật khẩu.",
        "the Excel file cannot be read: it is damaged, has a password or is no .xlsx. Open it in Excel and save it anew as "
        "'Excel Workbook (*.xlsx)' without a password",
    )


def _too_large_unpacked(settings: ImportSettings) -> InvalidInput:
    return InvalidInput(
        f"Tệp Excel bung ra quá lớn (giới hạn {settings.max_unpacked_megabytes} MB và gấp {settings.max_ratio} lần "
        "kích thước tệp). Hãy xóa định dạng, hình ảnh thừa và lưu lại, hoặc chia tệp.",
        f"the Excel file unpacks to too much (the limit is {settings.max_unpacked_megabytes} MB and {settings.max_ratio} times "
        "the size of the file). Delete needless formats and pictures and save it anew, or split the file",
    )
