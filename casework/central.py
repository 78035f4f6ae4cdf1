"""What the centre found and decided, as the province enters it."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from casework import ledger
from casework.act import Answer, act
from casework.actors import Actor
from casework.ballots import check_gates
from casework.certificates import Award, award, certificate_number, require_free
from casework.evaluation import store_gates
from casework.lookup import dossier_by_code, not_after_today, one_answer, required
from casework.moves import ProposedMove
from casework.results import told_points
from casework.rules import procedure_of
from models.results import Decision, Evaluation
from ocop import scoring
from ocop.errors import InvalidInput
from ocop.levels import Level
from ocop.phrase import Phrase
from ocop.procedure import Facts
from ocop.scoring import Gate
from ocop.text import day as told


@act("record-central-result", "Ghi kết quả của trung ương")
def record_central_result(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    dossier: str,
    held_on: date,
    minutes: str,
    mean: Decimal,
    gates: Sequence[Gate],
    number: str,
    signed_on: date,
    signer: str,
    certificate: str = "",
) -> Answer:
    """Record what the centre found and decided; 90 and more with the gates of 5 stars gives the 5-star certificate.

    The plan's threshold says who is proposed, not who passes. After a failure the 4-star certificate of the province goes
    on, or the dossier comes back to the province, as the procedure says.
    """
    row, cycle = dossier_by_code(session, dossier)
    not_after_today(signed_on, at, "Ngày ký quyết định")
    if signed_on < held_on:
        raise InvalidInput(
            f"Hồ sơ {dossier}: ngày ký {told(signed_on)} sớm hơn ngày họp hội đồng {told(held_on)}.",
            f"dossier {dossier}: {told(signed_on)}, the day of signing, lies before the council session of {told(held_on)}",
        )
    if not mean.is_finite() or not Decimal(0) <= mean <= 100:
        raise InvalidInput(
            "Điểm của trung ương phải từ 0 đến 100.", "the points of the centre must lie between 0 and 100"
        )
    minutes, number = required(minutes, "số biên bản"), required(number, "số quyết định của trung ương")
    signer = required(signer, "người ký")
    by_points = scoring.stars(mean)
    check_gates(by_points, gates)
    after_gates = scoring.stars_after_gates(by_points, gates)
    passed = after_gates >= 5
    failed = [
        {"star": gate.star, "reason": gate.reason} for gate in gates if not gate.passed and gate.star <= by_points
    ]
    result: dict[str, Any] = {"mean": mean, "stars_by_points": by_points, "stars_after_gates": after_gates,
                              "awarded_star": 5 if passed else None, "gates_failed": failed}  # fmt: skip
    stage = row.stage
    moved = ledger.move_one(
        session,
        ProposedMove(
            row.id, "record_central_result", signed_on, Facts(mean, after_gates), document=number,
            details={**result, "held_on": held_on, "minutes": minutes}, letter={"result": result},
        ),
        actor=actor,
        at=at,
    )  # fmt: skip
    if passed:
        require_free(session, certificate or certificate_number(row, after_gates))
    evaluation = Evaluation(
        dossier_id=row.id, level=Level.CENTRAL.value, stage=stage, passage=1, ballot=1, held_on=held_on,
        minutes_number=minutes, members=0, mean=mean, stars_by_points=by_points, stars_after_gates=after_gates,
        counts=True, recorded_late=False, recorded_at=at,
    )  # fmt: skip
    session.add(evaluation)
    session.flush()
    store_gates(session, evaluation, gates)
    decision = Decision(
        dossier_id=row.id, product_id=row.product_id, level=Level.CENTRAL.value, purpose="central", number=number,
        signed_on=signed_on, signer=signer, unit_id=cycle.central_id, evaluation_id=evaluation.id, mean=mean,
        stars_by_points=by_points, stars_after_gates=after_gates, awarded_star=5 if passed else None, recorded_at=at,
    )  # fmt: skip
    session.add(decision)
    session.flush()
    (issued,) = award(session, [Award(cycle, row, decision, certificate)], at) if passed else (None,)
    back = procedure_of(cycle).stage(moved.target).result == "central"
    message = "Hồ sơ %(dossier)s: trung ương đánh giá %(mean)s điểm, đạt 5 sao."
    if not passed and back:
        message = "Hồ sơ %(dossier)s: trung ương đánh giá %(mean)s điểm, chưa đạt 5 sao, hồ sơ trở về tỉnh."
    elif not passed:
        message = "Hồ sơ %(dossier)s: trung ương đánh giá %(mean)s điểm, chưa đạt 5 sao, giữ 4 sao."
    return one_answer(
        moved, Phrase(message, dossier=dossier, mean=told_points(mean)),
        certificate=issued.number if issued else None,
    )  # fmt: skip
