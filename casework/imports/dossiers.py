"""Reads a list of dossiers to be registered and checks it whole; the registering itself is casework.registration's."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.evidence import NewEvidence
from casework.imports.catalogue import Catalogue
from casework.imports.columns import Column, Kind, Line, refuse
from casework.imports.reading import Table
from casework.imports.references import Places
from casework.imports.values import Wrong, choice, code, day, email, flag, phone, text, whole
from casework.registration import Goods, Maker
from models.cycles import Cycle
from models.dossiers import Dossier
from models.results import Certificate
from models.units import Product
from ocop.errors import RowProblem
from ocop.evidence import EvidenceKind
from ocop.levels import DossierKind, Level
from ocop.phrase import Phrase
from ocop.scoring import LEAST_CERTIFIED_STAR

EVIDENCE = "evidence_"


@dataclass(frozen=True)
class DossierRow:
    """A dossier as a file gives it, ready for `registration.register`."""

    cycle: str
    producer_code: str
    producer_name: str
    producer_kind: str
    commune_code: str
    contact: str
    email: str | None
    phone: str | None
    product_code: str
    product_name: str
    group: str
    kind: DossierKind
    proposed_star: int
    certificate_number: str
    changes: str
    registered_on: date
    simulated: bool
    evidence: tuple[NewEvidence, ...]
    registered: str = ""
    """The code of the dossier that this product has in this cycle already: then there is nothing to register."""

    @classmethod
    def of(cls, **values: Any) -> "DossierRow":
        """Return the row of a file's values, its evidence columns gathered."""
        papers = {kind: values.pop(EVIDENCE + kind) for kind in EvidenceKind}
        evidence = tuple(NewEvidence(kind, kind.label, expires_on=end[0]) for kind, end in papers.items() if end)
        return cls(**values, evidence=evidence)

    @property
    def producer(self) -> Maker:
        """The producer, for `register`."""
        return Maker(
            self.producer_code,
            self.producer_name,
            self.commune_code,
            self.producer_kind,
            self.contact,
            self.email,
            self.phone,
            self.simulated,
        )

    @property
    def product(self) -> Goods:
        """The product, for `register`."""
        return Goods(self.product_code, self.product_name, self.group)


def paper(cell: str) -> tuple[()] | tuple[date | None]:
    """Return the last day of a paper that is in the dossier, None for one without end; nothing when it is not there."""
    try:
        return (None,) if flag(cell) else ()
    except Wrong:
        return (day(cell),)


DOSSIERS = Kind(
    "dossiers",
    "Hồ sơ đăng ký",
    DossierRow.of,
    (
        Column("cycle", "Chu trình", code(60), True, example="ND-2025", note="mã chu trình đang mở"),
        Column("producer_code", "Mã chủ thể", code(60), True, example="CT-0001"),
        Column("producer_name", "Tên chủ thể", text(300), True, example="HTX mẫu"),
        Column("producer_kind", "Loại chủ thể", text(40), default="", example="hợp tác xã"),
        Column("commune_code", "Mã xã", code(20), True, example="13636", note="xã nơi chủ thể nộp hồ sơ"),
        Column("contact", "Người liên hệ", text(200), default="", example="Nguyễn Văn Mẫu"),
        Column(
            "email", "Thư điện tử", email, example="lienhe@htxmau.example", note="để trống thì thư được in và giao tay"
        ),
        Column("phone", "Điện thoại", phone, example="0912 345 678"),
        Column("product_code", "Mã sản phẩm", code(60), True, example="SP-0001"),
        Column("product_name", "Tên sản phẩm", text(300), True, example="Gạo nếp mẫu"),
        Column("group", "Nhóm sản phẩm", text(100), default="", example="Thực phẩm"),
        Column(
            "kind", "Loại hồ sơ", choice(DossierKind), True, example="lần đầu", note="lần đầu, nâng hạng, công nhận lại"
        ),
        Column(
            "proposed_star",
            "Số sao đề nghị",
            whole(LEAST_CERTIFIED_STAR, 5, "sao"),
            True,
            example="3",
            note="3, 4 hoặc 5",
        ),
        Column(
            "certificate_number",
            "Số giấy chứng nhận đã có",
            text(100),
            default="",
            note="bắt buộc khi nâng hạng, công nhận lại; để trống khi lần đầu",
        ),
        Column("changes", "Nội dung thay đổi", text(2000), default="", note="bắt buộc khi nâng hạng"),
        Column("registered_on", "Ngày đăng ký", day, True, example="10/4/2025"),
        Column("simulated", "Mô phỏng", flag, default=False, example="không", note="có nếu là dữ liệu mô phỏng"),
        *(
            Column(
                EVIDENCE + kind,
                f"Minh chứng: {kind.label}",
                paper,
                default=(),
                note="ghi ngày hết hạn của giấy, hoặc x nếu có giấy mà không có hạn; để trống nếu không có",
            )
            for kind in EvidenceKind
        ),
    ),
)


def read_dossiers(session: Session, table: Table) -> list[DossierRow]:
    """Return the dossiers of a file; raise InvalidRows when any row is wrong, in itself or against the record.

    A row whose product has a dossier in the cycle already says so in `registered`: the same file twice registers once.
    """
    lines, problems = DOSSIERS.parse(table)
    catalogue = Catalogue(session, [line.row for line in lines])
    problems += catalogue.problems(lines, "commune_code")
    record = _Record(session, catalogue, lines)
    rows: list[DossierRow] = []
    filed: dict[tuple[str, str], Line[DossierRow]] = {}
    for line in lines:
        twin = filed.setdefault((line.row.cycle, line.row.product_code), line)
        if twin is not line:
            twice = Phrase("trùng sản phẩm với dòng %(line)s", line=str(twin.number))
            problems.append(line.problem("product_code", twice, Phrase("hãy giữ một dòng")))
        registered = record.registered(line.row)
        if not registered:
            problems += record.problems(line)
        rows.append(DossierRow(**(vars(line.row) | {"registered": registered})))
    refuse(problems)
    return rows


class _Record:
    """The cycles, units, certificates and dossiers that a file's rows name, read in one query each."""

    def __init__(self, session: Session, catalogue: Catalogue, lines: Sequence[Line[DossierRow]]) -> None:
        self.places = Places(session)
        codes = {line.row.cycle for line in lines}
        self.cycles = {cycle.code: cycle for cycle in session.scalars(select(Cycle).where(Cycle.code.in_(codes)))}
        ids = [product.id for product in catalogue.products.values()]
        dossiers = select(Dossier, Product.code).join(Product, Product.id == Dossier.product_id)
        self.dossiers: dict[str, list[Dossier]] = defaultdict(list)
        for dossier, product in session.execute(dossiers.where(Dossier.product_id.in_(ids))):
            self.dossiers[product].append(dossier)
        certificates = select(Certificate, Product.code).join(Product, Product.id == Certificate.product_id)
        self.certificates: dict[str, dict[str, Certificate]] = defaultdict(dict)
        for certificate, product in session.execute(certificates.where(Certificate.product_id.in_(ids))):
            self.certificates[product][certificate.number] = certificate

    def registered(self, row: DossierRow) -> str:
        """Return the code of the dossier that the row's product has in the row's cycle, or an empty text."""
        cycle = self.cycles.get(row.cycle)
        found = (
            d.code for d in self.dossiers.get(row.product_code, ()) if cycle is not None and d.cycle_id == cycle.id
        )
        return next(found, "")

    def problems(self, line: Line[DossierRow]) -> Iterator[RowProblem]:
        """Yield what the record holds against a row that is not registered yet."""
        yield from self._cycle_and_commune(line)
        for dossier in self.dossiers.get(line.row.product_code, ()):
            if dossier.open:
                yield line.problem(
                    "product_code",
                    Phrase("sản phẩm đang có hồ sơ %(code)s chưa kết thúc", code=dossier.code),
                    Phrase("hãy bỏ dòng này"),
                )
        yield from self._certificate(line)

    def _cycle_and_commune(self, line: Line[DossierRow]) -> Iterator[RowProblem]:
        row = line.row
        cycle = self.cycles.get(row.cycle)
        if cycle is None:
            yield line.problem(
                "cycle",
                Phrase("không có chu trình '%(cycle)s'", cycle=row.cycle),
                Phrase("hãy mở chu trình trước hoặc sửa mã"),
            )
        elif cycle.closed_at is not None:
            yield line.problem(
                "cycle",
                Phrase("chu trình '%(cycle)s' đã đóng", cycle=row.cycle),
                Phrase("hãy ghi chu trình đang mở"),
            )
        try:
            commune = self.places.by_code(Level.COMMUNE, row.commune_code, row.registered_on)
        except Wrong as error:
            yield line.problem("commune_code", error.reason)
            return
        province = self.places.above(commune, Level.PROVINCE)
        if cycle is not None and (province is None or province.id != cycle.province_id):
            yield line.problem(
                "commune_code",
                Phrase("%(commune)s không thuộc tỉnh của chu trình '%(cycle)s'", commune=commune.name, cycle=row.cycle),
                Phrase("hãy sửa mã"),
            )

    def _certificate(self, line: Line[DossierRow]) -> Iterator[RowProblem]:
        row = line.row
        held = self.certificates.get(row.product_code, {})
        if row.kind is DossierKind.FIRST:
            if row.certificate_number:
                yield line.problem(
                    "certificate_number",
                    Phrase("hồ sơ lần đầu không ghi giấy chứng nhận"),
                    Phrase("hãy xóa hoặc sửa loại hồ sơ"),
                )
            elif held:
                listed = ", ".join(held)
                yield line.problem(
                    "kind",
                    Phrase("sản phẩm đã có giấy chứng nhận %(numbers)s", numbers=listed),
                    Phrase("hãy ghi nâng hạng hoặc công nhận lại"),
                )
            return
        if not row.certificate_number:
            yield line.problem(
                "certificate_number",
                Phrase("để trống; hồ sơ %(kind)s phải ghi số giấy chứng nhận đã có", kind=row.kind.label),
            )
            return
        certificate = held.get(row.certificate_number)
        if certificate is None:
            yield line.problem(
                "certificate_number",
                Phrase("sản phẩm này không có giấy chứng nhận '%(number)s'", number=row.certificate_number),
                Phrase("hãy nhập lịch sử công nhận trước hoặc sửa số"),
            )
            return
        if certificate.revoked_on is not None:
            yield line.problem(
                "certificate_number", Phrase("giấy này đã bị thu hồi ngày %(day)s", day=certificate.revoked_on)
            )
        if row.kind is DossierKind.UPGRADE:
            if row.proposed_star <= certificate.star:
                yield line.problem(
                    "proposed_star",
                    Phrase("giấy đã có là %(star)s sao; nâng hạng phải đề nghị cao hơn", star=certificate.star),
                )
            if not row.changes:
                yield line.problem("changes", Phrase("để trống; hồ sơ nâng hạng phải ghi nội dung thay đổi"))
