"""What people do with letters: hand them over on paper, send dead ones again, let a restored copy's letters go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from casework.accounts import addresses
from casework.clock import set_mark
from casework.health import SENDING_HELD
from models.base import table_of
from models.letters import Letter, LetterState
from models.record import Mark
from models.units import Person, Producer, Unit
from ocop.errors import NotFound, NotPossibleNow
from ocop.levels import Level
from ocop.phrase import Phrase, phrases

STATE_LABELS = phrases(
    {
        LetterState.OWED: "chờ gửi",
        LetterState.SENT: "đã gửi",
        LetterState.TO_HAND_OVER: "chờ trao tay",
        LetterState.HANDED_OVER: "đã trao tay",
        LetterState.DEAD: "không gửi được",
        LetterState.HELD: "đang giữ lại (bản phục hồi)",
    }
)

NOT_HANDED_OVER = "Thư số %(number)s đang ở trạng thái '%(state)s' nên không trao tay được; chưa thư nào được ghi."
NOT_SENT_AGAIN = "Thư số %(number)s đang ở trạng thái '%(state)s' nên không gửi lại được; chưa thư nào được ghi."


@dataclass(frozen=True)
class Waiting:
    """A unit that has letters to hand over."""

    unit_id: int | None
    unit: str
    """Level and code as commands take them: 'xã:14101'."""
    unit_name: str
    letters: int


@dataclass(frozen=True)
class Resent:
    """What became of dead letters: owed again, or on paper because nobody has an address for them any more."""

    owed: int
    to_hand_over: int


def dead_letters(session: Session, *, limit: int = 200) -> list[Letter]:
    """Return the letters that could not be sent, newest first; `last_error` says why and what to do."""
    return list(
        session.scalars(
            select(Letter).where(Letter.state == LetterState.DEAD.value).order_by(Letter.owed_at.desc()).limit(limit)
        )
    )


def to_hand_over(session: Session, unit_id: int | None, *, limit: int = 1000) -> list[Letter]:
    """Return the letters that a unit hands over on paper, oldest first; None gives those that belong to no unit."""
    unit = Letter.unit_id.is_(None) if unit_id is None else Letter.unit_id == unit_id
    return list(
        session.scalars(
            select(Letter)
            .where(unit, Letter.state == LetterState.TO_HAND_OVER.value)
            .order_by(Letter.owed_at, Letter.id)
            .limit(limit)
        )
    )


def units_that_hand_over(session: Session, *own: ColumnElement[bool]) -> list[Waiting]:
    """Return which units have how many letters to hand over, most first; of some letters alone where conditions say so."""
    rows = session.execute(
        select(Letter.unit_id, Unit.level, Unit.code, Unit.name, func.count())
        .outerjoin(Unit, Unit.id == Letter.unit_id)
        .where(Letter.state == LetterState.TO_HAND_OVER.value, *own)
        .group_by(Letter.unit_id, Unit.level, Unit.code, Unit.name)
        .order_by(func.count().desc(), Unit.name)
    )
    return [
        Waiting(unit_id, f"{Level(level).label}:{code}" if code else "", name or "", letters)
        for unit_id, level, code, name, letters in rows
    ]


def hand_over(session: Session, *, letter_ids: Sequence[int], at: datetime, actor_name: str) -> int:
    """Mark letters as handed over, by whom and when, and return how many are new.

    A letter that was handed over before keeps its first mark.

    Raises:
        NotFound: a number belongs to no letter.
        NotPossibleNow: a letter is not one to hand over; nothing is marked.
    """
    letters = _letters(session, letter_ids)
    _require(letters, {LetterState.TO_HAND_OVER, LetterState.HANDED_OVER}, NOT_HANDED_OVER)
    new = [letter for letter in letters if letter.state == LetterState.TO_HAND_OVER]
    for letter in new:
        letter.state = LetterState.HANDED_OVER.value
        letter.handed_over_at, letter.handed_over_by = at, actor_name
    session.flush()
    return len(new)


def resend(session: Session, *, letter_ids: Sequence[int], at: datetime) -> Resent:
    """Owe dead letters again, to the address that the recipient has now; without one they go on paper.

    The Message-ID stays, so that a receiver who has the letter already drops the second one.

    Raises:
        NotFound: a number belongs to no letter.
        NotPossibleNow: a letter is not dead; nothing is changed.
    """
    letters = _letters(session, letter_ids)
    _require(letters, {LetterState.DEAD}, NOT_SENT_AGAIN)
    addresses = _addresses(session, letters)
    for letter in letters:
        letter.email = addresses.get(letter.recipient, letter.email)
        letter.state = (LetterState.OWED if letter.email else LetterState.TO_HAND_OVER).value
        letter.give_up_at = at + (letter.give_up_at - letter.send_from)
        letter.send_from = letter.next_try_at = at
        letter.tries = 0
        letter.lease_until, letter.lease_by = None, ""
    session.flush()
    owed = sum(letter.state == LetterState.OWED for letter in letters)
    return Resent(owed, len(letters) - owed)


def hold(session: Session, *, at: datetime, because: str) -> int:
    """Hold every letter that has not left, and every one that comes, in a restored copy; return how many are held now."""
    set_mark(session, SENDING_HELD, because, at)
    session.info.pop(SENDING_HELD, None)
    held = session.scalars(
        update(Letter)
        .where(Letter.state == LetterState.OWED.value)
        .values(state=LetterState.HELD.value, lease_until=None, lease_by="")
        .returning(Letter.id),
        execution_options={"synchronize_session": False},
    )
    return len(held.all())


def is_held(session: Session) -> bool:
    """Return whether this is a restored copy from which no letter leaves, read once in a transaction."""
    held = session.info.get(SENDING_HELD)
    if held is None:
        held = session.info[SENDING_HELD] = session.execute(_HELD).first() is not None
    return bool(held)


_HELD = select(table_of(Mark).c.name).where(table_of(Mark).c.name == SENDING_HELD)


def release_held(session: Session, *, at: datetime) -> int:
    """Let the letters of a restored copy go, and return how many; each is due at once, with a fresh deadline."""
    if mark := session.get(Mark, SENDING_HELD):
        session.delete(mark)
    session.info.pop(SENDING_HELD, None)
    held = session.scalars(select(Letter).where(Letter.state == LetterState.HELD.value)).all()
    for letter in held:
        kept_for = letter.give_up_at - letter.send_from
        letter.state = LetterState.OWED.value
        letter.send_from = letter.next_try_at = max(at, letter.send_from)
        letter.give_up_at = letter.send_from + kept_for
    session.flush()
    return len(held)


def _letters(session: Session, letter_ids: Sequence[int]) -> list[Letter]:
    """Return letters by number, locked, in that order."""
    wanted = sorted(set(letter_ids))
    found = list(session.scalars(select(Letter).where(Letter.id.in_(wanted)).order_by(Letter.id).with_for_update()))
    if missing := set(wanted) - {letter.id for letter in found}:
        numbers = ", ".join(map(str, sorted(missing)))
        raise NotFound(
            f"Không có thư số {numbers}. Hãy xem lại danh sách thư rồi nhập số đúng.",
            f"there is no letter {numbers}; look at the list of letters again and give the right number",
        )
    return found


def _require(letters: Sequence[Letter], states: set[LetterState], refusal: str) -> None:
    for letter in letters:
        if letter.state not in states:
            raise NotPossibleNow(
                Phrase(refusal, number=str(letter.id), state=STATE_LABELS[LetterState(letter.state)]),
                f"letter {letter.id} is {letter.state}",
            )


def _addresses(session: Session, letters: Sequence[Letter]) -> dict[str, str | None]:
    """Return the present address of each recipient who is still known: 'person/7' to an address or None."""
    found: dict[str, str | None] = {}
    for kind, table in (("person", Person), ("producer", Producer)):
        ids = [int(number) for who, number in (_split(letter) for letter in letters) if who == kind]
        rows = session.execute(select(table.id, table.email).where(table.id.in_(ids)))
        found |= {f"{kind}/{number}": email for number, email in rows}
    owners = [int(number) for who, number in (_split(letter) for letter in letters) if who == "account"]
    return found | {f"account/{number}": email for number, email in addresses(session, owners).items()}


def _split(letter: Letter) -> tuple[str, str]:
    kind, _, number = letter.recipient.partition("/")
    return kind, number
