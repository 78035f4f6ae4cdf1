"""One dossier whole: its way, why it stands where it stands, results, papers, letters and history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, aliased

from casework.board.deadlines import DueDate, due_dates
from casework.plan_versions import plan_at
from casework.results import told_points
from casework.rules import procedure_of
from casework.scope import Scope
from models.cycles import Breach, Cycle, Deadline, LateAcceptance
from models.dossiers import Complaint, Dossier, Evidence, Snapshot
from models.letters import Letter
from models.record import Event
from models.results import Certificate, Decision, Evaluation, GateResult, MemberTotal
from models.units import Producer, Product, Unit
from ocop.errors import NotFound
from ocop.phrase import Phrase
from ocop.plan import CyclePlan
from ocop.procedure import Procedure, Stage, worth_the_centre, worth_the_province
from ocop.rulebook import stage_of


@dataclass(frozen=True)
class Step:
    """One stage on the way, from the day on which the dossier came there."""

    stage: Stage
    since: datetime
    until: datetime | None
    event: Event


@dataclass(frozen=True)
class Ballot:
    """One evaluation with its totals and gates."""

    evaluation: Evaluation
    stage: str
    totals: Sequence[MemberTotal]
    gates: Sequence[GateResult]


@dataclass(frozen=True)
class Why:
    """Why a dossier stands where it stands."""

    event: Event
    source: str
    """The stage it came from; empty where it was registered here."""
    facts: Sequence[tuple[str, str]]
    """What the rule looked at, in words, each with the document that sets the threshold."""


@dataclass(frozen=True)
class Story:
    """Everything a page tells of one dossier."""

    dossier: Dossier
    cycle: Cycle
    product: Product
    producer: Producer
    units: dict[int, Unit]
    stage: Stage
    follows: Certificate | None
    """The certificate that an upgrade or a re-recognition follows."""
    due: DueDate | None
    why: Why
    way: Sequence[Step]
    events: Sequence[Event]
    ballots: Sequence[Ballot]
    decisions: Sequence[Decision]
    certificates: Sequence[Certificate]
    evidence: Sequence[Evidence]
    snapshots: Sequence[Snapshot]
    complaints: Sequence[Complaint]
    breaches: Sequence[tuple[Breach, Deadline]]
    accepted_late: Sequence[LateAcceptance]
    letters: Sequence[Row[Any]]

    def unit(self, unit_id: int | None) -> str:
        """Return a unit's name, or an empty text."""
        return self.units[unit_id].name if unit_id in self.units else ""

    def label(self, stage: str) -> str:
        """Return a stage's name, or an empty text."""
        return stage_of(procedure_of(self.cycle), stage).label if stage else ""


def dossier_in_scope(session: Session, code: str, scope: Scope) -> Dossier:
    """Return a dossier that a reader may see; NotFound, in the same words, when there is none or it is not theirs to see."""
    asked = select(Dossier).where(Dossier.code == code, scope.dossiers())
    dossier = session.scalar(asked) if code.isprintable() else None
    if dossier is None:
        raise NotFound(f"Không có hồ sơ mang mã '{code}'.", f"there is no dossier '{code}'")
    return dossier


def story(session: Session, code: str, at: datetime, scope: Scope) -> Story:
    """Return one dossier whole, in a fixed number of queries; NotFound when a reader may see none with this code."""
    dossier = dossier_in_scope(session, code, scope)
    cycle = session.get_one(Cycle, dossier.cycle_id)
    procedure = procedure_of(cycle)
    events = _of(session, Event, Event.dossier_id == dossier.id, Event.number)
    decisions = _of(session, Decision, Decision.dossier_id == dossier.id, Decision.id)
    certificates = _of(session, Certificate, Certificate.dossier_id == dossier.id, Certificate.id)
    wanted = {dossier.holder_id, dossier.commune_id, dossier.district_id, dossier.province_id}
    wanted |= {event.unit_id for event in events} | {decision.unit_id for decision in decisions}
    wanted |= {certificate.unit_id for certificate in certificates}
    way = _way(procedure, events)
    return Story(
        dossier=dossier,
        cycle=cycle,
        product=session.get_one(Product, dossier.product_id),
        producer=session.get_one(Producer, dossier.producer_id),
        units={unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_(wanted - {None})))},
        stage=stage_of(procedure, dossier.stage),
        follows=session.get(Certificate, dossier.certificate_id) if dossier.certificate_id else None,
        due=due_dates(session, cycle, [dossier], at).get(dossier.id) if dossier.open else None,
        why=_why(procedure, plan_at(session, cycle, way[-1].event.recorded_at), way[-1].event),
        way=way,
        events=events,
        ballots=_ballots(session, procedure, dossier.id),
        decisions=decisions,
        certificates=certificates,
        evidence=_of(session, Evidence, Evidence.dossier_id == dossier.id, Evidence.expires_on, Evidence.id),
        snapshots=_of(session, Snapshot, Snapshot.dossier_id == dossier.id, Snapshot.number),
        complaints=_of(session, Complaint, Complaint.dossier_id == dossier.id, Complaint.id),
        breaches=[
            (breach, deadline)
            for breach, deadline in session.execute(
                select(Breach, Deadline)
                .join(Deadline, Deadline.id == Breach.deadline_id)
                .where(Breach.dossier_id == dossier.id)
                .order_by(Breach.struck_at)
            )
        ],
        accepted_late=_of(session, LateAcceptance, LateAcceptance.dossier_id == dossier.id, LateAcceptance.id),
        letters=_letters(session, dossier.id),
    )


def _of(session: Session, table: Any, condition: Any, *order: Any) -> Sequence[Any]:
    return session.scalars(select(table).where(condition).order_by(*order)).all()


def _letters(session: Session, dossier_id: int) -> Sequence[Row[Any]]:
    reader = aliased(Unit)
    return session.execute(
        select(
            Letter.id, Letter.notice, Letter.state, Letter.recipient_name, Letter.owed_at, Letter.sent_at,
            Letter.handed_over_at, Letter.last_error, reader.name.label("unit"),
        )
        .outerjoin(reader, reader.id == Letter.unit_id)
        .where(Letter.dossier_id == dossier_id)
        .order_by(Letter.owed_at, Letter.id)
    ).all()  # fmt: skip


def _way(procedure: Procedure, events: Sequence[Event]) -> list[Step]:
    """Return the stages in the order in which the dossier came to them."""
    moves = [event for event in events if event.from_stage != event.to_stage]
    ends = [event.effective_at for event in moves[1:]]
    return [
        Step(stage_of(procedure, event.to_stage), event.effective_at, until, event)
        for event, until in zip(moves, [*ends, None], strict=True)
    ]


def _why(procedure: Procedure, plan: CyclePlan, event: Event) -> Why:
    source = stage_of(procedure, event.from_stage).label if event.from_stage else ""
    facts: list[tuple[str, str]] = []
    mean, gated = event.details.get("mean"), event.details.get("stars_after_gates")
    if mean is not None and gated is not None:
        facts.append(
            (
                Phrase(
                    "điểm trung bình %(mean)s, %(stars)s sao sau yêu cầu tối thiểu",
                    mean=told_points(Decimal(mean)),
                    stars=gated,
                ),
                "",
            )
        )
        for message, setting, key in _floors(procedure, event):
            floor = getattr(plan.forwarding, setting)
            facts.append((Phrase(message, points=floor), plan.source_of(key) or ""))
    if (star := event.details.get("awarded_star")) is not None:
        facts.append((Phrase("được công nhận %(stars)s sao", stars=star), ""))
    if number := event.details.get("document"):
        facts.append((Phrase("văn bản %(document)s", document=number), ""))
    return Why(event, source, facts)


FLOORS = {
    worth_the_province: (
        "kế hoạch: chuyển lên tỉnh từ %(points)s điểm",
        "to_province_from",
        "forwarding.to_province_from",
    ),
    worth_the_centre: (
        "kế hoạch: đề nghị trung ương từ %(points)s điểm",
        "to_centre_from",
        "forwarding.to_centre_from",
    ),
}
"""The thresholds of the plan by the condition that looks at them: what is said of one, its setting and its key."""


def _floors(procedure: Procedure, event: Event) -> list[tuple[str, str, str]]:
    """Return the thresholds that the rows of an event at its stage look at."""
    rows = (row for row in procedure.moves if (row.source, row.event) == (event.from_stage, event.event))
    return [FLOORS[row.when] for row in rows if row.when in FLOORS]


def _ballots(session: Session, procedure: Procedure, dossier_id: int) -> list[Ballot]:
    evaluations = _of(session, Evaluation, Evaluation.dossier_id == dossier_id, Evaluation.id)
    ids = [evaluation.id for evaluation in evaluations]
    totals = _of(session, MemberTotal, MemberTotal.evaluation_id.in_(ids), MemberTotal.chair.desc(), MemberTotal.id)
    gates = _of(session, GateResult, GateResult.evaluation_id.in_(ids), GateResult.star)
    return [
        Ballot(
            evaluation,
            stage_of(procedure, evaluation.stage).label,
            [total for total in totals if total.evaluation_id == evaluation.id],
            [gate for gate in gates if gate.evaluation_id == evaluation.id],
        )
        for evaluation in evaluations
    ]
