"""Which passwords may be kept."""

import pytest

from ocop.passwords import LONGEST, RULES, SHORTEST, WORTH, weakness, worth

OWN = ("an.nguyen@hagiang.example", "Nguyễn Văn An")


@pytest.mark.parametrize(
    "password",
    [
        "bốn con ngựa xanh",
        "gao-muoi-nep-che-tre-1234",
        "k7#pL0q!vZ2w",
        "nón lá bút chì đèn dầu",
        "tủ 4 ngăn, cửa kính",
        "ấm chén gương lược",
    ],
)
def test_words_that_have_nothing_to_do_with_each_other_make_a_password(password: str) -> None:
    assert weakness(password, OWN) == ""


@pytest.mark.parametrize(
    "password",
    [
        "matkhau123456789",
        "Mật khẩu 12345678",
        "passwordpassword",
        "P@ssw0rd123456",
        "qwertyuiop12",
        "poiuytrewq21",
        "123456789012",
        "1q2w3e4r5t6y",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "Admin@123456",
        "Ocop@2026@Ocop",
        "namdinh@2025ocop",
        "xinchao123456",
        "an.nguyen@hagiang.example",
        "Nguyễn Văn An 1990",
        "nguyenvanan123456",
        "motherfucker",
    ],
)
def test_what_everybody_tries_first_is_no_password_however_long(password: str) -> None:
    assert len(password) >= SHORTEST
    assert "dễ đoán" in weakness(password, OWN)


@pytest.mark.parametrize(
    ("length", "fits"), [(SHORTEST - 1, False), (SHORTEST, True), (LONGEST, True), (LONGEST + 1, False)]
)
def test_a_password_has_twelve_to_a_hundred_and_twenty_eight_characters(length: int, fits: bool) -> None:
    password = "".join(chr(0x4E00 + number * 37) for number in range(length))
    assert (weakness(password) == "") is fits


def test_a_name_is_worth_one_sign_with_and_without_its_marks() -> None:
    assert worth("Nguyễn", ["Nguyễn Văn An"]) == worth("nguyen", ["Nguyễn Văn An"]) == 1
    assert worth("nguyenvanan", ["Nguyễn Văn An"]) == 1
    assert worth("an", ["Nguyễn Văn An"]) == 2, "two letters stand in too many words"


def test_the_rules_that_stand_beside_the_field_say_the_lengths() -> None:
    assert f"Từ {SHORTEST} đến {LONGEST} ký tự" in RULES[0]
    assert WORTH < SHORTEST
