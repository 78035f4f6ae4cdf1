"""Files through the web: sent with their paper or not at all, told by their content, given out under their Vietnamese name."""

import asyncio
import os
import zipfile
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from httpx import Response
from sqlalchemy import select
from starlette.testclient import TestClient

from casework.evidence import NewEvidence
from dashboard.app import create_app
from dashboard.pages.attachments import disposition
from dashboard.settings import WebSettings
from dashboard.who import COOKIE
from models.dossiers import Dossier, Evidence
from models.record import Event
from ocop.evidence import EvidenceKind
from tests.factories import Office
from tests.integration.console_pages import HOST, NOWHERE, form_token, office_on_sqlite, shown, text
from tests.integration.producer_pages import own

__all__ = ["office_on_sqlite"]
PDF = b"%PDF-1.7\n" + b"noi dung " * 40
NAME = "Phiếu kiểm nghiệm số 12.pdf"


def kept(folder: Path) -> list[str]:
    """Return every file below the folder of attachments, temporary ones included."""
    return sorted(name for _, _, names in os.walk(folder / "files") for name in names)


def send(client: TestClient, code: str, content: bytes = PDF, name: str = NAME, **typed: str) -> Response:
    """Send a paper with its file, as the form does; the answer is not followed."""
    form = {
        "form_token": form_token(client), "kind": "test_report", "title": "Phiếu kiểm nghiệm", "issued_on": "2025-05-02",
        "expires_on": "2026-05-02",
    }  # fmt: skip
    return client.post(
        f"/dossiers/{code}/attachments", data=form | typed, files={"file": (name, content)}, follow_redirects=False
    )


def papers(office: Office) -> list[tuple[str, str]]:
    """Return the papers of the record that have a file: title and hash."""
    return [tuple(row) for row in office.rows(select(Evidence.title, Evidence.file_sha256).order_by(Evidence.id))]


def zipped(*parts: str) -> bytes:
    """Return a zip with these parts."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for part in parts:
            file.writestr(part, "<x/>")
    return content.getvalue()


WORD = zipped("[Content_Types].xml", "word/document.xml")
EXCEL = zipped("[Content_Types].xml", "xl/workbook.xml")


def test_an_officer_sends_a_file_and_gets_it_back_under_its_vietnamese_name(office: Office, tmp_path: Path) -> None:
    code = office.at_district()
    client = shown(office, "365/officer")
    assert "Chưa có tài liệu nào" in text(client, f"/dossiers/{code}/attachments")
    answer = send(client, code)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/dossiers/{code}")
    assert "Đã thêm 1 tài liệu" in text(client, f"/dossiers/{code}")
    told = text(client, f"/dossiers/{code}/attachments")
    assert NAME in told
    assert "chưa quét mã độc" in told
    ((number,),) = office.rows(select(Evidence.id))
    given = client.get(f"/dossiers/{code}/attachments/{number}")
    assert (given.status_code, given.content) == (200, PDF)
    assert given.headers["content-type"] == "application/pdf"
    assert given.headers["x-content-type-options"] == "nosniff"
    plain, _, vietnamese = given.headers["content-disposition"].partition("; filename*=UTF-8''")
    assert plain == 'attachment; filename="phieu-kiem-nghiem-so-12.pdf"'
    assert unquote(vietnamese) == NAME
    assert kept(tmp_path) == [sha256(PDF).hexdigest()]
    assert NAME in text(client, f"/dossiers/{code}")


def test_a_producer_sends_a_file_to_their_own_dossier_and_to_no_other(office: Office, tmp_path: Path) -> None:
    mine, other = office.at_district(), office.at_district()
    client = own(office, mine)
    answer = send(client, mine)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/my/dossiers/{mine}")
    told = [row.actor_name for row in office.rows(select(Event.actor_name).where(Event.event == "add_evidence"))]
    assert len(told) == 1
    assert told[0].startswith("Chủ thể: ")
    assert send(client, other, b"%PDF-1.7 another").status_code == 404
    assert client.get(f"/dossiers/{other}/attachments").status_code == 404
    assert kept(tmp_path) == [sha256(PDF).hexdigest()]
    send(shown(office, "365/officer"), other, b"%PDF-1.7 theirs")
    numbers = dict(office.rows(select(Evidence.dossier_id, Evidence.id)))
    ids = dict(office.rows(select(Dossier.code, Dossier.id)))
    assert client.get(f"/dossiers/{mine}/attachments/{numbers[ids[mine]]}").status_code == 200
    assert client.get(f"/dossiers/{other}/attachments/{numbers[ids[other]]}").status_code == 404
    assert client.get(f"/dossiers/{mine}/attachments/{numbers[ids[other]]}").status_code == 404


def test_a_file_is_for_those_who_may_read_its_dossier(office: Office) -> None:
    code = office.at_district()
    send(shown(office, "365/officer"), code)
    ((number,),) = office.rows(select(Evidence.id))
    way = f"/dossiers/{code}/attachments/{number}"
    seen = {who: shown(office, who).get(way).status_code for who in ("14101/head", "366/officer", "36/department")}
    assert seen == {"14101/head": 200, "366/officer": 404, "36/department": 200}
    stranger = TestClient(create_app(office.engine, WebSettings(prefect_url=NOWHERE)), base_url=HOST)
    assert stranger.get(way, follow_redirects=False).headers["location"].startswith("/sign-in")


def test_the_same_content_is_kept_once_whoever_sends_it(office: Office, tmp_path: Path) -> None:
    first, second = office.at_district(), office.at_district()
    client = shown(office, "365/officer")
    assert send(client, first).status_code == send(client, second, name="Ten khac.PDF").status_code == 303
    assert kept(tmp_path) == [sha256(PDF).hexdigest()]
    assert {digest for _, digest in papers(office)} == {sha256(PDF).hexdigest()}


def test_the_same_form_sent_twice_adds_one_paper(office: Office) -> None:
    code = office.at_district()
    client = shown(office, "365/officer")
    key = "form-12345678-1234-1234-1234-123456789012"
    assert send(client, code, key=key).status_code == send(client, code, key=key).status_code == 303
    assert len(papers(office)) == 1


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.exe", PDF, "không thuộc loại được đính kèm"),
        ("không đuôi", PDF, "không thuộc loại được đính kèm"),
        ("a.pdf", b"MZ\x90\x00", "không phải là .pdf"),
        ("a.png", PDF, "không phải là .png"),
        ("a.jpg", b"<svg onload=x>", "không phải là .jpg"),
        ("a.docx", EXCEL, "không phải là .docx"),
        ("a.docx", zipped("evil.exe"), "không phải là .docx"),
        ("a.xlsx", WORD, "không phải là .xlsx"),
        ("a.docx", b"PK\x03\x04 not a zip", "không phải là .docx"),
        ("a.docx", zipped("word/document.xml", "word/vbaProject.bin"), "macro"),
        ("a.pdf", b"", "không có nội dung"),
    ],
)
def test_what_is_no_such_file_is_refused_beside_the_field_and_nothing_is_kept(
    office: Office, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    code = office.at_district()
    client = shown(office, "365/officer")
    answer = send(client, code, content, name)
    assert answer.status_code == 422
    assert told in answer.text
    assert 'value="Phiếu kiểm nghiệm"' in answer.text
    assert kept(tmp_path) == []
    assert papers(office) == []


@pytest.mark.parametrize(
    ("name", "content", "media"),
    [
        ("a.docx", WORD, "wordprocessingml"),
        ("a.xlsx", EXCEL, "spreadsheetml"),
        ("a.JPG", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "image/jpeg"),
        ("a.jpeg", b"\xff\xd8\xff\xe1\x00\x10Exif\x00", "image/jpeg"),
        ("a.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/png"),
        ("a.zip", WORD, "application/zip"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "application/msword"),
    ],
)
def test_each_kind_of_the_table_is_taken_and_given_out_as_what_it_is(
    office: Office, name: str, content: bytes, media: str
) -> None:
    code = office.at_district()
    client = shown(office, "365/officer")
    assert send(client, code, content, name).status_code == 303
    ((number,),) = office.rows(select(Evidence.id))
    assert media in client.get(f"/dossiers/{code}/attachments/{number}").headers["content-type"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"kind": "anything"}, "Hãy chọn loại tài liệu"),
        ({"title": "  "}, "Thiếu tên tài liệu"),
        ({"issued_on": "31/2/2025"}, "không có trong lịch"),
        ({"expires_on": "2025-05-01"}, "sớm hơn ngày cấp"),
    ],
)
def test_what_is_typed_wrongly_is_said_beside_the_field_and_the_file_is_not_kept(
    office: Office, tmp_path: Path, typed: dict[str, str], told: str
) -> None:
    code = office.at_district()
    answer = send(shown(office, "365/officer"), code, **typed)
    assert (answer.status_code, told in answer.text) == (422, True)
    assert kept(tmp_path) == []


def test_a_form_without_a_file_asks_for_it(office: Office) -> None:
    client = shown(office, "365/officer")
    code = office.at_district()
    answer = client.post(f"/dossiers/{code}/attachments", data={"form_token": form_token(client), "kind": "story"})
    assert (answer.status_code, "Hãy chọn tệp" in answer.text) == (422, True)


def test_a_refused_act_keeps_no_file(office: Office, tmp_path: Path) -> None:
    code = office.at_district()
    answer = send(shown(office, "14101/officer"), code)
    assert answer.status_code == 409
    assert "Chưa thêm được" in answer.text
    ended = office.at_district()
    office.act("retract", "365/officer", dossier=ended, reason="x", requested_on=office.now.date())
    assert send(shown(office, "365/officer"), ended).status_code == 409
    assert kept(tmp_path) == []
    assert papers(office) == []


def test_a_form_that_is_not_ours_is_refused_before_the_file_is_looked_at(office: Office, tmp_path: Path) -> None:
    code = office.at_district()
    client = shown(office, "365/officer")
    assert send(client, code, form_token="forged").status_code == 403
    client.cookies.delete(COOKIE)
    assert client.post(f"/dossiers/{code}/attachments", files={"file": (NAME, PDF)}).status_code == 401
    assert kept(tmp_path) == []


def test_a_file_beyond_the_limit_is_refused_whole(office: Office, tmp_path: Path) -> None:
    code = office.at_district()
    client = shown(office, "365/officer", upload_mb=1)
    assert send(client, code, PDF + b"x" * (1 << 20)).status_code == 413
    assert send(client, code, PDF + b"x" * (900 << 10)).status_code == 303
    assert len(kept(tmp_path)) == 1


def test_a_connection_that_breaks_leaves_nothing(office: Office, tmp_path: Path) -> None:
    code = office.at_district()
    client = shown(office, "365/officer")
    edge = b"----edge"
    body = (
        b"------edge\r\nContent-Disposition: form-data; name=\"form_token\"\r\n\r\n" + form_token(client).encode()
        + b"\r\n------edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n" + PDF * 4000
    )  # fmt: skip
    parts = [body[start : start + 65536] for start in range(0, len(body), 65536)]
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return (
            {"type": "http.request", "body": parts.pop(0), "more_body": True} if parts else {"type": "http.disconnect"}
        )

    async def answer(message: Any) -> None:
        said.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": f"/dossiers/{code}/attachments", "raw_path": b"", "query_string": b"", "root_path": "",
        "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1),
        "headers": [
            (b"host", b"127.0.0.1"), (b"content-type", b"multipart/form-data; boundary=" + edge),
            (b"cookie", f"{COOKIE}={client.cookies[COOKIE]}".encode()),
        ],
    }  # fmt: skip
    with pytest.raises(Exception):  # noqa: B017, PT011
        asyncio.run(client.app(scope, receive, answer))  # type: ignore[arg-type]
    assert parts == []
    assert kept(tmp_path) == []
    assert papers(office) == []


def test_a_file_that_was_changed_or_lost_is_told_and_not_given_out(office: Office, tmp_path: Path) -> None:
    code = office.at_district()
    client = shown(office, "365/officer")
    send(client, code)
    digest = sha256(PDF).hexdigest()
    ((number,),) = office.rows(select(Evidence.id))
    (tmp_path / "files" / digest[:2] / digest).write_bytes(PDF + b"!")
    answer = client.get(f"/dossiers/{code}/attachments/{number}")
    assert (answer.status_code, "đã bị thay đổi" in answer.text) == (404, True)


def test_a_paper_on_paper_only_has_no_file_to_give(office: Office) -> None:
    code = office.at_district()
    office.act("add-evidence", "365/officer", dossier=code, evidence=[NewEvidence(EvidenceKind.STORY, "Câu chuyện")])
    ((number,),) = office.rows(select(Evidence.id))
    client = shown(office, "365/officer")
    assert client.get(f"/dossiers/{code}/attachments/{number}").status_code == 404
    assert "chỉ có bản giấy" in text(client, f"/dossiers/{code}/attachments")


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Đơn đăng ký.pdf", "don-dang-ky.pdf"),
        ('a"b\\c.pdf', "a-b-c.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("商品.png", "png"),
    ],
)
def test_a_name_in_a_header_is_plain_letters_and_the_whole_name_beside_it(name: str, plain: str) -> None:
    told = disposition(name)
    assert told.startswith(f"attachment; filename=\"{plain}\"; filename*=UTF-8''")
    assert unquote(told.partition("UTF-8''")[2]) == name
    assert told.isascii()


def test_a_name_that_is_a_path_or_has_signs_nobody_sees_is_kept_as_its_last_plain_part(office: Office) -> None:
    code = office.at_district()
    client = shown(office, "365/officer")
    send(client, code, name="C:\\Người dùng\\phiếu\u200b số 1.pdf")
    assert office.rows(select(Evidence.file_name)) == [("phiếu số 1.pdf",)]
