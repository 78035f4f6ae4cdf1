"""Files of units: named by code and first day, and each below a unit that is there."""

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.imports.columns import Imported
from casework.imports.units import import_units
from models.units import Unit
from ocop.errors import InvalidRows
from tests.integration.imports.files import problems, shipped, table

UNIT = ("Cấp", "Mã đơn vị", "Tên đơn vị", "Mã đơn vị cấp trên", "Có hiệu lực từ", "Đến hết ngày")


def test_the_shipped_units_are_a_province_of_9_districts_and_175_communes(session: Session) -> None:
    day = date(2025, 4, 8)
    found = session.execute(
        select(Unit.level, func.count())
        .where(Unit.valid_from <= day, (Unit.valid_to.is_(None)) | (Unit.valid_to >= day))
        .group_by(Unit.level)
    )
    assert dict(found.tuples().all()) == {"central": 1, "province": 1, "district": 9, "commune": 175}
    assert session.scalar(select(func.count()).where(Unit.parent_id.is_(None))) == 1


def test_the_same_units_again_change_nothing(session: Session) -> None:
    assert import_units(session, shipped("nam_dinh_units_2025H1.csv")) == Imported(new=0, unchanged=186, changed=0)


def test_a_unit_is_changed_under_its_code_and_first_day_and_a_successor_is_another(session: Session) -> None:
    imported = import_units(
        session,
        table(
            UNIT,
            ("xã", "13636", "Phường Vị Xuyên mới", "356", "2021-01-01", "31/3/2025"),
            ("xã", "13636", "Phường Vị Xuyên mở rộng", "356", "1/4/2025", ""),
            ("huyện", "999", "Huyện mới", "36", "1/4/2025", ""),
            ("xã", "99901", "Xã mới", "999", "1/4/2025", ""),
        ),
    )
    assert imported == Imported(new=3, unchanged=0, changed=1)
    rows = session.scalars(select(Unit).where(Unit.code == "13636").order_by(Unit.valid_from)).all()
    assert [(row.name, row.valid_to) for row in rows] == [
        ("Phường Vị Xuyên mới", date(2025, 3, 31)),
        ("Phường Vị Xuyên mở rộng", None),
    ]
    commune = session.scalars(select(Unit).where(Unit.code == "99901")).one()
    assert session.get_one(Unit, commune.parent_id).name == "Huyện mới"


def test_a_commune_may_move_to_a_parent_that_the_same_file_brings(session: Session) -> None:
    new_district = ("huyện", "888", "Huyện khác", "36", "2021-01-01", "2025-06-30")
    moved = ("xã", "13636", "Phường Vị Xuyên", "888", "2021-01-01", "2025-06-30")
    assert import_units(session, table(UNIT, moved, new_district)) == Imported(new=1, unchanged=0, changed=1)
    assert import_units(session, table(UNIT, moved, new_district)) == Imported(new=0, unchanged=2, changed=0)


BAD_UNITS = [
    #  row                                                                column                 what the officer reads
    (("xóm", "1", "Xóm 1", "356", "1/1/2025", ""), "Cấp", "hãy ghi một trong: xã, huyện, tỉnh, trung ương"),
    (("xã", "", "Xã không mã", "356", "1/1/2025", ""), "Mã đơn vị", "để trống; hãy điền"),
    (("xã", "1 2", "Xã hai mã", "356", "1/1/2025", ""), "Mã đơn vị", "khoảng trắng"),
    (
        ("xã", "77777", "Xã lạc", "777", "1/1/2025", ""),
        "Mã đơn vị cấp trên",
        "không có đơn vị cấp cao hơn mang mã '777'",
    ),
    (("xã", "77777", "Xã mồ côi", "", "1/1/2025", ""), "Mã đơn vị cấp trên", "đơn vị cấp xã phải có đơn vị cấp trên"),
    (("huyện", "777", "Huyện ngược", "13636", "1/1/2025", ""), "Mã đơn vị cấp trên", "không có đơn vị cấp cao hơn"),
    (("xã", "77777", "Xã mới", "356", "2025", ""), "Có hiệu lực từ", "không phải ngày đầy đủ"),
    (("xã", "77777", "Xã mới", "356", "1/7/2026", ""), "Mã đơn vị cấp trên", "vào ngày 1/7/2026"),
    (("xã", "77777", "Xã mới", "356", "1/1/2025", "31/12/2024"), "Đến hết ngày", "sớm hơn ngày bắt đầu"),
    (("xã", "13636", "Phường Vị Xuyên", "356", "1/1/2025", ""), "Có hiệu lực từ", "chưa kết thúc trước ngày 1/1/2025"),
]


@pytest.mark.parametrize(("row", "column", "reason"), BAD_UNITS)
def test_a_bad_unit_is_named_by_row_column_and_remedy(
    session: Session, row: tuple[str, ...], column: str, reason: str
) -> None:
    with pytest.raises(InvalidRows) as refused:
        import_units(session, table(UNIT, row))
    [(number, where, why)] = problems(refused)
    assert (number, where) == (2, column)
    assert reason in why


def test_all_bad_rows_are_named_together_and_nothing_is_imported(session: Session) -> None:
    before = session.scalar(select(func.count()).select_from(Unit))
    good = ("xã", "88888", "Xã tốt", "356", "1/1/2025", "")
    with pytest.raises(InvalidRows) as refused:
        import_units(session, table(UNIT, good, *(row for row, _, _ in BAD_UNITS[:3]), good))
    assert [row for row, _, _ in problems(refused)] == [3, 4, 5, 6]
    assert "Tệp có 4 chỗ sai, chưa nhập dòng nào" in str(refused.value)
    assert "dòng 6, cột 'Mã đơn vị': trùng với dòng 2" in str(refused.value)
    assert session.scalar(select(func.count()).select_from(Unit)) == before
