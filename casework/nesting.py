"""Takes a lower body's own plan into a running cycle: its dates stand inside the plan's own."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.act import Answer, TextFile, act
from casework.actors import Actor, lineage, require_post, unit_by_code
from casework.chronicle import append_cycle_event
from casework.days import calendar
from casework.inner_dates import InnerKind, inner_date, keep, last_day, replace
from casework.rules import cycle_by_code, plan_of, procedure_of
from models.inner_dates import InnerDate
from ocop.errors import InvalidInput
from ocop.levels import Level
from ocop.nested_plan import read_nested
from ocop.phrase import Phrase
from ocop.working_days import day_of


@act("adopt-plan", "Ghi kế hoạch riêng của đơn vị")
def adopt_plan(
    session: Session, *, actor: Actor, at: datetime, cycle: str, level: Level, unit: str, plan: TextFile
) -> Answer:
    """Take in a unit's own plan (TOML) inside the cycle's: dates of its own, each no later than the plan's for that work.

    They remind the unit; only the plan's own dates make late. A later plan of the unit takes the place of the earlier.
    """
    row = cycle_by_code(session, cycle, lock=True)
    found = unit_by_code(session, level, unit, day_of(at))
    require_post(session, actor, found.id, day_of(at))
    if found.id == row.province_id or row.province_id not in lineage(session, found.id):
        raise InvalidInput(
            f"{found.name} không phải đơn vị cấp dưới trong chu trình {cycle}: kế hoạch của tỉnh được sửa bằng "
            "“Sửa đổi kế hoạch của chu trình”.",
            f"{found.name} is no lower unit of cycle {cycle}: the province's plan is changed by “Amend the plan of a cycle”",
        )
    days, upper = calendar(session), plan_of(row)
    read = read_nested(plan, upper, level, days)
    earlier = session.scalars(
        select(InnerDate).where(
            InnerDate.cycle_id == row.id, InnerDate.unit_id == found.id, InnerDate.kind == InnerKind.OWN_PLAN.value,
            InnerDate.replaced_at.is_(None),
        )
    ).all()  # fmt: skip
    replace(session, earlier, read.document.number, at)
    rows = [
        inner_date(
            row, found.id, stated.stage, InnerKind.OWN_PLAN, read.document.number, stated.fixed, stated.wording,
            stated.section, days, at, stated.explain(days),
        )
        for stated in read.deadlines
    ]  # fmt: skip
    keep(session, row, upper, rows, days, at)
    append_cycle_event(
        session, row, "adopt_plan", actor=actor, at=at, occurred_on=day_of(at), rule=read.document.number,
        details={"scope": f"unit/{found.id}", "issued_on": read.document.issued_on, "replaced": len(earlier),
                 "dates": [{"stage": one.stage, "day": one.day, "wording": one.wording} for one in rows]},
    )  # fmt: skip
    procedure = procedure_of(row)
    passed = [one for one in rows if one.strikes_at <= at]
    return {
        "message": Phrase(
            "Đã ghi kế hoạch %(plan)s của %(unit)s: %(n)s thời hạn trong kế hoạch %(upper)s.",
            plan=read.document.number, unit=found.name, n=len(rows), upper=upper.document.number,
        ),
        "dates": [
            {"stage": one.stage, "wording": one.wording, "rule": one.rule, "last_day": last_day(one)} for one in rows
        ],
        "warnings": [
            Phrase(
                "hạn '%(stage)s' (%(day)s) đã qua khi kế hoạch được ghi",
                stage=procedure.stage(one.stage).label, day=last_day(one),
            )
            for one in passed
        ],
    }  # fmt: skip
