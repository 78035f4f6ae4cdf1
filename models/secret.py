"""The installation's secret: a file in its home folder, in no backup, from which keys in letters and second factors are derived."""

import hashlib
import hmac
import os
import re
import secrets
from base64 import b32encode
from dataclasses import dataclass
from pathlib import Path

FILE = "secret"
"""Its name in the home folder; only the user that runs the engine may read it."""
LENGTH = 32


@dataclass(frozen=True)
class Secret:
    """The secret of the installation whose home folder this is, made when it is first asked for."""

    home: Path

    def derive(self, purpose: str, seed: str) -> bytes:
        """Return 32 bytes that nobody can tell from a seed without the secret; the same seed gives the same."""
        return hmac.new(self._read(), f"{purpose}/{seed}".encode(), "sha256").digest()

    def key(self, seed: str) -> str:
        """Return the key that a letter's link carries: 120 bits in 24 letters and digits, which also paper can carry."""
        return b32encode(self.derive("key", seed)[:15]).decode()

    def _read(self) -> bytes:
        path = self.home / FILE
        try:
            kept = path.read_bytes()
        except FileNotFoundError:
            _make(path)
            kept = path.read_bytes()
        if len(kept) != LENGTH:
            raise ValueError(f"{path} is not the secret of an installation: it has {len(kept)} bytes")
        return kept


def sha256(token: str) -> str:
    """Return what the record keeps of a token or a key."""
    return hashlib.sha256(token.encode()).hexdigest()


def in_fours(key: str) -> str:
    """Return a key as people read it: 'ABCD-EFGH-...'."""
    return "-".join(key[place : place + 4] for place in range(0, len(key), 4))


def key_typed(text: str) -> str:
    """Return the key that somebody typed or a link carries: without lines between, in capitals, look-alikes put right."""
    bare = re.sub(r"[\s-]", "", text).upper().translate(_LOOK_ALIKE)
    return bare if re.fullmatch(r"[A-Z2-7]{24}", bare) else text


_LOOK_ALIKE = str.maketrans("018", "OIB")


def _make(path: Path) -> None:
    """Write a new secret whole, or leave the one that another process has just made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{FILE}-{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(LENGTH))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
