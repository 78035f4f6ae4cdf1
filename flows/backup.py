"""The daily backup of database and attachments."""

from datetime import datetime

from prefect import State, flow
from prefect.states import Completed

from tasks import reconciling
from tasks.backup import make_backup, thin_out_backups
from tasks.runs import UNKEPT


@flow(name="backup", **UNKEPT)
async def backup(at: datetime | None = None) -> State[None]:
    """Back up while everything goes on, then remove what is older than the backups to keep."""
    moment = reconciling.instant(at)
    made = make_backup(moment)
    gone = thin_out_backups()
    return Completed(name="Backed up", message=made + (f"; đã xóa {gone} bản cũ" if gone else ""))
