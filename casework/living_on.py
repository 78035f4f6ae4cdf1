"""Certificates past their end that hold until a result, by the transition of Decision 26/2026."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, false, or_
from sqlalchemy.orm import aliased

from models.dossiers import Dossier
from models.results import Certificate
from ocop.transition_2026 import IN_FORCE_FROM, LIVES_ON_DAYS
from ocop.working_days import day_of


def living_on(at: datetime) -> ColumnElement[bool]:
    """Return the condition on Certificate for 'it is past its end at an instant and lives on': ocop.transition_2026 in SQL.

    The dossier filed for its successor was filed by its end and has no result yet.
    """
    day = day_of(at)
    if day < IN_FORCE_FROM:
        return false()
    waiting = aliased(Dossier)
    return and_(
        Certificate.issued_on < IN_FORCE_FROM,
        Certificate.valid_until < day,
        Certificate.valid_until >= day - timedelta(days=LIVES_ON_DAYS),
        exists().where(
            waiting.certificate_id == Certificate.id,
            waiting.registered_on <= Certificate.valid_until,
            waiting.registered_at <= at,
            or_(waiting.open.is_(True), waiting.stage_since > at),
        ),
    )
