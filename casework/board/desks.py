"""Where an officer works, with whom, and for whom they stand in; and the sections that their work list has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from casework.assigned import LEADERS, Absent, in_office, posts_of, stood_for
from models.assignments import Assignment
from models.units import Person, Post, Unit
from ocop.levels import Level
from ocop.phrase import Phrase, phrases
from ocop.working_days import day_of

SOON = 7
"""Working days ahead within which a day is near."""


class Section(StrEnum):
    """A part of a work list."""

    LATE = "late"
    TODAY = "today"
    SOON = "soon"
    LATER = "later"
    WAITING = "waiting"
    FREE = "free"
    COMPLAINTS = "complaints"
    FINDINGS = "findings"
    LETTERS = "letters"

    @property
    def label(self) -> str:
        """The section's name in Vietnamese."""
        return LABELS[self]


LABELS: Mapping[Section, str] = phrases(
    {
        Section.LATE: "Quá hạn",
        Section.TODAY: "Đến hạn hôm nay",
        Section.LATER: "Chưa gấp",
        Section.WAITING: "Chờ người khác",
        Section.FREE: "Chưa ai nhận",
        Section.COMPLAINTS: "Kiến nghị chờ trả lời",
        Section.FINDINGS: "Phát hiện chờ quyết định",
        Section.LETTERS: "Thư chờ trao tay",
    }
) | {Section.SOON: Phrase("Đến hạn trong %(days)s ngày làm việc", days=SOON)}
OF_DOSSIERS = (Section.LATE, Section.TODAY, Section.SOON, Section.LATER, Section.WAITING)
"""A dossier of the desk stands in one of them; one that nobody took stands in the list of those too."""


@dataclass(frozen=True)
class Desk:
    """Where somebody works, in which roles, and for whom they stand in."""

    person_id: int
    units: Mapping[int, frozenset[str]]
    levels: Mapping[int, Level]
    absent: Sequence[Absent]

    @property
    def leads(self) -> bool:
        """Whether they distribute a unit's work."""
        return any(roles & LEADERS for roles in self.units.values())

    def at(self, level: Level) -> list[int]:
        """Return their units of a level."""
        return [unit for unit, found in self.levels.items() if found is level]

    def own(self) -> ColumnElement[bool]:
        """Return the condition on Assignment for 'theirs, or of somebody for whom they stand in'."""
        stead = (and_(Assignment.person_id == one.person_id, Assignment.unit_id == one.unit_id) for one in self.absent)
        return or_(Assignment.person_id == self.person_id, *stead)


def desk_of(session: Session, person_id: int, at: datetime) -> Desk:
    """Return where a person works at an instant."""
    day = day_of(at)
    units = posts_of(session, person_id, day)
    rows = session.execute(select(Unit.id, Unit.level).where(Unit.id.in_(list(units))).order_by(Unit.id))
    levels = {unit: Level(level) for unit, level in rows}
    return Desk(person_id, units, levels, stood_for(session, person_id, day))


@dataclass(frozen=True)
class Colleague:
    """Somebody of a unit to whom a dossier may be given."""

    code: str
    name: str
    unit: str


def colleagues(session: Session, desk: Desk, at: datetime) -> list[Colleague]:
    """Return the people of somebody's units, themselves among them."""
    rows = session.execute(
        select(Person.code, Person.name, Unit.name.label("unit"), Unit.id)
        .join(Post, Post.person_id == Person.id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(Post.unit_id.in_(list(desk.units)), in_office(day_of(at)))
        .order_by(Unit.id, Person.name, Person.code)
        .distinct()
    )
    return [Colleague(row.code, row.name, row.unit) for row in rows]
