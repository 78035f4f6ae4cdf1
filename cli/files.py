"""Commands that take files in and give them out: imports, templates, lists."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter
from sqlalchemy.orm import Session

from casework.actors import Actor, person
from casework.importing import take_in
from casework.imports.columns import Imported
from casework.imports.templates import KINDS, template
from cli.context import OUT, database, moment, told
from models.session import perform

FileKind = Literal["units", "successions", "people", "history", "dossiers"]


def add_files(app: App) -> None:
    """Add the commands."""

    @app.command(name="import", group="Dữ liệu")
    def import_file(
        kind: FileKind,
        file: Path,
        *,
        by: Annotated[str, Parameter(name="--as")] = "",
        at: str | None = None,
    ) -> None:
        """Nhập danh mục đơn vị, đơn vị kế thừa, cán bộ, sản phẩm đã công nhận hoặc hồ sơ từ tệp .xlsx, .csv.

        Sai một dòng thì không nhập dòng nào; nhập lại cùng tệp không thay đổi gì.
        """
        with told():
            engine = database()
            instant = moment(engine, at, acting=True)
            content = file.read_bytes()

            def work(session: Session) -> Imported:
                actor = person(session, by) if by else Actor("Quản trị", None)
                return take_in(session, kind, file.name, content, actor, instant)

            OUT.print(f"{KINDS[kind].title}: {perform(engine, work)}.", markup=False)

    @app.command(name="template", group="Dữ liệu")
    def write_template(kind: FileKind, file: Path) -> None:
        """Ghi tệp Excel mẫu để điền rồi nhập."""
        with told():
            file.write_bytes(template(KINDS[kind]))
            OUT.print(f"Đã ghi tệp mẫu {file}.", markup=False)
