"""Files that belong to evidence, kept under the sha256 of their content: the same file is kept once and never changed."""

import os
import re
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import IO
from uuid import uuid4

from casework.attachment_kinds import check_head, check_whole, ending_of
from casework.settings import AttachmentSettings
from ocop.errors import InvalidInput, NotFound
from ocop.phrase import Phrase
from ocop.text import nfc

MEGABYTE = 1_000_000
BLOCK = 1 << 20
SHA256 = re.compile(r"[0-9a-f]{64}")
LONGEST_NAME = 200
"""How many characters of a file's name are kept."""
LASTS = timedelta(days=1)
"""After so long a file that no act has filed goes."""
HALF = ".{}.part"
"""How a file is named that is being taken in, or is about to go."""


@dataclass(frozen=True)
class Stored:
    """A file that is kept."""

    sha256: str
    size: int
    new: bool
    """False when the same content was there already."""


@dataclass(frozen=True)
class Incoming:
    """A file that was taken in whole and waits beside the kept ones; it is gone where it is not kept."""

    sha256: str
    size: int
    folder: Path
    waiting: Path

    def keep(self) -> Stored:
        """Keep it under its hash, by which evidence names it; the same content is kept once, and lasts anew."""
        kept = path(self.folder, self.sha256)
        new = not kept.exists()
        kept.parent.mkdir(exist_ok=True)
        self.waiting.replace(kept)
        sync_folder(kept.parent)
        return Stored(self.sha256, self.size, new)


def store(folder: Path, name: str, source: IO[bytes], settings: AttachmentSettings) -> Stored:
    """Keep a file and return its sha256, by which evidence names it; InvalidInput for one too large or of another kind."""
    with incoming(folder, name, source, settings) as file:
        return file.keep()


@contextmanager
def incoming(folder: Path, name: str, source: IO[bytes], settings: AttachmentSettings) -> Iterator[Incoming]:
    """Take a file in, look at what it is, and hold it while the block runs; InvalidInput for one that is not taken.

    The content is on disk, whole, before its name exists: a crash leaves no half file under a hash, and what the block does
    not keep is gone at its end. So an act may file it first and keep it last, within one transaction.
    """
    ending = ending_of(name)
    if ending not in settings.endings:
        raise InvalidInput(
            f"Tệp '{name}' không thuộc loại được đính kèm ({', '.join(sorted(settings.endings))}).",
            f"the file '{name}' is not of a kind that may be attached ({', '.join(sorted(settings.endings))})",
        )
    with _taken_in(folder, _checked(source, name, settings.max_megabytes * MEGABYTE)) as file:
        check_whole(name, file.waiting)
        yield file


def _checked(source: IO[bytes], name: str, limit: int) -> Iterator[bytes]:
    """Yield a file's blocks; raise InvalidInput as soon as it is empty, too large, or not what its name says."""
    size = 0
    for block in blocks(source):
        if not size:
            check_head(name, block)
        size += len(block)
        if size > limit:
            raise InvalidInput(
                f"Tệp '{name}' lớn hơn {limit // MEGABYTE} MB. Hãy quét với độ phân giải thấp hơn hoặc chia nhỏ.",
                f"the file '{name}' is larger than {limit // MEGABYTE} MB; scan it at a lower resolution or divide it",
            )
        yield block
    if not size:
        raise InvalidInput(f"Tệp '{name}' không có nội dung.", f"the file '{name}' is empty")


def blocks(source: IO[bytes]) -> Iterator[bytes]:
    """Yield a file's content in blocks, so that memory stays flat."""
    while block := source.read(BLOCK):
        yield block


def plain_name(name: str) -> str:
    """Return a file's name as it is kept: the last part of its path, in composed form, without signs that are not printed."""
    last = re.split(r"[/\\]", nfc(name))[-1]
    shown = "".join(sign for sign in last if sign.isprintable()).strip().lstrip(".") or "tep"
    start, dot, ending = shown.rpartition(".")
    if not dot or len(ending) > 10:
        return shown[:LONGEST_NAME]
    return f"{start[: LONGEST_NAME - len(ending) - 1]}.{ending}"


@contextmanager
def _taken_in(folder: Path, content: Iterator[bytes]) -> Iterator[Incoming]:
    folder.mkdir(parents=True, exist_ok=True)
    hashed, size = sha256(), 0
    waiting = folder / HALF.format(uuid4().hex)
    try:
        with waiting.open("xb") as file:
            for block in content:
                hashed.update(block)
                size += file.write(block)
            file.flush()
            os.fsync(file.fileno())
        yield Incoming(hashed.hexdigest(), size, folder, waiting)
    finally:
        with suppress(FileNotFoundError):
            waiting.unlink()


def restore(folder: Path, digest: str, source: IO[bytes]) -> bool:
    """Keep a file of a backup under the hash that it had; False, and nothing kept, when its content has another one."""
    hashed = sha256()

    def seen() -> Iterator[bytes]:
        for block in blocks(source):
            hashed.update(block)
            yield block
        if hashed.hexdigest() != digest:
            raise _OtherContent

    try:
        with _taken_in(folder, seen()) as file:
            file.keep()
    except _OtherContent:
        return False
    return True


class _OtherContent(Exception):
    """The content does not have the hash that it should have."""


def hold(folder: Path, digest: str) -> None:
    """Let a file that an act is about to file last anew; NotFound when it is kept no more."""
    try:
        os.utime(path(folder, digest))
    except FileNotFoundError:
        raise NotFound(
            f"Tệp đính kèm {digest[:12]}… không còn được giữ: tệp chưa ghi vào hồ sơ chỉ được giữ một ngày. Hãy gửi lại tệp.",
            f"the attached file {digest[:12]}… is no longer kept: a file that no dossier names is kept for one day; send it again",
        ) from None


def sweep(folder: Path, named: Container[str], wall: datetime) -> int:
    """Remove files that no paper names and that nobody filed within a day, halves of uploads too; return how many went.

    One is put aside before its age decides: whoever keeps it meanwhile keeps a new one, and one that was held is put back.
    """
    gone = 0
    for digest in kept(folder):
        file, aside = path(folder, digest), folder / HALF.format(digest)
        if digest in named or not _over(file, wall):
            continue
        file.replace(aside)
        if _over(aside, wall):
            aside.unlink()
            gone += 1
        else:
            aside.replace(file)
    for half in folder.glob(HALF.format("*")):
        with suppress(FileNotFoundError):
            if _over(half, wall):
                half.unlink()
                gone += 1
    return gone


def _over(file: Path, wall: datetime) -> bool:
    return wall.timestamp() - file.stat().st_mtime > LASTS.total_seconds()


def sync_folder(folder: Path) -> None:
    """Make a renamed file's name durable, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def path(folder: Path, digest: str) -> Path:
    """Return where a file with this hash is kept; InvalidInput for what is no sha256."""
    if not SHA256.fullmatch(digest):
        raise InvalidInput(
            f"'{digest}' không phải là mã sha256 của một tệp đính kèm.",
            f"'{digest}' is not the sha256 of an attached file",
        )
    return folder / digest[:2] / digest


def read(folder: Path, digest: str) -> Path:
    """Return the path of a kept file whose content still has its hash; NotFound says what is wrong with it."""
    if wrong := problem(folder, digest):
        raise NotFound(
            Phrase("Tệp đính kèm %(file)s… %(wrong)s.", file=digest[:12], wrong=wrong), f"attachment {digest}: {wrong}"
        )
    return path(folder, digest)


def problem(folder: Path, digest: str) -> str:
    """Return what is wrong with a kept file, in words, or an empty text."""
    if not SHA256.fullmatch(digest):
        return Phrase("không có mã sha256 hợp lệ")
    try:
        with path(folder, digest).open("rb") as file:
            hashed = sha256()
            for block in blocks(file):
                hashed.update(block)
    except FileNotFoundError:
        return Phrase("không còn trong thư mục đính kèm")
    except OSError as error:
        return Phrase("không đọc được (%(error)s)", error=error.strerror)
    return "" if hashed.hexdigest() == digest else Phrase("đã bị thay đổi: nội dung không khớp mã sha256")


def kept(folder: Path) -> Iterator[str]:
    """Yield the hashes of all files that are kept, in order."""
    if folder.is_dir():
        for shelf in sorted(entry for entry in folder.iterdir() if entry.is_dir() and len(entry.name) == 2):
            yield from sorted(entry.name for entry in shelf.iterdir() if SHA256.fullmatch(entry.name))
