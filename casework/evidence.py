"""The papers of a dossier: added, replaced by newer ones, waived with a reason, looked at by their own end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from casework import ledger
from casework.act import Answer, act
from casework.actors import Actor
from casework.lookup import dossier_by_code, one_answer, required
from casework.moves import ProposedMove
from casework.timing import last_day
from models.cycles import Cycle, Deadline
from models.dossiers import Evidence
from ocop.errors import NotFound
from ocop.evidence import EvidenceKind, ExpiredEvidence
from ocop.notices import Notice
from ocop.phrase import Phrase
from ocop.procedure import MetBy
from ocop.working_days import day_of


@dataclass(frozen=True)
class NewEvidence:
    """A paper as it is filed."""

    kind: EvidenceKind
    title: str
    issued_on: date | None = None
    expires_on: date | None = None
    file_name: str = ""
    file_sha256: str = ""
    """The attachment, stored before by casework.attachments; empty when the paper is on paper only."""


def add_evidence(session: Session, dossier_id: int, papers: Sequence[NewEvidence], at: datetime) -> None:
    """Add papers to a dossier; one of the same kind and title replaces the older one, which stays on record."""
    if not papers:
        return
    session.flush()
    older = {(row.kind, row.title): row for row in current_papers(session, [dossier_id])}
    added = [
        Evidence(
            dossier_id=dossier_id,
            kind=EvidenceKind(paper.kind).value,
            title=required(paper.title, "tên tài liệu minh chứng"),
            issued_on=paper.issued_on,
            expires_on=paper.expires_on,
            file_name=paper.file_name,
            file_sha256=paper.file_sha256,
            added_at=at,
        )
        for paper in papers
    ]
    session.add_all(added)
    session.flush()
    for row in added:
        if before := older.get((row.kind, row.title)):
            before.replaced_by_id = row.id
        older[row.kind, row.title] = row
    session.flush()


def current_papers(session: Session, dossier_ids: Sequence[int]) -> list[Evidence]:
    """Return the papers of dossiers that no newer one replaced, in the order in which they came."""
    return list(session.scalars(_CURRENT, {"ids": dossier_ids}))


_CURRENT = (
    select(Evidence)
    .where(Evidence.dossier_id.in_(bindparam("ids", expanding=True)), Evidence.replaced_by_id.is_(None))
    .order_by(Evidence.dossier_id, Evidence.id)
)


def expired_by(session: Session, dossier_ids: Sequence[int], day: date) -> list[Evidence]:
    """Return the papers that are no longer valid on a day and were not waived."""
    return [
        paper
        for paper in current_papers(session, dossier_ids)
        if paper.expires_on is not None and paper.expires_on < day and paper.waived_at is None
    ]


def holding(expired: Sequence[Evidence], rules: Mapping[EvidenceKind, ExpiredEvidence]) -> list[Evidence]:
    """Return those of the papers expired on the council's day that hold a dossier, by the plan's setting for their kind."""
    return [paper for paper in expired if rules[EvidenceKind(paper.kind)] is ExpiredEvidence.HOLD]


@dataclass(frozen=True)
class Ending:
    """The papers of a dossier that expire before the last day for its first council."""

    session_day: date
    papers: Sequence[Evidence]

    @property
    def warnings(self) -> list[str]:
        """A sentence for each paper, for the officer who files or receives."""
        return [
            Phrase(
                "'%(paper)s' hết hạn ngày %(day)s, trước hạn đánh giá %(session)s: hãy bổ sung bản mới.",
                paper=paper.title, day=paper.expires_on, session=self.session_day,
            )
            for paper in self.papers
            if paper.expires_on is not None
        ]  # fmt: skip

    @property
    def told(self) -> dict[str, Any]:
        """What is added to a move so that producer and holder get the letter."""
        if not self.papers:
            return {}
        listed = [{"label": paper.title, "valid_until": paper.expires_on} for paper in self.papers]
        return {"also": (Notice.EVIDENCE_EXPIRING,), "letter": {"details": {"evidence": listed}}}


def ending_papers(session: Session, cycle: Cycle, dossier_ids: Sequence[int]) -> dict[int, Ending]:
    """Return the papers of a cycle's dossiers that expire before the day by which their first council has to meet."""
    first = session.scalar(_FIRST_COUNCIL, {"cycle": cycle.id})
    by = date.min if first is None else last_day(first)
    papers: dict[int, list[Evidence]] = {dossier_id: [] for dossier_id in dossier_ids}
    for paper in expired_by(session, dossier_ids, by):
        papers[paper.dossier_id].append(paper)
    return {dossier_id: Ending(by, ending) for dossier_id, ending in papers.items()}


_FIRST_COUNCIL = (
    select(Deadline)
    .where(Deadline.cycle_id == bindparam("cycle"), Deadline.scope == "all", Deadline.met_by == MetBy.SESSION_HELD)
    .where(Deadline.replaced_at.is_(None))
    .order_by(Deadline.strikes_at)
    .limit(1)
)


@act("add-evidence", "Thêm tài liệu minh chứng")
def add(session: Session, *, actor: Actor, at: datetime, dossier: str, evidence: Sequence[NewEvidence]) -> Answer:
    """Add papers to an open dossier, or newer ones in place of expired ones."""
    row, _ = dossier_by_code(session, dossier)
    add_evidence(session, row.id, evidence, at)
    titles = [paper.title for paper in evidence]
    moved = ledger.move_one(
        session, ProposedMove(row.id, "add_evidence", day_of(at), details={"titles": titles}), actor=actor, at=at
    )
    return one_answer(moved, Phrase("Đã thêm %(n)s tài liệu vào hồ sơ %(dossier)s.", n=len(titles), dossier=dossier))


@act("waive-evidence", "Chấp nhận tài liệu đã hết hạn")
def waive(session: Session, *, actor: Actor, at: datetime, dossier: str, title: str, reason: str) -> Answer:
    """Let a dossier go on in spite of an expired paper, with a reason that history keeps."""
    row, _ = dossier_by_code(session, dossier)
    paper = next((paper for paper in current_papers(session, [row.id]) if paper.title == title), None)
    if paper is None:
        raise NotFound(f"Hồ sơ {dossier} không có tài liệu '{title}'.", f"dossier {dossier} has no paper '{title}'")
    paper.waived_at, paper.waived_reason = at, required(reason, "lý do chấp nhận tài liệu hết hạn")
    moved = ledger.move_one(
        session,
        ProposedMove(row.id, "waive_evidence", day_of(at), reason=reason, details={"title": title}),
        actor=actor,
        at=at,
    )
    return one_answer(moved, Phrase("Đã chấp nhận '%(paper)s' của hồ sơ %(dossier)s.", paper=title, dossier=dossier))
