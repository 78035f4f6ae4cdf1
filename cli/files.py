"""Commands that take files in and give them out: imports, templates, lists."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter
from sqlalchemy.orm import Session

from casework import expiry
from casework.actors import Actor, person
from casework.imports.columns import Imported
from casework.imports.history import import_history
from casework.imports.people import import_people
from casework.imports.reading import Table, read
from casework.imports.settings import ImportSettings
from casework.imports.successions import import_successions
from casework.imports.templates import KINDS, template
from casework.imports.units import import_units
from casework.intake import import_dossiers
from cli.context import OUT, database, moment, told
from models.session import perform

FileKind = Literal["units", "successions", "people", "history", "dossiers"]
Importer = Callable[[Session, Table, Actor, datetime, str], Imported]

IMPORTERS: dict[str, Importer] = {
    "units": lambda session, table, actor, at, key: import_units(session, table),
    "successions": lambda session, table, actor, at, key: import_successions(session, table),
    "people": lambda session, table, actor, at, key: import_people(session, table, at=at),
    "history": lambda session, table, actor, at, key: import_history(
        session, table, at=at, after=lambda inner, issued: expiry.schedule(inner, issued, at)
    ),
    "dossiers": lambda session, table, actor, at, key: import_dossiers(session, table, actor=actor, at=at, key=key),
}


def take_in(session: Session, kind: str, name: str, content: bytes, actor: Actor, at: datetime) -> Imported:
    """Import a file of a kind: whole or not at all."""
    table = read(name, content, ImportSettings())
    return IMPORTERS[kind](session, table, actor, at, f"import/{hashlib.sha256(content).hexdigest()[:16]}")


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
