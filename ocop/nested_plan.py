"""A lower body's own plan inside the upper one: dates of its own, each no later than the upper plan's for that work."""

import json
from collections.abc import Iterator
from datetime import date

from pydantic import Field, ValidationError

from ocop.levels import Level
from ocop.phrase import Phrase
from ocop.plan import CyclePlan
from ocop.plan_faults import ONE_OF, Fault
from ocop.plan_file import PlanErrors, parsed, placed, problems_in
from ocop.plan_forms import Composed, with_days
from ocop.plan_sections import LONGEST_NAME, Section, StageDeadline, setting
from ocop.toml_lines import line_numbers
from ocop.working_days import Calendar


class NestedDocument(Section):
    """The document that the lower body issued, and the plan that it carries out."""

    within: str = setting("Thực hiện kế hoạch", example='"61/KH-UBND"', min_length=1)
    number: str = setting("Số, ký hiệu", example='"25/KH-UBND"', min_length=1, max_length=LONGEST_NAME)
    title: str = setting("Tên kế hoạch", example='"Đánh giá sản phẩm OCOP huyện Giao Thủy năm 2025"', min_length=1)
    issued_on: date = setting("Ngày ban hành", example="2025-04-21")
    issuer: str = setting("Cơ quan ban hành", example='"Ủy ban nhân dân huyện Giao Thủy"', min_length=1)


class NestedPlan(Section):
    """A lower body's plan: what it orders for itself within the upper plan's dates."""

    document: NestedDocument = Field(alias="plan", title="Kế hoạch")
    deadlines: tuple[StageDeadline, ...] = Field(title="Thời hạn", min_length=1)


LEVELS = tuple(Level)
ONLY_UPPER = ("opens_on", "after_deadline", "met_by")
"""What the upper plan alone says of a date."""


def read_nested(toml: str, upper: CyclePlan, level: Level, calendar: Calendar) -> NestedPlan:
    """Return the plan of a body at a level inside an upper plan.

    Raises PlanErrors naming every problem: a date later than the upper plan's, a stage that is another level's work, a
    value that only the upper plan may set.
    """
    raw, normal = parsed(toml)
    lines = line_numbers(normal)
    rows = raw.get("deadlines")
    problems = [
        placed(
            Fault(
                ("deadlines", index, key),
                Phrase("kế hoạch của cấp dưới không đổi được giá trị này"),
                Phrase("bỏ dòng này"),
            ),
            lines,
        )
        for index, row in enumerate(rows if isinstance(rows, list) else ())
        for key in ONLY_UPPER
        if isinstance(row, dict) and key in row
    ]
    filled = with_days(rows, upper.document.year, upper.dates.model_dump())
    if isinstance(filled, list):
        raw["deadlines"] = [{"met_by": "decision_signed", **row} if isinstance(row, dict) else row for row in filled]
    try:
        plan = NestedPlan.model_validate_json(json.dumps(raw, default=str))
    except ValidationError as error:
        problems += dict.fromkeys(problems_in(error, Composed(raw), [lines], NestedPlan))
        raise PlanErrors(problems) from error
    problems += [placed(fault, lines) for fault in _outside(plan, upper, level, calendar)]
    if problems:
        raise PlanErrors(problems)
    return plan


def covering(upper: CyclePlan, stage: str) -> StageDeadline | None:
    """Return the deadline of a plan by which a stage is over: the first of those that it lies ahead of, its own among them."""
    rows = [row for row in upper.deadlines if stage in upper.procedure.still_ahead(row.stage)]
    return min(rows, key=lambda row: row.day, default=None)


def _outside(plan: NestedPlan, upper: CyclePlan, level: Level, calendar: Calendar) -> Iterator[Fault]:
    """Find what does not lie inside the upper plan."""
    if plan.document.within != upper.document.number:
        yield Fault(
            ("plan", "within"),
            Phrase(
                "kế hoạch này thực hiện '%(within)s', chu trình chạy theo '%(plan)s'",
                within=plan.document.within, plan=upper.document.number,
            ),
            Phrase('ghi within = "%(plan)s" nếu đúng là kế hoạch đó', plan=upper.document.number),
        )  # fmt: skip
    mine = [
        stage.key for stage in upper.procedure.stages
        if not (stage.final or stage.supplement or stage.period) and LEVELS.index(stage.level) <= LEVELS.index(level)
    ]  # fmt: skip
    seen: set[str] = set()
    for index, row in enumerate(plan.deadlines):
        if row.stage not in mine:
            yield Fault(
                ("deadlines", index, "stage"),
                Phrase(
                    "bước '%(stage)s' không phải việc của cấp %(level)s hay cấp dưới", stage=row.stage, level=level.label
                ),
                Phrase(ONE_OF, known=", ".join(mine)),
            )  # fmt: skip
            continue
        if row.stage in seen:
            yield Fault(
                ("deadlines", index, "stage"), Phrase("bước '%(stage)s' có hai thời hạn", stage=row.stage),
                Phrase("giữ một mục cho mỗi bước"),
            )  # fmt: skip
        seen.add(row.stage)
        last, outer = row.fixed.last_day(calendar), covering(upper, row.stage)
        if outer is not None and last > outer.fixed.last_day(calendar):
            yield Fault(
                ("deadlines", index, "date"),
                Phrase(
                    "hạn %(last)s muộn hơn hạn %(outer)s của kế hoạch cấp trên ('%(wording)s'): kế hoạch cấp dưới chỉ được sớm hơn",
                    last=last, outer=outer.fixed.last_day(calendar), wording=outer.wording,
                ),
                Phrase("ghi ngày không muộn hơn %(day)s", day=outer.fixed.last_day(calendar)),
            )  # fmt: skip
        if last < upper.document.opens_on:
            yield Fault(
                ("deadlines", index, "date"),
                Phrase("hạn %(last)s trước ngày mở chu trình %(opens)s", last=last, opens=upper.document.opens_on),
                Phrase("sửa ngày"),
            )  # fmt: skip
