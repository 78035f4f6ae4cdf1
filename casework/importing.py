"""Takes a file of an office into the record: whole or not at all, within the sender's territory, and once for each confirmation."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from casework import expiry
from casework.act import one_at_a_time
from casework.actors import Actor
from casework.imports.columns import Imported, Line, refuse
from casework.imports.history import import_history
from casework.imports.people import import_people
from casework.imports.reading import Table, read
from casework.imports.references import Place, Places
from casework.imports.settings import ImportSettings
from casework.imports.successions import import_successions
from casework.imports.templates import KINDS
from casework.imports.units import import_units
from casework.intake import Tell, import_dossiers, untold
from casework.scope import Scope
from models.base import canonical
from models.cycles import Cycle
from models.record import Request
from models.successions import Succession
from models.units import Person, Post, Producer, Unit
from ocop.errors import KeyReused, NotYours, RowProblem
from ocop.levels import Level
from ocop.phrase import Phrase
from ocop.working_days import day_of

Importer = Callable[[Session, Table, Actor, datetime, str, Tell], Imported]

IMPORTERS: Mapping[str, Importer] = {
    "units": lambda session, table, actor, at, key, tell: import_units(session, table),
    "successions": lambda session, table, actor, at, key, tell: import_successions(session, table),
    "people": lambda session, table, actor, at, key, tell: import_people(session, table, at=at),
    "history": lambda session, table, actor, at, key, tell: import_history(
        session, table, at=at, after=lambda inner, issued: expiry.schedule(inner, issued, at)
    ),
    "dossiers": lambda session, table, actor, at, key, tell: import_dossiers(
        session, table, actor=actor, at=at, key=key, tell=tell
    ),
}
"""What takes in a table of each kind."""


def take_in(session: Session, kind: str, name: str, content: bytes, actor: Actor, at: datetime) -> Imported:
    """Import a file of a kind, wherever its rows lie: whole or not at all."""
    return _taken(session, kind, read(name, content, ImportSettings()), content, actor, at)


def _taken(
    session: Session, kind: str, table: Table, content: bytes, actor: Actor, at: datetime, tell: Tell = untold
) -> Imported:
    return IMPORTERS[kind](session, table, actor, at, f"import/{hashlib.sha256(content).hexdigest()[:16]}", tell)


@dataclass(frozen=True)
class Earlier:
    """One time that a file was taken in."""

    kind: str
    file: str
    new: int
    changed: int
    unchanged: int
    by: str
    at: datetime


@dataclass(frozen=True)
class Sender:
    """Who sends a file, and whose rows it may have."""

    actor: Actor
    provinces: frozenset[int]
    whole: bool = False
    """Whether rows of every province are taken: an administrator's."""


def take_in_once(
    session: Session, kind: str, name: str, content: bytes, sender: Sender, at: datetime, *, time: int, tell: Tell = untold
) -> Imported:  # fmt: skip
    """Import a file for the so many-th time, once however often that is asked; InvalidRows names every row that is refused.

    `time` is how often the file was taken in before its preview: a file that was changed back may be taken in again.
    """
    key = f"{_prefix(kind, content)}{time}"
    body = hashlib.sha256(canonical([kind, hashlib.sha256(content).hexdigest(), time]).encode()).hexdigest()
    one_at_a_time(session, key)
    known = session.get(Request, key)
    if known is not None:
        if known.actor_name != sender.actor.name:
            raise KeyReused(
                f"Tệp này vừa được {known.actor_name} nhập. Hãy mở lại trang xem trước.",
                f"{known.actor_name} has just imported this file. Open the preview again",
            )
        return Imported(**{part: known.answer[part] for part in ("new", "unchanged", "changed")})
    table = read(name, content, ImportSettings())
    centre = _central(session)
    done = _taken(session, kind, table, content, sender.actor, at, tell)
    if not sender.whole:
        session.flush()
        refuse(list(_elsewhere(session, kind, table, _foreign(session, sender.provinces), day_of(at))))
        if _central(session) != centre:
            raise NotYours(
                "Tệp sửa đơn vị hoặc cán bộ cấp trung ương: chỉ người quản trị được nhập. Hãy bỏ các dòng cấp trung ương.",
                "the file changes units or people of the centre, which an administrator alone may do. Leave out the lines of the centre",
            )
    answer = {"new": done.new, "unchanged": done.unchanged, "changed": done.changed, "file": name, "message": str(done)}
    session.execute(
        insert(Request),
        [{"key": key, "act": f"import-{kind}", "body_sha256": body, "answer": answer, "actor_name": sender.actor.name,
          "recorded_at": at}],
    )  # fmt: skip
    return done


def _prefix(kind: str, content: bytes) -> str:
    return f"import/{kind}/{hashlib.sha256(content).hexdigest()}/"


def times(session: Session, kind: str, content: bytes) -> int:
    """Return how often a file was taken in as a kind."""
    return len(session.scalars(select(Request.key).where(Request.key.startswith(_prefix(kind, content)))).all())


def earlier(
    session: Session, kinds: frozenset[str], scope: Scope, *, whole: bool, most: int = 20
) -> list[Earlier]:  # fmt: skip
    """Return the files that were taken in on the pages, the newest first: all for an administrator, else those of colleagues.

    A request does not tell its province: who serves in the reader's territory tells whose files are theirs to know.
    """
    colleagues = select(Person.name).join(Post).join(Unit, Unit.id == Post.unit_id).where(scope.communes())
    theirs = [] if whole else [Request.actor_name.in_(colleagues)]
    rows = session.execute(
        select(Request)
        .where(Request.act.in_([f"import-{kind}" for kind in sorted(kinds)]), *theirs)
        .order_by(Request.recorded_at.desc(), Request.key)
        .limit(most)
    ).scalars()
    return [
        Earlier(
            row.act.removeprefix("import-"), row.answer["file"], row.answer["new"], row.answer["changed"],
            row.answer["unchanged"], row.actor_name, row.recorded_at,
        )
        for row in rows
    ]  # fmt: skip


def _foreign(session: Session, provinces: frozenset[int]) -> frozenset[int]:
    """Return the provinces whose rows a sender of some may not write: others that people serve, but for those that follow theirs."""
    after = select(Succession.successor_id).where(Succession.unit_id.in_(provinces))
    return frozenset(
        session.scalars(
            select(Unit.id).where(
                Unit.level == Level.PROVINCE.value, Unit.id.in_(select(Post.unit_id)), Unit.id.not_in(provinces),
                Unit.id.not_in(after),
            )
        )
    )  # fmt: skip


def _central(session: Session) -> frozenset[tuple[Any, ...]]:
    """Return the units at the centre and who serves there: a province repeats them in its files and changes nothing of them."""
    units = session.execute(
        select(Unit.code, Unit.name, Unit.valid_from, Unit.valid_to).where(Unit.level == Level.CENTRAL.value)
    )
    people = session.execute(
        select(Person.code, Person.name, Person.email, Post.role, Post.valid_from, Post.valid_to)
        .join(Post, Post.person_id == Person.id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(Unit.level == Level.CENTRAL.value)
    )
    return frozenset(map(tuple, (*units, *people)))


def _elsewhere(
    session: Session, kind: str, table: Table, foreign: frozenset[int], today: date
) -> Iterator[RowProblem]:  # fmt: skip
    """Yield the rows of a file just written that lie in another province."""
    lines, _ = KINDS[kind].parse(table)
    places = Places(session)
    homes = _homes(session, lines) if kind in ("history", "dossiers") else {}
    cycles = {code: province for code, province in session.execute(select(Cycle.code, Cycle.province_id))}
    for line in lines:
        for column, place in _named(kind, line, places, homes, today):
            province = places.above(place, Level.PROVINCE)
            if province is not None and province.id in foreign:
                yield line.problem(
                    column,
                    Phrase("%(unit)s thuộc %(province)s, ngoài tỉnh của bạn", unit=place.name, province=province.name),
                    Phrase("hãy bỏ dòng này"),
                )
        if kind == "dossiers" and cycles.get(line.row.cycle) in foreign:
            yield line.problem(
                "cycle",
                Phrase("chu trình '%(cycle)s' là của tỉnh khác", cycle=line.row.cycle),
                Phrase("hãy bỏ dòng này"),
            )


def _homes(session: Session, lines: Sequence[Line[Any]]) -> dict[str, int]:
    """Return where the producers of a file are, by their codes."""
    codes = {line.row.producer_code for line in lines}
    return dict(
        session.execute(select(Producer.code, Producer.commune_id).where(Producer.code.in_(codes))).tuples().all()
    )


def _named(
    kind: str, line: Line[Any], places: Places, homes: Mapping[str, int], today: date
) -> Iterator[tuple[str, Place]]:
    """Yield the units that a row is about, each with its column."""
    row = line.row
    if kind == "units":
        yield "code", places.by_code(row.level, row.code, row.valid_from)
    elif kind == "people":
        yield "unit_code", places.by_code(row.unit_level, row.unit_code, row.valid_from or today)
    elif kind == "successions":
        yield "code", places.by_code(row.level, row.code, row.from_day - timedelta(days=1))
        yield "successor_code", places.by_code(row.successor_level, row.successor_code, row.from_day)
    elif row.producer_code in homes:
        yield "producer_code", places.by_id(homes[row.producer_code])
