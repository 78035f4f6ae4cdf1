"""Delivers the letters that are due: claim, commit, send on several connections, mark; no transaction waits for a mail server."""

import asyncio
import logging
import os
import secrets
import socket
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from jinja2 import TemplateError
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from models.letters import Letter, LetterState
from models.secret import Secret
from models.session import reading, transaction
from notifications import links
from notifications.claims import Outcome, bury_unreadable, claim, given_up, mark, release
from notifications.connection import Away, Connection, Later, Refused
from notifications.message import Undeliverable, compose
from notifications.rendering import render
from notifications.settings import REPLIES, MailSettings

BATCH = 200
"""Letters claimed at once."""
TOGETHER = 0.05
"""Seconds for which answers are gathered before they are marked: what a sender that is killed may leave sent and unmarked."""
UNWRITABLE = (
    TemplateError, LookupError, TypeError, ValueError, ArithmeticError, AttributeError, RecursionError, OSError,
)  # fmt: skip
"""What a template, its file, or facts that do not fit it may raise."""

LONGEST_FAULT = 250
"""How much of a fault's own words an officer reads; what to do comes after them."""

log = logging.getLogger("ocop.letters")


@dataclass
class Delivered:
    """What one delivery did, and what is left."""

    sent: int = 0
    retried: int = 0
    dead: int = 0
    marked_late: int = 0
    """Answered after another sender had taken the letter over: it may have left twice."""
    waiting: int = 0
    to_hand_over: int = 0
    dead_in_all: int = 0
    away: str = ""
    """Why no letter got through; empty when the server took letters."""
    alerts: list[str] = field(default_factory=list)
    """What a person has to look at, in Vietnamese, without addresses."""

    @property
    def standing(self) -> str:
        """Where letters stand after it: 'Away', 'Waiting' for a later try or hour, or 'Sent'."""
        return "Away" if self.away else "Waiting" if self.waiting else "Sent"

    @property
    def message(self) -> str:
        """The numbers in one Vietnamese sentence."""
        told = f"Đã gửi {self.sent} thư"
        for number, what in (
            (self.retried, "chưa gửi được, sẽ gửi lại"),
            (self.dead, "bị từ chối hẳn"),
            (self.marked_late, "có thể đã gửi hai lần"),
        ):
            told += f", {number} thư {what}" if number else ""
        told += f"; còn {self.waiting} thư chờ gửi, {self.to_hand_over} thư chờ trao tay"
        told += f", {self.dead_in_all} thư không gửi được cần xử lý" if self.dead_in_all else ""
        return f"{told}. Máy chủ thư: {self.away}" if self.away else f"{told}."


async def deliver(
    engine: Engine,
    settings: MailSettings,
    at: datetime,
    *,
    at_most: int | None = None,
    sender: str = "",
    elapsed: Callable[[], float] = time.monotonic,
    connect: Callable[[MailSettings], Connection] = Connection,
    secret: Secret | None = None,
) -> Delivered:
    """Send the letters due at an instant until none is left, or the server is away.

    A letter leaves at least once, with the same Message-ID at each try. `at` dates the mails and the marks; leases run
    on from it by the seconds that really pass (`elapsed`). `connect` makes the connections to the mail server. `secret` is
    the installation's, for the letters that carry a link; without it they are not written.
    """
    delivery = _Delivery(engine, settings, at, sender or _name(), elapsed, connect, secret)
    if settings.host:
        await delivery.run(at_most)
    else:
        delivery.told.away = "Chưa đặt OCOP_SMTP_HOST: thư được giữ lại cho đến khi có máy chủ thư."
    await asyncio.to_thread(delivery.count)
    return delivery.told


def unwritable(fault: Exception) -> str:
    """Return why a letter cannot be written and what to do, as its row and its printed sheet say it."""
    told = str(fault)[:LONGEST_FAULT] or type(fault).__name__
    return f"Không soạn được thư: {told}. Hãy báo người quản trị phần mềm; sửa xong thì bấm gửi lại."


def _name() -> str:
    return f"{socket.gethostname()[:30]}/{os.getpid()}/{secrets.token_hex(4)}"


class _Delivery:
    def __init__(
        self, engine: Engine, settings: MailSettings, at: datetime, sender: str, elapsed: Callable[[], float],
        connect: Callable[[MailSettings], Connection], secret: Secret | None,
    ) -> None:  # fmt: skip
        self.told = Delivered()
        self._engine = engine
        self._settings = settings
        self._at = at
        self._sender = sender
        self._elapsed = elapsed
        self._secret = secret
        self._links: dict[int, Mapping[str, str]] = {}
        self._started = elapsed()
        self._connections = [connect(settings) for _ in range(settings.connections)]

    async def run(self, at_most: int | None) -> None:
        left = at_most
        await asyncio.to_thread(self._drop_void)
        try:
            while not self.told.away and (left is None or left > 0):
                limit = BATCH if left is None else min(BATCH, left)
                letters = await asyncio.to_thread(self._claim, limit)
                if not letters:
                    return
                await self._send(letters)
                left = None if left is None else left - len(letters)
        finally:
            await asyncio.gather(*(connection.close() for connection in self._connections))

    def count(self) -> None:
        """Count what is left."""
        states = (LetterState.OWED, LetterState.TO_HAND_OVER, LetterState.DEAD)
        with reading(self._engine) as session:
            rows = session.execute(
                select(Letter.state, func.count()).where(Letter.state.in_(states)).group_by(Letter.state)
            )
            found = {state: number for state, number in rows}
        self.told.waiting, self.told.to_hand_over, self.told.dead_in_all = (found.get(state, 0) for state in states)

    def _now(self) -> datetime:
        return self._at + timedelta(seconds=self._elapsed() - self._started)

    def _claim(self, limit: int) -> list[Letter]:
        self._lease_end = self._elapsed() + self._settings.lease_seconds
        lease_until = self._now() + timedelta(seconds=self._settings.lease_seconds)
        try:
            with transaction(self._engine) as session:
                return self._linked(
                    session, claim(session, at=self._at, limit=limit, lease_until=lease_until, sender=self._sender)
                )
        except ValueError:  # a row among them is damaged: it must not keep the others back
            log.exception("a letter that is due cannot be read")
        with transaction(self._engine) as session:
            for letter, fault in bury_unreadable(session, at=self._at):
                self.told.dead += 1
                self.told.alerts.append(f"Không đọc được thư {letter}: {fault}")
            return self._linked(
                session, claim(session, at=self._at, limit=limit, lease_until=lease_until, sender=self._sender)
            )

    def _linked(self, session: Session, letters: list[Letter]) -> list[Letter]:
        """Find the links that letters carry, while the session is open; return the letters."""
        self._links |= links.opened(session, letters, self._secret)
        return letters

    def _drop_void(self) -> None:
        with transaction(self._engine) as session:
            links.drop_void(session, self._at)

    async def _send(self, letters: Sequence[Letter]) -> None:
        """Send a batch; what is answered is marked while the rest is on its way."""
        waiting, done, learnt = deque(letters), asyncio.Queue[Outcome | None](), _Batch()
        async with asyncio.TaskGroup() as batch:  # marks that fail stop the sending, or letters would leave twice
            batch.create_task(self._mark_as_they_come(done))
            async with asyncio.TaskGroup() as senders:
                for connection in self._connections:
                    senders.create_task(self._work(connection, waiting, done, learnt))
            if learnt.away and not learnt.answered:
                self.told.away = learnt.away
                while waiting:
                    reason = f"Không gửi được qua máy chủ thư: {learnt.away}"
                    done.put_nowait(self._failed(waiting.popleft(), reason))
            done.put_nowait(None)
        if waiting:
            await asyncio.to_thread(self._release, tuple(waiting))

    async def _work(
        self, connection: Connection, waiting: deque[Letter], done: asyncio.Queue[Outcome | None], batch: "_Batch"
    ) -> None:
        """Send one letter after the other on one connection; one that cannot reach the server gives its letter back.

        What is left over when some letters got through is claimed anew; when none did, the server is away, and that is a
        failed try of every letter left.
        """
        while waiting and self._in_time():
            letter = waiting.popleft()
            try:
                done.put_nowait(await self._try(connection, letter))
                batch.answered = True
            except Away as away:
                waiting.appendleft(letter)
                batch.away = str(away)
                return

    def _in_time(self) -> bool:
        """Tell whether a letter begun now is answered before the lease ends; after that it is another sender's."""
        return self._elapsed() + REPLIES * self._settings.timeout < self._lease_end

    async def _try(self, connection: Connection, letter: Letter) -> Outcome:
        if links.carries(letter) and letter.id not in self._links:
            return self._dead(letter, links.ELSEWHERE)
        try:
            rendered = kept = render(letter)
            if links.carries(letter):  # what is kept of it has no link
                rendered = render(letter, self._links[letter.id])
            mail = compose(letter, rendered, self._settings, self._at)
        except Undeliverable as wrong:
            return self._dead(letter, str(wrong))
        except UNWRITABLE as fault:
            log.exception("letter %s (%s) cannot be written", letter.id, letter.notice)
            self.told.alerts.append(f"Không soạn được thư {letter.id} ({letter.notice}): {fault}")
            return self._dead(letter, unwritable(fault))
        try:
            await connection.send(mail)
        except Refused as refusal:
            return self._dead(
                letter,
                f"Máy chủ thư từ chối: {refusal}. Hãy kiểm tra địa chỉ thư điện tử trong danh bạ rồi bấm gửi lại.",
            )
        except Later as trouble:
            said = "mất phản hồi sau khi đã chuyển nội dung" if trouble.reply_lost else "tạm thời chưa gửi được"
            return self._failed(letter, f"Lần thử {letter.tries + 1}, {said}: {trouble}", trouble.reply_lost)
        return Outcome(letter, LetterState.SENT, rendered=kept)

    def _dead(self, letter: Letter, reason: str, reply_lost: bool = False) -> Outcome:
        log.warning("letter %s (%s) is dead", letter.id, letter.notice)
        return Outcome(letter, LetterState.DEAD, reason, reply_lost=reply_lost)

    def _failed(self, letter: Letter, reason: str, reply_lost: bool = False) -> Outcome:
        if given_up(letter, self._at):
            return self._dead(letter, f"Đã hết thời gian gửi lại. {reason}", reply_lost)
        return Outcome(letter, LetterState.OWED, reason, reply_lost=reply_lost)

    async def _mark_as_they_come(self, done: asyncio.Queue[Outcome | None]) -> None:
        """Mark what has been answered in the last moment, and while the last marks were written; None ends it."""
        ended = False
        while not ended:
            answered = [await done.get()]
            with suppress(TimeoutError):
                async with asyncio.timeout(TOGETHER):
                    while answered[-1] is not None and len(answered) < BATCH:
                        answered.append(await done.get())
            ended = answered[-1] is None
            outcomes = [outcome for outcome in answered if outcome is not None]
            if outcomes:
                await asyncio.to_thread(self._mark, outcomes)

    def _mark(self, outcomes: Sequence[Outcome]) -> None:
        with transaction(self._engine) as session:
            late = mark(session, outcomes, at=self._at, sender=self._sender)
        states = [outcome.state for outcome in outcomes]
        self.told.sent += states.count(LetterState.SENT)
        self.told.dead += states.count(LetterState.DEAD)
        self.told.retried += states.count(LetterState.OWED)
        self.told.marked_late += late

    def _release(self, letters: Sequence[Letter]) -> None:
        with transaction(self._engine) as session:
            release(session, letters, self._sender)


@dataclass
class _Batch:
    """What the connections of a batch learn of the server."""

    answered: bool = False
    """Some letter was answered, for good or for bad."""
    away: str = ""
    """Why a connection could not reach the server."""
