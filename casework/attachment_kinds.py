"""What a file may be: the kinds that are taken, told by the content and not by the name."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

import puremagic

from ocop.errors import InvalidInput

HEAD = 8192
"""Bytes from whose look the kind is told."""
ANY = "application/octet-stream"


class Kind(NamedTuple):
    """One kind of file."""

    media_type: str
    known_as: frozenset[str]
    """The endings by which puremagic knows such a content."""
    holds: str = ""
    """What a document that is a zip holds inside; empty for all others."""


_OFFICE = "application/vnd.openxmlformats-officedocument"
_JPEG = Kind("image/jpeg", frozenset({".jpg", ".jpeg", ".jpe", ".jfif"}))
_OLD_OFFICE = frozenset({".doc", ".xls", ".ppt", ".msi"})
KINDS: Mapping[str, Kind] = {
    "pdf": Kind("application/pdf", frozenset({".pdf"})),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "png": Kind("image/png", frozenset({".png"})),
    "docx": Kind(f"{_OFFICE}.wordprocessingml.document", frozenset({".docx"}), "word/document.xml"),
    "xlsx": Kind(f"{_OFFICE}.spreadsheetml.sheet", frozenset({".xlsx"}), "xl/workbook.xml"),
    "doc": Kind("application/msword", _OLD_OFFICE),
    "xls": Kind("application/vnd.ms-excel", _OLD_OFFICE),
    "zip": Kind("application/zip", frozenset({".zip"})),
}
"""By the ending of the name; the settings say which of them are taken, and may take others, whose content is not known."""

MACROS = "vbaProject.bin"
TAIL = 65_557
"""Where a zip's list of contents is announced: its last bytes."""
MOST_PARTS = 5_000


def ending_of(name: str) -> str:
    """Return the ending of a file's name in lower case, without the dot."""
    return name.lower().rpartition(".")[2] if "." in name else ""


def media_type(name: str) -> str:
    """Return what a browser is told that a file is, by its name, which was compared with its content when it came."""
    kind = KINDS.get(ending_of(name))
    return kind.media_type if kind else ANY


def check_head(name: str, head: bytes) -> None:
    """Raise InvalidInput when a file's first bytes are not of the kind that its name says."""
    kind = KINDS.get(ending_of(name))
    if kind is not None and kind.known_as.isdisjoint(_looks_like(head[:HEAD])):
        raise _not_what_it_says(name)


def check_whole(name: str, path: Path) -> None:
    """Raise InvalidInput when a document that is a zip holds no such document, or programs."""
    kind = KINDS.get(ending_of(name))
    if kind is None or not kind.holds:
        return
    parts = _parts(path)
    if kind.holds not in parts:
        raise _not_what_it_says(name)
    if any(part.endswith(MACROS) for part in parts):
        raise InvalidInput(
            f"Tệp '{name}' có chứa chương trình (macro) nên không nhận. Hãy lưu lại tệp không có macro, hoặc in ra .pdf.",
            f"the file '{name}' holds programs (macros) and is not taken; save it without macros, or print it to .pdf",
        )


def _looks_like(head: bytes) -> set[str]:
    try:
        return {found.extension for found in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return set()


def _parts(path: Path) -> frozenset[str]:
    """Return the names of a zip's parts; none for what is no zip, or for a list that is made to be too long."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL))
        tail = file.read()
    announced = tail.rfind(b"PK\x05\x06")
    if announced < 0 or b"PK\x06\x07" in tail:
        return frozenset()
    if int.from_bytes(tail[announced + 10 : announced + 12], "little") > MOST_PARTS:
        return frozenset()
    try:
        with ZipFile(path) as file_of_parts:
            return frozenset(file_of_parts.namelist())
    except (BadZipFile, UnicodeDecodeError, ValueError, NotImplementedError):
        return frozenset()


def _not_what_it_says(name: str) -> InvalidInput:
    ending = ending_of(name)
    return InvalidInput(
        f"Nội dung tệp '{name}' không phải là .{ending}. Hãy kiểm tra lại tệp.",
        f"the content of '{name}' is not .{ending}; check the file",
    )
