"""Prefect's records do not grow for ever; the record of the dossiers is never touched."""

from datetime import UTC, datetime, timedelta

from prefect import State, flow
from prefect.states import Completed

from tasks.runs import UNKEPT, forget_runs


@flow(name="forget-old-runs", **UNKEPT)
async def forget_old_runs(at: datetime | None = None, keep_days: int = 90) -> State[None]:
    """Forget the runs that ended more than some days ago."""
    at = at or datetime.now(UTC)
    forgotten = await forget_runs(at - timedelta(days=keep_days))
    return Completed(name="Forgotten", message=f"Đã xóa {forgotten} lượt chạy cũ hơn {keep_days} ngày")
