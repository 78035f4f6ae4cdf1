"""The language that a reader chooses: kept by the browser, spoken by every page, and unknown to whatever is recorded."""

import json
import re
from datetime import UTC, datetime
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from casework.imports.keeping import Uploads
from dashboard.language import COOKIE, LASTS, Language, catalogue, said_in
from models.dossiers import Dossier
from models.letters import Letter
from models.record import Event, Request
from notifications.vietnamese import instant
from tests.factories import Office
from tests.integration.act_forms import opened, said, send
from tests.integration.console_pages import OFFICE, PAGES, form_token, office_on_sqlite, shown, text, walked

__all__ = ["office_on_sqlite"]
pytestmark = pytest.mark.usefixtures("home")

NOBODY = "nobody"


def reading(office: Office, language: str = "en", who: str = OFFICE) -> TestClient:
    """Return a client of somebody who has chosen a language."""
    client = shown(office, who)
    client.cookies.set(COOKIE, language)
    return client


def chosen(client: TestClient, language: str, back: str = "/") -> Any:
    """Send the form that changes the language, and return the answer before it leads on."""
    return client.post("/language", data={"language": language, "next": back}, follow_redirects=False)


# The choice.


@pytest.mark.parametrize("who", [OFFICE, "14101/officer", NOBODY])
def test_a_reader_changes_the_language_and_comes_back_to_the_page(office: Office, who: str) -> None:
    client = shown(office, who)
    page = "/work" if who != NOBODY else "/public"
    before = client.get(f"{page}?cycle=").text
    assert '<html lang="vi">' in before
    assert f'name="next" value="{page}?cycle="' in before
    assert 'value="en" lang="en">English</button>' in before
    answer = chosen(client, "en", f"{page}?cycle=")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{page}?cycle=")
    after = client.get(answer.headers["location"]).text
    assert '<html lang="en">' in after
    assert 'value="vi" lang="vi">Tiếng Việt</button>' in after
    chosen(client, "vi")
    assert client.get(f"{page}?cycle=").text == before


def test_the_browser_keeps_the_choice_for_a_year_and_names_nobody(office: Office) -> None:
    answer = chosen(shown(office), "en")
    kept = answer.headers["set-cookie"]
    assert kept.startswith(f"{COOKIE}=en;")
    for part in (f"Max-Age={LASTS}", "HttpOnly", "SameSite=lax", "Path=/"):
        assert part in kept
    assert "Secure" not in kept, "the page came without TLS"


def test_over_tls_the_choice_is_sent_over_tls_alone(office: Office) -> None:
    client = shown(office, NOBODY)
    client.base_url = "https://127.0.0.1"
    assert "Secure" in chosen(client, "en").headers["set-cookie"]


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "javascript:alert(1)", "", "/a\nb"],
)
def test_the_choice_leads_to_no_other_site(office: Office, elsewhere: str) -> None:
    assert chosen(shown(office), "en", elsewhere).headers["location"] == "/"


@pytest.mark.parametrize(
    ("form", "fields", "back"),
    [
        ("/account/password", {"password": "một", "again": "hai"}, "/account"),
        ("/calendar/preview", {"day": "nonsense", "kind": "holiday", "name": "x"}, "/calendar"),
        ("/acts/receive?back=/work", {}, "/acts/receive?back=/work"),
        ("/language", {"language": "fr"}, "/"),
    ],
)
def test_a_reader_changes_the_language_of_an_answer_and_comes_to_a_page_that_can_be_opened(
    office: Office, form: str, fields: dict[str, str], back: str
) -> None:
    client = shown(office)
    answer = client.post(form, data={"form_token": form_token(client), **fields})
    assert answer.status_code == 422
    (there,) = re.findall(r'name="next" value="([^"]*)"', answer.text)
    assert there == back
    assert client.get(there).status_code == 200


def test_a_code_that_an_address_spells_otherwise_leads_back_to_itself(office: Office) -> None:
    page = shown(office).get("/public/12%3F%25/Q%C4%90").text
    assert 'name="next" value="/public/12%3F%25/Q%C4%90"' in page


def test_a_language_that_is_none_of_ours_is_refused_and_one_in_a_cookie_is_vietnamese(office: Office) -> None:
    assert chosen(shown(office), "fr").status_code == 422
    for strange in ("fr", "EN", "en-GB", '"'):
        client = shown(office)
        client.cookies.set(COOKIE, strange)
        assert '<html lang="vi">' in client.get("/work").text


def test_each_language_says_what_the_other_is_called() -> None:
    assert [language.other.name_of_itself for language in Language] == ["English", "Tiếng Việt"]


# The pages.


@pytest.mark.parametrize("page", PAGES)
def test_a_page_stands_in_the_language_of_its_reader(sqlite_engine: Engine, page: str) -> None:
    office = walked(sqlite_engine)
    vietnamese, english = shown(office).get(page), reading(office).get(page)
    assert (vietnamese.status_code, english.status_code) == (200, 200)
    assert '<html lang="vi">' in vietnamese.text
    assert '<html lang="en">' in english.text
    assert vietnamese.headers["etag"] != english.headers["etag"]
    assert "Skip to the main content" in english.text
    assert "Skip to the main content" not in vietnamese.text


def test_a_page_kept_for_one_language_is_not_given_to_a_reader_of_the_other(office: Office) -> None:
    client = shown(office)
    client.get("/dossiers")
    for language in ("en", "vi", "en", "vi"):
        client.cookies.set(COOKIE, language)
        answer = client.get("/dossiers")
        assert f'<html lang="{language}">' in answer.text
        assert (catalogue()["Nghiệp vụ"] in text(client, "/dossiers")) is (language == "en")


def test_a_browser_that_has_a_page_in_one_language_is_given_the_other(office: Office) -> None:
    client = shown(office)
    tag = client.get("/dossiers").headers["etag"]
    assert client.get("/dossiers", headers={"if-none-match": tag}).status_code == 304
    client.cookies.set(COOKIE, "en")
    assert client.get("/dossiers", headers={"if-none-match": tag}).status_code == 200


def test_a_page_for_nobody_in_particular_can_be_read_in_english(office: Office) -> None:
    words = text(reading(office, who=NOBODY), "/sign-in")
    assert catalogue()["Tên đăng nhập"] in words
    assert catalogue()["Mật khẩu"] in words
    assert "Mật khẩu" not in words


def test_what_people_typed_and_names_stay_as_they_are(office: Office) -> None:
    code = office.register()
    words = text(reading(office), f"/dossiers/{code}")
    ((name,),) = office.rows(select(Event.actor_name).where(Event.dossier_id.is_not(None)).distinct())
    assert name in words
    assert "Xã Giao Xuân" in words


@pytest.mark.parametrize(
    ("at", "vietnamese", "english"),
    [
        ("2025-06-16T00:30:00+00:00", "07:30 ngày 16/6/2025", "07:30 on 16/6/2025"),
        ("2025-06-14T17:00:00+00:00", "24:00 ngày 14/6/2025", "24:00 on 14/6/2025"),
    ],
)
def test_an_instant_within_a_sentence_is_said_as_letters_write_it(at: str, vietnamese: str, english: str) -> None:
    assert said_in(Language.VIETNAMESE, instant(at)) == vietnamese
    assert said_in(Language.ENGLISH, instant(at)) == english


# What is refused, and what is told after a form.


def test_a_refusal_is_told_in_the_language_of_its_reader(office: Office) -> None:
    vietnamese = shown(office).get("/imports/nonsense/template.xlsx")
    english = reading(office).get("/imports/nonsense/template.xlsx")
    assert (vietnamese.status_code, english.status_code) == (404, 404)
    assert "Không có loại tệp này." in unescape(vietnamese.text)
    assert "There is no such kind of file." in unescape(english.text)
    assert "Không có loại tệp này." not in unescape(english.text)


def test_a_form_that_is_refused_says_why_in_english(office: Office) -> None:
    client = reading(office)
    answer = client.post(
        "/imports/units", data={"form_token": form_token(client)}, files={"file": ("rong.csv", b"")}
    )  # fmt: skip
    assert answer.status_code == 422
    assert "No file was chosen, or the file is empty. Choose a file and send it again." in said(answer)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("vi", "Tệp này đang được xử lý, xin đợi."), ("en", "This file is being worked on, please wait.")],
)
def test_a_sentence_told_after_a_form_is_in_the_language_of_who_sent_it(
    office: Office, language: str, sentence: str
) -> None:
    client = reading(office, language)
    address = _sent(client, "Cấp,Mã đơn vị\nxã,1\n")
    uploads: Uploads = client.app.state.imports.uploads  # type: ignore[attr-defined]
    (told,) = uploads.folder.glob("*.json")
    kept = json.loads(told.read_text("utf-8"))
    running = kept | {"standing": "taking", "seen_at": datetime.now(UTC).isoformat()}
    told.write_text(json.dumps(running, ensure_ascii=False), encoding="utf-8")
    assert sentence in said(client.post(address, data={"form_token": form_token(client)}))
    assert sentence not in said(client.get(address)), "it is told once"


def test_a_wrong_row_is_told_in_the_language_of_whoever_looks_and_listed_in_vietnamese(
    office: Office,
) -> None:
    """What was found is kept between the requests; it can still be said in both languages."""
    client = reading(office)
    address = _sent(
        client, "Cấp,Mã đơn vị,Tên đơn vị,Mã đơn vị cấp trên,Có hiệu lực từ\nxã,14104,Xã Lạc,999,1/1/2020\n"
    )
    english = said(client.get(address))
    assert "The file has 1 mistake, no line is imported" in english
    assert "No unit of a higher level has the code '999' on 1/1/2020" in english
    assert "Add that unit to the file or correct the code" in english
    chosen(client, "vi")
    assert "Không có đơn vị cấp cao hơn mang mã '999' vào ngày 1/1/2020" in said(client.get(address))
    chosen(client, "en")
    book = load_workbook(BytesIO(client.get(f"{address}/errors.xlsx").content))
    assert [cell.value for cell in next(book.worksheets[0].iter_rows())] == [
        "Trang",
        "Dòng",
        "Cột",
        "Sai ở đâu",
        "Cách sửa",
    ]
    assert "không có đơn vị cấp cao hơn" in str(book.worksheets[0].cell(2, 4).value)


def _sent(client: TestClient, content: str) -> str:
    """Send a file of units, and return the address of its preview once it was looked at."""
    answer = client.post(
        "/imports/units", data={"form_token": form_token(client)}, files={"file": ("tep.csv", content.encode())}
    )
    client.app.state.imports._one.submit(int).result()  # type: ignore[attr-defined]
    return str(answer.url.path)


# The record.


def written(office: Office, code: str) -> dict[str, list[Any]]:
    """Return everything that is recorded of a dossier and can hold words, its numbers and hashes taken out."""
    ((dossier,),) = office.rows(select(Dossier.id).where(Dossier.code == code))
    rows = {
        "history": office.rows(
            select(Event.event, Event.actor_name, Event.on_behalf, Event.reason, Event.rule, Event.details)
            .where(Event.dossier_id == dossier)
            .order_by(Event.id)
        ),
        "letters": office.rows(
            select(Letter.notice, Letter.recipient_name, Letter.facts, Letter.subject, Letter.body)
            .where(Letter.dossier_id == dossier)
            .order_by(Letter.id)
        ),
        "answers": [row for row in office.rows(select(Request.act, Request.answer)) if code in str(row.answer)],
    }
    return {name: [re.sub(r"[0-9a-f]{64}|\d+", "#", str(tuple(row))) for row in found] for name, found in rows.items()}


def test_what_a_reader_of_english_does_is_recorded_in_vietnamese(office: Office) -> None:
    codes = {language: office.register() for language in Language}
    today = office.now.date().isoformat()
    told = {}
    for language, code in codes.items():
        client = reading(office, language, "14101/officer")
        assert send(client, "receive", opened(client, "receive", dossiers=code)).status_code == 200
        form = opened(client, "retract", dossier=code)
        answer = send(client, "retract", form, reason="ngừng sản xuất", requested_on=today)
        assert answer.status_code == 200, said(answer)
        told[language] = said(answer)
    office.tick()
    vietnamese, english = (written(office, codes[language]) for language in Language)
    assert english == vietnamese
    assert all(vietnamese.values())
    assert "ngừng sản xuất" in str(english["history"])
    assert any("đã" in one.lower() for one in english["answers"])
    assert told[Language.ENGLISH] != told[Language.VIETNAMESE]


def test_a_letter_and_a_workbook_are_vietnamese_for_every_reader(office: Office) -> None:
    code = office.register()
    office.act("receive", "14101/officer", dossiers=[code], received_on=office.now.date())
    office.tick()
    ((number,), *_) = office.rows(select(Letter.id).where(Letter.dossier_id.is_not(None)).order_by(Letter.id))
    client = reading(office)
    words = text(client, f"/letters/{number}")
    assert "Kính gửi" in words
    assert code in words
    sheets = [load_workbook(BytesIO(who.get("/dossiers.xlsx").content)) for who in (client, shown(office))]
    english, vietnamese = (
        [[cell.value for cell in row] for sheet in book.worksheets for row in sheet.iter_rows()] for book in sheets
    )
    assert english == vietnamese
    assert len(vietnamese) > 1
