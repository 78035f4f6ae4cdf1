"""What the tests of deadlines share: offices under other plans, what was missed, the words of an extension."""

from sqlalchemy import Engine, select

from models.cycles import Breach, Deadline
from models.dossiers import Dossier
from models.units import Unit
from tests.factories import CYCLE, Office, day

LAST_MOMENT, STROKE = "2025-06-14 23:59:59", "2025-06-15 00:00:00"


def an_office_under(engine: Engine, plan: str) -> Office:
    """Return the world under another plan."""
    return Office(engine).found().open_cycle(plan)


def breaches(office: Office) -> list[tuple[str, str, str, str, bool]]:
    """Return (dossier, deadline's stage, where it stood, unit, whether open) of every breach."""
    return [
        (code, stage, stood, unit, closed is None)
        for code, stage, stood, unit, closed in office.rows(
            select(Dossier.code, Deadline.stage, Breach.stage, Unit.name, Breach.closed_at)
            .join(Deadline, Deadline.id == Breach.deadline_id)
            .join(Dossier, Dossier.id == Breach.dossier_id)
            .join(Unit, Unit.id == Breach.unit_id)
            .order_by(Deadline.strikes_at, Dossier.code)
        )
    ]


def extension(**more: object) -> dict[str, object]:
    """Return what an extension of the districts' evaluation says."""
    body = {
        "cycle": CYCLE,
        "stage": "district_evaluation",
        "day": day("2025-06-25"),
        "document": "70/UBND-NN",
        "reason": "Mưa bão",
    }
    return body | more
