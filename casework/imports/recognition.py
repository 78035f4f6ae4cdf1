"""A recognition of an earlier year as a file gives it: its columns, and its units once they are found."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from casework.imports.columns import Column, Kind
from casework.imports.references import Place
from casework.imports.values import choice, code, day, email, flag, phone, points, text, whole
from ocop.levels import Level
from ocop.phrase import Joined, Phrase
from ocop.scoring import LEAST_CERTIFIED_STAR
from ocop.validity import MONTHS, CertificateEnd, valid_until

HIGHEST_STAR = {Level.DISTRICT: 3, Level.PROVINCE: 4, Level.CENTRAL: 5}
"""The most stars that each level has recognised (QĐ 1048/QĐ-TTg and QĐ 148/QĐ-TTg); a commune recognises none."""


@dataclass(frozen=True)
class HistoryRow:
    """A recognition as a file gives it."""

    product_code: str
    product_name: str
    group: str
    producer_code: str
    producer_name: str
    producer_kind: str
    commune_code: str
    commune: str
    district: str
    province: str
    producer_commune_code: str
    contact: str
    email: str | None
    phone: str | None
    star: int
    mean: Decimal | None
    decision_number: str
    decision_date: date
    authority_level: Level
    signer: str
    certificate_number: str
    months: int
    end: CertificateEnd
    source: str
    reliability: str
    simulated: bool

    @property
    def number(self) -> str:
        """The certificate's number: as given, or made from product and day, the same in every import."""
        return self.certificate_number or f"GCN-{self.product_code}-{self.decision_date:%Y%m%d}"

    @property
    def valid_until(self) -> date:
        """The certificate's last day."""
        return valid_until(self.decision_date, self.months, self.end)

    @property
    def origin(self) -> str:
        """The source with its reliability."""
        return f"{self.source} (độ tin cậy {self.reliability})" if self.reliability else self.source


HISTORY = Kind(
    "history",
    "Sản phẩm đã công nhận",
    HistoryRow,
    (
        Column("product_code", "Mã sản phẩm", code(60), True, example="SP-0001"),
        Column("product_name", "Tên sản phẩm", text(300), True, example="Gạo nếp mẫu"),
        Column("group", "Nhóm sản phẩm", text(100), default="", example="Thực phẩm"),
        Column("producer_code", "Mã chủ thể", code(60), True, example="CT-0001"),
        Column("producer_name", "Tên chủ thể", text(300), True, example="HTX mẫu"),
        Column("producer_kind", "Loại chủ thể", text(40), default="", example="hợp tác xã"),
        Column("commune_code", "Mã xã", code(20), default="", example="13636", note="xã vào ngày quyết định"),
        Column("commune", "Tên xã", text(200), default="", note="dùng thay mã xã, cùng tên huyện và tên tỉnh"),
        Column("district", "Tên huyện", text(200), default=""),
        Column("province", "Tên tỉnh", text(200), default=""),
        Column(
            "producer_commune_code",
            "Mã xã hiện nay của chủ thể",
            code(20),
            default="",
            note="cần khi xã ghi trong quyết định nay đã sáp nhập",
        ),
        Column("contact", "Người liên hệ", text(200), default=""),
        Column(
            "email", "Thư điện tử", email, example="lienhe@htxmau.example", note="để trống thì thư được in và giao tay"
        ),
        Column("phone", "Điện thoại", phone),
        Column("star", "Số sao", whole(LEAST_CERTIFIED_STAR, 5, "sao"), True, example="4", note="3, 4 hoặc 5"),
        Column("mean", "Điểm trung bình", points, example="81,5", note="để trống nếu không biết"),
        Column("decision_number", "Số quyết định", text(100), default="", example="412/QĐ-UBND"),
        Column("decision_date", "Ngày quyết định", day, True, example="15/12/2023", note="đủ ngày/tháng/năm"),
        Column(
            "authority_level",
            "Cấp công nhận",
            choice(HIGHEST_STAR),
            True,
            example="tỉnh",
            note="huyện, tỉnh, trung ương",
        ),
        Column("signer", "Người ký", text(200), default=""),
        Column("certificate_number", "Số giấy chứng nhận", text(100), default="", note="để trống thì phần mềm tự đặt"),
        Column(
            "months",
            "Thời hạn (tháng)",
            whole(1, 120, "tháng"),
            default=MONTHS,
            note=Phrase("để trống là %(months)s", months=MONTHS),
        ),
        Column(
            "end",
            "Ngày cuối",
            choice(CertificateEnd),
            default=CertificateEnd.INCLUSIVE,
            note=Joined("; ", (*(end.label for end in CertificateEnd), Phrase("để trống là cách thứ nhất"))),
        ),
        Column("source", "Nguồn", text(380), default="", note="văn bản hoặc tài liệu"),
        Column("reliability", "Độ tin cậy", text(5), default="", note="A đọc trong văn bản, B cổng thông tin hoặc báo"),
        Column("simulated", "Mô phỏng", flag, default=False, example="không", note="có nếu là dữ liệu mô phỏng"),
    ),
)


@dataclass(frozen=True)
class Placed:
    """A recognition with its units: where it was issued, by whom, and where the producer is now."""

    row: HistoryRow
    commune: Place
    authority: Place
    home: Place
