"""The districts' councils: decided dossiers go where their points belong."""

from datetime import datetime

from prefect import State, flow

from flows.phase import reconcile_phase
from tasks.runs import UNKEPT


@flow(name="district-evaluation", flow_run_name="district-evaluation-{cycle}", **UNKEPT)
async def district_evaluation(cycle: str, at: datetime | None = None) -> State[None]:
    """Bring this phase of a cycle to an instant: carry on what is ready, keep its deadlines, say how it stands."""
    return await reconcile_phase(cycle, "district_evaluation", at)
