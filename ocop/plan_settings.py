"""A plan's settings as a page shows them: what each is called, what it is, and where it comes from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Any

from ocop import text
from ocop.coarse_dates import recalled
from ocop.phrase import Joined, Meant, Phrase, phrases
from ocop.plan import CyclePlan
from ocop.plan_rounds import Batch, LawChange, Pass, Planned
from ocop.plan_sections import MET_BY_LABELS, SOFTWARE, Section
from ocop.procedure import MetBy, Procedure

GROUP_TITLES = phrases({field.alias or name: field.title or name for name, field in CyclePlan.model_fields.items()})
"""The Vietnamese title of each table of a plan file."""


CONCERNS: Mapping[str, Callable[[Procedure], bool]] = {
    "returned_to_district": lambda procedure: procedure.knows("returned_to_district"),
    "returned_to_province": lambda procedure: procedure.knows("returned_to_province"),
    "re_recognition": lambda procedure: procedure.rolling,
}
"""Which procedures the tables concern that not all do: a page leaves out what its plan's procedure never asks."""


@dataclass(frozen=True)
class Setting:
    """One value of a plan in Vietnamese, with the group that a page shows it in and its source."""

    key: str
    group: str
    label: str
    value_text: str
    source: str


def settings(plan: CyclePlan) -> list[Setting]:
    """Return every setting of the plan: the document, its deadlines, then the sections in the file's order."""
    groups: list[tuple[str, str, Section]] = []
    for name, section in plan.sections():
        if name in CONCERNS and not CONCERNS[name](plan.procedure):
            continue
        groups.append((name, GROUP_TITLES[name], section))
        if section is plan.document:
            groups += [(f"deadlines.{row.stage}", plan.procedure.stage(row.stage).label, row) for row in plan.deadlines]
    shown = [
        Setting(
            key,
            group,
            title,
            plan.procedure.name if key == "plan.procedure" else told(value, unit, key),
            plan.source_of(key) or SOFTWARE,
        )
        for name, group, section in groups
        for key, value, title, unit in section.values(name)
    ]
    return shown + [
        Setting(
            f"{name}[{number}].{key.partition('.')[2]}",
            Phrase("%(group)s %(number)s", group=GROUP_TITLES[name], number=number),
            title,
            told(value, unit),
            row.section,
        )
        for name, rows in _listed(plan)
        for number, row in enumerate(rows, start=1)
        for key, value, title, unit in row.values(name)
        if not key.endswith(".section")
    ]


def _listed(plan: CyclePlan) -> tuple[tuple[str, Sequence[Batch | Pass | Planned | LawChange]], ...]:
    """Return what a plan holds several of, by its name in the file."""
    return ("batches", plan.batches), ("passes", plan.passes), ("planned", plan.planned), ("changes", plan.changes)


def told(value: Any, unit: str, key: str = "") -> str:
    """Return a setting's value as a reader expects it; the reading of a coarse date, which a plan keeps as text, is told by its key."""
    shown: str | Decimal
    match value:
        case str() if key.endswith(".reading"):
            return recalled(value)
        case bool():
            return Phrase("có") if value else NO
        case MetBy():
            return MET_BY_LABELS[value]
        case StrEnum():
            label: str = getattr(value, "label", value.value)
            return label
        case date():
            return text.day(value)
        case time():
            return Phrase("%(hour)s giờ %(minute)s", hour=value.hour, minute=f"{value.minute:02}")
        case tuple():
            shown = Joined(", ", [getattr(part, "label", None) or str(part) for part in value]) or NO
        case Decimal():
            shown = value
        case _:
            shown = str(value)
    return Phrase(MEASURED[unit].message, value=shown)


NO = Meant("không", "trả lời")
MEASURED = {
    unit: Phrase(f"%(value)s {unit}".strip())
    for unit in ("", "sản phẩm", "điểm", "ngày", "ngày làm việc", "lần", "tháng", "của tháng")
}
"""The messages of values, by the unit that a setting has."""
