"""Imports which unit follows which from a day on: one for one, many into one, or one into several by their communes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from casework.imports.columns import Column, Imported, Kind, Line, refuse
from casework.imports.reading import Table
from casework.imports.references import Place, Places
from casework.imports.values import Wrong, choice, code, day, text
from models.record import Event
from models.successions import Succession
from ocop.errors import RowProblem
from ocop.levels import Level
from ocop.phrase import Phrase
from ocop.text import fold

ROLES = {"chuyen": "move", "move": "move", "ket thuc": "end", "end": "end"}
"""What a file may write of a unit's posts: they move to the successor, or they end."""


def _roles(cell: str) -> str:
    found = ROLES.get(fold(cell))
    if found is None:
        raise Wrong(Phrase("'%(cell)s' không rõ", cell=cell), Phrase("hãy ghi 'chuyển' hoặc 'kết thúc'"))
    return found


def _codes(cell: str) -> str:
    return " ".join(dict.fromkeys(cell.replace(";", " ").replace(",", " ").split()))


@dataclass(frozen=True)
class SuccessionRow:
    """A unit and its successor, as a file gives them."""

    level: Level
    code: str
    successor_level: Level
    successor_code: str
    from_day: date
    covers: str
    roles: str
    document: str
    source: str


SUCCESSIONS = Kind(
    "successions",
    "Đơn vị kế thừa",
    SuccessionRow,
    (
        Column("level", "Cấp đơn vị cũ", choice(Level), True, example="xã", note="xã, huyện, tỉnh hoặc trung ương"),
        Column("code", "Mã đơn vị cũ", code(20), True, example="13636", note="mã đến ngày liền trước ngày kế thừa"),
        Column("successor_level", "Cấp đơn vị mới", choice(Level), True, example="xã", note="huyện bỏ thì ghi tỉnh"),
        Column("successor_code", "Mã đơn vị mới", code(20), True, example="13669", note="mã từ ngày kế thừa"),
        Column("from_day", "Kế thừa từ ngày", day, True, example="1/7/2025", note="ngày đầu tiên của đơn vị mới"),
        Column(
            "covers", "Gồm các xã", _codes, default="", example="",
            note="chỉ khi một đơn vị chia cho nhiều đơn vị: mã các xã cũ về đơn vị mới này; để trống là toàn bộ",
        ),
        Column(
            "roles", "Nhiệm vụ cán bộ", _roles, default="", example="chuyển",
            note="chuyển: cán bộ giữ nguyên nhiệm vụ ở đơn vị mới cùng cấp; kết thúc: hết nhiệm vụ",
        ),
        Column("document", "Văn bản", text(200), True, example="Nghị quyết 202/2025/QH15", note="văn bản sắp xếp"),
        Column("source", "Nguồn", text(400), default="", example="công báo", note="nơi lấy dữ liệu"),
    ),
)  # fmt: skip

PairKey = tuple[int, int, date]


@dataclass(frozen=True)
class _Pair:
    """A line whose two units were found."""

    line: Line[SuccessionRow]
    old: Place
    new: Place

    @property
    def key(self) -> PairKey:
        return self.old.id, self.new.id, self.line.row.from_day


def import_successions(session: Session, table: Table) -> Imported:
    """Write who follows whom; raise InvalidRows, and write nothing, when any row is wrong.

    The old unit exists on the day before, the new one on the day itself: import the new units first. Of a unit that is
    divided each part names its communes; the first row of a unit takes over what cannot be divided. A unit ends once: what a
    file says of it replaces what an earlier one said, until the units are reorganised by it.
    """
    lines, problems = SUCCESSIONS.parse(table)
    places = Places(session)
    pairs: list[_Pair] = []
    for line in lines:
        row, before = line.row, line.row.from_day - timedelta(days=1)
        found: list[Place] = []
        for key, level, unit_code, on in (
            ("code", row.level, row.code, before),
            ("successor_code", row.successor_level, row.successor_code, row.from_day),
        ):
            try:
                found.append(places.by_code(level, unit_code, on))
            except Wrong as error:
                problems.append(line.problem(key, error.reason))
        if len(found) == 2:
            pairs.append(_Pair(line, *found))
    known = {(row.unit_id, row.successor_id, row.from_day): row for row in session.scalars(select(Succession))}
    problems += _wrong(pairs, places)
    stale = _replaced(pairs, known)
    problems += _out_of_time(pairs, [row for key, row in known.items() if key not in stale])
    problems += _carried_out(session, pairs, known, stale)
    refuse(problems)
    session.execute(delete(Succession).where(Succession.id.in_([known[key].id for key in stale])))
    first: dict[tuple[int, date], PairKey] = {}
    for pair in pairs:
        first.setdefault((pair.old.id, pair.line.row.from_day), pair.key)
    rows = [_columns(pair, main=first[pair.old.id, pair.line.row.from_day] == pair.key) for pair in pairs]
    fresh = [row for pair, row in zip(pairs, rows, strict=True) if pair.key not in known]
    changed = [
        {"id": known[pair.key].id, **row}
        for pair, row in zip(pairs, rows, strict=True)
        if pair.key in known and any(getattr(known[pair.key], name) != value for name, value in row.items())
    ]
    if fresh:
        session.execute(insert(Succession), fresh)
    if changed:
        session.execute(update(Succession), changed)
    return Imported(len(fresh), len(rows) - len(fresh) - len(changed), len(changed) + len(stale))


def _wrong(pairs: Iterable[_Pair], places: Places) -> Iterator[RowProblem]:
    """Yield what is wrong between rows: twice the same, two days for one end, a division that is not one."""
    seen: dict[PairKey, Line[SuccessionRow]] = {}
    days: dict[int, _Pair] = {}
    parts: dict[tuple[int, date], list[_Pair]] = defaultdict(list)
    for pair in pairs:
        if pair.key in seen:
            yield pair.line.twice("code", seen[pair.key].number)
            continue
        seen[pair.key] = pair.line
        parts[pair.old.id, pair.line.row.from_day].append(pair)
        first = days.setdefault(pair.old.id, pair).line
        if first.row.from_day != pair.line.row.from_day:
            yield pair.line.problem(
                "from_day",
                Phrase(
                    "một đơn vị kết thúc một lần: dòng %(line)s ghi ngày %(day)s",
                    line=str(first.number), day=first.row.from_day,
                ),
                Phrase("hãy ghi cùng một ngày"),
            )  # fmt: skip
    for divided in parts.values():
        yield from _division(divided, places)


def _out_of_time(pairs: Iterable[_Pair], kept: Iterable[Succession]) -> Iterator[RowProblem]:
    """Yield units that go on after their end, by another row: who follows whom would go round in a circle."""
    pairs = list(pairs)
    ends = {row.unit_id: row.from_day for row in kept} | {pair.old.id: pair.line.row.from_day for pair in pairs}
    begins: dict[int, date] = {}
    for unit, from_day in (
        *((row.successor_id, row.from_day) for row in kept),
        *((pair.new.id, pair.line.row.from_day) for pair in pairs),
    ):
        begins[unit] = max(from_day, begins.get(unit, from_day))
    for pair in pairs:
        if pair.line.row.from_day <= begins.get(pair.old.id, date.min):
            yield pair.line.problem(
                "code",
                Phrase("đơn vị này còn tồn tại sau ngày kế thừa"),
                Phrase("hãy ghi đơn vị đã kết thúc"),
            )
        elif pair.line.row.from_day >= ends.get(pair.new.id, date.max):
            yield pair.line.problem(
                "successor_code",
                Phrase("%(unit)s đã có đơn vị kế thừa từ ngày %(day)s", unit=pair.new.name, day=ends[pair.new.id]),
                Phrase("hãy ghi đơn vị còn tồn tại"),
            )


def _replaced(pairs: Iterable[_Pair], known: Mapping[PairKey, Succession]) -> list[PairKey]:
    """Return what is known of the file's units and the file does not say."""
    keys, units = {pair.key for pair in pairs}, {pair.old.id for pair in pairs}
    return [key for key in known if key[0] in units and key not in keys]


def _carried_out(
    session: Session, pairs: Iterable[_Pair], known: Mapping[PairKey, Succession], stale: Iterable[PairKey]
) -> Iterator[RowProblem]:
    """Yield units that were reorganised by other rows: what was handed on is not handed on again."""
    done = set(
        session.scalars(select(Event.occurred_on).where(Event.event == "reorganise", Event.dossier_id.is_(None)))
    )
    by_unit = {unit: day for unit, _, day in stale if day in done}
    for pair in pairs:
        if pair.old.id in by_unit and pair.key not in known:
            yield pair.line.problem(
                "successor_code",
                Phrase(
                    "%(unit)s đã được sắp xếp từ ngày %(day)s theo đơn vị kế thừa khác, không đổi được nữa",
                    unit=pair.old.name,
                    day=by_unit[pair.old.id],
                ),
                Phrase("hãy ghi như lần nhập trước"),
            )


def _division(divided: list[_Pair], places: Places) -> Iterator[RowProblem]:
    """Yield what is wrong with the parts of one unit: each names communes of it, and each commune stands once."""
    if len(divided) == 1 and not divided[0].line.row.covers:
        return
    taken: dict[str, int] = {}
    for pair in divided:
        row = pair.line.row
        if pair.old.level is Level.COMMUNE:
            yield pair.line.problem(
                "covers",
                Phrase("một xã không chia được theo danh sách xã"),
                Phrase("hãy ghi một đơn vị kế thừa cho cả xã"),
            )
        elif not row.covers:
            yield pair.line.problem(
                "covers", Phrase("đơn vị cũ chia cho nhiều đơn vị mới: hãy ghi mã các xã về đơn vị này")
            )
        for commune in row.covers.split():
            if commune in taken:
                twice = Phrase("xã %(code)s đã ghi ở dòng %(line)s", code=commune, line=str(taken[commune]))
                yield pair.line.problem("covers", twice, Phrase("hãy giữ một nơi"))
            taken[commune] = pair.line.number
            try:
                place = places.by_code(Level.COMMUNE, commune, row.from_day - timedelta(days=1))
            except Wrong as error:
                yield pair.line.problem("covers", error.reason)
                continue
            upper = places.above(place, pair.old.level)
            if upper is None or upper.id != pair.old.id:
                yield pair.line.problem(
                    "covers",
                    Phrase(
                        "%(commune)s (mã %(code)s) không thuộc %(unit)s",
                        commune=place.name, code=commune, unit=pair.old.name,
                    ),
                )  # fmt: skip


def _columns(pair: _Pair, *, main: bool) -> dict[str, object]:
    row = pair.line.row
    return {
        "unit_id": pair.old.id,
        "successor_id": pair.new.id,
        "from_day": row.from_day,
        "main": main,
        "covers": row.covers,
        "roles": row.roles,
        "document": row.document,
        "source": row.source,
    }
