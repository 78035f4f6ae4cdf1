"""Files taken in on the pages: looked at first, every wrong row named, written whole and once, within the sender's territory."""

import io
import os
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, func, select
from starlette.testclient import TestClient

from casework import accounts
from casework.imports.keeping import LASTS, Uploads
from dashboard.app import create_app
from dashboard.settings import WebSettings
from models.dossiers import Dossier
from models.record import Request
from models.session import transaction
from models.units import Person, Unit
from ocop.errors import NotFound
from ocop.levels import Level
from tests.factories import CYCLE, UNITS, Office, at
from tests.integration.console_pages import HOST, NOWHERE, form_token, office_on_sqlite, shown, sign_in, text

__all__ = ["office_on_sqlite"]
pytestmark = pytest.mark.usefixtures("home")

HEAD = "Cấp,Mã đơn vị,Tên đơn vị,Mã đơn vị cấp trên,Có hiệu lực từ"
COMMUNE = "xã,14103,Xã Giao Mới,365,1/1/2020"


def sent(client: TestClient, kind: str, content: bytes | str, name: str = "tep.csv") -> tuple[str, str]:
    """Send a file, and return the address of its preview with what it says."""
    body = content.encode() if isinstance(content, str) else content
    answer = client.post(f"/imports/{kind}", data={"form_token": form_token(client)}, files={"file": (name, body)})
    address = answer.url.path
    for _ in range(200):
        if "http-equiv" not in client.get(address).text:
            break
        time.sleep(0.05)
    return address, text(client, address)


def confirmed(client: TestClient, address: str) -> str:
    """Press the button of a preview and return what the page says then."""
    client.post(address, data={"form_token": form_token(client)})
    for _ in range(200):
        if "http-equiv" not in client.get(address).text:
            break
        time.sleep(0.05)
    return text(client, address)


def administrator(engine: Engine) -> TestClient:
    """Return a client of an administrator who is no officer."""
    client = TestClient(create_app(engine, WebSettings(prefect_url=NOWHERE)), base_url=HOST)
    with transaction(engine) as session:
        sign_in(client, session, accounts.Owner(administrator=True))
    return client


def number(office: Office, model: type[Unit] | type[Person] | type[Dossier]) -> int:
    """Return how many rows a table has."""
    ((found,),) = office.rows(select(func.count()).select_from(model))
    return int(found)


def test_a_file_is_looked_at_first_and_written_when_its_sender_says_so(office: Office) -> None:
    client, before = shown(office), number(office, Unit)
    address, page = sent(
        client,
        "units",
        f"{HEAD}\n{COMMUNE}\nxã,14101,Xã Giao Xuân Đông,365,1/1/2000\nxã,14102,Xã Giao Hải,365,1/1/2000\n",
    )
    assert "1 dòng mới 1 dòng thay đổi 1 dòng đã có" in page
    assert "Chưa ghi gì vào sổ" in page
    assert "Xã Giao Mới" in page
    assert number(office, Unit) == before
    assert address in client.get("/imports").text
    assert "Đã nhập: 1 dòng mới" in confirmed(client, address)
    assert number(office, Unit) == before + 1
    assert "tep.csv" in text(client, "/imports")
    assert address not in client.get("/imports").text


def test_a_second_click_imports_once_and_the_same_file_again_has_nothing_new(office: Office) -> None:
    client = shown(office)
    address, _ = sent(client, "units", f"{HEAD}\n{COMMUNE}\n")
    for _ in range(2):
        assert "Đã nhập: 1 dòng mới" in confirmed(client, address)
    assert len(office.rows(select(Request.key).where(Request.act == "import-units"))) == 1
    again, page = sent(client, "units", f"{HEAD}\n{COMMUNE}\n")
    assert again == address
    assert "Tệp này đã được nhập 1 lần" in page
    assert "mọi dòng đã ở trong sổ" in page


def test_every_wrong_row_is_named_with_its_column_and_what_to_do_and_nothing_is_written(office: Office) -> None:
    client, before = shown(office), number(office, Unit)
    address, page = sent(
        client, "units", f"{HEAD}\n{COMMUNE}\nxã,14104,Xã Lạc,999,1/1/2020\nấp,14105,Ấp,365,1/1/2020\n"
    )
    assert "Tệp có 2 chỗ sai, chưa nhập dòng nào" in page
    assert "3 Mã đơn vị cấp trên Không có đơn vị cấp cao hơn mang mã '999'" in page
    assert "Hãy thêm đơn vị đó vào tệp hoặc sửa mã" in page
    book = load_workbook(io.BytesIO(client.get(f"{address}/errors.xlsx").content))
    rows = list(book.active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert rows[0] == ("Trang", "Dòng", "Cột", "Sai ở đâu", "Cách sửa")
    assert [(row[1], row[2]) for row in rows[1:]] == [(3, "Mã đơn vị cấp trên"), (4, "Cấp")]
    confirmed(client, address)
    assert number(office, Unit) == before


def test_a_template_filled_in_is_taken_in(office: Office) -> None:
    client = shown(office)
    book = load_workbook(io.BytesIO(client.get("/imports/people/template.xlsx").content))
    sheet = book.worksheets[0]
    for place, cell in enumerate(
        ("cb-1", "Nguyễn Văn Mới", "moi@xa.example", "0912 345 678", "xã", "14101", "cán bộ phụ trách", "1/5/2025"),
        start=1,
    ):
        sheet.cell(2, place, cell)
    content = io.BytesIO()
    book.save(content)
    address, page = sent(client, "people", content.getvalue(), "can-bo.xlsx")
    assert "1 dòng mới" in page, page
    confirmed(client, address)
    assert office.rows(select(Person.name).where(Person.code == "cb-1")) == [("Nguyễn Văn Mới",)]


def test_dossiers_are_registered_by_the_one_who_sends_them(office: Office) -> None:
    client = shown(office, "36/officer")
    head = "Chu trình,Mã chủ thể,Tên chủ thể,Mã xã,Mã sản phẩm,Tên sản phẩm,Loại hồ sơ,Số sao đề nghị,Ngày đăng ký"
    address, page = sent(
        client, "dossiers", f"{head}\n{CYCLE},CT-1,HTX Một,14101,SP-1,Gạo nếp,lần đầu,3,5/5/2025\n"
    )  # fmt: skip
    assert "1 dòng mới" in page
    confirmed(client, address)
    assert number(office, Dossier) == 1


def test_a_province_takes_in_its_own_rows_alone_and_an_administrator_those_of_all(sqlite_engine: Engine) -> None:
    other = ((Level.PROVINCE, "37", "Tỉnh Ninh Bình", "00"), (Level.DISTRICT, "370", "Huyện Hoa Lư", "37"))
    office = Office(sqlite_engine, units=(*UNITS, *other)).found()
    office.go("2025-05-05")
    row = f"{HEAD}\n{COMMUNE}\nxã,14900,Xã Trường Yên,370,1/1/2020\n"
    client = shown(office)
    address, page = sent(client, "units", row)
    assert "Tệp có 1 chỗ sai" in page
    assert "3 Mã đơn vị Xã Trường Yên thuộc Tỉnh Ninh Bình, ngoài tỉnh của bạn Hãy bỏ dòng này" in page
    confirmed(client, address)
    assert office.rows(select(Unit.id).where(Unit.code == "14900")) == []
    chief = administrator(sqlite_engine)
    address, page = sent(chief, "units", row)
    assert "2 dòng mới" in page
    confirmed(chief, address)
    assert len(office.rows(select(Unit.id).where(Unit.code == "14900"))) == 1


def test_a_province_is_told_of_its_own_peoples_files_and_an_administrator_of_all(sqlite_engine: Engine) -> None:
    other = (Level.PROVINCE, "37", "Tỉnh Ninh Bình", "00")
    office = Office(sqlite_engine, units=(*UNITS, other)).found()
    office.go("2025-05-05")
    client = shown(office, "37/officer")
    address, _ = sent(client, "units", f"{HEAD}\nhuyện,371,Huyện Hoa Lư,37,1/1/2020\n", "ninh-binh.csv")
    assert "1 dòng mới" in confirmed(client, address)
    assert "ninh-binh.csv" in text(client, "/imports")
    assert "ninh-binh.csv" in text(administrator(sqlite_engine), "/imports")
    assert "ninh-binh.csv" not in text(shown(office), "/imports")


def test_a_province_changes_nothing_of_the_centre(office: Office) -> None:
    client = shown(office)
    _, page = sent(client, "units", f"{HEAD}\ntrung ương,00,Bộ Khác,,1/1/2000\n")
    assert "Tệp sửa đơn vị hoặc cán bộ cấp trung ương" in page


def test_a_new_province_that_nobody_serves_yet_may_be_added(office: Office) -> None:
    _, page = sent(
        shown(office), "units", f"{HEAD}\ntỉnh,37,Tỉnh Ninh Bình mới,00,1/7/2025\nxã,14901,Xã Mới,37,1/7/2025\n"
    )  # fmt: skip
    assert "2 dòng mới" in page


def test_an_administrator_takes_in_units_and_people_and_nothing_else(sqlite_engine: Engine, office: Office) -> None:
    client = administrator(sqlite_engine)
    page = client.get("/imports").text
    assert 'action="/imports/units"' in page
    assert 'action="/imports/dossiers"' not in page
    for kind in ("history", "dossiers", "successions"):
        assert client.get(f"/imports/{kind}/template.xlsx").status_code == 403
        answer = client.post(
            f"/imports/{kind}", data={"form_token": form_token(client)}, files={"file": ("a.csv", b"a")}
        )
        assert answer.status_code == 403
    assert client.get("/imports/nonsense/template.xlsx").status_code == 404


def test_an_upload_is_its_senders_alone(office: Office) -> None:
    address, _ = sent(shown(office), "units", f"{HEAD}\n{COMMUNE}\n")
    colleague = shown(office, "36/officer")
    assert colleague.get(address).status_code == 404
    assert colleague.post(address, data={"form_token": form_token(colleague)}).status_code == 404


@pytest.mark.parametrize("who", ["365/officer", "14101/officer", "00/officer"])
def test_other_levels_take_nothing_in(office: Office, who: str) -> None:
    client = shown(office, who)
    assert client.get("/imports").status_code == 403
    answer = client.post("/imports/units", data={"form_token": form_token(client)}, files={"file": ("a.csv", b"a")})
    assert answer.status_code == 403


def test_a_file_that_unpacks_too_large_or_is_no_table_is_refused_with_a_sentence(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = shown(office)
    _, page = sent(client, "units", "abc", "anh.png")
    assert "không phải .xlsx hoặc .csv" in page
    bomb = io.BytesIO(client.get("/imports/units/template.xlsx").content)
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/media/anh.bin", b"0" * 210_000_000)
    _, page = sent(client, "units", bomb.getvalue(), "lon.xlsx")
    assert "MB" in page
    assert "dòng mới" not in page
    monkeypatch.setenv("OCOP_IMPORT_MAX_ROWS", "1")
    _, page = sent(client, "units", f"{HEAD}\n{COMMUNE}\n{COMMUNE}\n")
    assert "có hơn 1 dòng" in page
    answer = client.post("/imports/units", data={"form_token": form_token(client)}, files={"file": ("rong.csv", b"")})
    assert answer.status_code == 422
    assert "Chưa chọn tệp" in answer.text


def test_an_upload_is_kept_for_a_day(tmp_path: Path) -> None:
    uploads, now = Uploads(tmp_path / "uploads"), at("2025-05-05")
    upload = uploads.keep("units", "a.csv", b"abc", sender=1, at=now)
    assert uploads.content(upload) == b"abc"
    with pytest.raises(NotFound, match="chỉ được giữ một ngày"):
        uploads.find("units", upload.sha256, sender=1, at=now + LASTS + timedelta(seconds=1))
    for path in uploads.folder.iterdir():
        os.utime(path, (now.timestamp(), now.timestamp()))
    assert uploads.clean(now + LASTS) == 0
    assert uploads.clean(now + LASTS + timedelta(seconds=1)) == 2
    with pytest.raises(NotFound):
        uploads.content(upload)


def test_the_same_file_sent_many_times_at_once_is_kept_whole(tmp_path: Path) -> None:
    uploads, now, content = Uploads(tmp_path / "uploads"), at("2025-05-05"), b"x" * 300_000

    def keep(number: int) -> bytes:
        return uploads.content(uploads.keep("units", "tep.csv", content, sender=number % 2, at=now))

    with ThreadPoolExecutor(16) as many:
        assert all(kept == content for kept in many.map(keep, range(200)))


def test_work_that_was_cut_off_says_so_and_is_looked_at_again(office: Office) -> None:
    client = shown(office)
    address, _ = sent(client, "units", f"{HEAD}\n{COMMUNE}\n")
    uploads: Uploads = client.app.state.imports.uploads  # type: ignore[attr-defined]
    _, _, kind, digest = address.split("/")
    (told,) = uploads.folder.glob(f"{digest}.{kind}.*.json")
    written = told.read_text(encoding="utf-8")
    told.write_text(written.replace('"looked"', '"taking"').replace('"seen_at": "2', '"seen_at": "1'), encoding="utf-8")
    assert "bị dừng giữa chừng" in text(client, address)
    assert "1 dòng mới" in confirmed(client, address)
