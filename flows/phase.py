"""What every stage flow does with its phase: carry on, keep the deadlines, say how it stands."""

from datetime import datetime

from prefect import State
from prefect.artifacts import acreate_table_artifact
from prefect.states import Completed

from tasks import reconciling


async def reconcile_phase(cycle: str, phase: str, at: datetime | None) -> State[None]:
    """Bring one phase of a cycle to an instant and end in a state that says how it stands, with its numbers."""
    moment = reconciling.instant(at)
    moved, refused = 0, list[str]()
    for stage, unit_id, _ in reconciling.ready_batches(cycle, phase):
        number, reasons = reconciling.route_batch(cycle, stage, unit_id, moment)
        moved += number
        refused += reasons
    done = reconciling.keep_deadlines(cycle, phase, moment)
    report = reconciling.stand(cycle, phase, moment)
    if moved or done:
        await acreate_table_artifact(
            key=f"{phase.replace('_', '-')}-{cycle.lower()}",
            table=list(report.rows) or [{"Đơn vị": "không còn hồ sơ chờ", "Đang chờ": 0, "Quá hạn": 0}],
            description=f"**{phase}** {cycle}, {moment.isoformat(timespec='minutes')}: {report.message}",
        )
    told = reconciling.in_words(done)
    message = f"{report.message}; đã chuyển {moved} hồ sơ" + (f"; đến hạn: {told}" if told else "")
    return Completed(name=report.name, message=message + reconciling.not_carried(refused))
