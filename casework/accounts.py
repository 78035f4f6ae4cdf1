"""Who signs in: accounts, invitations, passwords, the second factor, sessions, lock-out, and what happened to each account."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import pyotp
from pwdlib import PasswordHash
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.accounts import Account, AccountEvent, AccountKey, KeyPurpose, SignIn
from models.units import Person, Producer
from ocop.errors import AlreadyExists, InvalidInput, NotFound
from ocop.text import nfc

LASTS = {
    KeyPurpose.INVITATION: timedelta(days=7),
    KeyPurpose.RESET: timedelta(hours=1),
    KeyPurpose.API: timedelta(days=365),
}
"""How long a key of an account opens."""
SHORTEST_PASSWORD = 12
ISSUER = "OCOP"

EVENT_WORDS = {
    "invited": "được mời",
    "invitation_taken": "nhận lời mời, đặt mật khẩu",
    "signed_in": "đăng nhập",
    "failed": "đăng nhập không thành công",
    "locked": "bị khóa tạm thời",
    "signed_out": "đăng xuất",
    "password_changed": "đổi mật khẩu",
    "reset_asked": "xin đặt lại mật khẩu",
    "reset_done": "đặt lại mật khẩu",
    "second_factor_on": "bật xác thực hai bước",
    "second_factor_off": "tắt xác thực hai bước",
    "key_made": "tạo khóa giao diện lập trình",
    "key_withdrawn": "thu hồi khóa giao diện lập trình",
    "closed": "đóng tài khoản",
    "opened": "mở lại tài khoản",
    "administrator_on": "được giao quản trị",
    "administrator_off": "thôi quản trị",
}
"""What happens to an account, as the audit tells it."""


@dataclass(frozen=True)
class Owner:
    """Whose account it is to be: a person of a unit or a producer, by code; neither for a mere administrator."""

    person: str = ""
    producer: str = ""
    administrator: bool = False


@lru_cache(maxsize=1)
def hasher() -> PasswordHash:
    """Return the way passwords are kept: argon2id with the library's recommended cost."""
    return PasswordHash.recommended()


def sha256(token: str) -> str:
    """Return what the record keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def login_of(typed: str) -> str:
    """Return a login as accounts keep it."""
    return nfc(typed).strip().lower()


def note(
    session: Session,
    account_id: int | None,
    event: str,
    at: datetime,
    *,
    by: str = "",
    address: str = "",
    detail: str = "",
) -> None:
    """Write a line of what happened to an account."""
    session.add(AccountEvent(account_id=account_id, event=event, at=at, by_name=by, address=address, detail=detail))


# Accounts


def open_account(
    session: Session, *, login: str, owner: Owner, at: datetime, by: str, name: str = "", simulated: bool = False
) -> Account:
    """Add an account without a password; its owner sets one by an invitation (`make_key`)."""
    login = login_of(login)
    if not login:
        raise InvalidInput("Thiếu tên đăng nhập. Hãy ghi địa chỉ thư điện tử hoặc mã của người dùng.", "no login")
    if owner.person and owner.producer:
        raise InvalidInput("Tài khoản là của một cán bộ hoặc của một chủ thể, không của cả hai.", "two owners")
    if session.scalar(select(Account.id).where(Account.login == login)):
        raise AlreadyExists(f"Đã có tài khoản '{login}'. Hãy dùng tên đăng nhập khác.", f"login {login} is taken")
    person_id = producer_id = None
    if owner.person:
        found = session.scalar(select(Person).where(Person.code == owner.person))
        if found is None:
            raise NotFound(f"Không có cán bộ mang mã '{owner.person}'.", f"no person {owner.person}")
        if session.scalar(select(Account.id).where(Account.person_id == found.id)):
            raise AlreadyExists(f"{found.name} đã có tài khoản.", f"person {owner.person} has an account")
        person_id, name = found.id, found.name
    if owner.producer:
        maker = session.scalar(select(Producer).where(Producer.code == owner.producer))
        if maker is None:
            raise NotFound(f"Không có chủ thể mang mã '{owner.producer}'.", f"no producer {owner.producer}")
        producer_id, name = maker.id, name or maker.name
    if not (person_id or producer_id or owner.administrator):
        raise InvalidInput(
            "Tài khoản phải là của một cán bộ, một chủ thể hoặc một người quản trị.", "an account without an owner"
        )
    account = Account(
        login=login, name=(name or login)[:200], person_id=person_id, producer_id=producer_id,
        administrator=owner.administrator, created_at=at, simulated=simulated,
    )  # fmt: skip
    session.add(account)
    session.flush()
    note(session, account.id, "invited", at, by=by)
    return account


def any_account(session: Session) -> bool:
    """Return whether somebody may sign in, or was invited to."""
    return session.scalar(select(Account.id).limit(1)) is not None


def account_by_login(session: Session, login: str) -> Account:
    """Return the account with a login; NotFound when there is none."""
    found = session.scalar(select(Account).where(Account.login == login_of(login)))
    if found is None:
        raise NotFound(f"Không có tài khoản '{login}'.", f"no account {login}")
    return found


def close_account(session: Session, account: Account, *, at: datetime, by: str) -> None:
    """Let nobody sign in with an account any more, and end its sessions and keys; what it did stays told."""
    account.closed_at = at
    end_sessions(session, account.id, at)
    withdraw_keys(session, account.id, at)
    note(session, account.id, "closed", at, by=by)


def reopen_account(session: Session, account: Account, *, at: datetime, by: str) -> None:
    """Let an account sign in again."""
    account.closed_at, account.failures, account.locked_until = None, 0, None
    note(session, account.id, "opened", at, by=by)


# Keys: invitations, resets, the API


def make_key(session: Session, account: Account, purpose: KeyPurpose, at: datetime, *, label: str = "") -> str:
    """Return a new key of an account; the record keeps its hash alone. An earlier invitation or reset opens no more."""
    if purpose is not KeyPurpose.API:
        withdraw_keys(session, account.id, at, purpose)
    token = secrets.token_urlsafe(32)
    session.add(
        AccountKey(
            account_id=account.id, token_sha256=sha256(token), purpose=purpose.value, label=label, made_at=at,
            ends_at=at + LASTS[purpose],
        )
    )  # fmt: skip
    session.flush()
    return token


def withdraw_keys(session: Session, account_id: int, at: datetime, purpose: KeyPurpose | None = None) -> None:
    """Let an account's keys open nothing any more."""
    which = [AccountKey.account_id == account_id, AccountKey.used_at.is_(None)]
    if purpose is not None:
        which.append(AccountKey.purpose == purpose.value)
    session.execute(update(AccountKey).where(*which).values(used_at=at))


def key_opens(session: Session, token: str, purpose: KeyPurpose, at: datetime) -> tuple[AccountKey, Account] | None:
    """Return the key and the account that a token opens now, or None."""
    row = session.execute(
        select(AccountKey, Account)
        .join(Account, Account.id == AccountKey.account_id)
        .where(
            AccountKey.token_sha256 == sha256(token),
            AccountKey.purpose == purpose.value,
            AccountKey.used_at.is_(None),
            AccountKey.ends_at > at,
            Account.closed_at.is_(None),
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def set_password_by_key(session: Session, token: str, password: str, at: datetime) -> Account:
    """Set a password by an invitation or a reset, once; all other sessions of the account end."""
    for purpose, event in ((KeyPurpose.INVITATION, "invitation_taken"), (KeyPurpose.RESET, "reset_done")):
        if opened := key_opens(session, token, purpose, at):
            key, account = opened
            account.password = hasher().hash(fit(password, account))
            account.failures, account.locked_until = 0, None
            key.used_at = at
            end_sessions(session, account.id, at)
            note(session, account.id, event, at)
            return account
    raise NotFound(
        "Liên kết không dùng được: đã dùng rồi hoặc đã hết hạn. Hãy xin liên kết mới ở trang đăng nhập hoặc hỏi người quản trị.",
        "the key opens nothing",
    )


def fit(password: str, account: Account) -> str:
    """Return a password that may be kept, NFC; InvalidInput says what it lacks."""
    password = nfc(password)
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidInput(
            f"Mật khẩu phải có ít nhất {SHORTEST_PASSWORD} ký tự. Nên ghép vài từ dễ nhớ, không liên quan với nhau.",
            "the password is too short",
        )
    if len(password) > 200:
        raise InvalidInput("Mật khẩu dài quá 200 ký tự.", "the password is too long")
    own = {login_of(account.login), *login_of(account.login).split("@")[:1], login_of(account.name)}
    if login_of(password) in own or len(set(password)) < 5:
        raise InvalidInput(
            "Mật khẩu dễ đoán: đừng dùng tên đăng nhập, họ tên hay một ký tự lặp lại.", "a weak password"
        )
    return password


def end_sessions(session: Session, account_id: int, at: datetime, *, keep: int | None = None) -> None:
    """End an account's sessions, all or all but one."""
    session.execute(
        update(SignIn)
        .where(SignIn.account_id == account_id, SignIn.ended_at.is_(None), SignIn.id != (keep or 0))
        .values(ended_at=at)
    )


# The owner's own changes


def change_password(
    session: Session, account: Account, *, old: str, new: str, at: datetime, keep: int | None = None
) -> None:
    """Change a password by the old one; all other sessions end."""
    if account.password is None or not hasher().verify(nfc(old), account.password):
        raise InvalidInput("Mật khẩu hiện nay không đúng. Hãy gõ lại.", "the old password is wrong")
    account.password = hasher().hash(fit(new, account))
    end_sessions(session, account.id, at, keep=keep)
    note(session, account.id, "password_changed", at)


def new_second_factor() -> str:
    """Return a key for a telephone, not yet asked for."""
    return pyotp.random_base32()


def second_factor_address(account: Account, key: str) -> str:
    """Return the address that a telephone reads from the picture."""
    return pyotp.TOTP(key).provisioning_uri(name=account.login, issuer_name=ISSUER)


def turn_on_second_factor(session: Session, account: Account, *, key: str, code: str, at: datetime) -> None:
    """Ask for the six digits from now on; the first ones show that the telephone has the key."""
    account.second_factor, account.second_factor_step = key, 0
    if not code_fits(account, code, at):
        raise InvalidInput("Mã 6 số không đúng. Hãy kiểm tra giờ của điện thoại rồi gõ mã mới.", "a wrong code")
    note(session, account.id, "second_factor_on", at)


def turn_off_second_factor(session: Session, account: Account, *, at: datetime, by: str = "") -> None:
    """Ask for no digits any more: by the owner, or by an administrator for a lost telephone."""
    account.second_factor, account.second_factor_step = None, 0
    note(session, account.id, "second_factor_off", at, by=by)


def code_fits(account: Account, code: str, at: datetime) -> bool:
    """Return whether digits are those of now, a step before or after, and were not taken before; they then are."""
    totp = pyotp.TOTP(account.second_factor or "")
    typed = "".join(code.split())
    for shift in (-1, 0, 1):
        step = totp.timecode(at) + shift
        if step > account.second_factor_step and secrets.compare_digest(totp.generate_otp(step), typed):
            account.second_factor_step = step
            return True
    return False
