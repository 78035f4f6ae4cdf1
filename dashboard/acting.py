"""Performs an act for the reader of a page, or tries it whole and takes everything back."""

import re
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from casework import clock
from casework.act import Answer
from casework.acts import ACTS
from casework.settings import ClockSettings
from dashboard.view import View
from models.session import perform, trial

KEY = re.compile(r"form-[0-9a-f-]{36}")


def fresh_key() -> str:
    """Return the idempotency key that a form carries: sent twice, it acts once."""
    return f"form-{uuid.uuid4()}"


def key_of(sent: str) -> str:
    """Return the key that came with a form, or a fresh one in the place of what is none of ours."""
    return sent if KEY.fullmatch(sent) else fresh_key()


def instant(view: View) -> datetime:
    """Return the instant at which the reader acts, guarded against a clock that jumped."""
    return clock.acting(view.session, view.wall, ClockSettings().longest_gap)


def performed(view: View, name: str, key: str, *, dry: bool = False, **body: Any) -> Answer:
    """Return what an act of the reader answers; a dry one leaves the record as it was."""
    actor, at = view.reader.actor, instant(view)

    def work(session: Session) -> Answer:
        return ACTS[name].perform(session, actor=actor, at=at, key=key, **body)

    return (trial if dry else perform)(view.request.app.state.engine(), work)
