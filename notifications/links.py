"""The links that some letters carry: derived when a letter leaves or is printed, kept nowhere (decision 0022)."""

import logging
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from models.accounts import AccountKey
from models.letters import Letter, LetterState
from models.secret import Secret, in_fours, sha256
from notifications.facts import ACCOUNT_NOTICES

log = logging.getLogger("ocop.letters")
CARRYING = sorted(notice.value for notice in ACCOUNT_NOTICES)
WAITING = (LetterState.OWED, LetterState.TO_HAND_OVER, LetterState.HELD, LetterState.DEAD)
ELSEWHERE = (
    "Liên kết trong thư đã được dùng, hoặc được lập trên máy có tệp bí mật (secret) khác, nên không gửi được. "
    "Hãy nhờ người quản trị lập liên kết khác bằng “Gửi lời mời mới” hoặc “Cho đặt lại mật khẩu”."
)
"""Why a letter cannot be written whose link this installation did not derive."""


def carries(letter: Letter) -> bool:
    """Return whether a letter carries a link that its row does not have."""
    return letter.notice in CARRYING


def opened(session: Session, letters: Sequence[Letter], secret: Secret | None) -> dict[int, Mapping[str, str]]:
    """Return, by letter, the link and the key that it carries; a letter is left out whose key is another or was used.

    A secret that cannot be read writes off these letters alone.
    """
    wanted = {_key(letter.cause): letter for letter in letters if carries(letter)}
    if not wanted or secret is None:
        return {}
    rows = session.execute(
        select(AccountKey.id, AccountKey.token_sha256).where(AccountKey.id.in_(wanted), AccountKey.used_at.is_(None))
    )
    found: dict[int, Mapping[str, str]] = {}
    try:
        secret.key("")
    except (OSError, ValueError):
        log.exception("the installation's secret cannot be read")
        return found
    for number, kept in rows:
        letter = wanted[number]
        with suppress(KeyError, TypeError):  # damaged: the letter is written off like one of another installation
            key = secret.key(letter.facts["seed"])
            if sha256(key) != kept:
                continue
            shown = in_fours(key)
            found[letter.id] = {"key": shown, "link": f"{letter.facts['pages']}/welcome/{shown}"}
    return found


def drop_void(session: Session, at: datetime) -> int:
    """Remove the letters that have not left and whose link opens nothing any more, and return how many; none is in hand."""
    waiting = session.execute(
        select(Letter.id, Letter.cause).where(
            Letter.state.in_([state.value for state in WAITING]),
            Letter.notice.in_(CARRYING),
            or_(Letter.lease_until.is_(None), Letter.lease_until <= at),
        )
    ).all()
    if not waiting:
        return 0
    keys = {number: key for number, cause in waiting if (key := _key(cause))}
    opening = set(
        session.scalars(
            select(AccountKey.id).where(
                AccountKey.id.in_(set(keys.values())), AccountKey.used_at.is_(None), AccountKey.ends_at > at
            )
        )
    )
    void = [number for number, key in keys.items() if key not in opening]
    session.execute(delete(Letter).where(Letter.id.in_(void)))
    return len(void)


def _key(cause: str) -> int:
    """Return the number of the key that a cause names, or 0 where it was damaged and names none."""
    named = _CAUSE.fullmatch(cause)
    return int(named[1]) if named else 0


_CAUSE = re.compile(r"account/\d+/key/(\d{1,15})")
