"""Pages that are kept while nothing is written: for each reader their own, and never a moment old after a commit."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from html import unescape

import httpx
import pytest
from sqlalchemy import Engine, event, select, update

from casework import accounts, sign_ins
from dashboard.kept import KEPT_FOR, MOST, SHARED, Kept
from dashboard.uses import WRITTEN_EVERY, Uses
from dashboard.who import NAMELESS
from models.accounts import SignIn
from models.session import reading, transaction
from tests.factories import Office, an_office
from tests.integration.console_pages import HOST, form_token, shown, sign_in, text, walked


@pytest.fixture
def office(sqlite_engine: Engine) -> Office:
    """A walked world."""
    return walked(sqlite_engine)


def test_two_readers_of_one_office_get_one_page_each_with_their_own_name_and_form(office: Office) -> None:
    one = shown(office, "36/coordinator_office", refresh_seconds=600)
    first = {address: one.get(address).text for address in SHARED}
    with transaction(office.engine) as session:
        sign_in(one, session, accounts.Owner(person="36/department"))
    for address, before in first.items():
        after = one.get(address).text
        assert "Văn phòng Điều phối nông thôn mới Tỉnh Nam Định" in unescape(before)
        assert "Sở Nông nghiệp và Môi trường Tỉnh Nam Định" in unescape(after)
        assert form_token(one) in after
        assert 'name="key"' not in after, "two readers would send one key"
        assert not any(
            stand_in in page for page in (before, after) for stand_in in (NAMELESS.name, NAMELESS.form_token)
        )


def test_a_page_asked_again_is_not_reckoned_again_until_something_is_committed(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    client = shown(office, refresh_seconds=600)
    client.get("/heat")
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    before = text(client, "/heat")
    assert [statement for statement in asked if "FROM dossiers" in statement] == []
    office.register()
    asked.clear()
    after = text(client, "/heat")
    assert [statement for statement in asked if "FROM dossiers" in statement] != []
    assert before != after


def test_many_who_ask_at_once_wait_for_one_reckoning(office: Office) -> None:
    client = shown(office, refresh_seconds=600)
    asked: list[str] = []
    event.listen(office.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))

    def reckoned() -> int:
        return sum("FROM dossiers" in statement for statement in asked)

    async def together(number: int) -> list[httpx.Response]:
        way = httpx.ASGITransport(client.app)
        async with httpx.AsyncClient(transport=way, base_url=HOST, cookies=dict(client.cookies)) as many:
            return await asyncio.gather(*(many.get(f"/heat?readers={number}") for _ in range(number)))

    asyncio.run(together(1))
    once = reckoned()
    assert once
    asked.clear()
    answers = asyncio.run(together(20))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert reckoned() == once


def test_a_page_is_reckoned_again_after_a_while_though_nothing_was_written(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = shown(office, refresh_seconds=600)
    client.get("/heat")
    asked: list[str] = []
    event.listen(office.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    now = time.monotonic()
    for later, again in ((KEPT_FOR - 5, False), (KEPT_FOR + 5, True)):
        monkeypatch.setattr("dashboard.kept.time.monotonic", lambda later=later: now + later)
        client.get("/heat")
        assert any("FROM dossiers" in statement for statement in asked) == again


def test_uses_of_sessions_are_written_together_so_that_reading_ends_no_kept_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    uses, began = Uses(), time.monotonic()
    first, later = (datetime(2025, 5, 5, 8, minute, tzinfo=UTC) for minute in (0, 1))
    assert uses.note(1, first) == {1: first}, "the first is written at once"
    assert uses.note(2, first) == uses.note(1, later) == {}
    assert uses.note(4, later, pressing=True) == {2: first, 1: later, 4: later}
    assert uses.note(2, first) == uses.note(1, later) == {}
    monkeypatch.setattr("dashboard.uses.time.monotonic", lambda: began + WRITTEN_EVERY + 5)
    assert uses.note(3, later) == {2: first, 1: later, 3: later}


def test_a_session_whose_use_was_not_written_for_long_does_not_wait_for_the_next_writing(office: Office) -> None:
    client = shown(office, refresh_seconds=600)
    with transaction(office.engine) as session:
        session.execute(update(SignIn).values(seen_at=datetime.now(UTC) - sign_ins.IDLE_FOR / 2))
    assert client.app.state.uses.note(-1, datetime.now(UTC)), "somebody else's has just been written"
    client.get("/heat")
    with reading(office.engine) as session:
        assert datetime.now(UTC) - session.scalars(select(SignIn.seen_at)).one() < timedelta(minutes=5)


def test_a_reader_of_another_unit_or_of_none_gets_nothing_of_what_was_kept(office: Office) -> None:
    client = shown(office, "36/officer", refresh_seconds=600)
    whole = client.get("/dossiers").text
    with transaction(office.engine) as session:
        sign_in(client, session, accounts.Owner(person="365/officer"))
    assert client.get("/dossiers").text != whole
    assert client.get("/heat").status_code == 403
    client.cookies.clear()
    assert client.get("/heat", follow_redirects=False).status_code == 303


def test_a_session_that_ended_opens_no_kept_page(office: Office) -> None:
    client = shown(office, refresh_seconds=600)
    assert client.get("/heat").status_code == 200
    client.post("/sign-out", data={"form_token": form_token(client)}, follow_redirects=False)
    assert client.get("/heat", follow_redirects=False).status_code == 303


def test_what_is_kept_does_not_grow_without_end() -> None:
    kept = Kept()
    for number in range(MOST + 5):
        kept.put(number, str(number))
        kept.get(0)
    assert kept.get(0) == "0"
    assert kept.get(1) is None
    assert kept.get(MOST + 4) == str(MOST + 4)


@pytest.mark.parametrize(
    "page", ["/dossiers?unit=999999", "/certificates?unit=999999", "/heat?cycle=KHONG", "/dossiers?page=0"]
)
def test_a_kept_page_that_cannot_be_shown_says_so_to_the_reader_by_name(office: Office, page: str) -> None:
    client = shown(office, refresh_seconds=600)
    answer = client.get(page)
    assert answer.status_code in {404, 422}
    assert NAMELESS.name not in answer.text
    assert NAMELESS.form_token not in answer.text
    assert form_token(client) in answer.text
