"""What happened to a cycle as a whole: opened, extended, amended, its units reorganised, its procedure changed, closed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts import EVENT_LABELS
from casework.rules import procedure_of
from models.cycles import Cycle
from models.record import Event
from models.units import Unit
from ocop.levels import Level
from ocop.procedure import Procedure
from ocop.rulebook import PROCEDURES, stage_of
from ocop.text import count
from ocop.text import day as told


@dataclass(frozen=True)
class Happening:
    """One thing that happened to a cycle."""

    event: str
    label: str
    on: date
    """The day of the thing itself."""
    recorded_at: datetime
    words: str
    document: str
    reason: str
    actor: str
    on_behalf: str


@dataclass(frozen=True)
class Known:
    """What a sentence needs to know besides the line of history."""

    procedure: Procedure
    units: Mapping[int, str]


Details = Mapping[str, Any]


def _opened(details: Details, known: Known) -> str:
    del known
    return _law(details["procedure"])


def _extended(details: Details, known: Known) -> str:
    stage = stage_of(known.procedure, details["stage"]).label
    closed = details.get("closed_breaches") or 0
    freed = f"; {count(closed)} hồ sơ hết quá hạn" if closed else ""
    return f"Bước “{stage}” của {_place(details, known)} đến ngày {told(date.fromisoformat(details['day']))}{freed}"


def _amended(details: Details, known: Known) -> str:
    del known
    return f"Phiên bản {details['version']}" + ("; chờ đến ngày có hiệu lực" if details.get("waits") else "")


def _edited(details: Details, known: Known) -> str:
    labels = [stage_of(known.procedure, stage).label for stage in details["moved"]]
    moved = f"; hạn tính lại: {', '.join(labels)}" if labels else ""
    longer = f"; hạn riêng của {count(details['longer'])} hồ sơ kéo dài" if details["longer"] else ""
    return f"{count(len(details['days']))} ngày của lịch{moved}{longer}"


def _adopted(details: Details, known: Known) -> str:
    return f"Kế hoạch riêng của {_place(details, known)}, {count(len(details['dates']))} mốc"


def _reorganised(details: Details, known: Known) -> str:
    del known
    return (
        f"{count(details['units'])} đơn vị kết thúc hoặc nhập vào đơn vị khác; {count(details['dossiers'])} hồ sơ chuyển cho "
        f"đơn vị kế thừa; {count(details['letters'])} thư ghi lại người nhận"
    )


def _suspended(details: Details, known: Known) -> str:
    del known
    return f"{count(details['dossiers'])} hồ sơ ở cấp {Level(details['level']).label}, không thời hạn nào chạy"


def _resumed(details: Details, known: Known) -> str:
    del known
    return f"{count(details['dossiers'])} hồ sơ"


def _changed(details: Details, known: Known) -> str:
    del known
    return f"Từ {_law(details['from'])} sang {_law(details['to'])}; {count(details['dossiers'])} hồ sơ đang giải quyết chuyển theo"


def _nothing(details: Details, known: Known) -> str:
    del details, known
    return ""


def _place(details: Details, known: Known) -> str:
    scope = str(details["scope"])
    return known.units.get(int(scope.removeprefix("unit/")), "") if scope.startswith("unit/") else "tất cả đơn vị"


def _law(key: str) -> str:
    return PROCEDURES[key].name if key in PROCEDURES else key


TOLD: Mapping[str, Callable[[Details, Known], str]] = {
    "open": _opened,
    "extend": _extended,
    "amend_plan": _amended,
    "plan_in_force": _amended,
    "edit_calendar": _edited,
    "adopt_plan": _adopted,
    "reorganise": _reorganised,
    "suspend": _suspended,
    "resume": _resumed,
    "change_procedure": _changed,
    "close": _nothing,
}
"""The events of a cycle's own chain that are told, each with what its sentence is made of; targets and answers are not."""


def history(session: Session, cycle: Cycle) -> Sequence[Happening]:
    """Return what happened to a cycle, the oldest first."""
    rows = session.scalars(
        select(Event)
        .where(Event.chain == f"cycle/{cycle.id}", Event.event.in_(TOLD))
        .order_by(Event.number)
    ).all()  # fmt: skip
    scopes = {str(row.details.get("scope", "")) for row in rows}
    ids = [int(scope.removeprefix("unit/")) for scope in scopes if scope.startswith("unit/")]
    names = {unit: name for unit, name in session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(ids)))}
    known = Known(procedure_of(cycle), names)
    return [
        Happening(
            row.event, EVENT_LABELS.get(row.event, row.event), row.occurred_on, row.recorded_at,
            TOLD[row.event](row.details, known), row.rule, row.reason, row.actor_name, row.on_behalf,
        )
        for row in rows
    ]  # fmt: skip
