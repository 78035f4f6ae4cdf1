"""Who did what, when: the acts that were asked for, the lines of history, and what happened to accounts, from the newest back."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from casework.accounts import EVENT_WORDS
from casework.acts import ACTS, EVENT_LABELS
from casework.producers import NAMED
from casework.scope import Scope
from models.accounts import Account, AccountEvent
from models.cycles import Cycle
from models.dossiers import Dossier
from models.record import Event, Request
from models.units import Person, Post, Producer, Unit
from ocop.errors import InvalidInput, NotFound
from ocop.phrase import Joined, Opened, Phrase, phrases
from ocop.procedure import ROUTE
from ocop.text import fold
from ocop.working_days import start_of

KINDS = phrases({"histories": "Lịch sử hồ sơ, chu trình", "accounts": "Tài khoản", "acts": "Yêu cầu đã thực hiện"})
"""What the lines are of; in this order where they happened at the same instant."""
MOST_PEOPLE = 50
"""People whom one name may mean."""
STEPS = frozenset({ROUTE})
"""Events that nobody asks for; left out unless they are asked for by name."""


@dataclass(frozen=True)
class AuditFilter:
    """What the lines are narrowed to; each is empty or a word of its address."""

    kind: str = ""
    since: date | None = None
    until: date | None = None
    who: str = ""
    """A part of somebody's name, code or login."""
    what: str = ""
    dossier: str = ""

    @property
    def parameters(self) -> dict[str, str | int]:
        """The filters that are set, for an address."""
        given = {
            "kind": self.kind, "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "", "who": self.who, "what": self.what,
            "dossier": self.dossier,
        }  # fmt: skip
        return {name: value for name, value in given.items() if value}


_PLACE = re.compile(
    r"(?P<at>[^~]{10,32}(?:Z|[+-]\d\d:\d\d))~(?P<rank>[012])~(?P<row>(?<=[01]~)\d{1,15}|(?<=2~).+)", re.DOTALL
)


class Place(NamedTuple):
    """A line's place in the order of all, which the next page goes on from."""

    at: datetime
    rank: int
    row: str

    def __str__(self) -> str:
        """Return the place as an address carries it."""
        return f"{self.at.isoformat()}~{self.rank}~{self.row}"

    @classmethod
    def read(cls, text: str) -> "Place":
        """Return the place that an address names; NotFound for what is none."""
        if parts := _PLACE.fullmatch(text):
            with suppress(ValueError, OverflowError):
                return cls(datetime.fromisoformat(parts["at"]).astimezone(UTC), int(parts["rank"]), parts["row"])
        raise NotFound(
            "Không có trang này của nhật ký. Hãy mở lại từ trang đầu.",
            "there is no such page of the audit: begin again from the first page",
        )


@dataclass(frozen=True)
class Line:
    """One thing that somebody did."""

    place: Place
    kind: str
    who: str
    what: str
    dossier: str = ""
    cycle: str = ""
    account: int | None = None
    about: str = ""
    """What it was done to, in words, where it is neither a dossier nor a cycle."""
    detail: str = ""
    address: str = ""
    """The network address, for administrators alone."""

    @property
    def at(self) -> datetime:
        """When it was recorded."""
        return self.place.at


@dataclass(frozen=True)
class _Wanted:
    """A filter as the queries ask for it."""

    filter: AuditFilter
    scope: Scope
    whole: bool
    dossier_id: int | None
    people: frozenset[int] | None
    producers: frozenset[int]
    names: frozenset[str]
    accounts: frozenset[int]

    def within(self, column: Any) -> list[ColumnElement[bool]]:
        """Return the condition that something was recorded on the days asked for."""
        found = []
        if self.filter.since:
            found.append(column >= start_of(self.filter.since))
        if self.filter.until:
            found.append(column < start_of(self.filter.until + timedelta(days=1)))
        return found

    def named(self, column: Any) -> list[ColumnElement[bool]]:
        """Return the condition that a name is one of those meant, also where somebody stood in for another."""
        if self.people is None:
            return []
        return [or_(column.in_(self.names), *(column.startswith(f"{name} (", autoescape=True) for name in self.names))]


def kinds_for(*, whole: bool) -> dict[str, str]:
    """Return what lines a reader may see.

    A request tells who asked for what, not for which province: those of the whole installation are the administrator's.
    """
    return {key: label for key, label in KINDS.items() if whole or key != "acts"}


def whats() -> list[tuple[str, str]]:
    """Return what may have been done, by its key in an address."""
    found = {f"line:{key}": label for key, label in EVENT_LABELS.items()}
    found |= {
        f"account:{key}": Phrase("%(event)s (tài khoản)", event=Opened(label)) for key, label in EVENT_WORDS.items()
    }
    return list(found.items())


def audit_lines(
    session: Session, wanted: AuditFilter, scope: Scope, *, whole: bool, limit: int, before: Place | None = None
) -> list[Line]:
    """Return lines from the newest back, or from a place on.

    `whole` is for administrators: every province, and the requests too. Others see the histories of the cycles of the
    provinces where they work, and the accounts of the people and producers of their own units.
    """
    asked = _read(session, wanted, scope, whole)
    kinds = kinds_for(whole=whole)
    if wanted.kind and wanted.kind not in kinds:
        raise NotFound(f"Không có loại nhật ký '{wanted.kind}'.", f"there is no kind of audit '{wanted.kind}'")
    sources: dict[str, Callable[[Session, _Wanted, Place | None, int], Iterator[Line]]] = {
        "histories": _histories, "accounts": _accounts, "acts": _requests,
    }  # fmt: skip
    found = [
        list(sources[kind](session, asked, before, limit)) for kind in kinds if not wanted.kind or kind == wanted.kind
    ]
    return list(islice(merge(*found, key=_newest_first), limit))


def _newest_first(line: Line) -> tuple[float, int]:
    return (-line.at.timestamp(), line.place.rank)


def own_events(session: Session, account_id: int, limit: int) -> Sequence[AccountEvent]:
    """Return what happened to one account last."""
    return session.scalars(
        select(AccountEvent).where(AccountEvent.account_id == account_id).order_by(AccountEvent.id.desc()).limit(limit)
    ).all()


def _read(session: Session, wanted: AuditFilter, scope: Scope, whole: bool) -> _Wanted:
    if wanted.since and wanted.until and wanted.until < wanted.since:
        raise InvalidInput(
            "Ngày cuối sớm hơn ngày đầu. Hãy sửa một trong hai ngày.",
            "the last day is before the first: change one of them",
        )
    dossier_id = None
    if wanted.dossier:
        readable = () if whole else (scope.dossiers(),)
        dossier_id = session.scalar(select(Dossier.id).where(Dossier.code == wanted.dossier, *readable))
        if dossier_id is None:
            raise NotFound(f"Không có hồ sơ mang mã '{wanted.dossier}'.", f"there is no dossier '{wanted.dossier}'")
    if not wanted.who:
        return _Wanted(wanted, scope, whole, dossier_id, None, frozenset(), frozenset(), frozenset())
    word = fold(wanted.who)
    people = {
        number: name
        for number, code, name in session.execute(select(Person.id, Person.code, Person.name))
        if word in fold(f"{code} {name}")
    }
    accounts = {
        number: (name, person)
        for number, login, name, person in session.execute(
            select(Account.id, Account.login, Account.name, Account.person_id)
        )
        if person in people or word in fold(f"{login} {name}")
    }
    people |= {person: name for name, person in accounts.values() if person is not None}
    if len(people) + len(accounts) > 2 * MOST_PEOPLE:
        raise _too_many(wanted.who)
    makers = frozenset(session.scalars(select(Producer.id).where(Producer.search.contains(word, autoescape=True))))
    if len(makers) > MOST_PEOPLE:
        raise _too_many(wanted.who)
    names = frozenset({*people.values(), *(name for name, _ in accounts.values()), wanted.who})
    return _Wanted(wanted, scope, whole, dossier_id, frozenset(people), makers, names, frozenset(accounts))


def _too_many(who: str) -> InvalidInput:
    return InvalidInput(
        f"Có quá nhiều người khớp với '{who}'. Hãy gõ rõ hơn: cả họ tên, mã hoặc tên đăng nhập.",
        f"too many people match '{who}': type more, the full name, the code or the login",
    )


def _after(rank: int, at: Any, row: Any, before: Place | None) -> list[ColumnElement[bool]]:
    """Return the condition that a line of this kind comes after a place."""
    if before is None:
        return []
    if rank != before.rank:
        return [at <= before.at if rank > before.rank else at < before.at]
    last: Any = before.row if rank == 2 else int(before.row)
    return [at <= before.at, or_(at < before.at, row < last)]


def _histories(session: Session, wanted: _Wanted, before: Place | None, limit: int) -> Iterator[Line]:
    source, _, key = wanted.filter.what.partition(":")
    if source not in ("", "line"):
        return
    conditions = [*wanted.within(Event.recorded_at), *_after(0, Event.recorded_at, Event.id, before)]
    if not wanted.whole:
        mine = select(Cycle.id).where(Cycle.province_id.in_(wanted.scope.units))
        conditions.append(Event.cycle_id.in_(mine))
    if wanted.dossier_id is not None:
        conditions.append(Event.dossier_id == wanted.dossier_id)
    if key:
        conditions.append(Event.event == key)
    elif wanted.dossier_id is None:
        conditions.append(Event.event.not_in(STEPS))
    if wanted.people is not None:
        by_people: ColumnElement[bool] = Event.actor_id.in_(wanted.people)
        if filed := session.scalars(select(Dossier.id).where(Dossier.producer_id.in_(wanted.producers))).all():
            by_producers = and_(Event.dossier_id.in_(filed), Event.actor_name.startswith(NAMED))
            conditions.append(or_(by_people, by_producers))
        else:
            conditions.append(by_people)
    rows = session.execute(
        select(
            Event.id, Event.recorded_at, Event.event, Event.actor_name, Event.on_behalf, Event.reason, Event.dossier_id,
            Dossier.code.label("dossier"), Cycle.code.label("cycle"), Unit.name.label("unit"),
        )
        .join(Cycle, Cycle.id == Event.cycle_id)
        .join(Unit, Unit.id == Event.unit_id)
        .outerjoin(Dossier, Dossier.id == Event.dossier_id)
        .where(*conditions)
        .order_by(Event.recorded_at.desc(), Event.id.desc())
        .limit(limit)
    )  # fmt: skip
    for row in rows:
        stood_for = Phrase("nhập thay theo %(document)s", document=row.on_behalf) if row.on_behalf else ""
        yield Line(
            Place(row.recorded_at, 0, str(row.id)), "histories", row.actor_name, EVENT_LABELS.get(row.event, row.event),
            dossier=row.dossier or "", cycle="" if row.dossier else row.cycle, about=row.unit,
            detail=Joined("; ", filter(None, (row.reason, stood_for))),
        )  # fmt: skip


def _accounts(session: Session, wanted: _Wanted, before: Place | None, limit: int) -> Iterator[Line]:
    source, _, key = wanted.filter.what.partition(":")
    if source not in ("", "account") or wanted.dossier_id is not None:
        return
    conditions = [*wanted.within(AccountEvent.at), *_after(1, AccountEvent.at, AccountEvent.id, before)]
    if not wanted.whole:
        conditions.append(AccountEvent.account_id.in_(_accounts_of(wanted.scope)))
    if key:
        conditions.append(AccountEvent.event == key)
    if wanted.people is not None:
        conditions.append(or_(AccountEvent.account_id.in_(wanted.accounts), AccountEvent.by_name.in_(wanted.names)))
    rows = session.execute(
        select(
            AccountEvent.id, AccountEvent.at, AccountEvent.event, AccountEvent.by_name, AccountEvent.address,
            AccountEvent.detail, AccountEvent.account_id, Account.login, Account.name,
        )
        .outerjoin(Account, Account.id == AccountEvent.account_id)
        .where(*conditions)
        .order_by(AccountEvent.at.desc(), AccountEvent.id.desc())
        .limit(limit)
    )  # fmt: skip
    for row in rows:
        yield Line(
            Place(row.at, 1, str(row.id)), "accounts", row.by_name or row.name or Phrase("không rõ ai"),
            EVENT_WORDS.get(row.event, row.event), account=row.account_id,
            about=row.login or Phrase("tên đăng nhập không có"), detail=row.detail, address=row.address if wanted.whole else "",
        )  # fmt: skip


def _accounts_of(scope: Scope) -> Any:
    """Return the query of the accounts of a territory's people and producers."""
    if not scope.units:
        return select(Account.id).where(false())
    people = select(Post.person_id).join(Unit, Unit.id == Post.unit_id).where(scope.communes())
    producers = select(Producer.id).join(Unit, Unit.id == Producer.commune_id).where(scope.communes())
    return select(Account.id).where(or_(Account.person_id.in_(people), Account.producer_id.in_(producers)))


def _requests(session: Session, wanted: _Wanted, before: Place | None, limit: int) -> Iterator[Line]:
    source, _, key = wanted.filter.what.partition(":")
    if source not in ("", "line") or wanted.dossier_id is not None:
        return
    conditions = [
        *wanted.within(Request.recorded_at), *_after(2, Request.recorded_at, Request.key, before),
        *wanted.named(Request.actor_name),
    ]  # fmt: skip
    if key:
        dashed = key.replace("_", "-")
        conditions.append(Request.act.in_((dashed, f"{dashed}-cycle")))
    rows = session.execute(
        select(Request.key, Request.act, Request.actor_name, Request.recorded_at, Request.answer)
        .where(*conditions)
        .order_by(Request.recorded_at.desc(), Request.key.desc())
        .limit(limit)
    )
    for row in rows:
        answer = row.answer if isinstance(row.answer, dict) else {}
        yield Line(
            Place(row.recorded_at, 2, row.key), "acts", row.actor_name,
            ACTS[row.act].title if row.act in ACTS else row.act, dossier=str(answer.get("dossier") or ""),
            detail=str(answer.get("message", "")),
        )  # fmt: skip
