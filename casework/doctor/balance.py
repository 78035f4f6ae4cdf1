"""The conservation equation: what a unit received is what it passed on, ended and still holds."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, func, select, union
from sqlalchemy.orm import Session

from casework.doctor import lawbook
from casework.doctor.invariant import Look, Violation
from models.cycles import Cycle
from models.dossiers import Dossier
from models.record import Event
from models.units import Unit
from ocop.levels import Level
from ocop.procedure import REGISTER

ORDER = tuple(Level)
ENDS = ("recognised", "not_ranked", "retracted", "disqualified", "carried_over")
TERM_LABELS = {
    "received": "nhận",
    "forwarded": "chuyển lên",
    "sent_back": "gửi trả",
    "recognised": "công nhận",
    "not_ranked": "không phân hạng",
    "retracted": "rút",
    "disqualified": "loại",
    "carried_over": "chuyển kỳ",
    "in_progress": "đang giải quyết",
}
"""The terms of the equation as a page heads its columns: the first equals the sum of the others."""


@dataclass(frozen=True)
class Balance:
    """One unit's equation in a cycle."""

    cycle: str
    level: Level
    unit_id: int
    unit: str
    received: int
    forwarded: int
    sent_back: int
    recognised: int
    not_ranked: int
    retracted: int
    disqualified: int
    carried_over: int
    in_progress: int
    """Waiting for a supplement included."""

    @property
    def accounted(self) -> int:
        """The right side: passed on, ended here, still here."""
        return sum(getattr(self, term) for term in TERM_LABELS if term != "received")

    @property
    def holds(self) -> bool:
        """Whether both sides are equal."""
        return self.received == self.accounted

    @property
    def equation(self) -> str:
        """The equation in words, its empty terms left out."""
        terms = [f"{label} {number}" for term, label in TERM_LABELS.items() if (number := getattr(self, term))]
        right = " + ".join(terms[1:] if self.received else terms) or "0"
        return f"{TERM_LABELS['received']} {self.received} = {right}"


def conservation(session: Session, cycle: Cycle) -> Sequence[Balance]:
    """Return the equation of each unit that a cycle's dossiers came to: by level from the commune up, then by name.

    It is an account of custody: a product that went on to the centre with 4 stars counts at the province as forwarded.
    """
    return list(_balances(session, cycle.id))


def conservation_holds(look: Look) -> Iterator[Violation]:
    """Yield units whose equation does not hold."""
    for balance in _balances(look.session):
        if not balance.holds:
            yield Violation(
                f"chu trình {balance.cycle}, {balance.unit}",
                f"{balance.equation} (lệch {balance.received - balance.accounted:+d})",
            )


def _balances(session: Session, cycle_id: int | None = None) -> Iterator[Balance]:
    """Yield the equations of one cycle or of all: what came and went from the history, the rest from where dossiers are."""
    moved, standing = _moved(cycle_id), _standing(cycle_id)
    came = session.execute(moved).all()
    units = {unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_(_unit_ids())))}
    terms: Counter[tuple[int, int, str]] = Counter()
    for cycle, giver, receiver, event, number in came:
        if event == REGISTER:
            terms[cycle, giver, "received"] += number
        elif giver != receiver:
            down = _height(units[receiver]) < _height(units[giver])
            terms[cycle, giver, "sent_back" if down else "forwarded"] += number
            terms[cycle, receiver, "received"] += number
    for cycle, holder, is_open, stage, number in session.execute(standing):
        terms[cycle, holder, "in_progress" if is_open else stage] += number
    codes = {cycle: code for cycle, code in session.execute(select(Cycle.id, Cycle.code))}
    places = {(cycle, unit) for cycle, unit, _ in terms}
    for cycle, unit_id in sorted(
        places, key=lambda place: (place[0], _height(units[place[1]]), units[place[1]].search)
    ):
        unit = units[unit_id]
        yield Balance(
            codes[cycle], Level(unit.level), unit_id, unit.name,
            **{term: terms[cycle, unit_id, term] for term in TERM_LABELS},
        )  # fmt: skip


def _height(unit: Unit) -> int:
    return ORDER.index(Level(unit.level))


def _moved(cycle_id: int | None) -> Select[tuple[int, int, int, str, int]]:
    """Return the query of how many dossiers went from which unit to which, by what event, in which cycle."""
    target = lawbook.stages()
    steps = (
        select(
            Event.cycle_id.label("cycle"), Event.unit_id.label("giver"),
            lawbook.unit_of(target.c.level, Event.unit_id).label("receiver"), Event.event.label("event"),
        )
        .select_from(Event)
        .join(Dossier, Dossier.id == Event.dossier_id)
        .join(Cycle, Cycle.id == Event.cycle_id)
        .join(
            target,
            and_(
                target.c.procedure == Dossier.procedure_key, target.c.stage == Event.to_stage, target.c.final == ""
            ),
        )
    )  # fmt: skip
    if cycle_id is not None:
        steps = steps.where(Event.cycle_id == cycle_id)
    step = steps.subquery("step")
    columns = (step.c.cycle, step.c.giver, step.c.receiver, step.c.event)
    return select(*columns, func.count()).group_by(*columns)


def _standing(cycle_id: int | None) -> Select[tuple[int, int, bool, str, int]]:
    """Return the query of how many dossiers each unit holds, open or ended, at which stage, in which cycle."""
    columns = (Dossier.cycle_id, Dossier.holder_id, Dossier.open, Dossier.stage)
    counted = select(*columns, func.count()).group_by(*columns)
    return counted if cycle_id is None else counted.where(Dossier.cycle_id == cycle_id)


def _unit_ids() -> Select[tuple[int]]:
    """Return the query of all units that dossiers belong to or were at, and the centre."""
    of_dossiers = (Dossier.commune_id, Dossier.district_id, Dossier.province_id, Dossier.holder_id)
    parts = [select(column).where(column.is_not(None)) for column in (*of_dossiers, Event.unit_id)]
    parts.append(select(Cycle.central_id))
    ids = union(*parts).subquery("unit_ids")
    return select(ids.c[0])
