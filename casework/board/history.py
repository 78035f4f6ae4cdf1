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
from ocop.phrase import Joined, Phrase
from ocop.procedure import Procedure
from ocop.rulebook import PROCEDURES, stage_of


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
    until = Phrase(
        "Bước “%(stage)s” của %(unit)s đến ngày %(day)s",
        stage=stage, unit=_place(details, known), day=date.fromisoformat(details["day"]),
    )  # fmt: skip
    return Joined("; ", [until, Phrase("%(n)s hồ sơ hết quá hạn", n=closed)]) if closed else until


def _amended(details: Details, known: Known) -> str:
    del known
    version = Phrase("Phiên bản %(version)s", version=str(details["version"]))
    return Joined("; ", [version, Phrase("chờ đến ngày có hiệu lực")]) if details.get("waits") else version


def _edited(details: Details, known: Known) -> str:
    labels = [stage_of(known.procedure, stage).label for stage in details["moved"]]
    parts = [Phrase("%(n)s ngày của lịch", n=len(details["days"]))]
    if labels:
        parts.append(Phrase("hạn tính lại: %(stages)s", stages=Joined(", ", labels)))
    if details["longer"]:
        parts.append(Phrase("hạn riêng của %(n)s hồ sơ kéo dài", n=details["longer"]))
    return Joined("; ", parts)


def _adopted(details: Details, known: Known) -> str:
    return Phrase("Kế hoạch riêng của %(unit)s, %(n)s mốc", unit=_place(details, known), n=len(details["dates"]))


def _reorganised(details: Details, known: Known) -> str:
    del known
    return Phrase(
        "%(units)s đơn vị kết thúc hoặc nhập vào đơn vị khác; %(dossiers)s hồ sơ chuyển cho đơn vị kế thừa; "
        "%(letters)s thư ghi lại người nhận",
        units=details["units"], dossiers=details["dossiers"], letters=details["letters"],
    )  # fmt: skip


def _suspended(details: Details, known: Known) -> str:
    del known
    return Phrase(
        "%(n)s hồ sơ ở cấp %(level)s, không thời hạn nào chạy",
        n=details["dossiers"], level=Level(details["level"]).label,
    )  # fmt: skip


def _resumed(details: Details, known: Known) -> str:
    del known
    return Phrase("%(n)s hồ sơ", n=details["dossiers"])


def _changed(details: Details, known: Known) -> str:
    del known
    return Phrase(
        "Từ %(before)s sang %(after)s; %(n)s hồ sơ đang giải quyết chuyển theo",
        before=_law(details["from"]), after=_law(details["to"]), n=details["dossiers"],
    )  # fmt: skip


def _nothing(details: Details, known: Known) -> str:
    del details, known
    return ""


def _place(details: Details, known: Known) -> str:
    scope = str(details["scope"])
    return (
        known.units.get(int(scope.removeprefix("unit/")), "") if scope.startswith("unit/") else Phrase("tất cả đơn vị")
    )


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
