"""Puts a rendered letter into a mail: headers from addresses that were checked again, a text and an HTML part."""

import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256

from email_validator import EmailNotValidError, validate_email

from models.letters import Letter
from notifications.rendering import Rendered
from notifications.settings import MailSettings
from ocop.working_days import VIETNAM

WORD = 39
"""Bytes of one encoded word: with the longest of our headers' names before it a line stays under 76 signs (RFC 2047)."""
LINE = 76
"""Signs of a line of base64 (RFC 2045)."""
_LINES = re.compile(f".{{1,{LINE}}}")


class Undeliverable(Exception):
    """The mail cannot be made; the sentence says why and what to do, in Vietnamese."""


@dataclass(frozen=True)
class Mail:
    """What goes over the wire: one sender, one recipient, the bytes."""

    sender: str
    recipient: str
    content: bytes


@lru_cache(maxsize=4096)
def checked(address: str) -> str:
    """Return an address as the mail server takes it, the domain in ASCII.

    Raises:
        Undeliverable: it is no address, has a line break, or its local part is not ASCII.
    """
    try:
        found = validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as wrong:
        raise Undeliverable(
            f"Địa chỉ thư điện tử '{' '.join(address.split())}' không hợp lệ. "
            "Hãy sửa địa chỉ trong danh bạ rồi bấm gửi lại, hoặc xóa địa chỉ để in thư và trao tay."
        ) from wrong
    return found.ascii_email or found.normalized


def compose(letter: Letter, rendered: Rendered, settings: MailSettings, at: datetime) -> Mail:
    """Return the mail of a letter as it leaves at an instant.

    Written out here and not by the standard library's email package, which takes twenty times as long and was most of
    what a letter cost. Every word that a person chose stands in base64, so no sign in it means anything to a mail server.

    Raises:
        Undeliverable: the sender's or the recipient's address cannot be taken.
    """
    sender, recipient = checked(settings.sender_address), checked(letter.email or "")
    boundary = f"=_{sha256(letter.message_id.encode()).hexdigest()[:32]}"
    lines = [
        f"From: {_mailbox(settings.sender_name, sender)}",
        f"To: {_mailbox(letter.recipient_name, recipient)}",
        f"Subject: {_words(rendered.subject)}",
        f"Date: {format_datetime(at.astimezone(VIETNAM))}",
        f"Message-ID: {_plain(letter.message_id)}",
        *_reply_to(letter),
        "Auto-Submitted: auto-generated",
        "Content-Language: vi",
        "MIME-Version: 1.0",
        "Content-Type: multipart/alternative;",
        f' boundary="{boundary}"',
        "",
        *_part(boundary, "plain", rendered.text),
        *_part(boundary, "html", rendered.html),
        f"--{boundary}--",
        "",
    ]
    return Mail(sender, recipient, "\r\n".join(lines).encode("ascii"))


def _part(boundary: str, kind: str, text: str) -> tuple[str, ...]:
    """Return the lines of one part; base64, so that it never holds the boundary."""
    content = b64encode(text.encode()).decode("ascii")
    return (
        f"--{boundary}",
        f'Content-Type: text/{kind}; charset="utf-8"',
        "MIME-Version: 1.0",
        "Content-Transfer-Encoding: base64",
        "",
        *_LINES.findall(content),
        "",
    )


def _words(text: str) -> str:
    """Return a header's text as encoded words, a line each, parted after a space where there is one, never in a sign."""
    content, words, start = text.encode(), [], 0
    while start < len(content):
        end = start + WORD
        if end < len(content):
            end = content.rfind(b" ", start, end) + 1 or end
        while end < len(content) and content[end] & 0xC0 == 0x80:  # in the middle of a sign
            end -= 1
        words.append(f"=?utf-8?b?{b64encode(content[start:end]).decode('ascii')}?=")
        start = end
    return "\r\n ".join(words)


@lru_cache(maxsize=4096)
def _mailbox(name: str, address: str) -> str:
    """Return a name and a checked address as a header."""
    words = _words(" ".join(name.split()))
    return f"{words}\r\n <{address}>" if words else f"<{address}>"


def _plain(message_id: str) -> str:
    """Return a Message-ID that cannot be anything else.

    Raises:
        ValueError: it holds a sign that would end its line.
    """
    if not (message_id.isascii() and message_id.isprintable()):
        raise ValueError(f"no Message-ID: {message_id!r}")
    return message_id


def _reply_to(letter: Letter) -> tuple[str, ...]:
    """Return the header with the holding unit's address; a wrong one must not keep the letter from leaving."""
    if not letter.reply_to:
        return ()
    try:
        return (f"Reply-To: {_mailbox(letter.facts.get('reply_name', ''), checked(letter.reply_to))}",)
    except Undeliverable:
        return ()
