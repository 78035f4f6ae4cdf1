"""Prefect tasks of the daily backup."""

from datetime import UTC, datetime

from prefect import task

from casework import backup
from casework.settings import BackupSettings
from models.session import perform, reading
from models.settings import DatabaseSettings
from tasks.database import RETRIES, engine, heals


@task(retry_condition_fn=heals, **RETRIES)
def make_backup(at: datetime) -> str:
    """Back the record and its attachments up under the name of an instant; return the file's name, size and numbers.

    A backup of the same instant that is there already is the one: a repeated run makes no second.
    """
    settings = DatabaseSettings()
    with reading(engine()) as session:
        made = backup.daily(session, settings.files, BackupSettings().place(settings.home), at)
    perform(engine(), lambda session: backup.remember(session, made, at))
    return made.message


@task
def thin_out_backups() -> int:
    """Remove all but the newest daily backups; return how many went."""
    settings = BackupSettings()
    return backup.thin_out(settings.place(DatabaseSettings().home), settings.keep)


@task(retry_condition_fn=heals, **RETRIES)
def sweep_files() -> int:
    """Remove attachments that nobody filed within a day of the wall clock; return how many went."""
    with reading(engine()) as session:
        return backup.sweep(session, DatabaseSettings().files, datetime.now(UTC))
