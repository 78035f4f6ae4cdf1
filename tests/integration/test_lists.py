"""Every list has its columns, its known rows, its filters and one query; as Excel it opens, what is invented says so."""

from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine, event, update

from casework.exports import to_csv, to_excel
from casework.imports.people import import_people
from casework.imports.reading import read
from casework.imports.settings import ImportSettings
from casework.imports.units import import_units
from casework.lists.kinds import KINDS
from casework.lists.watch import DEADLINE_KIND_LABELS
from casework.timing import OWN_KINDS
from models.session import reading, transaction
from models.units import Person
from ocop.errors import InvalidInput, NotFound
from tests.factories import CYCLE, PLAN, Office, an_office, at, day
from tests.integration.listed import LATER, NOW, a_year, rows, wanted

pytestmark = pytest.mark.postgresql_long


@pytest.fixture(scope="module")
def read_only(shared_engine: Engine) -> Office:
    """The year on both databases, played once: the tests that take it only read."""
    return a_year(shared_engine)


KNOWN: dict[str, tuple[dict[str, Any], int, dict[str, Any]]] = {
    # kind: filters, how many rows, what stands in the row that has all of this
    "cycles": ({}, 1, {"Mã chu trình": CYCLE, "Tỉnh": "Tỉnh Nam Định", "Hồ sơ": 4, "Chưa kết thúc": 3, "Ghi chú": ""}),
    "settings": (
        {"cycle": CYCLE}, 73,
        {"Nhóm": "Chuyển lên cấp trên", "Thiết lập": "Chuyển lên tỉnh từ", "Giá trị": "70 điểm",
         "Khóa trong tệp kế hoạch": "forwarding.to_province_from"},
    ),
    "deadlines": (
        {}, 4,
        {"Mã bước": "provincial_evaluation", "Bước": "Tỉnh đánh giá", "Áp dụng cho": "Huyện Hải Hậu", "Loại": "gia hạn",
         "Ngày cuối cùng": day("2025-07-31"), "Còn (ngày làm việc)": 29, "Tình trạng": "đang áp dụng", "Nguồn": "70/UBND",
         "Hoàn thành bằng": "ngày họp của hội đồng"},
    ),
    "plan-versions": (
        {"cycle": CYCLE}, 1,
        {"Chu trình": CYCLE, "Phiên bản": 1, "Văn bản": "61/KH-UBND", "Có hiệu lực từ": at("2025-04-08 09:00"),
         "Tình trạng": "đang áp dụng", "Lý do": ""},
    ),
    "inner-dates": (
        {}, 1,
        {"Chu trình": CYCLE, "Cấp": "huyện", "Mã đơn vị": "365", "Bước": "Huyện đánh giá", "Loại": "kế hoạch riêng của đơn vị",
         "Văn bản, cụm, lượt": "25/KH-UBND", "Ngày cuối cùng": day("2025-06-10"), "Tình trạng": "đã qua",
         "Nguồn": "Kế hoạch 25, mục 3"},
    ),
    "breaches": (
        {}, 5,
        {"Mã hồ sơ": "ND2025-0001", "Thời hạn của bước": "Chờ gửi tỉnh", "Quá hạn từ": at("2025-06-20 00:00"),
         "Khi đó ở bước": "Chờ gửi tỉnh", "Cấp": "huyện", "Mã đơn vị": "365", "Đơn vị": "Huyện Giao Thủy",
         "Quá hạn (ngày làm việc)": 0, "Tình trạng": "còn quá hạn", "Ghi chú": "mô phỏng"},
    ),
    "escalations": (
        {}, 7,
        {"Mã bước": "district_evaluation", "Mã đơn vị": "14201", "Bậc": 3, "Báo cáo tới": "phó chủ tịch Ủy ban nhân dân",
         "Lúc": at("2025-06-20 07:30"), "Số hồ sơ quá hạn": 1, "Khuyết người": "", "Xác nhận lúc": None},
    ),
    "dossiers": (
        {}, 4,
        {"Mã hồ sơ": "ND2025-0002", "Chu trình": CYCLE, "Loại hồ sơ": "lần đầu", "Mã xã": "14101", "Huyện": "Huyện Giao Thủy",
         "Bước": "Đã công nhận", "Chờ việc gì": "", "Quá hạn": "", "Điểm trung bình": Decimal(55), "Sao được công nhận": 3,
         "Ghi chú": "mô phỏng"},
    ),
    "evidence": (
        {}, 1,
        {"Mã hồ sơ": "ND2025-0003", "Loại": "phiếu kết quả kiểm nghiệm", "Tên tài liệu": "Phiếu kiểm nghiệm",
         "Có giá trị đến hết ngày": day("2025-05-01"), "Tình trạng": "hết hạn", "Ghi chú": "mô phỏng"},
    ),
    "history": (
        {"dossier": "ND2025-0002"}, 9,
        {"Số thứ tự": 7, "Việc": "Chuyển bước theo quy trình", "Bước": "Huyện đã có kết quả → Chờ huyện công nhận",
         "Đơn vị": "Huyện Giao Thủy", "Người thực hiện": "Phần mềm điều hành chu trình",
         "Căn cứ": "Quyết định 148/QĐ-TTg, trình tự đánh giá, phân hạng: cấp huyện", "Ghi chú": "mô phỏng"},
    ),
    "evaluations": (
        {}, 3,
        {"Mã hồ sơ": "ND2025-0001", "Cấp": "huyện", "Vòng": 1, "Lượt chấm": 1, "Ngày họp": day("2025-04-08"),
         "Số biên bản": "01/BB-HĐ", "Điểm trung bình": Decimal(82), "Sao theo điểm": 4, "Sao sau yêu cầu tối thiểu": 4,
         "Yêu cầu không đạt": None, "Được tính": True, "Ghi muộn": "", "Ghi chú": "mô phỏng"},
    ),
    "recorded-late": (
        {}, 1,
        {"Mã hồ sơ": "ND2025-0004", "Ngày họp": day("2025-06-14"), "Điểm trung bình": Decimal("81.5"), "Sao theo điểm": 4,
         "Sao sau yêu cầu tối thiểu": 3, "Ghi muộn": "ghi muộn", "Ghi lúc": at("2025-06-16 10:00"),
         "Yêu cầu không đạt": "4 sao: Chưa có tem truy xuất nguồn gốc.; 5 sao: Chưa xuất khẩu."},
    ),
    "decisions": (
        {}, 3,
        {"Số quyết định": "500/QĐ-UBND", "Nội dung": "công nhận sản phẩm", "Cơ quan": "Huyện Giao Thủy",
         "Mã hồ sơ": "ND2025-0002", "Sao được công nhận": 3, "Hủy từ ngày": None, "Ghi chú": "mô phỏng"},
    ),
    "complaints": (
        {}, 1,
        {"Số": 1, "Mã hồ sơ": "ND2025-0002", "Nội dung": "Điểm thấp quá.", "Tình trạng": "quá hạn trả lời",
         "Ngày trả lời": None, "Ghi chú": "mô phỏng"},
    ),
    "counts": (
        {"cycle": CYCLE}, 6,
        {"Cấp": "huyện", "Mã đơn vị": "365", "Dự kiến": 5, "Đã đăng ký": 2, "Đã đánh giá": 2, "Được công nhận": 1,
         "Văn bản đăng ký": "9/ĐK-UBND"},
    ),
    "units": (
        {}, 8,
        {"Cấp": "xã", "Mã đơn vị": "14201", "Tên đơn vị": "Xã Hải Minh", "Mã đơn vị cấp trên": "366",
         "Có hiệu lực từ": day("2000-01-01"), "Đến hết ngày": None},
    ),
    "people": (
        {}, 22,
        {"Mã cán bộ": "365/officer", "Cấp đơn vị": "huyện", "Mã đơn vị": "365", "Nhiệm vụ": "cán bộ phụ trách",
         "Thư điện tử": "officer.365@office.example", "Mô phỏng": ""},
    ),
    "leaves": (
        {}, 1,
        {"Đơn vị": "Xã Hải Minh", "Nhiệm vụ": "cán bộ phụ trách", "Người vắng": "cán bộ phụ trách Xã Hải Minh",
         "Người thay": None, "Từ ngày": day("2025-12-01"), "Đến hết ngày": day("2025-12-05"), "Tình trạng": "sắp vắng"},
    ),
    "producers": (
        {}, 4,
        {"Mã chủ thể": "CT-GIAY", "Chủ thể": "HTX [Không thư] mô phỏng", "Mã xã": "14201", "Người liên hệ": "Bà Ộ",
         "Thư điện tử": None, "Số sản phẩm": 1, "Ghi chú": "mô phỏng"},
    ),
    "products": (
        {}, 4,
        {"Mã sản phẩm": "SP-GIAY", "Sản phẩm": "[Kẹo] =1+1", "Mã chủ thể": "CT-GIAY", "Số giấy chứng nhận": None,
         "Tình trạng": "", "Ghi chú": "mô phỏng"},
    ),
    "certificates": (
        {}, 1,
        {"Số giấy chứng nhận": "ND2025-0002/GCN-3", "Sao": 3, "Mã xã": "14101", "Có giá trị đến hết ngày": day("2028-04-08"),
         "Tình trạng": "còn hiệu lực", "Xét vào ngày": day("2025-06-21"), "Cơ quan cấp": "Huyện Giao Thủy",
         "Ghi chú": "mô phỏng"},
    ),
    "expired": (
        {"at": LATER}, 1,
        {"Số giấy chứng nhận": "ND2025-0002/GCN-3", "Đã hết hạn (ngày)": 32, "Ghi chú": "mô phỏng"},
    ),
    "letters": (
        {"dossier": "ND2025-0002"}, 17,
        {"Loại thư": "Kết quả cấp huyện", "Người nhận": "cán bộ phụ trách Xã Giao Xuân", "Mã đơn vị": "commune:14101",
         "Mã hồ sơ": "ND2025-0002", "Trạng thái": "chờ gửi", "Trả lời về": "officer.365@office.example",
         "Ghi chú": "mô phỏng"},
    ),
    "letters-to-hand-over": (
        {}, 2,
        {"Loại thư": "Đã đăng ký hồ sơ", "Người nhận": "Bà Ộ (HTX [Không thư] mô phỏng)", "Mã đơn vị": "commune:14201",
         "Mã hồ sơ": "ND2025-0003", "Ghi chú": "mô phỏng"},
    ),
    "dead-letters": (
        {}, 1,
        {"Loại thư": "Đã đăng ký hồ sơ", "Mã hồ sơ": "ND2025-0001",
         "Vì sao, phải làm gì": "550 không có người này. Hãy sửa địa chỉ.", "Ghi chú": "mô phỏng"},
    ),
    "requests": (
        {}, 22,
        {"Việc": "Mở chu trình theo kế hoạch", "Người thực hiện": "cán bộ phụ trách Tỉnh Nam Định",
         "Trả lời": f"Đã mở chu trình {CYCLE} theo 61/KH-UBND: 3 thời hạn."},
    ),
}  # fmt: skip


def test_every_kind_of_deadline_has_a_name_in_the_list() -> None:
    assert DEADLINE_KIND_LABELS.keys() == {"plan", "extension"} | OWN_KINDS


def test_every_list_shows_its_known_rows(read_only: Office) -> None:
    assert KNOWN.keys() == KINDS.keys()
    for kind, (by, number, known) in KNOWN.items():
        found = rows(read_only, kind, **by)
        assert len(found) == number, kind
        assert known.keys() <= found[0].keys(), kind
        near = [{header: row[header] for header in known} for row in found]
        assert known in near, (kind, near)


def test_what_stands_beside_it_says_whether_a_certificate_is_in_force_on_a_day(sqlite_engine: Engine) -> None:
    office = a_year(sqlite_engine)

    def status(kind: str, on: str) -> set[str]:
        return {row["Tình trạng"] for row in rows(office, kind, day=day(on)) if row["Số giấy chứng nhận"]}

    assert status("certificates", "2025-04-07") == {"chưa có hiệu lực"}
    assert status("certificates", "2025-04-08") == status("products", "2028-04-08") == {"còn hiệu lực"}
    assert status("certificates", "2028-04-09") == status("products", "2028-04-09") == {"hết hạn"}
    assert rows(office, "expired", day=day("2028-04-08")) == []
    assert len(rows(office, "expired", day=day("2028-04-09"))) == 1
    office.now = at("2025-06-23")
    office.act(
        "revoke", "365/officer", certificate="ND2025-0002/GCN-3", revoked_on=day("2025-06-23"), document="7/QĐ-UBND",
        reason="Ngừng sản xuất.",
    )  # fmt: skip
    assert status("certificates", "2025-06-22") == {"còn hiệu lực"}
    assert status("certificates", "2025-06-23") == {"đã thu hồi"}
    assert rows(office, "expired", at=LATER) == []


OF_UNITS = {
    # kind: rows of a district, of one of its communes
    "cycles": (0, 0), "inner-dates": (0, 0), "breaches": (4, 2), "escalations": (6, 4), "dossiers": (2, 1), "evidence": (1, 1),
    "evaluations": (1, 0), "recorded-late": (1, 0), "decisions": (0, 0), "complaints": (0, 0), "counts": (3, 1),
    "units": (3, 1), "leaves": (1, 1), "people": (9, 3), "producers": (2, 1), "products": (2, 1), "certificates": (0, 0),
    "expired": (0, 0), "letters-to-hand-over": (2, 2), "dead-letters": (0, 0),
}  # fmt: skip


def test_a_unit_sees_its_own_and_what_lies_below(read_only: Office) -> None:
    assert {kind for kind in KINDS if "unit" in KINDS[kind].by} == OF_UNITS.keys() | {"letters"}
    found = {
        kind: tuple(len(rows(read_only, kind, unit=unit)) for unit in ("huyện:366", "commune:14201"))
        for kind in OF_UNITS
    }
    assert found == OF_UNITS
    assert {row["Đơn vị"] for row in rows(read_only, "letters", unit="huyện:366")} == {
        "Huyện Hải Hậu", "Xã Hải Minh", "Xã Hải Anh",
    }  # fmt: skip


def test_a_cycle_and_a_dossier_narrow_their_lists(sqlite_engine: Engine) -> None:
    office = a_year(sqlite_engine)
    office.act("open-cycle", "36/officer", code="KHAC", plan=PLAN)
    by_cycle = {kind: len(rows(office, kind, cycle="KHAC")) for kind in KINDS if "cycle" in KINDS[kind].by}
    assert by_cycle.pop("settings") == 73
    assert by_cycle.pop("deadlines") == 3
    assert by_cycle.pop("plan-versions") == 1
    assert by_cycle.pop("letters") == 8
    assert by_cycle.pop("history") == 1
    assert set(by_cycle.values()) == {0}
    about = {kind for kind in KINDS if "dossier" in KINDS[kind].by}
    for kind in about - {"deadlines"}:
        assert {row["Mã hồ sơ"] for row in rows(office, kind, dossier="ND2025-0004")} <= {"ND2025-0004"}, kind
    assert {row["Việc"] for row in rows(office, "history", cycle=CYCLE)} == {
        "Mở chu trình theo kế hoạch", "Ghi kế hoạch riêng của đơn vị", "Ghi số sản phẩm đơn vị đăng ký trong kế hoạch", "Gia hạn",
    }  # fmt: skip


def test_people_and_units_of_a_day_are_those_that_were_there(read_only: Office) -> None:
    assert len(rows(read_only, "units", day=day("1999-12-31"))) == 0
    assert len(rows(read_only, "units", day=day("2000-01-01"))) == 8
    assert len(rows(read_only, "people", day=day("2025-06-21"), unit="xã:14101")) == 3


@pytest.mark.parametrize(
    ("kind", "by", "said"),
    [
        (
            "dossiers",
            {"day": day("2025-06-21")},
            "không lọc theo “Ngày xét hiệu lực”; danh sách này nhận: “Mã chu trình”, “Đơn vị và các đơn vị dưới nó”",
        ),
        ("requests", {"cycle": CYCLE}, "danh sách này nhận: không bộ lọc nào"),
        ("dossiers", {"unit": "365"}, "hãy ghi CẤP:MÃ"),
        ("dossiers", {"unit": "làng:365"}, "Các cấp: xã \\(commune\\)"),
        ("dossiers", {"unit": "huyện:999"}, "Không có đơn vị cấp huyện mang mã '999'"),
        ("dossiers", {"cycle": "ND1999"}, f"Các chu trình hiện có: {CYCLE}"),
        ("history", {"dossier": "ND2025-9999"}, "“Danh sách hồ sơ”"),
    ],
)
def test_a_filter_that_a_list_does_not_know_is_refused_with_those_it_knows(
    sqlite_engine: Engine, kind: str, by: dict[str, Any], said: str
) -> None:
    office = an_office(sqlite_engine)
    with pytest.raises((InvalidInput, NotFound), match=said):
        rows(office, kind, **by)


def test_a_list_that_needs_a_cycle_takes_the_only_one_and_asks_when_there_are_more(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine)
    assert len(rows(office, "settings")) == 73
    assert [row["Việc"] for row in rows(office, "history")] == ["Mở chu trình theo kế hoạch"]
    office.act("open-cycle", "36/officer", code="KHAC", plan=PLAN)
    with pytest.raises(InvalidInput, match=r"cần nêu “Mã chu trình”\. Các chu trình hiện có: "):
        rows(office, "settings")
    with pytest.raises(InvalidInput, match="cần nêu “Mã chu trình” hoặc “Mã hồ sơ”"):
        rows(office, "history")


def test_every_list_is_one_query_however_many_rows(read_only: Office) -> None:
    for kind, (by, _, _) in KNOWN.items():
        said: list[str] = []

        def hear(connection: Any, cursor: Any, statement: str, *rest: Any, said: list[str] = said) -> None:
            del connection, cursor, rest
            said.append(statement)

        with reading(read_only.engine) as session:
            narrowed_to = wanted(kind, **by)(session)
            event.listen(read_only.engine, "before_cursor_execute", hear)
            KINDS[kind].sheet(session, narrowed_to)
            event.remove(read_only.engine, "before_cursor_execute", hear)
        assert len(said) == (0 if kind == "settings" else 1), kind


def test_all_lists_open_in_excel_and_what_is_invented_says_so(read_only: Office) -> None:
    with reading(read_only.engine) as session:
        sheets = [KINDS[kind].sheet(session, wanted(kind, **by)(session)) for kind, (by, _, _) in KNOWN.items()]
    book = openpyxl.load_workbook(BytesIO(to_excel(sheets)))
    assert len(book.worksheets) == len(KINDS)
    for sheet, page in zip(sheets, book.worksheets, strict=True):
        header, *lines = page.iter_rows(values_only=True)
        assert list(header) == list(sheet.columns)
        assert len(lines) == len(sheet.rows)
    products = {row[0]: row for row in book["Sản phẩm"].iter_rows(values_only=True)}
    assert products["SP-GIAY"][1] == "[Kẹo] =1+1"
    certificate = list(book["Giấy chứng nhận"].iter_rows(values_only=True))[1]
    assert datetime(2028, 4, 8) in certificate  # noqa: DTZ001 - a spreadsheet's date has no zone
    said = {kind for kind, sheet in zip(KNOWN, sheets, strict=True) if any("mô phỏng" in row for row in sheet.rows)}
    invented_nothing = {
        "cycles",
        "plan-versions",
        "leaves",
        "inner-dates",
        "settings",
        "deadlines",
        "escalations",
        "counts",
        "units",
        "people",
        "requests",
    }
    assert said == KINDS.keys() - invented_nothing


def test_an_invented_cycle_is_marked_in_the_lists_of_the_cycle_itself(sqlite_engine: Engine) -> None:
    office = Office(sqlite_engine).found()
    office.open_cycle(PLAN.replace("simulated = false", "simulated = true"))
    office.register()
    office.now = NOW
    office.tick()
    for kind in ("cycles", "plan-versions", "deadlines", "escalations", "counts"):
        assert {row["Ghi chú"] for row in rows(office, kind)} == {"mô phỏng"}, kind


def test_units_and_people_can_be_corrected_in_the_file_and_taken_in_again(sqlite_engine: Engine) -> None:
    office = a_year(sqlite_engine)
    with transaction(office.engine) as session:
        session.execute(update(Person).where(Person.code == "365/officer").values(simulated=True))
    with transaction(office.engine) as session:
        for kind, name, take in (
            ("units", "don_vi.xlsx", lambda table: import_units(session, table)),
            ("people", "can_bo.csv", lambda table: import_people(session, table, at=NOW)),
        ):
            sheet = KINDS[kind].sheet(session, wanted(kind)(session))
            content = to_excel([sheet]) if name.endswith("xlsx") else to_csv(sheet)
            taken = take(read(name, content, ImportSettings()))
            assert (taken.new, taken.changed, taken.unchanged) == (0, 0, len(sheet.rows)), kind
