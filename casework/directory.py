"""Who reads a unit's letters on a day: its officer, who stands in for them, or the next rung when nobody is there."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from casework.actors import in_stead
from models.base import table_of
from models.leaves import Leave
from models.successions import Succession
from models.units import Person, Post, Unit
from ocop.levels import LADDER, PROVINCIAL_RUNGS, Role

LONGEST_NAME = 300


class Recipient(NamedTuple):
    """A person, a producer or, where nobody is, the unit itself on paper."""

    key: str
    name: str
    email: str | None
    unit_id: int | None
    """The unit whose list to hand over shows the letter when it has no address."""
    phone: str = ""
    simulated: bool = False


class Found(NamedTuple):
    """A recipient and the roles that stood vacant on the way to it."""

    recipient: Recipient
    vacant: tuple[Role, ...] = ()


_UNITS, _POST, _PERSON = table_of(Unit).c, table_of(Post).c, table_of(Person).c
_AFTER = table_of(Succession).c
_LEAVE = table_of(Leave)
_STANDS_IN, _HIS, _AWAY = _LEAVE.alias("stands_in"), table_of(Post).alias("his"), table_of(Person).alias("away")
_ABSENT = exists().where(
    _LEAVE.c.post_id == _POST.id, _LEAVE.c.from_day <= bindparam("day"), _LEAVE.c.to_day >= bindparam("day")
)
"""The holder of a post is on leave that day."""
_NAMES = (
    select(_UNITS.id, _UNITS.name, _AFTER.successor_id)
    .outerjoin_from(
        table_of(Unit),
        table_of(Succession),
        and_(_AFTER.unit_id == _UNITS.id, _AFTER.main.is_(True), _AFTER.from_day <= bindparam("day")),
    )
    .where(_UNITS.id.in_(bindparam("units", expanding=True)))
    .order_by(_AFTER.from_day)
)
_POSTS = (
    select(
        _POST.unit_id, _POST.role, _PERSON.id, _PERSON.name, _PERSON.email, _PERSON.phone, _PERSON.simulated,
        _AWAY.c.name.label("away"),
    )
    .join_from(table_of(Post), table_of(Person), _PERSON.id == _POST.person_id)
    .outerjoin(
        _STANDS_IN,
        and_(
            _STANDS_IN.c.deputy_post_id == _POST.id,
            _STANDS_IN.c.from_day <= bindparam("day"),
            _STANDS_IN.c.to_day >= bindparam("day"),
        ),
    )
    .outerjoin(_HIS, _HIS.c.id == _STANDS_IN.c.post_id)
    .outerjoin(_AWAY, _AWAY.c.id == _HIS.c.person_id)
    .where(
        _POST.unit_id.in_(bindparam("units", expanding=True)),
        _POST.valid_from <= bindparam("day"),
        or_(_POST.valid_to.is_(None), _POST.valid_to >= bindparam("day")),
        ~_ABSENT,
    )
    .order_by(_POST.valid_from.desc(), _POST.id.desc())
)  # fmt: skip


class Directory:
    """The people of some units on a day, read in one query."""

    def __init__(self, session: Session, unit_ids: Iterable[int | None], province_id: int, day: date) -> None:
        """Read names and posts of the given units and of the province, or of those that took their place until the day."""
        wanted = {unit for unit in unit_ids if unit is not None} | {province_id}
        self._names: dict[int, str] = {}
        self._after: dict[int, int] = {}
        self._read(session, wanted, day)
        self.province_id = self.now(province_id)
        self._readers: dict[tuple[int, Role], Found] = {}
        self._replies: dict[int | None, str | None] = {None: None}
        self._posts: dict[tuple[int | None, str], Recipient] = {}
        rows = session.execute(_POSTS, {"units": {self.now(unit) for unit in wanted}, "day": day})
        for unit_id, role, person_id, name, email, phone, simulated, away in rows:
            shown = name if away is None else in_stead(name, away)[:LONGEST_NAME]
            self._posts[unit_id, role] = Recipient(f"person/{person_id}", shown, email, unit_id, phone or "", simulated)

    def _read(self, session: Session, wanted: set[int], day: date) -> None:
        """Read the units' names, and those of the units that followed them until the day."""
        asked = wanted
        while asked:
            for unit_id, name, successor_id in session.execute(_NAMES, {"units": asked, "day": day}):
                self._names[unit_id] = name
                if successor_id is not None:
                    self._after[unit_id] = successor_id
            asked = set(self._after.values()) - self._names.keys()

    def now(self, unit_id: int) -> int:
        """Return the unit itself, or the one that took its place until the day: no letter goes to a unit that has ended."""
        while unit_id in self._after:
            unit_id = self._after[unit_id]
        return unit_id

    def at(self, unit_id: int, role: Role) -> Recipient | None:
        """Return who holds a role for a unit; the ladder's last two rungs stand at its province."""
        return self._posts.get((self.province_id if role in PROVINCIAL_RUNGS else self.now(unit_id), role))

    def find(self, unit_id: int, role: Role = Role.OFFICER) -> Found:
        """Return who reads for a role at a unit, climbing the ladder over vacant rungs, at last the unit on paper."""
        unit_id = self.now(unit_id)
        found = self._readers.get((unit_id, role))
        if found is None:
            found = self._readers[unit_id, role] = self._climb(unit_id, role)
        return found

    def _climb(self, unit_id: int, role: Role) -> Found:
        vacant: list[Role] = []
        for rung in LADDER[LADDER.index(role) :]:
            if recipient := self.at(unit_id, rung):
                return Found(recipient, tuple(vacant))
            vacant.append(rung)
        return Found(Recipient(f"unit/{unit_id}", self.name(unit_id), None, unit_id), tuple(vacant))

    def name(self, unit_id: int | None) -> str:
        """Return a unit's name, or an empty text."""
        return "" if unit_id is None else self._names.get(self.now(unit_id), "")

    def reply_to(self, unit_id: int | None) -> str | None:
        """Return the address of a unit's officer, for replies; of the next of its own people when there is none."""
        if unit_id not in self._replies:
            here = None if unit_id is None else self.now(unit_id)
            own = (self._posts.get((here, rung)) for rung in LADDER if rung not in PROVINCIAL_RUNGS)
            self._replies[unit_id] = next((found.email for found in own if found and found.email), None)
        return self._replies[unit_id]
