"""The one writer: moves dossiers in batches and writes stage, history and letters owed together."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.orm import Session

from casework import periods
from casework.actors import ENGINE, Actor
from casework.announcing import ABOUT, about_dossiers, owe_for_moves
from casework.chronicle import event_row, write_events
from casework.gate import Gatekeeper, unit_at
from casework.moves import Moved, ProposedMove, Rebind, Refused, Written
from casework.rebinding import arrivals, keep_bindings
from casework.rules import cycles_of
from casework.timing import ahead_of
from models.base import table_of
from models.bulk import execute_many
from models.cycles import Breach, Cycle, Deadline
from models.dossiers import Dossier
from ocop.errors import NotFound, RuleViolation, SomeoneWasFaster
from ocop.levels import Level
from ocop.notices import Notice
from ocop.procedure import REGISTER, Move, Stage
from ocop.rulebook import PROCEDURES

CHUNK = 500
"""Dossiers handled at a time: what is held in memory does not grow with the batch."""

_DOSSIERS = table_of(Dossier)
_COLUMNS = (
    *ABOUT,
    *(_DOSSIERS.c[name] for name in (
        "cycle_id", "procedure_key", "stage", "version", "head", "holder_id", "province_id", "simulated", "suspended_at")),
)  # fmt: skip
"""What is read of a dossier that moves, with what its letters tell."""
_STANDING = (
    select(*_COLUMNS)
    .select_from(about_dossiers())
    .where(_DOSSIERS.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_DOSSIERS.c.id)
    .with_for_update(of=_DOSSIERS)
)


def advance(session: Session, moves: Sequence[ProposedMove], *, actor: Actor, at: datetime) -> list[Moved | Refused]:
    """Move dossiers: stage, history and letters owed change together, in a few statements.

    Answers in the order of `moves`; a dossier may stand in it once. A refusal of one does not stop the others.
    """
    if len({proposed.dossier_id for proposed in moves}) != len(moves):
        raise ValueError("a dossier stands twice in one batch")
    answers: list[Moved | Refused] = []
    for start in range(0, len(moves), CHUNK):
        answers += _advance_chunk(session, moves[start : start + CHUNK], actor, at)
    return answers


def move_one(session: Session, proposed: ProposedMove, *, actor: Actor, at: datetime) -> Moved:
    """Move one dossier, or raise the refusal."""
    (answer,) = advance(session, [proposed], actor=actor, at=at)
    if isinstance(answer, Refused):
        raise answer.violation
    return answer


def _advance_chunk(
    session: Session, moves: Sequence[ProposedMove], actor: Actor, at: datetime
) -> list[Moved | Refused]:
    session.flush()
    ids = [proposed.dossier_id for proposed in moves]
    rows = {row.id: row for row in session.execute(_STANDING, {"ids": ids})}
    cycles = cycles_of(session, rows.values())
    gate = Gatekeeper(session, moves, rows, cycles, actor, at)
    answers: list[Moved | Refused] = []
    written: list[Written] = []
    for proposed in moves:
        row = rows.get(proposed.dossier_id)
        if row is None:
            violation: RuleViolation = NotFound("Không có hồ sơ này.", f"no dossier with id {proposed.dossier_id}")
            answers.append(Refused(proposed.dossier_id, "", violation))
            continue
        judged = gate.judge(proposed, row)
        if isinstance(judged, RuleViolation):
            answers.append(Refused(row.id, row.code, judged))
            continue
        accepted = _write_up(proposed, row, judged, cycles[row.cycle_id], actor, at)
        written.append(accepted)
        answers.append(Moved(row.id, row.code, proposed.event, row.stage, accepted.stage.key, accepted.event["number"]))
    if written:
        _store(session, written)
        owe_for_moves(session, periods.begin(session, written, cycles), cycles)
        if halted := arrivals(session, written, cycles):
            _advance_chunk(session, halted, ENGINE, at)
    return answers


def _holder(row: Row[Any], stage: Stage, cycle: Cycle, rebind: Rebind | None = None) -> int:
    """Return the unit that holds a dossier at a stage; a final stage leaves it where it was."""
    if stage.final:
        return int(row.holder_id)
    unit = cycle.central_id if stage.level is Level.CENTRAL else unit_at(rebind or row, stage.level)
    if unit is None:
        raise ValueError(f"dossier {row.code} has no unit at level {stage.level}")
    return unit


def _write_up(proposed: ProposedMove, row: Row[Any], move: Move, cycle: Cycle, actor: Actor, at: datetime) -> Written:
    rebind = proposed.rebind
    stage = PROCEDURES[rebind.procedure_key if rebind else row.procedure_key].stage(move.target)
    holder_id = _holder(row, stage, cycle, rebind) if move.moves or rebind else row.holder_id
    details = dict(proposed.details)
    if proposed.document:
        details["document"] = proposed.document
    event = event_row(
        chain=f"dossier/{row.id}",
        number=row.version + 1,
        prev_hash=row.head,
        cycle_id=row.cycle_id,
        dossier_id=row.id,
        event=proposed.event,
        stages=(row.stage, move.target),
        unit_id=row.holder_id,
        actor=actor,
        occurred_on=proposed.occurred_on,
        effective_at=proposed.effective_at or at,
        recorded_at=at,
        reason=proposed.reason,
        rule=rebind.rule if rebind else "" if move.rule is None else str(move.rule),
        details=details,
    )
    return Written(row, proposed, move, stage, holder_id, event)


def begin(
    session: Session, dossier: Dossier, *, actor: Actor, at: datetime, details: Mapping[str, Any],
    also: tuple[Notice, ...] = (), letter: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Write the first line of a dossier just written at its first stage, and owe its letters."""
    cycle = session.get_one(Cycle, dossier.cycle_id)
    procedure = PROCEDURES[dossier.procedure_key]
    stage = procedure.stage(dossier.stage)
    proposed = ProposedMove(
        dossier.id, REGISTER, dossier.registered_on, details=details, letter=letter or {}, also=also
    )
    (row,) = session.execute(_STANDING, {"ids": [dossier.id]})
    move = procedure.entry(stage.key)
    event = event_row(
        chain=f"dossier/{dossier.id}",
        number=1,
        prev_hash="",
        cycle_id=cycle.id,
        dossier_id=dossier.id,
        event=REGISTER,
        stages=("", stage.key),
        unit_id=dossier.holder_id,
        actor=actor,
        occurred_on=dossier.registered_on,
        effective_at=at,
        recorded_at=at,
        reason="",
        rule=str(procedure.source),
        details=details,
    )
    written = Written(row, proposed, move, stage, dossier.holder_id, event)
    _store(session, [written])
    owe_for_moves(session, [written], {cycle.id: cycle})
    if halted := arrivals(session, [written], {cycle.id: cycle}):
        _advance_chunk(session, halted, ENGINE, at)


_STEP = (
    update(_DOSSIERS)
    .where(_DOSSIERS.c.id == bindparam("b_id"), _DOSSIERS.c.version == bindparam("b_version"))
    .values(
        stage=bindparam("b_stage"),
        open=bindparam("b_open"),
        holder_id=bindparam("b_holder"),
        stage_since=func.coalesce(bindparam("b_since", type_=_DOSSIERS.c.stage_since.type), _DOSSIERS.c.stage_since),
        version=bindparam("b_number"),
        head=bindparam("b_head"),
    )
)


def _store(session: Session, written: Sequence[Written]) -> None:
    """Insert the history lines, then move each dossier if it still is where it was read."""
    write_events(session, [item.event for item in written])
    changed = execute_many(
        session,
        _STEP,
        [
            {
                "b_id": item.row.id,
                "b_version": item.row.version,
                "b_stage": item.stage.key,
                "b_open": not item.stage.final,
                "b_holder": item.holder_id,
                "b_since": item.event["effective_at"] if item.move.moves else None,
                "b_number": item.event["number"],
                "b_head": item.event["hash"],
            }
            for item in written
        ],
    )
    if changed != len(written):
        raise SomeoneWasFaster(
            "Hồ sơ vừa được người khác cập nhật. Hãy mở lại hồ sơ rồi thực hiện.",
            "somebody else changed the dossier a moment ago; open it again, then do it",
        )
    if anew := [item for item in written if item.proposed.rebind is not None]:
        _bind(session, anew)
    for item in written:
        held = session.identity_map.get(session.identity_key(Dossier, item.row.id))
        if held is not None:
            session.expire(held)
    close_breaches(session, written)


def _bind(session: Session, written: Sequence[Written]) -> None:
    """Bind dossiers anew, and keep what they were bound to before."""
    keep_bindings(session, written)
    execute_many(
        session,
        _BIND,
        [
            {
                "b_id": item.row.id,
                "b_procedure": rebind.procedure_key,
                "b_commune": rebind.commune_id,
                "b_district": rebind.district_id,
                "b_province": rebind.province_id,
                "b_suspended": rebind.suspended_at,
            }
            for item in written
            if (rebind := item.proposed.rebind) is not None
        ],
    )


_BIND = (
    update(_DOSSIERS)
    .where(_DOSSIERS.c.id == bindparam("b_id"))
    .values(
        procedure_key=bindparam("b_procedure"),
        commune_id=bindparam("b_commune"),
        district_id=bindparam("b_district"),
        province_id=bindparam("b_province"),
        suspended_at=bindparam("b_suspended"),
    )
)


def close_breaches(session: Session, written: Sequence[Written]) -> None:
    """Close the open breaches of dossiers that left the stages still ahead of the breached one."""
    moved = [item for item in written if item.move.moves or item.procedure_key != item.row.procedure_key]
    if not moved:
        return
    open_ones = session.execute(_OPEN_BREACHES, {"ids": [item.row.id for item in moved]}).all()
    by_id = {item.row.id: item for item in moved}
    closed = []
    for breach_id, dossier_id, stage, kind in open_ones:
        item = by_id[dossier_id]
        if item.stage.key not in ahead_of(PROCEDURES[item.procedure_key], stage, kind):
            closed.append({"b_id": breach_id, "b_at": item.event["effective_at"], "b_by": item.proposed.event})
    if closed:
        execute_many(session, _CLOSE, closed)


_BREACHES, _DEADLINES = table_of(Breach), table_of(Deadline)
_OPEN_BREACHES = (
    select(_BREACHES.c.id, _BREACHES.c.dossier_id, _DEADLINES.c.stage, _DEADLINES.c.kind)
    .join(_DEADLINES, _DEADLINES.c.id == _BREACHES.c.deadline_id)
    .where(_BREACHES.c.dossier_id.in_(bindparam("ids", expanding=True)), _BREACHES.c.closed_at.is_(None))
)
_CLOSE = (
    update(_BREACHES)
    .where(_BREACHES.c.id == bindparam("b_id"))
    .values(closed_at=bindparam("b_at"), closed_by=bindparam("b_by"))
)
