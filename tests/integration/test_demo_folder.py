"""The demo starts clean in its own folder and never empties an office's."""

from datetime import date
from pathlib import Path

import pytest

from cli.demo.play import clean, ending, play
from cli.demo.story import ENDS
from cli.serving.processes import CannotServe, sole_use
from ocop.errors import InvalidInput


def test_a_second_run_starts_clean_and_leaves_what_is_not_the_demos(tmp_path: Path) -> None:
    home = tmp_path / "data"
    clean(home)
    (home / "letters").mkdir()
    for left in ("ocop.db", "ocop.db-wal", "letters/1.eml", "ghi chú.txt"):
        (home / left).write_text("của lần trước", encoding="utf-8")
    marked = (home / "ban-trinh-dien.txt").read_text(encoding="utf-8")
    clean(home)
    kept = {path.name: path for path in home.iterdir() if path.is_file()}
    assert kept.keys() == {"ban-trinh-dien.txt", "ghi chú.txt"}
    assert kept["ban-trinh-dien.txt"].read_text(encoding="utf-8") == marked
    assert not (home / "letters").exists()


def test_a_folder_with_an_offices_record_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "ocop.db").write_text("sổ thật", encoding="utf-8")
    with pytest.raises(InvalidInput, match="không phải của bản trình diễn"):
        play(tmp_path, [].append)
    assert [path.name for path in tmp_path.iterdir()] == ["ocop.db"]
    assert (tmp_path / "ocop.db").read_text(encoding="utf-8") == "sổ thật"


def test_a_folder_that_is_being_served_is_not_emptied(tmp_path: Path) -> None:
    clean(tmp_path)
    (tmp_path / "ocop.db").write_text("đang dùng", encoding="utf-8")
    with sole_use(tmp_path / "prefect"), pytest.raises(CannotServe):
        clean(tmp_path)
    assert (tmp_path / "ocop.db").exists()


def test_the_year_may_be_played_until_a_day_in_it_and_to_no_other() -> None:
    assert ending(date(2025, 6, 12)).isoformat() == "2025-06-12T17:00:00+07:00"
    assert ending(date(2025, 12, 31)) == ENDS
    for other in (date(2025, 4, 7), date(2026, 1, 1)):
        with pytest.raises(InvalidInput, match=r"hãy chọn một ngày từ 8/4/2025 đến 31/12/2025"):
            ending(other)
