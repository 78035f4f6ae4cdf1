"""Requests larger than the pages take in are refused, however they say their size."""

from collections.abc import Iterator

from sqlalchemy import Engine

from tests.factories import an_office
from tests.integration.console_pages import shown


def test_a_form_that_is_too_large_is_refused_whether_or_not_it_says_its_size(sqlite_engine: Engine) -> None:
    client = shown(an_office(sqlite_engine), upload_mb=1)
    form = b"login=a&password=" + b"x" * 1_100_000

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(form), 1000):
            yield form[start : start + 1000]

    for content in (form, pieces()):
        answer = client.post("/sign-in", content=content, headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status_code == 413
        assert "phần mềm nhận tối đa 1 MB mỗi lần gửi" in answer.text
