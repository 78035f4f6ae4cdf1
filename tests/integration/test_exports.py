"""Lists leave as Excel and .csv: text stays text, dates are dates, points are exact, pages print."""

import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from casework.exports import Sheet, to_csv, to_excel
from casework.imports.columns import EXAMPLE_MARK, Column, Kind
from casework.imports.reading import Table, read
from casework.imports.settings import ImportSettings
from casework.imports.templates import KINDS, template

LIST = Sheet(
    "Hồ sơ chờ xử lý",
    ("Mã", "Tên sản phẩm", "Ngày", "Lúc", "Điểm", "Số", "Muộn"),
    [
        ("ND-2025-0001", "Nước mắm Giao Thuỷ", date(2025, 6, 15), datetime(2025, 6, 14, 17, 0, tzinfo=UTC), Decimal("81.5"), 3,
         True),
        ("00036", "=HYPERLINK(\"http://x.example\")", None, None, Decimal("69.995"), 0, False),
    ],
)  # fmt: skip


def opened(content: bytes, title: str) -> Worksheet:
    sheet = openpyxl.load_workbook(BytesIO(content))[title]
    assert isinstance(sheet, Worksheet)
    return sheet


def back(content: bytes, name: str = "danh_sach.xlsx") -> Table:
    return read(name, content, ImportSettings())


def test_a_list_keeps_dates_text_and_exact_points() -> None:
    sheet = opened(to_excel([LIST]), LIST.title)
    assert [cell.value for cell in sheet[1]] == list(LIST.columns)
    assert [cell.value for cell in sheet[2]] == [
        "ND-2025-0001", "Nước mắm Giao Thuỷ", datetime(2025, 6, 15), datetime(2025, 6, 15), 81.5, 3, "có",  # noqa: DTZ001
    ]  # fmt: skip
    assert (sheet["C2"].number_format, sheet["D2"].number_format) == ("dd/mm/yyyy", "dd/mm/yyyy hh:mm")
    assert (sheet["E2"].number_format, sheet["E3"].value, sheet["G3"].value) == ("0.00####", 69.995, "không")


def test_a_cell_that_begins_like_a_formula_is_text() -> None:
    signs = ["=1+1", "+84 912", "-3", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"]
    content = to_excel([Sheet("Danh sách", ["Ô"], [[sign] for sign in signs])])
    sheet = opened(content, "Danh sách")
    assert [(cell.value, cell.data_type) for (cell,) in sheet.iter_rows(min_row=2)] == [(sign, "s") for sign in signs]
    assert b'quotePrefix="1"' in zipfile.ZipFile(BytesIO(content)).read("xl/styles.xml")
    assert b"<f>" not in zipfile.ZipFile(BytesIO(content)).read("xl/worksheets/sheet1.xml")


def test_a_csv_protects_formulas_and_reads_back_as_it_was() -> None:
    content = to_csv(LIST)
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").splitlines()
    assert lines[1] == "ND-2025-0001;Nước mắm Giao Thuỷ;15/06/2025;15/06/2025 00:00;81,5;3;có"
    assert "'=HYPERLINK" in lines[2]
    [sheet] = back(content, "danh_sach.csv")
    assert sheet.rows[2][1][1] == LIST.rows[1][1]


def test_a_page_is_a4_landscape_with_its_header_frozen_and_repeated() -> None:
    sheet = opened(to_excel([LIST]), LIST.title)
    assert sheet.freeze_panes == "A2"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.print_title_rows, sheet.page_setup.fitToHeight) == ("$1:$1", 0)
    assert sheet.auto_filter.ref == "A1:G3"
    assert sheet.column_dimensions["B"].width > sheet.column_dimensions["F"].width


def test_titles_that_excel_would_refuse_are_made_fit_and_kept_apart() -> None:
    long = "Hồ sơ quá hạn: huyện Giao Thủy [đợt 1/2025]"
    content = to_excel([Sheet(title, ["Mã"], []) for title in (long, long, "", "'")])
    assert openpyxl.load_workbook(BytesIO(content)).sheetnames == [
        "Hồ sơ quá hạn huyện Giao Thủy đ",
        "Hồ sơ quá hạn huyện Giao Thủy 2",
        "Danh sách",
        "Danh sách 2",
    ]


def test_a_text_longer_than_a_cell_is_cut_and_not_lost() -> None:
    sheet = opened(to_excel([Sheet("Dài", ["Ô"], [["ạ" * 40_000]])]), "Dài")
    assert len(str(sheet["A2"].value)) == 32_767


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_template_explains_each_column_and_its_example_must_be_replaced(kind: Kind[object]) -> None:
    content = template(kind)
    [sheet] = back(content)
    assert sheet.rows[1][1][0].startswith(EXAMPLE_MARK)
    lines, problems = kind.parse([sheet])
    assert lines == []
    assert [(problem.row, problem.reason) for problem in problems] == [
        (2, "đây là dòng ví dụ của tệp mẫu; hãy xóa hoặc thay bằng dữ liệu thật")
    ]
    explained = opened(content, "Hướng dẫn")
    assert [row[0].value for row in explained.iter_rows(min_row=2)] == [column.vietnamese for column in kind.columns]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_template_is_read_without_a_problem_once_its_example_is_replaced(kind: Kind[object]) -> None:
    book = openpyxl.load_workbook(BytesIO(template(kind)))
    page = book[kind.title]
    for place, column in enumerate(kind.columns, start=1):
        page.cell(row=2, column=place, value=column.example or None)
    filled = BytesIO()
    book.save(filled)
    lines, problems = kind.parse(back(filled.getvalue()))
    assert problems == []
    assert len(lines) == 1


def test_a_column_of_a_template_is_text_so_that_codes_keep_their_zeros() -> None:
    sheet = opened(template(KINDS["units"]), KINDS["units"].title)
    assert sheet.column_dimensions["C"].number_format == "@"


def test_every_column_of_every_kind_has_a_name_of_its_own() -> None:
    for kind in KINDS.values():
        columns: tuple[Column, ...] = kind.columns
        assert len({column.vietnamese for column in columns}) == len({column.key for column in columns}) == len(columns)
