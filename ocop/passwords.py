"""Which passwords may be kept: long enough, and not made of what everybody tries first or of what is known of the owner."""

import re
from collections.abc import Iterable
from functools import cache

from ocop.phrase import Phrase
from ocop.text import fold

SHORTEST, LONGEST = 12, 128
WORTH = 8
"""What a password must be worth: a sign counts one, a whole word, row or repeat that everybody tries counts one too."""
RULES = (
    Phrase(
        "Từ %(shortest)s đến %(longest)s ký tự; chữ có dấu và khoảng trắng đều được.",
        shortest=SHORTEST,
        longest=LONGEST,
    ),
    Phrase("Nên ghép bốn, năm từ không liên quan với nhau, ví dụ tên bốn món đồ trên bàn."),
    Phrase(
        "Không dùng tên đăng nhập, họ tên, tên cơ quan, từ quen thuộc (matkhau, ocop), dãy phím hay dãy số liền nhau."
    ),
)
"""What stands beside the field of a new password."""
COMMON = (
    "matkhau", "password", "passwd", "passw0rd", "p@ssw0rd", "p@ssword", "quantri", "administrator", "admin", "truongphong",
    "chutich", "canbo", "chuthe", "vanphong", "nongthonmoi", "dieuphoi", "hosodientu", "ubnd", "ocop", "vietnam", "hanoi",
    "namdinh", "xinchao", "anhyeuem", "emyeuanh", "iloveyou", "letmein", "welcome", "secret", "monkey", "dragon", "football",
    "baseball", "superman", "princess", "sunshine", "master", "login", "user", "test", "demo", "hello", "abc123", "1q2w3e4r5t6y",
    "1q2w3e4r", "1qaz2wsx3edc", "1qaz2wsx", "qazwsxedc", "qazwsx", "zaq12wsx", "q1w2e3r4t5", "q1w2e3r4", "thanhpho",
    "hochiminh", "saigon", "danang", "computer", "internet", "samsung", "whatever", "trustno", "starwars", "liverpool",
    "chelsea", "manchester", "united", "barcelona", "arsenal", "unbelievable", "motherfucker", "pokemon", "naruto", "doraemon",
)  # fmt: skip
"""Words that are tried first, folded."""
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "01234567890", "abcdefghijklmnopqrstuvwxyz", "!@#$%^&*()")
"""Rows of keys, of digits and of letters, read forwards and backwards."""
SHORTEST_ROW = 4
_YEAR = re.compile(r"(?:19|20)\d\d")
_SAME = re.compile(r"(.)\1{2,}")
_PIECE = "\0"


def weakness(password: str, own: Iterable[str] = ()) -> str:
    """Return what a password lacks and what to do, or an empty text; `own` is what is known of its owner."""
    if len(password) < SHORTEST:
        words = "Mật khẩu phải có ít nhất %(shortest)s ký tự. Nên ghép vài từ dễ nhớ, không liên quan với nhau."
        return Phrase(words, shortest=SHORTEST)
    if len(password) > LONGEST:
        return Phrase("Mật khẩu dài quá %(longest)s ký tự. Hãy chọn mật khẩu ngắn hơn.", longest=LONGEST)
    if worth(password, own) < WORTH:
        return Phrase(
            "Mật khẩu dễ đoán: tên đăng nhập, họ tên, từ quen thuộc, dãy phím, dãy số và chỗ lặp lại không làm mật khẩu mạnh "
            "hơn. Hãy ghép bốn, năm từ không liên quan với nhau."
        )
    return ""


def worth(password: str, own: Iterable[str] = ()) -> int:
    """Return how many signs a password is worth to somebody who tries known words, rows of keys, years and repeats first."""
    left = _once(_close(password))
    known = {part for word in own for part in (_close(word), *re.split(r"[\W_]+", fold(word))) if len(part) >= 3}
    for word in sorted({*COMMON, *known}, key=lambda word: (-len(word), word)):
        left = left.replace(word, _PIECE)
    for row in _rows():
        left = left.replace(row, _PIECE)
    left = _SAME.sub(_PIECE, _YEAR.sub(_PIECE, left))
    return len(_SAME.sub(_PIECE, left))


def _close(text: str) -> str:
    """Return a text folded and without spaces."""
    return fold(text).replace(" ", "")


def _once(text: str) -> str:
    """Return the part that a text repeats twice or more, or the text itself."""
    repeats = (size for size in range(1, len(text) // 2 + 1) if text == (text[:size] * len(text))[: len(text)])
    return text[: next(repeats, len(text))]


@cache
def _rows() -> tuple[str, ...]:
    """Return every stretch of a row that is long enough to be one, longest first."""
    found = {
        row[start:end]
        for whole in ROWS
        for row in (whole, whole[::-1])
        for start in range(len(row))
        for end in range(start + SHORTEST_ROW, len(row) + 1)
    }
    return tuple(sorted(found, key=lambda row: (-len(row), row)))
