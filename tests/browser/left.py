"""What the office left from the day before: a file that it sent and has not taken in, and a rehearsal that is done."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from casework import accounts
from casework.agenda import catch_up
from casework.imports.keeping import Standing, Uploads
from cli.rehearsal.command import GLANCE, rehearse
from cli.rehearsal.telling import Telling
from cli.waking import WAKES
from models.session import perform, transaction
from ocop.errors import RowProblem, remedied
from ocop.phrase import Phrase
from tasks.database import engine as of_the_environment
from tests.factories import CYCLE, Office, day
from tests.integration.signing_in import CHEAP

OFFICE = "36/coordinator_office"
HEADER = ("Cấp", "Mã đơn vị", "Tên đơn vị", "Mã đơn vị cấp trên", "Có hiệu lực từ")
ROW = ("xã", "14104", "Xã Lạc", "999", "1/1/2020")
WRONG = RowProblem(
    "", 2, Phrase("Mã đơn vị cấp trên"),
    remedied(
        Phrase("không có đơn vị cấp cao hơn mang mã '%(code)s' vào ngày %(day)s", code="999", day=date(2020, 1, 1)),
        Phrase("hãy thêm đơn vị đó vào tệp hoặc sửa mã (nếu Excel bỏ số 0 ở đầu, hãy định dạng cột là Văn bản)"),
    ),
)  # fmt: skip


def left_from_before(office: Office, home: Path) -> None:
    """Leave both in the folder of a record."""
    now = datetime.now(UTC)
    with transaction(office.engine) as session:
        account = accounts.open_account(session, login=OFFICE, owner=accounts.Owner(person=OFFICE), at=now, by="")
        account.password = CHEAP
    uploads = Uploads(home / "uploads")
    content = "\n".join(map(",".join, (HEADER, ROW))).encode()
    upload = uploads.keep("units", "xa-moi.csv", content, sender=account.id, at=now)
    uploads.tell(upload, standing=Standing.LOOKED, problems=[WRONG], header=HEADER, rows=[ROW])
    folder = home / "rehearsals" / f"{now:%Y%m%d%H%M%S}-0a1b2c3d"
    folder.mkdir(parents=True)
    until = day("2025-06-15")
    said, found = rehearse(office.engine, at=office.now, cycle=CYCLE, until=until, wake=_by_hand)
    Telling(folder).report(said, found, GLANCE)
    asked = {
        "cycle": CYCLE, "province_of": CYCLE, "plan": "", "by": "cán bộ phụ trách Tỉnh Nam Định", "pid": 0,
        "until": until.isoformat(), "started_at": now.isoformat(),
    }  # fmt: skip
    (folder / "request.json").write_text(json.dumps(asked, ensure_ascii=False), encoding="utf-8")


async def _by_hand(flow: str, parameters: dict[str, Any]) -> None:
    """Do what a flow does, on the database that the environment names."""
    kinds = dict(WAKES)[flow]
    perform(of_the_environment(), lambda session: catch_up(session, parameters["at"], kinds))
