"""Commands of letters: send what is due without Prefect, see who hands letters over, print them."""

import asyncio
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from sqlalchemy.orm import Session

from casework.actors import unit_named
from casework.outbox import to_hand_over, units_that_hand_over
from cli.context import ERR, OUT, database, installation_secret, moment, remark, table, told
from models.session import perform, reading
from notifications.delivery import deliver
from notifications.printing import Printed, print_letters
from notifications.settings import MailSettings
from ocop.errors import InvalidInput
from ocop.working_days import day_of

LETTERS = "Thư"


def add_letters(app: App) -> None:
    """Add the commands."""

    @app.command(name="deliver", group=LETTERS)
    def send(*, at: str | None = None) -> None:
        """Gửi các thư đến hạn gửi, không cần Prefect (dùng cho cron); kết thúc với mã 2 khi không gửi được thư nào."""
        with told():
            engine = database()
            done = asyncio.run(
                deliver(engine, mail_settings(), moment(engine, at, acting=True), secret=installation_secret())
            )
            OUT.print(done.message, markup=False)
            remark(OUT, *done.alerts)
            if done.dead_in_all:
                OUT.print("Xem thư không gửi được bằng lệnh: ocop list dead-letters", markup=False)
            if done.away:
                raise SystemExit(2)

    @app.command(name="print-letters", group=LETTERS)
    def to_paper(
        *,
        unit: Annotated[str, Parameter(help="Đơn vị trao thư, ghi CẤP:MÃ, ví dụ xã:14101.")] = "",
        file: Annotated[Path | None, Parameter(help="Tệp .html để mở và in.")] = None,
        at: str | None = None,
    ) -> None:
        """In các thư phải trao tay của một đơn vị; không nêu đơn vị thì liệt kê những đơn vị còn thư phải trao.

        Trao xong thì ghi nhận bằng lệnh: ocop hand-over.
        """
        with told():
            engine = database()
            if not unit:
                with reading(engine) as session:
                    _show_units(session)
                return
            if file is None:
                raise InvalidInput("Thiếu tệp để in, ví dụ --file thu.html.", "file is missing")
            instant = moment(engine, at)

            def work(session: Session) -> tuple[str, Printed]:
                row = unit_named(session, unit, day_of(instant))
                return row.name, print_letters(
                    session, [letter.id for letter in to_hand_over(session, row.id)], installation_secret()
                )

            name, printed = perform(engine, work)
            remark(ERR, *(f"thư số {number}: {reason}" for number, reason in printed.unwritable))
            if not printed.numbers:
                OUT.print(f"{name} không có thư phải trao tay.", markup=False)
                return
            file.write_text(printed.page, encoding="utf-8")
            OUT.print(f"{name}: đã ghi {len(printed.numbers)} thư vào {file}.", markup=False)
            shown = " ".join(str(number) for number in printed.numbers)
            OUT.print(f"Trao xong thì ghi nhận: ocop hand-over --letters {shown} --as MÃ", markup=False)


def mail_settings() -> MailSettings:
    """Return the mail server of the environment; InvalidInput names the setting that cannot work."""
    try:
        return MailSettings()
    except ValueError as wrong:
        raise InvalidInput(f"Thiết lập máy chủ thư chưa đúng: {wrong}", "mail settings") from wrong


def _show_units(session: Session) -> None:
    rows = [(waiting.unit, waiting.unit_name, waiting.letters) for waiting in units_that_hand_over(session)]
    table("Đơn vị còn thư phải trao tay", ["Đơn vị", "Tên", "Số thư"], rows)
