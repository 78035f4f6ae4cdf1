"""What an experienced officer asks of a plan's dates: days off, 'before', too little time, reminders, the law's own dates."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ocop import text
from ocop.deadlines import Boundary, Roll, day_off
from ocop.law_dates import IN_FORCE, law_round
from ocop.plan import CyclePlan
from ocop.plan_findings import Finding, Severity, at, spans
from ocop.plan_sections import SOFTWARE
from ocop.working_days import Calendar


@dataclass(frozen=True)
class Need:
    """Working days that a stage, or what is newly ahead of its deadline, takes."""

    what: str
    days: int


def _needs(plan: CyclePlan, stage: str, before: frozenset[str]) -> list[Need]:
    """Return what has to fit between the deadline before, which covers the stages of `before`, and a stage's own.

    The council's notice has a check of its own.
    """
    procedure = plan.procedure
    needs = [
        Need(f"bước '{found.label}'", plan.days_of(found.period))
        for found in procedure.stages
        if found.period and found.period.working and found.key in procedure.still_ahead(stage) - before
    ]
    if procedure.stage(stage).evaluates:
        needs.append(Need("một lần bổ sung hồ sơ", plan.supplement.working_days))
    else:
        needs.append(Need("ký kết quả và công văn", 1))
    return needs


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
                Severity.NOTE, "day_off", at(row), row.section,
                f"{why}; theo quy tắc của kế hoạch dời thành ngày {text.day(span.last)}",
                "ghi thẳng ngày làm việc đó vào kế hoạch",
            )  # fmt: skip
            continue
        before = text.day(calendar.previous_working(unrolled))
        yield Finding(
            Severity.WARNING, "day_off", at(row), row.section,
            f"{why}; kế hoạch không dời, nên ngày làm việc cuối cùng còn kịp là {before}",
            "nêu ngày làm việc trong kế hoạch, hoặc cho dời sang ngày làm việc kế tiếp để được đến hết ngày "
            f"{text.day(calendar.next_working(unrolled))}",
            f'roll = "{Roll.NEXT_WORKING_DAY}"',
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
                Severity.WARNING, "before", at(row, "boundary"), row.section,
                f"kế hoạch ghi '{row.wording}' nhưng quy tắc đang dùng không kể ngày {text.day(row.day)}",
                f"ghi quy tắc {Boundary.INCLUSIVE.label}", f'boundary = "{Boundary.INCLUSIVE}"',
            )  # fmt: skip
        elif BEFORE in words:
            other = Boundary.INCLUSIVE if row.boundary is Boundary.EXCLUSIVE else Boundary.EXCLUSIVE
            yield Finding(
                Severity.NOTE, "before", at(row, "boundary"), row.section,
                f"kế hoạch ghi '{row.wording}'; luật không định nghĩa 'trước ngày', quy tắc đang dùng "
                f"{row.boundary.label}, nên hạn cuối là 24 giờ ngày {text.day(span.last)}",
                f"ghi rõ trong kế hoạch có kể ngày đó hay không; hiểu ngược lại thì ghi quy tắc {other.label}",
                f'boundary = "{other}"',
            )  # fmt: skip


def _coarse(plan: CyclePlan, calendar: Calendar) -> Iterator[Finding]:
    """Tell which day a coarse date comes to: the reader of the plan cannot know."""
    del calendar
    for row in plan.deadlines:
        if row.given:
            yield Finding(
                Severity.NOTE, "coarse", at(row), row.section,
                f"kế hoạch chỉ nêu '{row.given}'; theo quy tắc đang dùng ({row.reading}) hiểu là ngày {text.day(row.day)}",
                "nêu ngày cụ thể trong kế hoạch hoặc trong văn bản làm rõ",
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
                Severity.WARNING, "too_short", at(span.row), span.row.section,
                f"từ {span.after_what} ({text.day(span.after)}) đến hạn của bước '{span.label}' ({text.day(span.last)}) có "
                f"{there} ngày làm việc, cần {needed} ({told})",
                f"lùi hạn để kể cả ngày {text.day(calendar.add_working_days(span.after, needed))}",
            )  # fmt: skip


def _past_the_year(plan: CyclePlan, calendar: Calendar) -> Iterator[Finding]:
    """Find periods of a dossier's own that, begun on the last day, run past the year of the plan's last deadline."""
    if not plan.deadlines:
        return
    year_ends, dated = date(max(row.day.year for row in plan.deadlines), 12, 31), spans(plan, calendar)
    for stage in plan.procedure.stages:
        if stage.period is None or not stage.period.working:
            continue
        ahead = plan.procedure.still_ahead(stage.key)
        begun = [span.last for span in dated if span.row.stage in ahead]
        days = plan.days_of(stage.period)
        if begun and (ends := calendar.add_working_days(max(begun), days)) > year_ends:
            setting = stage.period.setting
            source = plan.source_of(setting) if setting else str(stage.period.rule)
            yield Finding(
                Severity.WARNING, "past_the_year", setting or f"plan.procedure, {stage.key}", source or SOFTWARE,
                f"hồ sơ đến bước '{stage.label}' vào ngày cuối ({text.day(max(begun))}) còn {days} ngày làm việc, đến "
                f"{text.day(ends)}, quá ngày {text.day(year_ends)}",
                "đặt hạn của bước trước đó sớm hơn",
            )  # fmt: skip


def _council_notice(plan: CyclePlan, calendar: Calendar) -> Iterator[Finding]:
    """Find councils that cannot be sent the dossiers early enough before the last possible session."""
    notice = plan.council.dossier_notice_working_days
    for span in spans(plan, calendar):
        there = span.working_days(calendar)
        if plan.procedure.stage(span.row.stage).evaluates and there <= notice:
            yield Finding(
                Severity.WARNING, "council_notice", "council.dossier_notice_working_days",
                plan.source_of("council.dossier_notice_working_days") or SOFTWARE,
                f"hồ sơ phải đến thành viên trước phiên họp {notice} ngày làm việc, nhưng bước '{span.label}' chỉ có {there} "
                f"ngày làm việc ({text.day(span.after)} đến {text.day(span.last)})",
                f"lùi hạn của bước '{span.label}' thêm ít nhất {notice + 1 - there} ngày làm việc, hoặc bớt thời gian gửi hồ sơ",
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
        if any(change.day <= force.last + timedelta(days=1) for change in plan.changes):
            continue
        follow = next(key for key, later in IN_FORCE.items() if force.last + timedelta(days=1) in later)
        yield Finding(
            Severity.WARNING, "law", at(span.row), span.row.section,
            f"hạn của bước '{span.label}' ({text.day(span.last)}) nằm sau ngày {text.day(force.last)}, ngày cuối cùng "
            f"{force.document} còn được áp dụng nguyên văn",
            f"chuẩn bị chuyển chu trình sang quy trình theo {IN_FORCE[follow].document}, từ ngày "
            f"{text.day(force.last + timedelta(days=1))}",
            f'[[changes]] với procedure = "{follow}"',
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
        law_end = law.proposals_end(ends.year)
        if proposed.fixed.unrolled + timedelta(days=1) < law_end:
            yield Finding(
                Severity.NOTE, "round", at(proposed), proposed.section,
                f"luật cho đề nghị vào {law.name} đến trước ngày {text.day(law_end)}, kế hoạch chỉ nhận đến hết ngày "
                f"{text.day(proposed.fixed.last_day(calendar))}: đề nghị trong khoảng đó chưa thuộc đợt nào của kế hoạch",
                f"nhận đến trước ngày {text.day(law_end)}, hoặc thêm một đợt theo quy chế của tỉnh",
            )  # fmt: skip
        last = judged.fixed.last_day(calendar)
        if last >= ends:
            yield Finding(
                Severity.WARNING, "round", at(judged), judged.section,
                f"hồ sơ đề nghị đến hết ngày {text.day(proposed.fixed.last_day(calendar))} thuộc {law.name}, phải đánh giá trước ngày "
                f"{text.day(ends)}, nhưng kế hoạch cho đến hết ngày {text.day(last)}",
                f"đặt hạn trước ngày {text.day(ends)}",
            )  # fmt: skip


CHECKS_OF_DATES = (
    _unknown_years, _days_off, _before, _coarse, _too_short, _past_the_year, _council_notice, _reminders, _law, _rounds,
)  # fmt: skip
"""What the linter looks at in dates; each yields its findings."""
