"""Empty workbooks that an office fills in and imports: the columns, an example row, an explanation of each column."""

from typing import Any

from casework.exports import Sheet, to_excel
from casework.imports.columns import EXAMPLE_MARK, Kind
from casework.imports.dossiers import DOSSIERS
from casework.imports.people import PEOPLE
from casework.imports.reading import EXPLANATIONS
from casework.imports.recognition import HISTORY
from casework.imports.successions import SUCCESSIONS
from casework.imports.units import UNITS

KINDS: dict[str, Kind[Any]] = {kind.key: kind for kind in (UNITS, SUCCESSIONS, PEOPLE, HISTORY, DOSSIERS)}
"""Every kind of file that is imported, by its key."""


def template(kind: Kind[Any]) -> bytes:
    """Return an .xlsx to fill in; its example row is refused until it is replaced."""
    first, *others = (column.example for column in kind.columns)
    filled = Sheet(
        kind.title,
        [column.vietnamese + ("*" if column.required else "") for column in kind.columns],
        [[f"{EXAMPLE_MARK} {first}", *others]],
        to_fill=True,
    )
    explained = Sheet(
        EXPLANATIONS,
        ("Cột", "Tên tiếng Anh", "Bắt buộc", "Ví dụ", "Ghi chú"),
        [(column.vietnamese, column.key, column.required, column.example, column.note) for column in kind.columns],
    )
    return to_excel([filled, explained])
