"""The province's council: decided dossiers go to recognition or back to their district."""

from datetime import datetime

from prefect import State, flow

from flows.phase import reconcile_phase
from tasks.runs import UNKEPT


@flow(name="provincial-evaluation", flow_run_name="provincial-evaluation-{cycle}", **UNKEPT)
async def provincial_evaluation(cycle: str, at: datetime | None = None) -> State[None]:
    """Bring this phase of a cycle to an instant: carry on what is ready, keep its deadlines, say how it stands."""
    return await reconcile_phase(cycle, "provincial_evaluation", at)
