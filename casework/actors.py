"""Who acts, and whether the role and the territory allow it on that day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased

from models.base import table_of
from models.leaves import Leave
from models.successions import Succession
from models.units import Person, Post, Unit
from ocop.errors import InvalidInput, NotFound, NotYours
from ocop.levels import LEVEL_LABELS, Level, Role
from ocop.phrase import Phrase
from ocop.text import fold


@dataclass(frozen=True)
class Actor:
    """A person at work, a producer in their own matter, or the engine itself when neither is named."""

    name: str
    person_id: int | None = None
    on_behalf: str = ""
    """The document that lets a unit above enter an act, and who signed; empty when the actor's own unit acts."""
    producer_id: int | None = None
    """The producer who acts online (casework.producers)."""

    @property
    def is_engine(self) -> bool:
        """Whether nobody acts."""
        return self.person_id is None and self.producer_id is None

    @property
    def key(self) -> int | str | None:
        """Who it is, as a request is told from another's."""
        return self.person_id if self.producer_id is None else f"producer/{self.producer_id}"


ENGINE = Actor("Phần mềm điều hành chu trình")


def person(session: Session, code: str, on_behalf: str = "") -> Actor:
    """Return the actor with this code of a person; NotFound when nobody has it."""
    found = session.scalar(select(Person).where(Person.code == code))
    if found is None:
        raise NotFound(
            f"Không có người nào mang mã '{code}'. Hãy xem “Đơn vị và người dùng”.",
            f"nobody has the code '{code}'; look at the list of units and people",
        )
    return Actor(found.name, found.id, on_behalf)


_POST = table_of(Post).c
_BEFORE = table_of(Succession).c
_HELD = (
    select(_POST.unit_id, _POST.role, _BEFORE.unit_id.label("before"))
    .outerjoin_from(
        table_of(Post),
        table_of(Succession),
        and_(_BEFORE.successor_id == _POST.unit_id, _BEFORE.main.is_(True), _BEFORE.from_day <= bindparam("day")),
    )
    .where(
        _POST.person_id == bindparam("person"),
        _POST.valid_from <= bindparam("day"),
        or_(_POST.valid_to.is_(None), _POST.valid_to >= bindparam("day")),
    )
)
_FOLLOWED = select(_BEFORE.successor_id, _BEFORE.unit_id).where(
    _BEFORE.successor_id.in_(bindparam("units", expanding=True)),
    _BEFORE.main.is_(True),
    _BEFORE.from_day <= bindparam("day"),
)


@dataclass(frozen=True)
class Territory:
    """The units where an actor holds a role on a day, and the path of units above a dossier's commune."""

    posts: Mapping[int, frozenset[str]]

    @classmethod
    def of(cls, session: Session, actor: Actor, day: date) -> "Territory":
        """Return where the actor holds which roles on a day; a role at a successor holds for the unit before it too."""
        if actor.person_id is None:
            return cls({})
        held: dict[int, set[str]] = {}
        earlier: set[int] = set()
        for unit_id, role, before in session.execute(_HELD, {"person": actor.person_id, "day": day}):
            held.setdefault(unit_id, set()).add(role)
            if before is not None:
                held.setdefault(before, set()).add(role)
                earlier.add(before)
        while earlier:  # a unit may follow one that had followed another
            rows = session.execute(_FOLLOWED, {"units": earlier, "day": day}).all()
            for unit_id, before in rows:
                held.setdefault(before, set()).update(held[unit_id])
            earlier = {before for _, before in rows}
        return cls({unit: frozenset(roles) for unit, roles in held.items()})

    def refusal(
        self, actor: Actor, unit_id: int | None, above: Iterable[int | None], staffed: frozenset[int]
    ) -> NotYours | None:
        """Return why the actor may not act for a unit, or None.

        The unit's own people may; a unit above may only when the unit has no officer and a document authorises it.
        """
        if actor.is_engine or unit_id in self.posts:
            return None
        if not any(unit in self.posts for unit in above if unit is not None):
            return NotYours(
                f"{actor.name} không giữ nhiệm vụ tại đơn vị đang giữ hồ sơ trong ngày này nên không được thực hiện việc này.",
                f"{actor.name} has no post on this day at the unit that holds the dossier, and so may not do this",
            )
        if not actor.on_behalf:
            return NotYours(
                "Đơn vị cấp trên chỉ được nhập thay khi ghi rõ văn bản cho phép và người ký. Hãy điền phần "
                "“Nhập thay đơn vị không có cán bộ”.",
                "a unit above may act on behalf only with the document that allows it and its signer; fill in the part “On behalf of a unit "
                "without an officer”",
            )
        if unit_id in staffed:
            return NotYours(
                "Đơn vị đang giữ hồ sơ có cán bộ phụ trách nên cấp trên không nhập thay.",
                "the unit that holds the dossier has an officer of its own, so a unit above does not act for it",
            )
        return None


def staffed_units(session: Session, unit_ids: Iterable[int], day: date) -> frozenset[int]:
    """Return those units that have an officer on a day who is not away."""
    rows = session.scalars(
        select(Post.unit_id).where(
            Post.unit_id.in_(set(unit_ids)),
            Post.role == Role.OFFICER,
            Post.valid_from <= day,
            or_(Post.valid_to.is_(None), Post.valid_to >= day),
            ~exists().where(Leave.post_id == Post.id, Leave.from_day <= day, Leave.to_day >= day),
        )
    )
    return frozenset(rows)


def in_stead(name: str, away: str) -> str:
    """Return how somebody who stands in for another is named: 'Trần Văn B (thay Nguyễn Văn A)'."""
    return f"{name} (thay {away})"


LONGEST_NAME = 200
"""How much of a name history keeps."""


def standing_in(session: Session, actor: Actor, day: date) -> Actor:
    """Return an actor as history names them on a day: who stands in for somebody away says so."""
    if actor.person_id is None:
        return actor
    away = session.scalars(_STOOD_FOR, {"person": actor.person_id, "day": day}).first()
    return actor if away is None else replace(actor, name=in_stead(actor.name, away)[:LONGEST_NAME])


_LEAVE, _DEPUTY, _AWAY = table_of(Leave).c, table_of(Post).alias("deputy"), table_of(Person).c
_STOOD_FOR = (
    select(_AWAY.name)
    .join_from(table_of(Leave), _DEPUTY, _DEPUTY.c.id == _LEAVE.deputy_post_id)
    .join(table_of(Post), _POST.id == _LEAVE.post_id)
    .join(table_of(Person), _AWAY.id == _POST.person_id)
    .where(
        _DEPUTY.c.person_id == bindparam("person"),
        _LEAVE.from_day <= bindparam("day"),
        _LEAVE.to_day >= bindparam("day"),
    )
    .order_by(_LEAVE.id)
    .limit(1)
)


def require_post(session: Session, actor: Actor, unit_id: int, day: date) -> None:
    """Raise NotYours unless the actor holds a role at this very unit on a day; the engine may always."""
    if actor.is_engine or unit_id in Territory.of(session, actor, day).posts:
        return
    unit = session.get_one(Unit, unit_id)
    raise NotYours(
        f"Việc này thuộc thẩm quyền của {unit.name}; {actor.name} không giữ nhiệm vụ ở đó trong ngày này.",
        f"this belongs to {unit.name}; {actor.name} has no post there on this day",
    )


def lineage(session: Session, unit_id: int) -> tuple[int, ...]:
    """Return a unit and the units above it, lowest first."""
    found: list[int] = []
    above: int | None = unit_id
    while above is not None:
        found.append(above)
        above = session.get_one(Unit, above).parent_id
    return tuple(found)


def upwards(session: Session, unit_id: int) -> dict[Level, int]:
    """Return a unit and the units above it by their levels."""
    return {Level(level): found for level, found in session.execute(_UPWARDS, {"unit": unit_id})}


_LINE = select(Unit.id, Unit.level, Unit.parent_id).where(Unit.id == bindparam("unit")).cte("line", recursive=True)
_HIGHER = _LINE.union_all(select(Unit.id, Unit.level, Unit.parent_id).join(_LINE, _LINE.c.parent_id == Unit.id))
_UPWARDS = select(_HIGHER.c.level, _HIGHER.c.id)


def unit_by_code(session: Session, level: Level, code: str, day: date) -> Unit:
    """Return the unit that had an official code on a day; NotFound names level, code and day."""
    found = session.scalar(
        select(Unit)
        .where(
            Unit.level == level,
            Unit.code == code,
            Unit.valid_from <= day,
            or_(Unit.valid_to.is_(None), Unit.valid_to >= day),
        )
        .order_by(Unit.valid_from.desc())
    )
    if found is None:
        raise NotFound(
            Phrase(
                "Không có đơn vị cấp %(level)s mang mã '%(code)s' vào ngày %(day)s. %(instead)s",
                level=LEVEL_LABELS[level], code=code, day=f"{day:%d/%m/%Y}", instead=_instead(session, level, code, day),
            ),
            f"no {level} unit with code {code} on {day}",
        )  # fmt: skip
    return found


def _instead(session: Session, level: Level, code: str, day: date) -> str:
    """Return what to do about a code that no unit has on a day: it may have had one that ended and was followed."""
    after = aliased(Unit)
    ended = session.execute(
        select(Unit.name, Unit.valid_to, after.name, after.code)
        .outerjoin(Succession, and_(Succession.unit_id == Unit.id, Succession.main.is_(True)))
        .outerjoin(after, after.id == Succession.successor_id)
        .where(Unit.level == level, Unit.code == code, Unit.valid_to < day)
        .order_by(Unit.valid_to.desc(), Succession.from_day.desc())
        .limit(1)
    ).first()
    if ended is None:
        return Phrase("Hãy dùng “Nhập đơn vị hành chính” trước.")
    name, until, successor, its_code = ended
    if not successor:
        return Phrase("%(unit)s đã kết thúc sau ngày %(day)s; hãy ghi mã đơn vị mới.", unit=name, day=until)
    return Phrase(
        "%(unit)s đã kết thúc sau ngày %(day)s; đơn vị kế thừa là %(successor)s (mã %(code)s); hãy ghi mã đó.",
        unit=name, day=until, successor=successor, code=its_code,
    )  # fmt: skip


def unit_named(session: Session, named: str, day: date) -> Unit:
    """Return the unit that 'commune:14101' or 'xã:14101' names on a day."""
    level, _, code = named.partition(":")
    known = {word: level for level in Level for word in (level.value, fold(level.label))}
    found = known.get(fold(level))
    if found is None or not code:
        raise InvalidInput(
            f"Đơn vị '{named}' không đọc được; hãy ghi CẤP:MÃ, ví dụ xã:14101 hoặc commune:14101. "
            f"Các cấp: {', '.join(f'{level.label} ({level.value})' for level in Level)}.",
            f"unit '{named}' cannot be read; write LEVEL:CODE, for example commune:14101",
        )
    return unit_by_code(session, found, code.strip(), day)
