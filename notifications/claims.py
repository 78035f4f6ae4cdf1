"""The letters that a sender holds: claimed under a lease, marked when the server has answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, or_, select, update
from sqlalchemy.orm import Session

from models.letters import WAITING, Letter, LetterState
from notifications.quiet import ANY_HOUR, leaves, office_hours
from notifications.rendering import Rendered

FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=4)
FEWEST_TRIES = 6
"""A letter that came late itself, after days of outage, is tried so often before its deadline ends it."""
LONGEST_REASON = 500


@dataclass(frozen=True)
class Outcome:
    """What became of one letter at one try: sent, dead, or owed again."""

    letter: Letter
    state: LetterState
    reason: str = ""
    rendered: Rendered | None = None
    reply_lost: bool = False


def claim(session: Session, *, at: datetime, limit: int, lease_until: datetime, sender: str) -> list[Letter]:
    """Return letters that are due, now held by a sender until its lease ends, longest waiting first.

    Outside office hours only what passes the quiet hours leaves. A letter whose former sender vanished may have left already: it
    is counted as unconfirmed.
    """
    leaving = _due(at) if office_hours(session, at) else and_(_due(at), Letter.notice.in_(ANY_HOUR))
    due = session.scalars(
        select(Letter.id)
        .where(leaving)
        .order_by(Letter.next_try_at, Letter.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not due:
        return []
    held = session.scalars(
        update(Letter)
        .where(Letter.id.in_(due))
        .values(
            lease_until=lease_until,
            lease_by=sender,
            unconfirmed=Letter.unconfirmed + case((Letter.lease_until.is_not(None), 1), else_=0),
        )
        .returning(Letter),
        execution_options={"synchronize_session": False},
    )
    return sorted(held, key=lambda letter: (letter.next_try_at, letter.id))


def _due(at: datetime) -> ColumnElement[bool]:
    return and_(
        WAITING,
        Letter.next_try_at <= at,
        Letter.send_from <= at,
        or_(Letter.lease_until.is_(None), Letter.lease_until <= at),
    )


def bury_unreadable(session: Session, *, at: datetime) -> list[tuple[int, str]]:
    """Make dead, with the reason, every letter that is due and whose row cannot be read, and return them."""
    found = []
    for number in session.scalars(select(Letter.id).where(_due(at)).order_by(Letter.id)).all():
        try:
            session.execute(select(Letter.__table__).where(Letter.id == number)).one()
        except ValueError as fault:
            found.append((number, str(fault)))
            session.execute(
                update(Letter)
                .where(Letter.id == number)
                .values(
                    state=LetterState.DEAD.value,
                    lease_until=None,
                    lease_by="",
                    last_error=f"Không đọc được dòng dữ liệu của thư: {str(fault)[: LONGEST_REASON // 2]}. Sổ đã bị sửa "
                    "ngoài phần mềm: hãy báo người quản trị dùng “Kiểm tra sổ”, khôi phục dòng này từ bản sao lưu, rồi gửi lại.",
                ),
                execution_options={"synchronize_session": False},
            )
    return found


def release(session: Session, letters: Sequence[Letter], sender: str) -> None:
    """Give back letters that were claimed and not tried."""
    session.execute(
        update(Letter)
        .where(Letter.id.in_([letter.id for letter in letters]), Letter.lease_by == sender)
        .values(lease_until=None, lease_by=""),
        execution_options={"synchronize_session": False},
    )


def mark(session: Session, outcomes: Sequence[Outcome], *, at: datetime, sender: str) -> int:
    """Write what became of letters and return how many marks came too late: another sender holds those by now."""
    ours = set(
        session.scalars(
            select(Letter.id)
            .where(
                Letter.id.in_([outcome.letter.id for outcome in outcomes]),
                Letter.lease_by == sender,
                WAITING,
            )
            .with_for_update()
        )
    )
    again = (
        leaves(session) if any(outcome.state is LetterState.OWED for outcome in outcomes) else lambda letter, when: when
    )
    rows = [_row(outcome, at, again) for outcome in outcomes if outcome.letter.id in ours]
    if rows:
        session.connection().execute(_MARK, rows)
    return len(outcomes) - len(rows)


_TABLE = Letter.__table__
_MARK = (
    update(Letter.__table__)  # type: ignore[arg-type]
    .where(_TABLE.c.id == bindparam("letter"))
    .values(
        state=bindparam("now"),
        subject=bindparam("headline"),
        body=bindparam("words"),
        sent_at=bindparam("left_at"),
        last_error=bindparam("reason"),
        next_try_at=bindparam("again_at"),
        tries=_TABLE.c.tries + 1,
        unconfirmed=_TABLE.c.unconfirmed + bindparam("lost"),
        lease_until=None,
        lease_by="",
    )
)


def _row(outcome: Outcome, at: datetime, leaves_from: Callable[[Letter, datetime], datetime]) -> dict[str, Any]:
    letter, sent = outcome.letter, outcome.state is LetterState.SENT
    return {
        "letter": letter.id,
        "now": outcome.state.value,
        "headline": outcome.rendered.subject if outcome.rendered and sent else letter.subject,
        "words": outcome.rendered.text if outcome.rendered and sent else letter.body,
        "left_at": at if sent else None,
        "reason": outcome.reason[:LONGEST_REASON],
        "again_at": leaves_from(letter, next_try(letter, at))
        if outcome.state is LetterState.OWED
        else letter.next_try_at,
        "lost": int(outcome.reply_lost),
    }


def wait(letter: Letter) -> timedelta:
    """Return how long a letter waits after a failed try: 10 s, tripled each time to 4 hours, spread by a quarter.

    The spread comes from the letter itself, so that a repeated run does the same.
    """
    longest = min(FIRST_WAIT * int(3 ** min(letter.tries, 12)), LONGEST_WAIT)
    spread = sha256(f"{letter.message_id}#{letter.tries}".encode()).digest()[0] / 255
    return longest * (0.75 + spread / 4)


def next_try(letter: Letter, at: datetime) -> datetime:
    """Return when a letter that failed at an instant is tried again: once more at its deadline, not far beyond."""
    again = at + wait(letter)
    return letter.give_up_at if at < letter.give_up_at < again else again


def given_up(letter: Letter, at: datetime) -> bool:
    """Tell whether a try that failed at an instant was the last."""
    return at >= letter.give_up_at and letter.tries + 1 >= FEWEST_TRIES
