"""Kinds of import files as tables of columns, and the reading of a file's rows by them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Generic, TypeVar

from casework.imports.reading import Sheet, Table
from casework.imports.values import Wrong
from ocop.errors import InvalidRows, RowProblem, remedied
from ocop.phrase import Phrase
from ocop.text import fold

EXAMPLE_MARK = "(ví dụ)"
"""How the first cell of a template's example row begins: such a row must be replaced."""

Row = TypeVar("Row")


@dataclass(frozen=True)
class Column:
    """One column of a kind of file: its headers, what its cells mean, and what the template says about it."""

    key: str
    """Also the English header, with or without underscores."""
    vietnamese: str
    parse: Callable[[str], Any]
    required: bool = False
    default: Any = None
    """What an empty cell means."""
    example: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        """Let the note be said in English where a refused row quotes it."""
        if self.note and not isinstance(self.note, Phrase):
            object.__setattr__(self, "note", Phrase(self.note))


@dataclass(frozen=True)
class Line(Generic[Row]):
    """A row of a file that could be read, and where it stands."""

    sheet: str
    number: int
    row: Row
    headers: Mapping[str, str]
    """The file's own header of each column that it has."""

    def has(self, key: str) -> bool:
        """Return whether the file has this column at all."""
        return key in self.headers

    def problem(self, key: str, wrong: str, remedy: str = "") -> RowProblem:
        """Return something wrong in this row, and what to do about it."""
        reason = remedied(wrong, remedy) if remedy else wrong
        return RowProblem(self.sheet, self.number, self.headers.get(key, key), reason)

    def twice(self, key: str, first: int) -> RowProblem:
        """Return that this row says again what the row with the number `first` says."""
        return self.problem(key, Phrase("trùng với dòng %(line)s", line=str(first)), Phrase("hãy giữ một dòng"))


@dataclass(frozen=True)
class Kind(Generic[Row]):
    """A kind of import file: what its rows become, and its columns in the template's order."""

    key: str
    title: str
    build: Callable[..., Row]
    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        """Let pages say the title in English."""
        object.__setattr__(self, "title", Phrase(self.title))

    def parse(self, table: Table) -> tuple[list[Line[Row]], list[RowProblem]]:
        """Return the rows that could be read and everything that could not."""
        lines: list[Line[Row]] = []
        problems: list[RowProblem] = []
        for sheet in table:
            columns, wrong = self._header(sheet)
            problems += wrong
            if wrong:
                continue
            headers = {column.key: sheet.rows[0][1][place] for place, column in columns.items()}
            for number, cells in sheet.rows[1:]:
                values, wrong = self._values(sheet.title, number, cells, columns, headers)
                problems += wrong
                if not wrong:
                    lines.append(Line(sheet.title, number, self.build(**values), headers))
        if not lines and not problems:
            reason = Phrase("tệp chưa có dòng dữ liệu nào")
            problems.append(RowProblem(table[0].title, 2, self.columns[0].vietnamese, reason))
        return lines, problems

    def _header(self, sheet: Sheet) -> tuple[dict[int, Column], list[RowProblem]]:
        """Return the column at each place of the header row; unknown, double and missing ones are problems."""
        number, header = sheet.rows[0]
        known = {_name(name): column for column in self.columns for name in (column.vietnamese, column.key)}
        found: dict[int, Column] = {}
        problems: list[RowProblem] = []
        for place, title in enumerate(header):
            column = known.get(_name(title))
            if not title:
                continue
            if column is None:
                problems.append(RowProblem(sheet.title, number, title, self._unknown(title)))
            elif column in found.values():
                reason = remedied(Phrase("cột này có hai lần"), Phrase("hãy bỏ một cột"))
                problems.append(RowProblem(sheet.title, number, title, reason))
            else:
                found[place] = column
        problems += [
            RowProblem(
                sheet.title,
                number,
                column.vietnamese,
                remedied(
                    Phrase("tệp thiếu cột này"),
                    Phrase(
                        "hãy thêm tiêu đề '%(header)s' (hoặc '%(key)s') ở dòng %(line)s",
                        header=column.vietnamese,
                        key=column.key,
                        line=str(number),
                    ),
                ),
            )
            for column in self.columns
            if column.required and column not in found.values()
        ]
        return found, problems

    def _unknown(self, title: str) -> str:
        close = get_close_matches(fold(title), [fold(column.vietnamese) for column in self.columns], n=1)
        for column in self.columns:
            if close and fold(column.vietnamese) == close[0]:
                return Phrase(
                    "không có cột này; có phải là '%(header)s'? Hãy sửa tiêu đề hoặc xóa cột", header=column.vietnamese
                )
        names = ", ".join(column.vietnamese for column in self.columns)
        return remedied(
            Phrase("không có cột này"),
            Phrase("hãy xóa cột hoặc dùng một trong các tiêu đề: %(headers)s", headers=names),
        )

    def _values(
        self,
        title: str,
        number: int,
        cells: Sequence[str],
        columns: Mapping[int, Column],
        headers: Mapping[str, str],
    ) -> tuple[dict[str, Any], list[RowProblem]]:
        if fold(cells[0]).startswith(fold(EXAMPLE_MARK)):
            reason = remedied(Phrase("đây là dòng ví dụ của tệp mẫu"), Phrase("hãy xóa hoặc thay bằng dữ liệu thật"))
            return {}, [RowProblem(title, number, self.columns[0].vietnamese, reason)]
        values: dict[str, Any] = {column.key: column.default for column in self.columns}
        problems: list[RowProblem] = []
        for place, cell in enumerate(cells):
            column = columns.get(place)
            if column is None:
                if cell:
                    nameless = Phrase("thứ %(number)s", number=place + 1)
                    wrong = Phrase("ô có dữ liệu nhưng cột không có tiêu đề")
                    problems.append(RowProblem(title, number, nameless, wrong))
            elif cell:
                try:
                    values[column.key] = column.parse(cell)
                except ValueError as error:
                    said = error.reason if isinstance(error, Wrong) else str(error)
                    problems.append(RowProblem(title, number, headers[column.key], said))
            elif column.required:
                fill = Phrase("hãy điền; %(note)s", note=column.note) if column.note else Phrase("hãy điền")
                problems.append(RowProblem(title, number, headers[column.key], remedied(Phrase("để trống"), fill)))
        return values, problems


@dataclass(frozen=True)
class Imported:
    """How many rows of a file were new, were already there, or changed what was there."""

    new: int
    unchanged: int
    changed: int

    def __str__(self) -> str:
        """Return the line as the importer prints it."""
        return f"{self.new} dòng mới, {self.changed} dòng thay đổi, {self.unchanged} dòng đã có"


def refuse(problems: Sequence[RowProblem]) -> None:
    """Raise InvalidRows with every problem of the file, in the file's order; nothing when there is none."""
    if problems:
        raise InvalidRows(sorted(problems, key=lambda problem: (problem.sheet, problem.row)))


def _name(title: str) -> str:
    return fold(title.replace("_", " ").rstrip("*"))
