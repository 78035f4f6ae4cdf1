"""Reads a decision's result for letters, history and pages."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models.results import Decision, GateResult


def result_facts(session: Session, decision: Decision) -> dict[str, Any]:
    """Return a decision's mean, stars and failed gates as a letter shows them."""
    failed = []
    if decision.evaluation_id is not None and decision.stars_after_gates != decision.stars_by_points:
        failed = [
            {"star": gate.star, "reason": gate.reason}
            for gate in session.scalars(
                select(GateResult)
                .where(GateResult.evaluation_id == decision.evaluation_id, GateResult.passed.is_(False))
                .order_by(GateResult.star)
            )
        ]
    return {
        "mean": decision.mean,
        "stars_by_points": decision.stars_by_points,
        "stars_after_gates": decision.stars_after_gates,
        "awarded_star": decision.awarded_star,
        "gates_failed": failed,
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
