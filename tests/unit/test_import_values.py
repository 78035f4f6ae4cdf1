"""What an office types into a cell, and what it is taken for."""

from datetime import date
from decimal import Decimal

import pytest

from casework.imports.values import choice, code, day, email, flag, phone, points, text, whole
from ocop.levels import DossierKind, Level, Role


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("15/6/2025", date(2025, 6, 15)),
        ("15/06/2025", date(2025, 6, 15)),
        ("15-6-2025", date(2025, 6, 15)),
        ("15.6.2025", date(2025, 6, 15)),
        ("2025-06-15", date(2025, 6, 15)),
        ("29/2/2024", date(2024, 2, 29)),
    ],
)
def test_a_date_is_read_as_offices_write_it(cell: str, expected: date) -> None:
    assert day(cell) == expected


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("29/2/2025", "không có trong lịch"),
        ("6/2025", "không phải ngày đầy đủ"),
        ("2025", "không phải ngày đầy đủ"),
        ("15/6/25", "không phải ngày đầy đủ"),
        ("2025-06-15 10:30:00", "không phải ngày đầy đủ"),
        ("15/6/1025", "hãy kiểm tra năm"),
    ],
)
def test_a_date_that_is_none_is_refused_with_the_way_to_write_it(cell: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        day(cell)


@pytest.mark.parametrize(
    ("cell", "expected"), [("81,5", "81.5"), ("81.5", "81.5"), ("69,995", "69.995"), ("100", "100")]
)
def test_points_take_a_decimal_comma_and_stay_exact(cell: str, expected: str) -> None:
    assert points(cell) == Decimal(expected)


@pytest.mark.parametrize("cell", ["100,01", "-1", "NaN", "tám mươi", "1e9999", "81,5,5", "0,00000001"])
def test_points_outside_0_to_100_are_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="điểm"):
        points(cell)


@pytest.mark.parametrize(("cell", "expected"), [("4", 4), ("4 sao", 4), ("3 SAO", 3)])
def test_a_star_may_carry_its_word(cell: str, expected: int) -> None:
    assert whole(3, 5, "sao")(cell) == expected


@pytest.mark.parametrize("cell", ["2", "6", "4,5", "bốn", "", "٤"])
def test_a_star_out_of_range_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="từ 3 đến 5"):
        whole(3, 5, "sao")(cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("xã", Level.COMMUNE), ("Cấp Xã", Level.COMMUNE), ("district", Level.DISTRICT), ("TRUNG ƯƠNG", Level.CENTRAL)],
)
def test_a_level_is_read_by_its_vietnamese_name_or_its_key(cell: str, expected: Level) -> None:
    assert choice(Level)(cell) is expected


def test_a_role_and_a_kind_are_read_by_name_or_key() -> None:
    assert choice(Role)("phó chủ tịch Ủy ban nhân dân") is Role.VICE_CHAIR
    assert choice(Role)("vice_chair") is Role.VICE_CHAIR
    assert choice(Role)("vice chair") is Role.VICE_CHAIR
    assert choice(DossierKind)("Công nhận lại") is DossierKind.RE_RECOGNITION


def test_an_unknown_word_is_answered_with_the_list() -> None:
    with pytest.raises(ValueError, match="lần đầu, nâng hạng, công nhận lại"):
        choice(DossierKind)("mới")


@pytest.mark.parametrize("cell", ["có", "Có", "x", "X", "TRUE", "1", "mô phỏng"])
def test_yes_is_read(cell: str) -> None:
    assert flag(cell) is True


@pytest.mark.parametrize("cell", ["không", "Không", "FALSE", "0"])
def test_no_is_read(cell: str) -> None:
    assert flag(cell) is False


@pytest.mark.parametrize(
    "cell",
    [
        "ánh@nd.example",
        "a b@nd.example",
        "a@nd.example, b@nd.example",
        "a@nd.example\r\nBcc: x@y.example",
        "a@",
        "nd.example",
    ],
)
def test_an_address_that_mail_servers_would_not_take_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="thư điện tử"):
        email(cell)


def test_a_code_with_a_space_and_a_text_with_a_control_character_are_refused() -> None:
    with pytest.raises(ValueError, match="khoảng trắng"):
        code(20)("CT 01")
    with pytest.raises(ValueError, match="điều khiển"):
        text(20)("Gạo\x07")
    with pytest.raises(ValueError, match="nhiều nhất 5"):
        text(5)("Gạo nếp")
    with pytest.raises(ValueError, match="số điện thoại"):
        phone("gọi trực ban")
