"""What an experienced officer asks of a plan's dates: days off, 'before', too little time, reminders, the law's own dates."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ocop.coarse_dates import recalled
from ocop.deadlines import Boundary, Roll, day_off
from ocop.law_dates import IN_FORCE, law_round
from ocop.phrase import Joined, Phrase
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
        Need(Phrase("bước '%(stage)s'", stage=found.label), plan.days_of(found.period))
        for found in procedure.stages
        if found.period and found.period.working and found.key in procedure.still_ahead(stage) - before
    ]
    if procedure.stage(stage).evaluates:
        needs.append(Need(Phrase("một lần bổ sung hồ sơ"), plan.supplement.working_days))
    else:
        needs.append(Need(Phrase("ký kết quả và công văn"), 1))
    return needs


def _unknown_years(plan: CyclePlan, calendar: Calendar) -> Iterator[Finding]:
    """Find years whose holidays nobody has entered: their Tết would count as working days."""
    years = {plan.document.opens_on.year, *(row.day.year for row in plan.deadlines)}
    for year in sorted(year for year in years if not calendar.knows_year(year)):
        yield Finding(
            Severity.WARNING, "unknown_year", "plan.year", plan.source_of("plan.year") or SOFTWARE,
            Phrase(
                "lịch nghỉ lễ năm %(year)s chưa có nên các phép đếm ngày làm việc chưa tin được", year=str(year)
            ),
            Phrase("nạp lịch năm %(year)s rồi kiểm tra lại", year=str(year)),
        )  # fmt: skip


def _days_off(plan: CyclePlan, calendar: Calendar) -> Iterator[Finding]:
    """Find deadlines whose last day is not worked."""
    for span in spans(plan, calendar):
        row, unrolled = span.row, span.row.fixed.unrolled
        if calendar.is_working(unrolled):
            continue
        why = Phrase(
            "hạn của bước '%(stage)s' hết vào ngày %(day)s là %(off)s",
            stage=span.label, day=unrolled, off=day_off(unrolled, calendar),
        )  # fmt: skip
        if span.last != unrolled:
            yield Finding(
                Severity.NOTE, "day_off", at(row), row.section,
                Joined("; ", (why, Phrase("theo quy tắc của kế hoạch dời thành ngày %(day)s", day=span.last))),
                Phrase("ghi thẳng ngày làm việc đó vào kế hoạch"),
            )  # fmt: skip
            continue
        unmoved = Phrase(
            "kế hoạch không dời, nên ngày làm việc cuối cùng còn kịp là %(day)s",
            day=calendar.previous_working(unrolled),
        )
        yield Finding(
            Severity.WARNING, "day_off", at(row), row.section,
            Joined("; ", (why, unmoved)),
            Phrase(
                "nêu ngày làm việc trong kế hoạch, hoặc cho dời sang ngày làm việc kế tiếp để được đến hết ngày %(day)s",
                day=calendar.next_working(unrolled),
            ),
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
                Phrase(
                    "kế hoạch ghi '%(wording)s' nhưng quy tắc đang dùng không kể ngày %(day)s",
                    wording=row.wording, day=row.day,
                ),
                Phrase("ghi quy tắc %(rule)s", rule=Boundary.INCLUSIVE.label), f'boundary = "{Boundary.INCLUSIVE}"',
            )  # fmt: skip
        elif BEFORE in words:
            other = Boundary.INCLUSIVE if row.boundary is Boundary.EXCLUSIVE else Boundary.EXCLUSIVE
            yield Finding(
                Severity.NOTE, "before", at(row, "boundary"), row.section,
                Phrase(
                    "kế hoạch ghi '%(wording)s'; luật không định nghĩa 'trước ngày', quy tắc đang dùng %(rule)s, nên hạn cuối là "
                    "24 giờ ngày %(day)s",
                    wording=row.wording, rule=row.boundary.label, day=span.last,
                ),
                Phrase(
                    "ghi rõ trong kế hoạch có kể ngày đó hay không; hiểu ngược lại thì ghi quy tắc %(rule)s",
                    rule=other.label,
                ),
                f'boundary = "{other}"',
            )  # fmt: skip


def _coarse(plan: CyclePlan, calendar: Calendar) -> Iterator[Finding]:
    """Tell which day a coarse date comes to: the reader of the plan cannot know."""
    del calendar
    for row in plan.deadlines:
        if row.given:
            yield Finding(
                Severity.NOTE, "coarse", at(row), row.section,
                Phrase(
                    "kế hoạch chỉ nêu '%(given)s'; theo quy tắc đang dùng (%(reading)s) hiểu là ngày %(day)s",
                    given=row.given, reading=recalled(str(row.reading)), day=row.day,
                ),
                Phrase("nêu ngày cụ thể trong kế hoạch hoặc trong văn bản làm rõ"),
            )  # fmt: skip


def _too_short(plan: CyclePlan, calendar: Calendar) -> Iterator[Finding]:
    """Find deadlines before which the stage's own work does not fit."""
    before: frozenset[str] = frozenset()
    for span in spans(plan, calendar):
        needs = _needs(plan, span.row.stage, before)
        before = plan.procedure.still_ahead(span.row.stage)
        needed, there = sum(need.days for need in needs), span.working_days(calendar)
        if there < needed:
            told = Joined("; ", [Phrase("%(what)s %(days)s ngày", what=need.what, days=need.days) for need in needs])
            yield Finding(
                Severity.WARNING, "too_short", at(span.row), span.row.section,
                Phrase(
                    "từ %(after)s (%(since)s) đến hạn của bước '%(stage)s' (%(last)s) có %(there)s ngày làm việc, cần %(needed)s "
                    "(%(needs)s)",
                    after=span.after_what, since=span.after, stage=span.label, last=span.last, there=there, needed=needed,
                    needs=told,
                ),
                Phrase("lùi hạn để kể cả ngày %(day)s", day=calendar.add_working_days(span.after, needed)),
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
                Phrase(
                    "hồ sơ đến bước '%(stage)s' vào ngày cuối (%(last)s) còn %(days)s ngày làm việc, đến %(ends)s, quá ngày "
                    "%(year_ends)s",
                    stage=stage.label, last=max(begun), days=days, ends=ends, year_ends=year_ends,
                ),
                Phrase("đặt hạn của bước trước đó sớm hơn"),
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
                Phrase(
                    "hồ sơ phải đến thành viên trước phiên họp %(notice)s ngày làm việc, nhưng bước '%(stage)s' chỉ có %(there)s "
                    "ngày làm việc (%(after)s đến %(last)s)",
                    notice=notice, stage=span.label, there=there, after=span.after, last=span.last,
                ),
                Phrase(
                    "lùi hạn của bước '%(stage)s' thêm ít nhất %(days)s ngày làm việc, hoặc bớt thời gian gửi hồ sơ",
                    stage=span.label, days=notice + 1 - there,
                ),
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
            (unopened, Severity.WARNING, Phrase("bước '%(stage)s' chưa mở (%(day)s)", stage=span.label, day=opens)),
            (early, Severity.NOTE, Phrase("%(what)s (%(day)s) chưa qua", what=span.after_what, day=span.after)),
        ):
            if numbers:
                told = Joined(", ", [Phrase("%(days)s ngày (%(day)s)", days=n, day=days[n]) for n in numbers])
                yield Finding(
                    severity, "reminder", "reminders.working_days_before", source,
                    Phrase(
                        "thư nhắc hạn của bước '%(stage)s' trước %(days)s rơi vào lúc %(when)s",
                        stage=span.label, days=told, when=when,
                    ),
                    Phrase(
                        "bỏ %(numbers)s khỏi danh sách nếu không muốn nhắc sớm như vậy",
                        numbers=", ".join(str(n) for n in numbers),
                    ),
                )  # fmt: skip


def _law(plan: CyclePlan, calendar: Calendar) -> Iterator[Finding]:
    """Find days on which the plan's rule set is not, or no longer, the law."""
    force = IN_FORCE.get(plan.document.procedure)
    if force is None:
        return
    if plan.document.opens_on not in force:
        yield Finding(
            Severity.WARNING, "law", "plan.procedure", plan.source_of("plan.procedure") or SOFTWARE,
            Phrase(
                "chu trình mở ngày %(day)s nhưng %(document)s không có hiệu lực vào ngày đó",
                day=plan.document.opens_on, document=force.document,
            ),
            Phrase("ghi quy trình có hiệu lực ngày %(day)s", day=plan.document.opens_on),
        )  # fmt: skip
    for span in spans(plan, calendar):
        if force.last is None or span.last <= force.last or plan.document.opens_on > force.last:
            continue
        if any(change.day <= force.last + timedelta(days=1) for change in plan.changes):
            continue
        follow = next(key for key, later in IN_FORCE.items() if force.last + timedelta(days=1) in later)
        yield Finding(
            Severity.WARNING, "law", at(span.row), span.row.section,
            Phrase(
                "hạn của bước '%(stage)s' (%(last)s) nằm sau ngày %(day)s, ngày cuối cùng %(document)s còn được áp dụng nguyên "
                "văn",
                stage=span.label, last=span.last, day=force.last, document=force.document,
            ),
            Phrase(
                "chuẩn bị chuyển chu trình sang quy trình theo %(document)s, từ ngày %(day)s",
                document=IN_FORCE[follow].document, day=force.last + timedelta(days=1),
            ),
            Phrase("[[changes]] với %(line)s", line=f'procedure = "{follow}"'),
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
                Phrase(
                    "luật cho đề nghị vào %(round)s đến trước ngày %(law)s, kế hoạch chỉ nhận đến hết ngày %(last)s: đề nghị trong "
                    "khoảng đó chưa thuộc đợt nào của kế hoạch",
                    round=law.name, law=law_end, last=proposed.fixed.last_day(calendar),
                ),
                Phrase("nhận đến trước ngày %(day)s, hoặc thêm một đợt theo quy chế của tỉnh", day=law_end),
            )  # fmt: skip
        last = judged.fixed.last_day(calendar)
        if last >= ends:
            yield Finding(
                Severity.WARNING, "round", at(judged), judged.section,
                Phrase(
                    "hồ sơ đề nghị đến hết ngày %(proposed)s thuộc %(round)s, phải đánh giá trước ngày %(ends)s, nhưng kế hoạch cho "
                    "đến hết ngày %(last)s",
                    proposed=proposed.fixed.last_day(calendar), round=law.name, ends=ends, last=last,
                ),
                Phrase("đặt hạn trước ngày %(day)s", day=ends),
            )  # fmt: skip


CHECKS_OF_DATES = (
    _unknown_years, _days_off, _before, _coarse, _too_short, _past_the_year, _council_notice, _reminders, _law, _rounds,
)  # fmt: skip
"""What the linter looks at in dates; each yields its findings."""
