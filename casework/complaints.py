"""Takes producers' complaints and their answers; a complaint stops nothing."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import ledger
from casework.act import Answer, act
from casework.actors import Actor
from casework.days import calendar
from casework.lookup import dossier_by_code, not_after_today, one_answer, required
from casework.moves import ProposedMove
from casework.owing import morning
from casework.rules import plan_of
from casework.timing import Due, put_on_agenda
from models.dossiers import Complaint
from ocop.deadlines import period_of_working_days
from ocop.errors import InvalidInput, NotFound
from ocop.phrase import Phrase
from ocop.text import day as told
from ocop.working_days import start_of


@act("complain", "Ghi kiến nghị của chủ thể")
def complain(session: Session, *, actor: Actor, at: datetime, dossier: str, received_on: date, body: str) -> Answer:
    """Record a complaint; its answer is due after the plan's working days, and the holder is told when it is not there."""
    not_after_today(received_on, at, "Ngày nhận kiến nghị")
    row, cycle = dossier_by_code(session, dossier)
    plan, days = plan_of(cycle), calendar(session)
    due_on = period_of_working_days(received_on, plan.complaint.answer_working_days, days).last_day
    complaint = Complaint(
        dossier_id=row.id, received_on=received_on, body=required(body, "nội dung kiến nghị"), due_on=due_on
    )
    session.add(complaint)
    session.flush()
    due_at = morning(start_of(due_on + timedelta(days=1)), days, plan.notices)
    put_on_agenda(session, [Due("complaint", f"complaint/{complaint.id}", 0, due_at, cycle.id, row.stage)])
    moved = ledger.move_one(
        session,
        ProposedMove(
            row.id, "complain", received_on, reason=body, details={"complaint": complaint.id}, letter={"due_on": due_on}
        ),
        actor=actor,
        at=at,
    )
    return one_answer(
        moved,
        Phrase(
            "Đã ghi kiến nghị số %(number)s của hồ sơ %(dossier)s, hạn trả lời %(day)s.",
            number=str(complaint.id), dossier=dossier, day=due_on,
        ),
        complaint=complaint.id, due_on=due_on,
    )  # fmt: skip


@act("answer-complaint", "Trả lời kiến nghị")
def answer_complaint(
    session: Session, *, actor: Actor, at: datetime, complaint: int, answered_on: date, answer: str, document: str
) -> Answer:
    """Record the answer to a complaint with the document that carries it."""
    not_after_today(answered_on, at, "Ngày trả lời")
    row = session.scalar(select(Complaint).where(Complaint.id == complaint).with_for_update())
    if row is None or row.answered_on is not None:
        raise NotFound(
            f"Không có kiến nghị số {complaint} đang chờ trả lời.", f"no complaint {complaint} waits for an answer"
        )
    if answered_on < row.received_on:
        raise InvalidInput(
            f"Ngày trả lời {told(answered_on)} sớm hơn ngày nhận kiến nghị {told(row.received_on)}.",
            f"the answer of {told(answered_on)} lies before the day on which the complaint came, {told(row.received_on)}",
        )
    row.answered_on, row.answer = answered_on, required(answer, "nội dung trả lời")
    row.document = required(document, "số văn bản trả lời")
    moved = ledger.move_one(
        session,
        ProposedMove(
            row.dossier_id,
            "answer_complaint",
            answered_on,
            reason=answer,
            document=document,
            details={"complaint": complaint},
        ),
        actor=actor,
        at=at,
    )
    return one_answer(moved, Phrase("Đã trả lời kiến nghị số %(number)s.", number=str(complaint)))
