"""A real SMTP server that misbehaves on demand: it refuses, stays silent, hangs up, is full, wants STARTTLS and AUTH."""

import asyncio
import ssl
import warnings
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, TypeVar, cast

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"
HANG_UP = "hang up"
SILENT = "silent"
USER, PASSWORD = "ocop", "mật khẩu"


@dataclass
class MailServer:
    """What the server shall do, and what it got."""

    port: int = 0
    at_connect: deque[str] = field(default_factory=deque)
    """For each connection to come: HANG_UP, SILENT or the greeting that refuses it; '' is a good one."""
    at_mail: deque[str] = field(default_factory=deque)
    """For each MAIL to come: its answer; '' is a good one."""
    at_rcpt: defaultdict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))
    """By recipient, for each RCPT to come: the answer, HANG_UP or SILENT."""
    at_data: defaultdict[str, deque[str | bytes]] = field(default_factory=lambda: defaultdict(deque))
    """By recipient, for each text that has come: the answer, HANG_UP or SILENT."""
    letters_each: int = 1_000_000
    """Letters that one connection may bring before it is closed with 421."""
    before_answer: Callable[[], None] = lambda: None
    """Called while a client waits for the answer to its text."""
    connections: int = 0
    received: list[tuple[str, bytes]] = field(default_factory=list)
    """Recipient and text of what was taken, also when its answer was then lost."""
    passwords: list[str] = field(default_factory=list)

    @property
    def recipients(self) -> list[str]:
        """Who got letters, in order of arrival."""
        return [recipient for recipient, _ in self.received]

    def mails(self) -> list[EmailMessage]:
        """Return the letters, parsed."""
        return [message_from_bytes(text, policy=policy.default) for _, text in self.received]

    def greet(self) -> str:
        """Return how a connection that has just come is met: HANG_UP, SILENT, a greeting that refuses it, or '' for a good one."""
        return self.at_connect.popleft() if self.at_connect else ""

    async def before_text(self, session: Session) -> str:
        """Return how DATA is answered before any text has come: HANG_UP, SILENT, an answer, or '' for a good one."""
        del session
        return ""

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str | bytes:
        del options
        session.letters = getattr(session, "letters", 0) + 1
        if session.letters > self.letters_each:
            return await self.misbehave(server, "421 4.3.2 enough on this connection")
        if self.at_mail and (answer := self.at_mail.popleft()):
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str | bytes:
        del session, options
        if self.at_rcpt[address]:
            return await self.misbehave(server, self.at_rcpt[address].popleft())
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str | bytes:
        del session
        (recipient,) = envelope.rcpt_tos
        answer = self.at_data[recipient].popleft() if self.at_data[recipient] else ""
        if answer in ("", HANG_UP, SILENT):
            self.received.append((recipient, envelope.original_content or b""))
        self.before_answer()
        return await self.misbehave(server, answer) if answer else "250 OK"

    async def misbehave(self, server: SMTP, how: str | bytes) -> str | bytes:
        """Hang up, fall silent, or return the answer; after 421 the connection is closed."""
        if how == SILENT:
            await asyncio.Event().wait()
        if how == HANG_UP:
            assert server.transport is not None
            server.transport.abort()
            return "421 gone"
        if isinstance(how, str) and how.startswith("421"):
            assert server.transport is not None
            await server.push(how)
            server.transport.close()
        return how


Server = TypeVar("Server", bound=MailServer)


class _Speaker(SMTP):
    """aiosmtpd's protocol, able to turn a connection away before it begins."""

    def __init__(self, told: MailServer, **options: Any) -> None:
        super().__init__(told, **options)
        self._told = told
        self._begun = False
        self.beneath: asyncio.Transport | None = None
        """The bare connection, which outlives a handshake that failed."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self.session is not None:  # again, after STARTTLS
            super().connection_made(transport)
            return
        assert isinstance(transport, asyncio.Transport)
        self.beneath = transport
        self._told.connections += 1
        greeting = self._told.greet()
        if greeting == HANG_UP:
            transport.abort()
        elif greeting == SILENT:
            return
        elif greeting:
            transport.write(f"{greeting}\r\n".encode())
            transport.close()
        else:
            self._begun = True
            super().connection_made(transport)

    async def smtp_DATA(self, arg: str) -> None:
        """Answer DATA as told; the name of this method is aiosmtpd's."""
        assert self.session is not None
        if how := await self._told.before_text(self.session):
            await self.push(await self._told.misbehave(self, how))
            return
        await super().smtp_DATA(arg)

    def eof_received(self) -> bool | None:
        return super().eof_received() if self._begun else None

    def connection_lost(self, error: Exception | None) -> None:
        if self._begun:
            super().connection_lost(error)


@asynccontextmanager
async def mail_server(
    told: Server | None = None, *, tls: ssl.SSLContext | None = None, sign_in: bool = False
) -> AsyncIterator[Server]:
    """Run a server on a free port, or on the one that it had before.

    With a TLS context it offers STARTTLS, with `sign_in` it demands AUTH after it.
    """
    told, loop = told or cast(Server, MailServer()), asyncio.get_running_loop()

    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        del server, session, envelope, mechanism
        assert isinstance(data, LoginPassword)
        told.passwords.append(data.password.decode())
        known = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
        return AuthResult(success=known, handled=False)  # not handled: aiosmtpd itself says 535

    options: dict[str, Any] = {
        "hostname": "test",
        "loop": loop,
        "tls_context": tls,
        "require_starttls": tls is not None,
    }
    if sign_in:
        options |= {"auth_required": True, "authenticator": authenticate, "auth_require_tls": tls is not None}
    speakers: list[_Speaker] = []

    def speaker() -> _Speaker:
        with warnings.catch_warnings():  # aiosmtpd warns of what is wanted here: AUTH on a bare connection
            warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS", UserWarning)
            speakers.append(_Speaker(told, **options))
        return speakers[-1]

    server = await loop.create_server(speaker, HOST, told.port)
    told.port = server.sockets[0].getsockname()[1]
    try:
        yield told
    finally:
        server.close()
        for speaking in speakers:
            if speaking.beneath is not None:
                speaking.beneath.abort()
        await asyncio.sleep(0)  # lets the aborted connections end


def authority() -> tuple[trustme.CA, ssl.SSLContext]:
    """Return an authority and a server's TLS context with a certificate that it signed."""
    ca, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(HOST).configure_cert(context)
    return ca, context
