"""Units, people and their accounts on the pages: who sees whom, invitations with a result each, what is done to an account."""

import io
import re
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine, event, select, update
from starlette.testclient import TestClient

from casework import accounts, clock
from casework.imports.people import import_people
from casework.imports.reading import read
from casework.imports.settings import ImportSettings
from dashboard.who import COOKIE
from dashboard.who import form_token as token_of_forms
from models.accounts import Account, AccountEvent
from models.letters import Letter
from models.secret import key_typed
from models.session import reading, transaction
from models.units import Person, Post, Producer, Unit
from ocop.levels import Level
from ocop.text import fold
from tests.factories import UNITS, Office, an_office
from tests.integration.console_pages import Links, console, sign_in, text, total
from tests.integration.signing_in import CHEAP, NOW, an_account, happened

ELSEWHERE = (
    (Level.PROVINCE, "37", "Tỉnh Ninh Bình", "00"),
    (Level.DISTRICT, "370", "Huyện Nho Quan", "37"),
    (Level.COMMUNE, "14401", "Xã Xích Thổ", "370"),
)


@pytest.fixture
def office(sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setenv("OCOP_HOME", str(tmp_path))
    return Office(sqlite_engine, units=(*UNITS, *ELSEWHERE)).found().open_cycle()


@pytest.fixture
def client(office: Office) -> TestClient:
    """The administrator's browser."""
    found = console(office.engine, "nobody")
    found.follow_redirects = False
    with transaction(office.engine) as session:
        sign_in(found, session, accounts.Owner(administrator=True))
        accounts.account_by_login(session, "administrator").password = CHEAP
    return found


def unit(office: Office, code: str) -> int:
    return int(office.rows(select(Unit.id).where(Unit.code == code))[0][0])


def post(client: TestClient, path: str, **given: str | list[str]) -> str:
    answer = client.post(path, data={"form_token": token_of_forms(client.cookies[COOKIE]), **given})
    if answer.status_code == 303:
        return text(client, answer.headers["location"])
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def number(office: Office, login: str) -> int:
    return int(office.rows(select(Account.id).where(Account.login == login))[0][0])


def links(client: TestClient, address: str) -> set[str]:
    return {href for href, _, _ in Links(client.get(address).text).links}


# Units and people


def test_units_are_a_tree_from_the_top_down_with_people_and_accounts_counted(
    office: Office, client: TestClient
) -> None:
    an_account(office.engine, "xa", person="14101/officer")
    page = text(client, "/users")
    assert "Đơn vị trực thuộc: 1" in page
    assert "Chọn một đơn vị, hoặc tìm theo tên" in page
    page = text(client, f"/users?unit={unit(office, '36')}")
    assert "Huyện Giao Thủy 365 9 1" in page, "three at the district, six at its communes, one with an account"
    assert "Huyện Hải Hậu 366 9 0" in page
    assert f"/users?unit={unit(office, '00')}" in links(client, f"/users?unit={unit(office, '36')}"), "the way back up"
    page = text(client, f"/users?unit={unit(office, '14101')}")
    assert total(client.get(f"/users?unit={unit(office, '14101')}").text) == 3
    assert "cán bộ phụ trách Xã Giao Xuân 14101/officer cán bộ phụ trách 1/1/2000 – nay 0900000000" in page
    assert "xa đang dùng" in page
    assert page.index("cán bộ phụ trách") < page.index("phó chủ tịch Ủy ban nhân dân")


def test_people_are_found_without_marks_and_below_a_unit(office: Office, client: TestClient) -> None:
    district = unit(office, "365")
    assert total(client.get(f"/users?unit={district}").text) == 3
    assert total(client.get(f"/users?unit={district}&whole=1").text) == 9
    assert total(client.get("/users?q=giao+thuy").text) == 3
    assert total(client.get("/users?q=XA+XICH+THO").text) == 3
    assert total(client.get(f"/users?unit={district}&whole=1&q=giao+xuan").text) == 3
    assert "Không có ai như vậy" in text(client, "/users?q=không+có+ai")
    an_account(office.engine, "xa", person="14101/officer")
    assert total(client.get(f"/users?unit={unit(office, '14101')}&without=1").text) == 2
    assert client.get("/users?unit=9999").status_code == 404
    assert client.get("/users?unit=99999999999").status_code == 422


def test_a_province_sees_its_own_units_and_people_and_cannot_invite(office: Office) -> None:
    client = console(office.engine, "36/officer")
    page = client.get("/users").text
    assert "Tỉnh Nam Định" in page
    assert "/users/invite" not in page
    assert total(client.get("/users?whole=1").text) == 21
    assert "Ninh Bình" not in text(client, "/users?whole=1")
    assert client.get(f"/users?unit={unit(office, '370')}").status_code == 404
    assert client.get(f"/users?unit={unit(office, '00')}").status_code == 404
    assert total(client.get("/users?q=nho+quan").text) == 0
    assert total(client.get("/units").text) == 7
    assert total(client.get("/units?q=XICH+THO").text) == 0
    rows = list(openpyxl.load_workbook(io.BytesIO(client.get("/users.xlsx?whole=1").content)).active.values)
    assert len(rows) == 22
    for path in ("/users/invite", "/users/accounts", f"/users/accounts/{1}/close"):
        assert client.post(path, data={"form_token": token_of_forms(client.cookies[COOKIE])}).status_code == 403
    for path in ("/users/accounts", "/users/accounts/1", "/users/accounts.xlsx"):
        assert client.get(path).status_code == 403


def test_the_list_of_units_is_searched_without_marks_and_kept_as_a_workbook(office: Office, client: TestClient) -> None:
    with transaction(office.engine) as session:
        session.execute(update(Unit).where(Unit.code == "14202").values(valid_to=date(2025, 4, 1)))
    assert total(client.get("/units").text) == 10
    assert total(client.get("/units?ended=1").text) == 11
    assert total(client.get("/units?q=hai+minh").text) == 1
    assert total(client.get("/units?q=14101").text) == 1
    assert total(client.get("/units?level=district").text) == 3
    assert client.get("/units?level=thôn").status_code == 404
    page = text(client, "/units?q=Giao+Thủy")
    assert "Huyện Giao Thủy huyện 365 Tỉnh Nam Định 1/1/2000 – nay cán bộ phụ trách Huyện Giao Thủy 0900000000" in page
    rows = list(openpyxl.load_workbook(io.BytesIO(client.get("/units.xlsx?level=province").content)).active.values)
    assert [row[2] for row in rows] == ["Tên", "Tỉnh Nam Định", "Tỉnh Ninh Bình"]


def test_pages_of_people_take_as_many_queries_for_many_as_for_few(office: Office, client: TestClient) -> None:
    def queries(address: str) -> int:
        found: list[str] = []

        def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
            found.append(statement)

        event.listen(office.engine, "before_cursor_execute", note)
        assert client.get(address).status_code == 200
        event.remove(office.engine, "before_cursor_execute", note)
        return len(found)

    addresses = (f"/users?unit={unit(office, '36')}&whole=1", "/users/accounts", "/units")
    few = [queries(address) for address in addresses]
    commune, district = unit(office, "14101"), unit(office, "365")
    with transaction(office.engine) as session:
        for number in range(40):
            person = Person(code=f"cb-{number}", name=f"Cán bộ {number}")
            session.add(person)
            session.flush()
            session.add(Post(person_id=person.id, unit_id=commune, role="head", valid_from=date(2025, 1, 1)))
            session.add(
                Unit(
                    level="commune", code=f"99{number}", name=f"Xã {number}", search=f"xa {number}",
                    parent_id=district, valid_from=date(2025, 1, 1),
                )
            )  # fmt: skip
            accounts.open_account(session, login=f"cb-{number}", owner=accounts.Owner(f"cb-{number}"), at=NOW, by="x")
    assert [queries(address) for address in addresses] == few


@pytest.mark.parametrize("path", ["/users", "/units", "/users/accounts", "/users/accounts/1", "/audit", "/account"])
def test_a_page_that_has_not_changed_is_not_sent_again(office: Office, client: TestClient, path: str) -> None:
    with transaction(office.engine) as session:
        clock.drive(session, office.now)
    page = client.get(path)
    again = client.get(path, headers={"if-none-match": page.headers["etag"]})
    assert (page.status_code, again.status_code, again.content) == (200, 304, b"")


# Invitations


def test_many_are_invited_at_once_with_a_result_for_each(office: Office, client: TestClient) -> None:
    with transaction(office.engine) as session:
        session.execute(update(Person).where(Person.code == "14101/head").values(email=None))
    an_account(office.engine, "xa", person="14101/officer")
    page = client.get(f"/users?unit={unit(office, '14101')}").text
    offered = re.findall(r'name="codes" value="([^"]+)"', page)
    assert offered == ["14101/head", "14101/vice_chair"]
    answer = client.post(
        "/users/invite",
        data={"form_token": token_of_forms(client.cookies[COOKIE]), "codes": [*offered, "14101/officer", "lạ"]},
    )
    assert answer.headers["cache-control"] == "no-store"
    told = " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())
    assert "Đã lập 2 liên kết" in told
    assert "Thư sẽ đến vice_chair.14101@office.example." in told
    assert "Đã có tài khoản." in told
    assert "Không có cán bộ mang mã 'lạ'." in told
    key = re.findall(r"/welcome/([A-Z2-7-]{29})", answer.text)
    assert len(key) == 1, "the link of who has no e-mail, and nobody else's"
    with reading(office.engine) as session:
        assert accounts.password_key(session, key_typed(key[0]), NOW)[1].login == "14101/head"
        states = session.execute(select(Letter.state, Letter.facts).where(Letter.notice == "account_invited")).all()
        assert sorted(state for state, _ in states) == ["owed", "to_hand_over"]
        assert {facts["by_name"] for _, facts in states} == {"administrator"}
    assert "đã mời, chưa đặt mật khẩu" in text(client, f"/users?unit={unit(office, '14101')}")
    assert "Chưa chọn ai" in post(client, "/users/invite")


def test_a_producer_and_another_administrator_get_accounts_of_their_own(office: Office, client: TestClient) -> None:
    with transaction(office.engine) as session:
        session.add(Producer(code="CT-LUA", name="HTX Lúa", search=fold("HTX Lúa"), commune_id=unit(office, "14101")))
    assert "Thư với liên kết đặt mật khẩu sẽ đến lua@htx.example." in post(
        client, "/users/accounts", producer="CT-LUA", login="lua@htx.example", name="Lê Thị Lúa"
    )
    assert "HTX Lúa" in text(client, f"/users/accounts/{number(office, 'lua@htx.example')}")
    told = post(client, "/users/accounts", login="quan-tri-2", name="Trần Quản Trị")
    assert "/welcome/" in told, "no e-mail: the link is shown to be handed over"
    for given, why in (
        ({"login": "lua@htx.example"}, "Đã có tài khoản"),
        ({"login": "x", "producer": "CT-KHONG-CO"}, "Không có chủ thể mang mã"),
        ({"login": ""}, "Thiếu tên đăng nhập"),
    ):
        assert why in post(client, "/users/accounts", **given)


# Accounts


def test_accounts_are_listed_by_state_and_found_without_marks(office: Office, client: TestClient) -> None:
    an_account(office.engine, "xa", person="14101/officer")
    an_account(office.engine, "huyen", password=None, person="365/officer")
    an_account(office.engine, "khoa", person="366/officer")
    an_account(office.engine, "dong", person="36/officer")
    with transaction(office.engine) as session:
        accounts.account_by_login(session, "khoa").locked_until = NOW.replace(year=2100)
        accounts.close_account(session, accounts.account_by_login(session, "dong"), at=NOW, by="x")
    assert total(client.get("/users/accounts").text) == 5
    for state, login in (("invited", "huyen"), ("locked", "khoa"), ("closed", "dong")):
        page = client.get(f"/users/accounts?state={state}").text
        assert (total(page), f">{login}<" in page) == (1, True)
    assert total(client.get("/users/accounts?state=open").text) == 2
    assert total(client.get("/users/accounts?kind=administrator").text) == 1
    assert total(client.get("/users/accounts?q=giao+thuy").text) == 1
    assert client.get("/users/accounts?state=lạ").status_code == 404
    assert client.get("/users/accounts?kind=lạ").status_code == 404
    rows = list(openpyxl.load_workbook(io.BytesIO(client.get("/users/accounts.xlsx").content)).active.values)
    assert len(rows) == 6


def test_who_forgot_the_password_and_has_no_email_is_seen_by_the_administrator(
    office: Office, client: TestClient
) -> None:
    with transaction(office.engine) as session:
        session.execute(update(Person).where(Person.code == "365/officer").values(email=None))
    an_account(office.engine, "huyen", person="365/officer")
    an_account(office.engine, "tinh", person="36/officer")
    for login in ("huyen", "tinh"):
        client.post("/forgotten", data={"login": login})
    page = text(client, "/users/accounts")
    assert page.count("xin đặt lại mật khẩu lúc") == 1, "the other one has got a letter"
    one = f"/users/accounts/{number(office, 'huyen')}"
    assert "Chủ tài khoản báo quên mật khẩu" in text(client, one)
    assert "/welcome/" in post(client, f"{one}/reset")
    with transaction(office.engine) as session:
        accounts.note(session, accounts.account_by_login(session, "huyen").id, "reset_done", datetime.now(UTC))
    assert "Chủ tài khoản báo quên mật khẩu" not in text(client, one)


def test_what_is_done_to_an_account_is_told_with_who_did_it(office: Office, client: TestClient) -> None:
    an_account(office.engine, "huyen", person="365/officer")
    one = f"/users/accounts/{number(office, 'huyen')}"
    assert "Thư với liên kết đặt mật khẩu sẽ đến officer.365@office.example." in post(client, f"{one}/reset")
    assert "đã đặt mật khẩu" in post(client, f"{one}/invite")
    assert "Đã giao quyền quản trị." in post(client, f"{one}/administrator", on="1")
    assert "Tài khoản thôi quản trị." in post(client, f"{one}/administrator")
    with transaction(office.engine) as session:
        row = accounts.account_by_login(session, "huyen")
        row.second_factor, row.locked_until = "hat", NOW.replace(year=2100)
    page = text(client, one)
    assert "tạm khóa vì gõ sai" in page
    assert "Đã tắt xác thực hai bước." in post(client, f"{one}/second-factor-off")
    assert "Đã mở lại tài khoản." in post(client, f"{one}/reopen")
    assert "Đã đóng tài khoản." in post(client, f"{one}/close")
    page = client.get(one).text
    assert f"{one}/reopen" in page
    assert f"{one}/close" not in page
    assert "Đã mở lại tài khoản." in post(client, f"{one}/reopen")
    told = happened(office.engine, number(office, "huyen"))
    assert told == [
        "invited", "reset_asked", "administrator_on", "administrator_off", "second_factor_off", "opened", "closed", "opened",
    ]  # fmt: skip
    with reading(office.engine) as session:
        by = session.scalars(
            select(AccountEvent.by_name).where(AccountEvent.account_id == number(office, "huyen"))
        ).all()
        assert set(by[1:]) == {"administrator"}
    assert "Xin đặt lại mật khẩu administrator" in text(client, one)


def test_the_last_administrator_cannot_close_the_door_behind_themselves(office: Office, client: TestClient) -> None:
    own = f"/users/accounts/{number(office, 'administrator')}"
    assert f"{own}/close" not in client.get(own).text
    assert "duy nhất" in post(client, f"{own}/close")
    assert client.get(own).status_code == 200


def test_an_account_that_does_not_exist_is_not_found(office: Office, client: TestClient) -> None:
    assert office
    assert client.get("/users/accounts/999").status_code == 404
    for act in ("invite", "reset", "close", "reopen", "second-factor-off", "administrator"):
        answer = client.post(f"/users/accounts/999/{act}", data={"form_token": token_of_forms(client.cookies[COOKIE])})
        assert answer.status_code == 404


def test_a_person_who_is_renamed_in_the_list_of_people_is_called_so_at_once(office: Office) -> None:
    an_account(office.engine, "xa", person="14101/officer")
    file = (
        "code;name;email;phone;unit_level;unit_code;role\n"
        "14101/officer;Nguyễn Thị Đổi Tên;officer.14101@office.example;0900000000;xã;14101;cán bộ phụ trách\n"
    )
    with transaction(office.engine) as session:
        import_people(session, read("can_bo.csv", file.encode(), ImportSettings()), at=office.now)
    assert office.rows(select(Account.name).where(Account.login == "xa")) == [("Nguyễn Thị Đổi Tên",)]


def test_the_office_of_the_tests_opens_as_others_do(sqlite_engine: Engine) -> None:
    assert an_office(sqlite_engine).rows(select(Person.id).where(Person.code == "36/officer"))
