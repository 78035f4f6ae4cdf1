"""A cycle's reconcile: what it does, as tasks, and what it asks the record, as plain functions.

A task costs 20 ms of Prefect, ten times what a question does. A question is never the first thing that a scheduled run does:
the tick before it has waited until the database is there.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from prefect import task
from sqlalchemy.orm import Session

from casework import clock, poison, routing
from casework.agenda import DEADLINE_KINDS, DIGEST_KINDS, EXPIRY_KINDS, catch_up, in_words
from casework.reconcile import PhaseReport, cycles_with_work, phase_report, phases_with_work
from casework.rules import cycle_by_code, procedure_of
from casework.settings import ClockSettings
from models.session import perform, reading
from tasks.database import RETRIES, engine, heals


def instant(at: datetime | None) -> datetime:
    """Return the instant to act for: the one given, or the clock's, guarded against jumps."""
    return tick() if at is None else at


@task(retry_condition_fn=heals, **RETRIES)
def tick() -> datetime:
    """Return the clock's instant and remember it; a clock that jumped is refused, and a person asked."""
    return perform(engine(), lambda session: clock.tick(session, datetime.now(UTC), ClockSettings().longest_gap))


def open_cycles() -> list[str]:
    """Return the codes of the cycles that are open, or closed with dossiers still at the centre, and that can be read."""
    with reading(engine()) as session:
        return [cycle.code for cycle in session.scalars(cycles_with_work()) if not poison.unfit(cycle)]


def not_carried(refused: Sequence[str]) -> str:
    """Return, for the end of a run's message, which dossiers were not carried on and why; empty when all were."""
    return f"; không chuyển được {len(refused)}: {'; '.join(refused[:5])}" if refused else ""


def set_aside() -> str:
    """Return, for the end of a run's message, what had to be set aside because no rule fits it; empty when nothing is."""
    with reading(engine()) as session:
        found = [f"{which} ({why})" for which, why in poison.named(session)]
    return f"; phải gác lại {len(found)}: {'; '.join(found[:5])}" if found else ""


def phases_due(cycle: str, at: datetime) -> list[str]:
    """Return the phases of a cycle that have work at an instant, in the plan's order."""
    with reading(engine()) as session:
        return phases_with_work(session, cycle_by_code(session, cycle, must_be_open=False), at)


def ready_batches(cycle: str, phase: str) -> list[tuple[str, int, int]]:
    """Return (stage, unit, dossiers) for what waits to be carried on in a phase."""
    with reading(engine()) as session:
        row = cycle_by_code(session, cycle, must_be_open=False)
        stages = procedure_of(row).phases[phase]
        return [batch for batch in routing.ready(session, row) if batch[0] in stages]


@task(retry_condition_fn=heals, task_run_name="route-{stage}-{unit_id}", **RETRIES)
def route_batch(cycle: str, stage: str, unit_id: int, at: datetime) -> tuple[int, list[str]]:
    """Carry on one unit's dossiers at one stage; return how many moved and why others did not."""

    def work(session: Session) -> Any:
        row = cycle_by_code(session, cycle, must_be_open=False)
        return routing.route(session, row, at, stage=stage, unit_id=unit_id)

    carried = perform(engine(), work)
    return carried.moved, [f"{refused.code}: {refused.violation}" for refused in carried.refused]


@task(retry_condition_fn=heals, **RETRIES)
def keep_deadlines(cycle: str, phase: str, at: datetime) -> dict[str, int]:
    """Owe the reminders, record the breaches and climb the ladder of a phase's deadlines; return how many of each."""

    def work(session: Session) -> Any:
        row = cycle_by_code(session, cycle, must_be_open=False)
        return dict(catch_up(session, at, DEADLINE_KINDS, row.id, procedure_of(row).phases[phase]))

    return perform(engine(), work)


def stand(cycle: str, phase: str, at: datetime) -> PhaseReport:
    """Return how a phase stands."""
    with reading(engine()) as session:
        return phase_report(session, cycle_by_code(session, cycle, must_be_open=False), phase, at)


@task(retry_condition_fn=heals, **RETRIES)
def due_now(at: datetime, kinds: Sequence[str]) -> dict[str, int]:
    """Do what is due of some kinds, for all cycles and provinces; return how many of each."""
    return dict(perform(engine(), lambda session: catch_up(session, at, set(kinds))))


__all__ = [
    "DEADLINE_KINDS",
    "DIGEST_KINDS",
    "EXPIRY_KINDS",
    "due_now",
    "in_words",
    "instant",
    "keep_deadlines",
    "not_carried",
    "open_cycles",
    "phases_due",
    "ready_batches",
    "route_batch",
    "set_aside",
    "stand",
    "tick",
]
