"""Sets right what an issuing body got wrong, by a document; the old row always stays."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import expiry, ledger
from casework.act import Answer, act
from casework.actors import Actor, Territory, require_post
from casework.certificates import keeper, require_free
from casework.days import calendar
from casework.gate import ended_before, impossible
from casework.lookup import dossier_by_code, not_after_today, one_answer, required
from casework.moves import ProposedMove
from casework.results import decision_in_force
from casework.rules import facts_base, plan_of, procedure_of
from casework.timing import own_deadline
from models.cycles import Cycle
from models.dossiers import Dossier
from models.results import Certificate, Decision, Evaluation
from ocop.deadlines import Period
from ocop.errors import InvalidInput, NotFound, NotPossibleNow
from ocop.phrase import Phrase
from ocop.procedure import Facts, MetBy, Move, Procedure, Stage
from ocop.text import day as told
from ocop.working_days import day_of


class Purpose(StrEnum):
    """Which decision of a dossier is meant."""

    RESULT = "result"
    AFTER_RETURN = "after_return"
    RECOGNITION = "recognition"


@act("annul", "Hủy kết quả đánh giá bằng văn bản")
def annul(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    dossier: str,
    document: str,
    reason: str,
    annulled_on: date,
    due_on: date,
) -> Answer:
    """Annul a dossier's result by a document of the issuing body: it is evaluated again until `due_on`.

    The evaluation and the decision stay on record as annulled. At a stage where only the council's result stands (no
    decision yet) that result alone is annulled and the dossier stays where it is.
    """
    not_after_today(annulled_on, at, "Ngày hủy kết quả")
    row, cycle = dossier_by_code(session, dossier)
    document, reason = required(document, "số văn bản"), required(reason, "lý do")
    if due_on <= day_of(at):
        raise InvalidInput(
            f"Hạn đánh giá lại {told(due_on)} phải sau hôm nay.",
            f"the day for evaluating again, {told(due_on)}, must lie after today",
        )
    found = result_to_annul(session, row, cycle)
    if found is None:
        return _annul_ballot(session, row, document, reason, annulled_on, due_on, actor, at)
    facts, target, decision = found
    moved = ledger.move_one(
        session,
        ProposedMove(
            row.id, "annul", annulled_on, facts, reason=reason, document=document, letter={"due_on": due_on},
            details={"annulled": decision.number}, unit_id=decision.unit_id,
        ),
        actor=actor,
        at=at,
    )  # fmt: skip
    decision.annulled_on, decision.annulled_by = annulled_on, document
    _annul_evaluations(session, row, target, document, annulled_on)
    _annul_what_rests_on_them(session, row, document, annulled_on)
    _reopen(session, row, moved.target, document, due_on, at)
    return one_answer(
        moved,
        Phrase(
            "Đã hủy kết quả của hồ sơ %(dossier)s theo %(document)s; đánh giá lại đến hết ngày %(day)s.",
            dossier=dossier, document=document, day=due_on,
        ),
    )  # fmt: skip


def result_to_annul(session: Session, row: Dossier, cycle: Cycle) -> tuple[Facts, str, Decision] | None:
    """Return the decision that an annulment takes back, the facts that its move looks at, and where the dossier goes.

    None where only the council's result stands. Refused where there is neither.
    """
    if row.procedure_key != cycle.procedure_key:
        raise ended_before(row)
    procedure = procedure_of(cycle)
    stage = procedure.stage(row.stage)
    if stage.evaluates and not isinstance(procedure.move(row.stage, "annul"), Move):
        if not _standing(session, row, row.stage):
            raise NotPossibleNow(
                f"Hồ sơ {row.code} chưa có kết quả nào ở bước này để hủy.",
                f"dossier {row.code} has no result at this stage to annul",
            )
        return None
    facts = replace(facts_base(plan_of(cycle)), after_return=_decided_after_return(session, procedure, row))
    move = procedure.move(row.stage, "annul", facts)
    if not isinstance(move, Move):
        raise impossible(session, procedure, row, "annul")
    target = procedure.stage(move.target)
    decision = decision_in_force(session, row.id, target.level, _purpose_at(procedure, target))
    if decision is None:
        raise NotPossibleNow(
            f"Hồ sơ {row.code} không có quyết định kết quả còn hiệu lực để hủy.",
            f"dossier {row.code} has no decision in force on a result to annul",
        )
    return facts, target.key, decision


def _decided_after_return(session: Session, procedure: Procedure, row: Dossier) -> bool:
    """Return whether a decision is in force on what the level above sent back."""
    levels = {stage.level for stage in procedure.stages if stage.result == Purpose.AFTER_RETURN}
    return any(decision_in_force(session, row.id, level, Purpose.AFTER_RETURN) for level in levels)


def _purpose_at(procedure: Procedure, stage: Stage) -> str:
    """Return the purpose of the decision that is signed at a stage."""
    signed = procedure.move(stage.key, "decide")
    assert isinstance(signed, Move), f"{procedure.key}: nothing is decided at {stage.key}"
    return procedure.stage(signed.target).result


def _annul_ballot(
    session: Session,
    row: Dossier,
    document: str,
    reason: str,
    annulled_on: date,
    due_on: date,
    actor: Actor,
    at: datetime,
) -> Answer:
    _annul_evaluations(session, row, row.stage, document, annulled_on)
    moved = ledger.move_one(
        session,
        ProposedMove(
            row.id, "correct", annulled_on, reason=reason, document=document, details={"annulled": "evaluation"}
        ),
        actor=actor,
        at=at,
    )
    _reopen(session, row, row.stage, document, due_on, at)
    return one_answer(
        moved,
        Phrase("Đã hủy kết quả hội đồng của hồ sơ %(dossier)s theo %(document)s.", dossier=row.code, document=document),
    )


def _standing(session: Session, row: Dossier, stage: str) -> Sequence[Evaluation]:
    """Return the evaluations of a dossier at a stage that were not annulled."""
    return session.scalars(
        select(Evaluation).where(
            Evaluation.dossier_id == row.id, Evaluation.stage == stage, Evaluation.annulled_on.is_(None)
        )
    ).all()


def _annul_evaluations(session: Session, row: Dossier, stage: str, document: str, annulled_on: date) -> None:
    for evaluation in _standing(session, row, stage):
        evaluation.annulled_on, evaluation.annulled_by = annulled_on, document
    session.flush()


def _annul_what_rests_on_them(session: Session, row: Dossier, document: str, annulled_on: date) -> None:
    """Annul decisions that another level had signed on a result that is annulled now: a change of procedure leaves them."""
    for decision in session.scalars(
        select(Decision)
        .join(Evaluation, Evaluation.id == Decision.evaluation_id)
        .where(Decision.dossier_id == row.id, Decision.annulled_on.is_(None), Evaluation.annulled_on.is_not(None))
    ):
        decision.annulled_on, decision.annulled_by = annulled_on, document
    session.flush()


def _reopen(session: Session, row: Dossier, stage: str, document: str, due_on: date, at: datetime) -> None:
    """Give the dossier a deadline of its own for being evaluated again: the day that the document names."""
    cycle = session.get_one(Cycle, row.cycle_id)
    period = Period(day_of(at), f"theo văn bản {document}", due_on, due_on)
    own_deadline(
        session, cycle, row.id, stage, "correction", period, calendar(session), met_by=MetBy.SESSION_HELD,
        source=document, at=at, document=document,
    )  # fmt: skip


@act("correct-decision", "Đính chính quyết định")
def correct_decision(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    dossier: str,
    purpose: Purpose,
    number: str,
    signed_on: date,
    signer: str,
    document: str,
    reason: str,
) -> Answer:
    """Rectify a decision's number, date or signer by a document; the old row stays, annulled, beside the new one.

    Each body rectifies its own: of two results in force, the district's and the province's, the actor's is meant.
    """
    row, _ = dossier_by_code(session, dossier)
    not_after_today(signed_on, at, "Ngày ký")
    old = decision_to_correct(session, row, [purpose], actor, at)
    document = required(document, "số văn bản đính chính")
    moved = ledger.move_one(
        session,
        ProposedMove(
            row.id, "correct", day_of(at), reason=required(reason, "lý do đính chính"), document=document,
            details={"decision": old.number, "number": number, "signed_on": signed_on, "signer": signer},
            unit_id=old.unit_id,
        ),
        actor=actor,
        at=at,
    )  # fmt: skip
    old.annulled_on, old.annulled_by = day_of(at), document
    session.flush()
    new = Decision(
        dossier_id=old.dossier_id, product_id=old.product_id, level=old.level, purpose=old.purpose,
        number=required(number, "số quyết định"), signed_on=signed_on, signer=required(signer, "người ký"),
        unit_id=old.unit_id, evaluation_id=old.evaluation_id, mean=old.mean, stars_by_points=old.stars_by_points,
        stars_after_gates=old.stars_after_gates, awarded_star=old.awarded_star, recorded_at=at, corrects_id=old.id,
    )  # fmt: skip
    session.add(new)
    session.flush()
    for certificate in session.scalars(select(Certificate).where(Certificate.decision_id == old.id)):
        certificate.decision_id = new.id
    return one_answer(
        moved,
        Phrase(
            "Đã đính chính quyết định %(old)s thành %(new)s theo %(document)s.",
            old=old.number,
            new=number,
            document=document,
        ),
    )


def decision_to_correct(
    session: Session, row: Dossier, purposes: Sequence[Purpose], actor: Actor, at: datetime
) -> Decision:
    """Return the decision in force that an actor may rectify: the newest of their own body's; refused where there is none."""
    in_force = session.scalars(
        select(Decision)
        .where(Decision.dossier_id == row.id, Decision.purpose.in_(purposes), Decision.annulled_on.is_(None))
        .order_by(Decision.id.desc())
    ).all()
    if not in_force:
        raise NotFound(
            f"Hồ sơ {row.code} không có quyết định loại này đang có hiệu lực.",
            f"dossier {row.code} has no decision of this kind in force",
        )
    own = Territory.of(session, actor, day_of(at)).posts
    found = next((decision for decision in in_force if decision.unit_id in own), in_force[0])
    require_post(session, actor, found.unit_id, day_of(at))
    return found


@act("correct-certificate", "Đính chính giấy chứng nhận")
def correct_certificate(
    session: Session, *, actor: Actor, at: datetime, certificate: str, number: str, document: str, reason: str
) -> Answer:
    """Replace a certificate by one with another number, the same star and dates, by a document; the old row stays.

    The dossier's history tells it, and its letters; a certificate of earlier years that was imported has neither.
    """
    old = session.scalar(select(Certificate).where(Certificate.number == certificate).with_for_update())
    if old is None or old.replaced_on or old.revoked_on:
        raise NotFound(
            f"Không có giấy chứng nhận '{certificate}' đang được giữ.", f"no certificate '{certificate}' is held now"
        )
    require_post(session, actor, keeper(session, old), day_of(at))
    document, reason = required(document, "số văn bản đính chính"), required(reason, "lý do đính chính")
    number = required(number, "số giấy chứng nhận mới")
    require_free(session, number)
    if old.dossier_id is not None:
        ledger.move_one(
            session,
            ProposedMove(
                old.dossier_id, "correct", day_of(at), reason=reason, document=document,
                details={"certificate": certificate, "number": number}, unit_id=old.unit_id,
            ),
            actor=actor,
            at=at,
        )  # fmt: skip
    old.replaced_on = day_of(at)
    session.flush()
    new = Certificate(
        number=number, product_id=old.product_id, dossier_id=old.dossier_id,
        decision_id=old.decision_id, commune_id=old.commune_id, star=old.star, issued_on=old.issued_on,
        valid_until=old.valid_until, unit_id=old.unit_id, source=f"đính chính theo {document}: {reason}",
        simulated=old.simulated,
    )  # fmt: skip
    session.add(new)
    session.flush()
    old.replaced_by_id = new.id
    expiry.schedule(session, [new], at)
    message = Phrase("Đã thay giấy chứng nhận %(old)s bằng %(new)s.", old=certificate, new=number)
    return {"message": message, "certificate": number}
