"""Keys with which other programs act for an account: named by its owner, shown once, taken back at any time."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.accounts import make_key, note
from models.accounts import Account, AccountKey, KeyPurpose
from ocop.errors import InvalidInput, NotFound, NotPossibleNow
from ocop.text import nfc

API_KEYS = 10
"""Keys that an account may have at a time."""


def make_api_key(session: Session, account: Account, label: str, at: datetime, *, address: str = "") -> str:
    """Return a new key for programs, shown this once; its owner names it."""
    label = " ".join(nfc(label).split())
    if not label or len(label) > 100:
        raise InvalidInput(
            "Hãy đặt tên cho khóa, dưới 100 ký tự, để sau này biết khóa dùng ở đâu.",
            "give the key a name of at most 100 characters, to know later where it is used",
        )
    if len(api_keys(session, account.id, at)) >= API_KEYS:
        raise NotPossibleNow(
            f"Mỗi tài khoản có nhiều nhất {API_KEYS} khóa. Hãy thu hồi khóa không dùng nữa.",
            f"an account has at most {API_KEYS} keys: withdraw one that is not used any more",
        )
    token = make_key(session, account, KeyPurpose.API, at, label=label)
    note(session, account.id, "key_made", at, address=address, detail=label)
    return token


def api_keys(session: Session, account_id: int, at: datetime) -> list[AccountKey]:
    """Return the keys for programs that an account has now, oldest first."""
    return list(
        session.scalars(
            select(AccountKey)
            .where(
                AccountKey.account_id == account_id,
                AccountKey.purpose == KeyPurpose.API.value,
                AccountKey.used_at.is_(None),
                AccountKey.ends_at > at,
            )
            .order_by(AccountKey.id)
        )
    )


def end_api_key(session: Session, account: Account, number: int, at: datetime, *, address: str = "") -> None:
    """Let a key for programs open nothing any more; NotFound where the account has no such key."""
    key = next((key for key in api_keys(session, account.id, at) if key.id == number), None)
    if key is None:
        raise NotFound("Không có khóa này, hoặc khóa đã được thu hồi.", "there is no such key, or it was withdrawn")
    key.used_at = at
    note(session, account.id, "key_ended", at, address=address, detail=key.label)
