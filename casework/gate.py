"""Judges whether a move may happen: by the procedure, the bounds of ways back, the actor's rights, and what was seen."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session

from casework.actors import Actor, Territory, staffed_units
from casework.events import last_act
from casework.moves import DATED, STEPS, ProposedMove, Rebind
from casework.producers import not_theirs
from casework.rebinding import step
from casework.rules import astray, plan_of
from models.base import table_of
from models.cycles import Cycle
from models.dossiers import Dossier
from models.record import Event
from ocop.errors import InvalidInput, NotPossibleNow, NotYours, RuleViolation, SomeoneWasFaster
from ocop.levels import Level
from ocop.phrase import Phrase
from ocop.procedure import Back, Move, Procedure
from ocop.rulebook import PROCEDURES
from ocop.text import day as told
from ocop.working_days import day_of

_EVENTS = table_of(Event)
_LAST_STEPS = (
    select(_EVENTS.c.dossier_id, func.max(_EVENTS.c.occurred_on))
    .where(_EVENTS.c.dossier_id.in_(bindparam("ids", expanding=True)), _EVENTS.c.event.in_(sorted(STEPS)))
    .group_by(_EVENTS.c.dossier_id)
)

_DOSSIERS = table_of(Dossier)
_OTHERS = _DOSSIERS.alias()
_OPEN_BESIDE = (
    select(_DOSSIERS.c.id, _OTHERS.c.code)
    .join_from(_DOSSIERS, _OTHERS, _OTHERS.c.product_id == _DOSSIERS.c.product_id)
    .where(_DOSSIERS.c.id.in_(bindparam("ids", expanding=True)), _OTHERS.c.open, _OTHERS.c.id != _DOSSIERS.c.id)
)


def _opens_again(row: Row[Any] | Dossier, move: Move) -> bool:
    law = PROCEDURES[row.procedure_key]
    return law.stage(move.source).final and not law.stage(move.target).final


class Gatekeeper:
    """Judges moves against procedure, bounds, rights and versions; reads what it needs once for the chunk."""

    def __init__(
        self,
        session: Session,
        moves: Sequence[ProposedMove],
        rows: Mapping[int, Row[Any] | Dossier],
        cycles: Mapping[int, Cycle],
        actor: Actor,
        at: datetime,
    ) -> None:
        """Read what judging the moves needs; several may be of one dossier, each of another event."""
        self.session, self.cycles, self.actor = session, cycles, actor
        self.found = {
            (row.id, proposed.event): PROCEDURES[row.procedure_key].move(row.stage, proposed.event, proposed.facts)
            for proposed in moves
            if (row := rows.get(proposed.dossier_id)) and row.procedure_key in PROCEDURES
        }
        day = day_of(at)
        self.territory = Territory.of(session, actor, day)
        self.staffed = (
            staffed_units(
                session, {row.holder_id for row in rows.values()} | {row.province_id for row in rows.values()}, day
            )
            if actor.on_behalf
            else frozenset()
        )
        self.past = self._past()
        self.last_steps = self._last_steps(moves)
        self.open_beside = self._open_beside(rows)

    def _past(self) -> Counter[tuple[int, str, str, str]]:
        """Count the earlier events of dossiers for which a bounded move is proposed."""
        bounded = {dossier for (dossier, _), move in self.found.items() if isinstance(move, Move) and move.back}
        if not bounded:
            return Counter()
        counted = self.session.execute(
            select(Event.dossier_id, Event.event, Event.from_stage, Event.to_stage, func.count())
            .where(Event.dossier_id.in_(bounded), Event.from_stage != Event.to_stage)
            .group_by(Event.dossier_id, Event.event, Event.from_stage, Event.to_stage)
        )
        return Counter({(dossier, event, source, target): n for dossier, event, source, target, n in counted})

    def _last_steps(self, moves: Sequence[ProposedMove]) -> dict[int, date]:
        """Return the day of the last step of each dossier that a person dates an act for."""
        dated = [proposed.dossier_id for proposed in moves if proposed.event in DATED]
        if self.actor.is_engine or not dated:
            return {}
        return {dossier_id: last for dossier_id, last in self.session.execute(_LAST_STEPS, {"ids": dated})}

    def _open_beside(self, rows: Mapping[int, Row[Any] | Dossier]) -> dict[int, str]:
        """Return, by each ended dossier that would be opened again, its product's other dossier that is open."""
        opened = [
            dossier
            for (dossier, _), move in self.found.items()
            if isinstance(move, Move) and _opens_again(rows[dossier], move)
        ]
        return dict(self.session.execute(_OPEN_BESIDE, {"ids": opened}).tuples().all()) if opened else {}

    def judge(self, proposed: ProposedMove, row: Row[Any] | Dossier) -> Move | RuleViolation:
        """Return the move that the procedure gives, or why it may not happen."""
        if proposed.version is not None and proposed.version != row.version:
            return faster(self.session, row.id, row.code)
        if unfit := astray(row):
            return unfit
        if self.actor.producer_id is not None and (refusal := not_theirs(self.actor, proposed.event, row)):
            return refusal
        if proposed.rebind is not None:
            return self._bind_anew(proposed, row, proposed.rebind)
        if row.suspended_at is not None:
            return suspended(row)
        move = self.found[row.id, proposed.event]
        if not isinstance(move, Move):
            return impossible(self.session, PROCEDURES[row.procedure_key], row, proposed.event)
        if self.actor.is_engine and not move.back:
            return move
        if self.actor.producer_id is None:
            unit_id = self.responsible(proposed, row, move)
            above = path_above(row, unit_id)
            if refusal := self.territory.refusal(self.actor, unit_id, above, self.staffed):
                return self._moved_away(refusal, row)
        if move.back and (used_up := self._bound(proposed, row, move)):
            return used_up
        if other := self.open_beside.get(row.id):
            return NotPossibleNow(
                f"Hồ sơ {row.code} đã kết thúc và sản phẩm đang có hồ sơ {other} chưa kết thúc; mỗi sản phẩm chỉ có một hồ sơ "
                f"mở. Hãy kết thúc hồ sơ {other} trước.",
                f"dossier {row.code} has ended and its product has the open dossier {other}; a product has one open dossier. "
                f"End dossier {other} first",
            )
        last = self.last_steps.get(row.id)
        if last is not None and proposed.event in DATED and proposed.occurred_on < last:
            return InvalidInput(
                f"Hồ sơ {row.code}: ngày {told(proposed.occurred_on)} sớm hơn ngày {told(last)} của bước trước đó. "
                "Hãy kiểm tra lại ngày.",
                f"dossier {row.code}: {told(proposed.occurred_on)} lies before {told(last)}, the day of the step before. Check the day",
            )
        return move

    def responsible(self, proposed: ProposedMove, row: Row[Any] | Dossier, move: Move) -> int | None:
        """Return the unit whose people may do a move; None where the dossier has no such unit."""
        unit_id = proposed.unit_id or (row.holder_id if move.by is None else unit_at(row, move.by))
        if unit_id == self.cycles[row.cycle_id].central_id:
            return row.province_id  # the centre keeps no record here: the province enters what concerns its dossiers
        return unit_id

    def _bind_anew(self, proposed: ProposedMove, row: Row[Any] | Dossier, rebind: Rebind) -> Move | RuleViolation:
        """Return the step by which the province, or the engine for it, binds a dossier anew."""
        if PROCEDURES[row.procedure_key].stage(row.stage).final:
            return impossible(self.session, PROCEDURES[row.procedure_key], row, proposed.event)
        if self.actor.is_engine or self.territory.posts.keys() & {row.province_id, rebind.province_id}:
            return step(proposed.event, row.stage, rebind.stage)
        return NotYours(
            f"Hồ sơ {row.code}: chỉ cán bộ cấp tỉnh của chu trình được thực hiện việc này.",
            f"dossier {row.code}: only people of the cycle's province may do this",
        )

    def _moved_away(self, refusal: NotYours, row: Row[Any] | Dossier) -> NotYours:
        """Tell an actor at another unit of the dossier's path who acted last: it may have left their unit a moment ago."""
        if not self.territory.posts.keys() & {row.commune_id, row.district_id, row.province_id}:
            return refusal
        return NotYours(
            Phrase("%(why)s Việc gần nhất: %(act)s.", why=refusal.told, act=last_act(self.session, row.id)),
            refusal.english,
        )

    def _bound(self, proposed: ProposedMove, row: Row[Any] | Dossier, move: Move) -> RuleViolation | None:
        """Return why a backward move's bound is used up, or None."""
        used = self.past[row.id, move.event, move.source, move.target]
        if move.back is Back.SUPPLEMENT:
            allowed = plan_of(self.cycles[row.cycle_id]).supplement.at_most
        elif move.back is Back.ONCE:
            allowed = 1 + sum(
                n
                for (dossier, event, source, _), n in self.past.items()
                if dossier == row.id and event == "annul" and source == move.target
            )
        elif proposed.document:
            return None
        else:
            return NotPossibleNow(
                f"Hồ sơ {row.code}: muốn hủy kết quả phải có số văn bản của cơ quan ban hành.",
                f"dossier {row.code}: to annul a result give the number of a document of the body that issued it",
            )
        if used < allowed:
            return None
        return NotPossibleNow(
            Phrase(
                "Hồ sơ %(code)s: bước quay lại này chỉ được thực hiện %(n)s lần và đã dùng hết.",
                code=row.code,
                n=allowed,
            ),
            f"{move.event} from {move.source} is used up ({allowed})",
        )


def suspended(dossier: Dossier | Row[Any]) -> NotPossibleNow:
    """Return the refusal of every act on a dossier for which no body is competent."""
    since = told(day_of(dossier.suspended_at)) if dossier.suspended_at else ""
    return NotPossibleNow(
        f"Hồ sơ {dossier.code} tạm dừng từ ngày {since}, chờ xác định thẩm quyền: không cơ quan nào được giải quyết và "
        "không thời hạn nào chạy. Tỉnh dùng “Cho tiếp tục hồ sơ đã tạm dừng” hoặc “Chuyển chu trình sang quy trình "
        "mới”.",
        f"dossier {dossier.code} is suspended from {since} until it is settled who is competent: no body may act on it and no "
        "deadline runs. The province uses 'Resume suspended dossiers' or 'Take a cycle over to a new procedure'",
    )


def ended_before(dossier: Dossier | Row[Any]) -> NotPossibleNow:
    """Return the refusal to open a dossier again that ended before its cycle went over to another procedure."""
    return NotPossibleNow(
        f"Hồ sơ {dossier.code} đã kết thúc theo quy trình cũ ('{PROCEDURES[dossier.procedure_key].name}') trước khi chu trình "
        "chuyển quy trình, nên không mở lại để đánh giá được. Hãy đăng ký hồ sơ mới cho sản phẩm.",
        f"dossier {dossier.code} ended under the old procedure before its cycle went over to another one, so it cannot be opened "
        "again. Register a new dossier for the product",
    )


def impossible(session: Session, procedure: Procedure, dossier: Dossier | Row[Any], event: str) -> NotPossibleNow:
    """Return the refusal for an event that the table does not know at a dossier's stage; it says who acted last, when."""
    if unfit := astray(dossier):
        return unfit
    standing = procedure.stage(dossier.stage)
    waits = Phrase("đang chờ: %(what)s", what=standing.waits_for) if standing.waits_for else Phrase("đã kết thúc")
    return NotPossibleNow(
        Phrase(
            "Hồ sơ %(code)s đang ở bước '%(stage)s' (%(waits)s) nên không thực hiện được việc này. Việc gần nhất: %(act)s.",
            code=dossier.code, stage=standing.label, waits=waits, act=last_act(session, dossier.id),
        ),
        f"dossier {dossier.code} at {dossier.stage}: no {event}; "
        f"possible: {', '.join(procedure.events_at(dossier.stage))}",
    )  # fmt: skip


def faster(session: Session, dossier_id: int, code: str) -> SomeoneWasFaster:
    """Return the refusal for somebody who acted on an old view; it says who did what, when."""
    return SomeoneWasFaster(
        Phrase(
            "Hồ sơ %(code)s vừa được cập nhật bởi %(act)s. Hãy mở lại hồ sơ rồi thực hiện.",
            code=code, act=last_act(session, dossier_id),
        ),
        f"dossier {code} was changed meanwhile",
    )  # fmt: skip


_UNIT_OF = {Level.COMMUNE: "commune_id", Level.DISTRICT: "district_id", Level.PROVINCE: "province_id"}


def unit_at(row: Row[Any] | Dossier | Rebind, level: Level) -> int | None:
    """Return a dossier's unit at a level; None where it has none."""
    return getattr(row, _UNIT_OF[level]) if level in _UNIT_OF else None


def path_above(row: Row[Any] | Dossier, unit_id: int | None) -> tuple[int | None, ...]:
    """Return the units of a dossier's path above one of them; its province for any other unit."""
    path = (row.commune_id, row.district_id, row.province_id)
    return path[path.index(unit_id) + 1 :] if unit_id in path else (row.province_id,)
