"""Which dossiers a list shows: the filters that stand in an address, as conditions and in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from casework.imports import values
from casework.rules import procedure_of
from casework.scope import Scope
from casework.timing import AT_THE_STAGE_ALONE, outstanding
from models.cycles import Breach, Cycle, Deadline
from models.dossiers import Dossier
from models.results import Decision, Evaluation
from models.units import Producer, Product, Unit
from ocop.deadlines import recalled
from ocop.errors import NotFound
from ocop.levels import DossierKind, Level
from ocop.phrase import Phrase
from ocop.procedure import MetBy, Procedure
from ocop.text import fold
from ocop.working_days import start_of

ANY = "any"
"""Overdue at whatever deadline."""
UNIT_COLUMNS: Mapping[str, InstrumentedAttribute[Any]] = {
    Level.COMMUNE: Dossier.commune_id,
    Level.DISTRICT: Dossier.district_id,
    Level.PROVINCE: Dossier.province_id,
}


@dataclass(frozen=True)
class Wanted:
    """The filters of a list of dossiers; each is empty or one word of its address."""

    stage: str = ""
    phase: str = ""
    unmet: str = ""
    """A stage with a deadline that the dossier has still to meet."""
    met: str = ""
    """A stage with a deadline that the dossier has met or need not meet any more."""
    deadline: int | None = None
    """One deadline, an extension for example, that holds for the dossier and is not met."""
    alone_by: str = ""
    """A day, as '2025-06-30', by whose end a period of the dossier's own runs out."""
    overdue: str = ""
    """'any', or the stage whose deadline was missed."""
    late_unit: int | None = None
    """The unit that held the dossier when the deadline struck."""
    unit: int | None = None
    """A commune, district or province that the dossier belongs to."""
    holder: int | None = None
    result: str = ""
    star: int | None = None
    kind: str = ""
    q: str = ""
    """Words of the code, the product or the producer."""

    @property
    def parameters(self) -> dict[str, str | int]:
        """The filters that are set, for an address."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name)) not in (None, "")}


def awarded(at_least: int = 3) -> ColumnElement[bool]:
    """Return the condition on Dossier for 'recognised at so many stars or more, by a decision in force'."""
    return exists().where(
        Decision.dossier_id == Dossier.id, Decision.annulled_on.is_(None), Decision.awarded_star >= at_least
    )


def judged(level: str | None = None) -> ColumnElement[bool]:
    """Return the condition on Dossier for 'a council's ballot counts', at a level or at any."""
    conditions = [
        Evaluation.dossier_id == Dossier.id,
        Evaluation.counts.is_(True),
        Evaluation.annulled_on.is_(None),
    ]
    if level is not None:
        conditions.append(Evaluation.level == level)
    return exists().where(*conditions)


def at_centre_stages(procedure: Procedure) -> list[str]:
    """Return the stages of a dossier that was proposed to the centre and is on its way there."""
    proposals = {move.target for move in procedure.moves if move.event == "propose"}
    onward = {stage.key for stage in procedure.stages if stage.level is Level.CENTRAL}
    return sorted(proposals | onward)


def proposed(cycle: Cycle) -> ColumnElement[bool]:
    """Return the condition on Dossier for 'proposed to the centre', evaluated there or not yet."""
    return or_(Dossier.stage.in_(at_centre_stages(procedure_of(cycle))), judged(Level.CENTRAL))


RESULTS: Mapping[str, tuple[str, Callable[[Cycle], ColumnElement[bool]]]] = {
    "open": (Phrase("chưa kết thúc"), lambda cycle: Dossier.open.is_(True)),
    "ended": (Phrase("đã kết thúc"), lambda cycle: Dossier.open.is_(False)),
    "judged": (Phrase("đã có kết quả chấm của hội đồng"), lambda cycle: judged()),
    "not_judged": (Phrase("chưa có kết quả chấm của hội đồng"), lambda cycle: ~judged()),
    "recognised": (Phrase("đã được công nhận"), lambda cycle: awarded()),
    "proposed": (Phrase("đã đề nghị trung ương"), proposed),
    "at_centre": (Phrase("đã được trung ương đánh giá"), lambda cycle: judged(Level.CENTRAL)),
}
"""What a dossier has reached, by the word in the address: the phrase that says so and its condition."""


def open_breach(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition on Dossier for 'a missed deadline is still open'."""
    return exists().where(
        Breach.dossier_id == Dossier.id, Breach.closed_at.is_(None), Deadline.id == Breach.deadline_id, *more
    )


def unmet(cycle: Cycle, stage: str, met_by: str) -> ColumnElement[bool]:
    """Return the condition on Dossier for 'has still to meet the deadline of a stage', whichever date holds for it."""
    ahead = Dossier.stage.in_(sorted(procedure_of(cycle).still_ahead(stage)))
    if met_by != MetBy.SESSION_HELD:
        return ahead
    held = exists().where(
        Evaluation.dossier_id == Dossier.id,
        Evaluation.stage == stage,
        Evaluation.counts.is_(True),
        Evaluation.annulled_on.is_(None),
    )
    return and_(ahead, ~held)


def due_alone(cycle: Cycle, until: date) -> ColumnElement[bool]:
    """Return the condition on Dossier for 'a period of its own runs out by the end of a day, and has not struck yet'."""
    procedure, later = procedure_of(cycle), aliased(Deadline)
    here = [
        and_(
            Deadline.stage == stage,
            or_(
                and_(Deadline.kind.in_(sorted(AT_THE_STAGE_ALONE)), Dossier.stage == stage),
                and_(
                    Deadline.kind.not_in(sorted(AT_THE_STAGE_ALONE)),
                    Dossier.stage.in_(sorted(procedure.still_ahead(stage))),
                ),
            ),
        )
        for stage in procedure.open_stages
    ]
    held = exists().where(
        Evaluation.dossier_id == Dossier.id, Evaluation.stage == Deadline.stage, Evaluation.counts.is_(True),
        Evaluation.annulled_on.is_(None), Deadline.met_by == MetBy.SESSION_HELD.value,
    )  # fmt: skip
    longer = exists().where(
        later.cycle_id == Deadline.cycle_id, later.stage == Deadline.stage, later.scope == Deadline.scope,
        later.version > Deadline.version, later.replaced_at.is_(None),
    )  # fmt: skip
    running = (
        select(Deadline.dossier_id)
        .join(Dossier, Dossier.id == Deadline.dossier_id)
        .where(
            Deadline.cycle_id == cycle.id, Deadline.strikes_at <= start_of(until + timedelta(days=1)),
            Deadline.replaced_at.is_(None), Dossier.suspended_at.is_(None), or_(*here), ~held, ~longer,
            ~exists().where(Breach.deadline_id == Deadline.id),
        )
    )  # fmt: skip
    return Dossier.id.in_(running)


def _day(text: str) -> date:
    try:
        return values.day(text)
    except ValueError:
        raise NotFound(
            f"'{text}' không phải là một ngày, ví dụ 2025-06-30.", f"'{text}' is no day; write it as 2025-06-30"
        ) from None


def met_by_of(session: Session, cycle: Cycle, stage: str) -> str:
    """Return the act that meets a stage's deadline; NotFound when the plan sets none."""
    found = session.scalar(
        select(Deadline.met_by)
        .where(Deadline.cycle_id == cycle.id, Deadline.stage == stage, Deadline.dossier_id.is_(None))
        .order_by(Deadline.replaced_at.is_not(None), Deadline.id)
        .limit(1)
    )
    if found is None:
        raise NotFound(
            f"Kế hoạch không đặt hạn cho bước '{stage}'.", f"the plan sets no deadline for the stage '{stage}'"
        )
    return found


@dataclass(frozen=True)
class Selection:
    """What a list's filters come to: conditions on Dossier, and the same in words."""

    conditions: tuple[ColumnElement[bool], ...]
    words: tuple[str, ...]


def select_dossiers(session: Session, cycle: Cycle, wanted: Wanted, scope: Scope) -> Selection:
    """Return what the filters ask for of what a reader may see; NotFound names a stage, unit or deadline that is none."""
    conditions: list[ColumnElement[bool]] = [Dossier.cycle_id == cycle.id, *scope.dossiers_of(cycle)]
    words: list[str] = []
    for found in (
        _places(cycle, wanted),
        _times(session, cycle, wanted),
        _units(session, wanted),
        _rest(cycle, wanted),
    ):
        conditions += found.conditions
        words += found.words
    return Selection(tuple(conditions), tuple(words))


def _label(cycle: Cycle, stage: str) -> str:
    try:
        return procedure_of(cycle).stage(stage).label
    except KeyError:
        raise NotFound(
            f"Quy trình của chu trình không có bước '{stage}'.", f"this cycle's procedure has no stage '{stage}'"
        ) from None


def _places(cycle: Cycle, wanted: Wanted) -> Selection:
    conditions: list[ColumnElement[bool]] = []
    words = []
    if wanted.stage:
        words.append(Phrase("đang ở bước “%(stage)s”", stage=_label(cycle, wanted.stage)))
        conditions.append(Dossier.stage == wanted.stage)
    if wanted.phase:
        stages = procedure_of(cycle).phases.get(wanted.phase)
        if stages is None:
            raise NotFound(
                f"Quy trình của chu trình không có giai đoạn '{wanted.phase}'.",
                f"this cycle's procedure has no phase '{wanted.phase}'",
            )
        words.append(Phrase("đang ở giai đoạn “%(stage)s”", stage=_label(cycle, wanted.phase)))
        conditions.append(Dossier.stage.in_(stages))
    return Selection(tuple(conditions), tuple(words))


def _times(session: Session, cycle: Cycle, wanted: Wanted) -> Selection:
    conditions: list[ColumnElement[bool]] = []
    words = []
    if wanted.unmet:
        words.append(Phrase("chưa xong bước “%(stage)s”", stage=_label(cycle, wanted.unmet)))
        conditions.append(unmet(cycle, wanted.unmet, met_by_of(session, cycle, wanted.unmet)))
    if wanted.met:
        words.append(Phrase("đã xong hoặc không phải qua bước “%(stage)s”", stage=_label(cycle, wanted.met)))
        conditions.append(~unmet(cycle, wanted.met, met_by_of(session, cycle, wanted.met)))
    if wanted.deadline is not None:
        row = session.get(Deadline, wanted.deadline)
        if row is None or row.cycle_id != cycle.id:
            raise NotFound(
                f"Không có thời hạn số {wanted.deadline} trong chu trình này.",
                f"this cycle has no deadline number {wanted.deadline}",
            )
        words.append(
            Phrase(
                "chưa xong bước “%(stage)s”, theo hạn “%(wording)s”",
                stage=_label(cycle, row.stage),
                wording=recalled(row.wording),
            )
        )
        conditions.append(outstanding(session, cycle, row))
    if wanted.alone_by:
        until = _day(wanted.alone_by)
        words.append(Phrase("có hạn riêng đến hết ngày %(day)s", day=until))
        conditions.append(due_alone(cycle, until))
    late: list[ColumnElement[bool]] = []
    if wanted.overdue not in ("", ANY):
        words.append(Phrase("quá hạn bước “%(stage)s”", stage=_label(cycle, wanted.overdue)))
        late.append(Deadline.stage == wanted.overdue)
    elif wanted.overdue:
        words.append(Phrase("quá hạn"))
    if wanted.late_unit is not None:
        words.append(Phrase("quá hạn khi %(unit)s đang giữ", unit=_unit(session, wanted.late_unit).name))
        late.append(Breach.unit_id == wanted.late_unit)
    if wanted.overdue or late:
        conditions.append(open_breach(*late))
    return Selection(tuple(conditions), tuple(words))


def _unit(session: Session, unit_id: int) -> Unit:
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound(f"Không có đơn vị số {unit_id}.", f"there is no unit number {unit_id}")
    return unit


def _units(session: Session, wanted: Wanted) -> Selection:
    conditions: list[ColumnElement[bool]] = []
    words = []
    if wanted.unit is not None:
        unit = _unit(session, wanted.unit)
        if unit.level not in UNIT_COLUMNS:
            raise NotFound(
                f"{unit.name} không phải là xã, huyện hay tỉnh.", f"{unit.name} is no commune, district or province"
            )
        words.append(Phrase("thuộc %(unit)s", unit=unit.name))
        conditions.append(UNIT_COLUMNS[unit.level] == unit.id)
    if wanted.holder is not None:
        words.append(Phrase("%(unit)s đang giữ", unit=_unit(session, wanted.holder).name))
        conditions.append(Dossier.holder_id == wanted.holder)
    return Selection(tuple(conditions), tuple(words))


def _rest(cycle: Cycle, wanted: Wanted) -> Selection:
    conditions: list[ColumnElement[bool]] = []
    words = []
    if wanted.kind:
        if wanted.kind not in set(DossierKind):
            raise NotFound(f"Không có loại hồ sơ '{wanted.kind}'.", f"there is no kind of dossier '{wanted.kind}'")
        words.append(DossierKind(wanted.kind).label)
        conditions.append(Dossier.kind == wanted.kind)
    if wanted.result:
        if wanted.result not in RESULTS:
            raise NotFound(f"Không có kết quả '{wanted.result}'.", f"there is no result '{wanted.result}'")
        told, condition = RESULTS[wanted.result]
        words.append(told)
        conditions.append(condition(cycle))
    if wanted.star is not None:
        words.append(Phrase("được công nhận %(stars)s sao", stars=wanted.star))
        conditions += [awarded(wanted.star), ~awarded(wanted.star + 1)]
    if wanted.q.strip():
        words.append(Phrase("có chữ “%(words)s”", words=wanted.q.strip()))
        conditions.append(_named(wanted.q))
    return Selection(tuple(conditions), tuple(words))


def _named(words: str) -> ColumnElement[bool]:
    """Return the condition on Dossier for 'code, product or producer holds these words', marks and case aside."""
    folded = "".join(f"\\{sign}" if sign in "\\%_" else sign for sign in fold(words))
    product, maker = aliased(Product), aliased(Producer)
    return or_(
        func.lower(Dossier.code).like(f"%{folded}%", escape="\\"),
        Dossier.product_id.in_(select(product.id).where(product.search.like(f"%{folded}%", escape="\\"))),
        Dossier.producer_id.in_(select(maker.id).where(maker.search.like(f"%{folded}%", escape="\\"))),
    )
