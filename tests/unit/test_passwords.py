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


@pytest.mark.parametrize(
    ("tried", "signs"),
    [
        ("lan", 1),  # a name of three letters
        ("lans", 2),
        ("an.nguyen@hagiang.example", 1),  # an address as a whole
        ("asdf", 1),  # four keys of a row, and no fewer
        ("fdsa", 1),
        ("asd", 3),
        ("hjkl", 1),  # to the row's end
        ("qwertyuiop", 1),  # the longest stretch first
        ("hgfedcba", 1),
        *((row, 1) for row in ("zxcv", "vbnm", "0123", "7890", "abcd", "wxyz", "!@#$", "&*()")),
        *((row, 4) for row in ("iopx", "jklx", "bnmx", "890x", "xyzx", "*()x")),  # the row ends before
        ("1987", 1),
        ("2087", 1),
        ("1887", 4),
        ("xaaab", 3),
        ("xaab", 4),
        ("kk", 1),  # a part that is repeated
        ("kmkm", 2),
        ("kmpkmp", 3),
        ("kmpwkm", 6),  # a beginning that comes again is no repeat
        ("k m p", 3),  # a space counts nothing
        ("ocopkocop", 3),
    ],
)
def test_a_whole_word_row_year_or_repeat_counts_as_one_sign(tried: str, signs: int) -> None:
    assert worth(tried, ["Bùi Thị Lan", *OWN]) == signs


TRIED_FIRST = (
    "matkhau", "password", "passwd", "passw0rd", "p@ssw0rd", "p@ssword", "quantri", "administrator", "admin",
    "truongphong", "chutich", "canbo", "chuthe", "vanphong", "nongthonmoi", "dieuphoi", "hosodientu", "ubnd",
    "ocop", "vietnam", "hanoi", "namdinh", "thanhpho", "hochiminh", "saigon", "danang", "xinchao", "anhyeuem",
    "emyeuanh", "iloveyou", "letmein", "welcome", "secret", "monkey", "dragon", "football", "baseball", "superman",
    "princess", "sunshine", "master", "login", "user", "test", "demo", "hello", "abc123", "1q2w3e4r5t6y",
    "1q2w3e4r", "1qaz2wsx3edc", "1qaz2wsx", "qazwsxedc", "qazwsx", "zaq12wsx", "q1w2e3r4t5", "q1w2e3r4", "computer",
    "internet", "samsung", "whatever", "trustno", "starwars", "liverpool", "chelsea", "manchester", "united",
    "barcelona", "arsenal", "unbelievable", "motherfucker", "pokemon", "naruto", "doraemon",
)  # fmt: skip


@pytest.mark.parametrize("word", TRIED_FIRST)
def test_a_word_that_everybody_tries_counts_as_one_sign_with_capitals_too(word: str) -> None:
    assert worth(word) == 1
    assert worth(word.upper()) == 1


def test_a_password_must_be_worth_eight_signs() -> None:
    assert (worth("kmpwtvz ocop"), worth("kmpwtv  ocop")) == (WORTH, WORTH - 1)
    assert weakness("kmpwtvz ocop") == ""  # seven and a word
    assert "dễ đoán" in weakness("kmpwtv  ocop")


def test_what_is_wrong_with_the_length_is_said_with_the_length() -> None:
    assert weakness("a" * 11) == (
        "Mật khẩu phải có ít nhất 12 ký tự. Nên ghép vài từ dễ nhớ, không liên quan với nhau."
    )
    assert weakness("a" * 129) == "Mật khẩu dài quá 128 ký tự. Hãy chọn mật khẩu ngắn hơn."


def test_the_rules_that_stand_beside_the_field_say_the_lengths() -> None:
    assert WORTH < SHORTEST
    assert RULES == (
        "Từ 12 đến 128 ký tự; chữ có dấu và khoảng trắng đều được.",
        "Nên ghép bốn, năm từ không liên quan với nhau, ví dụ tên bốn món đồ trên bàn.",
        "Không dùng tên đăng nhập, họ tên, tên cơ quan, từ quen thuộc (matkhau, ocop), dãy phím hay dãy số liền nhau.",
    )
