"""The audit: every act, line of history and event of an account, in one order, page after page, to those whom it concerns."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import openpyxl
import pytest
from sqlalchemy import Engine, func, insert, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from casework import accounts
from casework.board.audit import KINDS, AuditFilter, Place, audit_lines, whats
from casework.registration import Maker
from casework.scope import WHOLE, Scope
from models.accounts import AccountEvent
from models.record import Event, Request
from models.session import reading, transaction
from models.units import Unit
from ocop.errors import InvalidInput, NotFound
from ocop.levels import Level
from tests.factories import CYCLE, Office
from tests.integration.console_pages import Links, console, shown, sign_in, walked
from tests.integration.producer_pages import office_in_may
from tests.integration.signing_in import an_account
from tests.integration.test_indexes import plans

__all__ = ["office_in_may"]
pytestmark = pytest.mark.postgresql_long


def administrator(office: Office, **settings: int) -> TestClient:
    client = console(office.engine, "nobody", **settings)
    with transaction(office.engine) as session:
        sign_in(client, session, accounts.Owner(administrator=True))
    return client


def rows(html: str) -> list[str]:
    """Return the lines of a page as text."""
    body = html.partition("<tbody>")[2].partition("</tbody>")[0]
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in body.split("</tr>") if row.strip()]


def older(html: str) -> str:
    return next((href for href, _, text in Links(html).links if text.startswith("Cũ hơn")), "")


def everything(client: TestClient, address: str = "/audit") -> list[str]:
    """Return the lines of all pages."""
    found: list[str] = []
    while address:
        page = client.get(address)
        assert page.status_code == 200
        found += rows(page.text)
        address = older(page.text)
    return found


def count(office: Office, table: type) -> int:
    return int(office.rows(select(func.count()).select_from(table))[0][0])


@pytest.mark.usefixtures("home")
def test_page_after_page_shows_every_line_once(engine: Engine) -> None:
    office = walked(engine)
    client = administrator(office, rows=7)
    found = everything(client)
    steps = int(office.rows(select(func.count()).where(Event.event == "route"))[0][0])
    assert len(found) == count(office, Event) - steps + count(office, Request) + count(office, AccountEvent)
    for kind, table in (("acts", Request), ("accounts", AccountEvent)):
        assert len(everything(client, f"/audit?kind={kind}")) == count(office, table)
    instants = [tuple(map(int, re.match(r"(\d+):(\d+) (\d+)/(\d+)/(\d+)", line).groups())) for line in found]  # type: ignore[union-attr]
    order = [(year, month, day, hour, minute) for hour, minute, day, month, year in instants]
    assert order == sorted(order, reverse=True)


def test_a_line_says_who_did_what_to_what_and_leads_there(office: Office) -> None:
    code = office.register()
    client = administrator(office)
    page = client.get("/audit")
    history = next(line for line in rows(page.text) if line.startswith("09:00 5/5/2025") and "yêu cầu" not in line)
    assert history == f"09:00 5/5/2025 cán bộ phụ trách Xã Giao Xuân Đăng ký hồ sơ {code} Xã Giao Xuân"
    asked = next(line for line in rows(page.text) if "yêu cầu" in line)
    assert asked.startswith(f"09:00 5/5/2025 cán bộ phụ trách Xã Giao Xuân Đăng ký hồ sơ yêu cầu {code}")
    opened = {href for href, _, _ in Links(page.text).links}
    assert f"/dossiers/{code}" not in opened, "a mere administrator reads no dossiers"
    with transaction(office.engine) as session:
        number = accounts.account_by_login(session, "administrator").id
    assert f"/users/accounts/{number}" in opened
    province = shown(office, "36/officer")
    opened = {href for href, _, _ in Links(province.get("/audit").text).links}
    assert f"/dossiers/{code}" in opened
    assert f"/plan?cycle={CYCLE}" in opened
    assert f"/users/accounts/{number}" not in opened


def test_a_province_sees_its_own_cycles_and_people_and_no_requests(office: Office) -> None:
    with transaction(office.engine) as session:
        other = Unit(level="province", code="37", name="Tỉnh Ninh Bình", search="", valid_from=office.now.date())
        session.add(other)
        session.flush()
        away = frozenset({other.id})
    office.register()
    an_account(office.engine, "xa", person="14101/officer")
    an_account(office.engine, "quan-tri")
    with transaction(office.engine) as session:
        accounts.note(session, None, "failed", office.now, address="10.0.0.9")
    client = shown(office, "36/officer")
    found = everything(client)
    assert any("Đăng ký hồ sơ" in line for line in found)
    assert any("Được mời" in line and "xa" in line for line in found)
    assert not any("quan-tri" in line or "10.0.0.9" in line or "không rõ ai" in line for line in found)
    assert "chỉ người quản trị xem được" in client.get("/audit").text
    assert client.get("/audit?kind=acts").status_code == 422
    assert 'value="acts"' not in client.get("/audit").text
    with reading(office.engine) as session:
        elsewhere = Scope(units=away, provinces=away)
        assert audit_lines(session, AuditFilter(), elsewhere, whole=False, limit=50) == []
        here = session.scalars(select(Unit.id).where(Unit.code.in_(("36", "14101"))).order_by(Unit.code)).all()
        a_commune_here = Scope(units=away | {here[0]}, provinces=away | frozenset(here))
        told = audit_lines(session, AuditFilter(kind="histories"), a_commune_here, whole=False, limit=50)
        assert told == []
        assert audit_lines(session, AuditFilter(), Scope(), whole=False, limit=50) == []
        with pytest.raises(NotFound):
            audit_lines(session, AuditFilter(dossier="ND2025-0001"), elsewhere, whole=False, limit=50)
    assert any("10.0.0.9" in line for line in everything(administrator(office)))


@pytest.mark.parametrize("path", ["/audit", "/audit.xlsx"])
@pytest.mark.parametrize("who", ["365/officer", "14101/officer"])
def test_others_do_not_see_it(office: Office, who: str, path: str) -> None:
    assert shown(office, who).get(path).status_code == 403


def test_lines_are_narrowed_by_day_person_thing_and_dossier(office: Office) -> None:
    first = office.register()
    office.go("2025-05-06")
    second = office.at_district("14201")
    client = administrator(office)

    def found(address: str) -> list[str]:
        return everything(client, f"/audit?{address}")

    assert {line.split(" ")[1] for line in found("since=2025-05-06&until=2025-05-06")} == {"6/5/2025"}
    assert not any("6/5/2025" in line for line in found("until=2025-05-05"))
    assert any("5/5/2025" in line for line in found("until=2025-05-05"))
    minh = found("who=hai+minh")
    assert minh
    assert all("Xã Hải Minh" in line for line in minh)
    assert len(found("who=14201/officer")) == len(minh)
    assert [line for line in found("dossier=" + first) if second in line] == []
    assert any("Chuyển bước theo quy trình" in line for line in found(f"dossier={second}"))
    assert not any("Chuyển bước theo quy trình" in line for line in found(""))
    assert any("Chuyển bước theo quy trình" in line for line in found("what=line:route"))
    received = found("what=line:receive")
    assert len(received) == 2, "the request and the line of history"
    assert all("Tiếp nhận" in line for line in received)
    assert all("Được mời" in line for line in found("what=account:invited"))
    assert found("what=account:closed") == []
    assert len(found("what=line:open")) == 2
    for wrong, why in (
        ("dossier=X", "Không có hồ sơ mang mã"),
        ("since=2025-05-06&until=2025-05-05", "sớm hơn ngày đầu"),
        ("kind=lạ", "Không có loại nhật ký"),
        ("before=lạ", "Không có trang này"),
    ):
        answer = client.get(f"/audit?{wrong}")
        assert (answer.status_code, why in answer.text) == (422, True)
    assert client.get("/audit?since=hôm+qua").status_code == 409


def test_what_a_producer_did_is_found_by_the_producers_name(office: Office) -> None:
    code = office.register(producer=Maker("CT-LUA", "Hợp tác xã Lúa Vàng", "14101", email="lua@htx.example"))
    with transaction(office.engine) as session:
        line = session.scalars(select(Event).where(Event.dossier_id.is_not(None)).limit(1)).one()
        copied = {column.name: getattr(line, column.name) for column in Event.__table__.columns if column.name != "id"}
        session.execute(
            insert(Event),
            [copied | {"actor_id": None, "actor_name": "Chủ thể: Hợp tác xã Lúa Vàng (Lê Lúa)", "chain": "thử"}],
        )
    found = everything(administrator(office), "/audit?who=lua+vang")
    assert [line for line in found if code in line and "Chủ thể: Hợp tác xã Lúa Vàng" in line]


def test_a_name_that_means_too_many_people_is_refused(office: Office) -> None:
    with reading(office.engine) as session:
        assert audit_lines(session, AuditFilter(who="365/officer"), WHOLE, whole=True, limit=5) is not None
    with transaction(office.engine) as session:
        for number in range(101):
            accounts.open_account(
                session, login=f"trung-{number}", owner=accounts.Owner(administrator=True), at=office.now, by=""
            )
    with reading(office.engine) as session, pytest.raises(InvalidInput, match="gõ rõ hơn"):
        audit_lines(session, AuditFilter(who="trung"), WHOLE, whole=True, limit=5)


def test_lines_of_one_instant_come_in_one_order_and_none_twice(office: Office) -> None:
    with transaction(office.engine) as session:
        for _ in range(9):
            accounts.note(session, None, "failed", office.now)
        session.execute(
            insert(Request),
            [
                {"key": f"k~{number}", "act": "receive", "body_sha256": "", "answer": {}, "actor_name": "A",
                 "recorded_at": office.now}
                for number in range(9)
            ],
        )  # fmt: skip
    with reading(office.engine) as session:
        whole = audit_lines(session, AuditFilter(), WHOLE, whole=True, limit=1000)
        paged, before = [], None
        while lines := audit_lines(session, AuditFilter(), WHOLE, whole=True, limit=4, before=before):
            paged += lines
            before = Place.read(str(lines[-1].place))
    assert paged == whole
    assert len({line.place for line in whole}) == len(whole) >= 18


def test_the_workbook_has_the_lines_of_the_filter(office: Office) -> None:
    office.register()
    client = administrator(office)
    answer = client.get("/audit.xlsx?kind=accounts")
    found = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.values)
    assert found[0][:3] == ("Lúc", "Ai", "Việc")
    assert len(found) - 1 == count(office, AccountEvent)
    assert {row[-1] for row in found[1:]} == {KINDS["accounts"]}
    assert client.get("/audit.xlsx?kind=lạ").status_code == 404


def test_everything_that_may_be_done_can_be_asked_for() -> None:
    keys = [key for key, _ in whats()]
    assert len(keys) == len(set(keys))
    assert {"line:receive", "line:open", "line:route", "account:signed_in"} <= set(keys)


def test_the_newest_lines_are_found_by_indexes_however_many_there_are(office: Office) -> None:
    with transaction(office.engine) as session:
        for number in range(3000):
            accounts.note(session, None, "failed", office.now - timedelta(minutes=number))
        session.execute(
            insert(Request),
            [
                {"key": f"k{number}", "act": "receive", "body_sha256": "", "answer": {}, "actor_name": "A",
                 "recorded_at": office.now - timedelta(minutes=number)}
                for number in range(3000)
            ],
        )  # fmt: skip
    with transaction(office.engine) as session:
        line = session.scalars(select(Event).limit(1)).one()
        copied = {column.name: getattr(line, column.name) for column in Event.__table__.columns if column.name != "id"}
        session.execute(
            insert(Event),
            [
                copied | {"number": number, "chain": "thử", "recorded_at": office.now - timedelta(minutes=number)}
                for number in range(3000)
            ],
        )
    if office.engine.dialect.name == "postgresql":
        with office.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")

    def work(scope: Scope, wanted: AuditFilter) -> Callable[[Session], object]:
        before = Place(office.now - timedelta(minutes=1500), 0, "7")
        return lambda session: audit_lines(session, wanted, scope, whole=scope.whole, limit=51, before=before)

    province = int(office.rows(select(Unit.id).where(Unit.code == "36"))[0][0])
    own = Scope(frozenset({province}), frozenset({Level.PROVINCE}), provinces=frozenset({province}))
    for about, index, scope in (
        ("account_events", "ix_account_events_at", WHOLE),
        ("requests", "ix_requests_recorded", WHOLE),
        ("events", "ix_events_recorded", WHOLE),
        ("events", "ix_events_recorded", own),
    ):
        (told,) = plans(office.engine, work(scope, AuditFilter()), f"FROM {about} ")
        assert index in told
        assert f"Seq Scan on {about}" not in told
        assert "TEMP B-TREE" not in told
    (told,) = plans(office.engine, work(WHOLE, AuditFilter(who="365/officer")), "FROM events ")
    assert "ix_events_actor" in told or "ix_events_recorded" in told
