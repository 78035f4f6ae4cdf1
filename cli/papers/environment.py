"""Every setting of an installation, found in the rooms' own settings classes: the page, and the file to copy."""

import importlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from cli.papers.markdown import code, page, table

ROOMS = ("models", "casework", "notifications", "tasks", "flows", "dashboard", "cli")
"""The rooms that may have settings; the rules have none."""
ROOT = Path(__file__).resolve().parents[2]
INTRODUCTION = """\
Read from the environment at the edge (commands, flows, console), never from within. `deployments/env.example` lists them
all to be copied; what the year's plan decides is not here but in the [plan file](plan.md)."""


@dataclass(frozen=True)
class Variable:
    """One environment variable."""

    name: str
    default: str
    description: str
    room: str
    about: str
    """What the class that holds it is for."""


def variables() -> list[Variable]:
    """Return every variable that a settings class of a room reads, room by room from below."""
    return [
        Variable(
            f"{kind.model_config.get('env_prefix', '')}{name}".upper(),
            shown(field.default),
            _described(field),
            kind.__module__.partition(".")[0],
            (kind.__doc__ or "").strip().split("\n")[0],
        )
        for kind in classes()
        for name, field in kind.model_fields.items()
    ]


def classes() -> Iterator[type[BaseSettings]]:
    """Yield the settings classes of the rooms, wherever they stand; only the modules that name one are imported."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if f"({BaseSettings.__name__})" not in path.read_text(encoding="utf-8"):
                continue
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            yield from (
                kind
                for kind in vars(importlib.import_module(name)).values()
                if isinstance(kind, type) and issubclass(kind, BaseSettings) and kind.__module__ == name
            )


def settings() -> str:
    """Return the page."""
    parts = [INTRODUCTION]
    for about, group in _groups(variables()):
        parts += [f"## {about}", table(("variable", "default", "what it is"), [_row(one) for one in group])]
    return page("Settings", *parts)


def example() -> str:
    """Return `deployments/env.example`: every variable at its default, commented out, under its description."""
    lines = ["# Every setting of an installation at its default, written by `make docs`. Uncomment what differs."]
    for about, group in _groups(variables()):
        lines += ["", f"## {about}"]
        for variable in group:
            lines += [f"# {variable.description}", f"#{variable.name}={variable.default}"]
    return "\n".join(lines) + "\n"


def _groups(found: list[Variable]) -> list[tuple[str, list[Variable]]]:
    groups: dict[str, list[Variable]] = {}
    for variable in found:
        groups.setdefault(variable.about, []).append(variable)
    return list(groups.items())


def _row(variable: Variable) -> tuple[str, str, str]:
    return code(variable.name), code(variable.default), variable.description


def _described(field: FieldInfo) -> str:
    told = field.description or ""
    choices = [part for part in (field.annotation, *get_args(field.annotation)) if _is_choice(part)]
    if choices:
        named = ", ".join(str(member.value) for member in choices[0])
        return told if all(str(member.value) in told for member in choices[0]) else f"{told} One of: {named}."
    return told


def _is_choice(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def shown(value: Any) -> str:
    """Return a default as it is typed in an environment file; a path of the project without the place where it lies."""
    match value:
        case None:
            return ""
        case _ if value is PydanticUndefined:
            return ""
        case SecretStr():
            return value.get_secret_value()
        case Path():
            return str(value.relative_to(ROOT)) if value.is_relative_to(ROOT) else str(value)
        case Enum():
            return str(value.value)
        case bool():
            return str(value).lower()
        case tuple() | list():
            return json.dumps([shown(part) for part in value])
        case _:
            return str(value)
