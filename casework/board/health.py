"""Whether the engine keeps up: the clock, the last tick, what is due and not done, letters that wait or failed."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import clock
from casework.agenda import due
from casework.doctor.balance import conservation
from casework.health import CHECKED
from casework.settings import ClockSettings
from models.cycles import AgendaItem, Cycle
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

    def tick_late(self, wall: datetime) -> bool:
        """Return whether the wall clock's last tick is too long ago."""
        gap = ClockSettings().longest_gap
        return not self.driven and self.last_tick is not None and wall - self.last_tick > gap

    def behind(self, wall: datetime) -> bool:
        """Return whether the wall clock tells an earlier instant than the last event."""
        return not self.driven and self.last_event is not None and wall < self.last_event


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


@dataclass(frozen=True)
class Books:
    """Whether every dossier that came is accounted for."""

    balanced: bool
    checked_at: datetime | None
    """When the nightly check said so; None where it never ran and the cycle was counted now."""


def books(session: Session, cycle: Cycle) -> Books:
    """Return what the nightly check found; on a record so young that none ran, the cycle's equations as they are now."""
    mark = session.get(Mark, CHECKED)
    if mark is None:
        return Books(all(row.holds for row in conservation(session, cycle)), None)
    outcome = json.loads(mark.value)
    return Books(not outcome["broken"] and not outcome["faulty_chains"], mark.set_at)
