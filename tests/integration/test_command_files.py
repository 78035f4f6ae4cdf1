"""A file that is not there, or is no text, is answered with a sentence and not with a traceback."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories import PLAN


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["import", "units", "khong_co.csv"], "khong_co.csv: không có tệp hoặc thư mục này."),
        (["import", "units", "thu_muc"], "thu_muc: đây là thư mục, không phải tệp."),
        (["template", "units", "thu_muc/khong_co/mau.xlsx"], "mau.xlsx: không có tệp hoặc thư mục này."),
        (["open-cycle", "--code", "A", "--plan", "la.toml", "--as", "x"], "nội dung không phải chữ UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_in_a_sentence(
    migrated_sqlite: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "ocop.db")
    (tmp_path / "thu_muc").mkdir()
    (tmp_path / "la.toml").write_bytes(PLAN.encode("utf-16"))
    environment = {"OCOP_HOME": str(tmp_path), "PYTHONUTF8": "1", "PATH": ""}
    program = [sys.executable, "-c", "from cli.main import main; main()"]
    done = subprocess.run(
        [*program, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )  # fmt: skip
    assert done.returncode == 1
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
