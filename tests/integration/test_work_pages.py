"""The first page of an officer: what waits, by sections; taking, giving and putting back with a result for each dossier."""

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from casework import accounts
from casework.registration import Maker
from models.session import transaction
from tests.factories import Office, an_office
from tests.integration.console_pages import Links, form_token, numbers, shown, sign_in, text, total
from tests.integration.test_assignments import absent, colleague, works_on
from tests.integration.test_statements import statements

SECTIONS = ("late", "today", "soon", "later", "waiting", "free", "complaints", "findings", "letters")


CODES = ["ND2025-0001", "ND2025-0002", "ND2025-0003"]


@pytest.fixture
def office(sqlite_engine: Engine) -> Office:
    """A district with three dossiers."""
    world = an_office(sqlite_engine).go("2025-05-05")
    for _ in range(3):
        world.at_district()
    return world


def send(client: TestClient, do: str, codes: list[str], **more: str) -> str:
    """Send the form of a work list and return the page that answers, redirects followed."""
    body = {"form_token": form_token(client), "do": do, "dossiers": codes, **more}
    return client.post("/work", data=body).text


@pytest.mark.parametrize("who", ["365/officer", "14101/officer", "366/head", "36/officer", "00/officer"])
def test_every_level_has_its_list_and_every_section_opens(office: Office, who: str) -> None:
    client = shown(office, who)
    for section in SECTIONS:
        for of in ("mine", "unit", ""):
            answer = client.get("/work", params={"section": section, "of": of})
            assert answer.status_code == 200, (section, of)
            assert Links(answer.text).inline == []
    assert client.get("/work", params={"section": "nothing"}).status_code == 404
    assert client.get("/work", params={"section": "late", "page": 3}).status_code == 404


def test_the_first_page_of_an_officer_below_the_province_is_their_work(office: Office) -> None:
    answer = shown(office, "365/officer").get("/")
    assert answer.url.path == "/work"
    assert "Việc của tôi" in answer.text
    assert all(code in answer.text for code in CODES)


@pytest.mark.parametrize("owner", [accounts.Owner(producer="CT-1"), accounts.Owner(administrator=True)])
def test_producers_and_administrators_have_no_work_list(office: Office, owner: accounts.Owner) -> None:
    office.register(producer=Maker("CT-1", "HTX mô phỏng", "14101"))
    client = shown(office, "nobody")
    with transaction(office.engine) as session:
        sign_in(client, session, owner)
    assert client.get("/work").status_code == 403
    assert "Việc của tôi" not in client.get("/", follow_redirects=False).text


def test_each_number_opens_a_list_of_as_many_lines(office: Office) -> None:
    for _ in range(4):
        office.at_district()
    office.act("claim", "365/officer", dossiers=CODES[:1])
    client = shown(office, "365/officer", rows=5)
    found = numbers(client.get("/work", params={"of": "unit"}).text)
    assert dict(found)["/work?cycle=ND2025&of=unit&section=waiting"] == 7
    for href, number in found:
        page = client.get(href).text
        assert (total(page) or page.count('type="checkbox"')) == number, href
    second = client.get("/work", params={"of": "unit", "section": "waiting", "page": 2}).text
    assert second.count('type="checkbox"') == 2


def test_a_line_says_what_is_awaited_by_when_and_who_has_it(office: Office) -> None:
    office.act("assign", "365/head", dossiers=CODES[:1], person="365/officer")
    said = text(shown(office, "365/head"), "/work")
    assert "Chờ hội đồng cấp huyện họp và huyện ký kết quả." in said
    assert "cán bộ phụ trách Huyện Giao Thủy" in said
    assert "chưa ai nhận" in said
    assert "14/6/2025 còn" in said


def test_marked_dossiers_are_taken_and_the_next_page_says_so(office: Office) -> None:
    client = shown(office, "365/officer")
    page = send(client, "claim", CODES[:2], section="free", of="unit")
    assert "Đã nhận 2 hồ sơ để xử lý." in page
    assert works_on(office) == dict.fromkeys(CODES[:2], "365/officer")
    assert "những hồ sơ tôi đã nhận" in client.get("/work").text, "who took something sees it first"
    assert "cả đơn vị" in shown(office, "365/head").get("/work").text


def test_each_dossier_has_its_result_where_not_all_could_be_done(office: Office) -> None:
    second = colleague(office)
    office.act("claim", second, dossiers=CODES[:1])
    page = send(shown(office, "365/officer"), "claim", CODES)
    assert "Đã nhận 2 hồ sơ để xử lý. Không nhận được 1 hồ sơ" in page
    assert "đã do Cán bộ thứ hai Huyện Giao Thủy nhận" in page
    assert page.count("đã làm") == 2
    assert page.count("không làm được") == 1


def test_a_dossier_is_given_to_a_colleague_and_put_back(office: Office) -> None:
    second = colleague(office)
    client = shown(office, "365/head")
    assert f'value="{second}"' in client.get("/work").text
    assert "Đã giao 1 hồ sơ cho Cán bộ thứ hai" in send(client, "assign", CODES[:1], person=second, note="Xem kỹ")
    assert works_on(office) == {CODES[0]: second}
    assert "đang chờ người nhận" in send(client, "release", CODES[:1])
    assert works_on(office) == {}


def test_what_is_missing_in_the_form_is_said_and_nothing_is_done(office: Office) -> None:
    client = shown(office, "365/officer")
    assert "Chưa đánh dấu hồ sơ nào" in send(client, "claim", [])
    assert "Chưa chọn người nhận" in send(client, "assign", CODES)
    assert "Chưa chọn người nhận" in send(client, "assign", CODES, person="366/officer")
    assert "Chưa chọn việc" in send(client, "act", CODES)
    assert "Chưa chọn việc" in send(client, "evaluate-all", CODES)
    assert "chưa có ai nhận" in send(client, "release", CODES[:1])
    assert works_on(office) == {}


def test_a_dossier_of_another_unit_is_as_unknown_as_none(office: Office) -> None:
    other = office.at_district("14201")
    client = shown(office, "365/officer")
    assert f"Không có hồ sơ mang mã: {other}" in send(client, "claim", [other])
    assert "Không có hồ sơ mang mã: ND2025-9999" in send(client, "claim", ["ND2025-9999"])


def test_another_act_goes_on_to_its_form_with_the_marked_dossiers(office: Office) -> None:
    filed = [office.register(), office.register()]
    client = shown(office, "14101/officer")
    page = client.get("/work", params={"section": "later"}).text
    assert '<option value="receive">' in page
    assert '<option value="evaluate">' not in page
    body = {"form_token": form_token(client), "do": "act", "act": "receive", "dossiers": filed}
    answer = client.post("/work", data=body)
    assert answer.url.path == "/acts/receive"
    assert all(code in answer.text for code in filed)


def test_the_form_of_another_session_is_refused(office: Office) -> None:
    client = shown(office, "365/officer")
    body = {"form_token": "x", "do": "claim", "dossiers": CODES}
    assert client.post("/work", data=body).status_code == 403
    assert works_on(office) == {}


def test_a_list_is_narrowed_to_a_stage(office: Office) -> None:
    filed, reviewed = office.register(), office.register()
    office.act("receive", "14101/officer", dossiers=[reviewed], received_on=office.now.date())
    client = shown(office, "14101/officer")
    page = client.get("/work", params={"section": "later", "stage": "registered"}).text
    assert filed in page
    assert reviewed not in page
    assert client.get("/work", params={"section": "later", "stage": "nowhere"}).status_code == 200


def test_the_substitute_reads_for_whom_they_stand_in(office: Office) -> None:
    office.act("claim", "365/officer", dossiers=CODES[:1])
    absent(office, "365/vice_chair")
    said = text(shown(office, "365/vice_chair"), "/work?of=mine")
    assert "Bạn thay cán bộ phụ trách Huyện Giao Thủy đến hết ngày 14/5/2025" in said
    assert "vắng đến hết 14/5/2025" in said
    assert CODES[0] in said


def test_an_officer_without_any_cycle_has_an_empty_list_that_teaches(sqlite_engine: Engine) -> None:
    world = Office(sqlite_engine).found()
    answer = shown(world, "365/officer").get("/work")
    assert answer.status_code == 200
    assert "Hồ sơ hiện ở đây khi đến lượt đơn vị xử lý" in answer.text


def test_the_page_asks_the_record_as_often_for_many_lines_as_for_few(office: Office) -> None:
    asked = []
    for _ in range(2):
        client = shown(office, "365/officer")
        with statements(office.engine) as seen:
            client.get("/work", params={"section": "waiting"})
        asked.append(len(seen))
        for _ in range(5):
            office.at_district()
    assert asked[0] == asked[1]


def test_a_list_that_is_kept_is_kept_for_each_person_and_until_something_is_committed(office: Office) -> None:
    second = colleague(office)
    office.act("claim", second, dossiers=CODES[:1])
    client = shown(office, "365/officer", refresh_seconds=600)
    mine = {"of": "mine", "section": "waiting"}
    assert CODES[0] not in client.get("/work", params=mine).text
    with transaction(office.engine) as session:
        sign_in(client, session, accounts.Owner(person=second))
    with statements(office.engine) as seen:
        assert CODES[0] in client.get("/work", params=mine).text
        assert any("FROM dossiers" in statement for statement in seen)
        seen.clear()
        assert CODES[0] in client.get("/work", params=mine).text
        assert not any("FROM dossiers" in statement for statement in seen)
    assert "đang chờ người nhận" in send(client, "release", CODES[:1])
    assert CODES[0] not in client.get("/work", params=mine).text
