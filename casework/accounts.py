"""Accounts: opened, invited, closed; their keys, each open once or until its end; and what happened to each account."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casework.passwords import fit, hashed
from models.accounts import Account, AccountEvent, AccountKey, KeyPurpose, SignIn
from models.secret import sha256
from models.units import Person, Producer
from ocop.errors import AlreadyExists, InvalidInput, NotFound, NotPossibleNow
from ocop.phrase import phrases
from ocop.text import nfc

LASTS: Mapping[KeyPurpose, timedelta] = {
    KeyPurpose.INVITATION: timedelta(days=7),
    KeyPurpose.RESET: timedelta(hours=1),
    KeyPurpose.SECOND_STEP: timedelta(minutes=5),
    KeyPurpose.API: timedelta(days=365),
}
"""How long a key of an account opens."""

EVENT_WORDS = phrases(
    {
        "invited": "được mời",
        "invitation_taken": "nhận lời mời, đặt mật khẩu",
        "signed_in": "đăng nhập",
        "failed": "đăng nhập không thành công",
        "locked": "bị khóa tạm thời",
        "signed_out": "đăng xuất",
        "session_ended": "kết thúc phiên làm việc",
        "password_changed": "đổi mật khẩu",
        "reset_asked": "xin đặt lại mật khẩu",
        "reset_done": "đặt lại mật khẩu",
        "second_factor_on": "bật xác thực hai bước",
        "second_factor_off": "tắt xác thực hai bước",
        "key_made": "tạo khóa giao diện lập trình",
        "key_ended": "thu hồi khóa giao diện lập trình",
        "renamed": "đổi tên hiển thị",
        "closed": "đóng tài khoản",
        "opened": "mở lại tài khoản",
        "administrator_on": "được giao quản trị",
        "administrator_off": "thôi quản trị",
    }
)
"""What happens to an account, as the audit tells it."""


class State(StrEnum):
    """Where an account stands."""

    OPEN = "open"
    INVITED = "invited"
    LOCKED = "locked"
    CLOSED = "closed"


STATE_WORDS: Mapping[State, str] = phrases(
    {
        State.OPEN: "đang dùng",
        State.INVITED: "đã mời, chưa đặt mật khẩu",
        State.LOCKED: "tạm khóa vì gõ sai",
        State.CLOSED: "đã đóng",
    }
)


@dataclass(frozen=True)
class Owner:
    """Whose account it is to be: a person of a unit or a producer, by code; neither for a mere administrator."""

    person: str = ""
    producer: str = ""
    administrator: bool = False


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
    session.add(
        AccountEvent(
            account_id=account_id, event=event, at=at, by_name=by[:200], address=address[:60], detail=detail[:200]
        )
    )


# Accounts


def open_account(
    session: Session, *, login: str, owner: Owner, at: datetime, by: str, name: str = "", simulated: bool = False
) -> Account:
    """Add an account without a password; its owner sets one by an invitation (`casework.invitations`)."""
    login, name = login_of(login), " ".join(nfc(name).split())
    if not login:
        raise InvalidInput(
            "Thiếu tên đăng nhập. Hãy ghi địa chỉ thư điện tử hoặc mã của người dùng.",
            "the login is missing: write the user's e-mail address or code",
        )
    if len(login) > 254 or any(sign.isspace() or not sign.isprintable() for sign in login):
        raise InvalidInput(
            "Tên đăng nhập dài quá 254 ký tự hoặc có khoảng trắng. Hãy dùng địa chỉ thư điện tử hoặc mã của người dùng.",
            "the login is longer than 254 characters or has spaces: use the user's e-mail address or code",
        )
    if owner.person and owner.producer:
        raise InvalidInput(
            "Tài khoản là của một cán bộ hoặc của một chủ thể, không của cả hai.",
            "an account is an officer's or a producer's, not both",
        )
    if session.scalar(select(Account.id).where(Account.login == login)):
        raise AlreadyExists(
            f"Đã có tài khoản '{login}'. Hãy dùng tên đăng nhập khác.",
            f"there is an account '{login}' already: use another login",
        )
    person_id = producer_id = None
    if owner.person:
        found = session.scalar(select(Person).where(Person.code == owner.person))
        if found is None:
            raise NotFound(f"Không có cán bộ mang mã '{owner.person}'.", f"no officer has the code '{owner.person}'")
        if session.scalar(select(Account.id).where(Account.person_id == found.id)):
            raise AlreadyExists(f"{found.name} đã có tài khoản.", f"{found.name} has an account already")
        person_id, name = found.id, found.name
    if owner.producer:
        maker = session.scalar(select(Producer).where(Producer.code == owner.producer))
        if maker is None:
            raise NotFound(
                f"Không có chủ thể mang mã '{owner.producer}'.", f"no producer has the code '{owner.producer}'"
            )
        producer_id, name = maker.id, name or maker.name
    if not (person_id or producer_id or owner.administrator):
        raise InvalidInput(
            "Tài khoản phải là của một cán bộ, một chủ thể hoặc một người quản trị.",
            "an account is an officer's, a producer's or an administrator's",
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


def account_by_login(session: Session, login: str, *, lock: bool = False) -> Account:
    """Return the account with a login, locked when asked for; NotFound when there is none."""
    statement = select(Account).where(Account.login == login_of(login))
    found = session.scalar(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound(f"Không có tài khoản '{login}'.", f"there is no account '{login}'")
    return found


def account_by_number(session: Session, number: int, *, lock: bool = False) -> Account:
    """Return the account with a number as it is now, locked when asked for; NotFound when there is none."""
    found = session.get(Account, number, with_for_update=lock or None, populate_existing=lock)
    if found is None:
        raise NotFound(f"Không có tài khoản số {number}.", f"there is no account number {number}")
    return found


def addresses(session: Session, numbers: Iterable[int]) -> dict[int, str | None]:
    """Return where the letters of some accounts go by e-mail: to the person's address, or the login where that is one."""
    wanted = set(numbers)
    if not wanted:
        return {}
    rows = session.execute(
        select(Account.id, Account.login, Account.person_id, Person.email, Producer.email)
        .outerjoin(Person, Person.id == Account.person_id)
        .outerjoin(Producer, Producer.id == Account.producer_id)
        .where(Account.id.in_(wanted))
    )
    found: dict[int, str | None] = {}
    for number, login, person_id, of_person, of_producer in rows:
        own = login if "@" in login else None
        found[number] = (of_person or own) if person_id is not None else (own or of_producer)
    return found


def state(account: Account, at: datetime) -> State:
    """Return where an account stands at an instant."""
    if account.closed_at is not None:
        return State.CLOSED
    if account.password is None:
        return State.INVITED
    return State.LOCKED if account.locked_until is not None and account.locked_until > at else State.OPEN


def close_account(session: Session, account: Account, *, at: datetime, by: str) -> None:
    """Let nobody sign in with an account any more, and end its sessions and keys; what it did stays told."""
    if account.closed_at is not None:
        raise NotPossibleNow(
            f"Tài khoản '{account.login}' đã đóng từ trước.", f"the account '{account.login}' is closed already"
        )
    _keep_an_administrator(session, account)
    account.closed_at = at
    end_sessions(session, account.id, at)
    end_keys(session, [account.id], at)
    note(session, account.id, "closed", at, by=by)


def reopen_account(session: Session, account: Account, *, at: datetime, by: str) -> None:
    """Let an account sign in again, also one that is locked because of wrong passwords."""
    account.closed_at, account.failures, account.locked_until = None, 0, None
    note(session, account.id, "opened", at, by=by)


def rename(session: Session, account: Account, name: str, *, at: datetime) -> None:
    """Change what an account is called; a person's name is that of the list of people, as history quotes it."""
    name = " ".join(nfc(name).split())
    if account.person_id is not None:
        raise NotPossibleNow(
            "Tên của cán bộ lấy từ danh sách cán bộ. Nếu sai, hãy báo người quản trị sửa ở đó.",
            "an officer's name is that of the list of officers: if it is wrong, ask the administrator to correct it there",
        )
    if not name or len(name) > 200:
        raise InvalidInput("Tên hiển thị có từ 1 đến 200 ký tự.", "the name shown has 1 to 200 characters")
    if name != account.name:
        note(session, account.id, "renamed", at, detail=f"{account.name} → {name}")
        account.name = name


def follow_names(session: Session, names: Mapping[int, str]) -> None:
    """Give the accounts of people, by the people's numbers, the names that these have now."""
    for account in session.scalars(select(Account).where(Account.person_id.in_(names))):
        account.name = names[account.person_id or 0][:200]


def set_administrator(session: Session, account: Account, on: bool, *, at: datetime, by: str) -> bool:
    """Give an account the administrator's rights or take them, and return whether that changed anything."""
    if account.administrator == on:
        return False
    if not on:
        _keep_an_administrator(session, account)
        if account.person_id is None and account.producer_id is None:
            raise NotPossibleNow(
                "Tài khoản này chỉ để quản trị, không của cán bộ hay chủ thể nào. Nếu không cần nữa, hãy đóng tài khoản.",
                "this account is for administration alone and is no officer's or producer's: if it is not needed any more, close it",
            )
    account.administrator = on
    note(session, account.id, "administrator_on" if on else "administrator_off", at, by=by)
    return True


def _keep_an_administrator(session: Session, account: Account) -> None:
    """Refuse what would leave the console without anybody to manage it; of two at once one is refused."""
    if not account.administrator:
        return
    managing = session.execute(
        select(Account.id, Account.password.is_not(None))
        .where(Account.administrator, Account.closed_at.is_(None))
        .order_by(Account.id)
        .with_for_update()
    ).all()
    if account.password is not None and not any(ready for number, ready in managing if number != account.id):
        raise NotPossibleNow(
            f"'{account.login}' là người quản trị duy nhất đang dùng được. Hãy giao quản trị cho người khác trước.",
            f"'{account.login}' is the only administrator who can sign in: make somebody else an administrator first",
        )


# Keys: invitations, resets, second steps, the API


def make_key(session: Session, account: Account, purpose: KeyPurpose, at: datetime, *, label: str = "") -> str:
    """Return a new key of an account; the record keeps its hash alone. An earlier invitation or reset opens no more."""
    token = secrets.token_urlsafe(32)
    if purpose in SETTING_PASSWORDS:
        end_keys(session, [account.id], at, *SETTING_PASSWORDS)
    session.add(new_key(account, purpose, at, token, at + LASTS[purpose], label))
    session.flush()
    return token


def new_key(
    account: Account, purpose: KeyPurpose, at: datetime, token: str, ends_at: datetime, label: str = ""
) -> AccountKey:
    """Return the row of a key; it keeps the key's hash alone."""
    return AccountKey(
        account_id=account.id,
        token_sha256=sha256(token),
        purpose=purpose.value,
        label=label,
        made_at=at,
        ends_at=ends_at,
    )


SETTING_PASSWORDS = (KeyPurpose.INVITATION, KeyPurpose.RESET)
"""Keys that let their bearer set the password: one at a time opens."""


def end_keys(session: Session, numbers: Iterable[int], at: datetime, *purposes: KeyPurpose) -> None:
    """Let the keys of some accounts open nothing any more: those for the purposes named, or all."""
    which = [AccountKey.account_id.in_(set(numbers)), AccountKey.used_at.is_(None)]
    if purposes:
        which.append(AccountKey.purpose.in_([purpose.value for purpose in purposes]))
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
        .execution_options(populate_existing=True)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def locked_by_key(session: Session, token: str, purpose: KeyPurpose, at: datetime) -> tuple[AccountKey, Account] | None:
    """Return what a token opens, its account locked: of two that come with the same key at once the second finds nothing."""
    found = key_opens(session, token, purpose, at)
    if found is None:
        return None
    account_by_number(session, found[1].id, lock=True)
    return key_opens(session, token, purpose, at)


def password_key(session: Session, token: str, at: datetime) -> tuple[AccountKey, Account]:
    """Return the invitation or reset that a token is, and its account; NotFound when it opens nothing any more."""
    for purpose in SETTING_PASSWORDS:
        if found := key_opens(session, token, purpose, at):
            return found
    raise _opens_nothing()


def _opens_nothing() -> NotFound:
    return NotFound(
        "Liên kết không dùng được: đã dùng rồi, đã hết hạn hoặc đã có liên kết mới hơn. Hãy xin đặt lại mật khẩu ở trang đăng "
        "nhập hoặc hỏi người quản trị.",
        "the link does not work: it was used, it has expired or there is a newer one. Ask for a new password on the sign-in page or "
        "ask the administrator",
    )


def take_key(session: Session, token: str, password: str, at: datetime, *, address: str = "") -> Account:
    """Set a password, given as its hash, by an invitation or a reset, once; every session of the account ends."""
    for purpose, event in zip(SETTING_PASSWORDS, ("invitation_taken", "reset_done"), strict=True):
        if opened := locked_by_key(session, token, purpose, at):
            key, account = opened
            key.used_at = at
            account.password, account.failures, account.locked_until = password, 0, None
            end_sessions(session, account.id, at)
            end_keys(session, [account.id], at, *SETTING_PASSWORDS, KeyPurpose.SECOND_STEP)
            note(session, account.id, event, at, address=address)
            return account
    raise _opens_nothing()


def set_password_by_key(session: Session, token: str, password: str, at: datetime) -> Account:
    """Set a password by an invitation or a reset, once; hashes it here, so not while others wait for the record."""
    _, account = password_key(session, token, at)
    return take_key(session, token, hashed(fit(password, account)), at)


def end_sessions(session: Session, account_id: int, at: datetime, *, keep: int | None = None) -> None:
    """End an account's sessions, all or all but one."""
    session.execute(
        update(SignIn)
        .where(SignIn.account_id == account_id, SignIn.ended_at.is_(None), SignIn.id != (keep or 0))
        .values(ended_at=at)
    )
