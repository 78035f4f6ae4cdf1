"""Attachments are kept whole under their hash, once, or not at all."""

import os
from datetime import UTC, datetime, timedelta
from io import BytesIO, RawIOBase
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from casework import attachments, backup
from casework.evidence import NewEvidence
from casework.settings import AttachmentSettings
from models.dossiers import Evidence
from models.session import reading
from ocop.errors import InvalidInput, NotFound
from ocop.evidence import EvidenceKind
from tests.factories import an_office

pytestmark = pytest.mark.postgresql_long

PDF = b"%PDF-1.4 noi dung"
SETTINGS = AttachmentSettings(max_megabytes=1)


def everything(folder: Path) -> list[str]:
    """Return every file below a folder, temporary ones included."""
    return sorted(name for _, _, names in os.walk(folder) for name in names)


def test_the_same_content_is_kept_once_under_its_hash(tmp_path: Path) -> None:
    first = attachments.store(tmp_path, "a.pdf", BytesIO(PDF), SETTINGS)
    again = attachments.store(tmp_path, "B.PDF", BytesIO(PDF), SETTINGS)
    assert (first.sha256, first.new, again.new) == (again.sha256, True, False)
    assert everything(tmp_path) == [first.sha256]
    assert attachments.read(tmp_path, first.sha256).read_bytes() == PDF
    assert list(attachments.kept(tmp_path)) == [first.sha256]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.exe", PDF, "không thuộc loại được đính kèm"),
        ("a", PDF, "không thuộc loại được đính kèm"),
        ("a.pdf", b"MZ\x90", "không phải là .pdf"),
        ("a.png", PDF, "không phải là .png"),
        ("a.pdf", b"", "không có nội dung"),
        ("a.pdf", PDF + b"x" * 1_000_000, "lớn hơn 1 MB"),
    ],
)
def test_what_may_not_be_attached_is_refused_and_nothing_stays(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    with pytest.raises(InvalidInput, match=told):
        attachments.store(tmp_path, name, BytesIO(content), SETTINGS)
    assert everything(tmp_path) == []


def test_an_upload_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    class BreaksOff(RawIOBase):
        def __init__(self) -> None:
            self.told = [PDF, b"more"]

        def read(self, size: int = -1) -> bytes:
            del size
            if not self.told:
                raise ConnectionResetError
            return self.told.pop(0)

    with pytest.raises(ConnectionResetError):
        attachments.store(tmp_path, "a.pdf", BreaksOff(), SETTINGS)  # type: ignore[arg-type]
    assert everything(tmp_path) == []


def test_a_changed_or_missing_file_is_told_and_never_given_out(tmp_path: Path) -> None:
    kept = attachments.store(tmp_path, "a.pdf", BytesIO(PDF), SETTINGS)
    attachments.path(tmp_path, kept.sha256).write_bytes(PDF + b"!")
    assert "đã bị thay đổi" in attachments.problem(tmp_path, kept.sha256)
    with pytest.raises(NotFound, match="đã bị thay đổi"):
        attachments.read(tmp_path, kept.sha256)
    attachments.path(tmp_path, kept.sha256).unlink()
    assert "không còn" in attachments.problem(tmp_path, kept.sha256)
    with pytest.raises(InvalidInput, match="không phải là mã sha256"):
        attachments.path(tmp_path, "../../etc/passwd")


def test_evidence_names_its_attachment_in_record_and_snapshot(engine: Engine, tmp_path: Path) -> None:
    kept = attachments.store(tmp_path, "a.pdf", BytesIO(PDF), SETTINGS)
    office = an_office(engine).go("2025-05-05")
    office.register(
        evidence=[NewEvidence(EvidenceKind.STORY, "Câu chuyện", file_name="a.pdf", file_sha256=kept.sha256)]
    )
    assert office.rows(select(Evidence.file_name, Evidence.file_sha256)) == [("a.pdf", kept.sha256)]


def aged(file: Path) -> None:
    """Make a file look as if it came more than a day ago."""
    long_ago = datetime.now(UTC).timestamp() - attachments.LASTS.total_seconds() - 60
    os.utime(file, (long_ago, long_ago))


def test_a_file_that_nobody_filed_goes_after_a_day_and_one_that_a_paper_names_stays(
    engine: Engine, tmp_path: Path
) -> None:
    files = tmp_path / "files"
    filed, unfiled, fresh = (
        attachments.store(files, "a.pdf", BytesIO(PDF + sign), SETTINGS).sha256 for sign in (b"1", b"2", b"3")
    )
    office = an_office(engine).go("2025-05-05")
    office.register(evidence=[NewEvidence(EvidenceKind.STORY, "Câu chuyện", file_name="a.pdf", file_sha256=filed)])
    half = files / ".0123.part"
    half.write_bytes(b"%PDF")
    for file in (attachments.path(files, filed), attachments.path(files, unfiled), half):
        aged(file)
    with reading(engine) as session:
        assert backup.sweep(session, files, datetime.now(UTC)) == 2
        assert backup.sweep(session, files, datetime.now(UTC)) == 0
    assert everything(files) == sorted((filed, fresh))


def test_a_file_that_comes_again_or_is_about_to_be_filed_lasts_another_day(tmp_path: Path) -> None:
    again, held = (attachments.store(tmp_path, "a.pdf", BytesIO(PDF + sign), SETTINGS).sha256 for sign in (b"1", b"2"))
    for digest in (again, held):
        aged(attachments.path(tmp_path, digest))
    assert not attachments.store(tmp_path, "b.pdf", BytesIO(PDF + b"1"), SETTINGS).new
    attachments.hold(tmp_path, held)
    now = datetime.now(UTC)
    assert attachments.sweep(tmp_path, (), now) == 0
    assert attachments.sweep(tmp_path, (), now + attachments.LASTS + timedelta(minutes=1)) == 2
    with pytest.raises(NotFound, match="không còn được giữ"):
        attachments.hold(tmp_path, held)
    assert everything(tmp_path) == []
