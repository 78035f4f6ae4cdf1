"""What binds a dossier anew while it is on its way: to other units, to another procedure, or to nobody for a time."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, func, insert, select
from sqlalchemy.orm import Session

from casework.moves import ProposedMove, Rebind, Written
from models.cycles import Cycle
from models.dossiers import Dossier
from models.record import Event
from models.successions import Binding
from ocop.levels import Level
from ocop.notices import Notice
from ocop.procedure import Move, Procedure
from ocop.sources import Source
from ocop.transitions import CHANGE, TRANSITIONS
from ocop.working_days import day_of

TRANSFER, SUSPEND, RESUME = "transfer", "suspend", "resume"
LETTERS: Mapping[str, tuple[Notice, ...]] = MappingProxyType(
    {
        TRANSFER: (Notice.TRANSFERRED,),
        SUSPEND: (Notice.SUSPENDED,),
        RESUME: (Notice.RESUMED,),
        CHANGE: (Notice.PROCEDURE_CHANGED,),
    }
)
"""Each event with the letters that it owes; none of them is a row of a procedure, and each is possible under all of them."""
HANDED_ON = frozenset({TRANSFER, CHANGE})
"""Events that take a dossier from one unit to another because units or competences changed, not because it went on."""

TERRITORY = Source("Quy tắc của phần mềm", "sắp xếp đơn vị hành chính: hồ sơ chuyển đến đơn vị kế thừa có thẩm quyền")
PENDING = Source("Quy tắc của phần mềm", "tạm dừng, chờ xác định thẩm quyền: không cơ quan nào có thẩm quyền ở cấp này")
DETERMINED = Source("Quy tắc của phần mềm", "đã xác định thẩm quyền: thời hạn riêng lùi lại bằng thời gian tạm dừng")


def step(event: str, source: str, target: str, rule: Source | None = None) -> Move:
    """Return an event as a row like those of a procedure: the province enters it."""
    return Move(event, source, target, letters=LETTERS[event], by=Level.PROVINCE, rule=rule)


def rows(procedure: Procedure) -> tuple[Move, ...]:
    """Return the rows that a procedure has besides its own: stays at each open stage, and ways in from other procedures."""
    return (
        *(
            step(event, stage, stage, rule)
            for stage in procedure.open_stages
            for event, rule in ((TRANSFER, TERRITORY), (SUSPEND, PENDING), (RESUME, DETERMINED))
        ),
        *(
            step(CHANGE, image.source, image.target, way.rule)
            for way in TRANSITIONS
            if way.target == procedure.key
            for image in way.images
        ),
    )


def anew(dossier: Dossier | Row[Any], rule: str, **changed: Any) -> Rebind:
    """Return what a dossier is bound to, but for what is changed."""
    kept = {
        name: getattr(dossier, name)
        for name in ("procedure_key", "stage", "commune_id", "district_id", "province_id", "suspended_at")
    }
    return Rebind(**(kept | changed), rule=rule)


def arrivals(session: Session, written: Sequence[Written], cycles: Mapping[int, Cycle]) -> list[ProposedMove]:
    """Return the suspensions of dossiers that have just come to a level at which no body is competent."""
    halted = [
        item
        for item in written
        if item.move.moves
        and item.proposed.rebind is None
        and not item.stage.final
        and cycles[item.row.cycle_id].suspended_level == item.stage.level
    ]
    because = {cycle_id: _why(session, cycle_id) for cycle_id in {item.row.cycle_id for item in halted}}
    return [
        ProposedMove(
            item.row.id,
            SUSPEND,
            day_of(since),
            reason=because[item.row.cycle_id].reason,
            document=because[item.row.cycle_id].rule,
            effective_at=since,
            rebind=anew(item.row, str(PENDING), stage=item.stage.key, suspended_at=since),
        )
        for item in halted
        for since in (item.event["effective_at"],)
    ]


def _why(session: Session, cycle_id: int) -> Row[Any]:
    """Return the document and the reason of a cycle's suspension in force."""
    return session.execute(
        select(Event.rule, Event.reason)
        .where(Event.cycle_id == cycle_id, Event.dossier_id.is_(None), Event.event == SUSPEND)
        .order_by(Event.number.desc())
        .limit(1)
    ).one()


def keep_bindings(session: Session, written: Sequence[Written]) -> None:
    """Keep what dossiers were bound to until the line before, where procedure or units change."""
    changing = [item for item in written if _bound(item.row) != _bound(item.proposed.rebind)]
    if not changing:
        return
    ends = {
        dossier_id: end
        for dossier_id, end in session.execute(
            select(Binding.dossier_id, func.max(Binding.until_number))
            .where(Binding.dossier_id.in_([item.row.id for item in changing]))
            .group_by(Binding.dossier_id)
        )
    }
    session.execute(
        insert(Binding),
        [
            {
                "dossier_id": item.row.id,
                "from_number": ends.get(item.row.id, 0) + 1,
                "until_number": item.row.version,
                "procedure_key": item.row.procedure_key,
                "commune_id": item.row.commune_id,
                "district_id": item.row.district_id,
                "province_id": item.row.province_id,
            }
            for item in changing
        ],
    )


def _bound(place: Row[Any] | Rebind | None) -> tuple[Any, ...]:
    return tuple(getattr(place, name) for name in ("procedure_key", "commune_id", "district_id", "province_id"))
