"""Products of 90 points and more on their way to and from the centre."""

from datetime import datetime

from prefect import State, flow

from flows.phase import reconcile_phase
from tasks.runs import UNKEPT


@flow(name="central-evaluation", flow_run_name="central-evaluation-{cycle}", **UNKEPT)
async def central_evaluation(cycle: str, at: datetime | None = None) -> State[None]:
    """Bring this phase of a cycle to an instant: carry on what is ready, keep its deadlines, say how it stands."""
    return await reconcile_phase(cycle, "central_evaluation", at)
