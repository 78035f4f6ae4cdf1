"""What was set aside because a row fits no rule: named for a person, and tried again one by one or together."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import or_, select, true
from sqlalchemy.orm import Session

from casework import poison
from casework.agenda import WORK_LABELS, again
from models.cycles import ASIDE, AgendaItem, Cycle
from models.units import Unit
from ocop.phrase import Joined, Phrase

LISTED = 100
"""Incidents named on a page; all are counted, and all are tried."""


@dataclass(frozen=True)
class Incident:
    """A piece of work that was tried and could not be done."""

    id: int
    what: str
    due_at: datetime
    why: str
    cycle: str


@dataclass(frozen=True)
class Unfit:
    """A cycle or a dossier that no rule fits; only its data can be mended."""

    which: str
    why: str


@dataclass(frozen=True)
class Retried:
    """What came of trying again, counted after it was done."""

    tried: int
    done: int
    failing: Sequence[Incident]

    @property
    def words(self) -> Phrase:
        """The counts in a sentence."""
        if not self.tried:
            return Phrase("Không còn việc nào bị gác lại: không thử lại việc nào.")
        if not self.failing:
            return Phrase(
                "Đã thử lại %(tried)s việc: %(done)s việc đã xong.", tried=self.tried, done=self.done
            )  # fmt: skip
        return Phrase(
            "Đã thử lại %(tried)s việc: %(done)s việc đã xong, %(left)s việc vẫn chưa làm được.",
            tried=self.tried, done=self.done, left=len(self.failing),
        )  # fmt: skip


def incidents(session: Session, cycles: Collection[int] | None = None) -> list[Incident]:
    """Return the work that is set aside, the longest due first: of some cycles and of none, or all."""
    whose = true() if cycles is None else or_(AgendaItem.cycle_id.is_(None), AgendaItem.cycle_id.in_(cycles))
    rows = session.execute(
        select(AgendaItem, Cycle.code)
        .outerjoin(Cycle, Cycle.id == AgendaItem.cycle_id)
        .where(ASIDE, AgendaItem.outcome.startswith(poison.ASIDE, autoescape=True), whose)
        .order_by(AgendaItem.due_at, AgendaItem.id)
    ).all()
    units = _units(session, [item.subject for item, _ in rows])
    return [
        Incident(
            item.id, _called(item, units), item.due_at, item.outcome.removeprefix(poison.ASIDE), code or ""
        )
        for item, code in rows
    ]  # fmt: skip


def unfit(session: Session) -> list[Unfit]:
    """Return the cycles and dossiers that no rule fits."""
    return [Unfit(which, why) for which, why in poison.named(session) if not which.startswith("việc ")]


def retry(
    session: Session, at: datetime, ids: Collection[int] | None = None, cycles: Collection[int] | None = None
) -> Retried:  # fmt: skip
    """Try what is set aside again, all of it or some, and return what is truly done and what still fails, with the reason."""
    known = [one.id for one in incidents(session, cycles) if ids is None or one.id in ids]
    again(session, known, at)
    session.flush()
    failing = [one for one in incidents(session, cycles) if one.id in known]
    return Retried(len(known), len(known) - len(failing), failing)


def _units(session: Session, subjects: Sequence[str]) -> dict[str, str]:
    numbers = {part for subject in subjects for part in _unit(subject)}
    rows = session.execute(select(Unit.id, Unit.name).where(Unit.id.in_([int(number) for number in numbers])))
    return {str(number): name for number, name in rows}


def _unit(subject: str) -> list[str]:
    parts = subject.split("/")
    return [number for word, number in pairwise(parts) if word == "unit" and number.isdigit()]


def _called(item: AgendaItem, units: dict[str, str]) -> str:
    """Return what a piece of work is, as a reader knows it: 'báo cáo vượt cấp, Huyện Giao Thủy'."""
    names = [units.get(number, "") for number in _unit(item.subject)]
    label = WORK_LABELS.get(item.kind, item.kind)
    return Joined(", ", (label, *filter(None, names)))
