"""Writes lists as Excel workbooks and .csv files that an office opens, prints and can import again."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal
from io import BytesIO, StringIO
from typing import Any

from xlsxwriter import Workbook

from ocop.text import decimal
from ocop.working_days import VIETNAM

Cell = str | int | Decimal | date | datetime | None
"""What a list holds; True and False are written as 'có' and 'không'."""

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet program would calculate."""

_LONGEST = 32_767
"""The most characters that Excel takes in a cell."""
_WIDEST, _NARROWEST, _MEASURED = 60, 8, 200
_MILLIONTH = Decimal("0.000001")
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_AS_TEXT = 49
"""Excel's own number for the format '@'."""
_FORMATS = {
    "header": {"bold": True, "bg_color": "#DDE8F3", "border": 1, "text_wrap": True, "valign": "top"},
    "day": {"num_format": "dd/mm/yyyy", "align": "left"},
    "instant": {"num_format": "dd/mm/yyyy hh:mm", "align": "left"},
    "points": {"num_format": "0.00####"},  # two decimals, more when there are more: 69,995 is never shown as 70
    "text": {"num_format": _AS_TEXT},
    "sign": {"num_format": _AS_TEXT, "quote_prefix": True},
}


@dataclass(frozen=True)
class Sheet:
    """A list: its title, its columns' headers, its rows."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    to_fill: bool = False
    """Whether people type into it: then all its cells are formatted as text, so that codes keep their zeros."""


def to_excel(lists: Sequence[Sheet]) -> bytes:
    """Return an .xlsx with a sheet for each list: header frozen and repeated on each printed page, A4 landscape.

    Text is always text, also when it begins like a formula; dates are dates; instants are Vietnamese local time.
    """
    content = BytesIO()
    with Workbook(content, {"constant_memory": True}) as workbook:
        formats = {name: workbook.add_format(properties) for name, properties in _FORMATS.items()}
        titles: set[str] = set()
        for sheet in lists:
            page = workbook.add_worksheet(_title(sheet.title, titles))
            page.freeze_panes(1, 0)
            page.set_landscape()
            page.set_paper(9)
            page.repeat_rows(0)
            page.fit_to_pages(1, 0)
            page.set_footer("&L&A&RTrang &P/&N")
            for place, width in enumerate(_widths(sheet)):
                page.set_column(place, place, width, formats["text"] if sheet.to_fill else None)
            for place, header in enumerate(sheet.columns):
                page.write_string(0, place, header, formats["header"])
            for number, row in enumerate(sheet.rows, start=1):
                for place, cell in enumerate(row):
                    _write(page, number, place, cell, formats)
            if sheet.rows and not sheet.to_fill:
                page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)
    return content.getvalue()


def to_csv(sheet: Sheet) -> bytes:
    """Return a list as .csv in UTF-8 with its mark, apart by semicolons, as Excel with Vietnamese settings opens it.

    A text that begins like a formula gets a quote before it, which our own reader takes off again.
    """
    text = StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(_plain(header) for header in sheet.columns)
    writer.writerows([_plain(cell) for cell in row] for row in sheet.rows)
    return text.getvalue().encode("utf-8-sig")


def _write(page: Any, row: int, column: int, cell: Cell, formats: dict[str, Any]) -> None:
    match cell:
        case None | "":
            return
        case bool():
            page.write_string(row, column, _yes(cell))
        case str():
            sign = formats["sign"] if cell.startswith(FORMULA_SIGNS) else None
            page.write_string(row, column, cell[:_LONGEST], *([sign] if sign else []))
        case Decimal():
            page.write_number(row, column, float(cell.quantize(_MILLIONTH, ROUND_DOWN)), formats["points"])
        case datetime():
            page.write_datetime(row, column, _local(cell), formats["instant"])
        case date():
            page.write_datetime(row, column, cell, formats["day"])
        case _:
            page.write_number(row, column, cell)


def _plain(cell: Cell) -> str:
    """Return a cell of a .csv: a text that begins like a formula gets a quote before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) else told(cell)


def told(cell: Cell) -> str:
    """Return a cell as a person reads it."""
    match cell:
        case None:
            return ""
        case bool():
            return _yes(cell)
        case Decimal():
            return decimal(cell)
        case datetime():
            return f"{_local(cell):%d/%m/%Y %H:%M}"
        case date():
            return f"{cell:%d/%m/%Y}"
        case _:
            return str(cell)


def _yes(cell: bool) -> str:
    return "có" if cell else "không"


def _local(instant: datetime) -> datetime:
    return instant.astimezone(VIETNAM).replace(tzinfo=None)


def _widths(sheet: Sheet) -> list[int]:
    """Return a width for each column in characters, from its header and its first rows."""
    measured = sheet.rows[:_MEASURED]
    return [
        min(_WIDEST, max(_NARROWEST, *(len(_plain(row[place])) + 2 for row in (sheet.columns, *measured))))
        for place in range(len(sheet.columns))
    ]


def _title(wanted: str, taken: set[str]) -> str:
    """Return a title that Excel takes: 31 characters, none of []:*?/\\', and not used in this workbook."""
    base = " ".join(wanted.translate(_FORBIDDEN).split())[:31].strip() or "Danh sách"
    title, number = base, 1
    while title.lower() in taken:
        number += 1
        title = f"{base[: 31 - len(str(number)) - 1]} {number}"
    taken.add(title.lower())
    return title
