"""Lists, letters on paper and letters from a cron line, as somebody types them."""

from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine

from casework.lists.kinds import KINDS
from casework.registration import Goods
from cli.main import command
from notifications.letterbox import start_letterbox
from ocop.levels import DossierKind
from tests.factories import CYCLE, an_office
from tests.integration.listed import PAPERLESS, rows


def run(*words: str) -> int:
    """Run the command as a shell would and return what it ends with."""
    with pytest.raises(SystemExit) as ended:
        command()(list(words))
    return int(ended.value.code or 0)


def test_the_command_shows_the_first_rows_and_writes_all_of_them(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OCOP_HOME", str(tmp_path))
    office = an_office(sqlite_engine)
    office.act("register", "14201/officer", cycle=CYCLE, producer=PAPERLESS, product=Goods("SP-GIAY", "[Kẹo] =1+1"),
               kind=DossierKind.FIRST, proposed_star=3, registered_on=office.now.date())  # fmt: skip
    assert run("list", "dossiers", "--at", "2025-04-09") == 0
    shown = capsys.readouterr().out
    assert "Hồ sơ: 1 dòng" in shown
    assert "[Kẹo] =1+1" in shown
    assert "ND2025-0001" in shown
    assert run("list", "people", "--limit", "2", "--unit", "xã:14101", "--at", "2025-04-09") == 0
    shown = capsys.readouterr().out
    assert shown.count("@office.example") == 2
    assert "Còn 1 dòng; xem đủ bằng --limit, --excel hoặc --csv." in shown
    assert run("list", "people", "--csv", str(tmp_path / "can_bo.csv"), "--at", "2025-04-09") == 0
    assert "Cán bộ: đã ghi 22 dòng" in capsys.readouterr().out
    assert len((tmp_path / "can_bo.csv").read_text(encoding="utf-8-sig").splitlines()) == 23
    assert run("list", "units", "--excel", str(tmp_path / "don_vi.xlsx"), "--at", "2025-04-09") == 0
    assert openpyxl.load_workbook(tmp_path / "don_vi.xlsx").active.max_row == 9
    capsys.readouterr()
    assert run("list") == 0
    shown = capsys.readouterr().out
    assert all(kind in shown for kind in KINDS)
    assert run("list", "dosiers") == 1
    assert "Không có danh sách 'dosiers'. Có phải 'dossiers'?" in capsys.readouterr().err


@pytest.mark.parametrize(("level", "ends"), [("huyện", 0), ("district", 0), ("Huyện", 0), ("thôn", 1)])
def test_a_level_as_lists_print_it_is_one_that_commands_take(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: str, ends: int
) -> None:
    monkeypatch.setenv("OCOP_HOME", str(tmp_path))
    office = an_office(sqlite_engine)
    planned = ("set-target", "--cycle", CYCLE, "--level", level, "--unit", "365", "--planned", "5")
    assert run(*planned, "--as", "365/officer", "--at", "2025-04-09") == ends
    assert len(rows(office, "counts")) == 1 - ends


def test_letters_to_hand_over_are_found_printed_and_marked(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OCOP_HOME", str(tmp_path))
    office = an_office(sqlite_engine)
    office.act("register", "14201/officer", cycle=CYCLE, producer=PAPERLESS, product=Goods("SP-GIAY", "[Kẹo] =1+1"),
               kind=DossierKind.FIRST, proposed_star=3, registered_on=office.now.date())  # fmt: skip
    at_nine = ("--at", "2025-04-09")
    assert run("print-letters", *at_nine) == 0
    assert "xã:14201" in capsys.readouterr().out
    page = tmp_path / "thu.html"
    assert run("print-letters", "--unit", "commune:14201", *at_nine) == 1
    assert "--file" in capsys.readouterr().err
    assert run("print-letters", "--unit", "commune:14201", "--file", str(page), *at_nine) == 0
    said = capsys.readouterr().out
    assert "Xã Hải Minh: đã ghi 1 thư" in said
    text = page.read_text(encoding="utf-8")
    assert "Bà Ộ (HTX [Không thư] mô phỏng)" in text
    assert "[Kẹo] =1+1" in text
    (number,) = [row["Số thư"] for row in rows(office, "letters-to-hand-over")]
    assert run("hand-over", "--letters", str(number), "--as", "14201/officer", *at_nine) == 0
    assert rows(office, "letters-to-hand-over") == []
    capsys.readouterr()
    assert run("print-letters", "--unit", "xã:14201", "--file", str(page), *at_nine) == 0
    assert "Xã Hải Minh không có thư phải trao tay." in capsys.readouterr().out


def test_letters_leave_from_a_cron_line_or_say_why_not(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OCOP_HOME", str(tmp_path))
    an_office(sqlite_engine)
    assert run("deliver", "--at", "2025-04-08 09:00") == 2
    assert "OCOP_SMTP_HOST" in capsys.readouterr().out
    monkeypatch.setenv("OCOP_SMTP_HOST", "127.0.0.1")
    assert run("deliver", "--at", "2025-04-08 09:00") == 1
    assert "OCOP_SMTP_SENDER_ADDRESS" in capsys.readouterr().err
    monkeypatch.setenv("OCOP_SMTP_SENDER_ADDRESS", "ocop@namdinh.example")
    monkeypatch.setenv("OCOP_SMTP_STARTTLS", "never")
    with start_letterbox(tmp_path / "thu") as letterbox:
        monkeypatch.setenv("OCOP_SMTP_PORT", str(letterbox.port))
        assert run("deliver", "--at", "2025-04-08 09:00") == 0
        assert len(letterbox.letters()) == 8
    assert "Đã gửi 8 thư; còn 0 thư chờ gửi, 0 thư chờ trao tay." in capsys.readouterr().out
