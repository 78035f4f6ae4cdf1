"""The calendar of working days by year; every change is shown with what it moves before it is written."""

import calendar as weeks
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Response, UploadFile

from casework.board.planned import Year, year
from casework.calendar_edits import LONGEST, YEARS, Becomes, DayEdit
from casework.calendar_seed import PACKAGE, calendar_rows
from casework.days import calendar
from casework.imports import values
from casework.imports.days_off import DAYS_OFF, read_days
from casework.imports.reading import read
from casework.imports.settings import ImportSettings
from casework.imports.templates import template
from dashboard.acting import fresh_key, performed
from dashboard.forms_read import why
from dashboard.said import send_on
from dashboard.view import EXCEL, View, Viewed
from dashboard.words import address
from ocop.errors import InvalidInput, InvalidRows, RuleViolation
from ocop.phrase import Phrase
from ocop.working_days import DAY_KIND_LABELS, Calendar, day_of

router = APIRouter()

YearNumber = Annotated[int | None, Query(ge=YEARS[0], le=YEARS[-1])]
Picked = Annotated[date | None, Query(ge=date(YEARS[0], 1, 1), le=date(YEARS[-1], 12, 31))]
Days = Annotated[list[str], Form(max_length=400)]
Words = Annotated[str, Form(max_length=1000)]
NOTHING: Mapping[str, str] = {}
MONTHS = (
    Phrase("Tháng 1"), Phrase("Tháng 2"), Phrase("Tháng 3"), Phrase("Tháng 4"), Phrase("Tháng 5"), Phrase("Tháng 6"),
    Phrase("Tháng 7"), Phrase("Tháng 8"), Phrase("Tháng 9"), Phrase("Tháng 10"), Phrase("Tháng 11"), Phrase("Tháng 12"),
)  # fmt: skip
SHORT_WEEKDAYS = tuple(Phrase(name) for name in ("Hai", "Ba", "Tư", "Năm", "Sáu", "Bảy", "CN"))
"""The days of the week as the grid heads its columns, Monday first."""
CHOICES = tuple((kind.value, kind.label) for kind in Becomes)


@dataclass(frozen=True)
class Cell:
    """One day of the grid."""

    day: date
    kind: str
    """'holiday', 'worked', 'off' for a weekend, or empty for an ordinary working day."""
    words: str
    """What a reader is told of the day; empty for an ordinary one."""


@dataclass(frozen=True)
class Month:
    """One month of the grid, week by week; days of the months beside it are left out."""

    number: int
    weeks: Sequence[Sequence[Cell | None]]
    worked: int

    @property
    def name(self) -> str:
        """What the month is called."""
        return MONTHS[self.number - 1]


def months(days: Calendar, number: int) -> Sequence[Month]:
    """Return the months of a year as the page draws them."""
    grid = weeks.Calendar()
    found = []
    for month in range(1, 13):
        drawn = [
            [_cell(days, day) if day.month == month else None for day in week]
            for week in grid.monthdatescalendar(number, month)
        ]
        here = [cell for week in drawn for cell in week if cell is not None]
        found.append(Month(month, drawn, sum(days.is_working(cell.day) for cell in here)))
    return found


def _cell(days: Calendar, day: date) -> Cell:
    row = days.exception(day)
    if row is not None:
        return Cell(day, row.kind.value, Phrase("%(kind)s: %(name)s", kind=row.kind.label, name=row.name))
    return Cell(day, "", "") if days.is_working(day) else Cell(day, "off", Phrase("ngày nghỉ cuối tuần"))


@router.get("/calendar")
def show(view: Viewed, year: YearNumber = None, day: Picked = None) -> Response:
    """Show a year's working days, and the form for one day."""
    return _page(view, year or (day or day_of(view.at)).year, day)


def _page(
    view: View,
    number: int,
    day: date | None = None,
    *,
    error: str = "",
    rows: Sequence[Any] = (),
    form: Mapping[str, str] = NOTHING,
) -> Response:
    days, of_year = calendar(view.session), year(view.session, number)
    row = None if day is None else days.exception(day)
    filled = {
        "day": "" if day is None else day.isoformat(),
        "kind": Becomes.ORDINARY.value if row else Becomes.HOLIDAY.value,
        "name": "", "document": "", "reason": "", **form,
    }  # fmt: skip
    return view.page(
        "calendar.html.j2",
        status=422 if error else 200,
        year=of_year,
        months=months(days, number),
        years=YEARS,
        short_weekdays=SHORT_WEEKDAYS,
        day_kinds=DAY_KIND_LABELS,
        choices=CHOICES,
        picked=day,
        row=row,
        form=filled,
        error=error,
        problems=rows,
        longest=LONGEST,
        shipped=_shipped(of_year),
        package=PACKAGE,
    )


def _shipped(known: Year) -> list[DayEdit]:
    """Return the days of a year that the software knows of and the calendar has not."""
    there = {row.day for row in known.days}
    return [
        DayEdit(row.day, Becomes(row.kind.value), row.name)
        for row in calendar_rows(known.number, known.number)
        if row.day not in there
    ]


@router.get("/calendar/template.xlsx")
def list_template() -> Response:
    """Give the workbook for a year's list."""
    headers = {"Content-Disposition": 'attachment; filename="mau-lich-ngay-nghi.xlsx"'}
    return Response(template(DAYS_OFF), media_type=EXCEL, headers=headers)


@router.post("/calendar/preview")
def preview(
    view: Viewed, day: Days = [], kind: Days = [], name: Days = [], document: Words = "", reason: Words = ""  # noqa: B006
) -> Response:  # fmt: skip
    """Show what one day's change moves; nothing is written."""
    number = day_of(view.at).year
    try:
        edits = _edits(day, kind, name)
        number = edits[0].day.year if edits else number
        return _preview(view, edits, document, reason)
    except RuleViolation as refused:
        typed = {"day": day, "kind": kind, "name": name}
        first = {field: given[0] if given else "" for field, given in typed.items()}
        return _page(view, number, error=refused.told, form={**first, "document": document, "reason": reason})


@router.post("/calendar/list")
def preview_list(
    view: Viewed, file: Annotated[UploadFile, File()], document: Words = "", reason: Words = ""
) -> Response:  # fmt: skip
    """Show what a year's list moves; nothing is written."""
    number = day_of(view.at).year
    try:
        content = file.file.read(ImportSettings().max_megabytes * 1024 * 1024 + 1)
        edits = read_days(read(file.filename or "", content, ImportSettings()))
        return _preview(view, edits, document, reason)
    except InvalidRows as refused:
        said = Phrase(
            "Tệp có %(count)s chỗ sai, chưa ghi ngày nào. Hãy sửa từng dòng dưới đây rồi gửi lại.",
            count=len(refused.problems),
        )
        return _page(view, number, error=said, rows=refused.problems)
    except RuleViolation as refused:
        return _page(view, number, error=refused.told)


@router.post("/calendar/shipped")
def preview_shipped(view: Viewed, year_number: Annotated[int, Form(ge=YEARS[0], le=YEARS[-1])]) -> Response:
    """Show what the software's own list of a year moves; nothing is written, and edited days stay as they are."""
    edits = _shipped(year(view.session, year_number))
    try:
        return _preview(view, edits, PACKAGE, "nạp danh sách có sẵn của phần mềm")
    except RuleViolation as refused:
        return _page(view, year_number, error=refused.told)


def _preview(view: View, edits: Sequence[DayEdit], document: str, reason: str) -> Response:
    key = fresh_key()
    answer = performed(view, "edit-calendar", key, dry=True, days=edits, document=document, reason=reason)
    told = Phrase(
        "Sẽ sửa %(days)s ngày của lịch theo %(document)s: %(dates)s thời hạn, %(dossiers)s hạn của hồ sơ, %(tasks)s việc sắp tới "
        "thay đổi, %(closed)s bản ghi quá hạn được khép lại.",
        **answer["message"].values,
    )
    return view.page(
        "calendar_preview.html.j2", answer=answer, told=told, key=key, edits=edits, document=document, reason=reason,
        back=address("/calendar", year=edits[0].day.year),
    )  # fmt: skip


@router.post("/calendar")
def write(
    view: Viewed, key: Annotated[str, Form(min_length=1, max_length=200)], day: Days, kind: Days, name: Days,
    document: Words, reason: Words = "",
) -> Response:  # fmt: skip
    """Write what was previewed, once."""
    edits = _edits(day, kind, name)
    answer = performed(view, "edit-calendar", key, days=edits, document=document, reason=reason)
    return send_on(view.request, address("/calendar", year=edits[0].day.year), answer["message"])


def _edits(days: Sequence[str], kinds: Sequence[str], names: Sequence[str]) -> list[DayEdit]:
    """Return the days that a form carries; InvalidInput says which is wrong."""
    found = []
    known = {kind.value: kind for kind in Becomes}
    for day, kind, name in zip(days, kinds, names, strict=False):
        try:
            found.append(DayEdit(values.day(day.strip()), known[kind], name.strip()))
        except ValueError as wrong:
            raise InvalidInput(Phrase("Ngày: %(reason)s.", reason=why(wrong)), f"'{day}' is not a day") from wrong
        except KeyError:
            raise InvalidInput(
                "Chưa chọn ngày này thành gì: ngày nghỉ, ngày làm bù hay ngày thường.",
                "choose what the day becomes: a day off, a make-up working day or an ordinary day",
            ) from None
    return found
