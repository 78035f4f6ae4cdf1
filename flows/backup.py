"""The daily backup of database and attachments."""

from datetime import datetime

from prefect import State, flow
from prefect.states import Completed

from tasks import reconciling
from tasks.backup import make_backup, sweep_files, thin_out_backups
from tasks.runs import UNKEPT


@flow(name="backup", **UNKEPT)
async def backup(at: datetime | None = None) -> State[None]:
    """Back up while everything goes on, then remove what is older than the backups to keep, and files that nobody filed."""
    moment = reconciling.instant(at)
    message = make_backup(moment)
    if old := thin_out_backups():
        message += f"; đã xóa {old} bản cũ"
    if unfiled := sweep_files():
        message += f"; đã xóa {unfiled} tệp không thuộc hồ sơ nào"
    return Completed(name="Backed up", message=message)
