"""Accounts as the administrator's list shows them: whose each is, where it stands, when it was used last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from casework.accounts import State, addresses, state
from casework.assigned import in_office
from models.accounts import Account, AccountEvent
from models.units import Person, Post, Producer, Unit
from ocop.errors import NotFound
from ocop.levels import Role
from ocop.phrase import Joined, phrases
from ocop.text import fold
from ocop.working_days import day_of

KINDS: Mapping[str, str] = phrases({"person": "cán bộ", "producer": "chủ thể", "administrator": "người quản trị"})
"""Whose an account may be."""


@dataclass(frozen=True)
class AccountFilter:
    """What a list of accounts is narrowed to; each is empty or a word of its address."""

    q: str = ""
    state: str = ""
    kind: str = ""

    @property
    def parameters(self) -> dict[str, str | int]:
        """The filters that are set, for an address."""
        given = {"q": self.q, "state": self.state, "kind": self.kind}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class AccountRow:
    """An account with its owner."""

    account: Account
    state: State
    whose: str
    """What its owner is: the roles and units of a person, a producer by name, or nothing."""
    person: str
    """The code of the person, or an empty text."""
    signed_in_at: datetime | None
    asked_at: datetime | None
    """When the owner last told that the password is forgotten, where nothing came of it yet and no letter can help."""


def find_accounts(session: Session, wanted: AccountFilter, at: datetime) -> list[int]:
    """Return the numbers of the accounts that a filter asks for, by name; the search minds neither marks nor case.

    All names are read for that: an installation has hundreds or thousands of accounts, and they have no folded column.
    """
    rows = session.execute(
        select(Account.id, Account.login, Account.name, Producer.name)
        .outerjoin(Producer, Producer.id == Account.producer_id)
        .where(*_conditions(wanted, at))
    )
    word = fold(wanted.q)
    found = [
        (fold(name), number)
        for number, login, name, producer in rows
        if not word or word in fold(f"{login} {name} {producer or ''}")
    ]
    return [number for _, number in sorted(found)]


def account_rows(session: Session, numbers: Sequence[int], at: datetime) -> list[AccountRow]:
    """Return some accounts in the order of their numbers as given."""
    day = day_of(at)
    accounts = {row.id: row for row in session.scalars(select(Account).where(Account.id.in_(numbers)))}
    people = {row.person_id for row in accounts.values() if row.person_id is not None}
    codes = {
        person: code for person, code in session.execute(select(Person.id, Person.code).where(Person.id.in_(people)))
    }
    roles: dict[int, list[str]] = {}
    for person, role, unit in session.execute(
        select(Post.person_id, Post.role, Unit.name)
        .join(Unit, Unit.id == Post.unit_id)
        .where(Post.person_id.in_(people), in_office(day))
        .order_by(Post.valid_from, Post.id)
    ):
        roles.setdefault(person, []).append(Joined(", ", (Role(role).label, unit)))
    makers = {
        number: name
        for number, name in session.execute(
            select(Producer.id, Producer.name).where(
                Producer.id.in_({row.producer_id for row in accounts.values() if row.producer_id is not None})
            )
        )
    }
    last, asked = last_sign_ins(session, numbers), _asked_in_vain(session, numbers)
    return [
        AccountRow(
            accounts[number], state(accounts[number], at),
            Joined("; ", roles.get(accounts[number].person_id or 0, ())) or makers.get(accounts[number].producer_id or 0, ""),
            codes.get(accounts[number].person_id or 0, ""), last.get(number), asked.get(number),
        )
        for number in numbers
        if number in accounts
    ]  # fmt: skip


def last_sign_ins(session: Session, numbers: Sequence[int]) -> dict[int, datetime]:
    """Return when some accounts were signed in to last."""
    rows = session.execute(
        select(AccountEvent.account_id, func.max(AccountEvent.at))
        .where(AccountEvent.account_id.in_(numbers), AccountEvent.event == "signed_in")
        .group_by(AccountEvent.account_id)
    )
    return {number: at for number, at in rows if number is not None}


ANSWERED = ("signed_in", "reset_done", "invitation_taken")
"""What shows that a forgotten password is no matter any more."""


def _asked_in_vain(session: Session, numbers: Sequence[int]) -> dict[int, datetime]:
    """Return when owners told that the password is forgotten to whom no letter goes, where nothing came of it since."""
    latest: dict[int, dict[str, datetime]] = {}
    for number, event, at in session.execute(
        select(AccountEvent.account_id, AccountEvent.event, func.max(AccountEvent.at))
        .where(
            AccountEvent.account_id.in_(numbers),
            AccountEvent.event.in_(("reset_asked", *ANSWERED)),
            AccountEvent.by_name == "",
        )
        .group_by(AccountEvent.account_id, AccountEvent.event)
    ):
        latest.setdefault(number, {})[event] = at
    waiting = {
        number: events["reset_asked"]
        for number, events in latest.items()
        if "reset_asked" in events and events["reset_asked"] == max(events.values())
    }
    emails = addresses(session, waiting)
    return {number: at for number, at in waiting.items() if not emails.get(number)}


def _conditions(wanted: AccountFilter, at: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.kind:
        if wanted.kind not in KINDS:
            raise NotFound(f"Không có loại tài khoản '{wanted.kind}'.", f"there is no kind of account '{wanted.kind}'")
        found.append(
            {
                "person": Account.person_id.is_not(None),
                "producer": Account.producer_id.is_not(None),
                "administrator": Account.administrator.is_(True),
            }[wanted.kind]
        )
    if wanted.state:
        if wanted.state not in set(State):
            raise NotFound(
                f"Không có trạng thái tài khoản '{wanted.state}'.", f"there is no state of an account '{wanted.state}'"
            )
        found.append(_standing(State(wanted.state), at))
    return found


def _standing(wanted: State, at: datetime) -> ColumnElement[bool]:
    """Return the condition of a state, as `casework.accounts.state` tells it."""
    if wanted is State.CLOSED:
        return Account.closed_at.is_not(None)
    if wanted is State.INVITED:
        return and_(Account.closed_at.is_(None), Account.password.is_(None))
    used = and_(Account.closed_at.is_(None), Account.password.is_not(None))
    locked = and_(Account.locked_until.is_not(None), Account.locked_until > at)
    if wanted is State.LOCKED:
        return and_(used, locked)
    return and_(used, or_(Account.locked_until.is_(None), Account.locked_until <= at))
