"""The page on plan files: every key with its title, its values, its default and whom the default quotes."""

from collections.abc import Mapping
from datetime import time
from enum import Enum
from types import NoneType
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo

from cli.papers.markdown import code, page, table
from ocop.plan import OPTIONAL_SECTIONS, SECTIONS, CyclePlan
from ocop.plan_rounds import Batch, LawChange, Pass, Planned, Round
from ocop.plan_sections import Section, StageDeadline
from ocop.plan_settings import told

LISTED: Mapping[str, type[Section]] = {
    "deadlines": StageDeadline,
    "round": Round,
    "batches": Batch,
    "passes": Pass,
    "planned": Planned,
    "changes": LawChange,
}
"""What a file holds several of."""
HEADS = {"round": "[[rounds]]"}
"""A file lists its rounds; the plan of a cycle is one of them."""
KINDS = {"str": "text", "int": "whole number", "Decimal": "number", "bool": "true or false", "date": "date",
         "time": "text, hours and minutes"}  # fmt: skip


INTRODUCTION = """\
A year's plan is a TOML file (`deployments/plans/`). It is checked whole: every problem is named with its line, its key and
its remedy. A cycle keeps the plan that it was opened with until a document amends it (`ocop amend-plan`); an extension is an act
of its own (`ocop extend`). To write your own, copy `deployments/plans/first_plan.toml`: each value has its explanation above it.

Every value that a file states needs a source that the file states: a deadline's date and wording from its `section`,
everything else from `[sources]`, under its own key or a section above it. A value that the file leaves out takes the default
below, with the default's source.

- **Rounds.** A file may hold several `[[rounds]]`, each with its own `opens_on` and `[[rounds.deadlines]]`; deadlines outside
  them are shared. A cycle is one round: `ocop open-cycle --round-key dot_1`. `next_round` is where late dossiers go; without
  it the round that follows in the file.
- **Coarse dates.** A deadline's `date` may be the plan's own words, `"trong tháng 7"`, `"giữa tháng 11/2026"`,
  `"cuối tháng 12"`, `"trong quý III"`, `"cuối năm"`: they are kept, and read as the day that `[dates]` says, that day included.
- **A second document.** `ocop open-cycle --refinement FILE` puts the values of another file over the plan's. Its `[plan]` holds
  `refines` (the plan's number), `number`, `title`, `issued_on` and `issuer`; every value needs a source of its own.
- `ocop plan check` says what a plan comes to and where it cannot be kept; `ocop plan show` prints each date beside its words."""


def plan() -> str:
    """Return the page."""
    parts = [INTRODUCTION]
    for name, field in CyclePlan.model_fields.items():
        key = field.alias or name
        section = LISTED.get(key) or OPTIONAL_SECTIONS.get(key) or SECTIONS.get(key)
        if section is None:
            continue
        head = HEADS.get(key) or (f"[[{key}]]" if key in LISTED else f"[{key}]")
        parts += [f"## `{head}` {field.title}", _doc(section), _keys(section)]
    parts += ["## `[sources]` Nguồn", 'Dotted keys in quotes: `"council.spread" = "Quy chế hội đồng, Điều 9"`.']
    return page("The plan file", *parts)


def _doc(section: type[Section]) -> str:
    return (section.__doc__ or "").strip()


def _keys(section: type[Section]) -> str:
    rows = []
    for name, field in section.model_fields.items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        required = field.is_required()
        rows.append(
            (
                code(field.alias or name),
                field.title or "",
                _values(field.annotation),
                "required" if required else _default(field, str(extra.get("unit", ""))),
                "" if required else str(extra.get("source", "")),
            )
        )
    return table(("key", "in Vietnamese", "values", "default", "source of the default"), rows)


def _values(annotation: Any) -> str:
    """Return what a key takes: the words of a list, or its kind."""
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return code(*(str(member.value) for member in annotation))
    if get_origin(annotation) is tuple:
        member = get_args(annotation)[0]
        return f"list of {_values(member)}{'s' if member.__name__ in KINDS else ''}"
    if get_origin(annotation) is dict:
        key, value = get_args(annotation)
        return f"a table: {_values(key)}, each {_values(value)}"
    parts = [part for part in get_args(annotation) if part is not NoneType]
    if parts:
        return " or ".join(_values(part) for part in parts)
    name: str = annotation.__name__
    return KINDS.get(name, name)


def _default(field: FieldInfo, unit: str) -> str:
    """Return a default as it is typed in the file, with its unit or its meaning in Vietnamese."""
    value = field.default
    if isinstance(value, dict):
        return "; ".join(sorted({_one(part, "") for part in value.values()})) + " (mọi loại)"
    return _one(value, unit)


def _one(value: Any, unit: str) -> str:
    match value:
        case None:
            return "none"
        case Enum():
            return f"{code(str(value.value))}: {told(value, '')}"
        case bool():
            return code(str(value).lower())
        case time():
            return code(f'"{value:%H:%M}"')
        case tuple():
            return f"{code(str(list(value)))} {unit}".strip()
        case _:
            return f"{code(str(value))} {unit}".strip()
