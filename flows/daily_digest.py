"""The coordinator office's morning letter."""

from datetime import datetime

from prefect import State, flow
from prefect.states import Completed

from tasks import reconciling
from tasks.runs import UNKEPT


@flow(name="daily-digest", **UNKEPT)
async def daily_digest(at: datetime | None = None) -> State[None]:
    """Owe the digest of each open cycle for every working morning that is due."""
    moment = reconciling.instant(at)
    done = reconciling.due_now(moment, sorted(reconciling.DIGEST_KINDS))
    return Completed(name="Written", message=f"{done.get('digest', 0)} bản tin")
