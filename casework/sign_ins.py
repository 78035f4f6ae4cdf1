"""Signing in: the password, the second factor, lock-out, and the sessions that follow."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from casework.accounts import code_fits, hasher, login_of, note, sha256
from models.accounts import Account, AccountEvent, SignIn
from ocop.errors import NotPossibleNow
from ocop.text import nfc

LOCKED_AFTER = 5
"""Wrong passwords in a row after which an account rests."""
LOCKED_FOR = timedelta(minutes=15)
TRIES_OF_AN_ADDRESS = 30
"""Wrong sign-ins from one network address in ten minutes after which it is refused."""
SESSION_LASTS = timedelta(hours=12)
IDLE_FOR = timedelta(hours=2)
"""A session that nobody used so long is over."""
SEEN_EVERY = timedelta(minutes=5)
"""How often a session's last use is written down: not at each page."""


@dataclass(eq=False)
class SignInRefused(NotPossibleNow):
    """A sign-in was not let through; the sentence never says whether the login exists."""

    needs_code: bool = False
    """Whether the password was right and the digits of the second factor are asked for."""


@lru_cache(maxsize=1)
def _nobodys() -> str:
    """Return a hash to compare with where nobody has the login, so that the answer takes as long."""
    return hasher().hash(secrets.token_urlsafe(16))


def sign_in(
    session: Session, *, login: str, password: str, code: str, at: datetime, address: str, agent: str
) -> str | SignInRefused:
    """Return the token of a new session, or why there is none: returned, not raised, so that the failure is kept.

    A wrong password and an unknown login take as long and get the same sentence. Five wrong passwords in a row lock the
    account for a quarter of an hour, thirty wrong sign-ins in ten minutes the network address that they came from.
    """
    wrong = SignInRefused("Tên đăng nhập hoặc mật khẩu không đúng. Hãy gõ lại.", "wrong login or password")
    recent = session.scalar(
        select(func.count())
        .select_from(AccountEvent)
        .where(
            AccountEvent.address == address,
            AccountEvent.event == "failed",
            AccountEvent.at > at - timedelta(minutes=10),
        )
    )
    if (recent or 0) >= TRIES_OF_AN_ADDRESS:
        return SignInRefused(
            "Có quá nhiều lần đăng nhập sai từ máy này. Hãy đợi 10 phút rồi thử lại.", "too many wrong sign-ins"
        )
    account = session.scalar(select(Account).where(Account.login == login_of(login)).with_for_update())
    if account is None or account.closed_at is not None or account.password is None:
        hasher().verify(nfc(password), _nobodys())
        note(session, account.id if account else None, "failed", at, address=address)
        return wrong
    if account.locked_until is not None and account.locked_until > at:
        return SignInRefused(
            "Tài khoản bị khóa tạm thời vì gõ sai nhiều lần. Hãy thử lại sau 15 phút hoặc đặt lại mật khẩu.",
            "the account is locked",
        )
    right, renewed = hasher().verify_and_update(nfc(password), account.password)
    if not right:
        _failed(session, account, at, address)
        return wrong
    if account.second_factor is not None:
        if not code.strip():
            return SignInRefused(
                "Tài khoản này bật xác thực hai bước: hãy ghi thêm mã 6 số.", "a code is needed", needs_code=True
            )
        if not code_fits(account, code, at):
            _failed(session, account, at, address)
            return SignInRefused(
                "Mã 6 số không đúng hoặc đã dùng. Hãy đợi mã mới rồi gõ lại.", "a wrong code", needs_code=True
            )
    if renewed is not None:
        account.password = renewed
    account.failures, account.locked_until = 0, None
    note(session, account.id, "signed_in", at, address=address)
    return start_session(session, account, at, agent)


def _failed(session: Session, account: Account, at: datetime, address: str) -> None:
    account.failures += 1
    note(session, account.id, "failed", at, address=address)
    if account.failures >= LOCKED_AFTER:
        account.failures, account.locked_until = 0, at + LOCKED_FOR
        note(session, account.id, "locked", at, address=address)


def start_session(session: Session, account: Account, at: datetime, agent: str) -> str:
    """Start a session of an account and return its token; each sign-in has a token of its own."""
    token = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            account_id=account.id, token_sha256=sha256(token), agent=agent[:200], signed_in_at=at, seen_at=at,
            ends_at=at + SESSION_LASTS,
        )
    )  # fmt: skip
    session.flush()
    return token


def session_of(session: Session, token: str, at: datetime) -> tuple[SignIn, Account] | None:
    """Return the session and the account behind a cookie's token, or None when it is over."""
    row = session.execute(
        select(SignIn, Account)
        .join(Account, Account.id == SignIn.account_id)
        .where(
            SignIn.token_sha256 == sha256(token),
            SignIn.ended_at.is_(None),
            SignIn.ends_at > at,
            SignIn.seen_at > at - IDLE_FOR,
            Account.closed_at.is_(None),
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def seen(session: Session, sign_in_id: int, at: datetime) -> None:
    """Write down that a session is in use."""
    session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(seen_at=at))


def sign_out(session: Session, token: str, at: datetime) -> None:
    """End the session of a token."""
    if found := session_of(session, token, at):
        sign_in, account = found
        sign_in.ended_at = at
        note(session, account.id, "signed_out", at)
