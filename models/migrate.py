"""Brings a database to the tables of this version, and tells whether it is there."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from models.tables import METADATA

SCRIPTS = Path(__file__).parent / "migrations"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run the missing migrations up to a revision, in one transaction."""
    with engine.begin() as connection:
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Run migrations down to a revision, in one transaction."""
    with engine.begin() as connection:
        command.downgrade(_config(connection), revision)


def bring_empty(connection: Connection, revision: str) -> None:
    """Bring an empty database to a revision within the caller's transaction, whatever tables without rows it has."""
    present = current(connection)
    if present not in (None, revision):
        command.downgrade(_config(connection), "base")
    command.upgrade(_config(connection), revision)


def finish(connection: Connection) -> None:
    """Run the missing migrations within the caller's transaction."""
    command.upgrade(_config(connection), "head")


def knows(revision: str) -> bool:
    """Return whether this version ships a migration."""
    return any(script.revision == revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def newest() -> str:
    """Return the number of the newest migration that this version ships."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def current(connection: Connection) -> str | None:
    """Return the number of the last migration that a database has seen; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def differences(connection: Connection) -> list[object]:
    """Return what differs between the migrated tables and the mapped ones; empty when they are equal."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, METADATA))
