"""One reused connection to the mail server, and the three ways in which a mail does not get through."""

import socket
from asyncio import timeout
from contextlib import suppress

from aiosmtplib import (
    SMTP,
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
            await self._reset()
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
            fresh = not self._client.is_connected
            if fresh:
                await self._open()
            try:
                await self._client.mail(mail.sender)
                await self._client.rcpt(mail.recipient)
            except SMTPRecipientRefused as refusal:
                await self._reset()
                raise _judged(refusal) from refusal
            except SMTPSenderRefused as refusal:
                await self._reset()
                if refusal.code == CLOSING and not (fresh or last):
                    continue
                if refusal.code == CLOSING or refusal.code >= 500:
                    raise Away(_said(refusal)) from refusal
                raise Later(_said(refusal)) from refusal
            except SMTPServerDisconnected:
                if fresh or last:
                    raise
            else:
                return

    async def _open(self) -> None:
        try:
            await self._client.connect()
            if self._client.is_ehlo_or_helo_needed:
                await self._client.ehlo()
        except (SMTPException, OSError) as wrong:
            self._client.close()
            raise Away(_said(wrong)) from wrong

    async def _reset(self) -> None:
        """Forget the envelope; a connection that cannot is closed."""
        try:
            if self._client.is_connected:
                await self._client.rset()
        except (SMTPException, OSError):
            self._client.close()


def _judged(refusal: SMTPResponseException) -> Refused | Later:
    return Refused(_said(refusal)) if refusal.code >= 500 else Later(_said(refusal))


def _said(error: Exception) -> str:
    """Return the server's words on one line, or the error's."""
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {' '.join(error.message.split())}"
    if isinstance(error, SMTPException):
        return error.message
    return str(error) or "hết thời gian chờ"
