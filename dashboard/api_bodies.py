"""What each act takes as JSON: a typed model made from its signature, with the words and lengths of its form."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints, create_model
from pydantic import Field as Part

from casework.act import ACTS, TextFile
from casework.act_words import ON_BEHALF_WORDS
from casework.imports import values as cells
from dashboard.forms import LONGEST_LONG, MOST_ROWS, NUMBER_CHOICES, TEXT_CHOICES, Field, Shape, form_of
from dashboard.forms_read import MOST_CODES, Files
from ocop.errors import InvalidInput

NO_CONTROL = r"^[^\x00-\x1f\x7f-\x9f]*$"
NO_CONTROL_BUT_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
LONGEST_DOCUMENT = 1_000_000
LARGEST = 2_147_483_647
"""What a column of whole numbers holds."""
MOST_WHOLE = 10_000_000
YEAR = r"(199[0-9]|20[0-9]{2}|2100)"
DAY = rf"{YEAR}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
INSTANT = rf"{DAY}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{{1,6}})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
POINTS = r"(100(\.0{1,6})?|[0-9]{1,2}(\.[0-9]{1,6})?)"
KEY = r"^[!-~]+$"
TICKET = r"^([0-9a-f]{64}\.[0-9a-f]{64})?$"
FILE = "file"
"""Stands for a paper's `file_sha256`: a ticket, since a hash alone would let anybody attach, and so read, another's file."""


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' không có trong lịch; hãy ghi như 2025-06-13T09:00:00+07:00") from None


def _nothing_written(value: Any) -> Any:
    """Return None for an empty text: an address or a telephone number that nobody has."""
    return None if value == "" else value


Day = Annotated[
    str,
    StringConstraints(pattern=f"^{DAY}$"),
    AfterValidator(cells.day),
    Part(json_schema_extra={"format": "date"}, examples=["2025-06-13"]),
]
Instant = Annotated[
    str,
    StringConstraints(pattern=f"^{INSTANT}$"),
    AfterValidator(_instant),
    Part(json_schema_extra={"format": "date-time"}, examples=["2025-06-13T09:00:00+07:00"]),
]
Points = Annotated[
    str,
    StringConstraints(pattern=f"^{POINTS}$"),
    AfterValidator(Decimal),
    Part(examples=["81.5"]),
]
"""Points of 100 as a text: a number of JSON would lose their exactness."""
Document = Annotated[str, StringConstraints(pattern=NO_CONTROL_BUT_LINES, max_length=LONGEST_DOCUMENT)]
Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(cells.email)]
Ticket = Annotated[
    str,
    StringConstraints(pattern=TICKET),
    Part(description="Vé nhận được khi gửi tệp ở /api/v1/files bằng chính khóa này; để trống khi chỉ có bản giấy."),
]
Phone = Annotated[str, StringConstraints(max_length=40), AfterValidator(cells.phone)]


PATTERN_WORDS: Mapping[str, str] = {
    f"^{DAY}$": "Phải là một ngày, ghi như 2025-06-13.",
    f"^{INSTANT}$": "Phải là một thời điểm có múi giờ, ghi như 2025-06-13T09:00:00+07:00.",
    f"^{POINTS}$": 'Phải là điểm từ 0 đến 100 ghi bằng chuỗi, ví dụ "81.5".',
    NO_CONTROL: "Có ký tự điều khiển không in được.",
    NO_CONTROL_BUT_LINES: "Có ký tự điều khiển không in được.",
    TICKET: "Phải là vé nhận được khi gửi tệp ở /api/v1/files.",
    KEY: "Mã yêu cầu chỉ gồm chữ, số và dấu không có khoảng trắng, không có dấu tiếng Việt.",
}
"""What is wrong with a text that has not the form asked for."""


def line(longest: int) -> Any:
    """Return the type of a text of one line."""
    return Annotated[str, StringConstraints(pattern=NO_CONTROL, max_length=longest)]


def whole(least: int = 0, most: int = MOST_WHOLE) -> Any:
    """Return the type of a whole number within bounds; a text with digits is none."""
    return Annotated[int, Part(strict=True, ge=least, le=most)]


OneLine = Annotated[str, StringConstraints(pattern=NO_CONTROL)]
Version = Annotated[int, Part(strict=True, ge=0, le=LARGEST)]


class Asked(BaseModel):
    """What every act takes beside its own values."""

    model_config = ConfigDict(extra="forbid")

    on_behalf: OneLine = Part("", max_length=300, title="Nhập thay", description=ON_BEHALF_WORDS)
    seen: dict[str, Version] = Part(
        {},
        max_length=MOST_CODES,
        title="Phiên bản đã xem",
        description="Số phiên bản (version) của từng hồ sơ khi người thực hiện xem, theo mã hồ sơ; hồ sơ đã thay đổi từ lúc "
        "đó thì bị từ chối.",
    )


@lru_cache(maxsize=128)
def body_of(name: str) -> type[Asked]:
    """Return the model of what an act takes."""
    act, form = ACTS[name], form_of(name)
    parts = {field.name: _member(act.signature.parameters[field.name].annotation, field) for field in form.fields}
    made: type[Asked] = create_model(_titled(name), __base__=Asked, __doc__=f"{act.title}.", **parts)
    return made


def values_of(name: str, asked: Asked, files: Files) -> dict[str, Any]:
    """Return an act's own arguments from what was asked; what was left out stands at its default.

    InvalidInput for the ticket of a file that another key has sent.
    """
    return {
        field.name: _made(field, getattr(asked, field.name), files)
        for field in form_of(name).fields
        if field.name in asked.model_fields_set
    }


def _made(field: Field, value: Any, files: Files) -> Any:
    """Return a value as the act takes it: small records as what they are."""
    if isinstance(value, list):
        return [_made(field, item, files) for item in value]
    if isinstance(value, BaseModel):
        assert field.make is not None
        make: Callable[..., Any] = field.make
        parts = {_called(part): part for part in field.parts}
        return make(
            **{
                parts[name].name: _made(parts[name], getattr(value, name), files)
                for name in sorted(value.model_fields_set)
            }
        )
    if field.shape is Shape.ATTACHED and value:
        try:
            return files.hash_of(value)
        except ValueError:
            raise InvalidInput(
                f"Vé '{value[:12]}…' không phải của tệp do khóa này gửi trong một ngày qua. Hãy gửi tệp ở /api/v1/files rồi ghi vé nhận được.",
                "the ticket is not of a file that this key has sent within a day",
            ) from None
    return value


def _called(part: Field) -> str:
    """Return the name of a part of a small record as programs know it."""
    return FILE if part.shape is Shape.ATTACHED else part.name


def _titled(name: str) -> str:
    """Return the name of an act's model: 'RequestSupplement'."""
    return "".join(word.capitalize() for word in name.split("-"))


def _member(annotation: Any, field: Field) -> Any:
    """Return a value of an act, or a part of a small record, as a model's member."""
    kind, optional = _bare(annotation)
    found = _type(kind, field)
    if optional:
        found = Annotated[found | None, BeforeValidator(_nothing_written)] if kind is str else found | None
    words = Part(title=field.label, description=field.help) if field.help else Part(title=field.label)
    if field.required:
        return (Annotated[found, words], ...)
    return (Annotated[found, words], None if optional else _default(field.default))


def _default(given: Any) -> Any:
    if given is dataclasses.MISSING:
        return None
    return list(given) if isinstance(given, tuple) else given


def _bare(annotation: Any) -> tuple[Any, bool]:
    """Return a kind of value without the None that stands for its absence, and whether there was one."""
    if get_origin(annotation) in (Union, UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
        return kinds[0], len(kinds) < len(get_args(annotation))
    return annotation, False


PLAIN: Mapping[Any, Any] = {
    bool: Annotated[bool, Part(strict=True)],
    Decimal: Points,
    date: Day,
    datetime: Instant,
    TextFile: Document,
}
SHAPED: Mapping[Shape, Any] = {Shape.EMAIL: Email, Shape.PHONE: Phone, Shape.ATTACHED: Ticket}


def _type(kind: Any, field: Field) -> Any:
    """Return the type of a kind of value."""
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _record(kind, field.parts)
    if get_origin(kind) in (Sequence, tuple, list):
        (item, *_) = get_args(kind)
        most = MOST_ROWS if dataclasses.is_dataclass(item) else MOST_CODES
        found = line(100) if item is str else whole(1, LARGEST) if item is int else _type(item, field)
        return Annotated[list[found], Part(min_length=1 if field.required else 0, max_length=most)]  # type: ignore[valid-type]
    if kind is str:
        if choices := TEXT_CHOICES.get(field.name):
            return Literal[tuple(key for key, _ in choices)]
        if field.shape is Shape.LONG:
            return Annotated[str, StringConstraints(pattern=NO_CONTROL_BUT_LINES, max_length=LONGEST_LONG)]
        return SHAPED.get(field.shape, line(field.longest))
    if kind is int:
        choices = NUMBER_CHOICES.get(field.name, ())
        return Literal[tuple(int(key) for key, _ in choices)] if choices else whole()
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    return PLAIN[kind]


_RECORDS: dict[type, type[BaseModel]] = {}
"""One model for each kind of small record: several acts take the same."""


def _record(kind: type, parts: Sequence[Field]) -> type[BaseModel]:
    """Return the model of a small record."""
    if kind not in _RECORDS:
        annotations = {part.name: part.type for part in dataclasses.fields(kind)}
        members = {_called(part): _member(annotations[part.name], part) for part in parts}
        _RECORDS[kind] = create_model(kind.__name__, __config__=ConfigDict(extra="forbid"), **members)
    return _RECORDS[kind]
