"""Reads a submitted form back into what its act takes, with what is wrong at each field and what to do about it."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, Protocol

from casework.imports import values as cells
from dashboard.forms import MOST_ROWS, Field, Form, Shape
from ocop.errors import RuleViolation
from ocop.phrase import Joined, Phrase, Within
from ocop.text import nfc
from ocop.working_days import VIETNAM

SEPARATORS = re.compile(r"[\s,;]+")
MOST_CODES = 1000
ROW = re.compile(r"\d{1,4}")


@dataclass(frozen=True)
class Upload:
    """A file as a browser sent it."""

    name: str
    content: bytes


class Files(Protocol):
    """Where files are kept beside the record."""

    def keep(self, upload: Upload) -> str:
        """Keep a file and return the ticket by which the form names it from then on; refuse one that may not be attached."""
        ...

    def hash_of(self, ticket: str) -> str:
        """Return the hash of the file that a ticket names; ValueError for one that this reader did not send."""
        ...


@dataclass
class Sent:
    """What a form carries, by the paths of its fields: `signed_on`, `producer.code`, `scores.2.total`."""

    values: dict[str, list[str]] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def one(self, path: str) -> str:
        """Return the value at a path in composed form, without the spaces around it; an empty text where there is none."""
        return nfc(self.values.get(path, [""])[-1]).strip()

    def many(self, path: str) -> list[str]:
        """Return the values at a path that is there several times."""
        return [nfc(value) for value in self.values.get(path, ())]

    def put(self, path: str, value: str) -> None:
        """Set the value at a path."""
        self.values[path] = [value]

    def rows(self, name: str) -> int:
        """Return how many rows of small records it has."""
        start = f"{name}."
        numbers = (
            path[len(start) :].partition(".")[0] for path in (*self.values, *self.uploads) if path.startswith(start)
        )
        return min(MOST_ROWS + 1, max((int(number) + 1 for number in numbers if ROW.fullmatch(number)), default=0))

    def without_row(self, name: str, gone: int) -> "Sent":
        """Return the same without one row; those behind it come forward."""

        def moved(path: str) -> str | None:
            head, _, rest = path.removeprefix(f"{name}.").partition(".")
            if not path.startswith(f"{name}.") or not ROW.fullmatch(head):
                return path
            number = int(head)
            return None if number == gone else f"{name}.{number - (number > gone)}.{rest}"

        values = {to: value for path, value in self.values.items() if (to := moved(path)) is not None}
        uploads = {to: upload for path, upload in self.uploads.items() if (to := moved(path)) is not None}
        return Sent(values, uploads)


@dataclass
class Filled:
    """A form as it was read."""

    body: dict[str, Any]
    """What the act takes; values left out stand at their defaults."""
    errors: dict[str, str]
    """What is wrong, by the path of the field."""
    sent: Sent
    """What was typed; a file that was sent is text or kept by now, so that it need not be sent again."""


def read_form(form: Form, sent: Sent, files: Files) -> Filled:
    """Read what a form carries."""
    filled = Filled({}, {}, sent)
    reader = _Reader(filled, files)
    for one in form.fields:
        value = reader.value(one, one.name)
        if value is not _NOTHING:
            filled.body[one.name] = value
    return filled


_NOTHING = object()


class _Reader:
    """Reads the fields of one form, and notes what is wrong at each."""

    def __init__(self, filled: Filled, files: Files) -> None:
        self.filled, self.sent, self.files = filled, filled.sent, files

    def value(self, one: Field, path: str, where: Phrase | None = None) -> Any:
        """Return the value of a field; nothing where it was left out or is wrong. `where` names the row it stands in."""
        if one.shape is Shape.ROWS:
            return self._rows(one, path)
        if one.shape is Shape.RECORD:
            return _NOTHING if not one.required and self._blank(one, path) else self._record(one, path, None)
        if one.shape in MANY:
            return self._many(one, path)
        called = Phrase("%(row)s, %(field)s", row=where, field=Within(one.label)) if where else one.label
        if one.shape is Shape.TICK:
            return self.sent.one(path) == "1"
        try:
            text = self._text(one, path)
            if text:
                return self._made(one, self._read(one, text))
        except ValueError as wrong:
            return self._wrong(path, Phrase("%(field)s: %(wrong)s.", field=called, wrong=why(wrong)))
        except RuleViolation as refused:
            return self._wrong(path, Joined(": ", (called, refused.told)))
        if not one.required:
            return _NOTHING
        what = Within(one.label)
        if where:
            return self._wrong(path, Phrase("%(row)s: thiếu %(what)s. Hãy ghi %(what)s.", row=where, what=what))
        return self._wrong(path, Phrase("Thiếu %(what)s. Hãy ghi %(what)s.", what=what))

    def _wrong(self, path: str, sentence: Phrase) -> Any:
        self.filled.errors[path] = sentence
        return _NOTHING

    def _text(self, one: Field, path: str) -> str:
        """Return what was typed, or what a file says; a file's text or hash is kept in what was typed."""
        upload = self.sent.uploads.get(path)
        if upload is not None and upload.content and one.shape is Shape.DOCUMENT:
            try:
                self.sent.put(path, upload.content.decode("utf-8-sig"))
            except UnicodeDecodeError:
                raise ValueError(
                    Phrase("tệp '%(file)s' không phải chữ UTF-8; hãy lưu lại tệp ở dạng UTF-8", file=upload.name)
                ) from None
        if upload is not None and upload.content and one.shape is Shape.ATTACHED:
            self.sent.put(path, self.files.keep(upload))
            self.sent.put(f"{path.rpartition('.')[0]}.file_name", upload.name)
        return self.sent.one(path)

    def _read(self, one: Field, text: str) -> Any:
        if one.choices and text not in dict(one.choices):
            known = Joined(", ", [label for _, label in one.choices])
            raise ValueError(Phrase("không có '%(given)s'; hãy chọn một trong: %(known)s", given=text, known=known))
        if one.shape is Shape.ATTACHED:
            return self.files.hash_of(text)
        return READERS.get(one.shape, _line(one.longest))(text)

    def _made(self, one: Field, value: Any) -> Any:
        return value if one.make is None else one.make(value)

    def _record(self, one: Field, path: str, where: Phrase | None) -> Any:
        """Return a small record; nothing where a part of it is wrong."""
        known = len(self.filled.errors)
        files_first = sorted(one.parts, key=lambda part: part.shape is not Shape.ATTACHED)  # a file brings its name
        parts = {part.name: self.value(part, f"{path}.{part.name}", where) for part in files_first}
        if len(self.filled.errors) > known:
            return _NOTHING
        assert one.make is not None
        return _record_of(one, {name: value for name, value in parts.items() if value is not _NOTHING})

    def _rows(self, one: Field, path: str) -> Any:
        """Return the rows that somebody filled in; an empty row is none."""
        known, found = len(self.filled.errors), []
        if (rows := self.sent.rows(path)) > MOST_ROWS:
            return self._wrong(path, Phrase("%(field)s: nhiều nhất %(most)s dòng.", field=one.label, most=MOST_ROWS))
        for number in range(rows):
            if not self._blank(one, f"{path}.{number}"):
                found.append(self._record(one, f"{path}.{number}", Phrase("Dòng %(n)s", n=number + 1)))
        if len(self.filled.errors) > known:
            return _NOTHING
        if not found and one.required:
            message = "Chưa ghi %(what)s. Hãy ghi ít nhất một dòng."
            return self._wrong(path, Phrase(message, what=Within(one.label)))
        return found or _NOTHING

    def _blank(self, one: Field, path: str) -> bool:
        """Return whether nobody typed anything into a small record."""
        given = one.preset[0] if one.preset else ""
        return not any(
            self.sent.one(f"{path}.{part.name}")
            or ((upload := self.sent.uploads.get(f"{path}.{part.name}")) and upload.content)
            for part in one.parts
            if part.name != given
        )

    def _many(self, one: Field, path: str) -> Any:
        try:
            items = _split(one, self.sent.many(path))
            found = [READERS[Shape.WHOLE](item) if one.shape is Shape.NUMBERS else _line(100)(item) for item in items]
        except ValueError as wrong:
            return self._wrong(path, Phrase("%(field)s: %(wrong)s.", field=one.label, wrong=why(wrong)))
        if not found and one.required:
            message = "Chưa nêu %(what)s nào. Hãy ghi ít nhất một mục."
            return self._wrong(path, Phrase(message, what=Within(one.label)))
        if len(found) > MOST_CODES:
            message = "%(field)s: nhiều nhất %(most)s mục một lần. Hãy chia ra."
            return self._wrong(path, Phrase(message, field=one.label, most=str(MOST_CODES)))
        return found or _NOTHING


def _record_of(one: Field, parts: Mapping[str, Any]) -> Any:
    """Return the small record that its parts make."""
    assert one.make is not None
    make: Callable[..., Any] = one.make
    return make(**parts)


def _split(one: Field, values: Sequence[str]) -> list[str]:
    """Return the items of a list: codes and numbers apart by spaces, commas or lines, each once; texts by lines."""
    if one.shape is Shape.LINES:
        return [line.strip() for value in values for line in value.splitlines() if line.strip()]
    return list(dict.fromkeys(item for value in values for item in SEPARATORS.split(value) if item))


def why(wrong: ValueError) -> str:
    """Return what is wrong with a value as its reader said it, in every language that it knows."""
    return wrong.args[0] if wrong.args and isinstance(wrong.args[0], str) else str(wrong)


def _line(longest: int) -> Callable[[str], str]:
    return cells.text(longest)


def _long(text: str) -> str:
    """Return a text of several lines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if any(unicodedata.category(sign) == "Cc" and sign not in "\n\t" for sign in lines):
        raise ValueError(Phrase("có ký tự điều khiển không in được; hãy gõ lại"))
    return lines


def _limited(text: str) -> str:
    found = _long(text)
    if len(found) > 20_000:
        raise ValueError(
            Phrase("dài %(given)s ký tự, nhiều nhất %(most)s; hãy viết ngắn lại", given=str(len(found)), most="20000")
        )
    return found


def _instant(text: str) -> datetime:
    """Return an instant in Việt Nam: '2025-06-13T09:00', or a day alone for its beginning."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        day, _, hour = text.rpartition(" ")
        try:
            found = datetime.combine(cells.day(day or hour), time.fromisoformat(hour) if day else time(), VIETNAM)
        except ValueError:
            raise ValueError(
                Phrase("'%(given)s' không phải thời điểm; hãy ghi như 13/6/2025 09:00", given=text)
            ) from None
    return found if found.tzinfo else found.replace(tzinfo=VIETNAM)


MANY = frozenset({Shape.CODES, Shape.LINES, Shape.NUMBERS})
READERS: Mapping[Shape, Callable[[str], Any]] = {
    Shape.LONG: _limited,
    Shape.DOCUMENT: _long,
    Shape.EMAIL: cells.email,
    Shape.PHONE: cells.phone,
    Shape.DAY: cells.day,
    Shape.INSTANT: _instant,
    Shape.POINTS: cells.points,
    Shape.WHOLE: cells.whole(0, 10_000_000),
}
