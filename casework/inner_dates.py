"""Dates inside the plan's deadlines: a unit's own plan, batches of sessions, passes of a council. They remind; nobody is late by them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from casework.below import units_under
from casework.days import calendar
from casework.directory import Directory
from casework.owing import Draft, owe, unit_facts
from casework.rules import plan_of, procedure_of
from casework.strokes import listed
from casework.timing import Due, put_on_agenda, take_off
from models.cycles import AgendaItem, Cycle
from models.dossiers import Dossier
from models.inner_dates import InnerDate
from models.results import Evaluation
from models.units import Unit
from ocop.deadlines import FixedDate
from ocop.errors import NotFound
from ocop.nested_plan import covering
from ocop.notices import Notice
from ocop.phrase import Phrase, phrases
from ocop.plan import CyclePlan
from ocop.working_days import VIETNAM, Calendar, day_of

INNER = "inner"
"""The agenda's kind for the reminder of an inner date."""
LAST_DAY = 0
"""The number of the reminder that leaves on the last working day itself."""


class InnerKind(StrEnum):
    """Whose date inside a deadline it is."""

    OWN_PLAN = "own_plan"
    BATCH = "batch"
    PASS = "pass"

    @property
    def label(self) -> str:
        """The kind in Vietnamese."""
        return INNER_KIND_LABELS[self]


INNER_KIND_LABELS = phrases(
    {
        InnerKind.OWN_PLAN: "kế hoạch riêng của đơn vị",
        InnerKind.BATCH: "cụm họp hội đồng",
        InnerKind.PASS: "lượt của hội đồng",
    }
)


def inner_date(
    cycle: Cycle, unit_id: int, stage: str, kind: InnerKind, title: str, fixed: FixedDate, wording: str, source: str,
    days: Calendar, at: datetime, rule: str = "",
) -> InnerDate:  # fmt: skip
    """Return the row of a date inside a stage's deadline."""
    return InnerDate(
        cycle_id=cycle.id,
        unit_id=unit_id,
        stage=stage,
        kind=kind.value,
        title=title,
        day=fixed.day,
        wording=wording,
        rule=rule or fixed.explain(days),
        strikes_at=fixed.strikes_at(days),
        source=source,
        entered_at=at,
    )


def keep(
    session: Session, cycle: Cycle, plan: CyclePlan, rows: Sequence[InnerDate], days: Calendar, at: datetime
) -> None:
    """Write inner dates and put the reminders that still lie ahead on the agenda: the plan's, and one on the last day."""
    session.add_all(rows)
    session.flush()
    _schedule(session, cycle, plan, rows, days, at)


def remind_anew(session: Session, cycle: Cycle, plan: CyclePlan, days: Calendar, at: datetime) -> None:
    """Put the reminders that are still to come on the agenda anew: the plan now says another day or hour for them."""
    take_off(session, cycle, INNER, at)
    rows = session.scalars(
        select(InnerDate)
        .where(InnerDate.cycle_id == cycle.id, InnerDate.replaced_at.is_(None), InnerDate.strikes_at > at)
        .order_by(InnerDate.id)
    ).all()
    _schedule(session, cycle, plan, rows, days, at)


def _schedule(
    session: Session, cycle: Cycle, plan: CyclePlan, rows: Sequence[InnerDate], days: Calendar, at: datetime
) -> None:
    items = []
    for row in rows:
        last = last_day(row)
        wanted = {number: days.add_working_days(last, -number) for number in plan.reminders.working_days_before}
        wanted[LAST_DAY] = days.previous_working(last)
        for number, day in wanted.items():
            due_at = datetime.combine(day, plan.notices.hour, VIETNAM)
            if due_at > at:
                items.append(Due(INNER, f"inner/{row.id}", number, due_at, cycle.id, row.stage))
    put_on_agenda(session, items)


def last_day(row: InnerDate) -> date:
    """Return the last day that the date means."""
    return day_of(row.strikes_at - timedelta(microseconds=1))


def replace(session: Session, rows: Iterable[InnerDate], document: str, at: datetime) -> None:
    """Mark inner dates as replaced by a later document; what they had on the agenda is done with."""
    for row in rows:
        row.replaced_at = at
        for item in session.scalars(
            select(AgendaItem).where(AgendaItem.subject == f"inner/{row.id}", AgendaItem.done_at.is_(None))
        ):
            item.done_at, item.outcome = at, f"replaced by {document}"[:200]
    session.flush()


def from_plan(session: Session, cycle: Cycle, plan: CyclePlan, days: Calendar, at: datetime) -> int:
    """Write the batches and passes of a plan for the units that they concern; return how many dates.

    Raises NotFound for a unit that the plan names and the list of units does not have at the stage's level.
    """
    if not (plan.batches or plan.passes):
        return 0
    units = units_under(session, cycle.province_id, at)
    rows: list[InnerDate] = []
    for batch in plan.batches:
        level = plan.procedure.stage(batch.stage).level
        known = {unit.code: unit for unit in units if unit.level == level}
        for code in batch.units:
            if code not in known:
                raise NotFound(
                    f"Kế hoạch nêu đơn vị '{code}' trong '{batch.title}' nhưng danh mục không có đơn vị cấp {level.label} nào mang mã "
                    "đó. Hãy sửa mã trong [[batches]] hoặc nhập danh mục đơn vị.",
                    f"batch {batch.title} names no unit {code}",
                )
            fixed = FixedDate(batch.day, batch.boundary)
            rows.append(
                inner_date(
                    cycle, known[code].id, batch.stage, InnerKind.BATCH, batch.title, fixed, batch.wording, batch.section,
                    days, at,
                )
            )  # fmt: skip
    for one in plan.passes:
        level, fixed = plan.procedure.stage(one.stage).level, FixedDate(one.day, one.boundary)
        rows += [
            inner_date(cycle, unit.id, one.stage, InnerKind.PASS, one.title, fixed, one.wording, one.section, days, at)
            for unit in units
            if unit.level == level
        ]
    keep(session, cycle, plan, rows, days, at)
    return len(rows)


def anew(session: Session, cycle: Cycle, old: CyclePlan, plan: CyclePlan, days: Calendar, at: datetime) -> None:
    """Put an amended plan's batches and passes in the place of the earlier ones; units' own plans stay theirs."""
    if (old.batches, old.passes) == (plan.batches, plan.passes):
        return
    rows = session.scalars(
        select(InnerDate).where(
            InnerDate.cycle_id == cycle.id,
            InnerDate.kind.in_((InnerKind.BATCH.value, InnerKind.PASS.value)),
            InnerDate.replaced_at.is_(None),
        )
    ).all()
    replace(session, rows, plan.document.number, at)
    from_plan(session, cycle, plan, days, at)


def overruns(session: Session, cycle: Cycle, plan: CyclePlan, days: Calendar) -> list[str]:
    """Return a sentence for each date of a unit's own plan that an amended plan now overtakes; the unit has to issue another."""
    rows = session.execute(
        select(InnerDate, Unit.name)
        .join(Unit, Unit.id == InnerDate.unit_id)
        .where(
            InnerDate.cycle_id == cycle.id,
            InnerDate.kind == InnerKind.OWN_PLAN.value,
            InnerDate.replaced_at.is_(None),
        )
        .order_by(InnerDate.id)
    ).all()
    said: list[str] = []
    for row, unit in rows:
        outer = covering(plan, row.stage) if plan.procedure.knows(row.stage) else None
        if outer is not None and last_day(row) > outer.fixed.last_day(days):
            said.append(
                Phrase(
                    "Kế hoạch %(plan)s của %(unit)s đặt hạn %(day)s cho bước '%(stage)s', nay muộn hơn kế hoạch cấp trên (%(outer)s): "
                    "đơn vị cần ban hành lại.",
                    plan=row.title, unit=unit, day=last_day(row), stage=plan.procedure.stage(row.stage).label,
                    outer=outer.fixed.last_day(days),
                )
            )  # fmt: skip
    return said


def waiting(cycle: Cycle, row: InnerDate) -> ColumnElement[bool]:
    """Return the condition on Dossier for 'under the unit, and neither judged at the stage nor past it'."""
    judged = exists().where(
        Evaluation.dossier_id == Dossier.id, Evaluation.stage == row.stage, Evaluation.counts.is_(True),
        Evaluation.annulled_on.is_(None),
    )  # fmt: skip
    return and_(
        Dossier.cycle_id == cycle.id,
        Dossier.stage.in_(sorted(procedure_of(cycle).still_ahead(row.stage))),
        Dossier.registered_at < row.strikes_at,
        Dossier.suspended_at.is_(None),
        or_(Dossier.commune_id == row.unit_id, Dossier.district_id == row.unit_id, Dossier.province_id == row.unit_id),
        ~judged,
    )


def remind(session: Session, items: Sequence[AgendaItem], at: datetime) -> None:
    """Owe the reminders of inner dates to the units whose dates they are, while a dossier of theirs waits."""
    del at
    for item in items:
        row = session.get_one(InnerDate, int(item.subject.split("/")[1]))
        cycle = session.get_one(Cycle, row.cycle_id)
        ids = session.scalars(select(Dossier.id).where(waiting(cycle, row)).order_by(Dossier.id)).all()
        if cycle.closed_at is not None or not ids:
            item.outcome = "cycle closed" if cycle.closed_at is not None else "nothing waits"
            continue
        plan, days, today = plan_of(cycle), calendar(session), day_of(item.due_at)
        directory = Directory(session, [row.unit_id], cycle.province_id, today)
        told = {
            "stage_label": f"{procedure_of(cycle).stage(row.stage).label} ({InnerKind(row.kind).label}: {row.title})",
            "wording": row.wording,
            "rule": row.rule,
            "last_day": last_day(row),
            "strikes_at": row.strikes_at,
            "working_days_left": days.working_days_between(today, last_day(row)),
        }
        draft = Draft(
            Notice.DEADLINE_REMINDER, f"inner/{row.id}/before/{item.number}/unit/{row.unit_id}", directory.find(row.unit_id),
            unit_facts(
                directory, row.unit_id, cycle_title=cycle.title, deadline=told,
                dossiers=listed(session, cycle, {row.unit_id: ids})[row.unit_id], total=len(ids),
            ),
            item.due_at, cycle.id, reply_unit_id=cycle.province_id, simulated=cycle.simulated, for_unit=row.unit_id,
        )  # fmt: skip
        owe(session, [draft], days, plan.notices, directory)
        item.outcome = f"{len(ids)} dossiers"
