"""Letters per second from the record to a mail server, against bare aiosmtplib that sends the same mails."""

import asyncio
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from aiosmtplib import SMTP
from sqlalchemy import Engine, insert, select, update

from benchmarks.figures import Figure, at_least, interleaved
from models import migrate
from models.letters import Letter, LetterState
from models.session import make_engine, reading, transaction
from models.settings import DatabaseSettings
from notifications.delivery import deliver
from notifications.message import Mail, compose
from notifications.rendering import render
from notifications.settings import MailSettings, StartTls
from ocop.notices import Notice

AT = datetime(2025, 6, 16, 0, 30, tzinfo=UTC)
LETTERS = 2_000
CONNECTIONS = 4
BARE_GOAL = 1 / 3
"""The delivery's speed as a part of bare aiosmtplib's on as many connections."""
EACH_GOAL = 3.0
"""The delivery's speed as a multiple of one connection for each message."""
SMTP_SINK = shutil.which("smtp-sink") or shutil.which("smtp-sink", path="/usr/sbin")
"""Debian postfix's sink, which answers as fast as a mail server can."""
PYTHON_SINK = (sys.executable, "-m", "aiosmtpd", "-n", "-c", "aiosmtpd.handlers.Sink", "-l", "{}")
PLAIN_SINK = (SMTP_SINK, "-u", "root", "{}", "1000") if SMTP_SINK else PYTHON_SINK
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Way:
    """How letters reach a mail server."""

    port: int
    ca_file: Path | None = None
    """Who vouches for it; None: nothing is encrypted."""

    def settings(self) -> MailSettings:
        """Return the delivery's settings."""
        return MailSettings(
            host=HOST,
            port=self.port,
            starttls=StartTls.REQUIRED if self.ca_file else StartTls.NEVER,
            ca_file=self.ca_file,
            sender_address="ocop@bench.example",
            connections=CONNECTIONS,
        )

    def client(self) -> SMTP:
        """Return the plain client."""
        return SMTP(
            hostname=HOST,
            port=self.port,
            start_tls=self.ca_file is not None,
            cert_bundle=str(self.ca_file) if self.ca_file else None,
            local_hostname="localhost",
        )


@contextmanager
def sink(*program: str) -> Iterator[int]:
    """Run a mail server that takes everything, in a process of its own, and give its port; '{}' stands for its address."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    address = f"{HOST}:{port}"
    with subprocess.Popen(
        [word.replace("{}", address) for word in program], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            socket.create_connection((HOST, port), 1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def owe(engine: Engine, number: int) -> None:
    """Write letters of a dossier's ordinary event, each to a reader of its own."""
    facts = {
        "recipient_name": "Nguyễn Thị Hường", "unit_name": "Xã Giao Châu", "reply_name": "Huyện Giao Thủy",
        "cycle_title": "Triển khai Chương trình OCOP năm 2025", "simulated": True, "owed_on": "2025-06-10",
        "dossier": {
            "code": "ND-2025-0117", "product": "Nước mắm Sa Châu", "producer": "Hợp tác xã Giao Châu",
            "kind_label": "nâng hạng", "commune": "Xã Giao Châu", "district": "Huyện Giao Thủy",
            "stage_label": "Huyện đánh giá", "waits_for": "hội đồng cấp huyện họp và huyện ký kết quả",
            "holder": "Huyện Giao Thủy",
        },
        "event": "route", "occurred_on": "2025-06-09", "reason": "", "document": "12/BC-UBND",
        "rule": "Quyết định 148/QĐ-TTg, trình tự đánh giá, phân hạng: cấp huyện", "due_on": "2025-06-14",
    }  # fmt: skip
    with transaction(engine) as session:
        session.execute(
            insert(Letter),
            [
                {
                    "key": f"bench/{one}", "notice": Notice.FORWARDED_TO_DISTRICT.value, "cause": f"bench/{one}",
                    "recipient": f"person/{one}", "recipient_name": f"Nguyễn Thị Hường {one}",
                    "email": f"nguoi{one}@bench.example", "reply_to": "canbo@bench.example", "facts": facts,
                    "state": LetterState.OWED.value, "owed_at": AT, "send_from": AT,
                    "give_up_at": AT + timedelta(days=3), "next_try_at": AT,
                    "message_id": f"<{one:032x}@letters.ocop.invalid>", "simulated": True,
                }
                for one in range(number)
            ],
        )  # fmt: skip


def delivery_seconds(engine: Engine, way: Way, number: int) -> float:
    """Return the seconds of one delivery: claim, render, compose, send, mark, each durably committed."""
    with transaction(engine) as session:
        session.execute(update(Letter).values(state=LetterState.OWED.value, tries=0, subject=None, body=None))
    began = time.perf_counter()
    told = asyncio.run(deliver(engine, way.settings(), AT))
    took = time.perf_counter() - began
    assert told.sent == number, told
    return took


def prepared(engine: Engine, way: Way) -> list[Mail]:
    """Return the very mails that the delivery sends."""
    with reading(engine) as session:
        letters = session.scalars(select(Letter).order_by(Letter.id)).all()
        return [compose(letter, render(letter), way.settings(), AT) for letter in letters]


def bare_seconds(way: Way, mails: Sequence[Mail]) -> float:
    """Return the seconds of plain aiosmtplib on as many connections, its mails ready in memory and nothing kept of them."""

    async def send(some: Sequence[Mail]) -> None:
        async with way.client() as client:
            for mail in some:
                await client.sendmail(mail.sender, [mail.recipient], mail.content)

    async def all_of_them() -> None:
        await asyncio.gather(*(send(mails[start::CONNECTIONS]) for start in range(CONNECTIONS)))

    began = time.perf_counter()
    asyncio.run(all_of_them())
    return time.perf_counter() - began


def one_each_seconds(way: Way, mails: Sequence[Mail]) -> float:
    """Return the seconds of aiosmtplib with a new connection for each mail, one after the other."""

    async def send() -> None:
        for mail in mails:
            async with way.client() as client:
                await client.sendmail(mail.sender, [mail.recipient], mail.content)

    began = time.perf_counter()
    asyncio.run(send())
    return time.perf_counter() - began


def compared(folder: Path, way: Way, number: int, to: str) -> Iterator[Figure]:
    """Measure the delivery, bare aiosmtplib and one connection a message in turn, over the same way."""
    engine = make_engine(DatabaseSettings(home=folder, db_url=""))
    migrate.upgrade(engine)
    owe(engine, number)
    mails = prepared(engine, way)
    ours, bare, each = interleaved(
        [
            lambda turn: delivery_seconds(engine, way, number),
            lambda turn: bare_seconds(way, mails),
            lambda turn: one_each_seconds(way, mails),
        ]
    )
    engine.dispose()
    speed, floor, slow = (number / seconds for seconds in (ours, bare, each))
    told = f"{speed:,.0f} a second to"
    yield at_least(f"letters {to}, to bare aiosmtplib on 4", speed / floor, BARE_GOAL, f"{told} {floor:,.0f}")
    yield at_least(f"letters {to}, to one connection each", speed / slow, EACH_GOAL, f"{told} {slow:,.0f}")


def figures() -> Iterator[Figure]:
    """Measure plain to the fastest sink there is, and with STARTTLS, which is the default of an installation."""
    with tempfile.TemporaryDirectory() as folder, sink(*PLAIN_SINK) as port:
        yield from compared(Path(folder), Way(port), LETTERS, "to smtp-sink" if SMTP_SINK else "to aiosmtpd")
    with tempfile.TemporaryDirectory() as folder:
        authority, here = trustme.CA(), Path(folder)
        authority.cert_pem.write_to_path(str(here / "ca.pem"))
        server = authority.issue_cert(HOST)
        server.private_key_pem.write_to_path(str(here / "key.pem"))
        server.cert_chain_pems[0].write_to_path(str(here / "cert.pem"))
        safe = ("--tlscert", str(here / "cert.pem"), "--tlskey", str(here / "key.pem"))
        with sink(*PYTHON_SINK, *safe) as port:
            yield from compared(here, Way(port, here / "ca.pem"), LETTERS // 20, "over STARTTLS")
