"""What the command line says, in Vietnamese, to words that it cannot read, and the heads of its help."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from cyclopts import (
    App,
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    RepeatArgumentError,
    Token,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
    ValidationError,
)
from cyclopts.help import DefaultFormatter, HelpEntry, InlineText
from rich.console import Console, ConsoleOptions
from rich.text import Text

from casework.imports.values import day as read_day
from ocop.text import nearest

KINDS_OF_VALUE: Mapping[Any, str] = {
    int: "một số nguyên",
    Decimal: "một số, ví dụ 82.5",
    float: "một số, ví dụ 82.5",
    date: "một ngày, ví dụ 13/6/2025",
    bool: "true hoặc false",
}
HEADS: Mapping[str, str] = {"Commands": "Lệnh", "Parameters": "Tùy chọn", "Arguments": "Đối số"}


def day_typed(wanted: Any, tokens: Sequence[Token]) -> date:
    """Return the day that a word names, as files may have it: 13/6/2025 or 2025-06-13."""
    del wanted
    return read_day(tokens[0].value)


def _name(error: CycloptsError) -> str:
    token = getattr(error, "token", None)
    if token is not None and token.keyword:
        return str(token.keyword)
    if error.argument is None:
        return "tùy chọn"
    name = error.argument.name
    return name.lstrip("-").upper() if error.argument.field_info.is_positional else name


def _near(word: str, known: Sequence[str]) -> str:
    near = nearest(word, known)
    return f" Có phải là {near}?" if near else ""


def _unknown_command(error: UnknownCommandError) -> str:
    word = (error.unused_tokens or [""])[0]
    return f"Không có lệnh '{word}'.{_near(word, [name for name in error.app or () if not name.startswith('-')])}"


def _unknown_option(error: UnknownOptionError) -> str:
    word = error.token.keyword or error.token.value
    known = [name for argument in error.argument_collection for name in argument.names if argument.parse]
    return f"Không có tùy chọn {word}.{_near(word, known)}"


def _missing(error: MissingArgumentError) -> str:
    given = [word.partition("=")[0] for word in error.unused_tokens or () if word.startswith("--")]
    near = nearest(_name(error), given)
    mistyped = f" Đã ghi {near}; hãy ghi {_name(error)}." if near and near != _name(error) else ""
    words = error.argument.parameter.help if error.argument else None
    meaning = f": {words.rstrip('.')}" if words else ""
    return f"Thiếu {_name(error)}{meaning}.{mistyped}"


def _coercion(error: CoercionError) -> str:
    value = error.token.value if error.token else ""
    if error.msg is not None:
        return f"{_name(error)}: {str(error.msg).rstrip('.')}."
    if isinstance(error.target_type, type) and issubclass(error.target_type, Enum) and error.argument:
        choices = [error.argument.parameter.name_transform(member) for member in error.target_type.__members__]
    elif get_origin(error.target_type) is Literal:
        choices = [str(choice) for choice in get_args(error.target_type)]
    else:
        wanted = KINDS_OF_VALUE.get(error.target_type, "giá trị khác")
        return f"{_name(error)}: '{value}' không đọc được; hãy ghi {wanted}."
    return f"{_name(error)}: không có '{value}'; chọn một trong: {', '.join(choices)}.{_near(value, choices)}"


def _invalid(error: ValidationError) -> str:
    return f"{_name(error)}: giá trị không hợp lệ ({error.exception_message})."


TOLD: Mapping[type[CycloptsError], Callable[[Any], str]] = {
    UnknownCommandError: _unknown_command,
    UnknownOptionError: _unknown_option,
    MissingArgumentError: _missing,
    CoercionError: _coercion,
    ValidationError: _invalid,
    RepeatArgumentError: lambda error: f"{_name(error)} chỉ được ghi một lần.",
    UnusedCliTokensError: lambda error: f"Thừa: {' '.join(error.unused_tokens or ())}.",
}
"""By the kind of mistake, its sentence."""


def mistyped(error: CycloptsError) -> Text:
    """Return what is wrong with a command that was typed, and where its right form stands."""
    told = next((words(error) for kind, words in TOLD.items() if isinstance(error, kind)), f"Lệnh chưa đúng: {error}")
    page = " ".join(["ocop", *(error.command_chain or ()), "--help"])
    return Text.assemble(("Không thực hiện được:", "red"), f" {told}\nXem cách ghi: {page}")


class Page(DefaultFormatter):
    """Help pages with their heads and remarks in Vietnamese."""

    def __call__(self, *asked: Any, **named: Any) -> None:
        """Print a box of the page."""
        console, options, box = (*asked, *named.values())
        title = HEADS.get(str(box.title), box.title)
        super().__call__(console, options, box.copy(title=title, entries=[_entry(entry) for entry in box.entries]))

    def render_usage(self, console: Console, options: ConsoleOptions, usage: Any) -> None:
        """Print how the command is written."""
        del options
        if usage:
            console.print(Text.assemble(("Cách ghi: ", "bold"), str(usage).removeprefix("Usage: ")))


def _entry(entry: HelpEntry) -> HelpEntry:
    description = entry.description if isinstance(entry.description, InlineText) else InlineText(Text())
    if entry.choices:
        description.append(Text(f"[một trong: {', '.join(entry.choices)}]", "dim"))
    if entry.default not in (None, "", '""', "()", "False"):
        description.append(Text(f"[mặc định: {entry.default}]", "dim"))
    if entry.required:
        description.append(Text("[bắt buộc]", "dim red"))
    return entry.copy(description=description, choices=None, default=None, required=False)


def in_vietnamese(app: App) -> None:
    """Let an app's own commands say in Vietnamese what they are."""
    app["--help"].help = "In trang hướng dẫn này."
    app["--version"].help = "In phiên bản của phần mềm."
