"""The calendar on the pages: a year to look at, a change shown before it is written, a list, and what is refused."""

import io
import re

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from models.cycles import AgendaItem, CalendarDay, Deadline
from models.record import Event, Request
from tests.factories import PLAN, Office, day
from tests.integration.console_pages import Links, form_token, shown, text

ROLLING = PLAN.replace('roll = "none"', 'roll = "next_working_day"', 1)
EDIT = {"day": "2025-06-16", "kind": "holiday", "name": "Nghỉ bão số 3", "document": "13/CĐ-UBND", "reason": "bão"}


@pytest.fixture
def office(sqlite_engine: Engine) -> Office:
    """A cycle whose first date rolls over days off, with a dossier under it."""
    office = Office(sqlite_engine).found().open_cycle(ROLLING).go("2025-05-05")
    office.at_district()
    return office


def posted(client: TestClient, address: str, data: dict[str, object], status: int = 200, **more: object) -> str:
    """Return what a form's answer says, after its redirect."""
    answer = client.post(address, data={"form_token": form_token(client), **data}, **more)  # type: ignore[arg-type]
    assert answer.status_code == status, answer.text
    return answer.text


def hidden(html: str, action: str) -> dict[str, list[str]]:
    """Return the hidden fields of a page's form."""
    (form,) = [part for part in re.findall(r"<form.*?</form>", html, re.DOTALL) if f'action="{action}"' in part]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form):
        found.setdefault(name, []).append(value)
    return found


def test_a_year_shows_its_months_its_holidays_and_where_to_edit_a_day(office: Office) -> None:
    client = shown(office)
    page = client.get("/calendar?year=2025").text
    assert page.count('class="month"') == 12
    assert 'href="/calendar?year=2025&amp;day=2025-05-01#edit"' in page
    assert "thứ Năm 1/5/2025, ngày nghỉ: " in page
    assert not Links(page).inline
    assert "Đang là ngày nghỉ" in client.get("/calendar?day=2025-05-01").text
    assert "Chưa có lịch năm 2031" in text(client, "/calendar?year=2031")
    assert client.get("/calendar?year=1500").status_code == 422


def test_a_change_is_shown_with_what_it_moves_before_anything_is_written(office: Office) -> None:
    client = shown(office)
    before = office.rows(select(AgendaItem.subject, AgendaItem.number, AgendaItem.due_at))
    page = posted(client, "/calendar/preview", EDIT)
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "Chưa ghi gì" in words
    assert "thứ Hai, 16/6/2025: ngày thường → ngày nghỉ (Nghỉ bão số 3)" in words
    assert "Thời hạn: 1" in words
    assert "hạn cuối 16/6/2025" in words
    assert "→ hạn cuối 17/6/2025" in words
    assert office.rows(select(CalendarDay.day).where(CalendarDay.day == day("2025-06-16"))) == []
    assert office.rows(select(AgendaItem.subject, AgendaItem.number, AgendaItem.due_at)) == before


def test_what_was_previewed_is_written_once_however_often_it_is_sent(office: Office) -> None:
    client = shown(office)
    fields = hidden(posted(client, "/calendar/preview", EDIT), "/calendar")
    for _ in range(2):
        said = posted(client, "/calendar", {name: values for name, values in fields.items() if name != "form_token"})
        assert "Đã sửa 1 ngày của lịch theo 13/CĐ-UBND: 1 thời hạn" in said
    ((kind, source),) = office.rows(
        select(CalendarDay.kind, CalendarDay.source).where(CalendarDay.day == day("2025-06-16"))
    )
    assert (kind, source) == ("holiday", "13/CĐ-UBND")
    assert len(office.rows(select(Event.id).where(Event.event == "edit_calendar"))) == 1
    assert len(office.rows(select(Request.key).where(Request.act == "edit-calendar"))) == 1
    assert len(office.rows(select(Deadline.id).where(Deadline.stage == "district_evaluation"))) == 2


def test_a_wrong_day_comes_back_with_what_is_wrong_and_what_was_typed(office: Office) -> None:
    client = shown(office)
    page = posted(client, "/calendar/preview", {**EDIT, "day": "30/2/2025"}, 422)
    assert "không có trong lịch" in page
    assert 'value="Nghỉ bão số 3"' in page
    assert "Thiếu số văn bản" in posted(client, "/calendar/preview", {**EDIT, "document": " "}, 422)
    assert "không có gì để sửa" in posted(
        client, "/calendar/preview", {**EDIT, "day": "2025-06-17", "kind": "ordinary"}, 422
    )


def test_a_years_list_is_read_from_its_template_and_refused_by_rows(office: Office) -> None:
    client = shown(office)
    book = load_workbook(io.BytesIO(client.get("/calendar/template.xlsx").content))
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == ["Ngày*", "Loại*", "Tên ngày"]
    rows = [
        ("16/6/2025", "ngày nghỉ", "Nghỉ bão"),
        ("21/6/2025", "ngày làm bù", "Làm bù ngày 16/6"),
        ("32/6/2025", "nghỉ", ""),
    ]
    for number, row in enumerate(rows, start=2):
        for place, cell in enumerate(row, start=1):
            sheet.cell(number, place, cell)

    def sent(status: int) -> str:
        content = io.BytesIO()
        book.save(content)
        return posted(
            client,
            "/calendar/list",
            {"document": "14/TB-UBND"},
            status,
            files={"file": ("lich.xlsx", content.getvalue())},
        )

    page = sent(422)
    assert "Tệp có 1 chỗ sai" in page
    assert "dòng 4, cột &#39;Ngày*&#39;" in page
    sheet.delete_rows(4)
    page = sent(200)
    assert "Lịch: 2" in page
    assert hidden(page, "/calendar")["day"] == ["2025-06-16", "2025-06-21"]


def test_the_softwares_own_list_of_a_year_is_taken_in_after_a_look(office: Office) -> None:
    client = shown(office)
    assert "Phần mềm có sẵn" in client.get("/calendar?year=2029").text
    page = posted(client, "/calendar/shipped", {"year_number": "2029"})
    fields = hidden(page, "/calendar")
    assert len(fields["day"]) > 8
    said = posted(client, "/calendar", {name: values for name, values in fields.items() if name != "form_token"})
    assert "Mọi ngày mà phần mềm có sẵn cho năm 2029 đã ở trong lịch" in said
    assert "Chưa nêu ngày nào" in posted(client, "/calendar/shipped", {"year_number": "2029"}, 422)


@pytest.mark.parametrize("who", ["365/officer", "14101/officer", "00/officer"])
def test_other_levels_neither_see_nor_edit_the_calendar(office: Office, who: str) -> None:
    client = shown(office, who)
    assert client.get("/calendar").status_code == 403
    for address in ("/calendar", "/calendar/preview", "/calendar/shipped"):
        assert client.post(address, data={"form_token": form_token(client), **EDIT, "key": "k"}).status_code == 403


def test_a_form_without_its_token_changes_nothing(office: Office) -> None:
    client = shown(office)
    assert client.post("/calendar", data={**EDIT, "key": "k"}).status_code == 403
    assert office.rows(select(CalendarDay.day).where(CalendarDay.day == day("2025-06-16"))) == []
