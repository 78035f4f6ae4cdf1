"""Passwords as they are kept and compared: argon2id, outside any transaction, a few at a time."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import BoundedSemaphore
from typing import NamedTuple

from pwdlib import PasswordHash

from models.accounts import Account
from ocop.errors import InvalidInput, NotPossibleNow
from ocop.passwords import weakness
from ocop.text import nfc

AT_ONCE = 3
"""Hashes at the same time: each takes 64 MB and a core for a twentieth of a second."""
WAIT_SECONDS = 10.0
_room = BoundedSemaphore(AT_ONCE)


class Compared(NamedTuple):
    """Whether a password was right, and its hash at today's cost where the kept one is older."""

    right: bool
    renewed: str | None = None


@lru_cache(maxsize=1)
def hasher() -> PasswordHash:
    """Return the way passwords are kept: argon2id with the library's recommended cost."""
    return PasswordHash.recommended()


def hashed(password: str) -> str:
    """Return the hash of a password, with a salt of its own; ask for it outside any transaction."""
    with _one_of_few():
        return hasher().hash(nfc(password))


def compare(password: str, kept: str | None) -> Compared:
    """Return whether a password is the kept one; where none is kept the answer is no, and takes as long."""
    with _one_of_few():
        right, renewed = hasher().verify_and_update(nfc(password), kept or _nobodys())
    return Compared(right, renewed) if kept else Compared(False)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return hasher().hash(secrets.token_urlsafe(16))


@contextmanager
def _one_of_few() -> Iterator[None]:
    """Let a few hash at a time, so that a flood of sign-ins takes neither all memory nor the other pages' time."""
    if not _room.acquire(timeout=WAIT_SECONDS):
        raise NotPossibleNow(
            "Đang có quá nhiều người đăng nhập cùng lúc. Hãy thử lại sau một phút.",
            "too many people sign in at once: try again in a minute",
        )
    try:
        yield
    finally:
        _room.release()


def fit(password: str, account: Account) -> str:
    """Return a password that may be kept for an account, NFC; InvalidInput says what it lacks."""
    password = nfc(password)
    own = (account.login, account.login.partition("@")[0], account.name)
    if lacking := weakness(password, own):
        raise InvalidInput(lacking, "the password does not fit")
    return password
