"""Accounts whose passwords cost little, for tests of what comes after the comparing: keys, second steps, several at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pyotp
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from casework import accounts, passwords, second_factor, sign_ins
from models.accounts import Account, AccountEvent, KeyPurpose
from models.secret import Secret
from models.session import perform, reading, transaction
from models.tables import METADATA
from ocop.errors import NotFound, NotPossibleNow

NOW = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
PASSWORD = "bốn con ngựa xanh"
CHEAP = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)).hash(PASSWORD)
"""The password's hash at a cost at which nobody would keep it: comparing takes no time."""
OTHER = "ghế đá sân trường cũ"
ADDRESS = "10.36.0.7"


def later(**span: float) -> datetime:
    """Return an instant after the tests' present."""
    return NOW + timedelta(**span)


def an_account(engine: Engine, login: str = "quan-tri", *, password: str | None = CHEAP, **owner: Any) -> int:
    """Open an account, with the password unless another hash is given, and return its number."""
    with transaction(engine) as session:
        opened = accounts.open_account(
            session, login=login, owner=accounts.Owner(**(owner or {"administrator": True})), at=NOW, by="Kiểm thử"
        )
        opened.password = password
        return opened.id


def account(engine: Engine, number: int) -> Account:
    """Return an account as its row stands now."""
    with Session(engine) as session:
        return session.get_one(Account, number)


def happened(engine: Engine, number: int | None = None) -> list[str]:
    """Return what happened to an account, or to all, in order."""
    statement = select(AccountEvent.event).order_by(AccountEvent.id)
    with reading(engine) as session:
        return list(
            session.scalars(statement if number is None else statement.where(AccountEvent.account_id == number))
        )


def tried(
    engine: Engine, password: str = PASSWORD, login: str = "quan-tri", *, at: datetime = NOW, address: str = ADDRESS
) -> sign_ins.SignedIn | sign_ins.CodeNeeded | sign_ins.SignInRefused:
    """Sign in as the page does: read, compare, then write."""
    with reading(engine) as session:
        known = sign_ins.candidate(session, login, at=at, address=address)
    if isinstance(known, sign_ins.SignInRefused):
        return known
    cheap = passwords.compare(password, known.kept)._replace(renewed=None)
    return concluded(engine, known, cheap, at=at, address=address)


def concluded(
    engine: Engine, known: sign_ins.Candidate, compared: passwords.Compared, *, at: datetime = NOW,
    address: str = ADDRESS,
) -> sign_ins.SignedIn | sign_ins.CodeNeeded | sign_ins.SignInRefused:  # fmt: skip
    """Write down what comparing gave."""
    return perform(
        engine,
        lambda session: sign_ins.sign_in(session, known, compared, at=at, address=address, agent="Kiểm thử"),
    )


def signed_in(engine: Engine, **more: Any) -> str:
    """Sign in and return the session's token."""
    found = tried(engine, **more)
    assert isinstance(found, sign_ins.SignedIn)
    return found.token


def goes_on(engine: Engine, token: str, at: datetime = NOW) -> bool:
    """Return whether a token opens a session at an instant."""
    with reading(engine) as session:
        return sign_ins.session_of(session, token, at) is not None


def whole_record(engine: Engine) -> str:
    """Return every row of every table as one text."""
    with reading(engine) as session:
        return "\n".join(repr(row) for table in METADATA.sorted_tables for row in session.execute(select(table)))


def refused(found: object) -> sign_ins.SignInRefused:
    """Return the refusal that a sign-in or a second step met."""
    assert isinstance(found, sign_ins.SignInRefused)
    return found


def key(engine: Engine, number: int, purpose: KeyPurpose = KeyPurpose.INVITATION, at: datetime = NOW) -> str:
    """Make a key of an account and return what opens it."""
    with transaction(engine) as session:
        return accounts.make_key(session, accounts.account_by_number(session, number, lock=True), purpose, at)


def take(engine: Engine, token: str, at: datetime = NOW, kept: str = CHEAP) -> int:
    """Set a password by a key, and return the account's number."""
    return perform(engine, lambda session: accounts.take_key(session, token, kept, at).id)


def together(*work: Callable[[], Any]) -> list[Any]:
    """Do several things at the same moment, and return what each gave or raised."""
    start = Barrier(len(work))

    def begun(each: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return each()
        except (NotFound, NotPossibleNow) as refusal:
            return refusal

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(begun, work))


def with_second_factor(engine: Engine, secret: Secret) -> tuple[int, pyotp.TOTP]:
    """Open an account with a second factor, turned on an hour ago, and return its number and its telephone."""
    number, seed = an_account(engine), second_factor.new_seed()
    with transaction(engine) as session:
        row = accounts.account_by_number(session, number)
        telephone = pyotp.TOTP(second_factor.key_of(row, secret, seed))
        sign_ins.turn_on_second_factor(
            session, row, seed=seed, digits=telephone.at(later(hours=-1)), secret=secret, at=later(hours=-1),
            address=ADDRESS, agent="",
        )  # fmt: skip
    return number, telephone


def stepped(engine: Engine, secret: Secret, ticket: str, digits: str, at: datetime = NOW) -> Any:
    """Take the second step of a sign-in with these digits."""
    return perform(
        engine,
        lambda session: sign_ins.second_step(
            session, ticket, digits, secret=secret, at=at, address=ADDRESS, agent="Kiểm thử"
        ),
    )


def ticket_of(engine: Engine, at: datetime = NOW) -> str:
    """Sign in by password where a second factor is on, and return the ticket of the second step."""
    found = tried(engine, at=at)
    assert isinstance(found, sign_ins.CodeNeeded)
    return found.ticket
