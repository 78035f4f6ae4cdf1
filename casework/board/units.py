"""A unit's planned, registered, judged and recognised counts, and the year's targets against its results."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from casework.below import units_under
from casework.board.cycles import Standing, standing
from casework.board.selection import at_centre_stages
from casework.rules import plan_of, procedure_of
from casework.scope import Scope
from models.cycles import Cycle, UnitTarget
from models.dossiers import Dossier
from models.results import Decision, Evaluation
from models.units import Unit
from ocop.levels import DossierKind, Level
from ocop.phrase import Phrase


@dataclass
class Counts:
    """The numbers of one unit; `planned` is None where nobody stated it."""

    unit: Unit
    planned: int | None
    document: str
    registered: int = 0
    judged: int = 0
    recognised: int = 0


@dataclass(frozen=True)
class Target:
    """One of the plan's targets with what was reached."""

    label: str
    wanted: int
    reached: int
    parameters: dict[str, str | int]
    """The filters of the list that `reached` counts."""


@dataclass(frozen=True)
class Tally:
    """How many dossiers of one place and kind there are of something."""

    units: frozenset[int | None]
    """Province, district, and the commune where it is one that is counted by itself."""
    kind: str
    number: int


@dataclass(frozen=True)
class PlanNumbers:
    """What a plan wanted and what came of it, by unit and by target."""

    counts: Sequence[Counts]
    targets: Sequence[Target]


def plan_numbers(session: Session, cycle: Cycle, at: datetime, scope: Scope) -> PlanNumbers:
    """Return the counts of the province, its districts and the communes with a plan of their own, and the plan's targets.

    Who reads less than the province gets the numbers of their own units, and no targets, which are the province's.
    What was judged and recognised is counted from the ballots and decisions, each once for both.
    """
    found = [
        counts for counts in _planned(session, cycle, at) if not scope.dossiers_of(cycle) or scope.holds(counts.unit)
    ]
    if not found:
        return PlanNumbers((), ())
    communes = [counts.unit.id for counts in found if counts.unit.level == Level.COMMUNE]
    rows, within = standing(session, cycle), scope.dossiers_of(cycle)
    recognised = list(_recognised(session, cycle, communes, within))
    registered_in = _by_unit(_registered(session, cycle, rows, communes))
    judged_in, recognised_in = _by_unit(_judged(session, cycle, communes, within)), _by_unit(recognised)
    for counts in found:
        counts.registered = registered_in[counts.unit.id]
        counts.judged = judged_in[counts.unit.id]
        counts.recognised = recognised_in[counts.unit.id]
    new = sum(tally.number for tally in recognised if tally.kind == DossierKind.FIRST)
    return PlanNumbers(found, () if within else _targets(session, cycle, rows, new))


JUDGED = select(Evaluation.dossier_id).where(Evaluation.counts.is_(True), Evaluation.annulled_on.is_(None)).distinct()
AWARDED = select(Decision.dossier_id).where(Decision.annulled_on.is_(None), Decision.awarded_star >= 3).distinct()


def _planned(session: Session, cycle: Cycle, at: datetime) -> list[Counts]:
    """Return the units that are counted, the province first, with what they planned."""
    stated = {
        unit_id: (planned, document)
        for unit_id, planned, document in session.execute(
            select(UnitTarget.unit_id, UnitTarget.planned, UnitTarget.document).where(UnitTarget.cycle_id == cycle.id)
        )
    }
    known = units_under(session, cycle.province_id, at)
    wanted = [unit for unit in known if unit.level != Level.COMMUNE or unit.id in stated]
    return [
        Counts(unit, *stated.get(unit.id, (None, "")))
        for unit in sorted(wanted, key=lambda unit: (unit.level != Level.PROVINCE, unit.code))
    ]


def _by_unit(tallies: Iterable[Tally]) -> Counter[int | None]:
    found = Counter[int | None]()
    for tally in tallies:
        for unit_id in tally.units:
            found[unit_id] += tally.number
    return found


def _registered(session: Session, cycle: Cycle, rows: Sequence[Standing], communes: Sequence[int]) -> Iterator[Tally]:
    for row in rows:
        yield Tally(frozenset({row.province_id, row.district_id or row.province_id}), "", row.number)
    if communes:
        for commune, number in session.execute(
            select(Dossier.commune_id, func.count())
            .where(Dossier.cycle_id == cycle.id, Dossier.commune_id.in_(communes))
            .group_by(Dossier.commune_id)
        ):
            yield Tally(frozenset({commune}), "", number)


def _judged(
    session: Session, cycle: Cycle, communes: Sequence[int], within: Sequence[ColumnElement[bool]]
) -> Iterator[Tally]:
    place = _place(communes)
    for *units, number in session.execute(
        select(*place, func.count())
        .where(Dossier.cycle_id == cycle.id, Dossier.id.in_(JUDGED), *within)
        .group_by(*place)
    ):
        yield Tally(frozenset(units), "", number)


def _recognised(
    session: Session, cycle: Cycle, communes: Sequence[int], within: Sequence[ColumnElement[bool]]
) -> Iterator[Tally]:
    """Yield what was recognised, from the decisions to the dossiers.

    The cycle is grouped by, not asked for: asked for, SQLite would begin with all its dossiers.
    """
    awarded = AWARDED.subquery()
    place = [Dossier.cycle_id, Dossier.kind, *_place(communes)]
    for cycle_id, kind, *units, number in session.execute(
        select(*place, func.count()).join(awarded, awarded.c.dossier_id == Dossier.id).where(*within).group_by(*place)
    ):
        if cycle_id == cycle.id:
            yield Tally(frozenset(units), kind, number)


def _place(communes: Sequence[int]) -> list[Any]:
    """Return the columns of the units that a dossier counts for: its commune where that is counted by itself."""
    own = [case((Dossier.commune_id.in_(communes), Dossier.commune_id))] if communes else []
    return [Dossier.province_id, Dossier.district_id, *own]


def _targets(session: Session, cycle: Cycle, rows: Sequence[Standing], new: int) -> Sequence[Target]:
    """Return the plan's targets against results; the 5-star target is counted twice: proposed, and evaluated by the centre."""
    plan = plan_of(cycle).targets
    onward = at_centre_stages(procedure_of(cycle))
    at_centre = JUDGED.where(Evaluation.level == Level.CENTRAL).subquery()
    counted = (
        select(Dossier.cycle_id, Dossier.stage, func.count())
        .join(at_centre, at_centre.c.dossier_id == Dossier.id)
        .group_by(Dossier.cycle_id, Dossier.stage)
    )
    judged_at_centre = {stage: number for cycle_id, stage, number in session.execute(counted) if cycle_id == cycle.id}
    centre = sum(judged_at_centre.values())
    sent = sum(row.number for row in rows if row.stage in onward)
    sent += sum(number for stage, number in judged_at_centre.items() if stage not in onward)
    return (
        Target(Phrase("Sản phẩm mới được công nhận từ 3 sao"), plan.new_three_stars, new,
               {"kind": DossierKind.FIRST.value, "result": "recognised"}),
        Target(Phrase("Sản phẩm được đề nghị trung ương đánh giá 5 sao"), plan.five_stars_evaluated, sent,
               {"result": "proposed"}),
        Target(Phrase("Sản phẩm trung ương đã chấm theo đề nghị 5 sao"), plan.five_stars_evaluated, centre,
               {"result": "at_centre"}),
    )  # fmt: skip
