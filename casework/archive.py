"""The file of a backup: a zip of the tables as lines, the attachments, and a manifest that says what each part must be."""

import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from casework.attachments import BLOCK, blocks, sync_folder
from models.copying import Shape
from ocop.errors import AlreadyExists, InvalidInput, NotFound

FORMAT = 1
MANIFEST = "manifest.json"
FILES = "files/"
LONGEST_MANIFEST = 20_000_000


@dataclass(frozen=True)
class Part:
    """A table in an archive."""

    shape: Shape
    rows: int
    sha256: str

    @property
    def name(self) -> str:
        """The part's name in the zip."""
        return f"tables/{self.shape.name}.jsonl"


@dataclass(frozen=True)
class Manifest:
    """What an archive says about itself; written last, so that a cut archive has none."""

    program: str
    migration: str
    created_at: datetime
    database: str
    """The kind of database that it came from."""
    roots: Mapping[str, str]
    """The root of each cycle in this state of the record."""
    parts: tuple[Part, ...]
    files: int
    bytes: int
    """The size of all attachments."""
    damaged: tuple[str, ...] = ()
    """Attachments that the record names and that were gone or changed when the backup was made."""
    format: int = FORMAT


class Writer:
    """An archive being written, part by part, streamed."""

    def __init__(self, target: ZipFile, at: datetime) -> None:
        self._zip = target
        self._day = at.astimezone(UTC).timetuple()[:6]

    def table(self, shape: Shape, lines: Iterable[str]) -> Part:
        """Write a table's lines and return what the manifest says of them."""
        part = Part(shape, 0, "")
        hashed, rows = sha256(), 0
        with self._open(part.name, ZIP_DEFLATED) as out:
            for line in lines:
                content = f"{line}\n".encode()
                hashed.update(content)
                out.write(content)
                rows += 1
        return Part(shape, rows, hashed.hexdigest())

    def file(self, digest: str, source: IO[bytes]) -> tuple[int, bool]:
        """Write an attachment and return its size and whether its content still has its hash."""
        hashed, size = sha256(), 0
        with self._open(FILES + digest, ZIP_STORED) as out:
            for block in blocks(source):
                hashed.update(block)
                size += out.write(block)
        return size, hashed.hexdigest() == digest

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest."""
        with self._open(MANIFEST, ZIP_DEFLATED) as out:
            out.write(json.dumps(asdict(manifest), ensure_ascii=False, indent=1, default=_plain).encode())

    @contextmanager
    def _open(self, name: str, compression: int) -> Iterator[IO[bytes]]:
        part = ZipInfo(name, self._day)
        part.compress_type = compression
        part.external_attr = 0o600 << 16
        with self._zip.open(part, "w", force_zip64=True) as out:
            yield out


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


@contextmanager
def writing(target: Path, at: datetime) -> Iterator[Writer]:
    """Open a new archive under a temporary name beside its own; it gets its own name when all is on disk, or never.

    Only the owner may read it: it holds people's names and addresses.
    """
    if target.exists():
        raise AlreadyExists(f"Đã có tệp '{target}'. Hãy chọn tên khác.", f"{target} exists")
    target.parent.mkdir(parents=True, exist_ok=True)
    waiting = target.parent / f".{target.name}.{uuid4().hex[:8]}.part"
    try:
        with open(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with ZipFile(file, "w") as parts:
                yield Writer(parts, at)
            file.flush()
            os.fsync(file.fileno())
        waiting.replace(target)
        sync_folder(target.parent)
    finally:
        with suppress(FileNotFoundError):
            waiting.unlink()


class Archive:
    """An archive that was found whole: every part is what its manifest says."""

    def __init__(self, source: ZipFile, manifest: Manifest) -> None:
        self._zip, self.manifest = source, manifest

    def lines(self, part: Part) -> Iterator[bytes]:
        """Yield a table's lines."""
        with self._zip.open(part.name) as source:
            yield from source

    def files(self) -> Iterator[str]:
        """Yield the hashes of the attachments in it."""
        for name in self._zip.namelist():
            if name.startswith(FILES):
                yield name.removeprefix(FILES)

    def file(self, digest: str) -> IO[bytes]:
        """Return an attachment's content."""
        return self._zip.open(FILES + digest)


@contextmanager
def reading(source: Path) -> Iterator[Archive]:
    """Open an archive and read it once from end to end before anything is taken from it.

    Raises InvalidInput that says what is wrong with one that is cut, damaged, no archive of ours, or too new.
    """
    if not source.is_file():
        raise NotFound(f"Không có tệp sao lưu '{source}'.", f"no file {source}")
    try:
        with ZipFile(source) as opened:
            archive = Archive(opened, _manifest(opened))
            _check(archive, opened)
            yield archive
    except (BadZipFile, zlib.error, EOFError) as error:
        raise InvalidInput(
            f"Tệp '{source.name}' không phải là bản sao lưu nguyên vẹn: tệp bị cắt ngắn hoặc bị hỏng ({error}). "
            "Hãy dùng bản sao lưu khác.",
            f"the archive is cut or damaged: {error}",
        ) from None


def _manifest(source: ZipFile) -> Manifest:
    try:
        info = source.getinfo(MANIFEST)
        said = json.loads(source.read(info) if info.file_size <= LONGEST_MANIFEST else b"")
        if said["format"] != FORMAT:
            raise InvalidInput(
                f"Bản sao lưu có định dạng {said['format']}, phần mềm này chỉ đọc định dạng {FORMAT}. "
                "Hãy dùng phiên bản phần mềm mới hơn.",
                f"format {said['format']} is not {FORMAT}",
            )
        parts = tuple(Part(Shape(**part["shape"]), part["rows"], part["sha256"]) for part in said.pop("parts"))
        created_at = datetime.fromisoformat(said.pop("created_at"))
        return Manifest(parts=parts, created_at=created_at, **{**said, "damaged": tuple(said["damaged"])})
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(
            "Tệp không phải là bản sao lưu của phần mềm này: không có mục lục hoặc mục lục không đọc được.",
            f"no manifest of ours: {error!r}",
        ) from None


def _check(archive: Archive, source: ZipFile) -> None:
    """Raise InvalidInput for the first part that is not what the manifest says."""
    for part in archive.manifest.parts:
        try:
            hashed, rows = sha256(), 0
            for line in archive.lines(part):
                hashed.update(line)
                rows += 1
        except KeyError:
            raise _damaged(f"thiếu bảng {part.shape.name}") from None
        if rows != part.rows or hashed.hexdigest() != part.sha256:
            raise _damaged(f"bảng {part.shape.name} không khớp mục lục")
    damaged, count = set(archive.manifest.damaged), 0
    for digest in archive.files():
        count += 1
        with source.open(FILES + digest) as content:
            hashed = sha256()
            while block := content.read(BLOCK):
                hashed.update(block)
        if hashed.hexdigest() != digest and digest not in damaged:
            raise _damaged(f"tệp đính kèm {digest[:12]}… không khớp mã băm")
    if count != archive.manifest.files:
        raise _damaged(f"có {count} tệp đính kèm, mục lục ghi {archive.manifest.files}")


def _damaged(what: str) -> InvalidInput:
    return InvalidInput(
        f"Bản sao lưu bị hỏng: {what}. Chưa khôi phục gì; hãy dùng bản sao lưu khác.", f"damaged archive: {what}"
    )
