"""Puts a rendered letter into a mail: headers from addresses that were checked again, a text and an HTML part."""

from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
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
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = _address(settings.sender_name, sender)
    message["To"] = _address(letter.recipient_name, recipient)
    if reply_to := _reply_to(letter):
        message["Reply-To"] = reply_to
    message["Subject"] = rendered.subject
    message["Date"] = format_datetime(at.astimezone(VIETNAM))
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "vi"
    message.set_content(rendered.text, cte="base64")
    message.add_alternative(rendered.html, subtype="html", cte="base64")
    return Mail(sender, recipient, message.as_bytes())


def _address(name: str, address: str) -> Address:
    return Address(display_name=" ".join(name.split()), addr_spec=address)


def _reply_to(letter: Letter) -> Address | None:
    """Return the holding unit's address; a wrong one must not keep the letter from leaving."""
    if not letter.reply_to:
        return None
    try:
        return _address(letter.facts.get("reply_name", ""), checked(letter.reply_to))
    except Undeliverable:
        return None
