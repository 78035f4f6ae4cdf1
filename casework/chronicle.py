"""The history: lines chained by hash, one chain for each dossier and one for each cycle."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from casework.actors import Actor
from models.base import canonical, table_of
from models.bulk import execute_many, insert_into
from models.cycles import Cycle
from models.record import Event


def event_row(
    *,
    chain: str,
    number: int,
    prev_hash: str,
    cycle_id: int,
    dossier_id: int | None,
    event: str,
    stages: tuple[str, str],
    unit_id: int,
    actor: Actor,
    occurred_on: date,
    effective_at: datetime,
    recorded_at: datetime,
    reason: str,
    rule: str,
    details: Mapping[str, Any],
) -> dict[str, Any]:
    """Return a history row with its hash over the canonical body and the previous hash; a producer's own act says so."""
    if actor.producer_id is not None:
        details = {**details, "producer": actor.producer_id}
    row: dict[str, Any] = {
        "chain": chain,
        "number": number,
        "cycle_id": cycle_id,
        "dossier_id": dossier_id,
        "event": event,
        "from_stage": stages[0],
        "to_stage": stages[1],
        "unit_id": unit_id,
        "actor_id": actor.person_id,
        "actor_name": actor.name,
        "on_behalf": actor.on_behalf,
        "occurred_on": occurred_on,
        "effective_at": effective_at,
        "recorded_at": recorded_at,
        "reason": reason,
        "rule": rule,
        "details": details,
        "prev_hash": prev_hash,
    }
    row["hash"] = _hash(row)
    return row


HASHED = (
    "chain", "number", "cycle_id", "dossier_id", "event", "from_stage", "to_stage", "unit_id", "actor_id", "actor_name",
    "on_behalf", "occurred_on", "effective_at", "recorded_at", "reason", "rule", "details", "prev_hash",
)  # fmt: skip
"""What a line's hash covers, in no particular order: canonical JSON sorts it."""


def event_hash(row: Mapping[str, Any]) -> str:
    """Return the sha256 of a history line's canonical body, the previous line's hash included."""
    return _hash({key: row[key] for key in HASHED})


def _hash(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(body).encode()).hexdigest()


def write_events(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert history lines."""
    execute_many(session, _INSERT, rows)


_INSERT = insert_into(table_of(Event), (*HASHED, "hash"))


def append_cycle_event(
    session: Session,
    cycle: Cycle,
    event: str,
    *,
    actor: Actor,
    at: datetime,
    occurred_on: date,
    reason: str = "",
    rule: str = "",
    details: Mapping[str, Any] | None = None,
    effective_at: datetime | None = None,
) -> str:
    """Write a line of a cycle's own history and return its cause for letters: 'cycle/1#4'.

    It holds from `effective_at`, or from the instant of recording.
    """
    session.flush()
    row = event_row(
        chain=f"cycle/{cycle.id}",
        number=cycle.version + 1,
        prev_hash=cycle.head,
        cycle_id=cycle.id,
        dossier_id=None,
        event=event,
        stages=("", ""),
        unit_id=cycle.province_id,
        actor=actor,
        occurred_on=occurred_on,
        effective_at=effective_at or at,
        recorded_at=at,
        reason=reason,
        rule=rule,
        details=details or {},
    )
    write_events(session, [row])
    cycle.version, cycle.head = row["number"], row["hash"]
    return f"{row['chain']}#{row['number']}"
