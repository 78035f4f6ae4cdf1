"""Accounts whose passwords cost little, for tests of what comes after the comparing."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from casework import accounts, passwords, sign_ins
from models.accounts import Account, AccountEvent
from models.session import perform, reading, transaction
from models.tables import METADATA

NOW = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
PASSWORD = "bốn con ngựa xanh"
CHEAP = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)).hash(PASSWORD)
"""The password's hash at a cost at which nobody would keep it: comparing takes no time."""
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
