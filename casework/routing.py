"""Carries decided, reported and signed dossiers on to where their result belongs, in batches."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session

from casework import poison
from casework.actors import ENGINE
from casework.ledger import advance
from casework.moves import Moved, ProposedMove, Refused
from casework.results import failed_gates, result_facts
from casework.rules import facts_base, plan_of, procedure_of
from models.base import table_of
from models.cycles import Cycle
from models.dossiers import Dossier
from models.results import Decision
from ocop.errors import MissingResult, NotPossibleNow, RuleViolation
from ocop.procedure import ROUTE, Facts
from ocop.rulebook import PROCEDURES
from ocop.working_days import day_of

BATCH = 500


@dataclass
class Carried:
    """How many dossiers were carried on, and those that were not: what moved is history, so that no batch is held here."""

    moved: int = 0
    refused: list[Refused] = field(default_factory=list)


def route(
    session: Session, cycle: Cycle, at: datetime, *, stage: str | None = None, unit_id: int | None = None
) -> Carried:
    """Carry on what is ready in a cycle, or at one of its stages, or at one unit; return how many moved, and what did not.

    A route holds from the instant at which its dossier became ready, so a late run writes what one on time would have.
    """
    return _route(session, cycle, _waiting(session, cycle.id).get(cycle, set()), at, stage, unit_id)


def settle(session: Session, at: datetime, cycle_id: int | None = None) -> None:
    """Carry on everything that is ready, in one cycle or in all, closed ones with dossiers at the centre included."""
    for cycle, stages in _waiting(session, cycle_id).items():
        poison.aside(session, f"cycle {cycle.code}", partial(_route, session, cycle, stages, at))


def _route(
    session: Session,
    cycle: Cycle,
    waiting: set[str],
    at: datetime,
    stage: str | None = None,
    unit_id: int | None = None,
) -> Carried:
    carried = Carried()
    for source in procedure_of(cycle).routed:
        if source in waiting and stage in (None, source):
            waiting |= _route_stage(session, cycle, source, unit_id, at, carried)
    return carried


_DOSSIER = table_of(Dossier).c
_WAITING = (
    select(Cycle, _DOSSIER.stage)
    .join(table_of(Dossier), _DOSSIER.cycle_id == Cycle.id)
    .where(
        Cycle.procedure_key.in_(PROCEDURES),
        _DOSSIER.stage.in_(sorted({stage for law in PROCEDURES.values() for stage in law.routed})),
    )
    .group_by(Cycle.id, _DOSSIER.stage)
    .order_by(Cycle.id)
)
_BATCH = (
    select(_DOSSIER.id, _DOSSIER.code, _DOSSIER.stage_since)
    .where(
        _DOSSIER.cycle_id == bindparam("cycle"), _DOSSIER.stage == bindparam("stage"), _DOSSIER.id > bindparam("after")
    )
    .order_by(_DOSSIER.id)
    .limit(BATCH)
    .with_for_update()  # a second runner waits, and then does not find them here any more
)
_BATCH_OF_UNIT = _BATCH.where(_DOSSIER.holder_id == bindparam("unit"))


def _waiting(session: Session, cycle_id: int | None) -> dict[Cycle, set[str]]:
    """Return the stages at which dossiers wait to be carried on, in one cycle or in all, by the cycle."""
    asked = _WAITING if cycle_id is None else _WAITING.where(Cycle.id == cycle_id)
    found: dict[Cycle, set[str]] = {}
    for cycle, stage in session.execute(asked):
        found.setdefault(cycle, set()).add(stage)
    return found


def ready(session: Session, cycle: Cycle) -> list[tuple[str, int, int]]:
    """Return (stage, unit id, how many) for what waits to be carried on: the batches of a stage flow."""
    rows = session.execute(
        select(Dossier.stage, Dossier.holder_id, func.count())
        .where(Dossier.cycle_id == cycle.id, Dossier.stage.in_(procedure_of(cycle).routed))
        .group_by(Dossier.stage, Dossier.holder_id)
        .order_by(Dossier.stage, Dossier.holder_id)
    )
    return [(stage, unit, number) for stage, unit, number in rows]


def _route_stage(
    session: Session, cycle: Cycle, source: str, unit_id: int | None, at: datetime, carried: Carried
) -> set[str]:
    """Carry on what is ready at a stage, batch after batch, and return the stages that it reached."""
    reached: set[str] = set()
    last_id = 0
    asked = {"cycle": cycle.id, "stage": source, "unit": unit_id}
    while True:
        rows = session.execute(_BATCH if unit_id is None else _BATCH_OF_UNIT, asked | {"after": last_id}).all()
        answers = _carry_apart(session, cycle, source, rows, at) if rows else []
        moved = [answer for answer in answers if isinstance(answer, Moved)]
        carried.moved += len(moved)
        carried.refused += [answer for answer in answers if isinstance(answer, Refused)]
        reached |= {answer.target for answer in moved}
        if len(rows) < BATCH:
            return reached
        last_id = rows[-1].id


def _carry_apart(
    session: Session, cycle: Cycle, source: str, rows: Sequence[Row[Any]], at: datetime
) -> list[Moved | Refused]:
    """Carry a batch on; where a dossier of it fits no rule, carry each by itself and refuse that one."""
    answers, failed = poison.each_apart(
        session, f"route from {source}", rows, lambda some: _carry(session, cycle, source, some, at)
    )
    return [*answers, *(Refused(row.id, row.code, _unfit(row.code, fault)) for row, fault in failed)]


def _unfit(code: str, fault: Exception) -> RuleViolation:
    """Return why a dossier stays: its row, or a row behind it, was damaged."""
    if isinstance(fault, RuleViolation):
        return fault
    return NotPossibleNow(
        f"Hồ sơ {code} có dữ liệu không xử lý được ({poison.said(fault)}). Hãy báo người quản trị dùng “Kiểm tra sổ”.",
        f"dossier {code} has data that cannot be processed ({fault!r}); ask the administrator to use “Check of the record”",
    )


def _carry(
    session: Session, cycle: Cycle, source: str, rows: Sequence[Row[Any]], at: datetime
) -> list[Moved | Refused]:
    procedure, base = procedure_of(cycle), facts_base(plan_of(cycle))
    decisions = _decisions(session, cycle, source, [row.id for row in rows])
    failed = failed_gates(session, decisions.values())
    proposed: list[ProposedMove] = []
    refused: list[Moved | Refused] = []
    for row in rows:
        decision = decisions.get(row.id)
        if decision is None and procedure.stage(source).result:
            refused.append(Refused(row.id, row.code, _undecided(row.code)))
            continue
        facts, result, day = base, None, day_of(row.stage_since)
        if decision is not None:
            facts = replace(base, mean=decision.mean, stars_after_gates=decision.stars_after_gates)
            result, day = result_facts(decision, failed), decision.signed_on
        proposed.append(
            ProposedMove(
                row.id, ROUTE, day, facts, letter={"result": result}, details=_told(facts), effective_at=row.stage_since
            )
        )
    answers = advance(session, proposed, actor=ENGINE, at=at)
    return [*answers, *refused]


def _undecided(code: str) -> MissingResult:
    """Return why a dossier stays: without its decision it would be taken for one that is not ranked."""
    return MissingResult(
        f"Hồ sơ {code} ở bước đã có kết quả nhưng không còn quyết định nào có hiệu lực. Hãy báo người quản trị dùng “Kiểm tra sổ”.",
        f"dossier {code} is at a decided stage without a decision in force; ask the administrator to use “Check of the record”",
    )


def _told(facts: Facts) -> dict[str, Any]:
    """Return what history remembers of the facts that a route looked at."""
    return {} if facts.mean is None else {"mean": facts.mean, "stars_after_gates": facts.stars}


def _decisions(session: Session, cycle: Cycle, source: str, ids: Sequence[int]) -> dict[int, Decision]:
    """Return the decision in force that each dossier's route from a stage looks at."""
    stage = procedure_of(cycle).stage(source)
    if not stage.result:
        return {}
    found = session.scalars(
        select(Decision).where(
            Decision.dossier_id.in_(ids),
            Decision.level == stage.level,
            Decision.purpose == stage.result,
            Decision.annulled_on.is_(None),
        )
    )
    return {decision.dossier_id: decision for decision in found if decision.dossier_id is not None}
