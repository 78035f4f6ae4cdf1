"""What an officer may do with dossiers at an instant, and why not the rest: asked of the functions that the acts ask."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.act import Act
from casework.actors import Actor, require_post
from casework.acts import ACTS, ROOMS
from casework.certificates import keeper
from casework.corrections import Purpose, decision_to_correct, result_to_annul
from casework.evaluation import counting, require_session, result_to_decide
from casework.evidence import current_papers
from casework.gate import Gatekeeper, impossible
from casework.moves import ProposedMove
from casework.punctuality import DAYS, Punctuality
from casework.recognition import unrecognisable
from casework.rules import astray, cycles_of, facts_base, plan_of
from casework.supplements import require_supplement_left
from models.cycles import Cycle
from models.dossiers import Complaint, Dossier
from models.results import Certificate, Evaluation
from models.units import Unit
from ocop.errors import NotFound, RuleViolation, TooLate
from ocop.levels import DossierKind
from ocop.phrase import Phrase
from ocop.procedure import Back, Facts, Move, Procedure
from ocop.procedures.rows import ENDED
from ocop.rulebook import PROCEDURES
from ocop.working_days import day_of

EVENTS: Mapping[str, str] = {"correct-decision": "correct"}
"""The event of an act where it is not called like the act."""
SOME_PAPER = "…"
"""Stands for the document that an act will name: whether it may be done does not hang on which."""


@dataclass(frozen=True)
class Ability:
    """One act on a dossier: whether this officer may do it now, and by which rule, or why not."""

    act: str
    title: str
    refusal: RuleViolation | None
    rule: str = ""
    """The law or plan that gives the move."""
    remark: str = ""
    """What to look out for: the day that the act may still bear, or the document that acting on behalf needs."""
    onward: bool = False
    """Whether it is what the dossier's stage waits for, and not an end, a way back or a note beside."""
    on_behalf: bool = False
    """Whether the unit is not theirs and has no officer, so that they may act in its stead."""
    about: Mapping[str, str] = field(default_factory=dict)
    """What the form is filled with."""


@dataclass
class _Asked:
    """What is read once for all the dossiers and acts that are asked about."""

    session: Session
    dossiers: Sequence[Dossier]
    actor: Actor
    at: datetime

    @cached_property
    def cycles(self) -> Mapping[int, Cycle]:
        return cycles_of(self.session, self.dossiers)

    @cached_property
    def punctuality(self) -> Punctuality:
        return Punctuality(self.session, self.dossiers)

    @cached_property
    def results(self) -> Mapping[int, Sequence[Evaluation]]:
        return counting(self.session, self.dossiers)

    @cached_property
    def unrecognisable(self) -> Mapping[int, RuleViolation]:
        return unrecognisable(self.session, self.dossiers, self.at)


First = Callable[[_Asked, Dossier], ProposedMove | None]
"""Raises what the act would raise before its move is judged; returns the move where it is not the plain one."""


def _session_due(asked: _Asked, row: Dossier) -> None:
    require_session(asked.session, row, asked.cycles[row.cycle_id])


def _result_there(asked: _Asked, row: Dossier) -> None:
    result_to_decide(asked.session, asked.cycles[row.cycle_id], row, asked.results[row.id])


def _star_to_award(asked: _Asked, row: Dossier) -> None:
    if violation := asked.unrecognisable.get(row.id):
        raise violation


def _supplement_left(asked: _Asked, row: Dossier) -> None:
    require_supplement_left(asked.session, row, plan_of(asked.cycles[row.cycle_id]))


def _papers_there(asked: _Asked, row: Dossier) -> None:
    if not current_papers(asked.session, [row.id]):
        raise NotFound(f"Hồ sơ {row.code} chưa có tài liệu minh chứng nào.", f"dossier {row.code} has no evidence yet")


def _decision_to_correct(asked: _Asked, row: Dossier) -> ProposedMove:
    decision = decision_to_correct(asked.session, row, list(Purpose), asked.actor, asked.at)
    return ProposedMove(row.id, "correct", day_of(asked.at), document=SOME_PAPER, unit_id=decision.unit_id)


def _result_to_annul(asked: _Asked, row: Dossier) -> ProposedMove:
    found = result_to_annul(asked.session, row, asked.cycles[row.cycle_id])
    if found is None:
        return ProposedMove(row.id, "correct", day_of(asked.at), document=SOME_PAPER)
    facts, _, decision = found
    return ProposedMove(row.id, "annul", day_of(asked.at), facts, document=SOME_PAPER, unit_id=decision.unit_id)


FIRST: Mapping[str, First] = {
    "evaluate": _session_due,
    "decide": _result_there,
    "recognise": _star_to_award,
    "request-supplement": _supplement_left,
    "waive-evidence": _papers_there,
    "correct-decision": _decision_to_correct,
    "annul": _result_to_annul,
}
"""What an act asks before its move is judged, by its name."""


def acts_on_dossiers(*, bulk: bool = False, law: Procedure | None = None) -> list[Act]:
    """Return the acts that name dossiers, or those alone that take several at a time, in the order of a dossier's way.

    Of a law's dossiers those are left out that another law knows and this one does not.
    """
    wanted = {"dossiers"} if bulk else {"dossier", "dossiers"}
    here = _JUDGED if law is None else {event for stage in law.stages for event in law.events_at(stage.key)}
    found = [act for act in in_order() if wanted & set(act.signature.parameters)]
    return [act for act in found if (event := event_of(act)) in here or event not in _JUDGED]


def in_order() -> list[Act]:
    """Return all acts in the order of a dossier's way, whichever module was imported first."""
    place = {room.__name__: number for number, room in enumerate(ROOMS)}
    return sorted(ACTS.values(), key=lambda act: place[act.perform.__module__])


def abilities(
    session: Session, dossiers: Sequence[Dossier], acts: Iterable[Act], *, actor: Actor, at: datetime
) -> dict[int, list[Ability]]:
    """Return what may be done with each of some dossiers, of the acts that its stage knows and of none besides.

    Everything due is taken as done: an act first does what fell due, so that a dossier may be elsewhere by then.
    """
    asked = _Asked(session, dossiers, actor, at)
    proposed: dict[tuple[int, str], ProposedMove | RuleViolation] = {}
    for row in dossiers:
        for act in acts:
            if (known := _proposal(asked, act, row)) is not None:
                proposed[row.id, act.name] = known
    moves = [move for move in proposed.values() if isinstance(move, ProposedMove)]
    by_id = {row.id: row for row in dossiers}
    standing_in = replace(actor, on_behalf=actor.on_behalf or SOME_PAPER)
    gate = Gatekeeper(session, moves, by_id, asked.cycles, standing_in, at)
    found: dict[int, list[Ability]] = {row.id: [] for row in dossiers}
    for (dossier_id, name), move in proposed.items():
        found[dossier_id].append(_judged(asked, gate, ACTS[name], move, by_id[dossier_id]))
    return found


def fitting(
    session: Session, dossiers: Sequence[Dossier], act: Act, *, actor: Actor, at: datetime
) -> dict[int, Ability]:
    """Return whether one act fits each of some dossiers; nothing of an act that no procedure knows, and that moves none."""
    event = event_of(act)
    if act not in acts_on_dossiers() or event not in _JUDGED:
        return {}
    found = abilities(session, dossiers, [act], actor=actor, at=at)
    fits: dict[int, Ability] = {}
    for row in dossiers:
        law = PROCEDURES.get(row.procedure_key)
        refusal = astray(row) if law is None else impossible(session, law, row, event)
        fits[row.id] = found[row.id][0] if found[row.id] else Ability(act.name, act.title, refusal)
    return fits


_JUDGED = frozenset(event for law in PROCEDURES.values() for stage in law.stages for event in law.events_at(stage.key))
"""The events that some procedure knows at some stage."""


def event_of(act: Act) -> str:
    """Return the event that an act is to the procedures."""
    return EVENTS.get(act.name, act.name.replace("-", "_"))


def _proposal(asked: _Asked, act: Act, row: Dossier) -> ProposedMove | RuleViolation | None:
    """Return the move that an act would propose, why it would not, or None where the stage does not know the act."""
    law = PROCEDURES.get(row.procedure_key)
    if law is None or not law.knows(row.stage):
        return None
    event = event_of(act)
    known = law.events_at(row.stage)
    if event not in known and not (act.name == "annul" and law.stage(row.stage).evaluates):
        return None
    try:
        special = FIRST[act.name](asked, row) if act.name in FIRST else None
    except RuleViolation as violation:
        return violation
    facts = _facts(asked, row)
    return special or ProposedMove(row.id, event, day_of(asked.at), facts, document=SOME_PAPER)


def _facts(asked: _Asked, row: Dossier) -> Facts:
    return facts_base(plan_of(asked.cycles[row.cycle_id]))


def _judged(asked: _Asked, gate: Gatekeeper, act: Act, move: ProposedMove | RuleViolation, row: Dossier) -> Ability:
    law = PROCEDURES[row.procedure_key]
    about = {"dossiers" if "dossiers" in act.signature.parameters else "dossier": row.code}
    if isinstance(move, RuleViolation):
        return Ability(act.name, act.title, move, _source(law.move(row.stage, event_of(act))), about=about)
    judged = gate.judge(move, row)
    if isinstance(judged, RuleViolation):
        return Ability(act.name, act.title, judged, _source(law.move(row.stage, move.event, move.facts)), about=about)
    refusal, remark = _in_time(asked, act, row)
    unit = gate.responsible(move, row, judged)
    on_behalf = not asked.actor.is_engine and unit not in gate.territory.posts
    return Ability(
        act.name,
        act.title,
        refusal,
        _source(judged),
        remark,
        _onward(row, judged),
        on_behalf and refusal is None,
        about,
    )


_ENDS = frozenset(stage.key for stage in ENDED)


def _onward(row: Dossier, move: Move) -> bool:
    """Return whether a move is on the way that a dossier takes when nothing is wrong with it."""
    target = PROCEDURES[row.procedure_key].stage(move.target)
    if move.event == "evaluate" or move.back is Back.SUPPLEMENT:
        return True
    return move.moves and move.back is None and not target.supplement and move.target not in _ENDS


def _source(move: object) -> str:
    return str(move.rule) if isinstance(move, Move) and move.rule else ""


def _in_time(asked: _Asked, act: Act, row: Dossier) -> tuple[RuleViolation | None, str]:
    """Return why an act of today would come at the wrong time: a refusal, or a remark where an earlier day may still count."""
    if act.name not in DAYS:
        return None, ""
    try:
        asked.punctuality.in_time(row, DAYS[act.name], day_of(asked.at), asked.at)
    except TooLate as late:
        return None, late.told
    except RuleViolation as refusal:
        return refusal, ""
    return None, ""


@dataclass(frozen=True)
class Offer:
    """What an officer may do with one dossier, and the rest by why not."""

    possible: Sequence[Ability]
    refused: Mapping[str, Sequence[Ability]]
    """By the sentence that says why; those that stand behind the same reason together."""


def offer(session: Session, dossier: Dossier, *, actor: Actor, at: datetime) -> Offer:
    """Return what an officer may do with a dossier, its complaints and its certificate."""
    found = abilities(session, [dossier], acts_on_dossiers(), actor=actor, at=at)[dossier.id]
    found += beside(session, dossier, actor=actor, at=at)
    refused: dict[str, list[Ability]] = {}
    for one in found:
        if one.refusal is not None:
            refused.setdefault(one.refusal.told, []).append(one)
    return Offer([one for one in found if one.refusal is None], refused)


@dataclass(frozen=True)
class Common:
    """What dossiers that somebody marked together have in common."""

    shared: Sequence[str]
    """In words: the stage, the unit that holds them, the kind, the cycle."""
    acts: Sequence[Act]
    """What may be done with all of them at once."""


def in_common(session: Session, dossiers: Sequence[Dossier], *, actor: Actor, at: datetime) -> Common:
    """Return what some dossiers have in common, and the acts on several at a time that fit every one of them."""
    cycles = cycles_of(session, dossiers)
    shared: list[str] = []
    stages = {"" if astray(row) else PROCEDURES[row.procedure_key].stage(row.stage).label for row in dossiers}
    if len(stages) == 1 and stages != {""}:
        shared.append(Phrase("ở bước “%(stage)s”", stage=stages.pop()))
    if len(holders := {row.holder_id for row in dossiers}) == 1:
        shared.append(Phrase("do %(unit)s giữ", unit=session.get_one(Unit, holders.pop()).name))
    if len(kinds := {row.kind for row in dossiers}) == 1:
        shared.append(Phrase("là hồ sơ %(kind)s", kind=DossierKind(kinds.pop()).label))
    if len(cycles) == 1:
        shared.append(Phrase("thuộc chu trình %(code)s", code=next(iter(cycles.values())).code))
    acts = acts_on_dossiers(bulk=True)
    able = abilities(session, dossiers, acts, actor=actor, at=at)
    fitting = [{one.act for one in found if one.refusal is None} for found in able.values()]
    return Common(shared, [act for act in acts if fitting and all(act.name in names for names in fitting)])


def beside(session: Session, dossier: Dossier, *, actor: Actor, at: datetime) -> list[Ability]:
    """Return what may be done with a dossier's open complaints and its certificate in force."""
    found: list[Ability] = []
    complaints = session.scalars(
        select(Complaint)
        .where(Complaint.dossier_id == dossier.id, Complaint.answered_on.is_(None))
        .order_by(Complaint.id)
    ).all()
    if complaints:
        asked = _Asked(session, [dossier], actor, at)
        move = ProposedMove(dossier.id, "answer_complaint", day_of(at), document=SOME_PAPER)
        standing_in = replace(actor, on_behalf=actor.on_behalf or SOME_PAPER)
        gate = Gatekeeper(session, [move], {dossier.id: dossier}, asked.cycles, standing_in, at)
        for complaint in complaints:
            one = _judged(asked, gate, ACTS["answer-complaint"], move, dossier)
            title = Phrase("%(act)s số %(number)s", act=one.title, number=str(complaint.id))
            found.append(replace(one, title=title, about={"complaint": str(complaint.id)}))
    certificate = session.scalar(
        select(Certificate).where(
            Certificate.dossier_id == dossier.id, Certificate.revoked_on.is_(None), Certificate.replaced_on.is_(None)
        )
    )
    if certificate is not None:
        refusal = _not_the_keeper(session, certificate, actor, at)
        about = {"certificate": certificate.number}
        found += [
            Ability(name, ACTS[name].title, refusal, about=about)
            for name in ("correct-certificate", "record-finding", "revoke")
        ]
    return found


def _not_the_keeper(session: Session, certificate: Certificate, actor: Actor, at: datetime) -> RuleViolation | None:
    try:
        require_post(session, actor, keeper(session, certificate), day_of(at))
    except RuleViolation as refusal:
        return refusal
    return None
