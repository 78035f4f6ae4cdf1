"""Figures for a machine that watches this one: how much stands where, how long what should have left or run has waited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import health as keeping
from casework.board.cycles import cycles, standing, summed
from casework.board.health import Health, health
from casework.board.letters import state_counts
from casework.rules import procedure_of
from models.cycles import Cycle
from models.letters import Letter, LetterState


@dataclass(frozen=True)
class CycleFigures:
    """One open cycle's numbers."""

    code: str
    open: Mapping[str, int]
    """Dossiers that have not ended, by stage; stages without any included."""
    overdue: int


@dataclass(frozen=True)
class Figures:
    """What is so on an instant."""

    cycles: Sequence[CycleFigures]
    letters: Mapping[str, int]
    """By state, every state included."""
    oldest_owed: datetime | None
    """Since when the letter that should have left first could leave; None where none waits."""
    health: Health
    incidents: int
    """How many things a person should look at, as the morning letter tells them without the nightly check."""


def figures(session: Session, at: datetime) -> Figures:
    """Return the figures of an instant, from the queries of the pages: nothing is counted along in the process."""
    letters = dict.fromkeys((state.value for state in LetterState), 0) | state_counts(session)
    return Figures(
        [_of_cycle(session, cycle) for cycle in cycles(session) if cycle.closed_at is None],
        letters,
        session.scalar(
            select(func.min(Letter.send_from)).where(
                Letter.state == LetterState.OWED.value, Letter.next_try_at <= at, Letter.send_from <= at
            )
        ),
        health(session, at),
        len(keeping.lines(session, at, thorough=False)),
    )


def _of_cycle(session: Session, cycle: Cycle) -> CycleFigures:
    rows = standing(session, cycle)
    found = dict.fromkeys(procedure_of(cycle).open_stages, 0)
    for row in rows:
        if row.stage in found:
            found[row.stage] += row.number
    return CycleFigures(cycle.code, found, summed(session, cycle, rows).total.overdue)
