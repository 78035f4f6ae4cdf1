"""Backs the record up while it is written, database and attachments in one file, and restores a copy that sends nothing."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from casework import archive, attachments, digest, outbox
from casework.archive import Archive, Manifest, Part
from casework.clock import set_mark
from casework.doctor import chains
from casework.health import BACKED_UP
from models import copying, migrate
from models.cycles import Cycle
from models.dossiers import Evidence
from ocop.errors import InvalidInput, NotPossibleNow
from ocop.phrase import Joined, Phrase
from ocop.working_days import VIETNAM

STAMP = "%Y%m%d-%H%M%S"
NAME = "ocop-{at:%Y%m%d-%H%M%S}.zip"
"""How a daily backup is named: by its instant in Việt Nam, so that names sort as the backups came."""
PATTERN = "ocop-????????-??????.zip"
HALF = f".{PATTERN}.*.part"
"""How one is named while it is written."""


MADE = "%(name)s: %(size)s, %(rows)s dòng, %(files)s tệp đính kèm"
DAMAGED = "%(number)s tệp đính kèm đã mất hoặc hỏng từ trước"


@dataclass(frozen=True)
class BackedUp:
    """A backup that was made."""

    path: Path
    size: int
    rows: int
    files: int
    damaged: Sequence[str]
    """Attachments that the record names and that were already gone or changed."""

    @property
    def message(self) -> Joined:
        """The numbers in one line."""
        told = Phrase(MADE, name=self.path.name, size=megabytes(self.size), rows=self.rows, files=self.files)
        return Joined("; ", (told, Phrase(DAMAGED, number=str(len(self.damaged)))) if self.damaged else (told,))


def megabytes(size: int) -> str:
    """Return a size as a Vietnamese reader expects it: '12,3 MB'."""
    return f"{size / attachments.MEGABYTE:.1f} MB".replace(".", ",")


def back_up(session: Session, files: Path, target: Path, at: datetime) -> BackedUp:
    """Write one consistent state of the record, with all attachments, into a new file.

    The session reads one snapshot (models.session.reading): others go on writing meanwhile. Attachments that a paper names
    are never changed or removed, so those that the snapshot names are still there when the tables have been written.
    """
    connection = session.connection()
    with archive.writing(target, at) as writer:
        parts = tuple(writer.table(shape, copying.lines(connection, shape)) for shape in copying.shapes())
        roots = {cycle.code: digest.root(session, cycle) for cycle in session.scalars(select(Cycle).order_by(Cycle.id))}
        damaged, number, size = [], 0, 0
        present = set()
        for sha256 in attachments.kept(files):
            with suppress(FileNotFoundError), attachments.path(files, sha256).open("rb") as source:  # else just swept
                written, whole = writer.file(sha256, source)
                number, size = number + 1, size + written
                present.add(sha256)
                if not whole:
                    damaged.append(sha256)
        damaged += [sha256 for sha256 in _named(session) if sha256 not in present]
        writer.finish(
            Manifest(
                version("ocop-cycle-engine"), migrate.newest(), at, connection.dialect.name, roots, parts, number, size,
                tuple(damaged),
            )
        )  # fmt: skip
    return BackedUp(target, target.stat().st_size, sum(part.rows for part in parts), number, damaged)


def _named(session: Session) -> Iterator[str]:
    """Yield the hashes of attachments that the record names."""
    yield from session.scalars(
        select(Evidence.file_sha256).where(Evidence.file_sha256 != "").distinct().order_by(Evidence.file_sha256)
    )


def daily(session: Session, files: Path, folder: Path, at: datetime) -> BackedUp:
    """Make the backup of a day under its own name in the folder of backups.

    What an earlier try of this instant made whole is the one, also when that try was cut off before it could tell.
    """
    target = folder / NAME.format(at=at.astimezone(VIETNAM))
    return made_before(target) if target.exists() else back_up(session, files, target, at)


def made_before(target: Path) -> BackedUp:
    """Return what a backup that is there says of itself, read from end to end; InvalidInput when it is damaged."""
    with archive.reading(target) as whole:
        said = whole.manifest
    return BackedUp(target, target.stat().st_size, sum(part.rows for part in said.parts), said.files, said.damaged)


def sweep(session: Session, files: Path, wall: datetime) -> int:
    """Remove attachments that nobody filed within a day, and return how many went; a backup made before has them still."""
    return attachments.sweep(files, set(_named(session)), wall)


def remember(session: Session, made: BackedUp, at: datetime) -> None:
    """Keep as a mark that a backup was made, so that its absence is noticed."""
    set_mark(session, BACKED_UP, made.message, at)


@dataclass(frozen=True)
class Kept:
    """A daily backup that lies in the folder."""

    name: str
    size: str
    made_at: datetime


def kept(folder: Path) -> list[Kept]:
    """Return the daily backups of a folder, the newest first; none where the folder cannot be read from here."""
    if not folder.is_dir():
        return []
    found = sorted(folder.glob(PATTERN), reverse=True)
    return [
        Kept(
            path.name,
            megabytes(path.stat().st_size),
            datetime.strptime(path.name, f"ocop-{STAMP}.zip").replace(tzinfo=VIETNAM),
        )
        for path in found
    ]


def thin_out(folder: Path, keep: int) -> int:
    """Remove all but the newest daily backups of a folder, and return how many went; files of other names stay.

    What a process that ended in the middle left half-written goes too: it is no newer than the newest whole one.
    """
    whole = sorted(folder.glob(PATTERN))
    for half in folder.glob(HALF) if whole else ():
        if half.name[1 : 1 + len(whole[-1].name)] <= whole[-1].name:
            half.unlink()
    old = whole[:-keep]
    for each in old:
        each.unlink()
    return len(old)


@dataclass(frozen=True)
class Restored:
    """A copy that was restored."""

    manifest: Manifest
    rows: int
    files: int
    held: int
    faults: Sequence[chains.Fault]
    """Chains that did not hold in the original either."""


def restore(session: Session, files: Path, source: Archive, at: datetime) -> Restored:
    """Restore an archive into an empty database and an empty folder of attachments, in the caller's transaction.

    Tables are made as they were when the archive was written, filled with the append-only triggers in place, brought to
    this version, and compared with the archive's roots. Every letter that has not left is held, and so is every letter
    that the copy will owe: `ocop release-letters` lets them go. Raises a refusal, and nothing is in the database.
    """
    connection, manifest = session.connection(), source.manifest
    require_empty(connection, files, source)
    if not migrate.knows(manifest.migration):
        raise NotPossibleNow(
            f"Bản sao lưu thuộc phiên bản mới hơn ({manifest.program}, bảng {manifest.migration}). "
            "Hãy cài phiên bản phần mềm đó rồi khôi phục.",
            f"migration {manifest.migration} is not known here",
        )
    migrate.bring_empty(connection, manifest.migration)
    rows = sum(_load(connection, source, part) for part in manifest.parts)
    copying.continue_numbering(connection, [part.shape for part in manifest.parts])
    migrate.finish(connection)
    for cycle in session.scalars(select(Cycle).order_by(Cycle.id)):
        if digest.root(session, cycle) != manifest.roots.get(cycle.code):
            raise InvalidInput(
                f"Chu trình {cycle.code} sau khi nạp không khớp mã gốc ghi trong bản sao lưu. Chưa khôi phục gì.",
                f"the root of {cycle.code} differs",
            )
    number = _files(files, source)
    held = outbox.hold(session, at=at, because=f"{manifest.created_at.isoformat()}, {manifest.database}")
    return Restored(manifest, rows, number, held, list(chains.faults(session)))


def _load(connection: Connection, source: Archive, part: Part) -> int:
    read = partial(copying.read, part.shape)
    number = copying.load(connection, part.shape, map(read, source.lines(part)))
    if part.shape.links:
        copying.link(connection, part.shape, lambda: map(read, source.lines(part)))
    return number


def _files(folder: Path, source: Archive) -> int:
    """Keep the archive's attachments and return how many; those that were damaged before stay out."""
    damaged, number = set(source.manifest.damaged), 0
    for sha256 in source.files():
        with source.file(sha256) as content:
            if sha256 in damaged:
                continue
            if not attachments.restore(folder, sha256, content):
                raise InvalidInput(
                    f"Tệp đính kèm {sha256[:12]}… trong bản sao lưu bị hỏng.", f"attachment {sha256} differs"
                )
            number += 1
    return number


def require_empty(connection: Connection, files: Path, source: Archive) -> None:
    """Raise NotPossibleNow where something is there that a restore would mix with or hide.

    Attachments of this very archive may be there: an earlier try left them.
    """
    if table := copying.occupied(connection):
        raise NotPossibleNow(
            f"Cơ sở dữ liệu đích không trống (bảng '{table}'). Chỉ khôi phục vào cơ sở dữ liệu trống: "
            "hãy đặt OCOP_HOME hoặc OCOP_DB_URL đến nơi khác.",
            f"the database is not empty: {table}",
        )
    own: set[Any] = set(source.files())
    other = next((sha256 for sha256 in attachments.kept(files) if sha256 not in own), None)
    if other is not None:
        raise NotPossibleNow(
            f"Thư mục đính kèm '{files}' đã có tệp khác ({other[:12]}…). Hãy khôi phục vào thư mục trống.",
            f"the folder of attachments is not empty: {other}",
        )
