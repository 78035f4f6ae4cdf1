"""What the fields of an act's form may be filled with, out of the part of the record that its reader may know."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from casework.assigned import in_office
from casework.board.people import standing
from casework.evidence import current_papers
from casework.rules import procedure_of
from casework.scope import Scope
from models.cycles import Cycle, Deadline
from models.dossiers import Complaint, Dossier
from models.findings import Finding
from models.results import Certificate
from models.units import Person, Post, Unit
from ocop.levels import Level
from ocop.phrase import Phrase

MOST = 1000
"""Choices of a field; whoever needs another one types its code."""


@dataclass(frozen=True)
class Choices:
    """What a field may be filled with."""

    items: Sequence[tuple[str, str]]
    """Each value with its words."""
    only: bool = True
    """Whether nothing else will do."""


def form_choices(
    session: Session,
    names: Collection[str],
    scope: Scope,
    *,
    cycles: Iterable[Cycle],
    dossiers: Sequence[Dossier],
    day: date,
) -> Mapping[str, Choices]:
    """Return the choices of those fields, by name, for which the record has some."""
    open_ones = [cycle for cycle in cycles if cycle.closed_at is None]
    found: dict[str, Choices] = {}
    if "cycle" in names:
        found["cycle"] = Choices([(cycle.code, f"{cycle.code}: {cycle.title}") for cycle in open_ones])
    if "stage" in names:
        found["stage"] = Choices(_stages(session, open_ones))
    if "unit" in names:
        found["unit"] = Choices(_units(session, scope, day), only=False)
    if "commune" in names:
        found["commune"] = Choices(_units(session, scope, day, Unit.level == Level.COMMUNE), only=False)
    for name in ("person", "substitute"):
        if name in names:
            found[name] = Choices(_people(session, scope, day), only=False)
    if "complaint" in names:
        found["complaint"] = Choices(_complaints(session, scope))
    if "finding" in names:
        found["finding"] = Choices(_findings(session, scope))
    if "title" in names and len(dossiers) == 1:
        papers = dict.fromkeys(paper.title for paper in current_papers(session, [dossiers[0].id]))
        found["title"] = Choices([(title, title) for title in papers])
    return found


def _stages(session: Session, cycles: Sequence[Cycle]) -> list[tuple[str, str]]:
    """Return the stages for which some of the cycles have a deadline, in the order of their procedures."""
    dated = session.execute(
        select(Deadline.cycle_id, Deadline.stage)
        .where(Deadline.cycle_id.in_([cycle.id for cycle in cycles]), Deadline.scope == "all")
        .where(Deadline.replaced_at.is_(None))
        .distinct()
    )
    keys = {(cycle, stage) for cycle, stage in dated}
    return list(
        {
            stage.key: stage.label
            for cycle in cycles
            for stage in procedure_of(cycle).stages
            if (cycle.id, stage.key) in keys
        }.items()
    )


def _here(scope: Scope, day: date) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on units of a reader's territory that exist on a day."""
    return (scope.communes(), standing(day))


def _units(session: Session, scope: Scope, day: date, *more: ColumnElement[bool]) -> list[tuple[str, str]]:
    rows = session.execute(
        select(Unit.code, Unit.name).where(*_here(scope, day), *more).order_by(Unit.level, Unit.code).limit(MOST)
    )
    return [(code, name) for code, name in rows]


def _people(session: Session, scope: Scope, day: date) -> list[tuple[str, str]]:
    rows = session.execute(
        select(Person.code, Person.name, Unit.name.label("unit"))
        .join(Post, Post.person_id == Person.id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(*_here(scope, day), in_office(day))
        .distinct()
        .order_by(Person.name, Person.code)
        .limit(MOST)
    )
    return [(code, f"{name}, {unit}") for code, name, unit in rows]


def _complaints(session: Session, scope: Scope) -> list[tuple[str, str]]:
    rows = session.execute(
        select(Complaint.id, Dossier.code, Complaint.received_on, Complaint.due_on)
        .join(Dossier, Dossier.id == Complaint.dossier_id)
        .where(Complaint.answered_on.is_(None), scope.dossiers())
        .order_by(Complaint.due_on, Complaint.id)
        .limit(MOST)
    )
    return [
        (
            str(number),
            Phrase(
                "số %(number)s, hồ sơ %(code)s, nhận ngày %(received)s, hạn trả lời %(due)s",
                number=str(number), code=code, received=received, due=due,
            ),
        )
        for number, code, received, due in rows
    ]  # fmt: skip


def _findings(session: Session, scope: Scope) -> list[tuple[str, str]]:
    rows = session.execute(
        select(Finding.id, Certificate.number, Finding.found_on, Finding.due_on)
        .join(Certificate, Certificate.id == Finding.certificate_id)
        .join(Unit, Unit.id == Certificate.commune_id)
        .where(Finding.closed_on.is_(None), scope.communes())
        .order_by(Finding.due_on, Finding.id)
        .limit(MOST)
    )
    return [
        (
            str(number),
            Phrase(
                "số %(number)s, giấy chứng nhận %(certificate)s, phát hiện %(found)s, hạn quyết định %(due)s",
                number=str(number), certificate=certificate, found=found, due=due,
            ),
        )
        for number, certificate, found, due in rows
    ]  # fmt: skip
