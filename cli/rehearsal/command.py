"""The command `ocop rehearse`: what is to come of the running cycle, or of a plan that nobody has opened yet."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from sqlalchemy import Engine, select

from casework.exports import Sheet, to_excel
from casework.exports import told as cell
from casework.rules import cycle_by_code
from cli.context import ERR, OUT, database, how, moment, table, told
from cli.mistyped import day_typed
from cli.rehearsal.assumed import CYCLE, open_assumed
from cli.rehearsal.outcome import before, sentences, sheets
from cli.rehearsal.play import Tell, Wake, play, untold
from cli.rehearsal.scratch import scratch
from cli.rehearsal.telling import Telling, within
from cli.waking import by_flow
from models.cycles import Cycle
from models.session import perform, reading
from ocop.errors import InvalidInput, RuleViolation

GLANCE = {
    "Thời hạn": ("Bước", "Áp dụng cho", "Ngày cuối cùng", "Tình trạng"),
    "Quá hạn": ("Mã hồ sơ", "Thời hạn của bước", "Quá hạn từ", "Đơn vị"),
    "Báo cáo vượt cấp": ("Bước", "Đơn vị", "Báo cáo tới", "Lúc", "Số hồ sơ quá hạn"),
}
"""Which columns of a list the terminal shows; the file has them all."""


def rehearse(
    original: Engine,
    *,
    at: datetime,
    cycle: str = "",
    plan: str = "",
    round_key: str = "",
    refinement: str = "",
    until: date | None = None,
    wake: Wake = by_flow,
    ready: Callable[[], None] | None = None,
    tell: Tell = untold,
) -> tuple[list[str], Sequence[Sheet]]:
    """Play what is to come on a copy, and return what to know of it and its lists; the original is only read."""
    with scratch(original, at) as copy:
        known: list[str] = []
        begins, code = at, cycle
        stood = perform(copy, before)
        if plan:
            stood = replace(stood, waiting=frozenset())
            begins, known = open_assumed(copy, plan, refinement, round_key)
            code = CYCLE
        if ready:
            ready()
        played = play(copy, code, begins, until, wake, tell)
        with reading(copy) as session:
            found = sheets(session, code, stood, played)
            return [*sentences(session, code, stood, played, found), *known], found


def which(engine: Engine, cycle: str) -> str:
    """Return the cycle that is named, or the only open one; a refusal names those to choose from."""
    with reading(engine) as session:
        if cycle:
            return cycle_by_code(session, cycle).code
        codes = session.scalars(select(Cycle.code).where(Cycle.closed_at.is_(None)).order_by(Cycle.opened_at)).all()
    if len(codes) != 1:
        raise InvalidInput(
            f"Cần nêu chu trình (--cycle) hoặc tệp kế hoạch (--plan); chu trình đang mở: {', '.join(codes) or 'không có'}.",
            f"{len(codes)} open cycles",
        )
    return codes[0]


@contextmanager
def _server() -> Iterator[Callable[[], None]]:
    """Start a Prefect server in a scratch folder; give what waits until it answers."""
    from cli.serving.prefect_server import start_server

    with tempfile.TemporaryDirectory(prefix="ocop-prefect-") as folder, start_server(Path(folder)) as server:
        yield server.wait


def add_rehearsal(app: App) -> None:
    """Add the command."""

    @app.command(name="rehearse", group="Chạy")
    def rehearse_command(
        *,
        cycle: Annotated[str, Parameter(help="Mã chu trình đang chạy; bỏ trống nếu chỉ có một.")] = "",
        plan: Annotated[Path | None, Parameter(help="Tệp kế hoạch (TOML) chưa mở: diễn tập từ ngày mở.")] = None,
        refinement: Annotated[Path | None, Parameter(help="Văn bản làm rõ kế hoạch (TOML).")] = None,
        round_key: Annotated[str, Parameter(help="Mã đợt, khi kế hoạch có nhiều đợt.")] = "",
        until: Annotated[
            date | None,
            Parameter(converter=day_typed, help="Diễn tập đến hết ngày này; bỏ trống là đến bậc báo cáo cuối."),
        ] = None,
        at: Annotated[str | None, Parameter(help="Thời điểm bắt đầu; bỏ trống là bây giờ.")] = None,
        output: Annotated[Path | None, Parameter(help="Ghi tất cả vào tệp Excel này.")] = None,
        report: Annotated[
            Path | None, Parameter(help="Ghi tiến độ và kết quả vào thư mục này, để trang điều hành đọc.")
        ] = None,
        minutes: Annotated[int | None, Parameter(help="Dừng sau từng này phút.")] = None,
    ) -> None:
        """Diễn tập phần còn lại của chu trình, hoặc cả chu trình của một kế hoạch: mọi thư, gửi ai, ngày nào; không gửi gì.

        Chạy trên bản sao trong thư mục tạm, bằng các luồng thật, chỉ ở những thời điểm có việc đến hạn; sổ gốc chỉ được đọc.
        Giả định không ai làm thêm việc gì.
        """
        from cli.serving.processes import CannotServe

        telling = Telling(report)
        with told():
            engine = database()
            text = plan.read_text(encoding="utf-8") if plan else ""
            second = refinement.read_text(encoding="utf-8") if refinement else ""
            code = "" if plan else which(engine, cycle)
            try:
                with within(minutes), _server() as ready:
                    said, found = rehearse(
                        engine, at=moment(engine, at), cycle=code, plan=text, round_key=round_key, refinement=second,
                        until=until, ready=ready, tell=telling.step,
                    )  # fmt: skip
            except CannotServe as reason:
                telling.refuse(str(reason))
                ERR.print(str(reason), style="red", markup=False)
                raise SystemExit(1) from reason
            except RuleViolation as refusal:
                telling.refuse(refusal.told)
                raise
            telling.report(said, found, GLANCE)
            for sentence in said:
                OUT.print(sentence, markup=False)
            how(OUT, *said)
            for sheet in found:
                _show(sheet)
            if output:
                output.write_bytes(to_excel(found))
                OUT.print(f"Đã ghi {output}.", markup=False)


def _show(sheet: Sheet) -> None:
    shown = [sheet.columns.index(name) for name in GLANCE.get(sheet.title, sheet.columns)]
    rows = [[cell(row[place]) for place in shown] for row in sheet.rows]
    table(f"{sheet.title}: {len(rows)}", [sheet.columns[place] for place in shown], rows)
