"""On which line a key of a TOML text stands: the standard library's reader gives values without their places."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

Key = tuple[str | int, ...]
"""The place of a value in a document: ('council', 'spread'), or ('deadlines', 0, 'date')."""

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]")
_PAIR = re.compile(rf"\s*({_DOTTED})\s*=")
_SIGN = re.compile(r'"""|\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|[\[\]{}]|#.*')


@dataclass(frozen=True)
class _Line:
    """What a line of TOML begins: a table, a list's next table, a key's value, or nothing of its own."""

    number: int
    key: Key = ()
    header: str = ""
    continues: bool = False
    """The line lies inside a value that began above it."""


def line_numbers(toml: str) -> dict[Key, int]:
    """Return the line of every table and key of valid TOML; keys inside an inline table share its line."""
    lines: dict[Key, int] = {}
    counts: dict[Key, int] = {}
    table: Key = ()
    for line in _lines(toml):
        if line.header:
            table = line.key
            if line.header == "[[":
                counts[table] = counts.get(table, -1) + 1
                lines.setdefault(table, line.number)
                table = (*table, counts[table])
            lines.setdefault(table, line.number)
        else:
            for end in range(1, len(line.key) + 1):
                lines.setdefault((*table, *line.key[:end]), line.number)
    return lines


def value_at(toml: str, number: int | None) -> tuple[int, Key]:
    """Return where the value that reaches into a line begins, and its key as written; None means the text's end."""
    found = _Line(1)
    for line in _lines(toml):
        if not line.continues:
            found = line
        if line.number == number:
            break
    return found.number, () if found.header else found.key


def _lines(toml: str) -> Iterator[_Line]:
    open_string, depth = "", 0
    for number, line in enumerate(toml.split("\n"), start=1):
        if open_string or depth > 0:
            yield _Line(number, continues=True)
            rest = line
        elif header := _HEADER.match(line):
            yield _Line(number, _parts(header[2]), header[1])
            continue
        else:
            pair = _PAIR.match(line)
            yield _Line(number, _parts(pair[1]) if pair else ())
            rest = line[pair.end() :] if pair else ""
        open_string, depth = _after(rest, open_string, depth)


def _parts(key: str) -> Key:
    return tuple(part.strip().strip("\"'") for part in re.findall(_PART, key))


def _after(rest: str, open_string: str, depth: int) -> tuple[str, int]:
    """Return which multi-line string is open and how many brackets are, after the rest of a line."""
    while rest:
        if open_string:
            _, closing, rest = rest.partition(open_string)
            open_string = "" if closing else open_string
        sign = _SIGN.search(rest)
        if sign is None:
            break
        rest = rest[sign.end() :]
        if sign[0] in {'"""', "'''"}:
            open_string = sign[0]
        elif sign[0] in "[{":
            depth += 1
        elif sign[0] in "]}":
            depth -= 1
    return open_string, depth
