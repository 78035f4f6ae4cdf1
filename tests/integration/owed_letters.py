"""Letters as casework writes them, what becomes of their rows, and the settings to send them with."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from models.letters import Letter, LetterState
from models.session import transaction
from notifications.settings import MailSettings, StartTls
from ocop.notices import Notice
from tests.integration.letter_facts import full
from tests.integration.mail_server import MailServer

AT = datetime(2025, 6, 16, 0, 30, tzinfo=UTC)
"""07:30 of Monday 16/6/2025 in Viet Nam."""
_numbers = count(1)


def settings(server: MailServer | int, **known: Any) -> MailSettings:
    """Return settings that send to a server of these tests, or to a port of 127.0.0.1."""
    port = server if isinstance(server, int) else server.port
    return MailSettings(
        **{
            "host": "127.0.0.1",
            "port": port,
            "starttls": StartTls.NEVER,
            "sender_address": "ocop@namdinh.example",
            "timeout": 5.0,
            "lease_seconds": 60.0,
            **known,
        }
    )


def owe(engine: Engine, email: str | None = "chuthe@giaochau.example", **known: Any) -> int:
    """Write a letter as casework does and return its number."""
    number = next(_numbers)
    row = {
        "key": f"dossier/1#{number}/received/producer/{number}",
        "notice": Notice.RECEIVED.value,
        "cause": f"dossier/1#{number}",
        "recipient": f"producer/{number}",
        "recipient_name": "Đặng Thị Thuỷ (Hợp tác xã Giao Châu, “Nước mắm”)",
        "email": email,
        "reply_to": "canbo@giaothuy.example",
        "facts": full(Notice.RECEIVED),
        "state": LetterState.OWED.value,
        "owed_at": AT,
        "send_from": AT,
        "give_up_at": AT + timedelta(days=3),
        "next_try_at": AT,
        "tries": 0,
        "lease_by": "",
        "last_error": "",
        "unconfirmed": 0,
        "handed_over_by": "",
        "message_id": f"<{number:032x}@letters.ocop.invalid>",
        "simulated": True,
    }
    with transaction(engine) as session:
        written = session.scalar(insert(Letter).values(row | known).returning(Letter.id))
    assert written is not None
    return written


def row(engine: Engine, number: int) -> Letter:
    """Return a letter as its row stands now."""
    with Session(engine) as session:
        return session.get_one(Letter, number)


def all_rows(engine: Engine) -> list[Letter]:
    """Return all letters as their rows stand now."""
    with Session(engine) as session:
        return list(session.scalars(select(Letter).order_by(Letter.id)))
