"""Reads every chain of the history from its first line to its last, and compares the record with a published root."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, String, and_, cast, func, literal, select
from sqlalchemy.orm import Session

from casework import digest
from casework.chronicle import HASHED, event_hash
from casework.events import EVENT_LABELS
from casework.rules import cycle_by_code
from models.cycles import AgendaItem, Cycle
from models.dossiers import Dossier
from models.record import Event
from ocop.phrase import Phrase
from ocop.text import day as shown
from ocop.working_days import VIETNAM

CHUNK = 1000
"""Lines read at a time: what is held in memory does not grow with the history."""


@dataclass(frozen=True)
class Fault:
    """The first thing in a chain that does not fit."""

    named: str
    """'hồ sơ ND2025-0007' or 'chu trình ND2025'."""
    what: str
    missing: bool = False
    """Lines are missing or too many; those before that hold."""


def faults(session: Session, cycle: Cycle | None = None) -> Iterator[Fault]:
    """Yield, for each chain that does not hold, the first line that does not fit; lines missing at the end are a fault."""
    yield from _broken(session, *(() if cycle is None else (Event.cycle_id == cycle.id,)))
    yield from _without_lines(session, cycle)


def dossier_fault(session: Session, dossier: Dossier) -> Fault | None:
    """Return what does not fit first in the history of a dossier, or None."""
    chain = f"dossier/{dossier.id}"
    if session.scalar(select(Event.id).where(Event.chain == chain).limit(1)) is None:
        return _nothing_left(f"hồ sơ {dossier.code}", dossier.version)
    return next(_broken(session, Event.chain == chain), None)


def _broken(session: Session, *only: ColumnElement[bool]) -> Iterator[Fault]:
    lines = (
        select(
            Event.chain, Dossier.code, Dossier.version, Dossier.head, Cycle.code, Cycle.version, Cycle.head, Event.hash,
            *(getattr(Event, name) for name in HASHED),
        )
        .select_from(Event)
        .outerjoin(Dossier, and_(Event.chain == literal("dossier/") + cast(Dossier.id, String), Dossier.id == Event.dossier_id))
        .outerjoin(Cycle, and_(Event.chain == literal("cycle/") + cast(Cycle.id, String), Cycle.id == Event.cycle_id))
        .where(*only)
        .order_by(Event.chain, Event.number)
    )  # fmt: skip
    rows = session.execute(lines, execution_options={"yield_per": CHUNK})
    for _, chain in groupby(rows, key=lambda row: row[0]):
        if fault := _first_fault(chain):
            yield fault


def _first_fault(chain: Iterator[Row[Any]]) -> Fault | None:
    """Return what does not fit first in a chain, or None."""
    number, before, named, version, head = 0, "", "", 0, ""
    for row in chain:
        if not number:
            named, version, head = _owner(row)
        line = dict(zip(HASHED, row[8:], strict=True))
        number += 1
        told = EVENT_LABELS.get(line["event"], line["event"])
        where = Phrase(
            "dòng %(line)s ('%(act)s', %(day)s)", line=str(line["number"]), act=told, day=shown(line["occurred_on"])
        )
        if line["number"] != number:
            gap = Phrase(
                "thiếu dòng %(line)s: sau dòng %(before)s là %(where)s",
                line=str(number), before=str(number - 1), where=where,
            )  # fmt: skip
            return Fault(named, gap, missing=True)
        if event_hash(line) != row.hash:
            return Fault(named, Phrase("%(where)s đã bị sửa: mã băm không khớp với nội dung", where=where))
        if line["prev_hash"] != before:
            return Fault(named, Phrase("%(where)s không nối vào dòng trước nó: dòng trước đã bị thay", where=where))
        before = row.hash
    if version > number:
        cut = Phrase(
            "lịch sử dừng ở dòng %(line)s, phải đến dòng %(last)s: mất đoạn cuối", line=str(number), last=str(version)
        )
        return Fault(named, cut, missing=True)
    if version < number:
        more = Phrase(
            "lịch sử có %(lines)s dòng, phiên bản chỉ ghi %(version)s", lines=str(number), version=str(version)
        )
        return Fault(named, more, missing=True)
    if head != before:
        return Fault(named, Phrase("mã băm cuối được ghi không phải của dòng %(line)s", line=str(number)))
    return None


def _owner(row: Row[Any]) -> tuple[str, int, str]:
    """Return whose chain a line is in, its version and its head."""
    if row[1] is not None:
        return f"hồ sơ {row[1]}", row[2], row[3]
    if row[4] is not None:
        return f"chu trình {row[4]}", row[5], row[6]
    return f"chuỗi {row[0]} (không còn hồ sơ hay chu trình)", 0, ""


def _without_lines(session: Session, cycle: Cycle | None) -> Iterator[Fault]:
    """Yield dossiers and cycles of whose history no line is left."""
    for prefix, word, table in (("dossier/", "hồ sơ", Dossier), ("cycle/", "chu trình", Cycle)):
        chain = literal(prefix) + cast(table.id, String)
        empty = select(table.code, table.version).outerjoin(Event, Event.chain == chain).where(Event.id.is_(None))
        if cycle is not None:
            empty = empty.where((Dossier.cycle_id if table is Dossier else Cycle.id) == cycle.id)
        for code, version in session.execute(empty.order_by(table.id)):
            yield _nothing_left(f"{word} {code}", version)


def _nothing_left(named: str, version: int) -> Fault:
    nothing = Phrase("không còn dòng lịch sử nào, phải có %(lines)s dòng", lines=str(version))
    return Fault(named, nothing, missing=True)


@dataclass(frozen=True)
class Verified:
    """What reading the chains found."""

    chains: int
    lines: int
    faults: Sequence[Fault]
    roots: dict[str, str] = field(default_factory=dict)
    """The root of each cycle as it stands now."""
    matched: str = ""
    """Which cycle had the published root, and when; empty when none ever had it, or when none was asked for."""

    @property
    def sound(self) -> bool:
        """Whether every chain holds."""
        return not self.faults


def verify(
    session: Session, *, cycle: str | None = None, root: str | None = None, as_of: datetime | None = None
) -> Verified:
    """Read the chains of all cycles or of one, and look for the state of the record that had a published root.

    The root may be today's, that of an instant (`as_of`: everything recorded until then), or that of any morning letter.
    A record whose chains hold but that never had the published root has lost lines, or was written anew.
    """
    only = None if cycle is None else cycle_by_code(session, cycle, must_be_open=False)
    cycles = [only] if only else list(session.scalars(select(Cycle).order_by(Cycle.id)))
    counted = select(func.count(func.distinct(Event.chain)), func.count())
    chains, lines = session.execute(counted.where(Event.cycle_id == only.id) if only else counted).one()
    matched = ""
    for row in cycles if root else ():
        matched = matched or _when(session, row, str(root).strip().lower(), as_of)
    return Verified(
        chains, lines, list(faults(session, only)), {row.code: digest.root(session, row) for row in cycles}, matched
    )


def _when(session: Session, cycle: Cycle, root: str, as_of: datetime | None) -> str:
    """Return when a cycle had a root, in words, or an empty text."""
    if as_of is None and digest.root(session, cycle) == root:
        return f"chu trình {cycle.code}, hiện nay"
    moments = [as_of] if as_of else _mornings(session, cycle)
    heads, waiting = _Heads(cycle), sorted(moments)
    with session.execute(
        select(Event.chain, Event.dossier_id, Event.number, Event.hash, Event.recorded_at, Dossier.code)
        .select_from(Event)
        .outerjoin(Dossier, Dossier.id == Event.dossier_id)
        .where(Event.cycle_id == cycle.id)
        .order_by(Event.recorded_at, Event.id),
        execution_options={"yield_per": CHUNK},
    ) as lines:
        for line in lines:
            while waiting and line.recorded_at > waiting[0]:
                moment = waiting.pop(0)
                if heads.root() == root:
                    return _told(cycle, moment)
            # A letter and a line of the same instant: which came first is not recorded, so each state between is tried.
            if waiting and as_of is None and line.recorded_at == waiting[0] and heads.root() == root:
                return _told(cycle, waiting[0])
            heads.take(line)
    return _told(cycle, waiting[0]) if waiting and heads.root() == root else ""


def _mornings(session: Session, cycle: Cycle) -> list[datetime]:
    """Return the instants at which a cycle's morning letters were written."""
    done = select(AgendaItem.done_at).where(
        AgendaItem.kind == digest.DIGEST, AgendaItem.subject == f"cycle/{cycle.id}", AgendaItem.done_at.is_not(None)
    )
    return sorted({moment for moment in session.scalars(done) if moment is not None})


def _told(cycle: Cycle, moment: datetime) -> str:
    return f"chu trình {cycle.code}, lúc {moment.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}"


class _Heads:
    """The heads of a cycle's chains as lines are taken in, and their root."""

    def __init__(self, cycle: Cycle) -> None:
        self.code, self.version, self.head = cycle.code, 0, ""
        self.dossiers: dict[int, str] = {}

    def take(self, line: Row[Any]) -> None:
        """Let a chain go on by a line."""
        if line.dossier_id is None:
            self.version, self.head = line.number, line.hash
        else:
            self.dossiers[line.dossier_id] = f"{line.code}:{line.number}:{line.hash}"

    def root(self) -> str:
        """Return what casework.digest.root returned when these were the heads."""
        hashed = sha256(f"{self.code}:{self.version}:{self.head}".encode())
        for dossier_id in sorted(self.dossiers):
            hashed.update(f"\n{self.dossiers[dossier_id]}".encode())
        return hashed.hexdigest()
