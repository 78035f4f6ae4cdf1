"""What a kind of list is: its columns, the query behind it, and what it can be narrowed by."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from casework.actors import unit_named
from casework.days import calendar
from casework.exports import Cell, Sheet
from casework.rules import cycle_by_code
from models.cycles import Cycle
from models.dossiers import Dossier
from models.results import Decision, Evaluation
from models.units import Unit
from ocop.errors import InvalidInput, NotFound
from ocop.levels import Level
from ocop.rulebook import PROCEDURES, stage_of
from ocop.working_days import Calendar, day_of

OF_DOSSIERS = frozenset({"cycle", "unit", "dossier"})
"""What narrows a list of things that belong to dossiers."""
CHUNK = 1000
"""Rows read from the database at a time."""
SIMULATED = "mô phỏng"
NARROWING = {
    "cycle": "“Mã chu trình”",
    "dossier": "“Mã hồ sơ”",
    "unit": "“Đơn vị và các đơn vị dưới nó”",
    "day": "“Ngày xét hiệu lực”",
}
"""What a list can be narrowed by, as it is called where it is asked for."""


@dataclass(frozen=True)
class Wanted:
    """The instant that a list is drawn up for, and what it is narrowed by; each None leaves all."""

    at: datetime
    calendar: Calendar
    on: date | None = None
    """The day that was named; without one, what is in force is computed for the day of the instant."""
    cycle: Cycle | None = None
    unit: Unit | None = None
    """Only what belongs to this unit or to one below it."""
    dossier: Dossier | None = None

    @property
    def day(self) -> date:
        """The day for which it is computed what is in force."""
        return self.on or day_of(self.at)


Value = str | Callable[[Any, Wanted], Cell]
"""Where a cell comes from: an attribute of the row, or a function of it."""


@dataclass(frozen=True)
class Column:
    """One column of a list."""

    header: str
    value: Value
    only_in_file: bool = False
    """Left out where room is scarce, on a terminal."""

    def cell(self, row: Any, wanted: Wanted) -> Cell:
        """Return what a row shows here."""
        found: Cell = getattr(row, self.value) if isinstance(self.value, str) else self.value(row, wanted)
        return found


@dataclass(frozen=True)
class Glance:
    """The first rows of a list in its short form, and how many there are in all."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: int


@dataclass(frozen=True)
class ListKind:
    """A kind of list."""

    key: str
    title: str
    query: Callable[[Session, Wanted], Iterable[Any]]
    columns: tuple[Column, ...]
    by: frozenset[str] = field(default_factory=frozenset)
    """What narrows it: 'cycle', 'unit', 'dossier', 'day'."""
    needs: frozenset[str] = field(default_factory=frozenset)
    """At least one of these must be given."""

    def sheet(self, session: Session, wanted: Wanted) -> Sheet:
        """Return the whole list for a file."""
        rows = [tuple(column.cell(row, wanted) for column in self.columns) for row in self.query(session, wanted)]
        return Sheet(self.title, [column.header for column in self.columns], rows)

    def glance(self, session: Session, wanted: Wanted, at_most: int) -> Glance:
        """Return the first rows and the total; what is not shown is counted and not kept."""
        shown = [column for column in self.columns if not column.only_in_file]
        rows = iter(self.query(session, wanted))
        first = [tuple(column.cell(row, wanted) for column in shown) for row in islice(rows, at_most)]
        return Glance([column.header for column in shown], first, len(first) + sum(1 for _ in rows))

    def wanted(
        self,
        session: Session,
        at: datetime,
        *,
        day: date | None = None,
        cycle: str = "",
        unit: str = "",
        dossier: str = "",
    ) -> Wanted:
        """Return what codes name; InvalidInput for what this list cannot be narrowed by, or for what it needs."""
        given = {name for name, word in (("cycle", cycle), ("unit", unit), ("dossier", dossier), ("day", day)) if word}
        if foreign := sorted(given - self.by):
            takes = _called(self.by, ", ") or "không bộ lọc nào"
            raise InvalidInput(
                f"Danh sách '{self.title}' không lọc theo {NARROWING[foreign[0]]}; danh sách này nhận: {takes}.",
                f"{self.key} is not narrowed by {foreign}",
            )
        if "cycle" in self.needs and not given & self.needs:
            cycle = _only_cycle(session, self)
        elif self.needs and not given & self.needs:
            raise InvalidInput(
                f"Danh sách '{self.title}' cần nêu {_called(self.needs, ' hoặc ')}.",
                f"{self.key} needs {self.needs}",
            )
        return Wanted(
            at,
            calendar(session),
            day,
            cycle_by_code(session, cycle, must_be_open=False) if cycle else None,
            unit_named(session, unit, day or day_of(at)) if unit else None,
            _dossier(session, dossier) if dossier else None,
        )


def _called(names: Collection[str], between: str) -> str:
    """Return what a list can be narrowed by, in words."""
    return between.join(words for name, words in NARROWING.items() if name in names)


def _only_cycle(session: Session, kind: ListKind) -> str:
    codes = session.scalars(select(Cycle.code).order_by(Cycle.opened_at.desc()).limit(10)).all()
    if len(codes) == 1:
        return codes[0]
    known = ", ".join(codes) or "chưa có chu trình nào"
    raise InvalidInput(
        f"Danh sách '{kind.title}' cần nêu {_called(kind.needs, ' hoặc ')}. Các chu trình hiện có: {known}.",
        f"{kind.key} needs a cycle",
    )


def _dossier(session: Session, code: str) -> Dossier:
    found = session.scalar(select(Dossier).where(Dossier.code == code))
    if found is None:
        raise NotFound(f"Không có hồ sơ mang mã: {code}. Hãy xem “Danh sách hồ sơ”.", f"no dossier {code}")
    return found


def streamed(session: Session, statement: Select[Any]) -> Iterator[Any]:
    """Yield a query's rows, read in chunks."""
    yield from session.execute(statement, execution_options={"yield_per": CHUNK})


def narrowed(
    statement: Select[Any], wanted: Wanted, *, cycle: Any = None, unit: Any = None, dossier: Any = None
) -> Select[Any]:
    """Return a query for only what is wanted; the columns say where it names its cycle, its unit and its dossier."""
    if cycle is not None and wanted.cycle is not None:
        statement = statement.where(cycle == wanted.cycle.id)
    if unit is not None and wanted.unit is not None:
        statement = statement.where(unit.in_(_at_and_below(wanted.unit.id)))
    if dossier is not None and wanted.dossier is not None:
        statement = statement.where(dossier == wanted.dossier.id)
    return statement


def of_dossiers(statement: Select[Any], wanted: Wanted, dossier: Any) -> Select[Any]:
    """Return a query joined to dossiers and narrowed by cycle, unit and dossier."""
    joined = statement.join(Dossier, Dossier.id == dossier)
    return narrowed(joined, wanted, cycle=Dossier.cycle_id, unit=Dossier.commune_id, dossier=Dossier.id)


def lasting(statement: Select[Any], wanted: Wanted, table: Any) -> Select[Any]:
    """Return a query for only what existed on the day that was named, of rows with a first and a last day."""
    if wanted.on is None:
        return statement
    return statement.where(table.valid_from <= wanted.on, or_(table.valid_to.is_(None), table.valid_to >= wanted.on))


def _at_and_below(unit_id: int) -> Select[Any]:
    """Return the ids of a unit and of all units that stand or stood below it."""
    tree = select(Unit.id).where(Unit.id == unit_id).cte("territory", recursive=True)
    tree = tree.union_all(select(Unit.id).join(tree, Unit.parent_id == tree.c.id))
    return select(tree.c.id)


def counted(dossier: Any) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on Evaluation for a ballot of a dossier that counts and is in force."""
    return Evaluation.dossier_id == dossier, Evaluation.counts.is_(True), Evaluation.annulled_on.is_(None)


def awarded(dossier: Any) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on Decision for one in force that awards a dossier stars."""
    return Decision.dossier_id == dossier, Decision.annulled_on.is_(None), Decision.awarded_star.is_not(None)


def simulated(row: Any, wanted: Wanted) -> Cell:
    """Return the word that stands beside everything invented."""
    del wanted
    return SIMULATED if row.simulated else ""


def stage_label(procedure_key: str, stage: str) -> str:
    """Return a stage's Vietnamese name under a procedure, or an older one's; the key itself where none has it."""
    try:
        return stage_of(PROCEDURES[procedure_key], stage).label
    except KeyError:
        return stage


def stage(row: Any, wanted: Wanted) -> Cell:
    """Return the name of a row's stage under its procedure."""
    del wanted
    return stage_label(row.procedure_key, row.stage)


def level(row: Any, wanted: Wanted) -> Cell:
    """Return a row's level in Vietnamese, as import files have it."""
    del wanted
    return Level(row.level).label
