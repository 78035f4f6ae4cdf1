"""Edits the calendar of working days of the record, and counts every open cycle's dates anew by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import calendar_table
from casework.act import Answer, act
from casework.actors import Actor, Territory, require_post
from casework.amending import general
from casework.amendment_changes import ORDER, letters_owed, picture
from casework.chronicle import append_cycle_event
from casework.days import calendar
from casework.directory import Directory
from casework.lookup import required
from casework.owing import Draft, owe, unit_facts
from casework.recounting import BY, Recounted, recount
from casework.rules import cycle_by_code, plan_of, procedure_of
from casework.strokes import listed
from casework.timing import last_day, outstanding
from models.cycles import Cycle
from models.dossiers import Dossier
from models.units import Unit
from ocop.errors import InvalidInput, NotYours
from ocop.levels import Level, Role
from ocop.notices import Notice
from ocop.phrase import Phrase, phrases
from ocop.text import count, weekday
from ocop.text import day as told
from ocop.working_days import Calendar, CalendarDay, DayKind, day_of

YEARS = range(2000, 2101)
LONGEST = 200
CALENDAR = Phrase("Lịch")
"""The heading of the days themselves among the changes."""
HEADINGS = ORDER[1:]
"""The headings of what days move: a plan's settings are none of it."""


class Becomes(StrEnum):
    """What a day of the calendar becomes."""

    HOLIDAY = "holiday"
    WORKED = "worked"
    ORDINARY = "ordinary"

    @property
    def label(self) -> str:
        """The choice in Vietnamese."""
        return BECOMES_LABELS[self]


BECOMES_LABELS: Mapping[Becomes, str] = phrases(
    {
        Becomes.HOLIDAY: "ngày nghỉ",
        Becomes.WORKED: "ngày làm việc (làm bù)",
        Becomes.ORDINARY: "ngày thường, bỏ khỏi lịch",
    }
)


@dataclass(frozen=True)
class DayEdit:
    """One day as it is to stand in the calendar."""

    day: date
    kind: Becomes
    name: str = ""


@act("edit-calendar", "Sửa lịch làm việc")
def edit_calendar(
    session: Session, *, actor: Actor, at: datetime, days: Sequence[DayEdit], document: str, reason: str = ""
) -> Answer:
    """Make days holidays, working days or ordinary ones by a document, and count what depends on them anew.

    The province of every open cycle may: the calendar is one for all of them. Dates of a plan that roll over days off, periods
    of a dossier's own, reminders and reports up the ladder that are still to come follow the new calendar; what has passed stays.
    `changes` lists every day, date, dossier, thing to come and letter that differs.
    """
    document = required(document, "số văn bản về ngày nghỉ, ngày làm bù")
    cycles = _open_cycles(session)
    _require(session, actor, cycles, day_of(at))
    old = calendar(session)
    rows = [_row(edit, document) for edit in _checked(days)]
    said = [_said(day, old, row) for day, row in rows if _differs(old.exception(day), row)]
    if not said:
        raise InvalidInput("Lịch đã có đúng những ngày này: không có gì để sửa.", "nothing changes")
    earlier = {cycle.id: picture(session, cycle, at) for cycle in cycles}
    for day, row in rows:
        if row is None:
            calendar_table.unset_day(session, day)
        elif _differs(old.exception(day), row):
            calendar_table.set_day(session, row.day, row.kind, row.name, row.source)
    changes: dict[str, list[str]] = {CALENDAR: said, **{heading: [] for heading in HEADINGS}}
    warnings: list[str] = []
    closed = 0
    for cycle in cycles:
        done = recount(session, cycle, old, calendar(session), at, document, reason)
        found = picture(session, cycle, at).against(earlier[cycle.id])
        cause = append_cycle_event(
            session, cycle, BY, actor=actor, at=at, occurred_on=day_of(at), reason=reason, rule=document,
            details={"days": [[day, row.kind.value if row else Becomes.ORDINARY.value] for day, row in rows],
                     "moved": done.moved, "longer": len(done.longer), "closed_breaches": done.closed},
        )  # fmt: skip
        found["Thư"] += _tell(session, cycle, cause, done, found, document, reason, at)
        kept = [
            Phrase("bước “%(stage)s” giữ hạn đang áp dụng: theo lịch mới thì hạn rơi vào ngày đã qua.", stage=label)
            for label in done.kept
        ]
        several = len(cycles) > 1
        for heading in HEADINGS:
            changes[heading] += [_of_cycle(cycle, line) if several else line for line in found[heading]]
        warnings += [_of_cycle(cycle, line) if several else line for line in kept]
        closed += done.closed
    return {
        "message": Phrase(
            "Đã sửa %(days)s ngày của lịch theo %(document)s: %(dates)s thời hạn, %(dossiers)s hạn của hồ sơ, %(tasks)s việc "
            "sắp tới thay đổi, %(closed)s bản ghi quá hạn được khép lại.",
            days=len(said), document=document, dates=len(changes["Thời hạn"]), dossiers=len(changes["Hồ sơ"]),
            tasks=len(changes["Việc đến hạn"]), closed=closed,
        ),
        "days": len(said),
        "closed_breaches": closed,
        "changes": [{"heading": heading, "lines": lines} for heading, lines in changes.items()],
        "warnings": warnings,
    }  # fmt: skip


def _of_cycle(cycle: Cycle, line: str) -> Phrase:
    return Phrase("%(cycle)s: %(line)s", cycle=cycle.code, line=line)


def _open_cycles(session: Session) -> Sequence[Cycle]:
    """Return the cycles that are open, locked one after the other."""
    codes = session.scalars(select(Cycle.code).where(Cycle.closed_at.is_(None)).order_by(Cycle.id)).all()
    return [cycle_by_code(session, code, lock=True) for code in codes]


def _require(session: Session, actor: Actor, cycles: Sequence[Cycle], today: date) -> None:
    """Refuse who does not work at the province of every open cycle, or at any province where none is open."""
    for cycle in cycles:
        require_post(session, actor, cycle.province_id, today)
    if cycles or actor.is_engine:
        return
    posts = Territory.of(session, actor, today).posts
    provinces = select(Unit.id).where(Unit.id.in_(posts), Unit.level == Level.PROVINCE.value).limit(1)
    if session.scalar(provinces) is None:
        raise NotYours(
            f"Chỉ cán bộ cấp tỉnh được sửa lịch làm việc; {actor.name} không giữ nhiệm vụ ở cấp tỉnh.",
            "only a province edits the calendar",
        )


def _checked(days: Sequence[DayEdit]) -> Sequence[DayEdit]:
    """Return the edits by day; raise InvalidInput for one that is twice there, lies out of all years or has no name."""
    if not days:
        raise InvalidInput("Chưa nêu ngày nào để sửa. Hãy ghi ít nhất một ngày.", "no day given")
    known: set[date] = set()
    for edit in days:
        if edit.day in known:
            raise InvalidInput(f"Ngày {told(edit.day)} được ghi hai lần; hãy giữ một dòng.", "a day is given twice")
        known.add(edit.day)
        if edit.day.year not in YEARS:
            raise InvalidInput(
                f"Ngày {told(edit.day)} nằm ngoài các năm từ {YEARS[0]} đến {YEARS[-1]}. Hãy kiểm tra năm.",
                "the year is out of range",
            )
        if edit.kind is not Becomes.ORDINARY and not edit.name.strip():
            raise InvalidInput(
                f"Ngày {told(edit.day)} chưa có tên. Hãy ghi tên, ví dụ 'Nghỉ bù Quốc khánh'.", "the name is missing"
            )
        if len(edit.name.strip()) > LONGEST:
            raise InvalidInput(f"Tên của ngày {told(edit.day)} dài quá {LONGEST} ký tự.", "the name is too long")
    return sorted(days, key=lambda edit: edit.day)


def _row(edit: DayEdit, document: str) -> tuple[date, CalendarDay | None]:
    """Return the day's row in the table; None where it is to have none."""
    if edit.kind is Becomes.ORDINARY:
        return edit.day, None
    return edit.day, CalendarDay(edit.day, DayKind(edit.kind.value), edit.name.strip(), document)


def _differs(was: CalendarDay | None, now: CalendarDay | None) -> bool:
    """Return whether a day would stand otherwise in the table; who says so alone is no difference."""
    return (was and (was.kind, was.name)) != (now and (now.kind, now.name))


def _said(day: date, old: Calendar, row: CalendarDay | None) -> str:
    was = old.exception(day)
    return Phrase(
        "%(weekday)s, %(day)s: %(was)s → %(now)s",
        weekday=Phrase(weekday(day)), day=day, was=_called(day, was), now=_called(day, row),
    )  # fmt: skip


def _called(day: date, row: CalendarDay | None) -> str:
    if row is None:
        return Phrase("ngày thường") if day.weekday() < 5 else Phrase("ngày nghỉ cuối tuần")
    return Phrase("%(kind)s (%(name)s)", kind=row.kind.label, name=row.name)


def _tell(
    session: Session, cycle: Cycle, cause: str, done: Recounted, changes: Mapping[str, Sequence[str]], document: str,
    reason: str, at: datetime,
) -> list[str]:  # fmt: skip
    """Owe the units whose dossiers got another date a letter, and the coordinator office; return whom they go to."""
    if not (done.moved or done.longer):
        return []
    in_force, procedure = general(session, cycle), procedure_of(cycle)
    by_unit: dict[int, list[int]] = {}
    conditions = [outstanding(session, cycle, in_force[stage]) for stage in done.moved]
    for which in (*conditions, Dossier.id.in_(done.longer)):
        for dossier in session.execute(select(Dossier.id, Dossier.holder_id).where(which).order_by(Dossier.id)):
            by_unit.setdefault(dossier.holder_id, []).append(dossier.id)
    by_unit = {unit: list(dict.fromkeys(ids)) for unit, ids in by_unit.items()}
    lines = [
        f"Bước “{procedure.stage(stage).label}”: ngày cuối được tính nay là {told(last_day(in_force[stage]))}"
        for stage in done.moved
    ]
    if done.longer:
        lines.append(f"Hạn riêng của {count(len(done.longer))} hồ sơ kéo dài vì có thêm ngày nghỉ")
    directory = Directory(session, by_unit, cycle.province_id, day_of(at))
    lists = listed(session, cycle, by_unit)
    facts = {"cycle_title": cycle.title, "document": document, "reason": reason, "changes": lines}
    readers = [(unit, directory.find(unit)) for unit in sorted(by_unit)]
    readers.append((cycle.province_id, directory.find(cycle.province_id, Role.COORDINATOR_OFFICE)))
    drafts = [
        Draft(
            Notice.CALENDAR_CHANGED, f"{cause}/unit/{unit}", found,
            unit_facts(
                directory, unit, **facts, dossiers=lists.get(unit, []), total=len(by_unit.get(unit, [])),
            ),
            at, cycle.id, reply_unit_id=cycle.province_id, simulated=cycle.simulated, for_unit=unit,
        )
        for unit, found in readers
    ]  # fmt: skip
    owe(session, drafts, calendar(session), plan_of(cycle).notices, directory)
    return letters_owed(session, Notice.CALENDAR_CHANGED, cause)
