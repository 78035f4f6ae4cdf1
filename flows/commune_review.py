"""Dossiers at the communes: reported ones go up to the district."""

from datetime import datetime

from prefect import State, flow

from flows.phase import reconcile_phase
from tasks.runs import UNKEPT


@flow(name="commune-review", flow_run_name="commune-review-{cycle}", **UNKEPT)
async def commune_review(cycle: str, at: datetime | None = None) -> State[None]:
    """Bring this phase of a cycle to an instant: carry on what is ready, keep its deadlines, say how it stands."""
    return await reconcile_phase(cycle, "commune_review", at)
