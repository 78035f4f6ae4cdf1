"""A morning in the middle of the invented year, kept beside its end: the console opens on the one, the summary tells the other."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from ocop.working_days import VIETNAM

MORNING = datetime(2025, 6, 10, 8, 0, tzinfo=VIETNAM)
"""A Tuesday on which every level has work: producers still register, the districts' second sessions begin, letters go up."""
WHOLE = "ca-nam"
"""The folder, within the demo's own, of the record at the end of the year."""
KEPT = "giua-nam.db"
RECORD = "ocop.db"


def keep_morning(home: Path) -> None:
    """Keep the record as it stands while the year is played on."""
    _copy(home / RECORD, home / KEPT)


def return_to_morning(home: Path) -> None:
    """Put the end of the year in a folder of its own, and the morning that was kept in its place."""
    (home / WHOLE).mkdir(exist_ok=True)
    _copy(home / RECORD, home / WHOLE / RECORD)
    _copy(home / KEPT, home / RECORD)
    (home / KEPT).unlink()


def _copy(source: Path, target: Path) -> None:
    """Copy a record that others may have open, whole, through SQLite itself."""
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
        read.backup(written)
