"""Runs a flow within this process, as the served ones run."""

from importlib import import_module
from typing import Any


async def by_flow(name: str, parameters: dict[str, Any]) -> None:
    """Run a flow by its name, and look at the state in which it ends; RuntimeError when it is not completed."""
    state = await getattr(import_module(f"flows.{name}"), name)(**parameters, return_state=True)
    if not state.is_completed():
        raise RuntimeError(f"{name} {parameters}: {state.name} {state.message}")
