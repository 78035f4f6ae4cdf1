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
    moved, refused = 0, list[str]()
    for cycle in reconciling.open_cycles():
        for phase in reconciling.phases_due(cycle, moment):
            for stage, unit_id, _ in reconciling.ready_batches(cycle, phase):
                number, reasons = reconciling.route_batch(cycle, stage, unit_id, moment)
                moved += number
                refused += reasons
    told = reconciling.in_words(done) or "không có việc đến hạn"
    told += f"; đã chuyển {moved} hồ sơ{reconciling.not_carried(refused)}{reconciling.set_aside()}"
    return Completed(name="Watched", message=told)
