"""Who follows whom on a day, and what of that nobody said: units without a successor, communes of no part, posts without a rule."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.dossiers import Dossier
from models.successions import Succession
from models.units import Person, Post, Unit
from ocop.levels import LEVEL_LABELS, ROLE_LABELS, Level
from ocop.phrase import Joined, Phrase

MOVE, END = "move", "end"


@dataclass(frozen=True)
class Place:
    """The units of a dossier by level, as they are after the day."""

    commune_id: int
    district_id: int | None
    province_id: int


@dataclass
class Successors:
    """The units that end before a day and those that follow them, read once."""

    session: Session
    day: date
    roles: str = ""
    """What becomes of posts where the file does not say: 'move', 'end', or '' for nobody said."""
    parts: dict[int, list[Succession]] = field(init=False)
    """The successions of each unit that ends, its main one first."""
    units: dict[int, Unit] = field(init=False)

    def __post_init__(self) -> None:
        self.units = {unit.id: unit for unit in self.session.scalars(select(Unit))}
        self.parts = defaultdict(list)
        rows = self.session.scalars(
            select(Succession).where(Succession.from_day == self.day).order_by(Succession.main.desc(), Succession.id)
        )
        for row in rows:
            self.parts[row.unit_id].append(row)

    @property
    def last_day(self) -> date:
        """The last day of what ends."""
        return self.day - timedelta(days=1)

    def name(self, unit_id: int | None) -> str:
        """Return a unit's name with its code."""
        unit = self.units.get(unit_id or 0)
        return "" if unit is None else f"{unit.name} (mã {unit.code})"

    def after(self, unit_id: int) -> int:
        """Return a unit's main successor, or the unit itself where it does not end."""
        return self.parts[unit_id][0].successor_id if unit_id in self.parts else unit_id

    def _part(self, unit_id: int, commune_id: int) -> int | None:
        """Return the successor of a unit for one of its communes; None where a divided unit gives it to nobody."""
        parts = self.parts[unit_id]
        if not any(part.covers for part in parts):
            return parts[0].successor_id
        code = self.units[commune_id].code
        return next((part.successor_id for part in parts if code in part.covers.split()), None)

    def above(self, unit_id: int) -> dict[str, int]:
        """Return a unit and the units above it by their levels."""
        found: dict[str, int] = {}
        here: int | None = unit_id
        while here is not None:
            found[self.units[here].level] = here
            here = self.units[here].parent_id
        return found

    def place(self, dossier: Dossier) -> Place | None:
        """Return a dossier's units after the day: those above its commune, and where no district is, who took it over.

        None where a divided unit gives the dossier's commune to nobody.
        """
        commune = self.after(dossier.commune_id)
        path = self.above(commune)
        district = path.get(Level.DISTRICT)
        if district is None and dossier.district_id is not None:
            district = dossier.district_id
            if district in self.parts:
                district = self._part(district, dossier.commune_id)
                if district is None:
                    return None
        return Place(commune, district, path.get(Level.PROVINCE, self.after(dossier.province_id)))

    @cached_property
    def posts(self) -> Sequence[tuple[Post, str]]:
        """The posts at units that end which somebody would still hold on the day, with the person's name."""
        rows = self.session.execute(
            select(Post, Person.name)
            .join(Person, Person.id == Post.person_id)
            .where(Post.unit_id.in_(self.parts), or_(Post.valid_to.is_(None), Post.valid_to >= self.day))
            .order_by(Post.id)
        )
        return [(post, name) for post, name in rows]

    def rule_for(self, post: Post) -> str:
        """Return what becomes of a post: what the file says of its unit, or the act for all; empty where neither does."""
        return self.parts[post.unit_id][0].roles or self.roles

    def unmapped(self, dossiers: Iterable[Dossier]) -> list[str]:
        """Return a sentence for all that nobody said: what stands here stops a reorganisation."""
        return [*self._units_without(), *self._communes_without(dossiers), *self._posts_without()]

    def _units_without(self) -> Iterator[str]:
        """Yield units that end with the day, or lie under one that does, and have no successor."""
        lost = sorted(
            (
                unit
                for unit in self.units.values()
                if unit.id not in self.parts and self._existed(unit) and (unit.valid_to == self.last_day or self._orphan(unit))
            ),
            key=lambda unit: (unit.level, unit.code),
        )  # fmt: skip
        for unit in lost:
            yield Phrase(
                "%(unit)s (cấp %(level)s, mã %(code)s) chưa có đơn vị kế thừa từ ngày %(day)s; hãy thêm dòng vào tệp đơn vị kế thừa",
                unit=unit.name, level=LEVEL_LABELS[Level(unit.level)], code=unit.code, day=self.day,
            )  # fmt: skip

    def _existed(self, unit: Unit) -> bool:
        return unit.valid_from <= self.last_day and (unit.valid_to is None or unit.valid_to >= self.last_day)

    def _orphan(self, unit: Unit) -> bool:
        """Return whether a unit above this one ends."""
        return any(above in self.parts for above in self.above(unit.id).values() if above != unit.id)

    def _communes_without(self, dossiers: Iterable[Dossier]) -> Iterator[str]:
        """Yield communes with dossiers on their way that no part of a divided unit takes over, or that leave the province."""
        lost: dict[tuple[int, Phrase], int] = defaultdict(int)
        for dossier in dossiers:
            place = self.place(dossier)
            if place is None:
                why = Phrase("không nằm trong phần nào của %(unit)s", unit=self.name(dossier.district_id))
                lost[dossier.commune_id, why] += 1
            elif place.province_id != self.after(dossier.province_id):
                why = Phrase("chuyển sang %(unit)s, tỉnh khác của chu trình", unit=self.name(place.province_id))
                lost[dossier.commune_id, why] += 1
        for (commune_id, why), number in sorted(lost.items()):
            message = "%(unit)s %(why)s: %(n)s hồ sơ không có nơi nhận"
            yield Phrase(message, unit=self.name(commune_id), why=why, n=number)

    def _posts_without(self) -> Iterator[str]:
        for post, name in self.posts:
            rule, unit = self.rule_for(post), self.units[post.unit_id]
            after = self.units[self.after(post.unit_id)]
            where = Joined(", ", (name, ROLE_LABELS[post.role], self.name(unit.id)))  # type: ignore[index]
            if not rule:
                yield Phrase(
                    "%(post)s: chưa nêu nhiệm vụ chuyển hay kết thúc; hãy ghi cột 'Nhiệm vụ cán bộ' hoặc chọn “Nhiệm vụ cán bộ "
                    "khi tệp không nêu”",
                    post=where,
                )
            elif rule == MOVE and unit.level != after.level:
                yield Phrase(
                    "%(post)s: không chuyển sang %(unit)s vì khác cấp; hãy ghi 'kết thúc' rồi nhập nhiệm vụ mới bằng “Nhập cán bộ”",
                    post=where,
                    unit=after.name,
                )
