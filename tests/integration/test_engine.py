"""How the record's connections set SQLite up."""

from sqlalchemy import Engine, text

from models.session import transaction


def test_a_commit_is_on_the_disk_and_no_row_names_one_that_is_not_there(sqlite_engine: Engine) -> None:
    with transaction(sqlite_engine) as session:
        asked = {
            name: session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
