"""Dossiers that the province sent back: the district's own period runs."""

from datetime import datetime

from prefect import State, flow

from flows.phase import reconcile_phase
from tasks.runs import UNKEPT


@flow(name="returned-to-district", flow_run_name="returned-to-district-{cycle}", **UNKEPT)
async def returned_to_district(cycle: str, at: datetime | None = None) -> State[None]:
    """Bring this phase of a cycle to an instant: carry on what is ready, keep its deadlines, say how it stands."""
    return await reconcile_phase(cycle, "returned_to_district", at)
