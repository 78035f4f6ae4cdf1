"""The units that a file's rows name, found by code or by name on a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.imports.values import Wrong
from models.units import Unit
from ocop.levels import LEVEL_LABELS, Level
from ocop.phrase import Phrase
from ocop.text import fold

TYPES = ("thanh pho ", "thi tran ", "thi xa ", "phuong ", "huyen ", "quan ", "tinh ", "xa ")
"""What may stand before a unit's own name, folded."""


@dataclass(frozen=True)
class Place:
    """A unit as the record knows it."""

    id: int
    level: Level
    code: str
    name: str
    parent_id: int | None
    valid_from: date
    valid_to: date | None

    def exists_on(self, day: date) -> bool:
        """Return whether the unit existed on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Places:
    """All units of the record, read in one query."""

    def __init__(self, session: Session) -> None:
        """Read every unit."""
        rows = session.execute(
            select(Unit.id, Unit.level, Unit.code, Unit.name, Unit.parent_id, Unit.valid_from, Unit.valid_to)
        )
        self._by_id = {row.id: Place(row.id, Level(row.level), *row[2:]) for row in rows}
        self._by_code: dict[tuple[Level, str], list[Place]] = {}
        self._by_name: dict[tuple[Level, str], list[Place]] = {}
        for place in self._by_id.values():
            self._by_code.setdefault((place.level, place.code), []).append(place)
            self._by_name.setdefault((place.level, bare(place.name)), []).append(place)

    def by_code(self, level: Level, code: str, day: date) -> Place:
        """Return the unit of a level with a code on a day; Wrong says what is there instead."""
        named = self._by_code.get((level, code), [])
        for place in named:
            if place.exists_on(day):
                return place
        if named:
            raise Wrong(
                Phrase(
                    "%(unit)s (mã %(code)s) không còn hoặc chưa có vào ngày %(day)s",
                    unit=named[0].name, code=code, day=day,
                ),
                Phrase("hãy ghi mã của đơn vị có vào ngày đó"),
            )  # fmt: skip
        raise Wrong(
            Phrase("không có đơn vị cấp %(level)s mang mã '%(code)s'", level=LEVEL_LABELS[level], code=code),
            Phrase(
                "hãy nhập danh mục đơn vị trước hoặc sửa mã (nếu Excel bỏ số 0 ở đầu, hãy định dạng cột là Văn bản)"
            ),
        )

    def by_id(self, number: int) -> Place:
        """Return a unit by its number."""
        return self._by_id[number]

    def by_names(self, commune: str, district: str, province: str, day: date) -> Place:
        """Return the commune with a name within a district and a province on a day; Wrong if none or several."""
        found = [
            place
            for place in self._by_name.get((Level.COMMUNE, bare(commune)), [])
            if place.exists_on(day) and self._within(place, Level.DISTRICT, district)
            if self._within(place, Level.PROVINCE, province)
        ]
        exact = [place for place in found if fold(place.name) == fold(commune)]
        found = exact or found
        where = ", ".join(name for name in (commune, district, province) if name)
        if not found:
            raise Wrong(
                Phrase("không có xã nào tên '%(name)s' vào ngày %(day)s", name=where, day=day),
                Phrase("hãy sửa tên hoặc ghi mã xã thay cho tên"),
            )
        if len(found) > 1:
            listed = ", ".join(f"{place.code} ({self._parent_name(place)})" for place in found)
            raise Wrong(
                Phrase(
                    "có %(number)s xã cùng tên '%(name)s': %(listed)s", number=len(found), name=where, listed=listed
                ),
                Phrase("hãy ghi mã xã"),
            )
        return found[0]

    def above(self, place: Place, level: Level) -> Place | None:
        """Return the unit of a level that a unit lies in."""
        return next((upper for upper in self._path(place) if upper.level is level), None)

    def _path(self, place: Place) -> Iterator[Place]:
        current: Place | None = place
        while current is not None:
            yield current
            current = self._by_id.get(current.parent_id) if current.parent_id is not None else None

    def _within(self, place: Place, level: Level, name: str) -> bool:
        upper = self.above(place, level)
        return not name or (upper is not None and bare(upper.name) == bare(name))

    def _parent_name(self, place: Place) -> str:
        return next((upper.name for upper in self._path(place) if upper is not place), "")


def bare(name: str) -> str:
    """Return a unit's name folded and without its type: 'Xã Hồng Quang' is 'hong quang'."""
    folded = fold(name)
    return next((folded.removeprefix(kind) for kind in TYPES if folded.startswith(kind)), folded)
