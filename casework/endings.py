"""Ends before recognition: the producer retracts, the council disqualifies, a body carries over."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from casework import ledger
from casework.act import Answer, act
from casework.actors import Actor
from casework.lookup import batch_answer, dossier_by_code, dossiers_by_code, not_after_today, one_answer, required
from casework.moves import ProposedMove
from ocop.phrase import Meant, Phrase


@act("retract", "Chủ thể rút hồ sơ")
def retract(
    session: Session, *, actor: Actor, at: datetime, dossier: str, requested_on: date, reason: str, document: str = ""
) -> Answer:
    """Record that the producer takes the dossier back, where the procedure's table allows it."""
    not_after_today(requested_on, at, "Ngày đề nghị rút")
    row, _ = dossier_by_code(session, dossier)
    proposed = ProposedMove(row.id, "retract", requested_on, reason=required(reason, "lý do rút"), document=document)
    moved = ledger.move_one(session, proposed, actor=actor, at=at)
    return one_answer(moved, Phrase("Đã ghi nhận rút hồ sơ %(dossier)s.", dossier=dossier))


@act("disqualify", Meant("Loại hồ sơ", "việc"))
def disqualify(
    session: Session, *, actor: Actor, at: datetime, dossier: str, found_on: date, reason: str, document: str
) -> Answer:
    """Exclude a dossier for forged papers, missing conditions or an incomplete file, by a document."""
    not_after_today(found_on, at, "Ngày phát hiện")
    row, _ = dossier_by_code(session, dossier)
    proposed = ProposedMove(
        row.id, "disqualify", found_on, reason=required(reason, "lý do loại"), document=required(document, "số văn bản")
    )
    moved = ledger.move_one(session, proposed, actor=actor, at=at)
    return one_answer(moved, Phrase("Đã loại hồ sơ %(dossier)s.", dossier=dossier))


@act("carry-over", "Chuyển hồ sơ sang kỳ sau")
def carry_over(
    session: Session, *, actor: Actor, at: datetime, dossiers: Sequence[str], decided_on: date, reason: str
) -> Answer:
    """Close dossiers in this cycle so that they can be registered anew in a later one, with a reason."""
    not_after_today(decided_on, at, "Ngày quyết định")
    why = required(reason, "lý do chuyển kỳ")
    moves = [ProposedMove(row.id, "carry_over", decided_on, reason=why) for row in dossiers_by_code(session, dossiers)]
    return batch_answer(ledger.advance(session, moves, actor=actor, at=at), Phrase("Đã chuyển kỳ sau"))
