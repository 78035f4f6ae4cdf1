"""`--dry-run` on the command line: the whole act is shown and taken back; without it the same is done."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from cli.main import command
from tests.factories import CYCLE, PLAN, an_office
from tests.records import record


def test_an_amendment_is_shown_whole_by_the_command_and_nothing_is_written(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    code = office.at_district()
    monkeypatch.setenv("OCOP_HOME", str(tmp_path))
    monkeypatch.setenv("OCOP_DB_URL", "")
    file = tmp_path / "plan.toml"
    file.write_text(PLAN.replace("date = 2025-06-15", "date = 2025-06-19"), encoding="utf-8")
    asked = [
        "amend-plan", "--cycle", CYCLE, "--plan", str(file), "--document", "99/KH-UBND", "--effective-at", "2025-06-10",
        "--as", "36/officer", "--at", "2025-06-02 10:00",
    ]  # fmt: skip
    before = record(sqlite_engine)
    run(asked, "--dry-run")
    said = capsys.readouterr().out
    assert record(sqlite_engine) == before
    assert said.startswith("Chạy thử, không ghi gì:")
    assert "có hiệu lực từ 00:00 ngày 10/6/2025" in said
    assert f"{code} (Huyện Giao Thủy), Huyện đánh giá: 14/6/2025 → 18/6/2025" in said
    assert "Thời hạn: 1 thay đổi" in said
    run(asked)
    assert capsys.readouterr().out == said.removeprefix("Chạy thử, không ghi gì:\n")
    assert record(sqlite_engine) != before


def run(asked: list[str], *more: str) -> None:
    """Run the command in this process."""
    command()([*asked, *more], result_action="return_value")
