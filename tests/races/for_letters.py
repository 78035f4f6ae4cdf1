"""Races for one letter, against a real mail server."""

import asyncio
from datetime import timedelta
from email import message_from_bytes
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from models.letters import Letter, LetterState
from models.session import transaction
from notifications.delivery import deliver
from notifications.settings import MailSettings, StartTls
from tests.integration.mail_server import HOST
from tests.races.shown import View, rows
from tests.races.track import Contender, Heat
from tests.races.world import POSTING, World

APART = timedelta(seconds=20)
"""A thousand letters are due before the evening, when none leaves."""


def posted(world: World) -> None:
    """Leave as many letters to be sent as there are rounds, one due after the other within office hours."""
    owed = select(Letter.id).where(Letter.state == LetterState.OWED.value).order_by(Letter.id)
    with transaction(world.engine) as session:
        world.letters = list(session.scalars(owed.limit(len(world.dossiers))))
        others = Letter.state == LetterState.OWED.value, Letter.id > world.letters[-1]
        session.execute(update(Letter).where(*others).values(state=LetterState.HELD.value))
        for number, letter in enumerate(world.letters):
            due = POSTING + number * APART
            times = {"send_from": due, "next_try_at": due, "give_up_at": due + timedelta(days=3)}
            session.execute(update(Letter).where(Letter.id == letter).values(times))


def two_deliveries(world: World, number: int) -> Heat:
    """Two senders are woken for the one letter that is due."""
    letter, when = world.letters[number], POSTING + number * APART
    mail = MailSettings(
        host=HOST, port=world.mail.port, starttls=StartTls.NEVER, sender_address="ocop@office.example", connections=1
    )

    def sending(says: str) -> Contender:
        def run(engine: Engine) -> Any:
            told = asyncio.run(deliver(engine, mail, when))
            return told.sent, told.retried, told.dead, told.marked_late, told.away

        return Contender(says, run)

    def view(connection: Connection) -> View:
        ((message_id, *marks),) = rows(
            connection,
            select(Letter.message_id, Letter.state, Letter.tries, Letter.unconfirmed).where(Letter.id == letter),
        )
        received = [message_from_bytes(text)["Message-ID"] == message_id for _, text in world.mail.received[number:]]
        return {"history": [], "letter": [tuple(marks)], "received": received}

    return Heat((sending("người gửi"), sending("người cùng gửi")), world.look(view))
