"""Letters that have not left when their unit ends: they go to whoever took its place, and say so."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework.directory import Directory
from models.letters import Letter, LetterState
from models.units import Unit

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


def readdress(session: Session, units: Collection[int], province_id: int, day: date, at: datetime) -> int:
    """Give the waiting letters of units that have ended to those who read for their successors; return how many.

    A producer keeps its letter; who hands it over on paper changes. What was written and to whom first stays in the facts.
    """
    letters = waiting(session, units, at)
    wanted = {unit for letter in letters for unit in (letter.unit_id, letter.reply_unit_id)}
    directory = Directory(session, wanted, province_id, day)
    named = dict(session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(units))).tuples().all())
    for letter in letters:
        facts = dict(letter.facts)
        if letter.reply_unit_id is not None:
            letter.reply_unit_id = directory.now(letter.reply_unit_id)
            letter.reply_to = directory.reply_to(letter.reply_unit_id)
            facts["reply_name"] = directory.name(letter.reply_unit_id)
        if letter.unit_id is not None and letter.unit_id in units:
            facts["readdressed_from"] = {"unit": named[letter.unit_id], "recipient": letter.recipient_name}
            now = directory.now(letter.unit_id)
            if not letter.recipient.startswith("producer/"):
                reader = directory.find(now).recipient
                letter.recipient, letter.recipient_name, letter.email = reader.key, reader.name, reader.email
                facts["recipient_name"] = reader.name
                now = reader.unit_id or now
                if letter.state not in STAY:
                    letter.state = (LetterState.OWED if reader.email else LetterState.TO_HAND_OVER).value
            letter.unit_id = now
            facts["unit_name"] = directory.name(now)
        letter.facts = facts
    session.flush()
    return len(letters)
