"""A row that no rule fits is set aside and named, so that it stops none of the others."""

import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from sqlalchemy import and_, not_, or_, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from casework.rules import plan_of, unknown_stage
from models.cycles import ASIDE as NOT_DONE
from models.cycles import AgendaItem, Cycle
from models.dossiers import Dossier
from models.session import SAVEPOINTS, NeedsSavepoints
from ocop.errors import RuleViolation
from ocop.phrase import Phrase
from ocop.rulebook import PROCEDURES

UNFIT = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, NoResultFound, RuleViolation)
"""What rules raise at a row that they do not fit. A database that is away or locked is none of these: it stops the work."""
ASIDE = "không làm được: "
"""Opens the outcome of an item of the agenda that was set aside; it is tried again at every watch."""
LONGEST = 150

log = logging.getLogger("ocop.poison")
T = TypeVar("T")
A = TypeVar("A")


def aside(session: Session, what: str, work: Callable[[], T]) -> T | Exception:
    """Do a piece of work that writes `apart` only, and return its answer, or the fault at an unfit row."""
    try:
        return work()
    except UNFIT as fault:
        session.expire_all()  # what the work wrote by statements and read again is no longer so
        log.exception("%s is set aside", what)
        return fault


def apart(session: Session, what: str, work: Callable[[], T]) -> T | Exception:
    """Do a piece of work so that nothing of it is left when it fails at an unfit row; return its answer, or the fault.

    Raises:
        NeedsSavepoints: it failed in a transaction without savepoints, which is to be done again with them.
    """
    if session.info.get(SAVEPOINTS, True):
        return aside(session, what, partial(_within, session, work))
    try:
        return work()
    except UNFIT as fault:
        raise NeedsSavepoints(what) from fault


def _within(session: Session, work: Callable[[], T]) -> T:
    with session.begin_nested():
        return work()


def each_apart(
    session: Session, what: str, things: Sequence[T], work: Callable[[Sequence[T]], Sequence[A]]
) -> tuple[list[A], list[tuple[T, Exception]]]:
    """Do work on many things together, and where one is unfit on each by itself; return the answers, and what failed why."""
    if not things:
        return [], []
    answers = apart(session, what, lambda: list(work(things)))
    if not isinstance(answers, Exception):
        return answers, []
    if len(things) == 1:
        return [], [(things[0], answers)]
    parts = [each_apart(session, what, [thing], work) for thing in things]
    return [answer for some, _ in parts for answer in some], [fault for _, faults in parts for fault in faults]


def said(fault: Exception) -> str:
    """Return a fault in few words: a refusal's sentence, or the kind of the fault and what it names."""
    if isinstance(fault, RuleViolation):
        return fault.told
    return f"{type(fault).__name__}: {' '.join(str(fault).split())[:LONGEST]}"


def unfit(cycle: Cycle) -> str:
    """Return why no rule fits a cycle, or an empty text."""
    if cycle.procedure_key not in PROCEDURES:
        return Phrase("quy trình '%(procedure)s' không có trong phần mềm", procedure=cycle.procedure_key)
    try:
        plan_of(cycle)
    except UNFIT as fault:
        return Phrase("kế hoạch không đọc được (%(why)s)", why=said(fault))
    return ""


def named(session: Session) -> Iterator[tuple[str, str]]:
    """Yield (which, why) for everything that no rule fits: cycles, dossiers, and work that was set aside."""
    for cycle in session.scalars(_CYCLES):
        if why := unfit(cycle):
            yield Phrase("chu trình %(code)s", code=cycle.code), why
    for code, key, stage in session.execute(_ASTRAY):
        yield Phrase("hồ sơ %(code)s", code=code), unknown_stage(key, stage)
    for kind, subject, outcome in session.execute(_SET_ASIDE):
        yield Phrase("việc '%(kind)s' của %(subject)s", kind=kind, subject=subject), outcome


_CYCLES = select(Cycle).order_by(Cycle.id)
_ASTRAY = (
    select(Dossier.code, Dossier.procedure_key, Dossier.stage)
    .where(
        not_(
            or_(
                *(
                    and_(Dossier.procedure_key == key, Dossier.stage.in_([stage.key for stage in law.stages]))
                    for key, law in PROCEDURES.items()
                )
            )
        )
    )
    .order_by(Dossier.id)
)
"""The dossiers whose stage their procedure does not know."""
_SET_ASIDE = (
    select(AgendaItem.kind, AgendaItem.subject, AgendaItem.outcome)
    .where(NOT_DONE, AgendaItem.outcome.startswith(ASIDE, autoescape=True))
    .order_by(AgendaItem.due_at, AgendaItem.id)
)
