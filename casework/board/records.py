"""The record as other programs read it: rows with their keys, codes and numbers, a page after a cursor at a time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from casework.board.deadlines import DueDate, due_dates
from casework.board.dossier import Story
from casework.living_on import living_on
from casework.outbox import STATE_LABELS
from casework.scope import Scope
from casework.timing import last_day
from models.cycles import Breach, Cycle, Deadline
from models.dossiers import Dossier
from models.letters import Letter, LetterState
from models.results import Certificate, Decision, Evaluation
from models.units import Producer, Product, Unit
from ocop.notices import NOTICE_LABELS, Notice
from ocop.rulebook import PROCEDURES, stage_of
from ocop.validity import in_force
from ocop.working_days import day_of

Record = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """Some rows, and the number to ask after for those that follow; None where none do."""

    items: Sequence[Record]
    next: int | None


def _page(rows: Sequence[Any], limit: int) -> tuple[Sequence[Any], int | None]:
    """Return a page's rows out of one row more than it shows, and its cursor."""
    shown = rows[:limit]
    return shown, shown[-1].id if len(rows) > limit else None


def unreadable(session: Session, scope: Scope, codes: Iterable[str]) -> list[str]:
    """Return those of some codes of dossiers that are not in a reader's part of the record, or are nobody's code."""
    wanted = list(dict.fromkeys(codes))
    known = set(session.scalars(select(Dossier.code).where(Dossier.code.in_(wanted), scope.dossiers())))
    return [code for code in wanted if code not in known]


def units_by_id(session: Session, ids: Iterable[int | None]) -> Mapping[int | None, Record]:
    """Return units as other programs know them."""
    rows = session.execute(
        select(Unit.id, Unit.level, Unit.code, Unit.name).where(Unit.id.in_({unit for unit in ids if unit}))
    )
    return {row.id: {"id": row.id, "level": row.level, "code": row.code, "name": row.name} for row in rows}


def cycle_records(session: Session, cycles: Sequence[Cycle]) -> list[Record]:
    """Return cycles with the names of their procedures and provinces."""
    units = units_by_id(session, [cycle.province_id for cycle in cycles])
    return [
        {
            "code": cycle.code, "title": cycle.title, "province": units[cycle.province_id],
            "procedure": cycle.procedure_key, "procedure_name": PROCEDURES[cycle.procedure_key].name,
            "plan_version": cycle.plan_version, "opened_at": cycle.opened_at, "closed_at": cycle.closed_at,
            "suspended_level": cycle.suspended_level or None, "simulated": cycle.simulated,
        }
        for cycle in cycles
    ]  # fmt: skip


def dossiers_after(
    session: Session, cycle: Cycle, conditions: Sequence[ColumnElement[bool]], at: datetime, *, after: int, limit: int
) -> Page:
    """Return the dossiers of a selection that were registered after the one with a number: a few queries for all."""
    found = session.scalars(
        select(Dossier).where(*conditions, Dossier.id > after).order_by(Dossier.id).limit(limit + 1)
    ).all()
    rows, following = _page(found, limit)
    return Page(
        _dossiers(session, cycle, rows, due_dates(session, cycle, [row for row in rows if row.open], at)), following
    )


def _dossiers(session: Session, cycle: Cycle, rows: Sequence[Dossier], due: Mapping[int, DueDate]) -> list[Record]:
    ids = [row.id for row in rows]
    units = units_by_id(
        session, (unit for row in rows for unit in (row.commune_id, row.district_id, row.province_id, row.holder_id))
    )
    products = _named(session, Product, (row.product_id for row in rows))
    producers = _named(session, Producer, (row.producer_id for row in rows))
    overdue = set(
        session.scalars(select(Breach.dossier_id).where(Breach.dossier_id.in_(ids), Breach.closed_at.is_(None)))
    )
    counting = (
        select(Evaluation.dossier_id, Evaluation.mean)
        .where(Evaluation.dossier_id.in_(ids), Evaluation.counts.is_(True), Evaluation.annulled_on.is_(None))
        .order_by(Evaluation.id)
    )
    means = {dossier_id: mean for dossier_id, mean in session.execute(counting)}
    awarded = (
        select(Decision.dossier_id, func.max(Decision.awarded_star))
        .where(Decision.dossier_id.in_(ids), Decision.annulled_on.is_(None))
        .group_by(Decision.dossier_id)
    )
    stars = {dossier_id: star for dossier_id, star in session.execute(awarded)}
    return [
        {
            "code": row.code, "version": row.version, "cycle": cycle.code, "kind": row.kind,
            "product": products[row.product_id], "producer": producers[row.producer_id],
            "commune": units[row.commune_id], "district": units.get(row.district_id),
            "province": units[row.province_id], "holder": units[row.holder_id],
            "procedure": row.procedure_key, "stage": row.stage, "stage_label": stage_label(row),
            "stage_since": row.stage_since, "open": row.open, "suspended_since": row.suspended_at,
            "registered_on": row.registered_on, "registered_at": row.registered_at, "proposed_star": row.proposed_star,
            "due": _due(due.get(row.id)), "overdue": row.id in overdue, "mean": means.get(row.id),
            "awarded_star": stars.get(row.id), "simulated": row.simulated,
        }
        for row in rows
    ]  # fmt: skip


def stage_label(row: Dossier) -> str:
    """Return the name of a dossier's stage; the key itself where its procedure does not know it."""
    law = PROCEDURES.get(row.procedure_key)
    return law.stage(row.stage).label if law is not None and law.knows(row.stage) else row.stage


def _named(session: Session, table: Any, ids: Iterable[int]) -> Mapping[int, Record]:
    rows = session.execute(select(table.id, table.code, table.name).where(table.id.in_(set(ids))))
    return {row.id: {"code": row.code, "name": row.name} for row in rows}


def _due(found: DueDate | None) -> Record | None:
    if found is None:
        return None
    return {
        "stage": found.deadline.stage, "stage_label": found.label, "last_day": found.last_day,
        "strikes_at": found.deadline.strikes_at, "passed": found.passed, "working_days": found.working_days,
    }  # fmt: skip


def dossier_record(session: Session, told: Story) -> Record:
    """Return one dossier whole, with its history."""
    dossier = told.dossier
    due = {dossier.id: told.due} if told.due else {}
    (own,) = _dossiers(session, told.cycle, [dossier], due)
    units = units_by_id(
        session,
        {event.unit_id for event in told.events}
        | {row.unit_id for row in told.decisions}
        | {row.unit_id for row in told.certificates}
        | {breach.unit_id for breach, _ in told.breaches},
    )
    return own | {
        "changes": dossier.changes,
        "follows_certificate": told.follows.number if told.follows else None,
        "history": [_event(told, event, units) for event in told.events],
        "evaluations": [
            {**_columns(ballot.evaluation, EVALUATION), "gates": [_columns(gate, GATE) for gate in ballot.gates]}
            for ballot in told.ballots
        ],
        "decisions": [{**_columns(row, DECISION), "unit": units[row.unit_id]} for row in told.decisions],
        "certificates": [
            {**_columns(row, ISSUED), "issuer": units[row.unit_id]} for row in told.certificates
        ],
        "evidence": [_columns(paper, PAPER) | {"replaced": paper.replaced_by_id is not None} for paper in told.evidence],
        "complaints": [_columns(row, COMPLAINT) for row in told.complaints],
        "breaches": [
            {
                "stage": deadline.stage, "unit": units[breach.unit_id], "struck_at": breach.struck_at,
                "closed_at": breach.closed_at,
            }
            for breach, deadline in told.breaches
        ],
    }  # fmt: skip


EVALUATION = (
    "level", "stage", "passage", "ballot", "held_on", "minutes_number", "members", "mean", "stars_by_points",
    "stars_after_gates", "counts", "recorded_late", "recorded_at", "annulled_on", "annulled_by",
)  # fmt: skip
GATE = ("star", "passed", "reason")
DECISION = (
    "number", "purpose", "level", "signed_on", "signer", "mean", "stars_by_points", "stars_after_gates", "awarded_star",
    "recorded_at", "annulled_on", "annulled_by",
)  # fmt: skip
ISSUED = ("number", "star", "issued_on", "valid_until", "revoked_on", "replaced_on")
PAPER = (
    "kind",
    "title",
    "issued_on",
    "expires_on",
    "file_name",
    "file_sha256",
    "added_at",
    "waived_at",
    "waived_reason",
)
COMPLAINT = ("id", "received_on", "body", "due_on", "answered_on", "answer", "document")
EVENT = (
    "number", "event", "from_stage", "to_stage", "actor_name", "on_behalf", "occurred_on", "effective_at",
    "recorded_at", "reason", "rule", "details", "prev_hash", "hash",
)  # fmt: skip


def _columns(row: Any, names: Sequence[str]) -> Record:
    return {name: getattr(row, name) for name in names}


def _event(told: Story, event: Any, units: Mapping[int | None, Record]) -> Record:
    return _columns(event, EVENT) | {
        "unit": units[event.unit_id], "to_stage_label": told.label(event.to_stage), "by_engine": event.actor_id is None
    }  # fmt: skip


def certificates_after(
    session: Session, conditions: Sequence[ColumnElement[bool]], at: datetime, *, after: int, limit: int
) -> Page:
    """Return the certificates of a list that were entered after the one with a number."""
    found = session.execute(
        select(
            Certificate, Certificate.id, Product.code.label("product_code"), Product.name.label("product"),
            Producer.code.label("producer_code"), Producer.name.label("producer"), Dossier.code.label("dossier"),
            living_on(at).label("lives_on"),
            or_(Certificate.simulated, Product.simulated, Producer.simulated).label("simulated"),
        )
        .join(Product, Product.id == Certificate.product_id)
        .join(Producer, Producer.id == Product.producer_id)
        .outerjoin(Dossier, Dossier.id == Certificate.dossier_id)
        .where(*conditions, Certificate.id > after)
        .order_by(Certificate.id)
        .limit(limit + 1)
    ).all()  # fmt: skip
    rows, following = _page(found, limit)
    units = units_by_id(
        session, (unit for row in rows for unit in (row.Certificate.commune_id, row.Certificate.unit_id))
    )
    today = day_of(at)
    return Page(
        [
            _columns(row.Certificate, ISSUED)
            | {
                "product": {"code": row.product_code, "name": row.product},
                "producer": {"code": row.producer_code, "name": row.producer},
                "commune": units[row.Certificate.commune_id], "issuer": units[row.Certificate.unit_id],
                "dossier": row.dossier, "source": row.Certificate.source, "simulated": bool(row.simulated),
                "in_force": _in_force(row.Certificate, today) or bool(row.lives_on), "lives_on": bool(row.lives_on),
            }
            for row in rows
        ],
        following,
    )  # fmt: skip


def _in_force(held: Certificate, today: date) -> bool:
    return in_force(held.issued_on, held.valid_until, today, held.revoked_on, held.replaced_on)


def letters_after(session: Session, conditions: Sequence[ColumnElement[bool]], *, after: int, limit: int) -> Page:
    """Return the letters of a list that were written after the one with a number."""
    found = session.execute(
        select(
            Letter.id,
            Letter.unit_id,
            *(getattr(Letter, name) for name in LETTER),
            Dossier.code.label("dossier"),
            Cycle.code.label("cycle"),
        )
        .outerjoin(Dossier, Dossier.id == Letter.dossier_id)
        .outerjoin(Cycle, Cycle.id == Letter.cycle_id)
        .where(*conditions, Letter.id > after)
        .order_by(Letter.id)
        .limit(limit + 1)
    ).all()
    rows, following = _page(found, limit)
    units = units_by_id(session, (row.unit_id for row in rows))
    return Page(
        [
            _columns(row, LETTER)
            | {
                "number": row.id, "unit": units.get(row.unit_id), "dossier": row.dossier, "cycle": row.cycle,
                "notice_label": NOTICE_LABELS[Notice(row.notice)],
                "state_label": STATE_LABELS[LetterState(row.state)],
            }
            for row in rows
        ],
        following,
    )  # fmt: skip


LETTER = (
    "notice", "state", "recipient_name", "email", "owed_at", "send_from", "sent_at", "handed_over_at", "handed_over_by",
    "tries", "last_error", "simulated",
)  # fmt: skip


def deadline_records(session: Session, cycle: Cycle, scope: Scope, at: datetime) -> list[Record]:
    """Return the dates that a cycle's plan and its extensions set: those for all, and those for a reader's own units."""
    own = [] if scope.provincial else [or_(Deadline.unit_id.is_(None), Deadline.unit_id.in_(scope.units))]
    rows = session.scalars(
        select(Deadline)
        .where(Deadline.cycle_id == cycle.id, Deadline.dossier_id.is_(None), *own)
        .order_by(Deadline.strikes_at, Deadline.id)
    ).all()
    units = units_by_id(session, (row.unit_id for row in rows))
    latest: dict[tuple[str, str], datetime] = {}
    for row in rows:
        if row.replaced_at is None:
            latest[row.stage, row.scope] = max(latest.get((row.stage, row.scope), row.strikes_at), row.strikes_at)
    procedure = PROCEDURES[cycle.procedure_key]
    return [
        _columns(row, DATE)
        | {
            "stage_label": stage_of(procedure, row.stage).label, "unit": units.get(row.unit_id),
            "last_day": last_day(row), "passed": row.strikes_at <= at,
            "in_force": row.replaced_at is None and row.strikes_at == latest[row.stage, row.scope],
        }
        for row in rows
    ]  # fmt: skip


DATE = (
    "stage", "kind", "day", "wording", "rule", "strikes_at", "met_by", "after_deadline", "source", "document", "reason",
    "entered_at", "plan_version", "replaced_at",
)  # fmt: skip
