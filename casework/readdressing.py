"""Letters that have not left when their unit ends: they go to whoever took its place, and say so."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework.directory import Directory
from casework.succession import Successors
from models.letters import Letter, LetterState
from ocop.levels import LADDER, Level, Role

WAITING = (LetterState.OWED.value, LetterState.HELD.value, LetterState.TO_HAND_OVER.value, LetterState.DEAD.value)
"""A dead one may be sent again; it stays dead until a person says so."""
STAY = frozenset({LetterState.HELD.value, LetterState.DEAD.value})


def waiting(session: Session, units: Collection[int], at: datetime) -> list[Letter]:
    """Return the letters of some units that have not left, without those that a sender holds in hand at the instant."""
    return list(
        session.scalars(
            select(Letter)
            .where(
                or_(Letter.unit_id.in_(units), Letter.reply_unit_id.in_(units)),
                Letter.state.in_(WAITING),
                or_(Letter.lease_until.is_(None), Letter.lease_until <= at),
            )
            .order_by(Letter.id)
            .with_for_update()
        )
    )


def readdress(session: Session, found: Successors, at: datetime) -> int:
    """Give the waiting letters of units that have ended to those who read for their successors; return how many.

    Where nobody reads there they climb to the offices of the province under which the successor stands.
    A producer and an account's owner keep their letters; who hands them over on paper changes. What was written and to whom first stays in the facts.
    """
    letters = waiting(session, found.parts.keys(), at)
    by_province: dict[int, list[Letter]] = defaultdict(list)
    for letter in letters:
        by_province[_province(found, letter)].append(letter)
    for province, theirs in sorted(by_province.items()):
        wanted = {unit for letter in theirs for unit in (letter.unit_id, letter.reply_unit_id)}
        _give(theirs, found, Directory(session, wanted, province, found.day))
    session.flush()
    return len(letters)


def _province(found: Successors, letter: Letter) -> int:
    """Return the province whose offices read where nobody is at the unit that took a letter's place."""
    ended = letter.unit_id if letter.unit_id in found.parts else letter.reply_unit_id
    assert ended is not None, "a letter is found by a unit that ends"
    after = found.after(ended)
    return found.above(after).get(Level.PROVINCE, after)


def _give(letters: Sequence[Letter], found: Successors, directory: Directory) -> None:
    """Write into the letters of one province who reads them now: whoever has the role of the one who read before."""
    roles: dict[tuple[int, str], Role] = {}
    for post, _ in found.posts:  # of two roles at a unit the lower one read
        place, role = (post.unit_id, f"person/{post.person_id}"), Role(post.role)
        roles[place] = min(role, roles.get(place, role), key=LADDER.index)
    for letter in letters:
        facts = dict(letter.facts)
        if letter.reply_unit_id is not None:
            letter.reply_unit_id = directory.now(letter.reply_unit_id)
            letter.reply_to = directory.reply_to(letter.reply_unit_id)
            facts["reply_name"] = directory.name(letter.reply_unit_id)
        if letter.unit_id is not None and letter.unit_id in found.parts:
            facts["readdressed_from"] = {"unit": found.units[letter.unit_id].name, "recipient": letter.recipient_name}
            now = directory.now(letter.unit_id)
            if not letter.recipient.startswith(("producer/", "account/")):
                role = roles.get((letter.unit_id, letter.recipient), Role.OFFICER)
                reader = directory.find(now, role).recipient
                letter.recipient, letter.recipient_name, letter.email = reader.key, reader.name, reader.email
                facts["recipient_name"] = reader.name
                now = reader.unit_id or now
                if letter.state not in STAY:
                    letter.state = (LetterState.OWED if reader.email else LetterState.TO_HAND_OVER).value
            letter.unit_id = now
            facts["unit_name"] = directory.name(now)
        letter.facts = facts
