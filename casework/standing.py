"""Where a cycle's dossiers stood at an instant, read from history."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from models.cycles import Cycle
from models.dossiers import Dossier
from models.record import Event


def standing(session: Session, cycle: Cycle, before: datetime) -> Sequence[Row[Any]]:
    """Return (district_id, stage, dossiers) as they stood just before an instant; who was not yet registered is left out.

    Read from the instants at which moves hold, so a late run does not change the answer.
    """
    last = (
        select(Event.dossier_id, func.max(Event.number).label("number"))
        .where(Event.cycle_id == cycle.id, Event.dossier_id.is_not(None), Event.effective_at < before)
        .group_by(Event.dossier_id)
        .subquery()
    )
    return session.execute(
        select(Dossier.district_id, Event.to_stage.label("stage"), func.count().label("dossiers"))
        .join(last, last.c.dossier_id == Dossier.id)
        .join(Event, (Event.dossier_id == last.c.dossier_id) & (Event.number == last.c.number))
        .group_by(Dossier.district_id, Event.to_stage)
        .order_by(Dossier.district_id, Event.to_stage)
    ).all()
