"""Who works on a dossier at the unit where it stands, whether that still holds, and whose list somebody reads in their stead."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BindParameter, ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from models.assignments import Assignment
from models.dossiers import Dossier
from models.leaves import Leave
from models.record import Event
from models.units import Person, Post, Unit
from ocop.levels import Level, Role

LEADERS = frozenset({Role.HEAD, Role.VICE_CHAIR, Role.COORDINATOR_OFFICE, Role.DEPARTMENT})
"""Who distributes a unit's work: they may take a dossier from one of its people and give it to another."""
CENTRES = select(Unit.id).where(Unit.level == Level.CENTRAL.value)
"""The centre keeps no record here: its province enters what concerns the dossiers that stand there."""


def desk(unit_ids: Collection[int]) -> ColumnElement[bool]:
    """Return the condition on Dossier for 'one of these units has to act on it': it holds it, or its province what stands above."""
    return or_(Dossier.holder_id.in_(unit_ids), and_(Dossier.holder_id.in_(CENTRES), Dossier.province_id.in_(unit_ids)))


def in_office(day: date | BindParameter[date]) -> ColumnElement[bool]:
    """Return the condition on Post for 'held on a day'."""
    return and_(Post.valid_from <= day, or_(Post.valid_to.is_(None), Post.valid_to >= day))


def holds(day: date) -> ColumnElement[bool]:
    """Return the condition on Assignment and its Dossier for 'the person works on it on a day'.

    Nobody writes that an assignment lapsed: it holds until it is ended, while the dossier is open and has not left the unit
    since, and while the person has a post there.
    """
    # Not the bare column: the few assignments are read first, and not a desk's dossiers by the index on it.
    holder = func.coalesce(Dossier.holder_id, 0)
    return and_(
        Assignment.ended_at.is_(None),
        Dossier.open.is_(True),
        or_(holder == Assignment.unit_id, and_(holder.in_(CENTRES), Dossier.province_id == Assignment.unit_id)),
        ~exists().where(
            Event.dossier_id == Assignment.dossier_id,
            Event.number > Assignment.number,
            Event.unit_id != Assignment.unit_id,
            Event.unit_id.not_in(CENTRES),
        ),
        exists().where(Post.person_id == Assignment.person_id, Post.unit_id == Assignment.unit_id, in_office(day)),
    )


def posts_of(session: Session, person_id: int | None, day: date) -> Mapping[int, frozenset[str]]:
    """Return the units where a person works on a day, with the roles held there."""
    held: dict[int, set[str]] = {}
    for unit_id, role in session.execute(
        select(Post.unit_id, Post.role).where(Post.person_id == person_id, in_office(day)).order_by(Post.id)
    ):
        held.setdefault(unit_id, set()).add(role)
    return {unit: frozenset(roles) for unit, roles in held.items()}


@dataclass(frozen=True)
class Absent:
    """Somebody who is away from a unit, and whose dossiers there another one looks after."""

    person_id: int
    unit_id: int
    name: str
    until: date


def stood_for(session: Session, person_id: int | None, day: date) -> list[Absent]:
    """Return for whom a person stands in on a day: by a post held in their stead, or by holding the same role anyway."""
    his, deputy = aliased(Post), aliased(Post)
    same = exists().where(
        Post.person_id == person_id, Post.unit_id == his.unit_id, Post.role == his.role, in_office(day)
    )
    rows = session.execute(
        select(his.person_id, his.unit_id, Person.name, Leave.to_day)
        .join_from(Leave, his, his.id == Leave.post_id)
        .join(Person, Person.id == his.person_id)
        .outerjoin(deputy, deputy.id == Leave.deputy_post_id)
        .where(Leave.from_day <= day, Leave.to_day >= day, his.person_id != person_id)
        .where(or_(deputy.person_id == person_id, and_(Leave.deputy_post_id.is_(None), same)))
        .order_by(Leave.id)
    )
    found = {(row.person_id, row.unit_id): Absent(*row) for row in rows}
    return list(found.values())


def away(session: Session, people: Collection[int], day: date) -> Mapping[tuple[int, int], date]:
    """Return until when some people are away, by person and unit."""
    rows = session.execute(
        select(Post.person_id, Post.unit_id, Leave.to_day)
        .join(Post, Post.id == Leave.post_id)
        .where(Post.person_id.in_(people), Leave.from_day <= day, Leave.to_day >= day)
        .order_by(Leave.to_day)
    )
    return {(person, unit): until for person, unit, until in rows}
