"""Files of dossiers are read against the units, cycles and certificates of the record."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.imports.dossiers import read_dossiers
from models.cycles import Cycle
from models.units import Unit
from ocop.errors import InvalidRows
from ocop.levels import DossierKind
from tests.integration.imports.files import AT, RICE, history, problems, table

DOSSIER = ("Chu trình", "Mã chủ thể", "Tên chủ thể", "Mã xã", "Mã sản phẩm", "Tên sản phẩm", "Loại hồ sơ", "Số sao đề nghị",
           "Số giấy chứng nhận đã có", "Nội dung thay đổi", "Ngày đăng ký",
           "Minh chứng: công bố chất lượng sản phẩm", "Minh chứng: câu chuyện sản phẩm")  # fmt: skip
FIRST = (
    "ND-2025",
    "CT9",
    "HTX mô phỏng",
    "13636",
    "SP9",
    "Mắm mô phỏng",
    "lần đầu",
    "3",
    "",
    "",
    "10/4/2025",
    "31/12/2025",
    "x",
)
UPGRADE = ("ND-2025", "CT1", "HTX mô phỏng Thủy", "13636", "SP1", "Gạo nếp mô phỏng", "nâng hạng", "4", "GCN-SP1-20220615",
           "thêm vùng nguyên liệu", "10/4/2025", "", "")  # fmt: skip


@pytest.fixture
def cycle(session: Session) -> Cycle:
    """An open cycle of Nam Định, and a product recognised before."""
    history(session, RICE)
    units = {
        unit.level: unit.id for unit in session.scalars(select(Unit).where(Unit.level.in_(("province", "central"))))
    }
    opened = Cycle(code="ND-2025", title="Chu trình", province_id=units["province"], central_id=units["central"],
                   procedure_key="qd148", plan="", plan_sha256="", opened_at=AT)  # fmt: skip
    session.add(opened)
    session.flush()
    return opened


def test_a_dossier_is_read_with_its_papers_and_their_ends(session: Session, cycle: Cycle) -> None:
    first, upgrade = read_dossiers(session, table(DOSSIER, FIRST, UPGRADE))
    assert (first.kind, first.proposed_star, first.registered_on) == (DossierKind.FIRST, 3, date(2025, 4, 10))
    assert [(paper.kind.value, paper.expires_on) for paper in first.evidence] == [
        ("story", None),
        ("quality_declaration", date(2025, 12, 31)),
    ]
    assert (upgrade.kind, upgrade.certificate_number) == (DossierKind.UPGRADE, "GCN-SP1-20220615")
    assert (first.producer.commune, first.product.code, first.registered) == ("13636", "SP9", "")


@pytest.mark.parametrize(
    ("row", "changes", "column", "reason"),
    [
        (FIRST, {0: "ND-2024"}, "Chu trình", "không có chu trình 'ND-2024'"),
        (FIRST, {3: "13933"}, "Mã xã", "không còn hoặc chưa có vào ngày 10/4/2025"),
        (FIRST, {8: "12/GCN"}, "Số giấy chứng nhận đã có", "hồ sơ lần đầu không ghi giấy chứng nhận"),
        (FIRST, {11: "sắp có"}, "Minh chứng: công bố chất lượng sản phẩm", "không phải ngày đầy đủ"),
        (FIRST, {7: "6"}, "Số sao đề nghị", "hãy ghi số nguyên từ 3 đến 5"),
        (UPGRADE, {6: "lần đầu", 8: ""}, "Loại hồ sơ", "đã có giấy chứng nhận GCN-SP1-20220615"),
        (UPGRADE, {8: ""}, "Số giấy chứng nhận đã có", "hồ sơ nâng hạng phải ghi số giấy chứng nhận"),
        (UPGRADE, {8: "12/GCN"}, "Số giấy chứng nhận đã có", "không có giấy chứng nhận '12/GCN'"),
        (UPGRADE, {9: ""}, "Nội dung thay đổi", "phải ghi nội dung thay đổi"),
        (UPGRADE, {7: "3"}, "Số sao đề nghị", "giấy đã có là 3 sao"),
        (UPGRADE, {2: "HTX khác"}, "Mã chủ thể", "trong sổ là 'HTX mô phỏng Thủy'"),
    ],
)
def test_a_bad_dossier_is_named_by_row_column_and_remedy(
    session: Session, cycle: Cycle, row: tuple[str, ...], changes: dict[int, str], column: str, reason: str
) -> None:
    bad = tuple(changes.get(place, cell) for place, cell in enumerate(row))
    with pytest.raises(InvalidRows) as refused:
        read_dossiers(session, table(DOSSIER, bad))
    [(number, where, why)] = problems(refused)
    assert (number, where) == (2, column)
    assert reason in why


def test_a_closed_cycle_takes_no_dossier_and_a_product_is_listed_once(session: Session, cycle: Cycle) -> None:
    cycle.closed_at = AT
    session.flush()
    with pytest.raises(InvalidRows) as refused:
        read_dossiers(session, table(DOSSIER, FIRST, FIRST))
    assert [(row, column) for row, column, _ in problems(refused)] == [
        (2, "Chu trình"),
        (3, "Mã sản phẩm"),
        (3, "Chu trình"),
    ]
