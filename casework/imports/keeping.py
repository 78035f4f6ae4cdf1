"""Keeps an uploaded file between its preview and its confirmation: by its hash, for its sender, for a day."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from ocop.errors import InvalidInput, NotFound, RowProblem
from ocop.phrase import from_json, to_json

LASTS = timedelta(days=1)
"""After so long an upload goes, confirmed or not."""
SILENT = timedelta(minutes=2)
"""Work that said nothing for so long was cut off with its process; nothing of it was written."""
HASH = re.compile(r"[0-9a-f]{64}")
SHOWN_ROWS = 5


class Standing(StrEnum):
    """How far an upload came."""

    LOOKING = "looking"
    LOOKED = "looked"
    TAKING = "taking"
    TAKEN = "taken"
    REFUSED = "refused"
    """Not read at all, or forbidden: `refusal` says why."""
    BROKEN = "broken"
    """Something else went wrong; nothing was written."""

    @property
    def running(self) -> bool:
        """Whether work goes on."""
        return self in (Standing.LOOKING, Standing.TAKING)


@dataclass(frozen=True)
class Upload:
    """A file that waits for its sender's word, and what came of looking at it."""

    sha256: str
    kind: str
    name: str
    size: int
    sender: int
    """The account that sent it, and alone may see and confirm it."""
    kept_at: datetime
    seen_at: datetime
    """When its work last gave a sign."""
    standing: Standing = Standing.LOOKING
    time: int = 0
    """How often the file had been taken in before."""
    done: int = 0
    total: int = 0
    """Rows dealt with, of how many, where the work counts them."""
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: Sequence[RowProblem] = ()
    refusal: str = ""
    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = field(default=())
    """The first rows as they were read."""

    def cut_off(self, now: datetime) -> bool:
        """Return whether its work ended with the process that did it."""
        return self.standing.running and now - self.seen_at > SILENT


class Uploads:
    """The folder of uploads of an installation."""

    def __init__(self, folder: Path) -> None:
        """Keep uploads in a folder, made when the first comes."""
        self.folder = folder

    def keep(self, kind: str, name: str, content: bytes, *, sender: int, at: datetime) -> Upload:
        """Keep a file and return its upload; what is older than a day goes."""
        self.clean(at)
        if not content:
            raise InvalidInput(
                "Chưa chọn tệp, hoặc tệp rỗng. Hãy chọn tệp rồi gửi lại.",
                "no file was chosen, or the file is empty. Choose a file and send it again",
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        found = sha256(content).hexdigest()
        _write(self.folder / found, content)
        upload = Upload(found, kind, name, len(content), sender, at, at)
        self.tell(upload)
        return upload

    def content(self, upload: Upload) -> bytes:
        """Return what was sent; NotFound when its day is over."""
        try:
            return (self.folder / upload.sha256).read_bytes()
        except FileNotFoundError:
            raise _gone() from None

    def find(self, kind: str, digest: str, *, sender: int, at: datetime) -> Upload:
        """Return a sender's upload; NotFound for one of somebody else's, and for one whose day is over."""
        try:
            found = _read((self.folder / _called(kind, digest, sender)).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise _gone() from None
        if at - found.kept_at > LASTS:
            raise _gone()
        return found

    def waiting(self, *, sender: int, at: datetime) -> list[Upload]:
        """Return a sender's uploads of the last day that were not taken in, the newest first."""
        found = [_read(path.read_text(encoding="utf-8")) for path in self.folder.glob(f"*.{sender}.json")]
        kept = [one for one in found if one.standing is not Standing.TAKEN and at - one.kept_at <= LASTS]
        return sorted(kept, key=lambda one: one.kept_at, reverse=True)

    def tell(self, upload: Upload, **changed: Any) -> Upload:
        """Write how far an upload is, and return it so."""
        upload = replace(upload, **changed)
        body = {
            **vars(upload),
            "kept_at": upload.kept_at.isoformat(),
            "seen_at": upload.seen_at.isoformat(),
            "problems": [{name: to_json(said) for name, said in vars(one).items()} for one in upload.problems],
            "refusal": to_json(upload.refusal),
        }
        text = json.dumps(body, ensure_ascii=False)
        _write(self.folder / _called(upload.kind, upload.sha256, upload.sender), text.encode())
        return upload

    def clean(self, at: datetime) -> int:
        """Remove what was kept longer than a day and return how many files went."""
        gone = 0
        for path in self.folder.glob("*"):
            with suppress(
                FileNotFoundError
            ):  # another request has just given a draft its name, or removed the same file
                if at.timestamp() - path.stat().st_mtime > LASTS.total_seconds():
                    path.unlink()
                    gone += 1
        return gone


def _called(kind: str, digest: str, sender: int) -> str:
    if not HASH.fullmatch(digest):
        raise _gone()
    return f"{digest}.{kind}.{sender}.json"


def _gone() -> NotFound:
    return NotFound(
        "Tệp này không còn được giữ: tệp gửi lên chỉ được giữ một ngày, cho người đã gửi. Hãy gửi lại tệp.",
        "this file is not kept any more: what is sent is kept for one day, for its sender. Send it again",
    )


def _write(path: Path, content: bytes) -> None:
    """Write a file whole, for the engine's own user alone; of two at once neither writes into the other's draft."""
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)


def _read(text: str) -> Upload:
    body: Mapping[str, Any] = json.loads(text)
    return Upload(
        **{
            **body,
            "standing": Standing(body["standing"]),
            "kept_at": datetime.fromisoformat(body["kept_at"]),
            "seen_at": datetime.fromisoformat(body["seen_at"]),
            "problems": tuple(
                RowProblem(**{name: from_json(said) for name, said in one.items()}) for one in body["problems"]
            ),
            "refusal": from_json(body["refusal"]),
        }
    )
