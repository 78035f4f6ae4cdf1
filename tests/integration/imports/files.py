"""Files as an office sends them, and what the record says when it refuses one."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from casework.imports.columns import Imported
from casework.imports.history import import_history
from casework.imports.reading import Table, read
from casework.imports.settings import ImportSettings
from ocop.errors import InvalidRows
from ocop.working_days import VIETNAM

AT = datetime(2025, 4, 8, 8, 0, tzinfo=VIETNAM)
SHIPPED = Path(__file__).parents[3] / "deployments" / "data"


def table(*rows: Sequence[object]) -> Table:
    """Return what the reader makes of these rows as a .csv."""
    sheet = io.StringIO()
    csv.writer(sheet).writerows([["" if cell is None else str(cell) for cell in row] for row in rows])
    return read("tep.csv", sheet.getvalue().encode(), ImportSettings())


def shipped(name: str) -> Table:
    """Return a file that is shipped with the programme, as the reader makes it a table."""
    return read(name, (SHIPPED / name).read_bytes(), ImportSettings())


def problems(refused: pytest.ExceptionInfo[InvalidRows]) -> list[tuple[int, str, str]]:
    """Return row, column and reason of each problem that a refusal names."""
    return [(problem.row, problem.column, problem.reason) for problem in refused.value.problems]


HISTORY = ("Mã sản phẩm", "Tên sản phẩm", "Mã chủ thể", "Tên chủ thể", "Mã xã", "Tên xã", "Tên huyện", "Số sao",
           "Ngày quyết định", "Cấp công nhận", "Số giấy chứng nhận", "Mô phỏng")  # fmt: skip
RICE = ("SP1", "Gạo nếp mô phỏng", "CT1", "HTX mô phỏng Thủy", "13636", "", "", "3", "15/6/2022", "huyện", "", "có")


def history(session: Session, *rows: Sequence[object], at: datetime = AT) -> tuple[Imported, list[str]]:
    """Import recognitions, and return with the outcome the numbers of the certificates that were passed on."""
    passed: list[str] = []
    outcome = import_history(
        session,
        table(HISTORY, *rows),
        at=at,
        after=lambda _, certificates: passed.extend(c.number for c in certificates),
    )
    session.expire_all()
    return outcome, passed


def changed(row: Sequence[str], **cells: str) -> tuple[str, ...]:
    """Return a row with other cells, named by the column's place in words."""
    places = {"product": 0, "product_name": 1, "producer": 2, "producer_name": 3, "code": 4, "commune": 5, "district": 6,
              "star": 7, "on": 8, "by": 9, "number": 10}  # fmt: skip
    made = list(row)
    for name, cell in cells.items():
        made[places[name]] = cell
    return tuple(made)
