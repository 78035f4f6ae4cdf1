"""The second factor: six digits of a telephone, whose key is derived from a seed in the record and the installation's secret."""

import secrets
from base64 import b32encode
from datetime import datetime

import pyotp

from models.accounts import Account
from models.secret import Secret
from ocop.errors import InvalidInput

ISSUER = "OCOP"
SEED = 24
"""Characters of a seed at least."""


def new_seed() -> str:
    """Return a seed, not yet anybody's; without the installation's secret it tells nothing."""
    return secrets.token_urlsafe(SEED)


def key_of(account: Account, secret: Secret, seed: str) -> str:
    """Return the key that an account's telephone keeps, base32."""
    return b32encode(secret.derive(f"second factor/{account.id}", seed)[:20]).decode()


def address_of(account: Account, secret: Secret, seed: str) -> str:
    """Return the address that a telephone reads from the picture."""
    return pyotp.TOTP(key_of(account, secret, seed)).provisioning_uri(name=account.login, issuer_name=ISSUER)


def begin(account: Account, seed: str) -> None:
    """Ask an account for the six digits from now on; InvalidInput for what is no seed of ours."""
    if not SEED <= len(seed) <= 64:
        raise InvalidInput(
            "Mã thiết lập không đúng. Hãy tải lại trang và quét lại mã vuông.",
            "the setup code is wrong: reload the page and scan the square code again",
        )
    account.second_factor, account.second_factor_step = seed, 0


def end(account: Account) -> None:
    """Ask an account for no digits any more."""
    account.second_factor, account.second_factor_step = None, 0


def fits(account: Account, secret: Secret, digits: str, at: datetime) -> bool:
    """Return whether digits are those of now, a step before or after, and were not taken before; they then are.

    The account's row is locked by the caller, so that two sign-ins at once do not take the same digits.
    """
    if account.second_factor is None:
        return False
    totp = pyotp.TOTP(key_of(account, secret, account.second_factor))
    typed = "".join(digits.split())
    for shift in (-1, 0, 1):
        step = totp.timecode(at) + shift
        if step > account.second_factor_step and secrets.compare_digest(
            totp.generate_otp(step).encode(), typed.encode()
        ):
            account.second_factor_step = step
            return True
    return False
