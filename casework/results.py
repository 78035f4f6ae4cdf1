"""Reads a decision's result for letters, history and pages."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models.results import Decision, Evaluation, GateResult
from ocop.phrase import Phrase
from ocop.text import points

FailedGates = Mapping[int, Sequence[Mapping[str, Any]]]
"""What evaluations' products did not meet, star by star, as letters show it."""


def failed_gates(session: Session, judged: Iterable[Evaluation | Decision]) -> FailedGates:
    """Return, by evaluation, the gates for which results have fewer stars than their points gave; read in one query."""
    lowered = [found for found in judged if found.stars_after_gates != found.stars_by_points]
    ids = {found.id if isinstance(found, Evaluation) else found.evaluation_id for found in lowered}
    failed: dict[int, list[Mapping[str, Any]]] = {}
    for evaluation_id, star, reason in session.execute(_FAILED, {"ids": ids}) if ids else ():
        failed.setdefault(evaluation_id, []).append({"star": star, "reason": reason})
    return failed


_FAILED = (
    select(GateResult.evaluation_id, GateResult.star, GateResult.reason)
    .where(GateResult.evaluation_id.in_(bindparam("ids", expanding=True)), GateResult.passed.is_(False))
    .order_by(GateResult.star)
)


def told_points(value: Decimal) -> Phrase:
    """Return points of 100 with two decimals, cut and not rounded, as each language writes them."""
    whole, _, part = points(value).partition(",")
    return Phrase("%(whole)s,%(part)s", whole=whole, part=part)


def result_facts(decision: Decision, failed: FailedGates) -> dict[str, Any]:
    """Return a decision's mean, stars and failed gates as a letter shows them."""
    return {
        "mean": decision.mean,
        "stars_by_points": decision.stars_by_points,
        "stars_after_gates": decision.stars_after_gates,
        "awarded_star": decision.awarded_star,
        "gates_failed": [] if decision.evaluation_id is None else failed.get(decision.evaluation_id, []),
    }


def decisions_in_force(session: Session, dossier_ids: Sequence[int]) -> dict[tuple[int, str, str], Decision]:
    """Return the newest decision in force of each of some dossiers by dossier, level and purpose."""
    found = session.scalars(_IN_FORCE, {"ids": dossier_ids})
    return {(row.dossier_id, row.level, row.purpose): row for row in found if row.dossier_id is not None}


_IN_FORCE = (
    select(Decision)
    .where(Decision.dossier_id.in_(bindparam("ids", expanding=True)), Decision.annulled_on.is_(None))
    .order_by(Decision.id)
)


def decision_in_force(session: Session, dossier_id: int, level: str, *purposes: str) -> Decision | None:
    """Return the newest decision in force on a dossier at a level for one of the purposes."""
    return session.scalar(
        select(Decision)
        .where(
            Decision.dossier_id == dossier_id,
            Decision.level == level,
            Decision.purpose.in_(purposes),
            Decision.annulled_on.is_(None),
        )
        .order_by(Decision.id.desc())
        .limit(1)
    )
