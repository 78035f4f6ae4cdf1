"""The lines of a work list: each with what is awaited in a sentence, by when, and who has it; a few queries for a page of them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from casework.act import Act
from casework.assigned import away, holds
from casework.board.able import acts_on_dossiers, event_of
from casework.board.deadlines import DueDate, days_to, due_dates
from casework.board.desks import Desk, Section
from casework.board.owed import Owed
from casework.board.work import Work, at_council
from casework.board.work_due import Group
from casework.days import calendar
from casework.rules import cycles_of
from models.assignments import Assignment
from models.cycles import Breach
from models.dossiers import Dossier
from models.results import Evaluation
from models.units import Person, Producer, Product, Unit
from ocop.levels import Level
from ocop.notices import NOTICE_LABELS, Notice
from ocop.phrase import Phrase
from ocop.procedure import Move
from ocop.revocation import Ground
from ocop.rulebook import PROCEDURES
from ocop.working_days import day_of


@dataclass(frozen=True)
class Day:
    """A day by which something is due, counted from today in working days."""

    last_day: date
    passed: bool
    working_days: int


@dataclass(frozen=True)
class WorkLine:
    """One thing that waits."""

    number: int
    """The row's own: of the dossier, complaint, finding or letter."""
    code: str
    """The dossier's or the certificate's; empty for a letter about none."""
    product: str
    producer: str
    simulated: bool
    stage: str
    """Where it stands, or what it is."""
    awaited: str
    """What has to happen, in a sentence without its full stop."""
    due: DueDate | Day | None
    late: bool
    who: str
    """Who has it: of the unit, or the unit where it stands now; empty while nobody took it."""
    away_until: date | None
    """Until when the one who has it is away."""
    mine: bool
    """Whether it stands on the reader's desk, so that it can be taken, given and acted on."""


def dossiers(work: Work, section: Section, *, stage: str = "", limit: int, offset: int = 0) -> list[WorkLine]:
    """Return a page of a section of dossiers: stage after stage, those first that stand there longest."""
    ids: list[int] = []
    for part in work.parts(section, stage):
        if offset >= part.number:
            offset -= part.number
            continue
        ids += work.session.scalars(
            select(Dossier.id)
            .where(part.condition)
            .order_by(Dossier.stage_since, Dossier.id)
            .limit(limit - len(ids))
            .offset(offset)
        )
        offset = 0
        if len(ids) >= limit:
            break
    return _lines(work, ids)


_ABOUT = (
    Dossier.id, Dossier.code, Dossier.cycle_id, Dossier.procedure_key, Dossier.stage, Dossier.simulated,
    Dossier.suspended_at, Dossier.registered_at, Dossier.commune_id, Dossier.district_id, Dossier.province_id,
    Dossier.holder_id, Product.name.label("product"), Producer.name.label("producer"),
)  # fmt: skip


def _lines(work: Work, ids: Sequence[int]) -> list[WorkLine]:
    session = work.session
    rows = session.execute(
        select(*_ABOUT, Unit.name.label("holder"), Unit.level)
        .join(Product, Product.id == Dossier.product_id)
        .join(Producer, Producer.id == Dossier.producer_id)
        .join(Unit, Unit.id == Dossier.holder_id)
        .where(Dossier.id.in_(ids))
    ).all()
    rows = sorted(rows, key=lambda row: ids.index(row.id))
    due = _due(session, rows, work.at)
    late = set(session.scalars(select(Breach.dossier_id).where(Breach.dossier_id.in_(ids), Breach.closed_at.is_(None))))
    judged = _judged(session, ids)
    has = _has(work, ids)
    found = []
    for row in rows:
        law = PROCEDURES.get(row.procedure_key)
        stage = law.stage(row.stage) if law and law.knows(row.stage) else None
        mine = _on(work.desk, row)
        who, until = has.get(row.id, ("", None)) if mine else (row.holder, None)
        found.append(
            WorkLine(
                row.id, row.code, row.product, row.producer, row.simulated, stage.label if stage else row.stage,
                _awaited(row, mine=mine, judged=(row.id, row.stage) in judged), due.get(row.id),
                row.id in late, who, until, mine,
            )
        )  # fmt: skip
    return found


def _on(desk: Desk, row: Row[Any]) -> bool:
    """Return whether a dossier stands on somebody's desk."""
    return row.holder_id in desk.units or (row.level == Level.CENTRAL and row.province_id in desk.units)


def _due(session: Session, rows: Sequence[Row[Any]], at: datetime) -> dict[int, DueDate]:
    """Return the next deadline of each dossier, whichever cycle it is of."""
    found: dict[int, DueDate] = {}
    for cycle in cycles_of(session, rows).values():
        found |= due_dates(session, cycle, [row for row in rows if row.cycle_id == cycle.id], at)
    return found


def _judged(session: Session, ids: Collection[int]) -> set[tuple[int, str]]:
    """Return where a ballot of the council counts, by dossier and stage."""
    rows = session.execute(
        select(Evaluation.dossier_id, Evaluation.stage).where(
            Evaluation.dossier_id.in_(ids), Evaluation.counts.is_(True), Evaluation.annulled_on.is_(None)
        )
    )
    return set(rows.tuples())


def _has(work: Work, ids: Collection[int]) -> dict[int, tuple[str, date | None]]:
    """Return who has each dossier, and until when that person is away."""
    rows = work.session.execute(
        select(Assignment.dossier_id, Assignment.unit_id, Person.id, Person.name)
        .join(Dossier, Dossier.id == Assignment.dossier_id)
        .join(Person, Person.id == Assignment.person_id)
        .where(Assignment.dossier_id.in_(ids), holds(work.day))
    ).all()
    gone = away(work.session, {row.id for row in rows}, work.day)
    return {row.dossier_id: (row.name, gone.get((row.id, row.unit_id))) for row in rows}


def _awaited(row: Row[Any], *, mine: bool, judged: bool) -> str:
    """Return what has to happen for a dossier to go on, and by whom."""
    law = PROCEDURES.get(row.procedure_key)
    if law is None or not law.knows(row.stage):
        return Phrase("dữ liệu của hồ sơ cần được người quản trị kiểm tra")
    stage = law.stage(row.stage)
    if row.suspended_at is not None:
        return Phrase("tạm dừng từ ngày %(day)s, chờ xác định cơ quan có thẩm quyền", day=day_of(row.suspended_at))
    if stage.supplement:
        return Phrase("chờ %(producer)s bổ sung hồ sơ", producer=row.producer)
    if row.stage in law.routed:
        return Phrase("phần mềm sẽ %(what)s", what=stage.waits_for)
    if row.level == Level.CENTRAL:
        return Phrase("chờ kết quả của trung ương; tỉnh ghi vào khi nhận được")
    if not mine:
        return Phrase("đã chuyển lên %(holder)s: %(what)s", holder=row.holder, what=stage.waits_for)
    if at_council(stage):
        return (
            Phrase("đã có kết quả chấm của hội đồng, chờ ký quyết định")
            if judged
            else Phrase("chờ %(what)s", what=stage.waits_for)
        )
    return stage.waits_for


def owed(work: Work, owing: Owed, section: Section, *, limit: int, offset: int = 0) -> list[WorkLine]:
    """Return a page of complaints, findings or letters to hand over."""
    if section is Section.COMPLAINTS:
        return _complaints(work, owing.complaints(limit, offset))
    if section is Section.FINDINGS:
        return [_finding(work, row) for row in owing.findings(limit, offset)]
    return [_letter(row) for row in owing.letters(limit, offset)]


def _day(work: Work, last_day: date) -> Day:
    passed = last_day < work.day
    return Day(last_day, passed, days_to(calendar(work.session), work.day, last_day, passed=passed))


def _complaints(work: Work, rows: Sequence[Row[Any]]) -> list[WorkLine]:
    has = _has(work, {row.id for row in rows})
    return [
        WorkLine(
            row.complaint, row.code, row.product, row.producer, row.simulated,
            Phrase("kiến nghị số %(number)s, nhận ngày %(day)s", number=str(row.complaint), day=row.received_on),
            Phrase("trả lời chủ thể: “%(body)s”", body=_short(row.body)),
            _day(work, row.due_on), row.due_on < work.day, *has.get(row.id, ("", None)), mine=False,
        )
        for row in rows
    ]  # fmt: skip


LONGEST = 160


def _short(text: str) -> str:
    """Return the beginning of a text, whole words of it."""
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST].rpartition(' ')[0] or text[:LONGEST]}…"


def _finding(work: Work, row: Row[Any]) -> WorkLine:
    return WorkLine(
        row.id, row.number, row.product, row.producer, row.simulated,
        Phrase("phát hiện số %(number)s, ngày %(day)s", number=str(row.id), day=row.found_on),
        Phrase("quyết định thu hồi giấy chứng nhận hay không: %(ground)s", ground=Ground(row.ground).label),
        _day(work, row.due_on),
        row.due_on < work.day, "", None, mine=False,
    )  # fmt: skip


def _letter(row: Row[Any]) -> WorkLine:
    notice = NOTICE_LABELS[Notice(row.notice)]
    return WorkLine(
        row.id, row.code or "", row.product or "", row.producer or "", row.simulated,
        Phrase("%(notice)s, ngày %(day)s", notice=notice, day=day_of(row.owed_at)),
        Phrase("in và trao cho %(who)s", who=row.recipient_name), None, False, "", None, mine=False,
    )  # fmt: skip


def bulk_acts(desk: Desk, groups: Iterable[Group]) -> list[Act]:
    """Return the acts on several dossiers that some of these stages know and one of somebody's units may do.

    Whether an act may be done with each dossier is asked by the act.
    """
    levels, groups = set(desk.levels.values()), set(groups)
    found = []
    for act in acts_on_dossiers(bulk=True):
        moves = [group.procedure.move(group.stage, event_of(act)) for group in groups]
        if any(isinstance(move, Move) and (move.by is None or move.by in levels) for move in moves):
            found.append(act)
    return found
