"""What the record shows of a dossier and of a cycle: without ids, codes and numbers, which differ from heat to heat."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from models.cycles import AgendaItem, Breach, Cycle, Deadline, Escalation
from models.dossiers import Dossier, Snapshot
from models.letters import Letter
from models.record import Event
from models.results import Certificate, Decision, Evaluation, MemberTotal

View = Mapping[str, Sequence[Any]]


def rows(connection: Connection, statement: Any) -> list[Any]:
    """Return what a query finds, as plain values."""
    return [tuple(row) for row in connection.execute(statement)]


def changed(before: View, after: View) -> dict[str, Any]:
    """Return what a heat added to each part of a view and what it took away; history in its order."""
    told: dict[str, Any] = {"history": list(after["history"][len(before["history"]) :])}
    for part in after:
        old, new = Counter(before[part]), Counter(after[part])
        if part != "history" and old != new:
            told[part] = (sorted((new - old).items(), key=str), sorted((old - new).items(), key=str))
    return told


def both(views: Sequence[View]) -> View:
    """Return several views as one; the first one's history is the history."""
    first, *others = views
    return {**{f"{part} {place}": value for place, view in enumerate(others) for part, value in view.items()}, **first}


def of_dossier(connection: Connection, code: str) -> View:
    """Return everything that the record knows of one dossier."""
    ((row, stage, opened, version),) = rows(
        connection, select(Dossier.id, Dossier.stage, Dossier.open, Dossier.version).where(Dossier.code == code)
    )
    history = rows(
        connection,
        select(Event.number, Event.event, Event.from_stage, Event.to_stage, Event.actor_name)
        .where(Event.dossier_id == row)
        .order_by(Event.number),
    )
    assert [line[0] for line in history] == list(range(1, version + 1))
    events = {str(line[0]): line[1] for line in history}
    return {
        "history": [line[1:] for line in history],
        "stands": [(stage, opened)],
        "evaluations": rows(
            connection,
            select(Evaluation.stage, Evaluation.counts, Evaluation.annulled_on).where(Evaluation.dossier_id == row),
        ),
        "decisions": rows(
            connection,
            select(Decision.level, Decision.purpose, Decision.annulled_on, Decision.corrects_id.is_(None)).where(
                Decision.dossier_id == row
            ),
        ),
        "certificates": rows(
            connection,
            select(Certificate.star, Certificate.replaced_on, Certificate.revoked_on, Decision.annulled_on)
            .join(Decision, Decision.id == Certificate.decision_id)
            .where(Certificate.dossier_id == row),
        ),
        "own deadlines": rows(connection, select(Deadline.stage, Deadline.kind).where(Deadline.dossier_id == row)),
        "breaches": rows(
            connection,
            select(Deadline.stage, Deadline.kind, Breach.closed_by, Breach.closed_at)
            .join(Deadline, Deadline.id == Breach.deadline_id)
            .where(Breach.dossier_id == row),
        ),
        "snapshots": rows(connection, select(Snapshot.occasion).where(Snapshot.dossier_id == row)),
        "letters": [
            (events.get(cause.partition("#")[2]), notice, recipient if recipient.startswith("person/") else "")
            for cause, notice, recipient in rows(
                connection, select(Letter.cause, Letter.notice, Letter.recipient).where(Letter.dossier_id == row)
            )
        ],
    }


def of_ballots(connection: Connection, code: str) -> list[Any]:
    """Return each ballot's mean, its lines and its totals."""
    return rows(
        connection,
        select(Evaluation.mean, func.count(MemberTotal.id), func.count(MemberTotal.total))
        .join(MemberTotal, MemberTotal.evaluation_id == Evaluation.id)
        .join(Dossier, Dossier.id == Evaluation.dossier_id)
        .where(Dossier.code == code)
        .group_by(Evaluation.id, Evaluation.mean),
    )


def of_cycle(connection: Connection, code: str) -> View:
    """Return everything that the record knows of one cycle and its deadlines; nothing before it is opened."""
    found = rows(connection, select(Cycle.id, Cycle.version, Cycle.last_serial).where(Cycle.code == code))
    ids = [row[0] for row in found]
    deadlines = dict(rows(connection, select(Deadline.id, Deadline.kind).where(Deadline.cycle_id.in_(ids))))
    return {
        "cycles": [row[1:] for row in found],
        "history": rows(
            connection,
            select(Event.event, Event.actor_name)
            .where(Event.cycle_id.in_(ids), Event.dossier_id.is_(None))
            .order_by(Event.id),
        ),
        "deadlines": rows(
            connection,
            select(Deadline.stage, Deadline.version, Deadline.kind, Deadline.strikes_at).where(
                Deadline.cycle_id.in_(ids), Deadline.dossier_id.is_(None)
            ),
        ),
        "agenda": [
            (kind, deadlines.get(int(subject.split("/")[1])), number, done is None)
            for kind, subject, number, done in rows(
                connection,
                select(AgendaItem.kind, AgendaItem.subject, AgendaItem.number, AgendaItem.done_at).where(
                    AgendaItem.cycle_id.in_(ids)
                ),
            )
        ],
        "escalations": rows(
            connection,
            select(Escalation.rung)
            .join(Deadline, Deadline.id == Escalation.deadline_id)
            .where(Deadline.cycle_id.in_(ids)),
        ),
        "letters": rows(
            connection,
            select(Letter.notice, Letter.recipient).where(Letter.cycle_id.in_(ids), Letter.dossier_id.is_(None)),
        ),
    }
