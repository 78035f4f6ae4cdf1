"""Whatever a mail server does, no letter is lost, no stray one arrives, and a second copy is one that was counted."""

import unicodedata

import pytest
from sqlalchemy import Engine

from models.letters import LetterState
from tests.outages.chaos_mail import CONNECTING, CONVERSATION, ChaosServer, Outcome, owe, until_nothing_is_owed

pytestmark = pytest.mark.anyio


def held(outcome: Outcome) -> None:
    """Assert what is promised of letters."""
    by_id = {letter.message_id: letter for letter in outcome.letters}
    copies = outcome.copies
    assert {letter.state for letter in outcome.letters} == {LetterState.SENT, LetterState.DEAD}
    assert [letter.key for letter in outcome.letters if letter.state == "sent" and not copies[letter.message_id]] == []
    assert copies.keys() - by_id.keys() == set(), "stray"
    for recipient, text in outcome.received:
        message_id = text.partition(b"Message-ID: ")[2].partition(b"\r\n")[0].decode()
        assert by_id[message_id].email == recipient
    for letter in outcome.letters:
        confirmed = letter.state == LetterState.SENT
        assert copies[letter.message_id] <= confirmed + letter.unconfirmed, f"an uncounted copy of {letter.key}"
        if confirmed:
            assert letter.last_error == ""
        else:
            assert letter.last_error.startswith(("Máy chủ thư từ chối: ", "Đã hết thời gian gửi lại. "))
            assert unicodedata.is_normalized("NFC", letter.last_error)
    unconfirmed = sum(letter.unconfirmed for letter in outcome.letters)
    assert sum(copies.values()) - len(copies) <= unconfirmed
    assert outcome.server.replies_lost <= unconfirmed, "every reply that was lost is counted"
    assert outcome.marked_late == 0


async def test_three_hundred_letters_survive_a_mail_server_in_chaos(sqlite_engine: Engine) -> None:
    owe(sqlite_engine, 300)
    held(await until_nothing_is_owed(sqlite_engine, ChaosServer(seed=1)))


@pytest.mark.long
async def test_ten_thousand_letters_survive_a_mail_server_in_chaos(engine: Engine) -> None:
    owe(engine, 10_000)
    outcome = await until_nothing_is_owed(engine, ChaosServer(seed=2))
    held(outcome)
    print(f"\n{engine.dialect.name}: {outcome.line()}")  # noqa: T201  # the figures of docs/proof.md
    met = outcome.server.met
    assert met.keys() == {f"{step}: {what}" for step, what, _ in CONVERSATION} | {
        f"connect: {what}" for what, _ in CONNECTING
    }
    assert {letter.last_error.partition(" ")[0] for letter in outcome.letters if letter.state == "dead"} == {
        "Máy",
        "Đã",
    }
