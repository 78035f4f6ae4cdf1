"""From a letter's row to a mail that arrived: what is in it, and when it may leave."""

import sqlite3
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.cycles import CalendarDay
from models.letters import LetterState
from models.session import transaction
from notifications.delivery import Delivered, deliver
from notifications.settings import MailSettings
from ocop.notices import Notice
from tests.integration.letter_facts import CODE, full
from tests.integration.mail_server import mail_server
from tests.integration.owed_letters import AT, owe, row, settings

pytestmark = pytest.mark.anyio


@pytest.fixture
def elsewhere(sqlite_engine: Engine, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another program at the same SQLite file, which does not wait."""
    del sqlite_engine
    connection = sqlite3.connect(tmp_path / "ocop.db", timeout=0, isolation_level=None)
    yield connection
    connection.close()


def named(text: bytes, header: str) -> str:
    """Return the name before the address, joined as RFC 2047 says: the new parser of Python 3.11 puts spaces into it."""
    name, _ = parseaddr(message_from_bytes(text, policy=policy.compat32)[header])
    return str(make_header(decode_header(name)))


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


async def test_a_letter_that_waited_for_its_sender_leaves_neither_at_night_nor_on_a_day_off_but_a_legal_one_does(
    engine: Engine,
) -> None:
    with transaction(engine) as session:
        session.add(CalendarDay(day=date(2025, 6, 18), kind="holiday", name="Nghỉ (mô phỏng)", source="test"))
    owe(engine)
    owe(engine, notice=Notice.EXPIRED.value, facts=full(Notice.EXPIRED))
    async with mail_server() as server:
        sent = [
            (await deliver(engine, settings(server), AT.replace(day=day, hour=hour, minute=minute))).sent
            for day, hour, minute in (
                (16, 13, 0),  # 20:00 of Monday: the legal one
                (17, 0, 29),  # 7:29 of Tuesday
                (18, 3, 0),  # ten in the morning of a holiday
                (21, 3, 0),  # Saturday
                (23, 0, 30),  # 7:30 of Monday
            )
        ]
    assert sent == [1, 0, 0, 0, 1]


async def test_a_letter_that_failed_in_the_evening_is_tried_again_when_the_office_opens(engine: Engine) -> None:
    number = owe(engine, "ban@giaochau.example", tries=12, give_up_at=AT + timedelta(days=9))
    async with mail_server() as server:
        server.at_rcpt["ban@giaochau.example"].append("451 busy")
        friday = AT.replace(day=20, hour=10, minute=30)  # 17:30: four hours on is night
        assert (await deliver(engine, settings(server), friday)).retried == 1
    assert row(engine, number).next_try_at == AT.replace(day=23)
