"""Reads a plan as an experienced officer would: what it makes of its own words, and where it cannot be kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby

from ocop import text
from ocop.deadlines import Boundary, day_off
from ocop.law_dates import IN_FORCE, law_round
from ocop.plan import CyclePlan
from ocop.plan_sections import SOFTWARE, StageDeadline
from ocop.procedure import OwnPeriod, worth_the_centre, worth_the_province
from ocop.scoring import STAR_FLOORS
from ocop.working_days import Calendar


class Severity(StrEnum):
    """How much a finding matters."""

    NOTE = "note"
    """Right as it stands; a reader should know what it comes to."""
    WARNING = "warning"
    """Somebody will be late, refused or left out unless it is changed."""

    @property
    def label(self) -> str:
        """The severity in Vietnamese."""
        return {Severity.NOTE: "lưu ý", Severity.WARNING: "cảnh báo"}[self]


@dataclass(frozen=True)
class Finding:
    """One thing that a plan's author should know: where it stands, what it is, and what could be done."""

    severity: Severity
    check: str
    key: str
    """The key in the file."""
    section: str
    """The plan's own section, or the source of the value."""
    problem: str
    proposal: str

    def __str__(self) -> str:
        """Return the finding as the command prints it."""
        return f"{self.severity.label}, {self.key} ({self.section}): {self.problem}. Đề xuất: {self.proposal}."


@dataclass(frozen=True)
class Span:
    """The days that a deadline leaves: from the end of what comes before it to its own last day."""

    row: StageDeadline
    label: str
    after: date
    """The day from which the span is counted, itself not counted."""
    after_what: str
    last: date

    def working_days(self, calendar: Calendar) -> int:
        """Return the number of working days in the span."""
        return calendar.working_days_between(self.after, self.last)


@dataclass(frozen=True)
class Need:
    """Working days that a stage, or what is newly ahead of its deadline, takes."""

    what: str
    days: int


def period_days(plan: CyclePlan, period: OwnPeriod) -> int:
    """Return the length of a dossier's own period: the law's, or the plan's."""
    section, _, key = period.setting.partition(".")
    return int(getattr(getattr(plan, section), key)) if period.setting else period.days


def _needs(plan: CyclePlan, stage: str, before: frozenset[str]) -> list[Need]:
    """Return what has to fit between the deadline before, which covers the stages of `before`, and a stage's own.

    The council's notice has a check of its own.
    """
    procedure = plan.procedure
    needs = [
        Need(f"bước '{found.label}'", period_days(plan, found.period))
        for found in procedure.stages
        if found.period and found.period.working and found.key in procedure.still_ahead(stage) - before
    ]
    if procedure.stage(stage).evaluates:
        needs.append(Need("một lần bổ sung hồ sơ", plan.supplement.working_days))
    else:
        needs.append(Need("ký kết quả và công văn", 1))
    return needs


def lint(plan: CyclePlan, calendar: Calendar) -> list[Finding]:
    """Return everything that the checks find, in their order, each check in the procedure's order."""
    return [finding for check in CHECKS for finding in check(plan, calendar)]


def spans(plan: CyclePlan, calendar: Calendar) -> list[Span]:
    """Return the span of each deadline, in the procedure's order."""
    order = {stage.key: number for number, stage in enumerate(plan.procedure.stages)}
    found: list[Span] = []
    after, what = plan.document.opens_on, "ngày mở chu trình"
    for row in sorted(plan.deadlines, key=lambda row: order[row.stage]):
        label, last = plan.procedure.stage(row.stage).label, row.fixed.last_day(calendar)
        found.append(Span(row, label, after, what, last))
        after, what = last, f"hạn của bước '{label}'"
    return found


def _at(row: StageDeadline, rule: str = "date") -> str:
    return f"deadlines.{row.stage}.{rule}"


def _unknown_years(plan: CyclePlan, calendar: Calendar) -> Iterator[Finding]:
    """Find years whose holidays nobody has entered: their Tết would count as working days."""
    years = {plan.document.opens_on.year, *(row.day.year for row in plan.deadlines)}
    for year in sorted(year for year in years if not calendar.knows_year(year)):
        yield Finding(
            Severity.WARNING, "unknown_year", "plan.year", plan.source_of("plan.year") or SOFTWARE,
            f"lịch nghỉ lễ năm {year} chưa có nên các phép đếm ngày làm việc chưa tin được",
            f"nạp lịch năm {year} rồi kiểm tra lại",
        )  # fmt: skip


def _days_off(plan: CyclePlan, calendar: Calendar) -> Iterator[Finding]:
    """Find deadlines whose last day is not worked."""
    for span in spans(plan, calendar):
        row, unrolled = span.row, span.row.fixed.unrolled
        if calendar.is_working(unrolled):
            continue
        why = f"hạn của bước '{span.label}' hết vào ngày {text.day(unrolled)} là {day_off(unrolled, calendar)}"
        if span.last != unrolled:
            yield Finding(
                Severity.NOTE, "day_off", _at(row), row.section,
                f"{why}; theo quy tắc của kế hoạch dời thành ngày {text.day(span.last)}",
                "ghi thẳng ngày làm việc đó vào kế hoạch",
            )  # fmt: skip
            continue
        before = text.day(calendar.previous_working(unrolled))
        yield Finding(
            Severity.WARNING, "day_off", _at(row), row.section,
            f"{why}; kế hoạch không dời, nên ngày làm việc cuối cùng còn kịp là {before}",
            f'nêu ngày làm việc trong kế hoạch, hoặc ghi roll = "next_working_day" để được đến hết ngày '
            f"{text.day(calendar.next_working(unrolled))}",
        )  # fmt: skip


BEFORE = "trước"
UNTIL = ("đến hết", "hết ngày", "chậm nhất", "muộn nhất", "không quá")
"""How plans say that the day itself still counts."""


def _before(plan: CyclePlan, calendar: Calendar) -> Iterator[Finding]:
    """Tell what the rule in force makes of 'before', and find words that say the opposite of the rule."""
    for span in spans(plan, calendar):
        row, words = span.row, span.row.wording.lower()
        if row.boundary is Boundary.EXCLUSIVE and any(phrase in words for phrase in UNTIL):
            yield Finding(
                Severity.WARNING, "before", _at(row, "boundary"), row.section,
                f"kế hoạch ghi '{row.wording}' nhưng quy tắc đang dùng không kể ngày {text.day(row.day)}",
                'ghi boundary = "inclusive"',
            )  # fmt: skip
        elif BEFORE in words:
            other = "inclusive" if row.boundary is Boundary.EXCLUSIVE else "exclusive"
            yield Finding(
                Severity.NOTE, "before", _at(row, "boundary"), row.section,
                f"kế hoạch ghi '{row.wording}'; luật không định nghĩa 'trước ngày', quy tắc đang dùng "
                f"{row.boundary.label}, nên hạn cuối là 24 giờ ngày {text.day(span.last)}",
                f'ghi rõ trong kế hoạch có kể ngày đó hay không; hiểu ngược lại thì ghi boundary = "{other}"',
            )  # fmt: skip


def _too_short(plan: CyclePlan, calendar: Calendar) -> Iterator[Finding]:
    """Find deadlines before which the stage's own work does not fit."""
    before: frozenset[str] = frozenset()
    for span in spans(plan, calendar):
        needs = _needs(plan, span.row.stage, before)
        before = plan.procedure.still_ahead(span.row.stage)
        needed, there = sum(need.days for need in needs), span.working_days(calendar)
        if there < needed:
            told = "; ".join(f"{need.what} {need.days} ngày" for need in needs)
            yield Finding(
                Severity.WARNING, "too_short", _at(span.row), span.row.section,
                f"từ {span.after_what} ({text.day(span.after)}) đến hạn của bước '{span.label}' ({text.day(span.last)}) có "
                f"{there} ngày làm việc, cần {needed} ({told})",
                f"lùi hạn để kể cả ngày {text.day(calendar.add_working_days(span.after, needed))}",
            )  # fmt: skip


def _past_the_year(plan: CyclePlan, calendar: Calendar) -> Iterator[Finding]:
    """Find periods of a dossier's own that, begun on the last day, run past the year of the plan's last deadline."""
    if not plan.deadlines:
        return
    year_ends = date(max(row.day.year for row in plan.deadlines), 12, 31)
    for stage in plan.procedure.stages:
        if stage.period is None or not stage.period.working:
            continue
        begun = [span.last for span in spans(plan, calendar) if span.row.stage in plan.procedure.still_ahead(stage.key)]
        days = period_days(plan, stage.period)
        if begun and (ends := calendar.add_working_days(max(begun), days)) > year_ends:
            place = stage.period.setting or f"plan.procedure, {stage.key}"
            yield Finding(
                Severity.WARNING, "past_the_year", place, plan.source_of(place) or str(stage.period.rule or SOFTWARE),
                f"hồ sơ đến bước '{stage.label}' vào ngày cuối ({text.day(max(begun))}) còn {days} ngày làm việc, đến "
                f"{text.day(ends)}, quá ngày {text.day(year_ends)}",
                "đặt hạn của bước trước đó sớm hơn",
            )  # fmt: skip


def _council_notice(plan: CyclePlan, calendar: Calendar) -> Iterator[Finding]:
    """Find councils that cannot be sent the dossiers early enough before the last possible session."""
    notice = plan.council.dossier_notice_working_days
    for span in spans(plan, calendar):
        start = max(span.after, span.row.opens_on - timedelta(days=1)) if span.row.opens_on else span.after
        there = calendar.working_days_between(start, span.last)
        if plan.procedure.stage(span.row.stage).evaluates and there <= notice:
            yield Finding(
                Severity.WARNING, "council_notice", "council.dossier_notice_working_days",
                plan.source_of("council.dossier_notice_working_days") or SOFTWARE,
                f"hồ sơ phải đến thành viên trước phiên họp {notice} ngày làm việc, nhưng bước '{span.label}' chỉ có {there} "
                f"ngày làm việc ({text.day(start)} đến {text.day(span.last)})",
                f"lùi hạn của bước '{span.label}' thêm ít nhất {notice + 1 - there} ngày làm việc, hoặc bớt thời gian gửi hồ sơ",
            )  # fmt: skip


def _uncovered(plan: CyclePlan, calendar: Calendar) -> Iterator[Finding]:
    """Find stages at which a person is waited for and that no deadline covers, by phase."""
    del calendar
    procedure = plan.procedure
    covered = {stage for row in plan.deadlines for stage in procedure.still_ahead(row.stage)}
    awaited = [
        stage
        for stage in procedure.stages
        if not (
            stage.final or stage.supplement or stage.period or stage.key in procedure.routed or stage.key in covered
        )
    ]
    for phase, group in groupby(
        sorted(awaited, key=lambda stage: list(procedure.phases).index(procedure.phase_of(stage.key))),
        key=lambda stage: procedure.phase_of(stage.key),
    ):
        stages = list(group)
        named = ", ".join(f"'{stage.label}' ({stage.level.label})" for stage in stages)
        judged = any(stage.evaluates for stage in stages)
        yield Finding(
            Severity.WARNING if judged else Severity.NOTE, "uncovered", f"deadlines.{stages[0].key}", phase,
            f"không thời hạn nào của kế hoạch bao trùm bước {named}: hồ sơ đứng ở đó không bao giờ quá hạn và không ai được nhắc",
            f'thêm [[deadlines]] với stage = "{stages[-1].key}" nếu kế hoạch hoặc văn bản khác có hạn',
        )  # fmt: skip


def _bands(plan: CyclePlan, calendar: Calendar) -> Iterator[Finding]:
    """Find bands of points that the thresholds for going up leave without a body that may recognise them."""
    del calendar
    used = {move.when for move in plan.procedure.moves}
    for condition, key, threshold, floor, star in (
        (worth_the_province, "to_province_from", plan.forwarding.to_province_from, STAR_FLOORS[4], 4),
        (worth_the_centre, "to_centre_from", plan.forwarding.to_centre_from, STAR_FLOORS[5], 5),
    ):
        place = f"forwarding.{key}"
        if condition not in used or threshold == floor:
            continue
        low, high = text.decimal(min(threshold, floor)), text.decimal(max(threshold, floor))
        if threshold > floor:
            problem = f"sản phẩm từ {low} đến dưới {high} điểm đủ điểm {star} sao nhưng không được chuyển lên, nên không ai công nhận {star} sao"
        else:
            problem = f"sản phẩm từ {low} đến dưới {high} điểm được chuyển lên dù chưa đủ điểm {star} sao"
        yield Finding(
            Severity.WARNING if threshold > floor else Severity.NOTE, "band", place, plan.source_of(place) or SOFTWARE,
            problem, f"ghi {key} = {text.decimal(floor).replace(',', '.')} nếu kế hoạch không cố ý",
        )  # fmt: skip


def _reminders(plan: CyclePlan, calendar: Calendar) -> Iterator[Finding]:
    """Find reminders that fall before their stage opens, or before the stage that comes first has ended."""
    source = plan.source_of("reminders.working_days_before") or SOFTWARE
    for span in spans(plan, calendar):
        days = {n: calendar.add_working_days(span.last, -n) for n in plan.reminders.working_days_before}
        opens = max(plan.document.opens_on, span.row.opens_on or plan.document.opens_on)
        unopened = [n for n, day in days.items() if day < opens]
        early = [n for n, day in days.items() if opens <= day <= span.after]
        for numbers, severity, when in (
            (unopened, Severity.WARNING, f"bước '{span.label}' chưa mở ({text.day(opens)})"),
            (early, Severity.NOTE, f"{span.after_what} ({text.day(span.after)}) chưa qua"),
        ):
            if numbers:
                told = ", ".join(f"{n} ngày ({text.day(days[n])})" for n in numbers)
                yield Finding(
                    severity, "reminder", "reminders.working_days_before", source,
                    f"thư nhắc hạn của bước '{span.label}' trước {told} rơi vào lúc {when}",
                    f"bỏ {', '.join(str(n) for n in numbers)} khỏi danh sách nếu không muốn nhắc sớm như vậy",
                )  # fmt: skip


def _law(plan: CyclePlan, calendar: Calendar) -> Iterator[Finding]:
    """Find days on which the plan's rule set is not, or no longer, the law."""
    force = IN_FORCE.get(plan.document.procedure)
    if force is None:
        return
    if plan.document.opens_on not in force:
        yield Finding(
            Severity.WARNING, "law", "plan.procedure", plan.source_of("plan.procedure") or SOFTWARE,
            f"chu trình mở ngày {text.day(plan.document.opens_on)} nhưng {force.document} không có hiệu lực vào ngày đó",
            f"ghi quy trình có hiệu lực ngày {text.day(plan.document.opens_on)}",
        )  # fmt: skip
    for span in spans(plan, calendar):
        if force.last is None or span.last <= force.last or plan.document.opens_on > force.last:
            continue
        follow = next((key for key, later in IN_FORCE.items() if force.last + timedelta(days=1) in later), "")
        yield Finding(
            Severity.WARNING, "law", _at(span.row), span.row.section,
            f"hạn của bước '{span.label}' ({text.day(span.last)}) nằm sau ngày {text.day(force.last)}, ngày cuối cùng "
            f"{force.document} còn được áp dụng nguyên văn",
            f"chuẩn bị chuyển chu trình sang quy trình '{follow}' từ ngày {text.day(force.last + timedelta(days=1))}",
        )  # fmt: skip


def _rounds(plan: CyclePlan, calendar: Calendar) -> Iterator[Finding]:
    """Find rounds that end after the day that the law sets for what is proposed to them."""
    for stage, submission in (
        ("provincial_evaluation", "provincial_submission"),
        ("central_evaluation", "central_proposal"),
    ):
        judged, proposed = plan.deadline(stage), plan.deadline(submission)
        if judged is None or proposed is None:
            continue
        found = law_round(plan.document.procedure, stage, proposed.fixed.unrolled + timedelta(days=1))
        if found is None:
            continue
        law, ends = found
        last = judged.fixed.last_day(calendar)
        if last >= ends:
            yield Finding(
                Severity.WARNING, "round", _at(judged), judged.section,
                f"hồ sơ đề nghị đến hết ngày {text.day(proposed.fixed.last_day(calendar))} thuộc {law.name}, phải đánh giá trước ngày "
                f"{text.day(ends)}, nhưng kế hoạch cho đến hết ngày {text.day(last)}",
                f"đặt hạn trước ngày {text.day(ends)}",
            )  # fmt: skip


CHECKS = (
    _unknown_years, _days_off, _before, _too_short, _past_the_year, _council_notice, _uncovered, _bands, _reminders, _law, _rounds,
)  # fmt: skip
"""What the linter looks at; each yields its findings."""
