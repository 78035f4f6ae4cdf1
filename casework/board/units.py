"""A unit's planned, registered, judged and recognised counts, and the year's targets against its results."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from casework.board.selection import awarded, judged, proposed
from casework.cycles import units_under
from casework.rules import plan_of
from models.cycles import Cycle, UnitTarget
from models.dossiers import Dossier
from models.units import Unit
from ocop.levels import DossierKind, Level


@dataclass
class Counts:
    """The numbers of one unit; `planned` is None where nobody stated it."""

    unit: Unit
    planned: int | None
    document: str
    registered: int = 0
    judged: int = 0
    recognised: int = 0


def unit_counts(session: Session, cycle: Cycle, at: datetime) -> list[Counts]:
    """Return the counts of the province and its districts, and of communes that have a plan of their own."""
    targets = {
        unit_id: (planned, document)
        for unit_id, planned, document in session.execute(
            select(UnitTarget.unit_id, UnitTarget.planned, UnitTarget.document).where(UnitTarget.cycle_id == cycle.id)
        )
    }
    rows = session.execute(
        select(
            Dossier.commune_id, Dossier.district_id, Dossier.province_id, func.count(),
            func.sum(case((judged(), 1), else_=0)), func.sum(case((awarded(), 1), else_=0)),
        )
        .where(Dossier.cycle_id == cycle.id)
        .group_by(Dossier.commune_id, Dossier.district_id, Dossier.province_id)
    ).all()  # fmt: skip
    known = {unit.id: unit for unit in units_under(session, cycle.province_id, at)}
    wanted = {unit.id: unit for unit in known.values() if unit.level != Level.COMMUNE or unit.id in targets}
    found = {
        unit_id: Counts(unit, *targets.get(unit_id, (None, "")))
        for unit_id, unit in sorted(wanted.items(), key=lambda pair: (pair[1].level != Level.PROVINCE, pair[1].code))
    }
    for *places, registered, scored, recognised in rows:
        for unit_id in {place for place in places if place in found}:
            counts = found[unit_id]
            counts.registered += registered
            counts.judged += scored
            counts.recognised += recognised
    return list(found.values())


@dataclass(frozen=True)
class Target:
    """One of the plan's targets with what was reached."""

    label: str
    wanted: int
    reached: int
    parameters: dict[str, str | int]
    """The filters of the list that `reached` counts."""


def targets(session: Session, cycle: Cycle) -> Sequence[Target]:
    """Return the plan's targets against results; the 5-star target is counted twice: proposed, and evaluated by the centre."""
    plan = plan_of(cycle).targets
    first = Dossier.kind == DossierKind.FIRST.value
    new, sent, centre = session.execute(
        select(
            func.coalesce(func.sum(case((first & awarded(), 1), else_=0)), 0),
            func.coalesce(func.sum(case((proposed(cycle), 1), else_=0)), 0),
            func.coalesce(func.sum(case((judged(Level.CENTRAL), 1), else_=0)), 0),
        ).where(Dossier.cycle_id == cycle.id)
    ).one()
    return (
        Target("Sản phẩm mới được công nhận từ 3 sao", plan.new_three_stars, new,
               {"kind": DossierKind.FIRST.value, "result": "recognised"}),
        Target("Sản phẩm được đề nghị trung ương đánh giá 5 sao", plan.five_stars_evaluated, sent,
               {"result": "proposed"}),
        Target("Sản phẩm được trung ương đánh giá 5 sao", plan.five_stars_evaluated, centre, {"result": "at_centre"}),
    )  # fmt: skip
