"""Re-recognition: the council's written opinions, each dossier within its 45 days."""

from datetime import datetime

from prefect import State, flow

from flows.phase import reconcile_phase
from tasks.runs import UNKEPT


@flow(name="written-opinion", flow_run_name="written-opinion-{cycle}", **UNKEPT)
async def written_opinion(cycle: str, at: datetime | None = None) -> State[None]:
    """Bring this phase of a cycle to an instant: carry on what is ready, keep its deadlines, say how it stands."""
    return await reconcile_phase(cycle, "written_opinion", at)
