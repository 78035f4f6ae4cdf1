"""Several senders share the letters: each is claimed by one, and passes on when its sender vanishes."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from models.letters import LetterState
from models.session import transaction
from notifications.claims import Outcome, claim, mark
from notifications.delivery import deliver
from tests.integration.mail_server import mail_server
from tests.integration.owed_letters import AT, all_rows, owe, row, settings

pytestmark = pytest.mark.anyio


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
