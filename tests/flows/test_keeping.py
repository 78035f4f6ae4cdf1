"""The nightly flows that keep the record: the backup and the check, against a real Prefect server."""

import json
import os
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from prefect import State
from prefect.artifacts import Artifact
from sqlalchemy import Engine, text, update

from casework import archive, attachments, health
from casework.settings import AttachmentSettings
from flows.backup import backup
from flows.conservation_check import conservation_check
from models.letters import Letter, LetterState
from models.session import transaction
from tests.factories import Office, an_office

pytestmark = pytest.mark.anyio


@pytest.fixture
def office(flows_engine: Engine) -> Office:
    """A small world, all letters sent, in the record that the flows' environment names."""
    office = an_office(flows_engine).go("2025-05-05")
    office.judged("55")
    with transaction(flows_engine) as session:
        session.execute(update(Letter).values(state=LetterState.SENT.value))
    return office


async def ended(flow: Any, office: Office) -> tuple[str | None, str]:
    """Run a flow for the office's instant and return the name and the message of the state in which it ended."""
    state: State[Any] = await flow(at=office.now, return_state=True)
    return state.name, state.message or ""


def told(office: Office) -> list[str]:
    """Return what the morning letter says about the installation."""
    with transaction(office.engine) as session:
        return health.lines(session, office.now)


async def test_the_check_ends_as_sound_or_as_broken_with_the_numbers_and_the_broken_rules(office: Office) -> None:
    name, message = await ended(conservation_check, office)
    assert name == "Sound"
    assert message.endswith("2 chuỗi lịch sử với 8 dòng: đều đúng")
    assert told(office) == []
    with office.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER events_no_update"))
        connection.execute(text("UPDATE events SET reason = 'sửa' WHERE event = 'report'"))
    name, message = await ended(conservation_check, office)
    assert name == "Broken"
    assert "1 quy tắc không giữ được (chain_holds 1), 1 chuỗi sai" in message
    shown = await Artifact.get("conservation-check")
    assert shown is not None
    rows = json.loads(str(shown.data))
    assert [row["Số chỗ sai"] for row in rows] == [1, 1]
    assert rows[0]["Quy tắc"].startswith("Mã băm của mỗi dòng lịch sử")
    assert [line.partition(": ")[2] for line in told(office)] == [
        "1 quy tắc không giữ được, 1 chuỗi lịch sử sai; người quản trị xem từng chỗ bằng “Kiểm tra sổ”"
    ]


async def test_the_backup_ends_with_its_size_and_keeps_the_newest(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCOP_BACKUP_KEEP", "2")
    said = []
    for _ in range(3):
        said.append(await ended(backup, office))
        office.now += timedelta(days=1)
    assert [name for name, _ in said] == ["Backed up"] * 3
    assert said[0][1].startswith("ocop-20250505-090000.zip: 0,0 MB, ")
    assert said[2][1].endswith("đã xóa 1 bản cũ")
    folder = tmp_path / "backups"
    assert sorted(os.listdir(folder)) == ["ocop-20250506-090000.zip", "ocop-20250507-090000.zip"]
    with archive.reading(folder / "ocop-20250507-090000.zip") as whole:
        assert {part.shape.name for part in whole.manifest.parts} >= {"events", "letters", "dossiers"}


async def test_a_file_that_nobody_filed_goes_once_a_backup_has_it(office: Office, tmp_path: Path) -> None:
    sent = attachments.store(tmp_path / "files", "a.pdf", BytesIO(b"%PDF-1.7 x"), AttachmentSettings())
    assert "tệp không thuộc hồ sơ nào" not in (await ended(backup, office))[1]
    os.utime(attachments.path(tmp_path / "files", sent.sha256), (0, 0))
    office.now += timedelta(days=1)
    assert (await ended(backup, office))[1].endswith("; đã xóa 1 tệp không thuộc hồ sơ nào")
    assert list(attachments.kept(tmp_path / "files")) == []
    with archive.reading(tmp_path / "backups" / "ocop-20250506-090000.zip") as whole:
        assert list(whole.files()) == [sent.sha256]


async def test_a_backup_that_runs_twice_for_an_instant_makes_one(office: Office, tmp_path: Path) -> None:
    assert await ended(backup, office) == await ended(backup, office)
    assert len(os.listdir(tmp_path / "backups")) == 1
