"""The hourly watch: alone it suffices to carry every open cycle through its deadlines."""

from datetime import datetime

from prefect import State, flow
from prefect.states import Completed

from tasks import reconciling
from tasks.runs import UNKEPT


@flow(name="deadline-watch", **UNKEPT)
async def deadline_watch(at: datetime | None = None) -> State[None]:
    """Do every reminder, stroke and rung that is due, and carry on what is ready, in all open cycles."""
    moment = reconciling.instant(at)
    done = reconciling.due_now(moment, sorted(reconciling.DEADLINE_KINDS))
    moved = 0
    for cycle in reconciling.open_cycles():
        for phase in reconciling.phases_due(cycle, moment):
            for stage, unit_id, _ in reconciling.ready_batches(cycle, phase):
                moved += reconciling.route_batch(cycle, stage, unit_id, moment)[0]
    told = ", ".join(f"{kind} {number}" for kind, number in sorted(done.items())) or "không có việc đến hạn"
    return Completed(name="Watched", message=f"{told}; đã chuyển {moved} hồ sơ")
