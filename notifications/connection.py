"""One reused connection to the mail server, and the three ways in which a mail does not get through."""

import socket
from asyncio import timeout
from contextlib import suppress

from aiosmtplib import (
    SMTP,
    SMTPConnectError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from notifications.message import Mail
from notifications.settings import REPLIES, MailSettings

CLOSING = 421
"""The server closes the connection: it may be full, or has had enough letters on this one."""
LONGEST_WORDS = 250
"""How much of a server's words an officer reads; what to do comes after them."""


class Refused(Exception):
    """The server refuses this letter for good, in its own words."""


class Later(Exception):
    """The server cannot take this letter now."""

    def __init__(self, words: str, *, reply_lost: bool = False) -> None:
        super().__init__(words)
        self.reply_lost = reply_lost
        """The text had gone when the connection broke: the letter may have arrived."""


class Away(Exception):
    """No letter gets through: the server cannot be reached, or refuses us and not the letter."""


class Connection:
    """Sends one mail after the other; reconnects when the server has closed in between."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._client = SMTP(
            hostname=settings.host,
            port=settings.port,
            start_tls=settings.starttls.asked,
            cert_bundle=str(settings.ca_file) if settings.ca_file else None,
            username=settings.username or None,
            password=settings.password.get_secret_value() or None,
            local_hostname=socket.gethostname() or "localhost",  # getfqdn() may wait for a name server
            timeout=settings.timeout,
        )
        self._text_going = False
        self._envelope_open = False
        """The server has refused something and still holds the envelope."""

    async def send(self, mail: Mail) -> None:
        """Hand one mail to the server.

        Raises:
            Refused: for good.
            Later: try again.
            Away: stop, all letters wait.
        """
        self._text_going = False
        try:
            async with timeout(REPLIES * self._settings.timeout):
                await self._address(mail)
                self._text_going = True
                await self._client.data(mail.content)
        except SMTPDataError as refusal:
            if not _is_refusal(refusal):  # such as 2xx other than 250: nobody knows what became of the text
                self._client.close()
                raise Later(_said(refusal), reply_lost=True) from refusal
            self._envelope_open = True
            raise _judged(refusal) from refusal
        except (SMTPException, OSError, TimeoutError) as broken:
            self._client.close()
            raise Later(_said(broken), reply_lost=self._text_going) from broken

    async def close(self) -> None:
        """Take leave of the server."""
        if self._client.is_connected:
            with suppress(SMTPException, OSError):
                await self._client.quit()
        self._client.close()

    async def _address(self, mail: Mail) -> None:
        """Name sender and recipient; a connection that was closed since the last mail is opened again, once."""
        for last in (False, True):
            await self._forget_envelope()
            fresh = not self._client.is_connected
            if fresh:
                await self._open()
            try:
                await self._name(b"MAIL", b"FROM", mail.sender, SMTPSenderRefused)
                await self._name(b"RCPT", b"TO", mail.recipient, SMTPRecipientRefused)
            except SMTPRecipientRefused as refusal:
                self._envelope_open = True
                raise _judged(refusal) from refusal
            except SMTPSenderRefused as refusal:
                self._envelope_open = True
                if refusal.code == CLOSING:
                    self._client.close()
                    if not (fresh or last):
                        continue
                if refusal.code == CLOSING or refusal.code >= 500:
                    raise Away(_said(refusal)) from refusal
                raise Later(_said(refusal)) from refusal
            except SMTPServerDisconnected:
                if fresh or last:
                    raise
            else:
                return

    async def _name(
        self, command: bytes, word: bytes, address: str, refused: type[SMTPSenderRefused] | type[SMTPRecipientRefused]
    ) -> None:
        """Name one address, which was checked before; the library would take it apart once more."""
        answer = await self._client.execute_command(command, b"%b:<%b>" % (word, address.encode("ascii")))
        if answer.code not in (250, 251):
            raise refused(answer.code, answer.message, address)

    async def _open(self) -> None:
        try:
            await self._client.connect()
            if self._client.is_ehlo_or_helo_needed:
                await self._client.ehlo()
        except (SMTPException, OSError) as wrong:
            self._client.close()
            raise Away(_said(wrong)) from wrong

    async def _forget_envelope(self) -> None:
        """Begin anew after a refusal; a connection that cannot is closed. It counts into the time of the next mail."""
        refused, self._envelope_open = self._envelope_open, False
        if refused and self._client.is_connected:
            try:
                await self._client.rset()
            except (SMTPException, OSError):
                self._client.close()


def _is_refusal(answer: SMTPResponseException) -> bool:
    return 400 <= answer.code < 600


def _judged(refusal: SMTPResponseException) -> Refused | Later:
    """Return what an answer means; one that is no refusal of SMTP's is tried again."""
    return Refused(_said(refusal)) if 500 <= refusal.code < 600 else Later(_said(refusal))


def _said(error: Exception) -> str:
    """Return the server's words on one line, or what happened and the error's own words."""
    if isinstance(error, SMTPResponseException) and error.code > 0:
        return f"{error.code} {_one_line(error.message)}"
    happened = next(words for kinds, words in _HAPPENED if isinstance(error, kinds))
    own = _one_line(error.message if isinstance(error, SMTPException) else str(error))
    return f"{happened} ({own})" if own else happened


_HAPPENED: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (TimeoutError, "hết thời gian chờ máy chủ thư trả lời"),
    (SMTPResponseException, "máy chủ thư trả lời không đúng giao thức SMTP"),
    (SMTPConnectError, "không kết nối được đến máy chủ thư"),
    ((SMTPServerDisconnected, ConnectionError), "máy chủ thư ngắt kết nối"),
    (Exception, "lỗi khi nói chuyện với máy chủ thư"),
)
"""What an officer reads before the words of a library or of the system; the first that fits."""


def _one_line(words: str) -> str:
    """Return words that a stranger chose as text that every database takes: no control signs, no broken UTF-8, not long."""
    whole = words.encode("utf-8", "replace").decode()
    told = " ".join("".join(sign if sign.isprintable() else " " for sign in whole).split())
    return told if len(told) <= LONGEST_WORDS else f"{told[: LONGEST_WORDS - 1]}…"
