"""Invariants of competence: who holds a dossier exists, and a dossier is suspended if and only if its history says so."""

from collections.abc import Iterator

from sqlalchemy import and_, func, or_, select

from casework.doctor.invariant import Look, Violation
from casework.rebinding import RESUME, SUSPEND
from models.dossiers import Dossier
from models.record import Event
from models.units import Unit
from ocop.transitions import CHANGE
from ocop.working_days import day_of


def holders_exist(look: Look) -> Iterator[Violation]:
    """Yield open dossiers that are held by a unit which has ended, so that nobody there can act."""
    rows = look.session.execute(
        select(Dossier.code, Unit.name, Unit.valid_to)
        .join(Unit, Unit.id == Dossier.holder_id)
        .where(Dossier.open.is_(True), Unit.valid_to < day_of(look.at))
        .order_by(Dossier.id)
    )
    for code, name, until in rows:
        yield Violation(f"hồ sơ {code}", f"đang do {name} giữ, đơn vị đã kết thúc sau ngày {until:%d/%m/%Y}")


def suspended_by_its_lines(look: Look) -> Iterator[Violation]:
    """Yield dossiers marked as suspended against their last line on it, or not marked although it suspends them."""
    last = (
        select(Event.dossier_id, func.max(Event.number).label("number"))
        .where(Event.dossier_id.is_not(None), Event.event.in_((SUSPEND, RESUME, CHANGE)))
        .group_by(Event.dossier_id)
        .subquery()
    )
    rows = look.session.execute(
        select(Dossier.code, Dossier.suspended_at, Event.event)
        .select_from(Dossier)
        .outerjoin(last, last.c.dossier_id == Dossier.id)
        .outerjoin(Event, and_(Event.dossier_id == last.c.dossier_id, Event.number == last.c.number))
        .where(
            or_(
                and_(Dossier.suspended_at.is_not(None), or_(Event.event.is_(None), Event.event != SUSPEND)),
                and_(Dossier.suspended_at.is_(None), Event.event == SUSPEND),
            )
        )
        .order_by(Dossier.id)
    )
    for code, since, event in rows:
        marked = "đang ghi là tạm dừng" if since else "không ghi là tạm dừng"
        yield Violation(f"hồ sơ {code}", f"{marked}, dòng gần nhất về việc này là '{event or 'không có'}'")
