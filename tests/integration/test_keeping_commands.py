"""The commands that keep the record, as an office types them: what they print and how they end."""

import json
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import Engine, text, update

from casework import clock, digest, outbox
from casework.doctor import checkup
from casework.doctor.invariant import Look
from casework.rules import cycle_by_code
from cli.main import command
from models.letters import Letter, LetterState
from models.session import transaction
from tests.factories import CYCLE, Office, an_office
from tests.integration.console_pages import console

Typed = Callable[..., tuple[int, str]]


@pytest.fixture
def office(sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A small world with all letters sent, in the home folder of the commands."""
    monkeypatch.setenv("OCOP_HOME", str(tmp_path))
    monkeypatch.delenv("OCOP_DB_URL", raising=False)
    office = an_office(sqlite_engine).go("2025-05-05")
    office.judged("55")
    with transaction(sqlite_engine) as session:
        session.execute(update(Letter).values(state=LetterState.SENT.value))
    return office


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Typed:
    """What runs a command and returns how it ended and all that it printed."""

    def run(*words: str) -> tuple[int, str]:
        ended = 0
        try:
            command()(list(words), exit_on_error=False, print_error=False)
        except SystemExit as stop:
            ended = int(stop.code or 0)
        said = capsys.readouterr()
        return ended, said.out + said.err

    return run


AT = "--at=2025-05-05 09:00"


def test_the_doctor_says_that_all_is_well_or_names_what_is_not_and_ends_with_one(office: Office, typed: Typed) -> None:
    ended, said = typed("doctor", AT)
    assert ended == 0
    assert said.endswith("Mọi quy tắc đều đúng.\n")
    with transaction(office.engine) as session:
        session.execute(text("UPDATE dossiers SET certificate_id = 99"))
    ended, said = typed("doctor", AT)
    assert ended == 1
    assert "SAI   followed_certificate_exists" in said
    assert f"hồ sơ {CYCLE}-0001: không có giấy chứng nhận số thứ tự 99" in said
    assert "        → Sổ đã bị sửa ngoài phần mềm." in said
    assert "\n          Lệnh: ocop verify\n          Lệnh: ocop restore TỆP\n" in said
    assert said.endswith("1 quy tắc không giữ được.\n")
    assert typed("doctor", "chain_holds", AT)[0] == 0
    assert "Không có quy tắc 'nonsense'" in typed("doctor", "nonsense")[1]


def test_verify_compares_with_a_published_root(office: Office, typed: Typed) -> None:
    with transaction(office.engine) as session:
        root = digest.root(session, cycle_by_code(session, CYCLE))
    ended, said = typed("verify")
    assert (ended, f"Mã gốc hiện nay của {CYCLE}: {root}" in said) == (0, True)
    assert typed("verify", "--root", root, "--cycle", CYCLE)[0] == 0
    ended, said = typed("verify", "--root", "0" * 64)
    assert (ended, "KHÔNG khớp" in said) == (1, True)
    with office.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER events_no_delete"))
        connection.execute(text("DELETE FROM events WHERE dossier_id IS NOT NULL AND number > 5"))
    ended, said = typed("verify")
    assert ended == 1
    assert f"hồ sơ {CYCLE}-0001: lịch sử dừng ở dòng 5, phải đến dòng 7: mất đoạn cuối" in said


def test_a_paper_names_a_file_that_is_kept_or_is_refused(office: Office, typed: Typed, tmp_path: Path) -> None:
    paper, code = tmp_path / "giấy.pdf", office.register()
    paper.write_bytes(b"%PDF-1.4 giay")

    def added(sha256: str) -> tuple[int, str]:
        named = json.dumps([{"kind": "story", "title": "A", "file_name": "a.pdf", "file_sha256": sha256}])
        return typed("add-evidence", "--as=14101/officer", AT, f"--dossier={code}", f"--evidence={named}")

    ended, said = added("0" * 64)
    assert (ended, "không còn được giữ" in said) == (1, True), said
    ended, said = added(typed("attach", str(paper))[1].split()[0])
    assert (ended, "Đã thêm 1 tài liệu" in said) == (0, True), said


def test_an_attached_file_is_backed_up_and_restored_elsewhere(
    office: Office, typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper, target, elsewhere = tmp_path / "giấy.pdf", tmp_path / "b.zip", tmp_path / "elsewhere"
    paper.write_bytes(b"%PDF-1.4 giay")
    ended, said = typed("attach", str(paper))
    sha256 = said.split()[0]
    assert (ended, len(sha256)) == (0, 64)
    paper.write_bytes(b"khac")
    assert "không phải là .pdf" in typed("attach", str(paper))[1]
    ended, said = typed("backup", str(target))
    assert (ended, "1 tệp đính kèm" in said) == (0, True)
    assert "Đã có tệp" in typed("backup", str(target))[1]
    ended, said = typed("restore", str(target))
    assert (ended, "Chỉ khôi phục vào cơ sở dữ liệu trống" in said) == (1, True)
    monkeypatch.setenv("OCOP_HOME", str(elsewhere))
    ended, said = typed("restore", str(target))
    assert ended == 0
    assert "1 tệp đính kèm; giữ lại 0 thư chưa gửi" in said
    assert "ocop release-letters" in said
    assert (elsewhere / "files" / sha256[:2] / sha256).read_bytes() == b"%PDF-1.4 giay"
    assert typed("doctor", AT)[0] == 0
    assert typed("verify")[0] == 0


def test_a_cut_backup_is_refused_in_a_sentence(
    office: Office, typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "b.zip"
    typed("backup", str(target))
    target.write_bytes(target.read_bytes()[:-100])
    monkeypatch.setenv("OCOP_HOME", str(tmp_path / "elsewhere"))
    ended, said = typed("restore", str(target))
    assert ended == 1
    assert "Không thực hiện được: Tệp 'b.zip' không phải là bản sao lưu nguyên vẹn" in said
    assert office.stage(f"{CYCLE}-0001") == "district_recognition"


def test_the_console_says_what_the_nightly_check_found_and_that_a_restored_copy_holds_its_letters(
    office: Office, tmp_path: Path
) -> None:
    def said() -> str:
        with transaction(office.engine) as session:
            clock.drive(session, office.now)
        return unescape(console(office.engine).get("/health").text)

    assert "Cho gửi thư của bản khôi phục" not in said()
    with transaction(office.engine) as session:
        session.execute(text("UPDATE dossiers SET certificate_id = 99"))
        found = checkup.check(Look(session, office.now, tmp_path))
        checkup.remember(session, found, office.now)
        outbox.hold(session, at=office.now, because="thử")
    shown = said()
    assert "Kiểm tra sổ lúc 09:00 ngày 05/05/2025: 1 quy tắc không giữ được" in shown
    assert "mọi thư đang được giữ lại; nếu là bản chính, tỉnh dùng “Cho gửi thư của bản khôi phục”" in shown
