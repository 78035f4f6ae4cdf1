"""Which deadline holds for a dossier, who has not met it, and what it puts on the agenda."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, delete, exists, or_, select
from sqlalchemy.orm import Session

from casework.owing import morning
from casework.rules import plan_of
from models.base import table_of
from models.bulk import execute_many, insert_missing
from models.cycles import AgendaItem, Cycle, Deadline
from models.dossiers import Dossier
from models.results import Evaluation
from ocop.deadlines import Period
from ocop.plan_sections import Notices, StageDeadline
from ocop.procedure import MetBy, PeriodKind, Procedure
from ocop.rulebook import PROCEDURES
from ocop.working_days import VIETNAM, Calendar, day_of

REMINDER, STROKE, RUNG = "reminder", "stroke", "rung"
OWN_KINDS = frozenset({"supplement", "correction", *(kind.value for kind in PeriodKind)})
"""Deadlines that run for one dossier from a day of its own."""
AT_THE_STAGE_ALONE = frozenset(
    stage.period.kind.value
    for law in PROCEDURES.values()
    for stage in law.stages
    if stage.period and stage.period.from_complete
)
"""Those that run only while the dossier stands at their stage."""


@dataclass(frozen=True)
class Due:
    """A thing to put on the agenda."""

    kind: str
    subject: str
    number: int
    due_at: datetime
    cycle_id: int | None = None
    stage: str = ""


def put_on_agenda(session: Session, items: Iterable[Due]) -> None:
    """Add items to the agenda; one that is there already stays as it is."""
    rows = [
        {
            "kind": item.kind,
            "subject": item.subject,
            "number": item.number,
            "due_at": item.due_at,
            "cycle_id": item.cycle_id,
            "stage": item.stage,
            "outcome": "",
        }
        for item in items
    ]
    if rows:
        keys = ("kind", "subject", "number")
        dialect = session.get_bind().dialect.name
        execute_many(session, insert_missing(table_of(AgendaItem), tuple(rows[0]), keys, dialect), rows)


def take_off(session: Session, cycle: Cycle, kind: str, at: datetime) -> None:
    """Take what is to come of a kind after an instant off a cycle's agenda."""
    session.execute(
        delete(AgendaItem).where(
            AgendaItem.cycle_id == cycle.id,
            AgendaItem.kind == kind,
            AgendaItem.done_at.is_(None),
            AgendaItem.due_at > at,
        ),
        execution_options={"synchronize_session": "fetch"},
    )


def done_with(session: Session, cycle: Cycle, deadlines: Iterable[Deadline], at: datetime, outcome: str) -> None:
    """Mark what some deadlines of a cycle have still on the agenda as done with: they bind nobody any more."""
    ids = {deadline.id for deadline in deadlines}
    waiting = session.scalars(
        select(AgendaItem).where(
            AgendaItem.cycle_id == cycle.id, AgendaItem.subject.like("deadline/%"), AgendaItem.done_at.is_(None)
        )
    )
    for item in waiting:
        if int(item.subject.split("/")[1]) in ids:
            item.done_at, item.outcome = at, outcome
    session.flush()


def last_day(deadline: Deadline) -> date:
    """Return the last day that is still in time."""
    return day_of(deadline.strikes_at - timedelta(microseconds=1))


def reminders(
    deadline: Deadline, days_before: Sequence[int], calendar: Calendar, notices: Notices, at: datetime
) -> list[Due]:
    """Return the stroke of a deadline and the reminders before it that still lie ahead of an instant."""
    items = [Due(STROKE, f"deadline/{deadline.id}", 0, deadline.strikes_at, deadline.cycle_id, deadline.stage)]
    for days in days_before:
        day = calendar.add_working_days(last_day(deadline), -days)
        due_at = datetime.combine(day, notices.hour, VIETNAM)
        if due_at > at:
            items.append(Due(REMINDER, f"deadline/{deadline.id}", days, due_at, deadline.cycle_id, deadline.stage))
    return items


def rungs(
    deadline: Deadline, unit_ids: Iterable[int], steps: Sequence[int], calendar: Calendar, notices: Notices
) -> list[Due]:
    """Return the rungs of the ladder that a stroke makes due for the units it hit."""
    return [
        Due(
            RUNG,
            f"deadline/{deadline.id}/unit/{unit_id}",
            rung,
            morning(deadline.strikes_at, calendar, notices, working_days=step),
            deadline.cycle_id,
            deadline.stage,
        )
        for unit_id in unit_ids
        for rung, step in enumerate(steps)
    ]


def plan_deadline(cycle_id: int, stated: StageDeadline, calendar: Calendar, at: datetime) -> Deadline:
    """Return the row of a deadline that the plan sets."""
    return Deadline(
        cycle_id=cycle_id,
        stage=stated.stage,
        scope="all",
        version=1,
        kind="plan",
        unit_id=None,
        dossier_id=None,
        day=stated.day,
        wording=stated.wording,
        rule=stated.explain(calendar),
        strikes_at=stated.fixed.strikes_at(calendar),
        met_by=stated.met_by.value,
        after_deadline=stated.after_deadline.value,
        source=stated.section,
        entered_at=at,
    )


def own_deadline(
    session: Session, cycle: Cycle, dossier_id: int, stage: str, kind: str, period: Period, calendar: Calendar,
    *, met_by: MetBy, source: str, at: datetime, document: str = "",
) -> Deadline:  # fmt: skip
    """Add a deadline of one dossier's own and put its stroke and the reminders that lie after `at` on the agenda.

    `at` is the instant from which the period holds, so that a late run adds what one on time would have.
    """
    scope = f"dossier/{dossier_id}"
    version = 1 + len(
        session.scalars(
            select(Deadline.id).where(Deadline.cycle_id == cycle.id, Deadline.stage == stage, Deadline.scope == scope)
        ).all()
    )
    deadline = Deadline(
        cycle_id=cycle.id,
        stage=stage,
        scope=scope,
        version=version,
        kind=kind,
        unit_id=None,
        dossier_id=dossier_id,
        day=period.last_day,
        wording=period.length,
        rule=period.explain(calendar),
        strikes_at=period.strikes_at,
        met_by=met_by.value,
        after_deadline="accept_late",
        source=source,
        document=document,
        entered_at=at,
        plan_version=cycle.plan_version,
    )
    session.add(deadline)
    session.flush()
    plan = plan_of(cycle)
    put_on_agenda(session, reminders(deadline, plan.reminders.working_days_before, calendar, plan.notices, at))
    return deadline


def ahead_of(procedure: Procedure, stage: str, kind: str) -> frozenset[str]:
    """Return the stages at which a dossier has not passed a deadline: the stage and those before it.

    A period after a return runs only while the dossier stands where it was sent back to: one whose result above was
    annulled is above again, and gets another period when it comes back. So does one for an opinion: it runs from the
    complete file, and a dossier that waits for a supplement gets another when it is complete.
    """
    return frozenset({stage}) if kind in AT_THE_STAGE_ALONE else procedure.still_ahead(stage)


_COVERING = (
    select(Deadline)
    .where(
        Deadline.cycle_id.in_(bindparam("cycles", expanding=True)),
        Deadline.stage.in_(bindparam("stages", expanding=True)),
        Deadline.scope.in_(bindparam("scopes", expanding=True)),
        Deadline.replaced_at.is_(None),
    )
    .order_by(Deadline.strikes_at, Deadline.id)
)


class InForce:
    """Which deadline holds for each of some dossiers at its stage: the latest of those that cover it; read in one query."""

    def __init__(self, session: Session, dossiers: Sequence[Dossier]) -> None:
        """Read the deadlines that cover these dossiers where they stand now."""
        asked = {
            "cycles": {dossier.cycle_id for dossier in dossiers},
            "stages": {dossier.stage for dossier in dossiers},
            "scopes": {scope for dossier in dossiers for scope in scopes(dossier)},
        }
        self._latest = {(row.cycle_id, row.stage, row.scope): row for row in session.scalars(_COVERING, asked)}

    def of(self, dossier: Dossier) -> Deadline | None:
        """Return the deadline that holds for one of the dossiers."""
        covering = (self._latest.get((dossier.cycle_id, dossier.stage, scope)) for scope in scopes(dossier))
        return max(
            (deadline for deadline in covering if deadline is not None),
            key=lambda deadline: (deadline.strikes_at, deadline.id),
            default=None,
        )


def scopes(dossier: Dossier | Row[Any]) -> list[str]:
    """Return the scopes of the deadlines that cover a dossier."""
    units = (dossier.commune_id, dossier.district_id, dossier.province_id)
    return ["all", f"dossier/{dossier.id}", *(f"unit/{unit}" for unit in units if unit)]


def outstanding(session: Session, cycle: Cycle, deadline: Deadline) -> ColumnElement[bool]:
    """Return the condition on Dossier for 'registered before the stroke, and has not met this deadline, which holds for it'.

    A dossier below the stage counts; one whose later deadline (extension, period of its own) runs does not, nor one that is
    suspended: no clock runs for it.
    """
    ahead = ahead_of(PROCEDURES[cycle.procedure_key], deadline.stage, deadline.kind)
    conditions: list[ColumnElement[bool]] = [
        Dossier.cycle_id == cycle.id,
        Dossier.stage.in_(sorted(ahead)),
        Dossier.registered_at < deadline.strikes_at,
        Dossier.suspended_at.is_(None),
    ]
    if deadline.dossier_id is not None:
        conditions.append(Dossier.id == deadline.dossier_id)
    elif deadline.unit_id is not None:
        conditions.append(
            or_(Dossier.commune_id == deadline.unit_id, Dossier.district_id == deadline.unit_id,
                Dossier.province_id == deadline.unit_id)
        )  # fmt: skip
    later = session.scalars(
        select(Deadline).where(
            Deadline.cycle_id == cycle.id,
            Deadline.stage == deadline.stage,
            Deadline.replaced_at.is_(None),
            or_(
                Deadline.strikes_at > deadline.strikes_at,
                and_(Deadline.strikes_at == deadline.strikes_at, Deadline.id > deadline.id),
            ),
        )
    ).all()
    if any(row.scope == "all" for row in later):
        return and_(*conditions, Dossier.id.is_(None))
    units = [row.unit_id for row in later if row.unit_id is not None]
    dossiers = [row.dossier_id for row in later if row.dossier_id is not None]
    if units:
        conditions.append(
            ~or_(Dossier.commune_id.in_(units), Dossier.district_id.in_(units), Dossier.province_id.in_(units))
        )
    if dossiers:
        conditions.append(Dossier.id.not_in(dossiers))
    if deadline.met_by == MetBy.SESSION_HELD:
        conditions.append(
            ~exists().where(
                Evaluation.dossier_id == Dossier.id,
                Evaluation.stage == deadline.stage,
                Evaluation.counts.is_(True),
                Evaluation.annulled_on.is_(None),
            )
        )
    return and_(*conditions)
