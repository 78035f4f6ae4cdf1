"""Imports administrative units with their codes, parents and the days between which they exist."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casework.imports.batches import insert_batch
from casework.imports.columns import Column, Imported, Kind, Line, refuse
from casework.imports.reading import Table
from casework.imports.values import choice, code, day, text
from models.successions import Succession
from models.units import Unit
from ocop.errors import RowProblem, remedied
from ocop.levels import Level
from ocop.phrase import Phrase
from ocop.text import fold

HEIGHT = {level: height for height, level in enumerate(Level)}
"""How high a level stands: a parent stands above its children."""


UnitKey = tuple[Level, str, date]


@dataclass(frozen=True)
class UnitRow:
    """A unit as a file gives it."""

    level: Level
    code: str
    name: str
    parent_code: str
    valid_from: date
    valid_to: date | None
    source: str

    @property
    def key(self) -> UnitKey:
        """What makes it the same unit in every file."""
        return self.level, self.code, self.valid_from


UNITS = Kind(
    "units",
    "Đơn vị hành chính",
    UnitRow,
    (
        Column("level", "Cấp", choice(Level), True, example="xã", note="xã, huyện, tỉnh hoặc trung ương"),
        Column("code", "Mã đơn vị", code(20), True, example="13636", note="mã hành chính, định dạng Văn bản"),
        Column("name", "Tên đơn vị", text(200), True, example="Phường Vị Xuyên", note="tên đầy đủ có loại đơn vị"),
        Column(
            "parent_code", "Mã đơn vị cấp trên", code(20), default="", example="356", note="để trống ở cấp cao nhất"
        ),
        Column("valid_from", "Có hiệu lực từ", day, True, example="1/9/2024", note="ngày đầu tiên đơn vị tồn tại"),
        Column("valid_to", "Đến hết ngày", day, example="30/6/2025", note="ngày cuối cùng; để trống nếu đang tồn tại"),
        Column(
            "source", "Nguồn", text(400), default="", example="Nghị quyết sắp xếp đơn vị", note="văn bản hoặc tài liệu"
        ),
    ),
)


@dataclass
class _Unit:
    """A unit of the record, or one that this file adds: then its id is None until it is written."""

    id: int | None
    level: Level
    code: str
    name: str
    valid_from: date
    valid_to: date | None
    source: str
    parent_id: int | None = None
    parent: "_Unit | None" = None

    @property
    def key(self) -> UnitKey:
        return self.level, self.code, self.valid_from

    def exists_on(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def differs(self, before: "_Unit") -> bool:
        """Return whether the file says something else than the record."""
        new_parent = self.parent is not None and self.parent.id is None
        parent_id = self.parent.id if self.parent is not None else None
        return new_parent or (parent_id, self.name, self.valid_to, self.source) != (
            before.parent_id,
            before.name,
            before.valid_to,
            before.source,
        )


def import_units(session: Session, table: Table) -> Imported:
    """Write the units of a file; raise InvalidRows, and write nothing, when any row is wrong.

    A unit is known by level, code and first day; another name, parent, last day or source under that key is a change.
    An empty source leaves the one that is there, and so does an empty last day of a unit that others have followed: a file
    from before does not bring it back.
    """
    lines, problems = UNITS.parse(table)
    known = _known(session)
    followed = set(session.scalars(select(Succession.unit_id)))
    filed: dict[UnitKey, Line[UnitRow]] = {}
    for line in lines:
        row = line.row
        if row.valid_to is not None and row.valid_to < row.valid_from:
            problems.append(
                line.problem("valid_to", Phrase("sớm hơn ngày bắt đầu"), Phrase("hãy sửa một trong hai ngày"))
            )
        if row.key in filed:
            problems.append(line.twice("code", filed[row.key].number))
        filed.setdefault(row.key, line)
    units = known | {key: _unit(line.row, known.get(key), followed) for key, line in filed.items()}
    problems += _overlaps(units.values(), filed)
    by_code: dict[str, list[_Unit]] = defaultdict(list)
    for unit in units.values():
        by_code[unit.code].append(unit)
    for key, line in filed.items():
        parent = units[key].parent = _parent(line.row, by_code)
        if parent is None and (line.row.parent_code or HEIGHT[line.row.level] < HEIGHT[Level.PROVINCE]):
            problems.append(line.problem("parent_code", _no_parent(line.row)))
    refuse(problems)

    fresh = [units[key] for key in filed if key not in known]
    changed = [units[key] for key in filed if key in known and units[key].differs(known[key])]
    _write(session, fresh, changed)
    return Imported(len(fresh), len(filed) - len(fresh) - len(changed), len(changed))


def _known(session: Session) -> dict[UnitKey, _Unit]:
    columns = (Unit.id, Unit.level, Unit.code, Unit.name, Unit.valid_from, Unit.valid_to, Unit.source, Unit.parent_id)
    units = (_Unit(row.id, Level(row.level), *row[2:]) for row in session.execute(select(*columns)))
    return {unit.key: unit for unit in units}


def _unit(row: UnitRow, before: _Unit | None, followed: Container[int | None]) -> _Unit:
    if before is None:
        return _Unit(None, row.level, row.code, row.name, row.valid_from, row.valid_to, row.source)
    last_day = row.valid_to or (before.valid_to if before.id in followed else None)
    return _Unit(before.id, row.level, row.code, row.name, row.valid_from, last_day, row.source or before.source)


def _parent(row: UnitRow, by_code: Mapping[str, list[_Unit]]) -> _Unit | None:
    """Return the nearest unit above with the parent's code on the unit's first day."""
    above = [
        unit
        for unit in by_code.get(row.parent_code, ())
        if HEIGHT[unit.level] > HEIGHT[row.level] and unit.exists_on(row.valid_from)
    ]
    return min(above, key=lambda unit: HEIGHT[unit.level], default=None)


def _no_parent(row: UnitRow) -> str:
    if not row.parent_code:
        return Phrase("để trống; đơn vị cấp %(level)s phải có đơn vị cấp trên", level=row.level.label)
    return remedied(
        Phrase(
            "không có đơn vị cấp cao hơn mang mã '%(code)s' vào ngày %(day)s", code=row.parent_code, day=row.valid_from
        ),
        Phrase("hãy thêm đơn vị đó vào tệp hoặc sửa mã (nếu Excel bỏ số 0 ở đầu, hãy định dạng cột là Văn bản)"),
    )


def _overlaps(units: Iterable[_Unit], filed: Mapping[UnitKey, Line[UnitRow]]) -> Iterator[RowProblem]:
    """Yield a problem for each row of the file whose days run into another unit of the same level and code."""
    same: dict[tuple[Level, str], list[_Unit]] = defaultdict(list)
    for unit in units:
        same[unit.level, unit.code].append(unit)
    for group in same.values():
        for earlier, later in pairwise(sorted(group, key=lambda unit: unit.valid_from)):
            line = filed.get(later.key) or filed.get(earlier.key)
            if line is not None and (earlier.valid_to is None or earlier.valid_to >= later.valid_from):
                yield line.problem(
                    "valid_from",
                    Phrase(
                        "mã '%(code)s' đã có từ ngày %(first)s và chưa kết thúc trước ngày %(next)s",
                        code=later.code,
                        first=earlier.valid_from,
                        next=later.valid_from,
                    ),
                    Phrase("hãy ghi ngày kết thúc cho đơn vị trước"),
                )


def _write(session: Session, fresh: Iterable[_Unit], changed: Iterable[_Unit]) -> None:
    """Insert from the top level down, so that every parent has its id; then update in one batch."""
    by_level: dict[Level, list[_Unit]] = defaultdict(list)
    for unit in fresh:
        by_level[unit.level].append(unit)
    for level in sorted(by_level, key=HEIGHT.__getitem__, reverse=True):
        units = by_level[level]
        ids = insert_batch(session, Unit, [_columns(unit) for unit in units], ("code", "level", "valid_from"))
        for unit, unit_id in zip(units, ids, strict=True):
            unit.id = unit_id
    if rows := [{"id": unit.id, **_columns(unit)} for unit in changed]:
        session.execute(update(Unit), rows)


def _columns(unit: _Unit) -> dict[str, object]:
    return {
        "level": unit.level.value,
        "code": unit.code,
        "name": unit.name,
        "search": fold(unit.name),
        "parent_id": unit.parent.id if unit.parent is not None else None,
        "valid_from": unit.valid_from,
        "valid_to": unit.valid_to,
        "source": unit.source,
    }
