"""The task that sends letters."""

from datetime import datetime

from prefect import task

from models.secret import Secret
from models.settings import DatabaseSettings
from notifications.delivery import Delivered, deliver
from notifications.settings import MailSettings
from tasks.database import RETRIES, engine, heals

LONGEST = {"timeout_seconds": 3600}
"""A run that works longer is ended; the letters that it held are free again when their lease ends."""


@task(retry_condition_fn=heals, **(RETRIES | LONGEST))
async def deliver_letters(at: datetime) -> Delivered:
    """Send the letters due at an instant; a mail server that is away is no fault, its letters wait for a later run."""
    return await deliver(engine(), MailSettings(), at, secret=Secret(DatabaseSettings().home))
