"""The list of a year's holidays and working days in exchange, as an office sends it."""

from casework.calendar_edits import BECOMES_LABELS, LONGEST, Becomes, DayEdit
from casework.imports.columns import Column, Kind, refuse
from casework.imports.reading import Table
from casework.imports.values import Wrong, day, text
from ocop.phrase import Phrase
from ocop.text import fold

_WORDS = {
    **{fold(label): kind for kind, label in BECOMES_LABELS.items()},
    **{kind.value: kind for kind in Becomes},
    "nghi": Becomes.HOLIDAY,
    "lam bu": Becomes.WORKED,
    "ngay lam bu": Becomes.WORKED,
    "ngay thuong": Becomes.ORDINARY,
}


def _becomes(cell: str) -> Becomes:
    found = _WORDS.get(fold(cell))
    if found is None:
        raise Wrong(
            Phrase("'%(cell)s' không rõ", cell=cell), Phrase("hãy ghi 'ngày nghỉ', 'ngày làm bù' hoặc 'ngày thường'")
        )
    return found


DAYS_OFF = Kind(
    "days",
    "Ngày nghỉ, ngày làm bù",
    DayEdit,
    (
        Column("day", "Ngày", day, True, example="5/2/2027"),
        Column("kind", "Loại", _becomes, True, example="ngày nghỉ", note="ngày nghỉ, ngày làm bù hoặc ngày thường"),
        Column("name", "Tên ngày", text(LONGEST), default="", example="Tết Nguyên đán", note="để trống nếu là ngày thường"),
    ),
)  # fmt: skip


def read_days(table: Table) -> list[DayEdit]:
    """Return the days of a file; raise InvalidRows when any row is wrong."""
    lines, problems = DAYS_OFF.parse(table)
    first: dict[object, int] = {}
    for line in lines:
        if (other := first.setdefault(line.row.day, line.number)) != line.number:
            problems.append(line.twice("day", other))
        if line.row.kind is not Becomes.ORDINARY and not line.row.name:
            problems.append(
                line.problem("name", Phrase("để trống"), Phrase("hãy ghi tên ngày, ví dụ 'Nghỉ bù Quốc khánh'"))
            )
    refuse(problems)
    return [line.row for line in lines]
