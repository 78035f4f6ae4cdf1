"""What commands share: the database, the instant, the actor, and how answers and refusals are printed."""

import errno
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from casework import clock
from casework.settings import ClockSettings
from cli.remedies import typed
from models import migrate
from models.secret import Secret
from models.session import make_engine, reading
from models.settings import DatabaseSettings
from ocop.errors import InvalidInput, RuleViolation
from ocop.working_days import VIETNAM

WIDTH = None if sys.stdout.isatty() else 400
"""A table that goes to a file or another program is as wide as it needs, so that nothing in it is broken."""
CROWDED = 1.25
"""A table that would be this many times wider than the screen is read row by row."""
OUT = Console(highlight=False, soft_wrap=True, width=WIDTH)
ERR = Console(stderr=True, highlight=False, soft_wrap=True)
FILE_FAULTS: Mapping[type[OSError], str] = {
    FileNotFoundError: "không có tệp hoặc thư mục này",
    IsADirectoryError: "đây là thư mục, không phải tệp",
    NotADirectoryError: "một phần của đường dẫn không phải thư mục",
    PermissionError: "không có quyền",
}
"""What the system says of a file, in Vietnamese."""
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class NotMigrated(InvalidInput):
    """The database has no tables, or those of another version."""


def database(*, migrated: bool = True) -> Engine:
    """Return the engine of the database in force; NotMigrated when its tables are not those of this version."""
    engine = make_engine(DatabaseSettings())
    if migrated:
        with engine.connect() as connection:
            current = migrate.current(connection)
        if current != migrate.newest():
            raise NotMigrated(
                "Cơ sở dữ liệu chưa có bảng hoặc thuộc phiên bản khác. Hãy chạy: ocop migrate",
                f"database at {current}, program at {migrate.newest()}",
            )
    return engine


def installation_secret() -> Secret:
    """Return the secret of the installation in force."""
    return Secret(DatabaseSettings().home)


def moment(engine: Engine, given: str | None, *, acting: bool = False) -> datetime:
    """Return the instant to act for: '2025-06-13 09:00' or '2025-06-13' as given, or the clock's.

    What writes for an instant of the wall clock says that it is `acting`: a clock that jumped is refused, and a person asked.
    """
    if given:
        try:
            read = datetime.fromisoformat(given)
        except ValueError:
            raise InvalidInput(
                f"Thời điểm '{given}' không đọc được; hãy ghi như 2025-06-13 09:00.", "bad instant"
            ) from None
        if len(given) <= len("2025-06-13"):
            read = datetime.combine(date.fromisoformat(given), time(9), VIETNAM)
        return read if read.tzinfo else read.replace(tzinfo=VIETNAM)
    with reading(engine) as session:
        wall = datetime.now(UTC)
        return clock.acting(session, wall, ClockSettings().longest_gap) if acting else clock.now(session, wall)


@contextmanager
def told() -> Iterator[None]:
    """Print a refusal or a file that cannot be used as a sentence and end with 1; a database that is away with 3."""
    try:
        yield
    except RuleViolation as violation:
        ERR.print(Text.assemble(("Không thực hiện được:", "red"), " ", violation.vietnamese))  # brackets are no markup
        how(ERR, violation.vietnamese)
        ERR.print(f"({violation.english})", style="dim", markup=False)
        sys.exit(1)
    except UnicodeDecodeError:
        ERR.print("Không đọc được tệp: nội dung không phải chữ UTF-8. Hãy lưu lại tệp ở dạng UTF-8.", style="red")
        sys.exit(1)
    except OSError as error:
        if error.errno in NO_ROOM:
            ERR.print("Hết chỗ trên đĩa: chưa ghi được gì. Hãy giải phóng đĩa rồi chạy lại.", style="red")
            sys.exit(1)
        if error.filename is None:
            raise
        reason = next((told for kind, told in FILE_FAULTS.items() if isinstance(error, kind)), str(error.strerror))
        ERR.print(f"Không đọc hoặc ghi được tệp {error.filename}: {reason}.", style="red", markup=False)
        sys.exit(1)
    except OperationalError as error:
        ERR.print(f"Cơ sở dữ liệu không trả lời: {error.orig}", style="red", markup=False)
        sys.exit(3)


def how(to: Console, *sentences: str, indent: str = "  ") -> None:
    """Print how what sentences tell to do is typed, a line for each."""
    for line in typed(*sentences):
        to.print(f"{indent}{line}", markup=False)


def remark(to: Console, *sentences: str) -> None:
    """Print sentences that a person should know, a line each, and how what they tell to do is typed."""
    for sentence in sentences:
        to.print(f"  lưu ý: {sentence}", markup=False, style="yellow")
    how(to, *sentences)


def show(answer: Mapping[str, Any]) -> None:
    """Print an act's answer: its sentence, then refusals and warnings, a line each."""
    OUT.print(str(answer.get("message", "Đã thực hiện.")), markup=False)
    if answer.get("replayed"):
        OUT.print("(Yêu cầu này đã được thực hiện trước đó; đây là câu trả lời đã lưu.)", style="dim")
    for line in answer.get("report", ()):
        OUT.print(f"  {line}", markup=False)
    for refused in answer.get("refused", ()):
        OUT.print(f"  từ chối {refused['dossier']}: {refused['reason']}", markup=False, style="red")
    how(OUT, *(refused["reason"] for refused in answer.get("refused", ())))
    remark(OUT, *answer.get("warnings", ()))
    for part in answer.get("changes", ()):
        OUT.print(f"{part['heading']}: {len(part['lines']) or 'không có'} thay đổi", style="bold")
        for line in part["lines"]:
            OUT.print(f"  {line}", markup=False)
    for issued in answer.get("certificates", ()):
        number = issued["certificate"] or "giữ giấy chứng nhận cũ"
        OUT.print(f"  {issued['dossier']}: {issued['star']} sao, {number}", markup=False)


def table(title: str, columns: Mapping[str, str] | list[str], rows: Any) -> None:
    """Print rows as a table, or row by row where the screen is too narrow for one without broken words."""
    drawn = Table(title=Text(title), title_justify="left", header_style="bold")
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    for place, column in enumerate(columns):
        drawn.add_column(column, overflow="fold", no_wrap=place == 0)
    for row in cells:
        drawn.add_row(*(Text(cell) for cell in row))  # brackets in a name are no markup
    needs = Measurement.get(OUT, OUT.options.update(max_width=10_000), drawn)
    if not OUT.is_terminal or (needs.minimum <= OUT.width and needs.maximum <= CROWDED * OUT.width):
        OUT.print(drawn)
        return
    OUT.print(title, style="italic", markup=False)
    for head, *others in cells:
        said = [f"{column}: {cell}" for column, cell in zip(list(columns)[1:], others, strict=True) if cell]
        OUT.print(head, style="bold", markup=False)
        OUT.print(Padding(Text(" · ".join(said)), (0, 0, 0, 4)), soft_wrap=False)
