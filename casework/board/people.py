"""Units with the people who work there, their telephones and their accounts, within what a reader may see."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from casework.accounts import State, state
from casework.actors import lineage
from casework.assigned import in_office
from casework.below import units_under
from casework.board.accounts import last_sign_ins
from casework.scope import Scope
from models.accounts import Account
from models.units import Person, Post, Unit
from ocop.errors import NotFound
from ocop.levels import LADDER, Level, Role
from ocop.text import fold
from ocop.working_days import day_of

RANKS = {role: rank for rank, role in enumerate(LADDER)}
RANKS_OF_UNITS = {level.value: rank for rank, level in enumerate(reversed(Level))}
"""The highest level first."""


@dataclass(frozen=True)
class Below:
    """A unit one step below, with how many people work at it and under it, and how many of them have an account."""

    unit: Unit
    people: int
    accounts: int


@dataclass(frozen=True)
class Place:
    """Where a reader stands in the tree of units: the ways back up, and what lies below."""

    unit: Unit | None
    """None at the top, where an administrator sees every unit that stands under no other."""
    above: Sequence[Unit]
    below: Sequence[Below]


@dataclass(frozen=True)
class PeopleFilter:
    """What a list of people is narrowed to."""

    unit: int | None = None
    whole: bool = False
    """Whether the people of the units below are listed too."""
    q: str = ""
    without: bool = False
    """Whether only those are listed who have no account."""

    @property
    def parameters(self) -> dict[str, str | int]:
        """The filters that are set, for an address."""
        given = {"unit": self.unit, "whole": int(self.whole), "q": self.q, "without": int(self.without)}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class Held:
    """A role that a person holds at a unit, with the person's account."""

    person: Person
    unit: Unit
    role: Role
    valid_from: date
    valid_to: date | None
    account: Account | None
    state: State | None
    signed_in_at: datetime | None


def standing(day: date) -> ColumnElement[bool]:
    """Return the condition on units that exist on a day."""
    return and_(Unit.valid_from <= day, or_(Unit.valid_to.is_(None), Unit.valid_to >= day))


def readable(scope: Scope, *, whole: bool) -> ColumnElement[bool]:
    """Return the condition on units that a reader sees: an administrator all, others those of their territory."""
    return true() if whole else scope.communes()


def place(session: Session, scope: Scope, wanted: PeopleFilter, at: datetime, *, whole: bool) -> Place:
    """Return where a reader stands; without a unit named the top, or the reader's own highest unit."""
    day = day_of(at)
    unit = _unit(session, scope, wanted.unit, day, whole=whole)
    if unit is None:
        children = session.scalars(
            select(Unit).where(Unit.parent_id.is_(None), standing(day)).order_by(Unit.name)
        ).all()
        above: list[Unit] = []
    else:
        children = session.scalars(
            select(Unit).where(Unit.parent_id == unit.id, standing(day)).order_by(Unit.name)
        ).all()
        ids = lineage(session, unit.id)[1:]
        known = {
            row.id: row for row in session.scalars(select(Unit).where(Unit.id.in_(ids), readable(scope, whole=whole)))
        }
        above = [known[number] for number in reversed(ids) if number in known]
    return Place(unit, above, _counted(session, children, at))


def _unit(session: Session, scope: Scope, number: int | None, day: date, *, whole: bool) -> Unit | None:
    if number is not None:
        found = session.scalar(select(Unit).where(Unit.id == number, readable(scope, whole=whole)))
        if found is None:
            raise NotFound(
                "Không có đơn vị này trong phạm vi của bạn.", "there is no such unit among those that you may see"
            )
        return found
    if whole:
        return None
    return session.scalars(
        select(Unit)
        .where(Unit.id.in_(scope.units), Unit.level == Level.PROVINCE.value)
        .order_by(standing(day).desc(), Unit.id)
        .limit(1)
    ).first()


def _counted(session: Session, children: Sequence[Unit], at: datetime) -> list[Below]:
    """Return units with the numbers of people at and under each, counted at once for all."""
    under = {child.id: child.id for child in children}
    lowest = set(under)
    while lowest:
        rows = session.execute(
            select(Unit.id, Unit.parent_id).where(Unit.parent_id.in_(lowest), standing(day_of(at)))
        ).all()
        under |= {unit: under[parent] for unit, parent in rows if parent is not None}
        lowest = {unit for unit, _ in rows}
    counts = session.execute(
        select(Post.unit_id, func.count(Post.person_id.distinct()), func.count(Account.person_id.distinct()))
        .outerjoin(Account, Account.person_id == Post.person_id)
        .where(Post.unit_id.in_(under), _now(day_of(at)))
        .group_by(Post.unit_id)
    )
    people, accounts = Counter[int](), Counter[int]()
    for unit, working, having in counts:
        people[under[unit]] += working
        accounts[under[unit]] += having
    return [Below(child, people[child.id], accounts[child.id]) for child in children]


def _now(day: date) -> ColumnElement[bool]:
    """Return the condition on posts that are held on a day or begin later."""
    return or_(Post.valid_to.is_(None), Post.valid_to >= day)


def find_people(session: Session, scope: Scope, wanted: PeopleFilter, at: datetime, *, whole: bool) -> list[int]:
    """Return the numbers of the posts that a filter asks for, by unit and rank; the search minds neither marks nor case."""
    unit = _unit(session, scope, wanted.unit, day_of(at), whole=whole)
    conditions = [_now(day_of(at)), readable(scope, whole=whole)]
    if unit is not None and not wanted.whole:
        conditions.append(Unit.id == unit.id)
    elif unit is not None:
        conditions.append(Unit.id.in_([below.id for below in units_under(session, unit.id, at)]))
    elif not wanted.whole and not wanted.q:
        return []
    if wanted.without:
        conditions.append(~select(Account.id).where(Account.person_id == Post.person_id).exists())
    rows = session.execute(
        select(Post.id, Post.role, Person.code, Person.name, Unit.level, Unit.name)
        .join(Person, Person.id == Post.person_id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(*conditions)
    )
    word = fold(wanted.q)
    found = [
        ((RANKS_OF_UNITS[level], fold(unit_name), RANKS[Role(role)], fold(name)), number)
        for number, role, code, name, level, unit_name in rows
        if not word or word in fold(f"{code} {name} {unit_name}")
    ]
    return [number for _, number in sorted(found)]


def held(session: Session, numbers: Sequence[int], at: datetime) -> list[Held]:
    """Return some posts in the order of their numbers as given, with people, units and accounts."""
    rows: Mapping[int, Any] = {
        post.id: (post, person, unit, account)
        for post, person, unit, account in session.execute(
            select(Post, Person, Unit, Account)
            .join(Person, Person.id == Post.person_id)
            .join(Unit, Unit.id == Post.unit_id)
            .outerjoin(Account, Account.person_id == Person.id)
            .where(Post.id.in_(numbers))
        )
    }
    last = last_sign_ins(session, [row[3].id for row in rows.values() if row[3] is not None])
    found = []
    for number in numbers:
        post, person, unit, account = rows[number]
        found.append(
            Held(
                person, unit, Role(post.role), post.valid_from, post.valid_to, account,
                None if account is None else state(account, at), None if account is None else last.get(account.id),
            )
        )  # fmt: skip
    return found


@dataclass(frozen=True)
class UnitFilter:
    """What the list of units is narrowed to."""

    q: str = ""
    level: str = ""
    ended: bool = False
    """Whether units that have ended are listed too."""

    @property
    def parameters(self) -> dict[str, str | int]:
        """The filters that are set, for an address."""
        given: dict[str, str | int] = {"q": self.q, "level": self.level, "ended": int(self.ended)}
        return {name: value for name, value in given.items() if value}


def units(scope: Scope, wanted: UnitFilter, at: datetime, *, whole: bool) -> Select[Any]:
    """Return the query of units with the unit above, by level and name."""
    parent = aliased(Unit)
    conditions = [readable(scope, whole=whole)]
    if not wanted.ended:
        conditions.append(standing(day_of(at)))
    if wanted.level:
        if wanted.level not in set(Level):
            raise NotFound(f"Không có cấp '{wanted.level}'.", f"there is no level '{wanted.level}'")
        conditions.append(Unit.level == wanted.level)
    if word := fold(wanted.q):
        conditions.append(or_(Unit.search.contains(word, autoescape=True), Unit.code == wanted.q.strip()))
    return (
        select(Unit, parent.name.label("above"))
        .outerjoin(parent, parent.id == Unit.parent_id)
        .where(*conditions)
        .order_by(case(RANKS_OF_UNITS, value=Unit.level), Unit.search, Unit.id)
    )


def officers_of(session: Session, numbers: Sequence[int], at: datetime) -> dict[int, Person]:
    """Return the officer of each of some units on an instant's day, the one who came last."""
    rows = session.execute(
        select(Post.unit_id, Person)
        .join(Person, Person.id == Post.person_id)
        .where(Post.unit_id.in_(numbers), Post.role == Role.OFFICER.value, in_office(day_of(at)))
        .order_by(Post.valid_from, Post.id)
    )
    return {unit: person for unit, person in rows}
