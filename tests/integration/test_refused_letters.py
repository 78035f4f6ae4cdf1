"""What becomes of a letter that the mail server or its own row refuses: tried again for a while, or dead with the reason."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Engine

from notifications.claims import FEWEST_TRIES, LONGEST_WAIT, wait
from notifications.delivery import deliver
from ocop.notices import Notice
from tests.integration.letter_facts import full
from tests.integration.mail_server import mail_server
from tests.integration.owed_letters import AT, owe, row, settings

pytestmark = pytest.mark.anyio


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
    owe(sqlite_engine, message_id="<one@letters.ocop.invalid>")
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
    assert 12 < tries < 30, "none of them at night"
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
