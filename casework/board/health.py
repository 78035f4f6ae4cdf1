"""Whether the engine keeps up: the clock, the last tick, what is due and not done, letters that wait or failed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import clock
from casework.agenda import due
from models.cycles import AgendaItem
from models.letters import Letter, LetterState
from models.record import Event, Mark

UNFINISHED = [LetterState.OWED, LetterState.DEAD, LetterState.HELD, LetterState.TO_HAND_OVER]
"""What is counted of letters: those that left need no counting."""


@dataclass(frozen=True)
class Health:
    """The facts of an instant."""

    driven: datetime | None
    """The instant of a driven clock; None where the wall clock counts."""
    last_tick: datetime | None
    last_event: datetime | None
    waiting: int
    """Things that fell due and are not done."""
    oldest_waiting: datetime | None
    next_due: datetime | None
    letters_owed: int
    letters_late: int
    """Letters that should have left by now."""
    letters_dead: int
    letters_held: int
    letters_to_hand_over: int


def health(session: Session, at: datetime) -> Health:
    """Return the facts of an instant: one small query for each."""
    tick = session.get(Mark, clock.LAST_TICK)
    waiting, oldest = session.execute(select(func.count(), func.min(AgendaItem.due_at)).where(due(at))).one()
    states = {
        state: number
        for state, number in session.execute(
            select(Letter.state, func.count()).where(Letter.state.in_(UNFINISHED)).group_by(Letter.state)
        )
    }
    late = select(func.count()).where(Letter.state == LetterState.OWED.value, Letter.next_try_at <= at)
    return Health(
        driven=clock.driven(session),
        last_tick=None if tick is None else datetime.fromisoformat(tick.value),
        last_event=session.scalar(select(Event.recorded_at).order_by(Event.id.desc()).limit(1)),
        waiting=waiting,
        oldest_waiting=oldest,
        next_due=session.scalar(
            select(func.min(AgendaItem.due_at)).where(AgendaItem.done_at.is_(None), AgendaItem.due_at > at)
        ),
        letters_owed=states.get(LetterState.OWED, 0),
        letters_late=session.scalar(late) or 0,
        letters_dead=states.get(LetterState.DEAD, 0),
        letters_held=states.get(LetterState.HELD, 0),
        letters_to_hand_over=states.get(LetterState.TO_HAND_OVER, 0),
    )
