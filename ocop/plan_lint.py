"""Reads a plan as an experienced officer would: what it makes of its own words, and where it cannot be kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from ocop.levels import Level
from ocop.phrase import Joined, Phrase
from ocop.plan import CyclePlan
from ocop.plan_checks import levels_from
from ocop.plan_findings import Finding, Severity, at
from ocop.plan_lint_dates import CHECKS_OF_DATES
from ocop.plan_sections import SOFTWARE, AfterDeadline, AfterRegistration
from ocop.procedure import worth_the_centre, worth_the_province
from ocop.scoring import STAR_FLOORS
from ocop.working_days import Calendar


@dataclass(frozen=True)
class Owners:
    """The units of a level on the day when the cycle opens, and those of them where nobody holds the officer's post."""

    units: int
    vacant: tuple[str, ...] = ()


NAMED = 5
"""How many units without an officer a finding names."""


def _unowned(plan: CyclePlan, owners: Mapping[Level, Owners]) -> Iterator[Finding]:
    """Find stages whose level has no unit, or units where nobody would act."""
    through = levels_from(plan.procedure, plan.procedure.starts[plan.registration.files_with]) - {Level.CENTRAL}
    for level in (level for level in Level if level in through):
        there = owners.get(level, Owners(0))
        stages = [stage for stage in plan.procedure.stages if stage.level is level and not stage.final]
        if not there.units:
            yield Finding(
                Severity.WARNING, "unowned", f"deadlines.{stages[0].key}",
                Phrase("danh mục đơn vị, cấp %(level)s", level=level.label),
                Phrase(
                    "không có đơn vị cấp %(level)s nào vào ngày %(day)s, nên bước '%(stage)s' không có ai chịu trách nhiệm",
                    level=level.label, day=plan.document.opens_on, stage=stages[0].label,
                ),
                Phrase("nhập danh mục đơn vị, hoặc chọn quy trình không qua cấp này"),
            )  # fmt: skip
        elif there.vacant:
            named = ", ".join(there.vacant[:NAMED])
            if more := there.vacant[NAMED:]:
                named = Phrase("%(named)s và %(more)s đơn vị khác", named=named, more=len(more))
            yield Finding(
                Severity.WARNING, "unowned", f"deadlines.{stages[0].key}",
                Phrase("danh mục cán bộ, cấp %(level)s", level=level.label),
                Phrase(
                    "%(vacant)s/%(units)s đơn vị cấp %(level)s chưa có cán bộ phụ trách: %(named)s",
                    vacant=str(len(there.vacant)), units=str(there.units), level=level.label, named=named,
                ),
                Phrase("nhập cán bộ cho các đơn vị đó trước ngày mở chu trình"),
            )  # fmt: skip


def _no_way_out(plan: CyclePlan) -> Iterator[Finding]:
    """Find dossiers that are to go to a next round where there is none, or where the procedure lets none go on."""
    for row in plan.deadlines:
        if row.after_deadline is not AfterDeadline.NEXT_ROUND:
            continue
        source = plan.source_of(at(row, "after_deadline")) or SOFTWARE
        if "carry_over" not in plan.procedure.events_at(row.stage):
            yield Finding(
                Severity.WARNING, "no_way_out", at(row, "after_deadline"), source,
                Phrase(
                    "quy trình không cho chuyển đợt hồ sơ đang ở bước '%(stage)s', nên hồ sơ quá hạn ở đó không có lối ra",
                    stage=plan.procedure.stage(row.stage).label,
                ),
                Phrase("từ chối hồ sơ quá hạn, hoặc vẫn nhận và ghi là muộn"),
                Phrase(
                    "%(one)s hoặc %(other)s", one=f'after_deadline = "{AfterDeadline.REFUSE}"',
                    other=f'"{AfterDeadline.ACCEPT_LATE}"',
                ),
            )  # fmt: skip
    waiting = [at(row, "after_deadline") for row in plan.deadlines if row.after_deadline is AfterDeadline.NEXT_ROUND]
    if plan.registration.after_deadline is AfterRegistration.NEXT_ROUND:
        waiting.append("registration.after_deadline")
    if waiting and plan.next_round is None:
        yield Finding(
            Severity.NOTE, "no_way_out", waiting[0], plan.source_of(waiting[0]) or SOFTWARE,
            Phrase("hồ sơ muộn được chuyển sang đợt sau, nhưng kế hoạch không có đợt sau"),
            Phrase("nêu đợt kế tiếp, hoặc hồ sơ chờ kế hoạch năm sau"), 'next_round = "..."',
        )  # fmt: skip


NOWHERE = Phrase("kế hoạch không có phần nào nêu")
"""The section of what a plan does not say."""


def _uncovered(plan: CyclePlan) -> Iterator[Finding]:
    """Find stages at which a person is waited for and that no deadline covers, by phase."""
    procedure = plan.procedure
    covered = {stage for row in plan.deadlines for stage in procedure.still_ahead(row.stage)}
    skipped = {"central_evaluation"} if plan.to_centre_from > 100 else set()
    awaited = [
        stage
        for stage in procedure.stages
        if not (
            stage.final or stage.supplement or stage.period or stage.key in procedure.routed or stage.key in covered
        )
        and procedure.phase_of(stage.key) not in skipped
    ]
    for _, group in groupby(
        sorted(awaited, key=lambda stage: list(procedure.phases).index(procedure.phase_of(stage.key))),
        key=lambda stage: procedure.phase_of(stage.key),
    ):
        stages = list(group)
        named = Joined(
            ", ",
            [Phrase("'%(stage)s' (%(level)s)", stage=stage.label, level=stage.level.label) for stage in stages],
        )
        judged = any(stage.evaluates for stage in stages)
        yield Finding(
            Severity.WARNING if judged else Severity.NOTE, "uncovered", f"deadlines.{stages[0].key}", NOWHERE,
            Phrase(
                "không thời hạn nào của kế hoạch bao trùm bước %(stages)s: hồ sơ đứng ở đó không bao giờ quá hạn và không ai "
                "được nhắc",
                stages=named,
            ),
            Phrase(
                "thêm thời hạn của bước '%(stage)s' nếu kế hoạch hoặc văn bản khác có hạn", stage=stages[-1].label
            ),
            Phrase("[[deadlines]] với %(line)s", line=f'stage = "{stages[-1].key}"'),
        )  # fmt: skip


def _bands(plan: CyclePlan) -> Iterator[Finding]:
    """Find bands of points that the thresholds for going up leave without a body that may recognise them."""
    used = {move.when for move in plan.procedure.moves}
    for condition, key, level, threshold, floor, star in (
        (worth_the_province, "to_province_from", Level.PROVINCE, plan.forwarding.to_province_from, STAR_FLOORS[4], 4),
        (worth_the_centre, "to_centre_from", Level.CENTRAL, plan.forwarding.to_centre_from, STAR_FLOORS[5], 5),
    ):
        place = f"forwarding.{key}"
        if condition not in used or threshold == floor:
            continue
        low, high = min(threshold, floor), max(threshold, floor)
        if threshold > floor:
            problem = Phrase(
                "sản phẩm từ %(low)s đến dưới %(high)s điểm đủ điểm %(star)s sao nhưng không được chuyển lên, nên không ai công "
                "nhận %(star)s sao",
                low=low, high=high, star=star,
            )  # fmt: skip
        else:
            problem = Phrase(
                "sản phẩm từ %(low)s đến dưới %(high)s điểm được chuyển lên dù chưa đủ điểm %(star)s sao",
                low=low, high=high, star=star,
            )  # fmt: skip
        yield Finding(
            Severity.WARNING if threshold > floor else Severity.NOTE, "band", place, plan.source_of(place) or SOFTWARE,
            problem,
            Phrase(
                "chuyển lên %(level)s từ %(floor)s điểm nếu kế hoạch không chủ ý quy định khác",
                level=level.label, floor=floor,
            ),
            f"{key} = {floor}",
        )  # fmt: skip


CHECKS = (_uncovered, _no_way_out, _bands)
"""What the linter looks at beside dates; each yields its findings."""


def lint(plan: CyclePlan, calendar: Calendar, owners: Mapping[Level, Owners] | None = None) -> list[Finding]:
    """Return everything that the checks find, in their order, each check in the procedure's order.

    Who owns a stage is looked at where the office's units are given.
    """
    found = [finding for check in CHECKS_OF_DATES for finding in check(plan, calendar)]
    found += [finding for check in CHECKS for finding in check(plan)]
    return found if owners is None else [*found, *_unowned(plan, owners)]
