"""Commands that keep the record safe: look it over, verify its chains, attach files, back up and restore."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.text import Text

from casework import archive, attachments, backup
from casework.doctor import chains
from casework.doctor.checkup import INVARIANTS, KEPT, examine
from casework.doctor.invariant import Look
from casework.settings import AttachmentSettings
from cli.context import ERR, OUT, database, how, moment, remark, told
from models.session import perform, reading, transaction
from models.settings import DatabaseSettings
from ocop.errors import InvalidInput
from ocop.text import count
from ocop.working_days import VIETNAM

KEEPING = "An toàn dữ liệu"
SHOWN = 20
"""Violations printed for each invariant unless all are asked for."""


def add_keeping(app: App) -> None:
    """Add the commands."""

    @app.command(name="doctor", group=KEEPING)
    def doctor(
        *keys: str,
        every: Annotated[bool, Parameter(name="--all", help=f"In mọi chỗ sai (đến {KEPT} cho mỗi quy tắc).")] = False,
        at: str | None = None,
    ) -> None:
        """Kiểm tra mọi quy tắc phải luôn đúng của sổ; nêu từng chỗ sai và cách xử lý, kết thúc với mã 1 khi có chỗ sai."""
        with told():
            known = {invariant.key for invariant in INVARIANTS}
            if unknown := [key for key in keys if key not in known]:
                raise InvalidInput(
                    f"Không có quy tắc '{unknown[0]}'. Các quy tắc: {', '.join(sorted(known))}.", f"unknown: {unknown}"
                )
            engine = database()
            instant = moment(engine, at)
            broken = 0
            with reading(engine) as session:
                for finding in examine(Look(session, instant, DatabaseSettings().files), keys):
                    if finding.holds:
                        OUT.print(f"[green]đúng[/green]  {finding.invariant.key}: {finding.invariant.sentence}")
                        continue
                    broken += 1
                    OUT.print(f"[red]SAI[/red]   {finding.invariant.key}: {finding.invariant.sentence}")
                    shown = finding.violations if every else finding.violations[:SHOWN]
                    for violation in shown:
                        OUT.print(f"        {violation.where}: {violation.what}", markup=False)
                    if finding.total > len(shown):
                        OUT.print(f"        … và {finding.total - len(shown)} chỗ khác", markup=False)
                    OUT.print(f"        → {finding.invariant.remedy}", markup=False)
                    how(OUT, finding.invariant.remedy, indent=" " * 10)
            OUT.print(f"{broken} quy tắc không giữ được." if broken else "Mọi quy tắc đều đúng.", markup=False)
        if broken:
            sys.exit(1)

    @app.command(name="verify", group=KEEPING)
    def verify(
        *,
        root: Annotated[
            str | None, Parameter(help="Mã gốc đã công bố (trong bản tin hằng ngày, trên biên bản).")
        ] = None,
        cycle: str | None = None,
        as_of: Annotated[
            str | None, Parameter(help="Thời điểm của mã gốc; bỏ trống thì tìm ở hiện tại và ở mọi bản tin hằng ngày.")
        ] = None,
    ) -> None:
        """Đọc lại toàn bộ chuỗi lịch sử, nêu dòng đầu tiên không khớp, và đối chiếu với mã gốc đã công bố."""
        with told():
            engine = database()
            instant = moment(engine, as_of) if as_of else None
            with reading(engine) as session:
                found = chains.verify(session, cycle=cycle, root=root, as_of=instant)
            for fault in found.faults:
                OUT.print(Text.assemble(("SAI", "red"), f"   {fault.named}: {fault.what}"))
            OUT.print(f"Đã đọc {found.chains} chuỗi, {found.lines} dòng: {len(found.faults)} chuỗi sai.", markup=False)
            for code, present in found.roots.items():
                OUT.print(f"Mã gốc hiện nay của {code}: {present}", markup=False)
            if root:
                OUT.print(
                    f"Mã gốc đã công bố khớp với {found.matched}."
                    if found.matched
                    else "Mã gốc đã công bố KHÔNG khớp với trạng thái nào của sổ: sổ đã mất đoạn cuối hoặc bị viết lại. "
                    "Hãy chạy ocop doctor và đối chiếu với bản sao lưu.",
                    markup=False,
                )
        if not found.sound or (root and not found.matched):
            sys.exit(1)

    @app.command(name="attach", group=KEEPING)
    def attach(files: Annotated[list[Path], Parameter(help="Một hay nhiều tệp.")]) -> None:
        """Lưu tệp đính kèm và in mã sha256 của nó, để ghi vào tài liệu minh chứng khi đăng ký, bổ sung (file-sha256).

        Tệp không được ghi vào hồ sơ nào trong một ngày thì bị xóa, sau khi đã sao lưu.
        """
        with told():
            folder, settings = DatabaseSettings().files, AttachmentSettings()
            for file in files:
                if not file.is_file():
                    raise InvalidInput(f"Không có tệp '{file}'.", f"no file {file}")
                with file.open("rb") as source:
                    kept = attachments.store(folder, file.name, source, settings)
                OUT.print(f"{kept.sha256}  {file.name}", markup=False)
                if not kept.new:
                    ERR.print(f"'{file.name}' đã có sẵn.", style="dim", markup=False)

    @app.command(name="backup", group=KEEPING)
    def back_up(file: Annotated[Path, Parameter(help="Tệp .zip mới.")]) -> None:
        """Sao lưu cơ sở dữ liệu và tệp đính kèm vào một tệp, trong khi phần mềm vẫn chạy."""
        with told():
            engine = database()
            instant = moment(engine, None)
            with reading(engine) as session:
                made = backup.back_up(session, DatabaseSettings().files, file, instant)
            perform(engine, lambda session: backup.remember(session, made, instant))
            OUT.print(f"Đã sao lưu vào {file}. {made.message}.", markup=False)

    @app.command(name="restore", group=KEEPING)
    def restore(file: Path) -> None:
        """Khôi phục bản sao lưu vào nơi trống (OCOP_HOME, OCOP_DB_URL); thư chưa gửi được giữ lại, không gửi lần nữa."""
        with told(), archive.reading(file) as source:
            engine = database(migrated=False)
            with transaction(engine) as session:
                restored = backup.restore(session, DatabaseSettings().files, source, datetime.now(UTC))
            made = restored.manifest
            OUT.print(
                f"Đã khôi phục trạng thái lúc {made.created_at.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}: "
                f"{count(restored.rows)} dòng, {count(restored.files)} tệp đính kèm; giữ lại {restored.held} thư chưa gửi.",
                markup=False,
            )
            for code, root in made.roots.items():
                OUT.print(f"Mã gốc của {code}: {root}", markup=False)
            remark(
                OUT,
                *(f"{fault.named}: {fault.what} (đã sai từ bản gốc)" for fault in restored.faults),
                *(f"tệp đính kèm {digest} đã mất hoặc hỏng từ bản gốc" for digest in made.damaged),
            )
            OUT.print(
                "Không thư nào được gửi từ bản này cho đến khi chạy: ocop release-letters. Kiểm tra sổ: ocop doctor.",
                markup=False,
            )
            OUT.print(
                "Tệp bí mật (secret) không nằm trong bản sao lưu: hãy chép từ máy cũ vào thư mục này. Không có thì người bật xác "
                "thực hai bước không đăng nhập được cho đến khi tắt: ocop account reset TÊN --second-factor.",
                markup=False,
            )
