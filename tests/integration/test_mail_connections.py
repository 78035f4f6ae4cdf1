"""Connections to a mail server: lost, refused, encrypted and signed in."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine

from notifications.delivery import deliver
from notifications.settings import StartTls
from tests.integration.mail_server import HANG_UP, PASSWORD, SILENT, USER, authority, mail_server
from tests.integration.owed_letters import AT, all_rows, owe, row, settings

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("how", [HANG_UP, SILENT])
async def test_a_reply_lost_after_the_text_is_counted_and_the_same_letter_leaves_again(
    engine: Engine, how: str
) -> None:
    number = owe(engine, "xa@giaochau.example")
    async with mail_server() as server:
        server.at_data["xa@giaochau.example"].append(how)
        told = await deliver(engine, settings(server, timeout=0.2), AT)
        assert (told.sent, told.retried) == (0, 1)
        waiting = row(engine, number)
        assert (waiting.state, waiting.unconfirmed) == ("owed", 1)
        assert "mất phản hồi" in waiting.last_error
        await deliver(engine, settings(server), waiting.next_try_at)
    assert row(engine, number).state == "sent"
    first, second = server.mails()
    assert first["Message-ID"] == second["Message-ID"] == row(engine, number).message_id


@pytest.mark.parametrize("how", [HANG_UP, SILENT])
async def test_a_connection_lost_before_the_text_is_no_duplicate(sqlite_engine: Engine, how: str) -> None:
    number = owe(sqlite_engine, "xa@giaochau.example")
    async with mail_server() as server:
        server.at_rcpt["xa@giaochau.example"].append(how)
        await deliver(sqlite_engine, settings(server, timeout=0.2), AT)
    waiting = row(sqlite_engine, number)
    assert (waiting.state, waiting.tries, waiting.unconfirmed) == ("owed", 1, 0)


async def test_a_connection_that_the_server_closes_between_letters_costs_no_try(sqlite_engine: Engine) -> None:
    for _ in range(10):
        owe(sqlite_engine)
    async with mail_server() as server:
        server.letters_each = 3
        told = await deliver(sqlite_engine, settings(server, connections=1), AT)
    assert (told.sent, told.retried) == (10, 0)
    assert server.connections == 4
    assert all(letter.tries == 1 for letter in all_rows(sqlite_engine))


@pytest.mark.parametrize("greeting", [HANG_UP, "421 too many connections", "554 no service for you"])
async def test_a_server_that_takes_nobody_leaves_all_letters_waiting(sqlite_engine: Engine, greeting: str) -> None:
    for _ in range(20):
        owe(sqlite_engine)
    async with mail_server() as server:
        server.at_connect.extend([greeting] * 1000)
        told = await deliver(sqlite_engine, settings(server, connections=4), AT)
        assert told.away
        assert (told.sent, told.dead, told.retried, told.waiting) == (0, 0, 20, 20)
        assert server.connections <= 4, "the server is asked once on each connection, not for each letter"
        server.at_connect.clear()
        told = await deliver(sqlite_engine, settings(server), AT + timedelta(seconds=10))
    assert told.sent == 20


async def test_a_server_that_does_not_listen_leaves_all_letters_waiting(sqlite_engine: Engine) -> None:
    number = owe(sqlite_engine)
    async with mail_server() as server:
        port = server.port
    told = await deliver(sqlite_engine, settings(port), AT)
    assert told.away
    assert "Không gửi được qua máy chủ thư" in row(sqlite_engine, number).last_error


@pytest.mark.parametrize("letters", [1, 3, 4, 5])
async def test_a_batch_is_tried_once_also_when_it_has_fewer_letters_than_connections(
    sqlite_engine: Engine, letters: int
) -> None:
    for _ in range(letters):
        owe(sqlite_engine)
    async with mail_server() as server:
        port = server.port
    told = await deliver(sqlite_engine, settings(port, connections=4), AT)
    assert told.away
    assert (told.retried, told.waiting) == (letters, letters)
    assert [(letter.tries, letter.lease_until) for letter in all_rows(sqlite_engine)] == [(1, None)] * letters


async def test_a_server_that_goes_away_in_the_middle_ends_the_delivery(sqlite_engine: Engine) -> None:
    for _ in range(10):
        owe(sqlite_engine)
    async with mail_server() as server:
        server.letters_each = 2
        server.at_connect.extend(["", *["421 too many connections"] * 1000])
        told = await deliver(sqlite_engine, settings(server, connections=1), AT)
    assert told.away == "421 too many connections"
    assert (told.sent, told.retried, told.waiting) == (2, 8, 8)
    assert Counter(letter.tries for letter in all_rows(sqlite_engine)) == {1: 10}


async def test_a_server_with_room_for_one_connection_gets_all_letters_on_it(sqlite_engine: Engine) -> None:
    for _ in range(20):
        owe(sqlite_engine)
    async with mail_server() as server:
        server.at_connect.extend([""] + ["421 too many connections"] * 1000)
        told = await deliver(sqlite_engine, settings(server, connections=4), AT)
    assert (told.sent, told.retried, told.away) == (20, 0, "")
    assert all(letter.tries == 1 for letter in all_rows(sqlite_engine))


async def test_a_sender_that_the_server_does_not_want_kills_no_letter(sqlite_engine: Engine) -> None:
    for _ in range(5):
        owe(sqlite_engine)
    async with mail_server() as server:
        server.at_mail.extend(["550 5.7.1 sender not allowed"] * 100)
        told = await deliver(sqlite_engine, settings(server), AT)
    assert "550 5.7.1 sender not allowed" in told.away
    assert (told.dead, told.waiting) == (0, 5)


async def test_a_server_that_wants_starttls_and_a_password_gets_both(sqlite_engine: Engine, tmp_path: Path) -> None:
    ca, context = authority()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    owe(sqlite_engine)
    safe = {"starttls": StartTls.REQUIRED, "ca_file": tmp_path / "ca.pem", "username": USER}
    async with mail_server(tls=context, sign_in=True) as server:
        told = await deliver(sqlite_engine, settings(server, password="sai", **safe), AT)
        assert told.away == "535 5.7.8 Authentication credentials invalid"
        assert set(server.passwords) == {"sai"}
        assert (told.dead, told.waiting) == (0, 1)
        told = await deliver(sqlite_engine, settings(server, password=PASSWORD, **safe), AT + timedelta(hours=1))
    assert told.sent == 1
    assert server.passwords[-1] == PASSWORD


async def test_an_offered_starttls_is_taken(sqlite_engine: Engine, tmp_path: Path) -> None:
    ca, context = authority()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    owe(sqlite_engine)
    async with mail_server(tls=context) as server:  # refuses whatever is not encrypted
        known = {"starttls": StartTls.IF_OFFERED, "ca_file": tmp_path / "ca.pem"}
        assert (await deliver(sqlite_engine, settings(server, **known), AT)).sent == 1
        assert "ocop" not in server.passwords


async def test_a_certificate_that_nobody_vouches_for_gets_neither_password_nor_letter(sqlite_engine: Engine) -> None:
    _, context = authority()
    owe(sqlite_engine)
    async with mail_server(tls=context, sign_in=True) as server:
        known = {"starttls": StartTls.REQUIRED, "username": USER, "password": PASSWORD}
        told = await deliver(sqlite_engine, settings(server, **known), AT)
    assert "certificate verify failed" in told.away
    assert (server.passwords, server.received, told.waiting) == ([], [], 1)


async def test_a_server_without_starttls_does_not_get_the_password(sqlite_engine: Engine) -> None:
    owe(sqlite_engine)
    async with mail_server(sign_in=True) as server:
        known = {"starttls": StartTls.REQUIRED, "username": USER, "password": PASSWORD}
        told = await deliver(sqlite_engine, settings(server, **known), AT)
    assert "STARTTLS" in told.away
    assert (server.connections, server.passwords, server.received, told.waiting) == (1, [], [], 1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sender_address": ""}, "OCOP_SMTP_SENDER_ADDRESS"),
        ({"sender_address": "ocop"}, "OCOP_SMTP_SENDER_ADDRESS"),
        ({"host": "mail.example", "username": "x", "starttls": StartTls.IF_OFFERED}, "OCOP_SMTP_STARTTLS"),
        ({"timeout": 30.0, "lease_seconds": 90.0}, "OCOP_SMTP_LEASE_SECONDS"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        settings(25, **wrong)


def test_a_password_is_not_shown() -> None:
    assert "bí mật" not in repr(settings(25, password="bí mật"))
