"""A plan looked at on the pages before anything is opened from it; the plan in force with the sentences behind its dates."""

import re
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from starlette.testclient import TestClient

from casework.board.plan_check import shipped
from models.cycles import Cycle
from tests.factories import CYCLE, PLAN, Office, an_office
from tests.integration.console_pages import Links, form_token, shown
from tests.integration.console_pages import text as words

FORMS = Path(__file__).parents[1] / "data" / "plans"


def checked(client: TestClient, status: int = 200, **sent: object) -> str:
    """Send a plan and return the words of what is found in it."""
    files = {name: sent.pop(name) for name in ("file", "refinement_file") if name in sent}
    answer = client.post("/plan/check", data={"form_token": form_token(client), **sent}, files=files or None)
    assert answer.status_code == status, answer.text
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


@pytest.fixture
def office(sqlite_engine: Engine) -> Office:
    """The small world, its cycle open."""
    return an_office(sqlite_engine).go("2025-05-05")


def test_a_pasted_plan_is_told_with_findings_dates_and_where_they_stand_and_nothing_is_written(office: Office) -> None:
    client = shown(office)
    page = checked(client, plan=PLAN)
    assert "Kế hoạch 61/KH-UBND: 3 cảnh báo" in page
    assert "Hạn của bước 'Huyện đánh giá' hết vào ngày 14/6/2025 là thứ Bảy" in page
    assert "Đề xuất:" in page
    assert "“hoàn thành trước ngày 15/6/2025”" in page
    assert "Kế hoạch 61/KH-UBND, nội dung: đánh giá, phân hạng sản phẩm ở cấp huyện" in page
    assert office.rows(select(func.count()).select_from(Cycle)) == [(1,)]


def test_a_plan_is_sent_as_a_file_and_with_a_paper_that_refines_it(office: Office) -> None:
    client = shown(office)
    page = checked(client, file=("ke_hoach.toml", PLAN.encode()))
    assert "Kế hoạch 61/KH-UBND" in page
    base, paper = (FORMS / "base.toml", FORMS / "refinement.toml")
    refined = checked(
        client, file=("ke_hoach.toml", base.read_bytes()), refinement_file=("lam_ro.toml", paper.read_bytes())
    )
    assert "cảnh báo" in refined
    assert "không phải chữ UTF-8" in checked(client, 422, file=("ke_hoach.toml", PLAN.encode("utf-16")))
    assert "Chưa có kế hoạch để kiểm tra" in checked(client, 422)


def test_what_is_wrong_in_a_plans_text_is_named_by_line_and_key(office: Office) -> None:
    wrong = PLAN.replace("date = 2025-06-15", 'date = "tháng sáu"', 1).replace('roll = "none"', 'roll = "maybe"', 1)
    page = checked(shown(office), 422, plan=wrong)
    assert "Tệp kế hoạch có 2 chỗ sai, chưa dùng được" in page
    assert "deadlines.0.roll" in page or "roll" in page
    assert "Cách sửa" in page


def test_a_plan_of_several_rounds_is_checked_round_by_round(office: Office) -> None:
    client = shown(office)
    page = words(client, "/plan/check?shipped=ninh_binh_2027.toml")
    assert page.count("Mở chu trình theo kế hoạch này") > 1
    assert "Lịch của cơ quan chưa có năm" not in page
    assert client.get("/plan/check?shipped=../../README.md").status_code == 404


def test_every_plan_that_comes_with_the_software_is_checked_without_a_fault(office: Office) -> None:
    client = shown(office)
    assert len(shipped()) >= 3
    for name in shipped():
        assert "Mở chu trình theo kế hoạch này" in words(client, f"/plan/check?shipped={name}"), name


def test_a_year_that_the_calendar_lacks_is_counted_by_the_softwares_list_and_said(office: Office) -> None:
    page = checked(shown(office), plan=PLAN.replace("2025", "2031"))
    assert "Lịch của cơ quan chưa có năm 2031" in page


def test_a_checked_plan_opens_a_cycle_through_the_form_of_the_act(sqlite_engine: Engine) -> None:
    office = Office(sqlite_engine).found()
    client = shown(office)
    html = client.post("/plan/check", data={"form_token": form_token(client), "plan": PLAN}).text
    (form,) = [part for part in re.findall(r"<form.*?</form>", html, re.DOTALL) if 'action="/acts/open-cycle"' in part]
    fields = {name: unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form)}
    assert fields["plan"].strip() == PLAN.strip()
    tried = client.post("/acts/open-cycle", data={**fields, "code": CYCLE})
    assert "Xem trước, chưa ghi gì" in tried.text, tried.text
    assert office.rows(select(Cycle.code)) == []
    client.post("/acts/open-cycle", data={**fields, "code": CYCLE, "do": "act"})
    assert office.rows(select(Cycle.code)) == [(CYCLE,)]


def test_the_plan_in_force_shows_the_sentence_behind_each_date_and_leads_to_its_acts(office: Office) -> None:
    client = shown(office)
    page = client.get("/plan").text
    assert "“hoàn thành trước ngày 15/6/2025”" in page
    ways = {href for href, _, _ in Links(page).links}
    for act in ("extend", "amend-plan", "reorganise", "suspend", "change-procedure"):
        assert any(href.startswith(f"/acts/{act}?cycle={CYCLE}") for href in ways), act
    assert f"/acts/extend?cycle={CYCLE}&stage=district_evaluation&back=%2Fplan%3Fcycle%3D{CYCLE}" in ways
    for href in ways:
        if href.startswith(("/acts/", "/plan/check", "/calendar")):
            assert client.get(href).status_code == 200, href


def test_other_levels_read_the_plans_dates_without_its_acts(office: Office) -> None:
    client = shown(office, "365/officer")
    page = client.get("/plan").text
    assert "“hoàn thành trước ngày 15/6/2025”" in page
    assert "/acts/amend-plan" not in page
    assert client.get("/plan/check").status_code == 403
    assert client.post("/plan/check", data={"form_token": form_token(client), "plan": PLAN}).status_code == 403
