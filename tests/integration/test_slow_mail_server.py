"""A mail server that delays its answer within the sender's patience is waited for, and keeps no other letter waiting."""

import asyncio
from dataclasses import dataclass, field

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import Engine

from notifications.delivery import deliver
from tests.integration.mail_server import MailServer, mail_server
from tests.integration.owed_letters import AT, all_rows, owe, settings

pytestmark = pytest.mark.anyio


@dataclass
class SlowServer(MailServer):
    """Answers the first text only once so many others have come."""

    others: int = 3
    come: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str | bytes:
        """Take a letter; hold the answer back where it is the first."""
        first = not self.received
        answer = await super().handle_DATA(server, session, envelope)
        if len(self.received) > self.others:
            self.come.set()
        if first:
            await self.come.wait()
        return answer


async def test_an_answer_that_comes_late_but_in_time_is_waited_for_while_other_letters_leave(
    sqlite_engine: Engine,
) -> None:
    for number in range(4):
        owe(sqlite_engine, f"chuthe{number}@giaochau.example")
    async with mail_server(SlowServer()) as server:
        told = await deliver(sqlite_engine, settings(server, connections=2), AT)
    assert (told.sent, told.waiting) == (4, 0)
    assert len(set(server.recipients)) == len(server.recipients) == 4
    assert [(letter.state, letter.tries, letter.unconfirmed) for letter in all_rows(sqlite_engine)] == [
        ("sent", 1, 0)
    ] * 4
