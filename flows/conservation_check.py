"""The nightly check that nothing was lost, changed or forgotten."""

from datetime import datetime

from prefect import State, flow
from prefect.artifacts import acreate_table_artifact
from prefect.states import Completed

from tasks import reconciling
from tasks.checking import check_record
from tasks.runs import UNKEPT


@flow(name="conservation-check", **UNKEPT)
async def conservation_check(at: datetime | None = None) -> State[None]:
    """Ask every invariant and read every chain; end as Sound or Broken, with numbers."""
    found = check_record(reconciling.instant(at))
    if not found.sound:
        await acreate_table_artifact(
            key="conservation-check",
            table=list(found.rows),
            description=f"{found.message}. Xem từng chỗ sai bằng “Kiểm tra sổ”",
        )
    return Completed(name=found.name, message=found.message)
