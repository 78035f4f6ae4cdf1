"""A mail server that misbehaves by a seed, and a delivery that is repeated against it until nothing is owed."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.parser import BytesHeaderParser
from itertools import islice
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import Engine, func, insert, select
from sqlalchemy.orm import Session as Record

from models.letters import Letter, LetterState
from models.session import transaction
from notifications.delivery import deliver
from notifications.facts import ACCOUNT_NOTICES
from notifications.settings import MailSettings, StartTls
from ocop.notices import Notice
from tests.integration.letter_facts import full
from tests.integration.mail_server import HANG_UP, SILENT, MailServer, mail_server

AT = datetime(2025, 6, 16, 0, 30, tzinfo=UTC)
"""07:30 of Monday 16/6/2025 in Viet Nam."""
FAULTS = 0.4
"""The part of all tries that meets a fault."""
TAKEN = "taken, then "
"""Opens a fault whose text the server keeps before it fails to say so."""
GARBAGE = "\x07 khong phai SMTP"

# fmt: off
CONVERSATION = (
    # step      what the server does                        how often
    ("mail",    "421 4.3.2 closing for maintenance",        4),
    ("mail",    "451 4.3.0 try later",                      3),
    ("mail",    HANG_UP,                                    2),
    ("mail",    GARBAGE,                                    1),
    ("rcpt",    "421 4.3.2 shutting down",                  3),
    ("rcpt",    "450 4.2.1 greylisted",                     6),
    ("rcpt",    "550 5.1.1 no such user",                   1),
    ("rcpt",    HANG_UP,                                    3),
    ("rcpt",    SILENT,                                     1),
    ("rcpt",    GARBAGE,                                    2),
    ("text",    "451 4.3.0 disk trouble",                   3),
    ("text",    "554 5.7.1 no mail for you",                1),
    ("text",    HANG_UP,                                    2),
    ("data",    "451 4.7.0 scanner is busy",                5),
    ("data",    "552 5.3.4 too big",                        1),
    ("data",    HANG_UP,                                    4),
    ("data",    SILENT,                                     1),
    ("data",    TAKEN + HANG_UP,                            8),
    ("data",    TAKEN + SILENT,                             2),
    ("data",    TAKEN + GARBAGE,                            3),
)
CONNECTING = (
    # what a connection meets               how often
    (HANG_UP,                               3),
    ("421 4.3.2 too many connections",      3),
    ("554 5.3.2 no service",                1),
    (SILENT,                                1),
    (GARBAGE,                               2),
)
# fmt: on


@dataclass
class ChaosServer(MailServer):
    """A mail server whose seed draws, for each connection and each try, whether and where it fails."""

    seed: int = 0
    faults: float = FAULTS
    tries: int = 0
    met: Counter[str] = field(default_factory=Counter)
    """What went wrong, by step and deed."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    @property
    def replies_lost(self) -> int:
        """How many texts were taken without a word of it to the sender."""
        return sum(number for what, number in self.met.items() if TAKEN in what)

    def greet(self) -> str:
        """Return how a connection is met."""
        if self._random.random() >= self.faults / 4:  # most connections come after a fault: they are not to double it
            return ""
        what = self._random.choices([what for what, _ in CONNECTING], [often for *_, often in CONNECTING])[0]
        self.met[f"connect: {what}"] += 1
        return what

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str | bytes:
        """Draw the fate of this try."""
        del options
        self.tries += 1
        session.fate = ("", "")
        if self._random.random() < self.faults:
            step, what, _ = self._random.choices(CONVERSATION, [often for *_, often in CONVERSATION])[0]
            session.fate = (step, what)
            self.met[f"{step}: {what}"] += 1
        if what := self._here(session, "mail"):
            return await self.misbehave(server, what)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str | bytes:
        """Take a recipient, or not."""
        del options
        if what := self._here(session, "rcpt"):
            return await self.misbehave(server, what)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def before_text(self, session: Session) -> str:
        """Ask for the text, or not."""
        return self._here(session, "text")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str | bytes:
        """Keep a text, or not, and say so, or not."""
        what = self._here(session, "data")
        if not what or what.startswith(TAKEN):
            (recipient,) = envelope.rcpt_tos
            self.received.append((recipient, envelope.original_content or b""))
        return await self.misbehave(server, what.removeprefix(TAKEN)) if what else "250 OK"

    def _here(self, session: Session, step: str) -> str:
        """Return what goes wrong at a step of this try."""
        where, what = session.fate
        return str(what) if where == step else ""


@dataclass
class Outcome:
    """What chaos left behind."""

    letters: list[Letter]
    received: list[tuple[str, bytes]]
    server: ChaosServer
    rounds: int
    marked_late: int

    @property
    def copies(self) -> Counter[str]:
        """How often each Message-ID arrived."""
        parse = BytesHeaderParser().parsebytes
        return Counter(str(parse(text)["Message-ID"]) for _, text in self.received)

    def line(self) -> str:
        """The numbers in one line."""
        copies, states = self.copies, Counter(letter.state for letter in self.letters)
        return (
            f"{len(self.letters)} letters, {self.server.tries} tries, {sum(self.server.met.values())} faults of "
            f"{len(self.server.met)} kinds, {self.rounds} rounds: {states[LetterState.SENT]} sent, "
            f"{states[LetterState.DEAD]} dead, {self.server.replies_lost} replies lost, "
            f"{sum(letter.unconfirmed for letter in self.letters)} counted as unconfirmed, "
            f"{sum(copies.values()) - len(copies)} duplicates"
        )


def settings(port: int, **known: Any) -> MailSettings:
    """Return settings with the shortest patience."""
    return MailSettings(
        **{
            "host": "127.0.0.1", "port": port, "starttls": StartTls.NEVER, "sender_address": "ocop@namdinh.example",
            "timeout": 0.15, "lease_seconds": 600.0, **known,
        }
    )  # fmt: skip


def owe(engine: Engine, number: int, *, give_up: timedelta = timedelta(hours=1), **known: Any) -> None:
    """Write so many letters of every kind that carries no link, each to a reader of its own, as casework does."""
    notices = sorted(set(Notice) - ACCOUNT_NOTICES)
    rows = (
        {
            "key": f"chaos/{one}", "notice": notices[one % len(notices)].value, "cause": f"chaos/{one}",
            "recipient": f"person/{one}", "recipient_name": f"Nguyễn Thị Hường {one}", "email": f"nguoi{one}@xa.example",
            "facts": full(notices[one % len(notices)]), "state": LetterState.OWED.value, "owed_at": AT, "send_from": AT,
            "give_up_at": AT + give_up, "next_try_at": AT, "tries": 0, "lease_by": "", "last_error": "",
            "unconfirmed": 0, "handed_over_by": "", "message_id": f"<{one:032x}@letters.ocop.invalid>",
            "simulated": True,
        } | known
        for one in range(1, number + 1)
    )  # fmt: skip
    with transaction(engine) as session:
        while some := list(islice(rows, 1000)):
            session.execute(insert(Letter), some)


async def until_nothing_is_owed(engine: Engine, server: ChaosServer) -> Outcome:
    """Deliver again and again on a driven clock; some rounds find nobody listening, some have two senders at work."""
    dice, rounds, late = random.Random(server.seed), 0, 0
    while (at := _next_round(engine)) is not None:
        rounds += 1
        assert rounds < 100, "the delivery does not come to an end"
        if dice.random() < 0.2:
            await deliver(engine, settings(server.port or 9), at, at_most=20)
            continue
        async with mail_server(server):
            senders = [deliver(engine, settings(server.port), at) for _ in range(dice.choice((1, 1, 2)))]
            for sender in senders:
                late += (await sender).marked_late
    with Record(engine) as session:
        letters = list(session.scalars(select(Letter).order_by(Letter.id)))
    return Outcome(letters, server.received, server, rounds, late)


def _next_round(engine: Engine) -> datetime | None:
    """Return when every letter that is owed may leave."""
    with Record(engine) as session:
        return session.scalar(select(func.max(Letter.next_try_at)).where(Letter.state == LetterState.OWED))
