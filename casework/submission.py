"""The lists that a person signs: to the province, to the centre, and what does not go up."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from casework import ledger
from casework.act import Answer, act
from casework.actors import Actor
from casework.gate import impossible
from casework.lookup import batch_answer, dossiers_by_code, not_after_today, required
from casework.moves import Moved, ProposedMove, Refused
from casework.punctuality import DAYS, Punctuality
from casework.rules import cycles_of, plan_of
from casework.snapshots import take_snapshots
from ocop.errors import NotPossibleNow, TooLate
from ocop.phrase import Phrase, phrases
from ocop.procedure import Move
from ocop.rulebook import PROCEDURES


class KeptBecause(StrEnum):
    """Why a product of 70 points and more does not go to the province."""

    NOT_SELECTED = "not_selected"
    DECLINED = "declined"
    NOT_SENT = "not_sent"


KEPT_LABELS = phrases({
    KeptBecause.NOT_SELECTED: "huyện không lựa chọn gửi tỉnh",
    KeptBecause.DECLINED: "chủ thể không đề nghị gửi tỉnh",
    KeptBecause.NOT_SENT: "không gửi tỉnh kịp hạn",
})  # fmt: skip


@act("submit", "Ký danh sách gửi tỉnh")
def submit(
    session: Session, *, actor: Actor, at: datetime, dossiers: Sequence[str], number: str, signed_on: date
) -> Answer:
    """Sign the list of dossiers for the province; the letter's date must lie before the submission's deadline.

    The flow carries the signed dossiers over. A dossier whose date is too late is refused, the others go.
    """
    not_after_today(signed_on, at, "Ngày công văn")
    number = required(number, "số công văn")
    moves: list[ProposedMove] = []
    refused: list[Moved | Refused] = []
    rows = dossiers_by_code(session, dossiers)
    punctuality = Punctuality(session, rows)
    for row in rows:
        law = PROCEDURES[row.procedure_key]
        if not isinstance(law.move(row.stage, "submit"), Move):
            refused.append(Refused(row.id, row.code, impossible(session, law, row, "submit")))
            continue
        try:
            late = punctuality.in_time(row, DAYS["submit"], signed_on, at)
        except TooLate as violation:
            refused.append(Refused(row.id, row.code, violation))
            continue
        moves.append(
            ProposedMove(
                row.id, "submit", signed_on, document=number, details={"recorded_late": late, "letter": number}
            )
        )
    answers = ledger.advance(session, moves, actor=actor, at=at)
    sent = [answer.dossier_id for answer in answers if isinstance(answer, Moved)]
    take_snapshots(session, sent, "submit", {"letter": number, "signed_on": signed_on}, at)
    return batch_answer([*answers, *refused], Phrase("Đã ký gửi tỉnh theo %(number)s", number=number))


@act("keep", "Giữ lại huyện, không gửi tỉnh")
def keep(
    session: Session, *, actor: Actor, at: datetime, dossiers: Sequence[str], because: KeptBecause, reason: str,
    decided_on: date,
) -> Answer:  # fmt: skip
    """Keep products of 70 points and more at the district, which may then recognise 3 stars; never less than one of 55."""
    not_after_today(decided_on, at, "Ngày quyết định")
    rows = dossiers_by_code(session, dossiers)
    cycles = cycles_of(session, rows)
    for row in rows:
        plan = plan_of(cycles[row.cycle_id])
        if plan.forwarding.compulsory and because is KeptBecause.NOT_SELECTED:
            raise NotPossibleNow(
                "Theo kế hoạch, sản phẩm đủ điểm bắt buộc phải gửi tỉnh, huyện không được giữ lại vì không lựa chọn.",
                "under this plan a product with enough points has to go to the province; the district may not keep it by choice",
            )
    why = f"{KEPT_LABELS[because]}: {required(reason, 'lý do')}"
    moves = [ProposedMove(row.id, "keep", decided_on, reason=why, details={"because": because.value}) for row in rows]
    return batch_answer(ledger.advance(session, moves, actor=actor, at=at), Phrase("Đã giữ lại huyện"))


@act("propose", "Ký đề nghị trung ương đánh giá 5 sao")
def propose(
    session: Session, *, actor: Actor, at: datetime, dossiers: Sequence[str], number: str, signed_on: date
) -> Answer:
    """Sign the province's proposal to the centre for products of 90 points and more; the flow carries them over."""
    not_after_today(signed_on, at, "Ngày tờ trình")
    number = required(number, "số tờ trình")
    moves: list[ProposedMove] = []
    refused: list[Moved | Refused] = []
    rows = dossiers_by_code(session, dossiers)
    punctuality = Punctuality(session, rows)
    for row in rows:
        try:
            late = punctuality.in_time(row, DAYS["propose"], signed_on, at)
        except TooLate as violation:
            refused.append(Refused(row.id, row.code, violation))
            continue
        moves.append(ProposedMove(row.id, "propose", signed_on, document=number, details={"recorded_late": late}))
    answers = ledger.advance(session, moves, actor=actor, at=at)
    return batch_answer([*answers, *refused], Phrase("Đã ký đề nghị trung ương theo %(number)s", number=number))


@act("forgo", "Không đề nghị trung ương")
def forgo(
    session: Session, *, actor: Actor, at: datetime, dossiers: Sequence[str], reason: str, decided_on: date
) -> Answer:
    """Leave products of 90 points and more at 4 stars, with the province's or the producer's reason."""
    not_after_today(decided_on, at, "Ngày quyết định")
    rows = dossiers_by_code(session, dossiers)
    moves = [ProposedMove(row.id, "forgo", decided_on, reason=required(reason, "lý do")) for row in rows]
    return batch_answer(ledger.advance(session, moves, actor=actor, at=at), Phrase("Đã ghi không đề nghị trung ương"))
