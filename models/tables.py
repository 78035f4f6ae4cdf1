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
    preferences,
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
    preferences,
)
APPEND_ONLY = ("events", "snapshots", "account_events")
"""Tables whose rows triggers keep from UPDATE and DELETE."""
