"""Drives a copy's clock from one instant at which something is due to the next, while nobody acts."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, func, select

from casework.agenda import DEADLINE_KINDS
from casework.rules import cycle_by_code
from cli.waking import WAKES, by_flow
from models.cycles import AgendaItem
from models.session import reading
from ocop.working_days import start_of

Wake = Callable[[str, dict[str, Any]], Awaitable[None]]
Tell = Callable[[datetime], None]


@dataclass
class Played:
    """What a rehearsal drove."""

    begins: datetime
    ends: datetime
    instants: list[datetime] = field(default_factory=list)


def untold(at: datetime) -> None:
    """Tell nobody how far it is."""


def play(
    engine: Engine, cycle: str, begins: datetime, until: date | None = None, wake: Wake = by_flow, tell: Tell = untold
) -> Played:
    """Play a cycle on its copy until nothing of its deadlines is to come, or to the end of a day, through the flows.

    Only the instants at which a deadline has something due are driven; what runs late writes the same as on time. Digests
    and warnings that fell due in between come along, each of its own day.
    """
    return asyncio.run(_play(engine, cycle, begins, until, wake, tell))


async def _play(engine: Engine, cycle: str, begins: datetime, until: date | None, wake: Wake, tell: Tell) -> Played:
    played = Played(begins, begins)
    end = None if until is None else start_of(until + timedelta(days=1)) - timedelta(seconds=1)
    while (due_at := _next(engine, cycle)) is not None and (end is None or due_at <= end):
        if played.instants and due_at <= played.instants[-1]:
            raise RuntimeError(f"what was due at {due_at} is due still")
        played.instants.append(due_at)
        played.ends = max(due_at, begins)
        await _wake_for(engine, cycle, played, wake)
        tell(played.ends)
    if end is not None and end > played.ends:
        played.ends = end
        await _wake_for(engine, cycle, played, wake)
    return played


async def _wake_for(engine: Engine, cycle: str, played: Played, wake: Wake) -> None:
    with reading(engine) as session:
        due = select(AgendaItem.kind).where(AgendaItem.done_at.is_(None), AgendaItem.due_at <= played.ends)
        kinds = set(session.scalars(due))  # few are due; for DISTINCT SQLite would read the whole agenda
    for flow, does in WAKES:
        if kinds & does:
            await wake(flow, {"at": played.ends} | ({"cycle": cycle} if flow == "evaluation_cycle" else {}))


def _next(engine: Engine, cycle: str) -> datetime | None:
    """Return the next instant at which a deadline of the cycle has something due."""
    with reading(engine) as session:
        return session.scalar(
            select(func.min(AgendaItem.due_at)).where(
                AgendaItem.cycle_id == cycle_by_code(session, cycle, must_be_open=False).id,
                AgendaItem.done_at.is_(None),
                AgendaItem.kind.in_(sorted(DEADLINE_KINDS)),
                AgendaItem.outcome == "",  # what was set aside stays due
            )
        )
