"""Runs flows within this process, as the served ones run."""

from importlib import import_module
from typing import Any

from casework.agenda import DEADLINE_KINDS, DIGEST_KINDS, EXPIRY_KINDS

COMPLAINT = frozenset({"complaint"})
WAKES = (
    ("evaluation_cycle", DEADLINE_KINDS - COMPLAINT),
    ("deadline_watch", COMPLAINT),
    ("expiry_sweep", EXPIRY_KINDS),
    ("daily_digest", DIGEST_KINDS),
)
"""Which flow is woken for what falls due, as the hourly and daily schedules of prefect.yaml would."""


async def by_flow(name: str, parameters: dict[str, Any]) -> None:
    """Run a flow by its name, and look at the state in which it ends; RuntimeError when it is not completed."""
    state = await getattr(import_module(f"flows.{name}"), name)(**parameters, return_state=True)
    if not state.is_completed():
        raise RuntimeError(f"{name} {parameters}: {state.name} {state.message}")
