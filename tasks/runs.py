"""Prefect's own records of runs: what a run need not ask for, and those that are long past."""

from datetime import datetime
from pathlib import Path
from typing import Any

from prefect import task
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.exceptions import ObjectNotFound
from prefect.settings import get_current_settings

BATCH = 200
"""How many runs are asked for at once: the server's own bound."""

UNKEPT: dict[str, Any] = {
    "persist_result": False,
    "result_storage": Path(get_current_settings().results.local_storage_path),
}
"""Said with every flow: no result is kept, and a failed run's exception where Prefect keeps it anyway. Without it each run
asks the server twice where that is."""


@task(retries=3, retry_delay_seconds=[10, 60, 300])
async def forget_runs(ended_before: datetime) -> int:
    """Delete Prefect's records of the runs that ended before an instant, with their logs; return how many there were."""
    old = FlowRunFilter.model_validate({"end_time": {"before_": ended_before}})
    forgotten = 0
    async with get_client() as client:
        while runs := await client.read_flow_runs(flow_run_filter=old, limit=BATCH):
            for run in runs:
                try:
                    await client.delete_flow_run(run.id)
                except ObjectNotFound:  # deleted meanwhile in the UI, or by Prefect's own vacuum
                    continue
                forgotten += 1
    return forgotten
