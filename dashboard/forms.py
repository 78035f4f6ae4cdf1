"""What an act asks for, as the fields of a form: made from its signature, with its words beside each field."""

import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from casework.act import LONGEST, Act, TextFile
from casework.act_words import CHOICE_WORDS, FIELD_HELP, PART_HELP, label, of_act, part_label
from casework.acts import ACTS
from casework.corrections import Purpose
from casework.lists.findings import PURPOSE_LABELS
from casework.reorganisation import CLOCK_LABELS, Clocks, Roles
from casework.submission import KEPT_LABELS, KeptBecause
from ocop.phrase import Phrase
from ocop.rulebook import PROCEDURES
from ocop.scoring import GATED_STARS


class Shape(StrEnum):
    """How a value is typed."""

    TEXT = "text"
    LONG = "long"
    EMAIL = "email"
    PHONE = "phone"
    DAY = "day"
    INSTANT = "instant"
    POINTS = "points"
    WHOLE = "whole"
    TICK = "tick"
    CHOICE = "choice"
    CODES = "codes"
    """Many codes without spaces."""
    LINES = "lines"
    """Many texts, a line each."""
    NUMBERS = "numbers"
    DOCUMENT = "document"
    """The whole text of a document, from a file or pasted."""
    ATTACHED = "attached"
    """A file that is kept beside the record; the value is its hash."""
    FILE_NAME = "file_name"
    """What the file beside it is called."""
    RECORD = "record"
    """One small record of several parts."""
    ROWS = "rows"
    """Many small records."""


Choices = tuple[tuple[str, str], ...]
LONG_TEXTS = frozenset({"answer", "body", "changes", "findings", "note", "reason"})
"""Values of an act, not parts of a small record, that take more than a line."""
CODES = frozenset({"dossiers"})
LONGEST_TEXT, LONGEST_LONG = 300, 20_000
LENGTHS: Mapping[str, int] = {
    **{name: most for name, (_, most) in LONGEST.items()},
    "certificate": 100, "code": 60, "commune": 20, "contact": 200, "email": 254, "group": 100, "kind": 40, "member": 200,
    "person": 60, "phone": 40, "round_key": 40, "stage": 40, "substitute": 60, "unit": 20,
}  # fmt: skip
"""How many characters the record keeps of a value, by its name."""
MOST_ROWS = 200
BLANK_ROWS: Mapping[str, int] = {"scores": 5, "evidence": 1}
"""How many empty rows a new form has."""
PRESET: Mapping[str, tuple[str, tuple[str, ...]]] = {"gates": ("star", tuple(str(star) for star in GATED_STARS))}
"""Rows that are there from the beginning, one for each value of a part."""


@dataclass(frozen=True)
class Field:
    """One value that an act asks for, or one part of a small record."""

    name: str
    shape: Shape
    label: str
    help: str = ""
    required: bool = True
    default: Any = None
    choices: Choices = ()
    make: Callable[[Any], Any] | None = None
    """What the value that was read becomes: a member of an enum, a small record."""
    parts: tuple["Field", ...] = ()
    longest: int = LONGEST_TEXT
    preset: tuple[str, tuple[str, ...]] | None = None

    @property
    def initial(self) -> str:
        """What stands in a new form."""
        if self.default in (None, inspect.Parameter.empty, dataclasses.MISSING) or isinstance(self.default, tuple):
            return ""
        if isinstance(self.default, bool):
            return "1" if self.default else ""
        return str(self.default.value if isinstance(self.default, Enum) else self.default)

    @property
    def blank_rows(self) -> int:
        """How many rows a new form has."""
        return len(self.preset[1]) if self.preset else BLANK_ROWS.get(self.name, 1)


@dataclass(frozen=True)
class Form:
    """What an act asks for."""

    act: Act
    fields: tuple[Field, ...] = field(default_factory=tuple)

    def field(self, name: str) -> Field | None:
        """Return the field of this name, if the act asks for one."""
        return next((found for found in self.fields if found.name == name), None)

    @property
    def dossiers(self) -> Field | None:
        """The field that names the dossiers, if the act is about some."""
        return self.field("dossiers") or self.field("dossier")

    @property
    def bulk(self) -> bool:
        """Whether the act takes several dossiers at a time."""
        return self.field("dossiers") is not None

    @property
    def uploads(self) -> bool:
        """Whether a file may be sent with it."""
        return any(
            part.shape in (Shape.DOCUMENT, Shape.ATTACHED) for found in self.fields for part in (found, *found.parts)
        )


@lru_cache(maxsize=128)
def form_of(name: str) -> Form:
    """Return the form of an act."""
    act = ACTS[name]
    return Form(act, tuple(_field(act, parameter) for parameter in act.signature.parameters.values()))


def _field(act: Act, parameter: inspect.Parameter) -> Field:
    kind, optional = _bare(parameter.annotation)
    return _shaped(
        parameter.name,
        kind,
        label=label(act.name, parameter.name),
        help=of_act(FIELD_HELP, act.name, parameter.name) or "",
        required=parameter.default is inspect.Parameter.empty and not optional,
        default=parameter.default,
        long=parameter.name in LONG_TEXTS,
    )


def _part(record: type, part: dataclasses.Field[Any]) -> Field:
    kind, optional = _bare(part.type)
    default = part.default if part.default is not dataclasses.MISSING else None
    key = f"{record.__name__}.{part.name}"
    if kind is bool and part.default is dataclasses.MISSING:
        words = (("yes", CHOICE_WORDS[f"{key}.yes"]), ("no", CHOICE_WORDS[f"{key}.no"]))
        return Field(
            part.name, Shape.CHOICE, part_label(record.__name__, part.name), choices=words,
            make=lambda value: value == "yes",
        )  # fmt: skip
    return _shaped(
        part.name,
        kind,
        label=part_label(record.__name__, part.name),
        help=PART_HELP.get(key, ""),
        required=part.default is dataclasses.MISSING and not optional,
        default=default,
    )


def _bare(annotation: Any) -> tuple[Any, bool]:
    """Return a kind of value without the None that stands for its absence, and whether there was one."""
    if get_origin(annotation) in (Union, UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
        (kind,) = kinds
        return kind, len(kinds) < len(get_args(annotation))
    return annotation, False


PLAIN: Mapping[Any, Shape] = {
    int: Shape.WHOLE,
    Decimal: Shape.POINTS,
    date: Shape.DAY,
    datetime: Shape.INSTANT,
    bool: Shape.TICK,
    TextFile: Shape.DOCUMENT,
}
NAMED: Mapping[str, Shape] = {
    "email": Shape.EMAIL,
    "phone": Shape.PHONE,
    "file_name": Shape.FILE_NAME,
    "file_sha256": Shape.ATTACHED,
}


def _shaped(name: str, kind: Any, *, long: bool = False, **words: Any) -> Field:
    """Return the field of a kind of value; TypeError for a kind that no field was made for."""
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return Field(name, Shape.RECORD, make=kind, parts=_parts(kind), **words)
    if get_origin(kind) in (Sequence, tuple, list):
        return _many(name, get_args(kind)[0], words)
    if kind is str:
        if name in TEXT_CHOICES:
            return Field(name, Shape.CHOICE, choices=TEXT_CHOICES[name], **words)
        longest = LONGEST_LONG if long else LENGTHS.get(name, LONGEST_TEXT)
        return Field(name, Shape.LONG if long else NAMED.get(name, Shape.TEXT), longest=longest, **words)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return Field(name, Shape.CHOICE, choices=enum_choices(kind), make=kind, **words)
    if name in NUMBER_CHOICES:
        return Field(name, Shape.CHOICE, choices=NUMBER_CHOICES[name], make=int, **words)
    if kind not in PLAIN:
        raise TypeError(f"no field for {kind}")
    return Field(name, PLAIN[kind], **words)


def _many(name: str, item: Any, words: dict[str, Any]) -> Field:
    if dataclasses.is_dataclass(item) and isinstance(item, type):
        return Field(name, Shape.ROWS, make=item, parts=_parts(item), preset=PRESET.get(name), **words)
    if item is int:
        return Field(name, Shape.NUMBERS, **words)
    if item is str:
        return Field(name, Shape.CODES if name in CODES else Shape.LINES, **words)
    raise TypeError(f"no field for many of {item}")


def _parts(record: type) -> tuple[Field, ...]:
    return tuple(_part(record, part) for part in dataclasses.fields(record))


def enum_choices(kind: type[Enum]) -> Choices:
    """Return the members of an enum with their Vietnamese names."""
    return tuple((str(member.value), _named(member)) for member in kind)


def _named(member: Enum) -> str:
    if isinstance(member, Purpose):
        return PURPOSE_LABELS[member.value]
    if isinstance(member, KeptBecause):
        return KEPT_LABELS[member]
    if isinstance(member, Clocks):
        return CLOCK_LABELS[member]
    if isinstance(member, Roles):
        return CHOICE_WORDS[f"Roles.{member.value}"]
    return member.label  # type: ignore[attr-defined, no-any-return]


_STARS: Choices = tuple((str(star), Phrase("%(n)s sao", n=star)) for star in GATED_STARS)
NUMBER_CHOICES: Mapping[str, Choices] = {"proposed_star": _STARS, "star": _STARS}
TEXT_CHOICES: Mapping[str, Choices] = {"procedure": tuple((key, law.name) for key, law in PROCEDURES.items())}
