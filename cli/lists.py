"""The command that lists: on the terminal its first rows, as Excel or .csv the whole."""

from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from casework import exports
from casework.lists.kinds import KINDS
from cli.context import OUT, database, how, moment, table, told
from cli.mistyped import day_typed
from models.session import reading
from ocop.errors import InvalidInput, NotFound
from ocop.text import count, nearest

SHOWN = 50
"""Rows that the terminal shows unless another number is asked for."""


def add_lists(app: App) -> None:
    """Add the command."""

    @app.command(name="list", group="Dữ liệu")
    def list_kind(
        kind: Annotated[str, Parameter(help=f"Một trong: {', '.join(KINDS)}.")] = "",
        *,
        cycle: Annotated[str, Parameter(help="Mã chu trình.")] = "",
        unit: Annotated[str, Parameter(help="Đơn vị và các đơn vị dưới nó, ghi CẤP:MÃ, ví dụ huyện:365.")] = "",
        dossier: Annotated[str, Parameter(help="Mã hồ sơ.")] = "",
        day: Annotated[
            date | None, Parameter(converter=day_typed, help="Ngày xét hiệu lực; bỏ trống là hôm nay.")
        ] = None,
        limit: Annotated[int, Parameter(validator=Number(gte=1), help="Số dòng in ra màn hình.")] = SHOWN,
        excel: Annotated[Path | None, Parameter(help="Ghi toàn bộ danh sách vào tệp .xlsx này.")] = None,
        csv: Annotated[Path | None, Parameter(help="Ghi toàn bộ danh sách vào tệp .csv này.")] = None,
        at: str | None = None,
    ) -> None:
        """In hoặc xuất một danh sách; không nêu tên thì in các danh sách hiện có."""
        with told():
            if not kind:
                shown = [
                    (known.key, known.title, " ".join(f"--{way}" for way in sorted(known.by)))
                    for known in KINDS.values()
                ]
                table("Các danh sách", ["Tên", "Nội dung", "Lọc theo"], shown)
                return
            if kind not in KINDS:
                near = nearest(kind, KINDS)
                meant = f" Có phải '{near}'?" if near else ""
                raise NotFound(
                    f"Không có danh sách '{kind}'.{meant} Các danh sách: {', '.join(KINDS)}.", f"no list {kind}"
                )
            if excel is not None and csv is not None:
                raise InvalidInput("Chỉ chọn một trong --excel và --csv.", "one file only")
            wanted_kind, engine = KINDS[kind], database()
            instant = moment(engine, at)
            with reading(engine) as session:
                wanted = wanted_kind.wanted(session, instant, day=day, cycle=cycle, unit=unit, dossier=dossier)
                if excel is None and csv is None:
                    glance = wanted_kind.glance(session, wanted, limit)
                    cells = [[exports.told(cell) for cell in row] for row in glance.rows]
                    table(f"{wanted_kind.title}: {count(glance.total)} dòng", list(glance.columns), cells)
                    how(OUT, *(cell for row in cells for cell in row if isinstance(cell, str)))
                    if glance.total > len(glance.rows):
                        rest = count(glance.total - len(glance.rows))
                        OUT.print(f"Còn {rest} dòng; xem đủ bằng --limit, --excel hoặc --csv.", markup=False)
                    return
                sheet = wanted_kind.sheet(session, wanted)
            if excel is not None:
                excel.write_bytes(exports.to_excel([sheet]))
            if csv is not None:
                csv.write_bytes(exports.to_csv(sheet))
            OUT.print(f"{sheet.title}: đã ghi {count(len(sheet.rows))} dòng vào {excel or csv}.", markup=False)
