"""What a council found and what was signed on it: evaluations and decisions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from sqlalchemy import Row, bindparam, insert, select
from sqlalchemy.orm import Session

from casework import ledger
from casework.act import Answer, act
from casework.actors import Actor
from casework.ballots import Score, check_gates, counted_totals
from casework.events import last_act
from casework.evidence import expired_by, holding
from casework.filing_window import past_the_transition
from casework.gate import impossible
from casework.lookup import batch_answer, dossier_by_code, dossiers_by_code, not_after_today, one_answer, required
from casework.moves import Moved, ProposedMove, Refused
from casework.punctuality import DAYS, Punctuality, close_met
from casework.results import failed_gates, result_facts, told_points
from casework.rules import cycles_of, facts_base, plan_of, procedure_of
from models.cycles import Cycle
from models.dossiers import Dossier
from models.results import Decision, Evaluation, GateResult, MemberTotal
from ocop import scoring
from ocop.errors import AlreadyExists, InvalidInput, MissingResult, NotPossibleNow, RuleViolation
from ocop.levels import Level
from ocop.phrase import Phrase
from ocop.plan_sections import ReturnBasis
from ocop.procedure import Move, Stage
from ocop.scoring import Gate
from ocop.text import day as told


@act("evaluate", "Ghi kết quả phiên họp hội đồng")
def evaluate(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    dossier: str,
    held_on: date,
    minutes: str,
    members: int,
    scores: Sequence[Score],
    gates: Sequence[Gate],
) -> Answer:
    """Record one ballot of a council: members' totals, gates passed or failed with reasons, the minutes' number.

    The session's day must lie before the deadline of the stage; it may be recorded after the stroke, and is then listed
    as recorded late. Totals too far apart are kept but do not count: the council scores again; one that gave its opinion
    in writing has to meet for that. A paper that expired by the session's day holds the dossier.
    """
    row, cycle = dossier_by_code(session, dossier)
    plan, stage = plan_of(cycle), procedure_of(cycle).stage(row.stage)
    earlier = require_session(session, row, cycle)
    not_after_today(held_on, at, "Ngày họp hội đồng")
    if held_on < row.registered_on:
        raise InvalidInput(
            f"Ngày họp {told(held_on)} sớm hơn ngày đăng ký hồ sơ.",
            f"the session of {told(held_on)} lies before the registration of the dossier",
        )
    required(minutes, "số biên bản")
    totals = counted_totals(plan.council, members, scores)
    expired = expired_by(session, [row.id], held_on)
    if papers := holding(expired, plan.evidence.expired):
        named = "; ".join(f"'{paper.title}' hết hạn ngày {told(paper.expires_on or held_on)}" for paper in papers)
        raise NotPossibleNow(
            f"Hồ sơ {dossier} bị giữ lại vì giấy tờ đã hết hạn vào ngày họp: {named}. "
            "Hãy bổ sung bản còn hạn hoặc ghi lý do chấp nhận.",
            f"dossier {dossier} is held back by papers that had expired on the council's day: "
            f"{', '.join(paper.title for paper in papers)}. Add valid ones, or record why they are accepted",
        )
    warnings: list[str] = [
        Phrase(
            "'%(paper)s' đã hết hạn ngày %(day)s, trước ngày họp; theo kế hoạch hồ sơ vẫn đi tiếp.",
            paper=paper.title, day=paper.expires_on or held_on,
        )
        for paper in expired
    ]  # fmt: skip
    again = any(ballot.annulled_on is not None for ballot in earlier)
    warnings += past_the_transition(session, row, held_on, again=again)
    late = Punctuality(session, [row]).in_time(row, DAYS["evaluate"], held_on, at)
    mean = scoring.mean(totals)
    by_points = scoring.stars(mean)
    check_gates(by_points, gates)
    counts = scoring.spread(totals) <= plan.council.spread
    after_gates = scoring.stars_after_gates(by_points, gates)
    evaluation = _store(
        session,
        row,
        earlier,
        stage.level,
        held_on,
        minutes,
        members,
        scores,
        gates,
        mean,
        by_points,
        after_gates,
        counts,
        late,
        at,
    )
    moved = ledger.move_one(
        session,
        ProposedMove(
            row.id, "evaluate", held_on, document=minutes,
            details={"mean": mean, "stars_by_points": by_points, "stars_after_gates": after_gates, "counts": counts,
                     "passage": evaluation.passage, "ballot": evaluation.ballot, "recorded_late": late,
                     **({"form": _form(evaluation)} if stage.in_writing else {})},
        ),
        actor=actor,
        at=at,
    )  # fmt: skip
    if counts:
        close_met(session, [moved.dossier_id], moved.source, "evaluate", at)
    message = Phrase(
        "Hồ sơ %(dossier)s: điểm trung bình %(mean)s, %(stars)s sao sau yêu cầu tối thiểu.",
        dossier=dossier, mean=told_points(mean), stars=after_gates,
    )  # fmt: skip
    if not counts:
        what_now = "ý kiến khác nhau nên hội đồng phải họp" if stage.in_writing else "hội đồng thảo luận và chấm lại"
        message = Phrase(
            "Hồ sơ %(dossier)s: điểm các thành viên lệch %(spread)s, quá %(most)s. Lượt chấm này được lưu nhưng không tính: "
            "%(now)s.",
            dossier=dossier, spread=told_points(scoring.spread(totals)), most=told_points(plan.council.spread), now=Phrase(what_now),
        )  # fmt: skip
    return one_answer(
        moved,
        message,
        mean=mean,
        stars_by_points=by_points,
        stars_after_gates=after_gates,
        counts=counts,
        recorded_late=late,
        warnings=warnings,
    )


def _form(evaluation: Evaluation) -> str:
    """Return how a council judged that begins in writing: it meets only after opinions that differed."""
    return "written_opinion" if evaluation.ballot == 1 else "meeting"


def require_session(session: Session, row: Dossier, cycle: Cycle) -> Sequence[Row[Any]]:
    """Return the ballots on a dossier at its stage; refused where no council meets, or where its result is there already."""
    plan, stage = plan_of(cycle), procedure_of(cycle).stage(row.stage)
    if not stage.evaluates:
        raise impossible(session, procedure_of(cycle), row, "evaluate")
    if stage.basis_by_plan and plan.returned_to_district.basis is not ReturnBasis.NEW_SESSION:
        raise NotPossibleNow(
            Phrase(
                "Theo kế hoạch, hồ sơ tỉnh trả về được quyết định theo %(basis)s, không họp hội đồng lại.",
                basis=plan.returned_to_district.basis.label,
            ),
            "under this plan what the province sends back is decided on without a new session",
        )
    earlier = session.execute(_BALLOTS, {"dossier": row.id, "stage": row.stage}).all()
    _no_result_yet(session, row, earlier)
    return earlier


_BALLOTS = select(Evaluation.passage, Evaluation.ballot, Evaluation.counts, Evaluation.annulled_on).where(
    Evaluation.dossier_id == bindparam("dossier"), Evaluation.stage == bindparam("stage")
)
"""The ballots on a dossier at a stage."""


def _no_result_yet(session: Session, row: Dossier, earlier: Sequence[Row[Any]]) -> None:
    if any(ballot.counts and ballot.annulled_on is None for ballot in earlier):
        raise AlreadyExists(
            Phrase(
                "Hồ sơ %(code)s đã có kết quả của hội đồng ở bước này. Việc gần nhất: %(act)s. Muốn sửa, hãy hủy kết quả bằng "
                "văn bản.",
                code=row.code, act=last_act(session, row.id),
            ),
            f"dossier {row.code} has a result of the council at this stage already; to change it, annul it by a document",
        )  # fmt: skip


def _store(
    session: Session, row: Dossier, earlier: Sequence[Row[Any]], level: Level, held_on: date, minutes: str, members: int, scores: Sequence[Score],
    gates: Sequence[Gate], mean: Decimal, by_points: int, after_gates: int, counts: bool, late: bool, at: datetime,
) -> Evaluation:  # fmt: skip
    passage = 1 + max((before.passage for before in earlier if before.annulled_on), default=0)
    ballot = max((before.ballot for before in earlier if before.passage == passage), default=0)
    evaluation = Evaluation(
        dossier_id=row.id,
        level=level.value,
        stage=row.stage,
        passage=passage,
        ballot=ballot + 1,
        held_on=held_on,
        minutes_number=minutes,
        members=members,
        mean=mean,
        stars_by_points=by_points,
        stars_after_gates=after_gates,
        counts=counts,
        recorded_late=late,
        recorded_at=at,
    )
    session.add(evaluation)
    session.flush()
    session.execute(
        insert(MemberTotal),
        [
            {"evaluation_id": evaluation.id, "member": score.member, "chair": score.chair,
             "total": None if score.recused else score.total, "recused_reason": score.recused}
            for score in scores
        ],
    )  # fmt: skip
    store_gates(session, evaluation, gates)
    return evaluation


def store_gates(session: Session, evaluation: Evaluation, gates: Sequence[Gate]) -> None:
    """Keep the gates of an evaluation."""
    if gates:
        session.execute(
            insert(GateResult),
            [
                {"evaluation_id": evaluation.id, "star": gate.star, "passed": gate.passed, "reason": gate.reason}
                for gate in gates
            ],
        )


@act("decide", "Ký quyết định kết quả đánh giá")
def decide(
    session: Session, *, actor: Actor, at: datetime, dossiers: Sequence[str], number: str, signed_on: date, signer: str
) -> Answer:
    """Record the decision that the authority signed on its council's result; the mean is taken from the record.

    What the level above sent back is decided on what the plan names, or on a new session of the council's own and else on
    the result from above, at the body's own highest star. A dossier without a result, or past a deadline that the
    decision's day has to meet, is refused; the others go.
    """
    not_after_today(signed_on, at, "Ngày ký quyết định")
    number, signer = required(number, "số quyết định"), required(signer, "người ký")
    moves: list[ProposedMove] = []
    drafts: dict[int, Decision] = {}
    refused: list[Moved | Refused] = []
    rows = dossiers_by_code(session, dossiers)
    punctuality, results = Punctuality(session, rows), counting(session, rows)
    failed = failed_gates(session, chain.from_iterable(results.values()))
    cycles = cycles_of(session, rows)
    for row in rows:
        cycle = cycles[row.cycle_id]
        try:
            decision = _draft_decision(session, cycle, row, results[row.id], number, signed_on, signer, at)
            late = punctuality.in_time(row, DAYS["decide"], signed_on, at)
        except RuleViolation as violation:
            refused.append(Refused(row.id, row.code, violation))
            continue
        drafts[row.id] = decision
        moves.append(
            ProposedMove(
                row.id, "decide", signed_on,
                replace(facts_base(plan_of(cycle)), mean=decision.mean, stars_after_gates=decision.stars_after_gates),
                document=number,
                details={"mean": decision.mean, "stars_by_points": decision.stars_by_points,
                         "stars_after_gates": decision.stars_after_gates, "signer": signer, "recorded_late": late},
                letter={"result": result_facts(decision, failed)},
            )
        )  # fmt: skip
    answers = ledger.advance(session, moves, actor=actor, at=at)
    session.bulk_save_objects([drafts[answer.dossier_id] for answer in answers if isinstance(answer, Moved)])
    return batch_answer([*answers, *refused], Phrase("Đã ghi quyết định %(number)s", number=number))


def _draft_decision(
    session: Session, cycle: Cycle, row: Dossier, results: Sequence[Evaluation], number: str, signed_on: date, signer: str,
    at: datetime,
) -> Decision:  # fmt: skip
    """Return the decision on a dossier's recorded result, not yet added; MissingResult when there is none."""
    target, evaluation = result_to_decide(session, cycle, row, results)
    cap = procedure_of(cycle).most_stars(target.level) if target.result == "after_return" else 5
    if signed_on < evaluation.held_on:
        raise InvalidInput(
            f"Hồ sơ {row.code}: ngày ký {told(signed_on)} sớm hơn ngày họp hội đồng {told(evaluation.held_on)}.",
            f"dossier {row.code}: {told(signed_on)}, the day of signing, lies before the council session of "
            f"{told(evaluation.held_on)}",
        )
    return Decision(
        dossier_id=row.id,
        product_id=row.product_id,
        level=target.level.value,
        purpose=target.result,
        number=number,
        signed_on=signed_on,
        signer=signer,
        unit_id=row.holder_id,
        evaluation_id=evaluation.id,
        mean=evaluation.mean,
        stars_by_points=evaluation.stars_by_points,
        stars_after_gates=min(evaluation.stars_after_gates, cap),
        recorded_at=at,
    )


def result_to_decide(
    session: Session, cycle: Cycle, row: Dossier, results: Sequence[Evaluation]
) -> tuple[Stage, Evaluation]:
    """Return where a decision takes a dossier, and the result that it rests on; MissingResult when there is none."""
    procedure = procedure_of(cycle)
    move = procedure.move(row.stage, "decide")
    if not isinstance(move, Move):
        raise impossible(session, procedure, row, "decide")
    evaluation = _basis(procedure.stage(row.stage), results, plan_of(cycle).returned_to_district.basis)
    if evaluation is None:
        raise MissingResult(
            Phrase(
                "Hồ sơ %(code)s chưa có kết quả của hội đồng để ký quyết định. Hãy ghi kết quả phiên họp trước. "
                "Việc gần nhất: %(act)s.",
                code=row.code, act=last_act(session, row.id),
            ),
            f"dossier {row.code} has no result of a council to decide on; record the session first",
        )  # fmt: skip
    return procedure.stage(move.target), evaluation


def counting(session: Session, rows: Sequence[Dossier]) -> dict[int, list[Evaluation]]:
    """Return the evaluations of dossiers that count and were not annulled, the newest first."""
    found: dict[int, list[Evaluation]] = {row.id: [] for row in rows}
    for evaluation in session.scalars(_COUNTING, {"ids": list(found)}):
        found[evaluation.dossier_id].append(evaluation)
    return found


_COUNTING = (
    select(Evaluation)
    .where(
        Evaluation.dossier_id.in_(bindparam("ids", expanding=True)),
        Evaluation.counts.is_(True),
        Evaluation.annulled_on.is_(None),
    )
    .order_by(Evaluation.id.desc())
)


def _basis(stage: Stage, results: Sequence[Evaluation], by_plan: ReturnBasis) -> Evaluation | None:
    """Return the evaluation that a decision at a stage rests on, the newest that fits; None when there is none."""
    level = _LEVELS.get(by_plan) if stage.basis_by_plan else None
    own = (found for found in results if (found.stage == stage.key if level is None else found.level == level))
    above = (found for found in results if found.level == stage.falls_back_on)
    return next(chain(own, above), None)


_LEVELS = {ReturnBasis.DISTRICT_RESULT: Level.DISTRICT, ReturnBasis.PROVINCE_RESULT: Level.PROVINCE}
"""The level whose result is decided on; a new session's is found by the stage."""
