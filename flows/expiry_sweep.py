"""Certificates that near their end, and products that ran out and were not filed again."""

from datetime import datetime

from prefect import State, flow
from prefect.states import Completed

from tasks import reconciling
from tasks.runs import UNKEPT


@flow(name="expiry-sweep", **UNKEPT)
async def expiry_sweep(at: datetime | None = None) -> State[None]:
    """Owe the warnings 180, 120, 30 and 0 days before the end and the monthly lists that are due."""
    moment = reconciling.instant(at)
    done = reconciling.due_now(moment, sorted(reconciling.EXPIRY_KINDS))
    warned, lists = done.get("expiry", 0), done.get("expired_list", 0)
    told = f"{warned} mốc báo hết hạn, {lists} danh sách hằng tháng{reconciling.set_aside()}"
    return Completed(name="Swept", message=told)
