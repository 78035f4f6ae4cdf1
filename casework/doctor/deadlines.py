"""Invariants of deadlines: who is overdue has an open breach, who is not has none, and what fell due was done."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import String, and_, cast, exists, func, literal, or_, select, union_all

from casework.doctor import lawbook
from casework.doctor.invariant import Look, Violation
from models.cycles import AgendaItem, Breach, Cycle, Deadline
from models.dossiers import Dossier
from models.record import Event
from models.results import Evaluation
from ocop.procedure import MetBy

LONGEST_WAIT = timedelta(days=1)
"""After so long something due and not done means that no watch runs."""


def _covering() -> Any:
    """Return every deadline that covers a dossier, the one in force ranked first."""
    columns = (
        Dossier.id.label("dossier_id"), Deadline.id.label("deadline_id"),
        func.rank()
        .over(
            partition_by=(Dossier.id, Deadline.stage), order_by=(Deadline.strikes_at.desc(), Deadline.id.desc())
        )
        .label("place"),
    )  # fmt: skip
    units = (Dossier.commune_id, Dossier.district_id, Dossier.province_id)
    pairs = union_all(
        select(Dossier.id.label("d"), Deadline.id.label("f")).join(
            Deadline, and_(Deadline.cycle_id == Dossier.cycle_id, Deadline.scope == "all")
        ),
        select(Dossier.id, Deadline.id).join(Deadline, Deadline.dossier_id == Dossier.id),
        select(Dossier.id, Deadline.id).join(
            Deadline, and_(Deadline.cycle_id == Dossier.cycle_id, Deadline.unit_id.in_(units))
        ),
    ).subquery("pairs")
    ranked = (
        select(*columns)
        .select_from(pairs)
        .join(Dossier, Dossier.id == pairs.c.d)
        .join(Deadline, Deadline.id == pairs.c.f)
        .where(Dossier.open.is_(True), Deadline.replaced_at.is_(None))
        .subquery("ranked")
    )
    return select(ranked.c.dossier_id, ranked.c.deadline_id).where(ranked.c.place == 1).subquery("in_force")


def _not_met() -> Any:
    """Return (dossier, deadline) for deadlines in force that an open dossier has not met, whether they struck or not."""
    in_force, law = _covering(), lawbook.ahead()
    session_held = exists().where(
        Evaluation.dossier_id == Dossier.id,
        Evaluation.stage == Deadline.stage,
        Evaluation.counts.is_(True),
        Evaluation.annulled_on.is_(None),
    )
    return (
        select(Dossier.id.label("dossier_id"), Deadline.id.label("deadline_id"))
        .select_from(in_force)
        .join(Dossier, Dossier.id == in_force.c.dossier_id)
        .join(Deadline, Deadline.id == in_force.c.deadline_id)
        .join(
            law,
            and_(
                law.c.procedure == Dossier.procedure_key,
                law.c.kind == Deadline.kind,
                law.c.stage == Deadline.stage,
                law.c.before == Dossier.stage,
            ),
        )
        .where(
            Dossier.registered_at < Deadline.strikes_at,
            ~and_(Deadline.met_by == MetBy.SESSION_HELD.value, session_held),
        )
        .subquery("not_met")
    )


def overdue_is_a_breach(look: Look) -> Iterator[Violation]:
    """Yield dossiers that are overdue without an open breach, and open breaches of dossiers that are not overdue."""
    late = _not_met()
    struck = exists().where(
        AgendaItem.kind == "stroke",
        AgendaItem.subject == literal("deadline/") + cast(Deadline.id, String),
        AgendaItem.done_at.is_not(None),
    )
    # One that had passed when it struck and was sent back by a document since has a period of its own instead.
    sent_back = exists().where(
        Event.dossier_id == Dossier.id, Event.event == "annul", Event.recorded_at >= Deadline.strikes_at
    )
    open_one = exists().where(
        Breach.dossier_id == Dossier.id, Breach.deadline_id == Deadline.id, Breach.closed_at.is_(None)
    )
    missing = look.session.execute(
        select(Dossier.code, Deadline.wording)
        .select_from(late)
        .join(Dossier, Dossier.id == late.c.dossier_id)
        .join(Deadline, Deadline.id == late.c.deadline_id)
        .join(Cycle, Cycle.id == Dossier.cycle_id)
        .where(Deadline.strikes_at <= look.at, Cycle.closed_at.is_(None), struck, ~sent_back, ~open_one)
        .where(Dossier.suspended_at.is_(None))
        .order_by(Dossier.id, Deadline.id)
    )
    for code, wording in missing:
        yield Violation(f"hồ sơ {code}", f"đã quá hạn '{wording}' nhưng không có bản ghi quá hạn đang mở")
    idle = look.session.execute(
        select(Dossier.code, Deadline.wording)
        .select_from(Breach)
        .join(Dossier, Dossier.id == Breach.dossier_id)
        .join(Deadline, Deadline.id == Breach.deadline_id)
        .outerjoin(late, and_(late.c.dossier_id == Breach.dossier_id, late.c.deadline_id == Breach.deadline_id))
        .where(Breach.closed_at.is_(None), or_(late.c.dossier_id.is_(None), Deadline.strikes_at > look.at))
        .order_by(Dossier.id, Deadline.id)
    )
    for code, wording in idle:
        yield Violation(f"hồ sơ {code}", f"không còn quá hạn '{wording}' nhưng bản ghi quá hạn vẫn mở")


def a_miss_is_one_breach(look: Look) -> Iterator[Violation]:
    """Yield dossiers with two breaches of one deadline."""
    rows = look.session.execute(
        select(Dossier.code, Deadline.wording, func.count())
        .select_from(Breach)
        .join(Dossier, Dossier.id == Breach.dossier_id)
        .join(Deadline, Deadline.id == Breach.deadline_id)
        .group_by(Dossier.code, Deadline.id, Deadline.wording)
        .having(func.count() > 1)
        .order_by(Dossier.code)
    )
    for code, wording, number in rows:
        yield Violation(f"hồ sơ {code}", f"{number} bản ghi quá hạn cho cùng thời hạn '{wording}'")


def what_fell_due_was_done(look: Look) -> Iterator[Violation]:
    """Yield what stands on the agenda as due for more than a day and was not done."""
    rows = look.session.execute(
        select(AgendaItem.kind, AgendaItem.subject, AgendaItem.due_at)
        .where(AgendaItem.done_at.is_(None), AgendaItem.due_at < look.at - LONGEST_WAIT)
        .order_by(AgendaItem.due_at, AgendaItem.id)
    )
    for kind, subject, due_at in rows:
        yield Violation(f"việc '{kind}' của {subject}", f"đến hạn từ {due_at:%d/%m/%Y}, chưa làm")
