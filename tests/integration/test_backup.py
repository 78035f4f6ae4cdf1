"""A backup holds one state of the record whatever goes on meanwhile; a restored copy is that state and sends nothing."""

import json
import os
import stat
import threading
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from sqlalchemy import Engine, func, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from casework import archive, attachments, backup, digest, health, intake, outbox
from casework.actors import person
from casework.backup import Restored
from casework.doctor.chains import verify
from casework.doctor.checkup import examine
from casework.doctor.invariant import Look
from casework.evidence import NewEvidence
from casework.rules import cycle_by_code
from casework.settings import AttachmentSettings
from models import copying, migrate
from models.cycles import Cycle
from models.dossiers import Dossier
from models.letters import Letter, LetterState
from models.record import Event
from models.session import reading, transaction
from models.tables import METADATA
from models.units import Person, Unit
from notifications import claims
from ocop.errors import AlreadyExists, InvalidInput, NotFound, NotPossibleNow
from ocop.evidence import EvidenceKind
from tests.factories import CYCLE, Office, an_office
from tests.integration.conftest import Opened
from tests.walked import Walked

pytestmark = pytest.mark.postgresql_long

KINDS = ("sqlite", "postgresql")
NEVER = 2**31 - 1


def backed_up(office: Office, folder: Path) -> Path:
    """Back an office up into a new file of a folder."""
    target = folder / "copy.zip"
    with reading(office.engine) as session:
        backup.back_up(session, folder / "files", target, office.now)
    return target


def restored(source: Path, engine: Engine, files: Path, office: Office) -> Restored:
    """Restore a backup."""
    with archive.reading(source) as opened, transaction(engine) as session:
        return backup.restore(session, files, opened, office.now)


def content(engine: Engine) -> dict[str, list[str]]:
    """Return every row of every table, in words that are the same on both databases."""
    with engine.connect() as connection:
        return {shape.name: list(copying.lines(connection, shape)) for shape in copying.shapes()}


def rewritten(source: Path, target: Path, change: dict[str, bytes | None]) -> Path:
    """Write an archive anew with some parts changed, or left out where None is given."""
    with ZipFile(source) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            if (part := change.get(name, old.read(name))) is not None:
                new.writestr(name, part)
    return target


@pytest.mark.parametrize("kind", KINDS)
def test_a_restored_year_is_the_year_row_by_row(
    walked_year: Walked, year_archive: Path, an_empty_database: Opened, tmp_path: Path, kind: str
) -> None:
    with an_empty_database(kind) as engine:
        copy = restored(year_archive, engine, tmp_path / "files", walked_year.office)
        before, after = content(walked_year.office.engine), content(engine)
        marks = after.pop("marks"), before.pop("marks")
        assert after == before
        assert len(marks[0]) == len(marks[1]) + 1
        assert copy.rows == sum(map(len, before.values())) + len(marks[1])
        assert list(attachments.kept(tmp_path / "files")) == list(attachments.kept(walked_year.files))
        with reading(engine) as session:
            look = Look(session, walked_year.office.now, tmp_path / "files")
            assert [finding.invariant.key for finding in examine(look) if not finding.holds] == []
            assert migrate.differences(session.connection()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_backup_of_a_copy_restores_on_the_other_database(
    walked_year: Walked, year_archive: Path, an_empty_database: Opened, tmp_path: Path, kind: str
) -> None:
    other = KINDS[1 - KINDS.index(kind)]
    with an_empty_database(kind) as first, an_empty_database(other) as second:
        restored(year_archive, first, tmp_path / "files", walked_year.office)
        again = backed_up(Office(first, walked_year.office.now), tmp_path)
        copy = restored(again, second, tmp_path / "other", walked_year.office)
        assert copy.manifest.database == kind
        assert {name: rows for name, rows in content(second).items() if name != "marks"} == {
            name: rows for name, rows in content(first).items() if name != "marks"
        }


def test_a_restored_copy_goes_on_where_the_original_stood(
    engine: Engine, an_empty_database: Opened, tmp_path: Path
) -> None:
    office = an_office(engine).go("2025-05-05")
    code = office.at_district()
    source = backed_up(office, tmp_path)
    with an_empty_database(engine.dialect.name) as target:
        restored(source, target, tmp_path / "files", office)
        copy = Office(target, office.now, office.keys)
        copy.evaluate(code, "55")
        copy.decide(code)
        copy.recognise(code)
        assert copy.stage(code) == "recognised"
        assert copy.register().endswith("-0002")
        with reading(target) as session:
            assert verify(session).sound


def test_a_restored_copy_keeps_its_history_from_being_changed(
    year_archive: Path, walked_year: Walked, an_empty_database: Opened, tmp_path: Path
) -> None:
    for kind in KINDS:
        with an_empty_database(kind) as engine:
            restored(year_archive, engine, tmp_path / kind, walked_year.office)
            with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
                connection.execute(text("DELETE FROM events"))


def test_a_restored_copy_sends_no_letter_until_somebody_says_so(
    engine: Engine, an_empty_database: Opened, tmp_path: Path
) -> None:
    office = an_office(engine).go("2025-05-05")
    office.judged("55")
    owed = office.rows(select(func.count()).where(Letter.state == LetterState.OWED.value))[0][0]
    source = backed_up(office, tmp_path)
    with an_empty_database(engine.dialect.name) as target:
        assert restored(source, target, tmp_path / "files", office).held == owed > 0
        copy = Office(target, office.now, office.keys)
        copy.go("2025-06-12")
        copy.judged("60", commune="14201")
        states = {state for (state,) in copy.rows(select(Letter.state).distinct())}
        assert states == {"held"}
        with transaction(target) as session:
            assert (
                claims.claim(
                    session,
                    at=copy.now + timedelta(days=9),
                    limit=NEVER,
                    lease_until=copy.now + timedelta(days=10),
                    sender="x",
                )
                == []
            )
            assert "Đây là bản khôi phục" in health.lines(session, copy.now)[0]
        with transaction(target) as session:
            officer = person(session, "36/officer")
            intake.record_release(session, actor=officer, at=copy.now, key="release", reason="Máy cũ đã hỏng.")
        with transaction(target) as session:
            assert not outbox.is_held(session)
            sendable = claims.claim(
                session,
                at=copy.now + timedelta(days=1),
                limit=NEVER,
                lease_until=copy.now + timedelta(days=2),
                sender="x",
            )
            assert len(sendable) > owed
            assert health.lines(session, copy.now) == []


def test_a_backup_is_one_state_although_others_write_all_the_while(
    engine: Engine, an_empty_database: Opened, tmp_path: Path
) -> None:
    office = an_office(engine).go("2025-05-05")
    for _ in range(3):
        office.register()
    writing, stop, failed = threading.Event(), threading.Event(), list[BaseException]()

    def write_on() -> None:
        other = Office(engine, office.now, office.keys)
        try:
            while not stop.is_set():
                other.at_district()
                writing.set()
        except BaseException as error:
            failed.append(error)
            raise

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        assert writing.wait(60)
        with reading(engine) as session:
            root = digest.root(session, cycle_by_code(session, CYCLE))
            seen = session.scalar(select(func.count()).select_from(Event))
            writing.clear()
            assert writing.wait(60)
            backup.back_up(session, tmp_path / "none", tmp_path / "copy.zip", office.now)
    finally:
        stop.set()
        writer.join(60)
    assert not failed
    assert office.rows(select(func.count()).select_from(Event))[0][0] > (seen or 0)
    with an_empty_database(engine.dialect.name) as target:
        copy = restored(tmp_path / "copy.zip", target, tmp_path / "files", office)
        assert copy.manifest.roots == {CYCLE: root}
        with reading(target) as session:
            assert session.scalar(select(func.count()).select_from(Event)) == seen
            assert verify(session, root=root).matched


def test_a_restore_goes_only_where_nothing_is(
    year_archive: Path, engine: Engine, walked_year: Walked, tmp_path: Path
) -> None:
    Office(engine).found()
    before = content(engine)
    with pytest.raises(NotPossibleNow, match="không trống"):
        restored(year_archive, engine, tmp_path / "new", walked_year.office)
    assert content(engine) == before
    assert not (tmp_path / "new").exists()


def test_a_migrated_database_without_rows_is_empty(
    year_archive: Path, engine: Engine, walked_year: Walked, tmp_path: Path
) -> None:
    assert restored(year_archive, engine, tmp_path / "new", walked_year.office).rows > 500


def test_a_database_of_something_else_is_not_empty(
    year_archive: Path, an_empty_database: Opened, walked_year: Walked, tmp_path: Path
) -> None:
    with an_empty_database("postgresql") as engine:
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE ke_toan (id integer)"))
        with pytest.raises(NotPossibleNow, match="ke_toan"):
            restored(year_archive, engine, tmp_path / "new", walked_year.office)


def test_a_folder_with_attachments_of_others_is_not_empty_but_a_first_tries_are(
    year_archive: Path, an_empty_database: Opened, walked_year: Walked, tmp_path: Path
) -> None:
    files = tmp_path / "files"
    foreign = attachments.store(files, "khac.pdf", BytesIO(b"%PDF-1.4 khac"), AttachmentSettings())
    with an_empty_database("sqlite") as engine:
        with pytest.raises(NotPossibleNow, match="đã có tệp khác"):
            restored(year_archive, engine, files, walked_year.office)
        attachments.path(files, foreign.sha256).unlink()
        (own,) = attachments.kept(walked_year.files)
        with attachments.path(walked_year.files, own).open("rb") as source:
            assert attachments.restore(files, own, source)
        assert restored(year_archive, engine, files, walked_year.office).files == 1


def nothing_is_there(engine: Engine, files: Path) -> bool:
    """Return whether a refused restore left neither tables nor attachments."""
    return inspect(engine).get_table_names() == [] and list(attachments.kept(files)) == []


def test_an_archive_cut_anywhere_is_refused_in_words(
    year_archive: Path, an_empty_database: Opened, walked_year: Walked, tmp_path: Path
) -> None:
    whole = year_archive.read_bytes()
    with an_empty_database("sqlite") as engine:
        for length in (0, 10, len(whole) // 3, len(whole) // 2, len(whole) - 30, len(whole) - 1):
            cut = tmp_path / f"cut-{length}.zip"
            cut.write_bytes(whole[:length])
            with pytest.raises(InvalidInput, match=r"bị cắt ngắn hoặc bị hỏng"):
                restored(cut, engine, tmp_path / "files", walked_year.office)
        assert nothing_is_there(engine, tmp_path / "files")


def test_an_archive_damaged_anywhere_is_refused_in_words_or_restores_what_it_was(
    year_archive: Path, an_empty_database: Opened, walked_year: Walked, tmp_path: Path
) -> None:
    whole = year_archive.read_bytes()
    refused: list[str] = []
    for place in range(50, len(whole), len(whole) // 60):
        damaged = tmp_path / "damaged.zip"
        damaged.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            with archive.reading(damaged) as opened:
                assert opened.manifest.roots
        except InvalidInput as refusal:
            refused.append(refusal.vietnamese)
    assert len(refused) > 50
    assert [told for told in refused if "hỏng" not in told and "mục lục" not in told] == []


@pytest.mark.parametrize(
    ("part", "changed", "told"),
    [
        ("tables/events.jsonl", b"", "bảng events không khớp mục lục"),
        ("tables/letters.jsonl", None, "thiếu bảng letters"),
        ("manifest.json", None, "không có mục lục"),
        ("manifest.json", b"[]", "mục lục không đọc được"),
        ("manifest.json", b'{"format": 99}', "định dạng 99"),
    ],
)
def test_an_archive_that_somebody_edited_is_refused_by_what_is_wrong(
    year_archive: Path, tmp_path: Path, part: str, changed: bytes | None, told: str
) -> None:
    edited = rewritten(year_archive, tmp_path / "edited.zip", {part: changed})
    with pytest.raises(InvalidInput, match=told), archive.reading(edited):
        pass


def test_an_edited_attachment_is_refused(year_archive: Path, walked_year: Walked, tmp_path: Path) -> None:
    (own,) = attachments.kept(walked_year.files)
    for changed, told in ((b"%PDF-1.4 khac", "không khớp mã băm"), (None, "mục lục ghi 1")):
        edited = rewritten(year_archive, tmp_path / f"{told[-1]}.zip", {f"files/{own}": changed})
        with pytest.raises(InvalidInput, match=told), archive.reading(edited):
            pass


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_whose_root_is_not_the_archives_is_undone_whole(
    year_archive: Path, an_empty_database: Opened, walked_year: Walked, tmp_path: Path, kind: str
) -> None:
    with ZipFile(year_archive) as source:
        said = json.loads(source.read("manifest.json"))
    said["roots"][CYCLE] = "0" * 64
    edited = rewritten(year_archive, tmp_path / "edited.zip", {"manifest.json": json.dumps(said).encode()})
    with an_empty_database(kind) as engine:
        with pytest.raises(InvalidInput, match="không khớp mã gốc"):
            restored(edited, engine, tmp_path / "files", walked_year.office)
        assert nothing_is_there(engine, tmp_path / "files")


def test_an_archive_of_a_newer_version_asks_for_that_version(
    year_archive: Path, an_empty_database: Opened, walked_year: Walked, tmp_path: Path
) -> None:
    with ZipFile(year_archive) as source:
        said = json.loads(source.read("manifest.json"))
    said["migration"] = "9999"
    edited = rewritten(year_archive, tmp_path / "edited.zip", {"manifest.json": json.dumps(said).encode()})
    with an_empty_database("sqlite") as engine:
        with pytest.raises(NotPossibleNow, match="phiên bản mới hơn"):
            restored(edited, engine, tmp_path / "files", walked_year.office)
        assert nothing_is_there(engine, tmp_path / "files")


def test_an_attachment_lost_before_the_backup_is_told_and_stops_neither_backup_nor_restore(
    sqlite_engine: Engine, an_empty_database: Opened, tmp_path: Path
) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    files = tmp_path / "files"
    lost, changed = (
        attachments.store(files, "a.pdf", BytesIO(b"%PDF-1.4 " + word), AttachmentSettings()).sha256
        for word in (b"mat", b"hong")
    )
    office.register(
        evidence=[
            NewEvidence(EvidenceKind.STORY, "Câu chuyện", file_name="a.pdf", file_sha256=lost),
            NewEvidence(EvidenceKind.AWARDS, "Giải thưởng", file_name="b.pdf", file_sha256=changed),
        ]
    )
    attachments.path(files, lost).unlink()
    attachments.path(files, changed).write_bytes(b"%PDF-1.4 khac")
    with reading(sqlite_engine) as session:
        made = backup.back_up(session, files, tmp_path / "copy.zip", office.now)
    assert set(made.damaged) == {lost, changed}
    assert "2 tệp đính kèm đã mất hoặc hỏng từ trước" in made.message
    with an_empty_database("sqlite") as engine:
        copy = restored(tmp_path / "copy.zip", engine, tmp_path / "new", office)
        assert (copy.files, set(copy.manifest.damaged)) == (0, {lost, changed})


def test_a_chain_that_was_broken_in_the_original_is_told_after_the_restore(
    sqlite_engine: Engine, an_empty_database: Opened, tmp_path: Path
) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.register()
    with sqlite_engine.begin() as connection:
        connection.execute(text("DROP TRIGGER events_no_update"))
        connection.execute(text("UPDATE events SET reason = 'sửa' WHERE dossier_id IS NOT NULL"))
    with an_empty_database("sqlite") as engine:
        copy = restored(backed_up(office, tmp_path), engine, tmp_path / "new", office)
        assert [fault.named for fault in copy.faults] == [f"hồ sơ {code}"]


def test_rows_that_point_to_later_rows_of_their_table_find_them_again(
    engine: Engine, an_empty_database: Opened, tmp_path: Path
) -> None:
    office = Office(engine).found()
    with transaction(engine) as session:
        first, last = session.scalars(select(Unit).order_by(Unit.id)).all()[4:6]
        first.parent_id = last.id
    with an_empty_database(engine.dialect.name) as target:
        restored(backed_up(office, tmp_path), target, tmp_path / "new", office)
        assert content(target)["units"] == content(engine)["units"]
        with target.begin() as connection:
            number = connection.execute(insert(Person).values(code="mới", name="Người mới")).inserted_primary_key[0]
            assert number == 1 + len(content(engine)["people"])


def test_every_column_of_every_table_has_a_word_in_the_archive() -> None:
    for shape in copying.shapes():
        for name, kind in shape.columns.items():
            column = METADATA.tables[shape.name].c[name]
            assert isinstance(column.type, type(copying.KINDS[kind])) or kind == "text"
            assert kind != "text" or column.type.python_type is str
    order = [shape.name for shape in copying.shapes()]
    for name in order:
        for key in METADATA.tables[name].foreign_keys:
            assert order.index(key.column.table.name) <= order.index(name)


def test_a_backup_is_readable_by_its_owner_alone_and_overwrites_nothing(
    walked_year: Walked, year_archive: Path, tmp_path: Path
) -> None:
    assert stat.S_IMODE(year_archive.stat().st_mode) == 0o600
    with reading(walked_year.office.engine) as session, pytest.raises(AlreadyExists, match="Đã có tệp"):
        backup.back_up(session, walked_year.files, year_archive, walked_year.office.now)
    with pytest.raises(NotFound), archive.reading(tmp_path / "nowhere.zip"):
        pass


def test_a_backup_that_fails_leaves_no_half_file(sqlite_engine: Engine, tmp_path: Path) -> None:
    office = an_office(sqlite_engine)
    with sqlite_engine.begin() as connection:
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        connection.execute(text("ALTER TABLE marks RENAME TO gone"))
    target = tmp_path / "folder" / "copy.zip"
    with reading(sqlite_engine) as session, pytest.raises(DBAPIError):
        backup.back_up(session, tmp_path / "files", target, office.now)
    assert os.listdir(target.parent) == []


def test_daily_backups_are_kept_as_many_as_wanted_and_others_stay(sqlite_engine: Engine, tmp_path: Path) -> None:
    office = an_office(sqlite_engine)
    folder = tmp_path / "backups"
    for days in range(4):
        with reading(sqlite_engine) as session:
            backup.daily(session, tmp_path / "files", folder, office.now + timedelta(days=days))
    (folder / "giu-lai.zip").write_bytes(b"")
    assert backup.thin_out(folder, keep=2) == 2
    assert sorted(os.listdir(folder)) == ["giu-lai.zip", "ocop-20250410-090000.zip", "ocop-20250411-090000.zip"]
    assert backup.thin_out(folder, keep=2) == 0


def test_what_a_backup_cut_off_left_half_written_goes_but_not_one_that_is_being_written(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    office = an_office(sqlite_engine)
    with reading(sqlite_engine) as session:
        made = backup.daily(session, tmp_path / "files", tmp_path, office.now)
    cut, writing = f".{made.path.name}.0123abcd.part", ".ocop-20250409-090000.zip.4567abcd.part"
    for half in (cut, writing):
        (tmp_path / half).write_bytes(b"PK")
    assert backup.thin_out(tmp_path, keep=2) == 0
    assert {each.name for each in tmp_path.iterdir() if "zip" in each.name} == {made.path.name, writing}


def test_somebody_is_told_when_backups_stop(sqlite_engine: Engine, tmp_path: Path) -> None:
    office = an_office(sqlite_engine)
    with reading(sqlite_engine) as session:
        assert health.lines(session, office.now) == []
        made = backup.back_up(session, tmp_path / "files", tmp_path / "copy.zip", office.now)
    with transaction(sqlite_engine) as session:
        backup.remember(session, made, office.now)
        assert health.lines(session, office.now + timedelta(days=1)) == []
        (told,) = health.lines(session, office.now + timedelta(days=3))
    assert told.startswith("Bản sao lưu gần nhất đã từ 09:00 ngày 08/04/2025")


def test_nothing_of_the_archive_names_where_it_was_made(year_archive: Path, walked_year: Walked) -> None:
    with ZipFile(year_archive) as source:
        manifest = source.read("manifest.json").decode()
        assert source.namelist()[-1] == "manifest.json"
    assert str(walked_year.files.parent) not in manifest
    said = json.loads(manifest)
    with reading(walked_year.office.engine) as session:
        assert said["roots"] == {CYCLE: digest.root(session, session.scalars(select(Cycle)).one())}
        dossiers = session.scalar(select(func.count()).select_from(Dossier))
    assert {part["shape"]["name"]: part["rows"] for part in said["parts"]}["dossiers"] == dossiers
