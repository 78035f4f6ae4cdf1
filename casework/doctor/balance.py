"""The conservation equation: what a unit received is what it passed on, ended and still holds."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from casework.clock import set_mark
from casework.doctor import lawbook
from casework.doctor.invariant import Look, Violation
from casework.rebinding import HANDED_ON
from models.base import canonical
from models.cycles import Cycle
from models.dossiers import Dossier
from models.record import Event, Mark
from models.successions import Binding
from models.units import Unit
from ocop.levels import Level
from ocop.phrase import Joined, Meant, Phrase, phrases
from ocop.procedure import REGISTER

ORDER = tuple(Level)
ENDS = ("recognised", "not_ranked", "retracted", "disqualified", "carried_over")
TERM_LABELS = {"received": Meant("nhận", "về đơn vị")} | phrases(
    {
        "forwarded": "chuyển lên",
        "sent_back": "gửi trả",
        "recognised": "công nhận",
        "not_ranked": "không phân hạng",
        "retracted": "rút",
        "disqualified": "loại",
        "carried_over": "chuyển kỳ",
        "transferred": "bàn giao",
        "in_progress": "đang giải quyết",
    }
)
"""The terms of the equation as a page heads its columns: the first equals the sum of the others."""
Moved = tuple[int, int, int, str, int]
"""Cycle, giving unit, receiving unit, event, how many."""


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
    transferred: int
    """Handed on because units or competences changed."""
    in_progress: int
    """Waiting for a supplement, and suspended, included."""

    @property
    def accounted(self) -> int:
        """The right side: passed on, ended here, still here."""
        return sum(getattr(self, term) for term in TERM_LABELS if term != "received")

    @property
    def holds(self) -> bool:
        """Whether both sides are equal."""
        return self.received == self.accounted

    @property
    def equation(self) -> Phrase:
        """The equation in words, its empty terms left out."""
        right = [_told(term, number) for term in TERM_LABELS if term != "received" and (number := getattr(self, term))]
        return Joined(" = ", (_told("received", self.received), Joined(" + ", right) if right else "0"))


def _told(term: str, number: int) -> Phrase:
    return Phrase("%(what)s %(number)s", what=TERM_LABELS[term], number=str(number))


def conservation(session: Session, cycle: Cycle) -> Sequence[Balance]:
    """Return the equation of each unit that a cycle's dossiers came to: by level from the commune up, then by name.

    It is an account of custody: a product that went on to the centre with 4 stars counts at the province as forwarded.
    What came and went is counted from the history since the line up to which the nightly check kept its counts.
    """
    line, kept = _kept(session)
    came = [moved for moved in kept if moved[0] == cycle.id]
    came += session.execute(_moved(Event.cycle_id == cycle.id, Event.id > line)).tuples()
    return list(_balances(session, came, Dossier.cycle_id == cycle.id))


def conservation_holds(look: Look) -> Iterator[Violation]:
    """Yield units whose equation does not hold; the whole history is counted."""
    for balance in _balances(look.session, look.session.execute(_moved()).tuples().all()):
        if not balance.holds:
            yield Violation(
                f"chu trình {balance.cycle}, {balance.unit}",
                f"{balance.equation} (lệch {balance.received - balance.accounted:+d})",
            )


KEPT = "custody_counts"
"""Mark of what came and went up to a line of the history; its value has the counts."""
SETTLED = timedelta(hours=1)
"""After so long no transaction is under way that took its lines' numbers before: what was counted stays as it was."""


@dataclass(frozen=True)
class Custody:
    """What came and went up to a line of the history, as a mark keeps it."""

    line: int
    moved: Sequence[Moved]
    newest: int
    """The last line when this was counted: up to there the next check may count, when every line before it is there."""


def custody(session: Session, at: datetime) -> Custody:
    """Return the counts to keep: up to the line that was the newest when the last check counted."""
    mark = session.get(Mark, KEPT)
    newest = session.scalar(select(func.max(Event.id))) or 0
    line = 0
    if mark is not None:
        known = json.loads(mark.value)
        line = known["newest"] if at - mark.set_at >= SETTLED else known["line"]
    return Custody(line, session.execute(_moved(Event.id <= line)).tuples().all() if line else [], newest)


def keep(session: Session, counted: Custody, at: datetime) -> None:
    """Keep counts, so that a page counts only what came after them."""
    body = {"line": counted.line, "newest": counted.newest, "moved": [list(moved) for moved in counted.moved]}
    set_mark(session, KEPT, canonical(body), at)


def kept_counts_agree(look: Look) -> Iterator[Violation]:
    """Yield what was kept of custody and is not what the history says up to that line."""
    line, kept = _kept(look.session)
    if line:
        counted = set(look.session.execute(_moved(Event.id <= line)).tuples())
        for cycle, giver, receiver, event, number in sorted(counted.symmetric_difference(kept)):
            yield Violation(
                f"số liệu giữ đến dòng {line}", f"chu trình {cycle}, đơn vị {giver} đến {receiver}, {event}: {number}"
            )


def _kept(session: Session) -> tuple[int, list[Moved]]:
    """Return the line up to which counts are kept, and the counts."""
    mark = session.get(Mark, KEPT)
    if mark is None:
        return 0, []
    known = json.loads(mark.value)
    return known["line"], [tuple(moved) for moved in known["moved"]]


def _balances(session: Session, came: Iterable[Moved], *which: ColumnElement[bool]) -> Iterator[Balance]:
    """Yield the equations of what came and went, and of some dossiers' places."""
    came = list(came)
    held = session.execute(_standing(*which)).tuples().all()
    ids = {unit for _, giver, receiver, *_ in came for unit in (giver, receiver)} | {holder for _, holder, *_ in held}
    units = {unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_(ids)))}
    terms: Counter[tuple[int, int, str]] = Counter()
    for cycle, giver, receiver, event, number in came:
        if event == REGISTER:
            terms[cycle, giver, "received"] += number
        elif giver != receiver:
            terms[cycle, giver, _term(event, units[giver], units[receiver])] += number
            terms[cycle, receiver, "received"] += number
    for cycle, holder, stage, number in held:
        terms[cycle, holder, stage if stage in ENDS else "in_progress"] += number
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


def _term(event: str, giver: Unit, receiver: Unit) -> str:
    """Return the term under which what left a unit is counted."""
    if event in HANDED_ON:
        return "transferred"
    return "sent_back" if _height(receiver) < _height(giver) else "forwarded"


def _height(unit: Unit) -> int:
    return ORDER.index(Level(unit.level))


def _moved(*which: ColumnElement[bool]) -> Select[Moved]:
    """Return the query of how many dossiers went from which unit to which, by what event, in which cycle, in some lines."""
    target = lawbook.stages()
    steps = (
        select(
            Event.cycle_id.label("cycle"), Event.unit_id.label("giver"),
            lawbook.unit_of(target.c.level, Event.unit_id).label("receiver"), Event.event.label("event"),
        )
        .select_from(Event)
        .join(Dossier, Dossier.id == Event.dossier_id)
        .join(Cycle, Cycle.id == Event.cycle_id)
        .outerjoin(Binding, lawbook.bound())
        .join(
            target,
            and_(
                target.c.procedure == lawbook.PROCEDURE, target.c.stage == Event.to_stage, target.c.final == ""
            ),
        )
        .where(*which)
    )  # fmt: skip
    step = steps.subquery("step")
    columns = (step.c.cycle, step.c.giver, step.c.receiver, step.c.event)
    return select(*columns, func.count()).group_by(*columns)


def _standing(*which: ColumnElement[bool]) -> Select[tuple[int, int, str, int]]:
    """Return the query of how many dossiers each unit holds, at which stage, in which cycle; ended ones at their last."""
    columns = (Dossier.cycle_id, Dossier.stage, Dossier.holder_id)
    place = (Dossier.cycle_id, Dossier.holder_id, Dossier.stage)
    return select(*place, func.count()).where(*which).group_by(*columns)
