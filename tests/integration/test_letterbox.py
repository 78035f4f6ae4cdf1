"""The demo's letterbox keeps letters as files, in a process of its own."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from notifications.delivery import deliver
from notifications.letterbox import start_letterbox
from tests.integration.owed_letters import AT, owe, settings

pytestmark = pytest.mark.anyio


async def test_the_letterbox_keeps_letters_as_files_in_a_process_of_its_own(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    for _ in range(3):
        owe(sqlite_engine)
    with start_letterbox(tmp_path / "thu") as letterbox:
        assert Path(f"/proc/{letterbox.pid}").exists()
        told = await deliver(sqlite_engine, settings(letterbox.port), AT)
        assert told.sent == 3
        assert [kept.name for kept in letterbox.letters()] == ["000001.eml", "000002.eml", "000003.eml"]
        assert b"Message-ID:" in letterbox.letters()[0].read_bytes()
    assert not Path(f"/proc/{letterbox.pid}").exists()
    owe(sqlite_engine)
    with start_letterbox(tmp_path / "thu") as letterbox:
        await deliver(sqlite_engine, settings(letterbox.port), AT)
        assert [kept.name for kept in letterbox.letters()][-1] == "000004.eml"


def test_a_letterbox_on_a_taken_port_says_so(tmp_path: Path) -> None:
    with start_letterbox(tmp_path / "one") as first:
        second = start_letterbox(tmp_path / "two", first.port)
        with pytest.raises(RuntimeError, match="Không mở được hộp thư thử"):
            second.__enter__()
