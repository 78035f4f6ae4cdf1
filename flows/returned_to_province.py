"""Dossiers that the ministry gave fewer than 90 points: the province decides once, within a period of its own."""

from datetime import datetime

from prefect import State, flow

from flows.phase import reconcile_phase
from tasks.runs import UNKEPT


@flow(name="returned-to-province", flow_run_name="returned-to-province-{cycle}", **UNKEPT)
async def returned_to_province(cycle: str, at: datetime | None = None) -> State[None]:
    """Bring this phase of a cycle to an instant: carry on what is ready, keep its deadlines, say how it stands."""
    return await reconcile_phase(cycle, "returned_to_province", at)
