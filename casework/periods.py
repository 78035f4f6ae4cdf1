"""Begins the periods that run for each dossier from the day on which it came to a stage."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from casework.days import calendar
from casework.moves import Written
from casework.rules import plan_of
from casework.timing import own_deadline
from models.cycles import Cycle
from ocop.deadlines import Period, period_of_days, period_of_working_days
from ocop.plan import CyclePlan
from ocop.procedure import Back, OwnPeriod
from ocop.working_days import Calendar, day_of


def begin(session: Session, written: Sequence[Written], cycles: Mapping[int, Cycle]) -> list[Written]:
    """Give dossiers that came to a stage with a period of its own their deadline, and their letters its last day."""
    told: list[Written] = []
    for item in written:
        own = _begun_by(item)
        if own is None:
            told.append(item)
            continue
        cycle, days = cycles[item.row.cycle_id], calendar(session)
        plan, since = plan_of(cycle), item.event["effective_at"]
        start = day_of(since) if item.proposed.effective_at else item.proposed.occurred_on
        period = _period(own, plan, start, days)
        own_deadline(
            session, cycle, item.row.id, item.stage.key, own.kind.value, period, days, met_by=own.met_by,
            source=str(own.rule) if own.rule else plan.source_of(own.setting) or "", at=since,
        )  # fmt: skip
        letter = {"due_on": period.last_day, **item.proposed.letter}
        told.append(item._replace(proposed=replace(item.proposed, letter=letter)))
    return told


def _begun_by(item: Written) -> OwnPeriod | None:
    """Return the period that a move begins, or None.

    A supplement begins anew only what runs from the complete file; a result annulled by a document gets the day that the
    document names.
    """
    own = item.stage.period
    if own is None or not item.move.moves or item.move.back is Back.DOCUMENT:
        return None
    return own if own.from_complete or item.move.back is not Back.SUPPLEMENT else None


def _period(own: OwnPeriod, plan: CyclePlan, start: date, days: Calendar) -> Period:
    """Return the period from a day that is not counted; its length is the law's, or the plan's."""
    return (period_of_working_days if own.working else period_of_days)(start, plan.days_of(own), days)
