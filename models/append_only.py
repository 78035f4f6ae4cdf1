"""Triggers that keep history and snapshots from being changed or deleted, on both databases."""

from collections.abc import Iterable

from sqlalchemy import Connection, text


def forbid_changes(connection: Connection, tables: Iterable[str]) -> None:
    """Refuse UPDATE and DELETE on these tables from now on."""
    if connection.dialect.name == "sqlite":
        for table in tables:
            for verb in ("UPDATE", "DELETE"):
                connection.execute(
                    text(
                        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                    )
                )
        return
    connection.execute(
        text(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
    )
    for table in tables:
        connection.execute(
            text(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
        )


def permit_changes(connection: Connection, tables: Iterable[str]) -> None:
    """Drop the triggers again, for a migration's way down."""
    if connection.dialect.name == "sqlite":
        for table in tables:
            for verb in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER {table}_no_{verb}"))
        return
    for table in tables:
        connection.execute(text(f"DROP TRIGGER {table}_append_only ON {table}"))
    if not connection.scalar(text(_STILL_USED)):
        connection.execute(text("DROP FUNCTION refuse_change()"))


_STILL_USED = (
    "SELECT count(*) FROM pg_trigger JOIN pg_proc ON pg_proc.oid = pg_trigger.tgfoid WHERE proname = 'refuse_change'"
)
