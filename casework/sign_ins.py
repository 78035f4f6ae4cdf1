"""Signing in: password, second step, lock-out, the sessions that follow, and the owner's own changes, which ask the password again."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from casework import second_factor
from casework.accounts import (
    SETTING_PASSWORDS,
    account_by_number,
    end_keys,
    end_sessions,
    locked_by_key,
    login_of,
    make_key,
    note,
)
from casework.passwords import Compared
from models.accounts import Account, AccountEvent, AccountKey, KeyPurpose, SignIn
from models.secret import Secret, sha256
from ocop.errors import InvalidInput, NotFound, NotPossibleNow

LOCKED_AFTER = 5
"""Wrong passwords or digits in a row after which an account rests."""
LOCKED_FOR = timedelta(minutes=15)
TRIES_OF_AN_ADDRESS = 30
"""Wrong sign-ins from one network address in ten minutes after which it is refused."""
RESETS_OF_AN_ADDRESS = 10
"""Forgotten passwords told from one network address in ten minutes after which no letter is written."""
RECENT = timedelta(minutes=10)
SESSION_LASTS = timedelta(hours=12)
IDLE_FOR = timedelta(hours=2)
"""A session that nobody used so long is over; a page that renews itself uses none."""
SEEN_EVERY = timedelta(minutes=5)
"""How often a session's last use is written down: not at each page."""
KEPT_FOR = timedelta(days=90)
"""How long a session that is over is still known."""

WRONG = (
    "Không đăng nhập được: tên đăng nhập hoặc mật khẩu không đúng, hoặc tài khoản đang tạm khóa 15 phút vì gõ sai nhiều lần. "
    "Hãy gõ lại, đợi 15 phút, hoặc đặt lại mật khẩu."
)
WRONG_IN_ENGLISH = (
    "the sign-in failed: the login or the password is wrong, or the account rests for 15 minutes because of too many wrong ones. "
    "Type them again, wait 15 minutes, or set a new password"
)
"""One sentence for every reason, so that nobody learns who has an account."""


@dataclass(eq=False)
class SignInRefused(NotPossibleNow):
    """A sign-in was not let through; the sentence never says whether the login exists."""

    ticket: str = ""
    """The second step that may be tried again; empty where the sign-in begins anew."""


@dataclass(frozen=True)
class CodeNeeded:
    """The password was right; the digits are asked for, with a ticket that stands for it a few minutes."""

    ticket: str


@dataclass(frozen=True)
class SignedIn:
    """A session has begun; its token goes to the browser and is kept nowhere here."""

    token: str


@dataclass(frozen=True)
class Candidate:
    """Whom a typed login may be, as read before its password is compared."""

    account_id: int | None
    kept: str | None
    """The hash to compare with; None where nobody can sign in by this login."""


def candidate(session: Session, login: str, *, at: datetime, address: str) -> Candidate | SignInRefused:
    """Return whom a login may be; too many wrong sign-ins from one address are refused before any hash is made."""
    if _too_many(session, address, "failed", TRIES_OF_AN_ADDRESS, at):
        return _too_many_tries()
    row = session.execute(
        select(Account.id, Account.password, Account.closed_at).where(Account.login == login_of(login))
    ).one_or_none()
    if row is None:
        return Candidate(None, None)
    return Candidate(row.id, row.password if row.closed_at is None else None)


def sign_in(
    session: Session, found: Candidate, compared: Compared, *, at: datetime, address: str, agent: str
) -> SignedIn | CodeNeeded | SignInRefused:
    """Return a session, the second step, or why there is neither: returned, not raised, so that the failure is kept.

    `compared` was made outside the transaction (`casework.passwords.compare`). A wrong password, an unknown login and a
    locked account take as long and get the same sentence. Five wrong ones in a row lock the account for a quarter of an
    hour; of many at once no more than five are looked at. Thirty in ten minutes lock the address that they came from.
    """
    account = None if found.account_id is None else account_by_number(session, found.account_id, lock=True)
    if _too_many(session, address, "failed", TRIES_OF_AN_ADDRESS, at):
        return _too_many_tries()
    if account is None or account.closed_at is not None or account.password is None or _locked(account, at):
        note(session, found.account_id, "failed", at, address=address)
        return _wrong()
    if not compared.right or account.password != found.kept:
        _failed(session, account, at, address)
        return _wrong()
    if compared.renewed is not None:
        account.password = compared.renewed
    if account.second_factor is not None:
        end_keys(session, [account.id], at, KeyPurpose.SECOND_STEP)
        return CodeNeeded(make_key(session, account, KeyPurpose.SECOND_STEP, at))
    return _begin(session, account, at, address, agent)


def second_step(
    session: Session, ticket: str, digits: str, *, secret: Secret, at: datetime, address: str, agent: str
) -> SignedIn | SignInRefused:
    """Return a session for a ticket and the six digits, or why there is none; each digits are taken once."""
    if _too_many(session, address, "failed", TRIES_OF_AN_ADDRESS, at):
        return _too_many_tries()
    opened = locked_by_key(session, ticket, KeyPurpose.SECOND_STEP, at)
    if opened is None or _locked(opened[1], at):
        note(session, opened[1].id if opened else None, "failed", at, address=address)
        return SignInRefused(
            "Đã quá 5 phút hoặc đã gõ sai nhiều lần. Hãy đăng nhập lại từ đầu.",
            "five minutes are over, or the code was wrong too often: sign in again from the start",
        )
    key, account = opened
    if not second_factor.fits(account, secret, digits, at):
        _failed(session, account, at, address)
        again = "" if _locked(account, at) else ticket
        return SignInRefused(
            "Mã 6 số không đúng hoặc đã dùng. Hãy đợi mã mới rồi gõ lại.",
            "the code of 6 digits is wrong or was used: wait for a new one and type it",
            again,
        )
    key.used_at = at
    return _begin(session, account, at, address, agent)


def _begin(session: Session, account: Account, at: datetime, address: str, agent: str) -> SignedIn:
    account.failures, account.locked_until = 0, None
    note(session, account.id, "signed_in", at, address=address)
    return SignedIn(start_session(session, account, at, agent))


def _wrong() -> SignInRefused:
    return SignInRefused(WRONG, WRONG_IN_ENGLISH)


def _too_many_tries() -> SignInRefused:
    return SignInRefused(
        "Có quá nhiều lần đăng nhập sai từ máy hoặc mạng này. Hãy đợi 10 phút rồi thử lại.",
        "too many wrong sign-ins came from this computer or network: wait 10 minutes and try again",
    )


def _too_many(session: Session, address: str, event: str, most: int, at: datetime) -> bool:
    """Return whether an address did something that often lately."""
    recent = session.scalar(
        select(func.count())
        .select_from(AccountEvent)
        .where(AccountEvent.address == address[:60], AccountEvent.at > at - RECENT, AccountEvent.event == event)
    )
    return (recent or 0) >= most


def _locked(account: Account, at: datetime) -> bool:
    return account.locked_until is not None and account.locked_until > at


def _failed(session: Session, account: Account, at: datetime, address: str) -> None:
    account.failures += 1
    note(session, account.id, "failed", at, address=address)
    if account.failures >= LOCKED_AFTER:
        account.failures, account.locked_until = 0, at + LOCKED_FOR
        end_keys(session, [account.id], at, KeyPurpose.SECOND_STEP)
        note(session, account.id, "locked", at, address=address)


def may_ask_reset(session: Session, *, at: datetime, address: str) -> bool:
    """Return whether one more forgotten password may be told from an address; each is written down, whoever it is about."""
    return not _too_many(session, address, "reset_asked", RESETS_OF_AN_ADDRESS, at)


# Sessions


def start_session(session: Session, account: Account, at: datetime, agent: str) -> str:
    """Start a session of an account and return its token; each sign-in has a token of its own."""
    token = secrets.token_urlsafe(32)
    session.execute(delete(SignIn).where(SignIn.account_id == account.id, SignIn.ends_at < at - KEPT_FOR))
    session.execute(
        delete(AccountKey).where(
            AccountKey.account_id == account.id,
            AccountKey.purpose == KeyPurpose.SECOND_STEP.value,
            AccountKey.ends_at < at,
        )
    )
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


def sessions(session: Session, account_id: int, at: datetime) -> list[SignIn]:
    """Return an account's sessions that go on, the last used first."""
    return list(
        session.scalars(
            select(SignIn)
            .where(
                SignIn.account_id == account_id,
                SignIn.ended_at.is_(None),
                SignIn.ends_at > at,
                SignIn.seen_at > at - IDLE_FOR,
            )
            .order_by(SignIn.seen_at.desc(), SignIn.id.desc())
        )
    )


def seen(session: Session, used: Mapping[int, datetime]) -> None:
    """Write down when sessions were last used, by their numbers; one that is gone is passed over."""
    written = update(SignIn).where(SignIn.id == bindparam("number")).values(seen_at=bindparam("at"))
    session.connection().execute(written, [{"number": number, "at": at} for number, at in used.items()])


def end_session(session: Session, account_id: int, number: int, at: datetime, *, address: str = "") -> None:
    """End one of an account's own sessions; NotFound for another's."""
    row = next((row for row in sessions(session, account_id, at) if row.id == number), None)
    if row is None:
        raise NotFound("Phiên làm việc này đã kết thúc rồi.", "this session has ended already")
    row.ended_at = at
    note(session, account_id, "session_ended", at, address=address)


def end_others(session: Session, account: Account, *, keep: int | None, at: datetime, address: str = "") -> None:
    """End every session of an account but one."""
    end_sessions(session, account.id, at, keep=keep)
    note(session, account.id, "session_ended", at, address=address)


def sign_out(session: Session, token: str, at: datetime) -> None:
    """End the session of a token."""
    if found := session_of(session, token, at):
        row, account = found
        row.ended_at = at
        note(session, account.id, "signed_out", at)


# The owner's own changes: each asks for the password again, and a wrong one counts as at sign-in


def confirmed(
    session: Session, account_id: int, kept: str | None, compared: Compared, *, at: datetime, address: str
) -> Account | SignInRefused:
    """Return the account, locked, whose owner has just typed the password; refused, the failure is kept."""
    account = account_by_number(session, account_id, lock=True)
    if account.closed_at is not None or _locked(account, at):
        return SignInRefused(
            "Đã gõ sai mật khẩu nhiều lần. Hãy đợi 15 phút rồi làm lại.",
            "the password was wrong too often: wait 15 minutes and try again",
        )
    if not compared.right or account.password != kept:
        _failed(session, account, at, address)
        return SignInRefused(
            "Mật khẩu hiện nay không đúng. Hãy gõ lại.", "the present password is wrong: type it again"
        )
    account.failures = 0
    return account


def change_password(
    session: Session, account: Account, password: str, *, at: datetime, address: str, agent: str
) -> str:
    """Keep a new password, given as its hash; every session ends, and the token of a new one is returned."""
    account.password = password
    end_keys(session, [account.id], at, *SETTING_PASSWORDS, KeyPurpose.SECOND_STEP)
    note(session, account.id, "password_changed", at, address=address)
    return _anew(session, account, at, agent)


def turn_on_second_factor(
    session: Session,
    account: Account,
    *,
    seed: str,
    digits: str,
    secret: Secret,
    at: datetime,
    address: str,
    agent: str,
) -> str:
    """Ask for the six digits from now on; the first ones show that the telephone has the key. Sessions begin anew."""
    second_factor.begin(account, seed)
    if not second_factor.fits(account, secret, digits, at):
        raise InvalidInput(
            "Mã 6 số không đúng. Hãy xem lại giờ của điện thoại (đặt tự động), đợi mã mới rồi gõ lại.",
            "the code of 6 digits is wrong: check the time of the telephone (set it to automatic), wait for a new code and type it",
        )
    note(session, account.id, "second_factor_on", at, address=address)
    return _anew(session, account, at, agent)


def turn_off_second_factor(
    session: Session, account: Account, *, at: datetime, by: str = "", address: str = ""
) -> None:
    """Ask for no digits any more: by the owner, or by an administrator for a lost telephone."""
    if account.second_factor is None:
        raise NotPossibleNow(
            "Tài khoản này không bật xác thực hai bước.", "two-step sign-in is not on for this account"
        )
    second_factor.end(account)
    end_keys(session, [account.id], at, KeyPurpose.SECOND_STEP)
    note(session, account.id, "second_factor_off", at, by=by, address=address)


def _anew(session: Session, account: Account, at: datetime, agent: str) -> str:
    end_sessions(session, account.id, at)
    return start_session(session, account, at, agent)
