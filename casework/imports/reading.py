"""Reads an .xlsx or .csv file into sheets of text cells, with the row numbers that Excel shows."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from casework.imports import archive
from casework.imports.settings import ImportSettings
from ocop.errors import InvalidInput
from ocop.text import count, fold, nfc

EXPLANATIONS = "Hướng dẫn"
"""The title of a template's second sheet, which is never read."""

_OLE = b"\xd0\xcf\x11\xe0"
"""How an old .xls and an .xlsx with a password begin."""
_INVISIBLE = " \t\r\n\u00a0\u200b\u200c\u200d\u2060\ufeff"
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True)
class Sheet:
    """One sheet: its title (empty for .csv) and its rows that are not empty, each with Excel's number for it."""

    title: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]


Table = Sequence[Sheet]
"""All sheets of a file; the first row of each is its header."""


def read(name: str, content: bytes, settings: ImportSettings) -> Table:
    """Return the sheets of a file by its name's ending; raise InvalidInput with the remedy when it cannot be read.

    Every cell comes as text in NFC, trimmed, line breaks as spaces: a number in plain notation, a date as 2025-06-15.
    Hidden sheets and the explanations of a template are left out.
    """
    if len(content) > settings.max_megabytes * archive.MEGABYTE:
        raise InvalidInput(
            f"Tệp '{name}' lớn hơn {settings.max_megabytes} MB. Hãy chia thành nhiều tệp nhỏ hơn.",
            f"the file '{name}' is larger than {settings.max_megabytes} MB. Split it into smaller files",
        )
    ending = name.lower().rpartition(".")[2]
    if ending == "xlsx":
        sheets = _workbook(content, settings)
    elif ending == "csv":
        sheets = [Sheet("", _filled(_records(content)))]
    else:
        raise InvalidInput(
            f"Tệp '{name}' không phải .xlsx hoặc .csv. Hãy lưu lại dạng 'Excel Workbook (*.xlsx)' "
            "hoặc 'CSV UTF-8 (*.csv)'.",
            f"the file '{name}' is neither .xlsx nor .csv. Save it as 'Excel Workbook (*.xlsx)' or 'CSV UTF-8 (*.csv)'",
        )
    sheets = [sheet for sheet in sheets if sheet.rows]
    if not sheets:
        raise InvalidInput(
            f"Tệp '{name}' không có dòng nào. Hãy ghi dòng tiêu đề và dữ liệu, hoặc điền tệp mẫu (“Tải tệp mẫu”).",
            f"the file '{name}' has no lines. Write the headers and the data, or fill in the template",
        )
    if sum(len(sheet.rows) for sheet in sheets) > settings.max_rows + len(sheets):
        raise InvalidInput(
            f"Tệp '{name}' có hơn {count(settings.max_rows)} dòng. Hãy chia thành nhiều tệp.",
            f"the file '{name}' has more than {settings.max_rows:,} lines. Split it into several files",
        )
    return sheets


def _workbook(content: bytes, settings: ImportSettings) -> list[Sheet]:
    if content.startswith(_OLE):
        raise archive.unreadable()
    archive.check(content, settings)
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(content))
        return [
            Sheet(nfc(entry.name), _filled(workbook.get_sheet_by_name(entry.name).to_python(skip_empty_area=False)))
            for entry in workbook.sheets_metadata
            if entry.typ == SheetTypeEnum.WorkSheet
            and entry.visible == SheetVisibleEnum.Visible
            and fold(entry.name) != fold(EXPLANATIONS)
        ]
    except CalamineError as error:
        raise archive.unreadable() from error


def _records(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            "Tệp .csv không ở bảng mã UTF-8 nên dấu tiếng Việt sẽ sai. Trong Excel hãy chọn Lưu thành "
            "'CSV UTF-8 (Comma delimited) (*.csv)' hoặc dùng .xlsx.",
            f"the .csv is not in UTF-8 (byte {error.start}), so that Vietnamese letters would be wrong. Save it in Excel as "
            "'CSV UTF-8 (Comma delimited) (*.csv)', or use .xlsx",
        ) from error
    header = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=header.count)
    try:
        return list(csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise InvalidInput(
            f"Tệp .csv sai cấu trúc ({error}). Hãy kiểm tra dấu nháy kép trong ô, hoặc lưu lại từ Excel.",
            f"the .csv is malformed ({error}). Look at the quotation marks in its cells, or save it anew in Excel",
        ) from error


def _filled(records: Iterable[Sequence[Any]]) -> tuple[tuple[int, tuple[str, ...]], ...]:
    rows = ((number, tuple(_text(cell) for cell in record)) for number, record in enumerate(records, start=1))
    return tuple((number, cells) for number, cells in rows if any(cells))


def _text(cell: Any) -> str:
    """Return a cell's text; a quote that protects a formula's sign in our own .csv is taken off again."""
    if isinstance(cell, str):
        text = " ".join(nfc(cell).splitlines()).replace("\t", " ").strip(_INVISIBLE)
        return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text
    if isinstance(cell, bool):
        return "có" if cell else "không"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else format(Decimal(repr(cell)), "f")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)
