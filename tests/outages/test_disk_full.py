"""A full disk: an act, a delivery, a backup and an attachment fail plainly, leave nothing half done, and work once there is room."""

import asyncio
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError

from casework import attachments, backup
from casework.settings import AttachmentSettings
from cli.main import command
from models.letters import Letter
from models.session import reading
from notifications.delivery import deliver
from tests.factories import an_office
from tests.integration.mail_server import MailServer, mail_server
from tests.outages.chaos_mail import settings
from tests.records import record


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """Let the kernel refuse this process every byte beyond a size of any file, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def log_of(folder: Path) -> int:
    """Return the size of the record's write-ahead log: what is committed goes there first."""
    log = folder / "ocop.db-wal"
    return log.stat().st_size if log.exists() else 0


def test_an_act_on_a_full_disk_leaves_nothing_and_the_same_request_goes_through_after(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    office = an_office(sqlite_engine)
    before = record(sqlite_engine)
    for room in (1, 5_000, 30_000):  # at the first page, within a transaction's, at its end
        with no_file_longer_than(log_of(tmp_path) + room), pytest.raises(OperationalError, match="disk"):
            office.act("close-cycle", "36/officer", key="K", cycle="ND2025")
        assert record(sqlite_engine) == before
    assert office.act("close-cycle", "36/officer", key="K", cycle="ND2025")["replayed"] is False


def test_letters_that_leave_as_the_disk_fills_are_none_lost_and_counted_when_they_leave_again(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    office = an_office(sqlite_engine)
    ((owed, when),) = office.rows(select(func.count(), func.max(Letter.next_try_at)))

    async def story() -> MailServer:
        async with mail_server() as server:
            mail = settings(server.port, timeout=5, connections=1)
            full = no_file_longer_than(log_of(tmp_path) + 1)
            with full, pytest.raises(OperationalError, match="disk"):
                await deliver(sqlite_engine, mail, when)
            assert server.received == [], "what cannot be claimed does not leave"
            full = no_file_longer_than(0)

            def fill() -> None:
                full.__enter__()
                server.before_answer = lambda: None

            server.before_answer = fill
            with pytest.raises(ExceptionGroup) as failed:
                await deliver(sqlite_engine, mail, when)
            assert failed.value.split(OperationalError)[1] is None
            full.__exit__(None, None, None)
            assert len(server.received) > 0
            assert (await deliver(sqlite_engine, mail, when)).sent == 0, "they are held until the lease ends"
            told = await deliver(sqlite_engine, mail, when + timedelta(hours=1))
            assert (told.waiting, told.dead) == (0, 0)
        return server

    server = asyncio.run(story())
    ((unconfirmed, letters),) = office.rows(select(func.sum(Letter.unconfirmed), func.count()))
    assert letters == owed == len(set(server.recipients))
    assert 0 < len(server.received) - letters <= unconfirmed


def test_a_backup_onto_a_full_disk_leaves_no_file_at_all(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    office = an_office(sqlite_engine)
    folder = tmp_path / "backups"
    files = tmp_path / "files"
    with reading(sqlite_engine) as session:
        whole = backup.back_up(session, files, folder / "whole.zip", office.now).size
    for room in (0, 1000, whole // 2, whole - 1):
        with no_file_longer_than(room), pytest.raises(OSError, match="too large"), reading(sqlite_engine) as session:
            backup.back_up(session, files, folder / "cut.zip", office.now)
        assert [file.name for file in folder.iterdir()] == ["whole.zip"]
    monkeypatch.setenv("OCOP_HOME", str(tmp_path))
    with no_file_longer_than(1000), pytest.raises(SystemExit) as ended:
        command()(["backup", str(folder / "cut.zip")], exit_on_error=False, print_error=False)
    assert ended.value.code == 1
    assert "Hết chỗ trên đĩa" in capsys.readouterr().err
    with reading(sqlite_engine) as session:
        assert backup.back_up(session, files, folder / "cut.zip", office.now).size == whole


def test_an_attachment_onto_a_full_disk_leaves_no_part_of_itself(tmp_path: Path) -> None:
    paper = b"%PDF-1.4 " + os.urandom(300_000)
    with no_file_longer_than(200_000), pytest.raises(OSError, match="too large"):
        attachments.store(tmp_path / "files", "phieu.pdf", BytesIO(paper), AttachmentSettings())
    assert [file for file in (tmp_path / "files").rglob("*") if file.is_file()] == []
    assert attachments.store(tmp_path / "files", "phieu.pdf", BytesIO(paper), AttachmentSettings()).new
