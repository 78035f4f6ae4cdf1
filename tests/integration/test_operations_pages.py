"""The page of upkeep: what is set aside and what trying again truly did, what is due, backups, the last check, the clock."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from starlette.testclient import TestClient

from casework import accounts, backup, clock
from casework.doctor.checkup import check, remember
from casework.doctor.invariant import Look
from casework.incidents import incidents, retry
from casework.settings import BackupSettings
from dashboard.app import create_app
from dashboard.settings import WebSettings
from models.cycles import AgendaItem, Breach
from models.record import Mark
from models.session import perform, reading, transaction
from models.settings import DatabaseSettings
from tests.factories import Office, an_office, at
from tests.integration.console_pages import HOST, NOWHERE, form_token, shown, sign_in
from tests.integration.console_pages import text as words

pytestmark = pytest.mark.usefixtures("home")

STROKE = "2025-06-16 09:00"


def pressed(client: TestClient, address: str, **fields: object) -> str:
    """Press a button of the page and return what it says then."""
    answer = client.post(address, data={"form_token": form_token(client), **fields})
    assert answer.status_code == 200, answer.text
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def administrator(engine: Engine) -> TestClient:
    """Return a client of an administrator who is no officer."""
    client = TestClient(create_app(engine, WebSettings(prefect_url=NOWHERE)), base_url=HOST)
    with transaction(engine) as session:
        sign_in(client, session, accounts.Owner(administrator=True))
    return client


def break_subjects(office: Office, *stages: str) -> Iterator[tuple[int, str]]:
    """Damage the strokes of some stages as no act of ours would, and give what they were."""
    with transaction(office.engine) as session:
        for stage in stages:
            row = session.execute(
                text("SELECT id, subject FROM agenda WHERE kind = 'stroke' AND stage = :stage"), {"stage": stage}
            ).one()
            session.execute(
                text("UPDATE agenda SET subject = :new WHERE id = :id"), {"id": row.id, "new": f"deadline/x{row.id}"}
            )
            yield row.id, row.subject


def mend(office: Office, number: int, subject: str) -> None:
    """Mend a damaged row."""
    with transaction(office.engine) as session:
        session.execute(text("UPDATE agenda SET subject = :subject WHERE id = :id"), {"id": number, "subject": subject})


@pytest.fixture
def office(sqlite_engine: Engine) -> Office:
    """A dossier at its district, before the stroke."""
    office = an_office(sqlite_engine).go("2025-05-05")
    office.at_district()
    return office


def test_the_page_tells_the_clock_the_check_the_backups_and_what_is_set_aside(office: Office) -> None:
    client = shown(office)
    page = words(client, "/operations")
    for said in ("Vận hành", "Không có việc nào bị gác lại", "Chưa kiểm tra lần nào", "Chưa có bản sao lưu nào"):
        assert said in page
    assert "không trả lời" in page
    assert "Huyện Giao Thủy 1 0" in page
    assert 'href="/dossiers?cycle=ND2025&amp;holder=' in client.get("/operations").text


def test_trying_again_counts_what_was_tried_done_and_still_fails(office: Office) -> None:
    (district, whole), _ = list(break_subjects(office, "district_evaluation", "provincial_submission"))
    office.go("2025-06-20 09:00")
    client = shown(office)
    page = words(client, "/operations")
    assert "Việc bị gác lại: 2" in page
    assert "Ghi quá hạn" in page
    said = pressed(client, "/operations/retry")
    assert "Đã thử lại 2 việc: 0 việc đã xong, 2 việc vẫn chưa làm được." in said
    assert "invalid literal" in said
    mend(office, district, whole)
    said = pressed(client, "/operations/retry")
    assert "Đã thử lại 2 việc: 1 việc đã xong, 1 việc vẫn chưa làm được." in said
    assert len(office.rows(select(Breach.id))) == 1
    assert "Việc bị gác lại: 1" in said


def test_one_piece_of_work_is_tried_alone(office: Office) -> None:
    broken = list(break_subjects(office, "district_evaluation", "provincial_submission"))
    office.go("2025-06-20 09:00")
    for number, subject in broken:
        mend(office, number, subject)
    said = pressed(shown(office), "/operations/retry", item=str(broken[1][0]))
    assert "Đã thử lại 1 việc: 1 việc đã xong." in said
    left = office.rows(select(AgendaItem.id).where(AgendaItem.outcome != "", AgendaItem.done_at.is_(None)))
    assert left == [(broken[0][0],)]


def test_nothing_set_aside_is_nothing_tried(office: Office) -> None:
    assert "không thử lại việc nào" in pressed(shown(office), "/operations/retry")


def test_a_province_sees_and_tries_its_own_cycles_work_alone(office: Office) -> None:
    list(break_subjects(office, "district_evaluation"))
    office.go(STROKE)
    with reading(office.engine) as session:
        assert len(incidents(session, frozenset())) == 0
        assert len(incidents(session)) == 1
    retried = perform(office.engine, lambda session: retry(session, office.now, cycles=frozenset()))
    assert (retried.tried, retried.done) == (0, 0)


def test_what_is_due_is_done_here_and_now_when_prefect_is_away(office: Office) -> None:
    office.now = at(STROKE)
    client = shown(office)
    said = pressed(client, "/operations/run")
    assert "không nhận yêu cầu: chưa có lượt chạy nào" in said
    assert office.rows(select(Breach.id)) == []
    assert "Đã làm: ghi quá hạn 1" in pressed(client, "/operations/catch-up")
    assert len(office.rows(select(Breach.id))) == 1
    assert "Không có việc nào đến hạn" in pressed(client, "/operations/catch-up")


def test_the_last_check_is_told_with_what_to_do_about_it(office: Office, tmp_path: Path) -> None:
    with transaction(office.engine) as session:
        session.execute(text("UPDATE dossiers SET stage = 'recognised'"))
        look = Look(session, office.now, tmp_path)
        remember(session, check(look), office.now)
    page = words(shown(office), "/operations")
    assert "Mỗi hồ sơ đứng ở bước mà dòng cuối lịch sử của nó dẫn đến. 1 chỗ sai." in page
    assert "Sổ đã bị sửa ngoài phần mềm" in page


def test_backups_are_listed_with_their_age(office: Office) -> None:
    folder = BackupSettings().place(DatabaseSettings().home)
    folder.mkdir()
    with reading(office.engine) as session:
        made = backup.daily(session, DatabaseSettings().files, folder, office.now)
    perform(office.engine, lambda session: backup.remember(session, made, office.now))
    page = words(shown(office), "/operations")
    assert made.path.name in page
    assert "Bản gần nhất lúc 09:00 5/5/2025." in page
    office.now += timedelta(days=3)
    assert "đã quá lâu: hãy kiểm tra luồng sao lưu" in words(shown(office), "/operations")


def test_an_administrator_keeps_the_installation_and_takes_the_clock_as_right(office: Office) -> None:
    with transaction(office.engine) as session:
        clock.set_mark(session, clock.LAST_TICK, "2020-01-01T00:00:00+07:00", at("2020-01-01"))
    client = administrator(office.engine)
    assert "Đồng hồ máy chủ đúng, làm bù các việc" in words(client, "/operations")
    assert "Đã xác nhận đồng hồ" in pressed(client, "/operations/clock")
    ((tick,),) = office.rows(select(Mark.value).where(Mark.name == clock.LAST_TICK))
    assert not tick.startswith("2020")
    officer = shown(office)
    assert officer.post("/operations/clock", data={"form_token": form_token(officer)}).status_code == 403


@pytest.mark.parametrize("who", ["365/officer", "14101/officer", "00/officer"])
def test_other_levels_neither_see_nor_touch_the_upkeep(office: Office, who: str) -> None:
    client = shown(office, who)
    assert client.get("/operations").status_code == 403
    for address in ("run", "catch-up", "retry", "clock"):
        assert client.post(f"/operations/{address}", data={"form_token": form_token(client)}).status_code == 403
