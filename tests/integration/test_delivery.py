"""From a letter's row to a mail that arrived, whatever the mail server does."""

import asyncio
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr, parsedate_to_datetime
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.orm import Session

from models.letters import Letter, LetterState
from models.session import transaction
from notifications.claims import FEWEST_TRIES, LONGEST_WAIT, Outcome, claim, mark, wait
from notifications.delivery import Delivered, deliver
from notifications.letterbox import start_letterbox
from notifications.settings import MailSettings, StartTls
from ocop.notices import Notice
from tests.integration.letter_facts import CODE, full
from tests.integration.mail_server import HANG_UP, PASSWORD, SILENT, USER, MailServer, authority, mail_server

pytestmark = pytest.mark.anyio

AT = datetime(2025, 6, 16, 0, 30, tzinfo=UTC)
"""07:30 of Monday 16/6/2025 in Viet Nam."""
_numbers = count(1)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def elsewhere(sqlite_engine: Engine, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another program at the same SQLite file, which does not wait."""
    del sqlite_engine
    connection = sqlite3.connect(tmp_path / "ocop.db", timeout=0, isolation_level=None)
    yield connection
    connection.close()


def settings(server: MailServer | int, **known: Any) -> MailSettings:
    port = server if isinstance(server, int) else server.port
    return MailSettings(
        **{
            "host": "127.0.0.1",
            "port": port,
            "starttls": StartTls.NEVER,
            "sender_address": "ocop@namdinh.example",
            "timeout": 5.0,
            "lease_seconds": 60.0,
            **known,
        }
    )


def owe(engine: Engine, email: str | None = "chuthe@giaochau.example", **known: Any) -> int:
    """Write a letter as casework does and return its number."""
    number = next(_numbers)
    row = {
        "key": f"dossier/1#{number}/received/producer/{number}",
        "notice": Notice.RECEIVED.value,
        "cause": f"dossier/1#{number}",
        "recipient": f"producer/{number}",
        "recipient_name": "Đặng Thị Thuỷ (Hợp tác xã Giao Châu, “Nước mắm”)",
        "email": email,
        "reply_to": "canbo@giaothuy.example",
        "facts": full(Notice.RECEIVED),
        "state": LetterState.OWED.value,
        "owed_at": AT,
        "send_from": AT,
        "give_up_at": AT + timedelta(days=3),
        "next_try_at": AT,
        "tries": 0,
        "lease_by": "",
        "last_error": "",
        "unconfirmed": 0,
        "handed_over_by": "",
        "message_id": f"<{number:032x}@letters.ocop.invalid>",
        "simulated": True,
    }
    with transaction(engine) as session:
        written = session.scalar(insert(Letter).values(row | known).returning(Letter.id))
    assert written is not None
    return written


def row(engine: Engine, number: int) -> Letter:
    with Session(engine) as session:
        return session.get_one(Letter, number)


def change(engine: Engine, number: int, **values: Any) -> None:
    with transaction(engine) as session:
        session.execute(update(Letter).where(Letter.id == number).values(values))


def named(text: bytes, header: str) -> str:
    """Return the name before the address, joined as RFC 2047 says: the new parser of Python 3.11 puts spaces into it."""
    name, _ = parseaddr(message_from_bytes(text, policy=policy.compat32)[header])
    return str(make_header(decode_header(name)))


def all_rows(engine: Engine) -> list[Letter]:
    with Session(engine) as session:
        return list(session.scalars(select(Letter).order_by(Letter.id)))


# What arrives


async def test_a_letter_arrives_whole_and_its_words_stay_in_its_row(engine: Engine) -> None:
    number = owe(engine)
    async with mail_server() as server:
        told = await deliver(engine, settings(server), AT)
    assert (told.sent, told.retried, told.dead, told.waiting, told.away) == (1, 0, 0, 0, "")
    (mail,) = server.mails()
    assert mail["From"].addresses[0].addr_spec == "ocop@namdinh.example"
    assert named(server.received[0][1], "From") == "Phần mềm điều hành chu trình OCOP"
    assert mail["To"].addresses[0].addr_spec == "chuthe@giaochau.example"
    assert named(server.received[0][1], "To") == "Đặng Thị Thuỷ (Hợp tác xã Giao Châu, “Nước mắm”)"
    assert mail["Reply-To"].addresses[0].addr_spec == "canbo@giaothuy.example"
    assert mail["Reply-To"].addresses[0].display_name == "Huyện Giao Thủy"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(mail["Date"]) == AT
    assert mail["Subject"] == f"[mô phỏng] {CODE}: đã tiếp nhận hồ sơ"
    assert mail.get_content_type() == "multipart/alternative"
    text, html = [part.get_content() for part in mail.iter_parts()]
    assert CODE in text
    assert CODE in html
    assert unicodedata.is_normalized("NFC", text + html)
    kept = row(engine, number)
    assert mail["Message-ID"] == kept.message_id
    assert (kept.state, kept.sent_at, kept.tries, kept.lease_by, kept.lease_until) == ("sent", AT, 1, "", None)
    assert kept.subject == mail["Subject"]
    assert kept.body is not None
    assert kept.body.split() == text.split()


async def test_no_line_of_a_mail_is_longer_than_mail_allows_and_all_are_ascii(sqlite_engine: Engine) -> None:
    for words in ("Ộ" * 300, "x" * 300, "Hợp tác xã " * 20):
        owe(sqlite_engine, f"{'h' * 60}@{'d' * 60}.example", recipient_name=words)
    async with mail_server() as server:
        await deliver(sqlite_engine, settings(server, sender_name="Ủy ban " * 20), AT)
    for _, text in server.received:
        lines = text.split(b"\r\n")
        assert all(line.isascii() and b"\n" not in line for line in lines)
        assert max(len(line) for line in lines if b"@" not in line) <= 76
        assert max(map(len, lines)) <= 998


@pytest.mark.parametrize(
    "words", ["Đề nghị bổ sung hồ sơ sản phẩm nước mắm " * 4, "Ộ" * 300, "a" * 300, 'Ủ, "x" <y> ' * 12, "Ộ " * 150]
)
async def test_any_vietnamese_subject_and_name_survive_the_headers(sqlite_engine: Engine, words: str) -> None:
    facts = full(Notice.REGISTERED)
    facts["dossier"] = {**facts["dossier"], "product": words}
    owe(sqlite_engine, notice=Notice.REGISTERED.value, facts=facts, recipient_name=words)
    async with mail_server() as server:
        await deliver(sqlite_engine, settings(server), AT)
    (mail,) = server.mails()
    assert mail["Subject"] == row(sqlite_engine, 1).subject
    assert named(server.received[0][1], "To") == " ".join(words.split())


async def test_a_wrong_reply_address_does_not_keep_a_letter_back(sqlite_engine: Engine) -> None:
    owe(sqlite_engine, reply_to="cán bộ@giaothuy.example")
    owe(sqlite_engine, reply_to=None)
    async with mail_server() as server:
        told = await deliver(sqlite_engine, settings(server), AT)
    assert told.sent == 2
    assert all(mail["Reply-To"] is None for mail in server.mails())


async def test_several_connections_are_opened_once_and_carry_all_letters(sqlite_engine: Engine) -> None:
    for _ in range(30):
        owe(sqlite_engine)
    async with mail_server() as server:
        told = await deliver(sqlite_engine, settings(server, connections=3), AT)
    assert told.sent == 30
    assert 1 <= server.connections <= 3


async def test_sent_letters_are_not_sent_again(sqlite_engine: Engine) -> None:
    owe(sqlite_engine)
    async with mail_server() as server:
        await deliver(sqlite_engine, settings(server), AT)
        again = await deliver(sqlite_engine, settings(server), AT + timedelta(days=200))
    assert again == Delivered()
    assert len(server.received) == 1


async def test_no_transaction_is_open_while_the_server_answers(
    sqlite_engine: Engine, elsewhere: sqlite3.Connection
) -> None:
    written = []

    def write_elsewhere() -> None:
        elsewhere.execute("BEGIN IMMEDIATE")  # fails at once when anyone else writes
        elsewhere.execute("ROLLBACK")
        written.append(True)

    owe(sqlite_engine)
    async with mail_server() as server:
        server.before_answer = write_elsewhere
        await deliver(sqlite_engine, settings(server), AT)
    assert written == [True]


async def test_at_most_so_many_letters_leave(sqlite_engine: Engine) -> None:
    for _ in range(5):
        owe(sqlite_engine)
    async with mail_server() as server:
        told = await deliver(sqlite_engine, settings(server), AT, at_most=2)
    assert (told.sent, told.waiting) == (2, 3)


# When a letter may leave


async def test_letters_of_quiet_hours_held_letters_and_paper_do_not_leave(sqlite_engine: Engine) -> None:
    owe(sqlite_engine, send_from=AT + timedelta(hours=1), next_try_at=AT)
    owe(sqlite_engine, next_try_at=AT + timedelta(seconds=1))
    owe(sqlite_engine, state=LetterState.HELD.value)
    owe(sqlite_engine, email=None, state=LetterState.TO_HAND_OVER.value)
    owe(sqlite_engine, lease_until=AT + timedelta(seconds=1), lease_by="another")
    async with mail_server() as server:
        told = await deliver(sqlite_engine, settings(server), AT)
        assert server.received == []
        assert (told.sent, told.waiting, told.to_hand_over) == (0, 3, 1)
        told = await deliver(sqlite_engine, settings(server), AT + timedelta(hours=1))
    assert (told.sent, told.waiting, told.to_hand_over) == (3, 0, 1)


async def test_without_a_mail_server_letters_wait(sqlite_engine: Engine) -> None:
    number = owe(sqlite_engine)
    told = await deliver(sqlite_engine, MailSettings(host=""), AT)
    assert "OCOP_SMTP_HOST" in told.away
    assert told.waiting == 1
    assert row(sqlite_engine, number).tries == 0


# Refusals


@pytest.mark.parametrize("step", ["rcpt", "data"])
async def test_a_permanent_refusal_is_a_dead_letter_with_the_servers_words(engine: Engine, step: str) -> None:
    refused, good = owe(engine, "het@giaochau.example"), owe(engine)
    async with mail_server() as server:
        getattr(server, f"at_{step}")["het@giaochau.example"].append("550 5.1.1 khong co nguoi nay")
        told = await deliver(engine, settings(server, connections=1), AT)
    assert (told.sent, told.dead, told.dead_in_all) == (1, 1, 1)
    dead = row(engine, refused)
    assert dead.state == "dead"
    assert "550 5.1.1 khong co nguoi nay" in dead.last_error
    assert "gửi lại" in dead.last_error
    assert row(engine, good).state == "sent"
    assert server.connections == 1, "the connection went on"


@pytest.mark.parametrize("step", ["rcpt", "data"])
async def test_a_temporary_refusal_is_tried_again_later(engine: Engine, step: str) -> None:
    number = owe(engine, "ban@giaochau.example")
    async with mail_server() as server:
        getattr(server, f"at_{step}")["ban@giaochau.example"].append("451 4.7.1 greylisted")
        told = await deliver(engine, settings(server), AT)
        assert (told.sent, told.retried, told.waiting) == (0, 1, 1)
        waiting = row(engine, number)
        assert (waiting.state, waiting.tries, waiting.unconfirmed, waiting.lease_until) == ("owed", 1, 0, None)
        assert "451 4.7.1 greylisted" in waiting.last_error
        assert AT < waiting.next_try_at <= AT + timedelta(seconds=10)
        assert (await deliver(engine, settings(server), AT)).sent == 0, "too early"
        assert (await deliver(engine, settings(server), waiting.next_try_at)).sent == 1
    sent = row(engine, number)
    assert (sent.state, sent.tries, sent.last_error) == ("sent", 2, "")


async def test_a_letter_waits_longer_after_each_try_up_to_hours(sqlite_engine: Engine) -> None:
    owe(sqlite_engine)
    letter = row(sqlite_engine, 1)
    waits = []
    for tries in range(12):
        letter.tries = tries
        waits.append(wait(letter))
    assert timedelta(seconds=7.5) <= waits[0] <= timedelta(seconds=10)
    assert all(later > sooner for sooner, later in pairwise(waits[:8]))
    assert all(0.75 * LONGEST_WAIT <= late <= LONGEST_WAIT for late in waits[8:])
    letter.message_id = "<another@letters.ocop.invalid>"
    assert wait(letter) != waits[-1], "letters are spread"


async def test_a_letter_that_fails_until_its_deadline_is_dead_with_the_reason(sqlite_engine: Engine) -> None:
    number, at = owe(sqlite_engine, "ban@giaochau.example"), AT
    async with mail_server() as server:
        server.at_rcpt["ban@giaochau.example"].extend(["452 4.2.2 mailbox full"] * 100)
        tries = 0
        while row(sqlite_engine, number).state == "owed":
            at = row(sqlite_engine, number).next_try_at
            await deliver(sqlite_engine, settings(server), at)
            tries += 1
    dead = row(sqlite_engine, number)
    assert dead.state == "dead"
    assert at == dead.give_up_at, "the last try lies on the deadline"
    assert 20 < tries < 40
    assert "Đã hết thời gian gửi lại" in dead.last_error
    assert "452 4.2.2 mailbox full" in dead.last_error


async def test_a_letter_written_after_days_of_outage_still_gets_its_tries(sqlite_engine: Engine) -> None:
    number, at = owe(sqlite_engine, "ban@giaochau.example"), AT + timedelta(days=200)
    async with mail_server() as server:
        server.at_rcpt["ban@giaochau.example"].extend(["451 busy"] * FEWEST_TRIES)
        for _ in range(FEWEST_TRIES - 1):
            await deliver(sqlite_engine, settings(server), at)
            waiting = row(sqlite_engine, number)
            assert waiting.state == "owed"
            at = waiting.next_try_at
        await deliver(sqlite_engine, settings(server), at)
    assert row(sqlite_engine, number).state == "dead"


@pytest.mark.parametrize(
    "address",
    [
        "nguyễn@giaochau.example",
        "a@giaochau.example\r\nRCPT TO:<khac@giaochau.example>",
        "a@giaochau.example, b@giaochau.example",
        "a b@giaochau.example",
        "khong-co-a-cong",
        "",
    ],
)
async def test_a_wrong_address_is_a_dead_letter_with_the_remedy_and_never_on_the_wire(
    sqlite_engine: Engine, address: str
) -> None:
    number = owe(sqlite_engine, address)
    async with mail_server() as server:
        told = await deliver(sqlite_engine, settings(server), AT)
    assert (told.dead, server.received, server.connections) == (1, [], 0)
    assert "Hãy sửa địa chỉ trong danh bạ" in row(sqlite_engine, number).last_error


async def test_a_domain_with_marks_goes_out_in_ascii(sqlite_engine: Engine) -> None:
    owe(sqlite_engine, "ubnd@nướcmắm.example")
    async with mail_server() as server:
        await deliver(sqlite_engine, settings(server), AT)
    assert server.recipients == ["ubnd@xn--ncmm-bp5aei25b.example"] or server.recipients[0].startswith("ubnd@xn--")


@pytest.mark.parametrize(
    "broken",
    [
        {"facts": {"recipient_name": "A"}},
        {"notice": "never_heard_of"},
        {"facts": full(Notice.RECEIVED) | {"occurred_on": "mai"}},
        {"facts": full(Notice.RECEIVED) | {"result": {"mean": "nhiều"}}},
    ],
)
async def test_a_letter_that_cannot_be_written_stops_no_other(sqlite_engine: Engine, broken: dict[str, Any]) -> None:
    number = owe(sqlite_engine, **broken)
    owe(sqlite_engine)
    async with mail_server() as server:
        told = await deliver(sqlite_engine, settings(server), AT)
    assert (told.sent, told.dead) == (1, 1)
    assert len(told.alerts) == 1
    assert "Không soạn được thư" in told.alerts[0]
    assert "Không soạn được thư" in row(sqlite_engine, number).last_error


@pytest.mark.parametrize(
    ("answer", "state", "told"),
    [
        ("550 kh\xf4ng c\xf3 ng\u01b0\u1eddi n\xe0y".encode(), "dead", "550 không có người này"),
        (b"550 r\xe9pondeur \xff\xfe", "dead", "550 r?pondeur ??"),
        (b"550 b\x00\x1b[31m\x7fc", "dead", "550 b [31m c"),
        (b"550 " + b"x" * 4000, "dead", "x…. Hãy kiểm tra"),
        (b"451 \xc3\x28", "owed", "451 ?("),
        (b"\xe9\xe9\xe9", "owed", "máy chủ thư trả lời không đúng giao thức SMTP"),
        (b"999 what", "owed", "999 what"),
        (b"-50 what", "owed", "không đúng giao thức"),
    ],
)
async def test_whatever_bytes_a_server_answers_the_reason_can_be_kept_and_read(
    engine: Engine, answer: bytes, state: str, told: str
) -> None:
    number, other = owe(engine, "xa@giaochau.example"), owe(engine)
    async with mail_server() as server:
        server.at_data["xa@giaochau.example"].append(answer)
        await deliver(engine, settings(server, connections=1), AT)
    kept = row(engine, number)
    assert kept.state == state
    assert told in kept.last_error
    assert row(engine, other).state == "sent"


@pytest.mark.parametrize("answer", ["252 perhaps", "354 go on", "999 what", "200 ok"])
async def test_an_answer_to_the_text_that_is_neither_yes_nor_no_counts_as_perhaps_sent(
    sqlite_engine: Engine, answer: str
) -> None:
    number = owe(sqlite_engine, "xa@giaochau.example")
    async with mail_server() as server:
        server.at_data["xa@giaochau.example"].append(answer)
        await deliver(sqlite_engine, settings(server), AT)
    assert (row(sqlite_engine, number).state, row(sqlite_engine, number).unconfirmed) == ("owed", 1)


# Lost connections


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


# STARTTLS and AUTH


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


# Several senders


async def test_a_vanished_senders_letter_passes_on_and_counts_as_perhaps_sent(engine: Engine) -> None:
    number = owe(engine)
    with transaction(engine) as session:
        assert claim(session, at=AT, limit=10, lease_until=AT + timedelta(seconds=60), sender="killed")
    async with mail_server() as server:
        assert (await deliver(engine, settings(server), AT + timedelta(seconds=59))).sent == 0
        assert (await deliver(engine, settings(server), AT + timedelta(seconds=60))).sent == 1
    assert (row(engine, number).state, row(engine, number).unconfirmed) == ("sent", 1)


async def test_a_late_sender_does_not_overwrite_the_newer_mark(engine: Engine) -> None:
    number = owe(engine)
    with transaction(engine) as session:
        held = claim(session, at=AT, limit=10, lease_until=AT + timedelta(seconds=60), sender="frozen")
    later = AT + timedelta(minutes=5)
    async with mail_server() as server:
        await deliver(engine, settings(server), later)
    before = row(engine, number)
    with transaction(engine) as session:
        late = mark(session, [Outcome(held[0], LetterState.DEAD, "550")], at=AT, sender="frozen")
    after = row(engine, number)
    assert late == 1
    assert (after.state, after.sent_at, after.last_error) == (before.state, later, "")


async def test_a_sender_that_froze_gives_back_what_it_has_not_begun(sqlite_engine: Engine) -> None:
    for _ in range(5):
        owe(sqlite_engine)
    seconds = [0.0]

    def freeze() -> None:
        seconds[0] += 46  # 60 of lease less 3 answers of 5: nothing may be begun after 45
        server.before_answer = lambda: None

    async with mail_server() as server:
        server.before_answer = freeze
        told = await deliver(sqlite_engine, settings(server, connections=1), AT, at_most=5, elapsed=lambda: seconds[0])
        assert (told.sent, told.waiting) == (1, 4)
        assert all(letter.lease_until is None for letter in all_rows(sqlite_engine))
        assert (await deliver(sqlite_engine, settings(server), AT)).sent == 4
    assert Counter(letter.unconfirmed for letter in all_rows(sqlite_engine)) == {0: 5}
    assert len(server.received) == 5


async def test_a_lease_runs_on_with_the_seconds_that_pass_while_letters_leave(sqlite_engine: Engine) -> None:
    owe(sqlite_engine)
    seconds = [0.0]

    def look() -> None:
        (letter,) = all_rows(sqlite_engine)
        assert letter.lease_until == AT + timedelta(seconds=60)

    async with mail_server() as server:
        server.before_answer = look
        assert (await deliver(sqlite_engine, settings(server), AT, elapsed=lambda: seconds[0])).sent == 1


async def test_two_senders_at_once_send_each_letter_once(engine: Engine) -> None:
    for number in range(120):
        owe(engine, f"nguoi{number}@giaochau.example")
    async with mail_server() as server:
        both = await asyncio.gather(*(deliver(engine, settings(server), AT, at_most=120) for _ in range(2)))
    assert Counter(server.recipients) == {f"nguoi{number}@giaochau.example": 1 for number in range(120)}
    assert sum(told.sent for told in both) == 120
    assert sum(told.marked_late for told in both) == 0
    assert {letter.state for letter in all_rows(engine)} == {"sent"}


async def test_two_senders_on_postgresql_claim_without_waiting_for_each_other(postgres_engine: Engine) -> None:
    for _ in range(10):
        owe(postgres_engine)
    with transaction(postgres_engine) as first, transaction(postgres_engine) as second:
        mine = claim(first, at=AT, limit=6, lease_until=AT + timedelta(minutes=1), sender="first")
        theirs = claim(second, at=AT, limit=6, lease_until=AT + timedelta(minutes=1), sender="second")
        assert (len(mine), len(theirs)) == (6, 4)
        assert not {letter.id for letter in mine} & {letter.id for letter in theirs}


# The letterbox of the demo


async def test_the_letterbox_keeps_letters_as_files_in_a_process_of_its_own(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    for _ in range(3):
        owe(sqlite_engine)
    with start_letterbox(tmp_path / "thu") as letterbox:
        assert Path(f"/proc/{letterbox.pid}").exists()
        told = await deliver(sqlite_engine, settings(letterbox.port), AT)
        assert told.sent == 3
        assert [kept.name for kept in letterbox.letters()] == ["000001.eml", "000002.eml", "000003.eml"]
        assert b"Message-ID:" in letterbox.letters()[0].read_bytes()
    assert not Path(f"/proc/{letterbox.pid}").exists()
    owe(sqlite_engine)
    with start_letterbox(tmp_path / "thu") as letterbox:
        await deliver(sqlite_engine, settings(letterbox.port), AT)
        assert [kept.name for kept in letterbox.letters()][-1] == "000004.eml"


def test_a_letterbox_on_a_taken_port_says_so(tmp_path: Path) -> None:
    with start_letterbox(tmp_path / "one") as first:
        second = start_letterbox(tmp_path / "two", first.port)
        with pytest.raises(RuntimeError, match="Không mở được hộp thư thử"):
            second.__enter__()
