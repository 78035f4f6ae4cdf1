"""Prefect tasks of the nightly check of the record."""

from datetime import datetime

from prefect import task

from casework.doctor import checkup
from casework.doctor.checkup import Checkup
from casework.doctor.invariant import Look
from models.session import perform, reading
from models.settings import DatabaseSettings
from tasks.database import RETRIES, engine, heals


@task(retry_condition_fn=heals, **RETRIES)
def check_record(at: datetime) -> Checkup:
    """Ask every invariant and read every chain, on one state of the record, and keep the outcome for the morning letter."""
    with reading(engine()) as session:
        found = checkup.check(Look(session, at, DatabaseSettings().files))
    perform(engine(), lambda session: checkup.remember(session, found, at))
    return found
