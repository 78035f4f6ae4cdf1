"""The units that a file's rows name, found by code or by name on a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.units import Unit
from ocop.levels import LEVEL_LABELS, Level
from ocop.text import day as day_text
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
        """Return the unit of a level with a code on a day; ValueError says what is there instead."""
        named = self._by_code.get((level, code), [])
        for place in named:
            if place.exists_on(day):
                return place
        if named:
            raise ValueError(
                f"{named[0].name} (mã {code}) không còn hoặc chưa có vào ngày {day_text(day)}; "
                "hãy ghi mã của đơn vị có vào ngày đó"
            )
        raise ValueError(
            f"không có đơn vị cấp {LEVEL_LABELS[level]} mang mã '{code}'; hãy nhập danh mục đơn vị trước hoặc sửa mã "
            "(nếu Excel bỏ số 0 ở đầu, hãy định dạng cột là Văn bản)"
        )

    def by_id(self, number: int) -> Place:
        """Return a unit by its number."""
        return self._by_id[number]

    def by_names(self, commune: str, district: str, province: str, day: date) -> Place:
        """Return the commune with a name within a district and a province on a day; ValueError if none or several."""
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
            raise ValueError(
                f"không có xã nào tên '{where}' vào ngày {day_text(day)}; hãy sửa tên hoặc ghi mã xã thay cho tên"
            )
        if len(found) > 1:
            listed = ", ".join(f"{place.code} ({self._parent_name(place)})" for place in found)
            raise ValueError(f"có {len(found)} xã cùng tên '{where}': {listed}; hãy ghi mã xã")
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
