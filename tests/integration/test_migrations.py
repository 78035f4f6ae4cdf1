"""The migrations bring both databases up from nothing, down and up again, and leave the tables that are mapped."""

import re
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from casework.accounts import note
from models import migrate
from models.session import make_engine, transaction
from models.settings import DatabaseSettings
from models.tables import APPEND_ONLY, METADATA
from tests.factories import an_office

VERSIONS = sorted((migrate.SCRIPTS / "versions").glob("*.py"))


def tables(engine: Engine) -> set[str]:
    """Return the names of a database's tables."""
    return set(inspect(engine).get_table_names())


def test_the_files_are_numbered_without_gaps_and_name_their_purpose() -> None:
    assert [int(path.name[:4]) for path in VERSIONS] == list(range(1, len(VERSIONS) + 1))
    for path in VERSIONS:
        assert re.fullmatch(r"\d{4}_[a-z0-9_]+\.py", path.name), path.name
        assert f'revision = "{path.name[:4]}"' in path.read_text(
            encoding="utf-8"
        ) or f'revision: str = "{path.name[:4]}"' in (path.read_text(encoding="utf-8"))


def test_there_is_a_single_head_and_it_is_the_newest_file() -> None:
    assert ScriptDirectory(str(migrate.SCRIPTS)).get_heads() == [VERSIONS[-1].name[:4]]
    assert migrate.newest() == VERSIONS[-1].name[:4]


def test_up_from_empty_the_tables_are_those_that_are_mapped(engine: Engine) -> None:
    with engine.connect() as connection:
        assert migrate.differences(connection) == []
        assert migrate.current(connection) == migrate.newest()
    assert tables(engine) == {table.name for table in METADATA.sorted_tables} | {"alembic_version"}


def test_down_to_nothing_and_up_again_the_tables_are_the_same(engine: Engine) -> None:
    migrate.downgrade(engine, "base")
    assert tables(engine) == {"alembic_version"}
    migrate.upgrade(engine)
    with engine.connect() as connection:
        assert migrate.differences(connection) == []
    an_office(engine).judged("55")  # and they work


def test_an_upgrade_of_an_upgraded_database_changes_nothing(sqlite_engine: Engine) -> None:
    an_office(sqlite_engine)
    migrate.upgrade(sqlite_engine)
    with sqlite_engine.connect() as connection:
        assert migrate.current(connection) == migrate.newest()


def test_an_empty_database_has_seen_no_migration(tmp_path: Path) -> None:
    engine = make_engine(DatabaseSettings(home=tmp_path, db_url=""))
    with engine.connect() as connection:
        assert migrate.current(connection) is None
        assert migrate.differences(connection) != []
    engine.dispose()


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["UPDATE {table} SET id = id", "DELETE FROM {table}"])
def test_history_and_snapshots_refuse_update_and_delete(engine: Engine, table: str, statement: str) -> None:
    office = an_office(engine)
    office.register()
    with transaction(engine) as session:
        note(session, None, "failed", office.now)
    with pytest.raises(DBAPIError, match="append-only"), transaction(engine) as session:
        session.execute(text(statement.format(table=table)))
    with transaction(engine) as session:
        assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar()


def test_postgresql_refuses_to_truncate_history_too(postgres_engine: Engine) -> None:
    with pytest.raises(DBAPIError, match="append-only"), transaction(postgres_engine) as session:
        session.execute(text("TRUNCATE events CASCADE"))


def test_the_append_only_tables_refuse_a_plain_connection_as_well(sqlite_engine: Engine) -> None:
    an_office(sqlite_engine)
    plain = create_engine(sqlite_engine.url)
    with pytest.raises(DBAPIError, match="append-only"), plain.begin() as connection:
        connection.execute(text("UPDATE events SET reason = 'khác'"))
    plain.dispose()
