"""Puts a rendered letter into a mail: headers from addresses that were checked again, a text and an HTML part."""

from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime

from email_validator import EmailNotValidError, validate_email

from models.letters import Letter
from notifications.rendering import Rendered
from notifications.settings import MailSettings
from ocop.working_days import VIETNAM


class Undeliverable(Exception):
    """The mail cannot be made; the sentence says why and what to do, in Vietnamese."""


@dataclass(frozen=True)
class Mail:
    """What goes over the wire: one sender, one recipient, the bytes."""

    sender: str
    recipient: str
    content: bytes


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

    Raises:
        Undeliverable: the sender's or the recipient's address cannot be taken.
    """
    sender, recipient = checked(settings.sender_address), checked(letter.email or "")
    headers: dict[str, Header | str] = {
        "From": _mailbox("From", settings.sender_name, sender),
        "To": _mailbox("To", letter.recipient_name, recipient),
        "Subject": Header(rendered.subject, "utf-8", header_name="Subject"),
        "Date": format_datetime(at.astimezone(VIETNAM)),
        "Message-ID": letter.message_id,
        "Auto-Submitted": "auto-generated",
        "Content-Language": "vi",
    }
    if reply_to := _reply_to(letter):
        headers["Reply-To"] = reply_to
    message = MIMEMultipart("alternative", policy=policy.compat32.clone(linesep="\r\n", cte_type="7bit"))
    for field, value in headers.items():
        message[field] = value  # type: ignore[assignment]  # this policy takes a Header, which typeshed does not know
    message.attach(MIMEText(rendered.text, "plain", "utf-8"))
    message.attach(MIMEText(rendered.html, "html", "utf-8"))
    return Mail(sender, recipient, message.as_bytes())


def _mailbox(field: str, name: str, address: str) -> Header:
    """Return a name and a checked address as one header.

    The name is always sent as encoded words, so that no sign in it means anything to a mail server; the newer header
    classes of the standard library fold some long names for ever.
    """
    header = Header(header_name=field)
    if name := " ".join(name.split()):
        header.append(name, "utf-8")
    header.append(f"<{address}>", "us-ascii")
    return header


def _reply_to(letter: Letter) -> Header | None:
    """Return the holding unit's address; a wrong one must not keep the letter from leaving."""
    if not letter.reply_to:
        return None
    try:
        return _mailbox("Reply-To", letter.facts.get("reply_name", ""), checked(letter.reply_to))
    except Undeliverable:
        return None
