"""Any file that an office may hand over is read, or refused with the remedy: encodings, dates, bombs, hidden sheets."""

import unicodedata
import zipfile
import zlib
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from xlsxwriter import Workbook

from casework.imports.columns import Kind
from casework.imports.people import PEOPLE
from casework.imports.reading import Table, read
from casework.imports.settings import ImportSettings
from casework.imports.units import UNITS
from ocop.errors import InvalidInput

HEADER = ("Cấp", "Mã đơn vị", "Tên đơn vị", "Mã đơn vị cấp trên", "Có hiệu lực từ")
ROW: tuple[Any, ...] = ("xã", "13636", "Phường Vị Xuyên", "356", date(2025, 6, 15))


def workbook(*rows: tuple[Any, ...], title: str = "Đơn vị", hidden: tuple[Any, ...] = ()) -> bytes:
    content = BytesIO()
    with Workbook(content) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        page = book.add_worksheet(title)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                page.write(number, place, cell, *([day] if isinstance(cell, date) else []))
        if hidden:
            other = book.add_worksheet("Ẩn")
            other.hide()
            other.write_row(0, 0, hidden)
    return content.getvalue()


def table(content: bytes, name: str = "tep.xlsx", **limits: int) -> Table:
    return read(name, content, ImportSettings(**limits))


def refusal(content: bytes, name: str = "tep.xlsx", **limits: int) -> str:
    with pytest.raises(InvalidInput) as refused:
        table(content, name, **limits)
    return str(refused.value)


def reasons(kind: Kind[Any], filed: Table) -> list[tuple[str, int, str, str]]:
    return [(p.sheet, p.row, p.column, p.reason) for p in kind.parse(filed)[1]]


# --- what is read ----------------------------------------------------------------------------------------------------


def test_numbers_and_dates_of_excel_come_as_plain_text() -> None:
    [sheet] = table(
        workbook(("Một",), (13636,), (81.5,), (True,), (date(2025, 6, 15),), ("  Gạo\nnếp\u00a0",), (0.1 + 0.2,))
    )
    assert [cells[0] for _, cells in sheet.rows] == [
        "Một", "13636", "81.5", "có", "2025-06-15", "Gạo nếp", "0.3",
    ]  # fmt: skip


def test_a_code_that_excel_made_a_number_and_a_date_that_it_made_a_date_are_read() -> None:
    lines, problems = UNITS.parse(table(workbook(HEADER, ("xã", 13636, "Phường Vị Xuyên", 356, date(2025, 6, 15)))))
    assert problems == []
    assert (lines[0].row.code, lines[0].row.parent_code, lines[0].row.valid_from) == ("13636", "356", date(2025, 6, 15))


def test_row_numbers_are_those_of_excel_with_empty_rows_between() -> None:
    filed = table(workbook((), HEADER, ROW, (), ("xóm", *ROW[1:])))
    lines, problems = UNITS.parse(filed)
    assert [line.number for line in lines] == [3]
    assert [(problem.sheet, problem.row, problem.column) for problem in problems] == [("Đơn vị", 5, "Cấp")]
    assert str(problems[0]).startswith("trang 'Đơn vị', dòng 5, cột 'Cấp': 'xóm' không có trong danh mục")


def test_hidden_sheets_and_a_templates_explanations_are_left_out() -> None:
    assert [sheet.title for sheet in table(workbook(HEADER, hidden=("gì đó",)))] == ["Đơn vị"]
    content = BytesIO()
    with Workbook(content) as book:
        book.add_worksheet("Đơn vị").write_row(0, 0, HEADER)
        book.add_worksheet("HƯỚNG DẪN").write_row(0, 0, ("Cột", "Ghi chú"))
    assert [sheet.title for sheet in table(content.getvalue())] == ["Đơn vị"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_csv_is_read_with_or_without_its_mark_and_with_either_separator(delimiter: str, mark: str) -> None:
    text = (
        mark
        + delimiter.join(HEADER)
        + "\r\n"
        + delimiter.join(("xã", "13636", '"Phường ""Vị Xuyên"""', "356", "15/6/2025"))
    )
    lines, problems = UNITS.parse(table(text.encode(), "tep.csv"))
    assert (problems, lines[0].row.name) == ([], 'Phường "Vị Xuyên"')


def test_decomposed_text_is_composed_in_headers_and_cells() -> None:
    text = unicodedata.normalize("NFD", ";".join(HEADER) + "\nXÃ;13636;Phường Vị Xuyên;356;15/6/2025")
    lines, problems = UNITS.parse(table(text.encode(), "tep.csv"))
    assert (problems, lines[0].row.name) == ([], "Phường Vị Xuyên")


@pytest.mark.parametrize("header", [HEADER, ("level", "code", "name", "parent_code", "valid_from"),
                                    ("LEVEL", "Code", "Name", "Parent code", "valid from"),
                                    ("Cấp*", "MÃ ĐƠN VỊ *", "tên đơn vị", "Mã đơn  vị cấp trên", "Có hiệu lực từ")])  # fmt: skip
def test_headers_are_known_in_vietnamese_and_english(header: tuple[str, ...]) -> None:
    lines, problems = UNITS.parse(table(workbook(header, ROW)))
    assert (problems, len(lines)) == ([], 1)


# --- headers that do not fit -----------------------------------------------------------------------------------------


def test_an_unknown_a_double_and_a_missing_column_are_named_with_the_remedy() -> None:
    found = reasons(UNITS, table(workbook(("Cấp", "Tên đơn  vi", "Cấp", "Ghi chú riêng", "Có hiệu lực từ"), ROW)))
    assert [(row, column) for _, row, column, _ in found] == [
        (1, "Cấp"), (1, "Ghi chú riêng"), (1, "Mã đơn vị"),
    ]  # fmt: skip
    assert found[0][3] == "cột này có hai lần; hãy bỏ một cột"
    assert "dùng một trong các tiêu đề: Cấp, Mã đơn vị" in found[1][3]
    assert found[2][3] == "tệp thiếu cột này; hãy thêm tiêu đề 'Mã đơn vị' (hoặc 'code') ở dòng 1"


def test_a_header_that_is_nearly_right_is_answered_with_the_right_one() -> None:
    [(_, _, column, reason), *_] = reasons(PEOPLE, table(workbook(("Mã cán bô số", "Họ tên"))))
    assert (column, reason) == (
        "Mã cán bô số",
        "không có cột này; có phải là 'Mã cán bộ'? Hãy sửa tiêu đề hoặc xóa cột",
    )


def test_data_under_no_header_and_a_file_without_rows_are_named() -> None:
    assert reasons(UNITS, table(workbook(HEADER, (*ROW, "thừa")))) == [
        ("Đơn vị", 2, "thứ 6", "ô có dữ liệu nhưng cột không có tiêu đề")
    ]
    assert reasons(UNITS, table(workbook(HEADER))) == [("Đơn vị", 2, "Cấp", "tệp chưa có dòng dữ liệu nào")]


def test_every_sheet_needs_its_own_header() -> None:
    content = BytesIO()
    with Workbook(content) as book:
        book.add_worksheet("Vụ Bản").write_row(0, 0, HEADER)
        book.add_worksheet("Ý Yên").write_row(0, 0, ("xã", "13795", "Thị trấn Lâm"))
    assert {sheet for sheet, *_ in reasons(UNITS, table(content.getvalue()))} == {"Ý Yên"}


# --- files that are refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("tep.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "không phải .xlsx hoặc .csv"),
        ("tep.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "có mật khẩu"),
        ("tep.xlsx", b"PK\x03\x04 gi do", "Không đọc được tệp Excel"),
        ("tep.xlsx", "Cấp,Mã".encode(), "Không đọc được tệp Excel"),
        ("tep.xlsx", b"", "Không đọc được tệp Excel"),
        ("tep", b"a,b", "không phải .xlsx hoặc .csv"),
        ("tep.csv", "Cấp,Mã".encode("utf-16"), "không ở bảng mã UTF-8"),
        ("tep.csv", "Tên,Xã".encode("latin-1"), "Lưu thành 'CSV UTF-8"),
        ("tep.csv", b"", "không có dòng nào"),
        ("tep.csv", b"\n \n,,\n", "không có dòng nào"),
        ("tep.csv", b'a,"b\nc', "sai cấu trúc"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_remedy(name: str, content: bytes, reason: str) -> None:
    assert reason in refusal(content, name)


def zipped(parts: dict[str, bytes]) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return content.getvalue()


def test_a_bomb_is_refused_by_what_it_unpacks_to_and_not_by_what_its_header_says() -> None:
    bomb = zipped({"xl/workbook.xml": b" " * 30_000_000})
    assert len(bomb) < 100_000
    assert "bung ra quá lớn" in refusal(bomb, max_ratio=100_000, max_unpacked_megabytes=10)
    assert "bung ra quá lớn" in refusal(bomb)

    lying = bomb.replace((30_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    lying = lying.replace(
        zlib.crc32(b" " * 30_000_000).to_bytes(4, "little"), zlib.crc32(b" " * 10).to_bytes(4, "little")
    )
    assert zipfile.ZipFile(BytesIO(lying)).getinfo("xl/workbook.xml").file_size == 10
    assert "bung ra quá lớn" in refusal(lying)


def test_a_single_cell_at_the_end_of_the_sheet_is_refused_before_memory_is_reserved_for_the_rectangle() -> None:
    content = BytesIO()
    with Workbook(content) as book:
        book.add_worksheet("Xa").write(1_048_575, 16_383, "ở đây")
    assert "có dữ liệu hoặc định dạng ở dòng 1048576" in refusal(content.getvalue())


@pytest.mark.parametrize(
    "cell",
    [b'<c r="XFD7">', b"<c r='XFD7'>", b'<x:c r="XFD7">', b'<c\n\tr =\n"XFD7">', b'<c a=">" r="XFD7">',
     b"<c" + b" " * 900_000 + b'r="XFD7">', b'<row spans="1:2" r="99999">'],
)  # fmt: skip
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/anything.dat"])
def test_a_cell_far_out_is_found_however_the_sheet_writes_it(cell: bytes, part: str) -> None:
    body = b"<sheetData>" + b"<v>1</v>" * 100_000 + cell
    filed = zipped({"xl/workbook.xml": b"<workbook/>", part: body})
    assert "vượt giới hạn 20.000 dòng, 200 cột" in refusal(filed, max_ratio=100_000)


def test_too_many_bytes_rows_or_columns_are_refused_by_the_setting() -> None:
    assert "lớn hơn 1 MB" in refusal(b"," * 1_100_000, "tep.csv", max_megabytes=1)
    assert "hơn 2 dòng" in refusal(b"a\n1\n2\n3\n", "tep.csv", max_rows=2)
    assert "vượt giới hạn 2 dòng" in refusal(workbook(HEADER, ROW, ROW, ROW, ROW), max_rows=2)
    assert "4 cột" in refusal(workbook(HEADER, ROW), max_columns=4)


def test_an_encrypted_or_otherwise_packed_archive_is_refused() -> None:
    content = bytearray(zipped({"xl/workbook.xml": b"<workbook/>"}))
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1
    assert "Không đọc được tệp Excel" in refusal(bytes(content))
    other = BytesIO()
    with zipfile.ZipFile(other, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
    assert "Không đọc được tệp Excel" in refusal(other.getvalue())
