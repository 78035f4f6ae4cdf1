"""The record's engine as tasks use it, and the faults that time can heal."""

from functools import lru_cache
from typing import Any

from prefect import State
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from models.session import make_engine
from models.settings import DatabaseSettings

RETRIES: dict[str, Any] = {"retries": 3, "retry_delay_seconds": [2, 10, 60]}
"""What every task that writes the record bears. None has a timeout: Prefect cannot interrupt a synchronous task; a
statement that waits for another writer ends by the database's own busy timeout."""


@lru_cache(maxsize=4)
def _engine(url: str, home: str) -> Engine:
    return make_engine(DatabaseSettings())


def engine() -> Engine:
    """Return the engine of the database that the environment names now."""
    settings = DatabaseSettings()
    return _engine(settings.url, str(settings.home))


def heals(task: Any, run: Any, state: State[Any]) -> bool:
    """Return whether a failed task is worth another try: only a database that was away or locked; never a refusal.

    The fault is read from the state as Prefect hands it over: asking for its result would be a coroutine in an async task.
    """
    del task, run
    fault = state.data
    if isinstance(fault, BaseExceptionGroup):  # of tasks that worked side by side
        away, others = fault.split(OperationalError)
        return away is not None and others is None
    return isinstance(fault, OperationalError)
