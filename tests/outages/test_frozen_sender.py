"""A sender that is frozen while its lease ends: another takes its letters over, the thaw is marked late, nothing is lost."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from models.letters import Letter, LetterState
from notifications.delivery import deliver
from tests.integration.mail_server import MailServer, mail_server
from tests.outages.chaos_mail import AT, owe, settings

pytestmark = pytest.mark.long

SENDER = """
import asyncio, sys
from datetime import datetime
from models.session import make_engine
from models.settings import DatabaseSettings
from notifications.delivery import deliver
from notifications.settings import MailSettings
engine = make_engine(DatabaseSettings())
told = asyncio.run(deliver(engine, MailSettings(), datetime.fromisoformat(sys.argv[1])))
print(told.sent, told.retried, told.dead, told.marked_late)
"""
LEASE = 2.0
LETTERS = 12


def child(engine: Engine, port: int) -> subprocess.Popen[str]:
    """Start a process that delivers, on two connections, under a short lease."""
    environment = os.environ | {
        "OCOP_DB_URL": engine.url.render_as_string(hide_password=False),
        "OCOP_SMTP_HOST": "127.0.0.1",
        "OCOP_SMTP_PORT": str(port),
        "OCOP_SMTP_STARTTLS": "never",
        "OCOP_SMTP_SENDER_ADDRESS": "ocop@namdinh.example",
        "OCOP_SMTP_CONNECTIONS": "2",
        "OCOP_SMTP_TIMEOUT": "0.6",
        "OCOP_SMTP_LEASE_SECONDS": str(LEASE),
    }
    return subprocess.Popen(
        [sys.executable, "-c", SENDER, AT.isoformat()],
        env=environment,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )


def freeze_between_marks(engine: Engine, pid: int) -> None:
    """Stop a child of ours; on SQLite not while it writes, or nobody could until it goes on: it has one writer at a time."""
    with engine.connect() as connection:
        connection.execute(select(1))
        os.kill(pid, signal.SIGSTOP)
        os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)


@pytest.mark.parametrize("frozen_at", [1, 5, LETTERS])
def test_a_frozen_senders_letters_pass_on_and_every_second_copy_is_counted(engine: Engine, frozen_at: int) -> None:
    """Stop a real sender while the server has its n-th text and has not answered; thaw it when all is delivered."""
    owe(engine, LETTERS)

    async def story() -> tuple[MailServer, str]:
        async with mail_server() as server:
            frozen = asyncio.Event()
            texts = 0

            def freeze() -> None:
                nonlocal texts
                texts += 1
                if texts == frozen_at:
                    freeze_between_marks(engine, sender.pid)
                    server.before_answer = lambda: None
                    frozen.set()

            server.before_answer = freeze
            with child(engine, server.port) as sender:
                try:
                    async with asyncio.timeout(60):
                        await frozen.wait()
                    later = AT.replace(hour=AT.hour + 1)  # the lease of the frozen one has ended long since
                    told = await deliver(engine, settings(server.port, timeout=5), later)
                    assert (told.dead, told.marked_late) == (0, 0)
                    os.kill(sender.pid, signal.SIGCONT)
                    said, _ = await asyncio.to_thread(sender.communicate, timeout=60)
                    # On PostgreSQL rows that it was marking as it froze stay its own until it goes on.
                    assert (await deliver(engine, settings(server.port, timeout=5), later)).waiting == 0
                finally:
                    sender.kill()
        return server, said

    server, said = asyncio.run(story())
    sent, retried, dead, late = map(int, said.split())
    with engine.connect() as connection:
        rows = connection.execute(select(Letter.state, Letter.email, Letter.unconfirmed)).all()
    assert {row.state for row in rows} == {LetterState.SENT}
    copies = Counter(server.recipients)
    assert copies.keys() == {row.email for row in rows}, "none is lost, none astray"
    assert all(copies[row.email] <= 1 + row.unconfirmed for row in rows), "each second copy is counted"
    assert late > 0, "what the frozen one learned after the lease is marked late and changes nothing"
    assert sent + retried + dead >= late
