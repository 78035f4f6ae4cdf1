"""Recognises products at the star that their result gives and the authority may award; revokes for cause."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from casework import ledger
from casework.act import Answer, act
from casework.actors import Actor, require_post
from casework.certificate_letters import tell
from casework.certificates import (
    Award,
    award,
    certificate_number,
    held_by,
    keeper,
    number_taken,
    outlasting,
    standing_certificate,
    taken,
)
from casework.findings import close_by_revocation
from casework.gate import impossible
from casework.lookup import batch_answer, dossiers_by_code, not_after_today, required
from casework.moves import Moved, ProposedMove, Refused
from casework.punctuality import DAYS, Punctuality
from casework.results import decisions_in_force, failed_gates, result_facts
from casework.rules import astray, cycles_of, facts_base, plan_of, procedure_of
from models.cycles import Cycle
from models.dossiers import Dossier
from models.results import Decision
from ocop.errors import InvalidInput, MissingResult, NotPossibleNow, RuleViolation
from ocop.notices import Notice
from ocop.phrase import Joined, Phrase
from ocop.scoring import GATED_STARS, LEAST_CERTIFIED_STAR
from ocop.text import day as told
from ocop.validity import valid_until
from ocop.working_days import day_of


@act("recognise", "Công nhận và cấp giấy chứng nhận")
def recognise(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    dossiers: Sequence[str],
    number: str,
    signed_on: date,
    signer: str,
    certificates: Sequence[str] = (),
) -> Answer:
    """Sign the recognition of dossiers that wait for it and issue their certificates.

    The star is what the result gives after gates, at most what the authority may award (the district 3, the province 4).
    `certificates` gives the numbers in the order of `dossiers`; without them they are made from the dossiers' codes.
    """
    not_after_today(signed_on, at, "Ngày ký quyết định")
    number, signer = required(number, "số quyết định công nhận"), required(signer, "người ký")
    if certificates and len(certificates) != len(dossiers):
        raise InvalidInput(
            "Số giấy chứng nhận phải bằng số hồ sơ.", "there must be as many certificate numbers as dossiers"
        )
    if len({shown.strip() for shown in certificates}) != len(certificates):
        raise InvalidInput("Mỗi giấy chứng nhận một số riêng.", "each certificate has a number of its own")
    rows = dossiers_by_code(session, dossiers)
    given = dict(zip(dossiers, certificates, strict=True)) if certificates else {}
    moves, awards = [], dict[int, Award]()
    refused: list[Moved | Refused] = []
    punctuality, known = Punctuality(session, rows), _Known(session, rows, given)
    cycles = cycles_of(session, rows)
    for row in rows:
        cycle = cycles[row.cycle_id]
        try:
            decision = _draft(session, cycle, row, known, number, signed_on, signer, at)
            late = punctuality.in_time(row, DAYS["recognise"], signed_on, at)
            certificate = _told(cycle, row, known, decision, given.get(row.code, "").strip())
        except RuleViolation as violation:
            refused.append(Refused(row.id, row.code, violation))
            continue
        awards[row.id] = Award(cycle, row, decision, given.get(row.code, ""))
        facts = replace(facts_base(plan_of(cycle)), mean=decision.mean, stars_after_gates=decision.stars_after_gates)
        moves.append(
            ProposedMove(
                row.id, "recognise", signed_on, facts, document=number,
                details={"awarded_star": decision.awarded_star, "signer": signer, "certificate": certificate["number"],
                         "recorded_late": late},
                letter={"result": result_facts(decision, known.failed), "certificate": certificate},
            )
        )  # fmt: skip
    answers = ledger.advance(session, moves, actor=actor, at=at)
    signed = [awards[answer.dossier_id] for answer in answers if isinstance(answer, Moved)]
    session.add_all(item.decision for item in signed)
    session.flush()
    dossiers_by_code(session, dossiers)  # as they stand now, in one look
    issued = [
        {"dossier": item.dossier.code, "star": item.star, "certificate": new.number if new else None}
        for item, new in zip(signed, award(session, signed, at), strict=True)
    ]
    return batch_answer(
        [*answers, *refused], Phrase("Đã công nhận theo %(number)s", number=number), certificates=issued
    )


class _Known:
    """What recognitions look at of the record, read once for all of them."""

    def __init__(self, session: Session, rows: Sequence[Dossier], given: Mapping[str, str]) -> None:
        self.decisions = decisions_in_force(session, [row.id for row in rows])
        self.failed = failed_gates(session, self.decisions.values())
        self.held = held_by(session, {row.product_id for row in rows})
        made = {certificate_number(row, star) for row in rows for star in GATED_STARS}
        self.taken = taken(session, made | {number.strip() for number in given.values()})


def _told(cycle: Cycle, row: Dossier, known: _Known, decision: Decision, number: str) -> dict[str, Any]:
    """Return the certificate that a recognition's letter tells of: the one issued, or the one that goes on to its end.

    Raises AlreadyExists when the new one's number is taken.
    """
    star = decision.awarded_star or 0
    if kept := outlasting(known.held.get(row.product_id), row, star, decision.signed_on):
        return {"number": kept.number, "star": kept.star, "issued_on": kept.issued_on, "valid_until": kept.valid_until}
    rules = plan_of(cycle).certificate
    shown = number or certificate_number(row, star)
    if shown in known.taken:
        raise number_taken(shown)
    return {
        "number": shown,
        "star": star,
        "issued_on": decision.signed_on,
        "valid_until": valid_until(decision.signed_on, rules.months, rules.end),
    }


def _draft(
    session: Session, cycle: Cycle, row: Dossier, known: _Known, number: str, signed_on: date, signer: str, at: datetime
) -> Decision:
    """Return the recognition of a dossier, not yet added; refused where no star may be awarded."""
    if unfit := astray(row):
        raise unfit
    stage = procedure_of(cycle).stage(row.stage)
    if not stage.awards_up_to or stage.final:
        raise impossible(session, procedure_of(cycle), row, "recognise")
    here = (known.decisions.get((row.id, stage.level, purpose)) for purpose in ("after_return", "result"))
    result = next((decision for decision in here if decision is not None), None)
    if result is None or result.stars_after_gates is None:
        raise MissingResult(
            f"Hồ sơ {row.code} chưa có quyết định kết quả để công nhận.",
            f"dossier {row.code} has no decision on a result to recognise",
        )
    if signed_on < result.signed_on:
        raise InvalidInput(
            f"Hồ sơ {row.code}: ngày ký công nhận {told(signed_on)} sớm hơn ngày ký kết quả {told(result.signed_on)}.",
            f"dossier {row.code}: {told(signed_on)}, the day of the recognition, lies before the decision on the result, "
            f"{told(result.signed_on)}",
        )
    star = min(result.stars_after_gates, stage.awards_up_to)
    if star < LEAST_CERTIFIED_STAR:
        raise NotPossibleNow(
            f"Hồ sơ {row.code} không đạt mức công nhận.", f"dossier {row.code} does not reach what can be recognised"
        )
    return Decision(
        dossier_id=row.id,
        product_id=row.product_id,
        level=stage.level.value,
        purpose="recognition",
        number=number,
        signed_on=signed_on,
        signer=signer,
        unit_id=row.holder_id,
        evaluation_id=result.evaluation_id,
        mean=result.mean,
        stars_by_points=result.stars_by_points,
        stars_after_gates=result.stars_after_gates,
        awarded_star=star,
        recorded_at=at,
    )


def unrecognisable(session: Session, rows: Sequence[Dossier], at: datetime) -> dict[int, RuleViolation]:
    """Return why a recognition cannot be signed today, by the id of each dossier for which it cannot."""
    known, cycles = _Known(session, rows, {}), cycles_of(session, rows)
    refused: dict[int, RuleViolation] = {}
    for row in rows:
        try:
            _draft(session, cycles[row.cycle_id], row, known, "", day_of(at), "", at)
        except RuleViolation as violation:
            refused[row.id] = violation
    return refused


@act("revoke", "Thu hồi giấy chứng nhận")
def revoke(
    session: Session, *, actor: Actor, at: datetime, certificate: str, revoked_on: date, document: str, reason: str
) -> Answer:
    """Revoke a certificate by the body that issued it, with document and reason; it is not in force from that day.

    The province enters what the centre revokes. Findings on it that were open are closed by this.
    """
    not_after_today(revoked_on, at, "Ngày thu hồi")
    row = standing_certificate(session, certificate)
    require_post(session, actor, keeper(session, row), day_of(at))
    if revoked_on < row.issued_on:
        raise InvalidInput(
            f"Ngày thu hồi {told(revoked_on)} sớm hơn ngày cấp {told(row.issued_on)}.",
            f"the revocation of {told(revoked_on)} lies before the day of issue, {told(row.issued_on)}",
        )
    row.revoked_on, row.revoked_document = revoked_on, required(document, "số văn bản thu hồi")
    row.revoked_reason = required(reason, "lý do thu hồi")
    if row.dossier_id is not None:
        ledger.move_one(
            session,
            ProposedMove(
                row.dossier_id,
                "revoke",
                revoked_on,
                document=document,
                reason=reason,
                details={"certificate": certificate},
                unit_id=row.unit_id,
            ),
            actor=actor,
            at=at,
        )
    closed = close_by_revocation(session, row, reason)
    tell(
        session, row, Notice.REVOKED, f"certificate/{row.id}/revoked", at, keeper_id=keeper(session, row), reason=reason,
        document=row.revoked_document,
    )  # fmt: skip
    late = [finding for finding in closed if revoked_on > finding.due_on]
    message = [Phrase("Đã thu hồi giấy chứng nhận %(certificate)s.", certificate=certificate)]
    if late:
        message.append(
            Phrase("Quá hạn %(day)s của phát hiện số %(number)s.", day=late[0].due_on, number=str(late[0].id))
        )
    return {"message": Joined(" ", message), "certificate": certificate}
