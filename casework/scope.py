"""What part of the record somebody may read: their units' own, and of a producer their own dossiers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import Session

from casework.actors import Actor, Territory
from models.cycles import Cycle
from models.dossiers import Dossier
from models.results import Certificate, Decision
from models.successions import heirs
from models.units import Producer, Product, Unit
from ocop.levels import Level, Role


@dataclass(frozen=True)
class Scope:
    """The units whose record somebody may read, or the producer who reads their own."""

    units: frozenset[int] = frozenset()
    """Where they hold a role, and the units that these followed."""
    levels: frozenset[Level] = frozenset()
    """The levels of those units."""
    roles: frozenset[Role] = frozenset()
    provinces: frozenset[int] = frozenset()
    """The provinces over those units: whose cycles they may see."""
    producer_id: int | None = None
    whole: bool = False
    """Whether nothing is hidden: the engine's own view, of the command line."""

    @property
    def provincial(self) -> bool:
        """Whether a whole province is read."""
        return self.whole or Level.PROVINCE in self.levels

    def dossiers(self) -> ColumnElement[bool]:
        """Return the condition on dossiers that may be read.

        A unit reads those of its territory and those that it holds; the centre those that it holds or has decided on.
        """
        if self.whole:
            return true()
        if self.producer_id is not None:
            return Dossier.producer_id == self.producer_id
        if not self.units:
            return false()
        columns = {
            Level.COMMUNE: Dossier.commune_id,
            Level.DISTRICT: Dossier.district_id,
            Level.PROVINCE: Dossier.province_id,
        }
        ways = [columns[level].in_(self.units) for level in columns if level in self.levels]
        ways.append(Dossier.holder_id.in_(self.units))
        if Level.CENTRAL in self.levels:
            ways.append(Dossier.id.in_(select(Decision.dossier_id).where(Decision.unit_id.in_(self.units))))
        return or_(*ways)

    def dossiers_of(self, cycle: Cycle) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions on a cycle's dossiers that may be read: none where its province is the reader's own."""
        return () if self.whole or cycle.province_id in self.units else (self.dossiers(),)

    def certificates(self) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions on certificates that may be read: those of the territory's communes, of a producer their own."""
        if self.whole or Level.CENTRAL in self.levels:
            return ()
        if self.producer_id is not None:
            return (Certificate.product_id.in_(select(Product.id).where(Product.producer_id == self.producer_id)),)
        return (Certificate.commune_id.in_(select(Unit.id).where(self.communes())),)

    def holds(self, unit: Unit) -> bool:
        """Return whether a unit's numbers may be read: one of the reader's own, or one right below."""
        return self.whole or unit.id in self.units or (unit.level != Level.PROVINCE and unit.parent_id in self.units)

    def communes(self) -> ColumnElement[bool]:
        """Return the condition on units that are communes in this territory: for certificates, producers and products."""
        if self.whole or Level.CENTRAL in self.levels:
            return true()
        if not self.units:
            return false()
        below = select(Unit.id).where(Unit.parent_id.in_(self.units))
        return or_(Unit.id.in_(self.units), Unit.parent_id.in_(self.units), Unit.parent_id.in_(below))


WHOLE = Scope(whole=True)


def scope_of(session: Session, actor: Actor, day: date) -> Scope:
    """Return what an officer may read on a day: by the roles held then."""
    posts = Territory.of(session, actor, day).posts
    if not posts:
        return Scope()
    levels = session.scalars(select(Unit.level).where(Unit.id.in_(list(posts))).distinct())
    roles = {Role(role) for held in posts.values() for role in held}
    return Scope(frozenset(posts), frozenset(map(Level, levels)), frozenset(roles), provinces_over(session, posts))


def scope_of_producer(session: Session, producer_id: int) -> Scope:
    """Return what a producer may read: their own dossiers, and the plan of their province."""
    commune = session.scalars(select(Producer.commune_id).where(Producer.id == producer_id)).one()
    return Scope(provinces=provinces_over(session, [commune]), producer_id=producer_id)


def provinces_over(session: Session, units: Iterable[int]) -> frozenset[int]:
    """Return the provinces that some units lie in or are, those that these have become, and those that they were."""
    line = select(Unit.id, Unit.level, Unit.parent_id).where(Unit.id.in_(list(units))).cte("line", recursive=True)
    line = line.union_all(select(Unit.id, Unit.level, Unit.parent_id).join(line, line.c.parent_id == Unit.id))
    found = set(session.scalars(select(line.c.id).where(line.c.level == Level.PROVINCE)))
    after = heirs().c
    rows = session.execute(
        select(after.unit_id, after.heir_id).where(or_(after.unit_id.in_(found), after.heir_id.in_(found)))
    )
    return frozenset(found.union(*(tuple(row) for row in rows)))
