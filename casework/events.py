"""What a line of history says happened, in Vietnamese, and by whom and when it was done last."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.record import Event
from ocop.phrase import Meant, Phrase, phrases
from ocop.procedure import ROUTE
from ocop.working_days import VIETNAM

EVENT_LABELS: dict[str, str] = phrases(
    {
        "route": "Chuyển bước theo quy trình",
        "correct": "Đính chính",
        "transfer": "Chuyển hồ sơ cho đơn vị kế thừa",
        "plan_in_force": "Kế hoạch sửa đổi có hiệu lực",
    }
)
"""By event. Most bear the name of the act that writes them: its title is added where the act is defined."""


def name_event(act: str, title: Phrase) -> None:
    """Take an act's title for the event that it writes: 'request-supplement' is request_supplement, 'open-cycle' is open.

    English says of a form what to do, and of the history what was done.
    """
    EVENT_LABELS[act.removesuffix("-cycle").replace("-", "_")] = Meant(str(title), "lịch sử")


def done_by(actor: str, event: str, at: datetime) -> str:
    """Return who did what, when, as a refusal tells it to whoever came later."""
    local = at.astimezone(VIETNAM)
    return Phrase(
        "%(who)s (%(act)s) lúc %(hour)s ngày %(day)s",
        who=actor, act=EVENT_LABELS.get(event, event), hour=f"{local:%H:%M}", day=f"{local:%d/%m/%Y}",
    )  # fmt: skip


def last_act(session: Session, dossier_id: int) -> str:
    """Return who acted last on a dossier, what it was, and when; to be carried on is nobody's act."""
    last = session.execute(
        select(Event.actor_name, Event.event, Event.recorded_at)
        .where(Event.dossier_id == dossier_id, Event.event != ROUTE)
        .order_by(Event.number.desc())
        .limit(1)
    ).one()
    return done_by(last.actor_name, last.event, last.recorded_at)
