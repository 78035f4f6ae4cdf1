"""Every table of the record in one place, for migrations, backups and tests."""

from models import (
    accounts,
    assignments,
    cycles,
    dossiers,
    findings,
    inner_dates,
    leaves,
    letters,
    plans,
    record,
    results,
    successions,
    units,
)
from models.base import Base

METADATA = Base.metadata
ROOMS = (
    units,
    cycles,
    dossiers,
    results,
    record,
    letters,
    successions,
    plans,
    inner_dates,
    findings,
    leaves,
    accounts,
    assignments,
)
APPEND_ONLY = ("events", "snapshots", "account_events")
"""Tables whose rows triggers keep from UPDATE and DELETE."""
