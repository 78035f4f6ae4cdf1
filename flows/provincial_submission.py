"""The districts' lists for the province: signed dossiers go over."""

from datetime import datetime

from prefect import State, flow

from flows.phase import reconcile_phase
from tasks.runs import UNKEPT


@flow(name="provincial-submission", flow_run_name="provincial-submission-{cycle}", **UNKEPT)
async def provincial_submission(cycle: str, at: datetime | None = None) -> State[None]:
    """Bring this phase of a cycle to an instant: carry on what is ready, keep its deadlines, say how it stands."""
    return await reconcile_phase(cycle, "provincial_submission", at)
