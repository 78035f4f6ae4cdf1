"""A SQLite file that another process holds longer than we wait: a plain fault, nothing half done, and the next try goes through."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError

from cli.main import command
from models.letters import Letter
from models.session import make_engine
from models.settings import DatabaseSettings
from notifications.delivery import deliver
from tests.factories import Office, an_office
from tests.integration.mail_server import MailServer, mail_server
from tests.outages.chaos_mail import settings
from tests.records import record

HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held_by_another(file: Path) -> Iterator[None]:
    """Let another process write to the record and not come to an end."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            process.kill()


@pytest.fixture
def impatient(sqlite_engine: Engine, tmp_path: Path) -> Iterator[Office]:
    """A small world on a file for which a writer waits a twentieth of a second."""
    an_office(sqlite_engine)
    engine = make_engine(DatabaseSettings(home=tmp_path, db_url="", db_busy_seconds=0.05))
    yield Office(engine)
    engine.dispose()


def test_an_act_under_a_held_file_fails_plainly_and_the_same_request_goes_through_after(
    impatient: Office, tmp_path: Path
) -> None:
    before = record(impatient.engine)
    with held_by_another(tmp_path / "ocop.db"), pytest.raises(OperationalError, match="locked"):
        impatient.act("close-cycle", "36/officer", key="K", cycle="ND2025")
    assert record(impatient.engine) == before
    first = impatient.act("close-cycle", "36/officer", key="K", cycle="ND2025")
    assert first["replayed"] is False
    assert impatient.act("close-cycle", "36/officer", key="K", cycle="ND2025")["replayed"] is True


def test_the_command_says_it_in_a_sentence_and_ends_with_three(
    impatient: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OCOP_HOME", str(tmp_path))
    monkeypatch.setenv("OCOP_DB_BUSY_SECONDS", "0.05")
    with held_by_another(tmp_path / "ocop.db"), pytest.raises(SystemExit) as ended:
        command()(["reconcile", "--at=2025-05-05"], exit_on_error=False, print_error=False)
    assert ended.value.code == 3
    assert "Cơ sở dữ liệu không trả lời: database is locked" in capsys.readouterr().err


def test_letters_that_left_while_the_file_was_held_are_counted_when_they_leave_again(
    impatient: Office, tmp_path: Path
) -> None:
    async def begin(server: MailServer) -> None:
        holding = held_by_another(tmp_path / "ocop.db")
        server.before_answer = holding.__enter__
        with pytest.raises(ExceptionGroup) as failed:
            await deliver(impatient.engine, settings(server.port, timeout=5, connections=1), when)
        assert failed.value.split(OperationalError)[1] is None
        server.before_answer = lambda: None
        holding.__exit__(None, None, None)

    async def both() -> MailServer:
        async with mail_server() as server:
            await begin(server)
            told = await deliver(
                impatient.engine, settings(server.port, timeout=5), when.replace(year=when.year + 1), at_most=owed
            )
            assert (told.waiting, told.dead) == (0, 0)
        return server

    ((owed, when),) = impatient.rows(select(func.count(), func.max(Letter.next_try_at)))
    server = asyncio.run(both())
    ((unconfirmed, letters),) = impatient.rows(select(func.sum(Letter.unconfirmed), func.count()))
    assert letters == owed == len(set(server.recipients))
    assert 0 < len(server.received) - letters <= unconfirmed
