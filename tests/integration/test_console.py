"""The office's pages: every page of a walked cycle, every number beside the list it opens, and what is said when nothing is there."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from jinja2 import UndefinedError
from openpyxl import load_workbook
from sqlalchemy import Engine, create_engine, event, make_url, select, update
from sqlalchemy import text as text_of_sql
from starlette.testclient import TestClient

from casework import accounts, clock
from casework.registration import Goods, Maker
from dashboard import view
from dashboard.app import SAFETY
from models import migrate
from models.append_only import permit_changes
from models.dossiers import Dossier
from models.letters import Letter
from models.record import Event
from models.session import make_engine, transaction
from models.settings import DatabaseSettings
from models.tables import APPEND_ONLY
from tests.factories import Office, an_office, at
from tests.integration.console_pages import NOWHERE, PAGES, Links, console, numbers, shown, sign_in, text, total, walked

pytestmark = pytest.mark.postgresql_long
SCRIPTS = ["/static/menu.js", "/static/vendor/htmx-4.0.1/htmx.min.js", "/static/live.js"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The walked world, made once on each database: its tests only read."""
    home = tmp_path_factory.mktemp("console")
    address = _postgres(request.getfixturevalue("postgres_address")) if request.param == "postgresql" else ""
    engine = make_engine(DatabaseSettings(home=home, db_url=address))
    migrate.upgrade(engine)
    yield walked(engine)
    engine.dispose()


def _postgres(server: str) -> str:
    """Return the address of a database of this module's own; it goes with the run's server."""
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text_of_sql("CREATE DATABASE console"))
    admin.dispose()
    return make_url(server).set(database="console").render_as_string(hide_password=False)


@pytest.fixture
def client(office: Office) -> TestClient:
    """The pages on the walked world at its instant."""
    return shown(office)


def test_every_page_of_a_walked_cycle_answers_under_a_strict_policy_and_so_does_every_link(client: TestClient) -> None:
    waiting, seen = list(PAGES), set(PAGES)
    while waiting:
        address = waiting.pop()
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert {name: answer.headers[name] for name in SAFETY} == SAFETY
        if not answer.headers["content-type"].startswith("text/html"):
            assert ".xlsx" in address or address == "/api/v1/openapi.json"
            continue
        page = Links(answer.text)
        assert page.inline == [], address
        assert set(page.scripts) <= set(SCRIPTS), address
        for href, *_ in page.links:
            to = urlsplit(href)
            if to.scheme in ("http", "tel") or not to.path:
                continue
            path = re.sub(r"/\d+$", "/1", to.path) if to.path.startswith("/letters/") else to.path
            shape = f"{path}?{sorted(name for name, _ in parse_qsl(to.query))}"
            if shape not in seen:
                seen.add(shape)
                waiting.append(href)
    assert len(seen) > 40


def test_every_number_is_the_length_of_the_list_that_it_opens(client: TestClient) -> None:
    checked: dict[str, int] = {}
    for address in (*PAGES, "/dossiers/ND2025-0001"):
        for href, number in numbers(client.get(address).text):
            assert checked.setdefault(href, number) == number, f"{href} has two numbers"
    assert len(checked) > 50
    for href, number in checked.items():
        assert total(client.get(href).text) == number, href


@pytest.mark.parametrize("address", ["/dossiers?overdue=any", "/dossiers", "/letters?state=dead", "/certificates"])
def test_the_excel_of_a_list_has_the_rows_of_the_page(client: TestClient, address: str) -> None:
    page = client.get(address)
    (excel,) = {href for href, kind, _ in Links(page.text).links if kind == "excel"}
    book = load_workbook(BytesIO(client.get(excel).content))
    rows = list(book.active.iter_rows(min_row=2, values_only=True))
    assert len(rows) == total(page.text) > 0


def test_one_sentence_says_how_the_cycle_stands(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-29")
    assert "Còn 11 ngày làm việc đến hạn “Huyện đánh giá” (hết ngày 14/6/2025); chưa có hồ sơ nào" in text(
        shown(office)
    )
    office.judged("55")
    office.at_district()
    office.at_district("14201")
    office.register("14202")
    said = (
        "Còn 11 ngày làm việc đến hạn “Huyện đánh giá” (hết ngày 14/6/2025); 4 hồ sơ, 3 chưa xong bước này ở 2 huyện."
    )
    assert said in text(shown(office))
    office.go("2025-06-16")
    said = "Còn 3 ngày làm việc đến hạn “Chờ gửi tỉnh” (hết ngày 19/6/2025); 4 hồ sơ, 3 chưa xong bước này ở 2 huyện; "
    assert f"{said}3 hồ sơ quá hạn." in text(shown(office))


def test_a_deadline_shows_its_wording_rule_source_and_extensions(client: TestClient) -> None:
    said = text(client)
    assert "“hoàn thành trước ngày 15/6/2025”" in said
    assert "trước ngày 15/6/2025 (không kể ngày được nêu): hạn cuối 24 giờ thứ Bảy, ngày 14/6/2025" in said
    assert "Kế hoạch 61/KH-UBND, nội dung: đánh giá, phân hạng sản phẩm ở cấp huyện" in said
    assert (
        "Gia hạn cho Huyện Giao Thủy : hết ngày 18/6/2025, theo 99/UBND-VP (huyện bị bão); còn 1 hồ sơ"
        in said.replace("Giao Thủy:", "Giao Thủy :")
    )


def test_who_is_late_is_named_with_telephone_and_with_who_acknowledged(office: Office, client: TestClient) -> None:
    said = text(client, "/late")
    assert "2 đơn vị đang giữ hồ sơ quá hạn" in said
    assert "cán bộ phụ trách Huyện Hải Hậu (cán bộ phụ trách), điện thoại 0900000000" in said
    assert "Bậc 1 , cán bộ phụ trách: 07:30 16/6/2025, 1 hồ sơ bước “Huyện đánh giá”." in said
    assert said.count("chưa ai xác nhận") == 5  # the five rungs of the dossier that the province sent back
    ((back,),) = office.rows(select(Dossier.code).where(Dossier.stage == "returned_to_district"))
    assert said.count(f"1 hồ sơ bước “Tỉnh trả về huyện”, {back} .") == 5
    assert "thủ trưởng đơn vị chuyên môn Huyện Hải Hậu đã xác nhận lúc 16:00 17/6/2025 : họp ngày 18/6" in said


def test_a_mean_is_cut_and_the_stars_by_points_after_gates_and_awarded_stand_apart(office: Office) -> None:
    (code,) = office.rows(select(Dossier.code).where(Dossier.stage == "returned_to_district"))[0]
    said = text(shown(office), f"/dossiers/{code}")
    assert "69,99" in said
    assert "70,00" not in said
    assert "Sao theo điểm 3 sao Sao sau yêu cầu tối thiểu 3 sao" in said
    assert "Yêu cầu 4 sao: không đạt (thiếu chứng nhận)" in said
    assert "Căn cứ: Kế hoạch năm của UBND tỉnh, phần đánh giá, phân hạng sản phẩm." in said
    assert "15 ngày làm việc kể từ ngày 5/5/2025, ngày đầu không tính" in said


def test_what_a_dossier_handed_in_is_told_in_vietnamese_with_its_occasion(office: Office) -> None:
    sent = {code for (code,) in office.rows(select(Dossier.code).where(Dossier.stage == "returned_to_district"))}
    for code in sent:
        said = text(shown(office), f"/dossiers/{code}")
        assert "Bản nộp 1 (đăng ký)" in said
        assert "Bản nộp 2 (gửi tỉnh)" in said


def test_a_dossier_s_history_is_checked_from_its_page(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.judged("55")
    client = shown(office)
    assert "Đã kiểm" not in text(client, f"/dossiers/{code}")
    button = re.search(r'href="(/dossiers/[^"]*verify=1)#history"', client.get(f"/dossiers/{code}").text)
    assert button
    assert "không dòng nào thiếu hay bị sửa sau khi ghi" in text(client, unescape(button[1]))
    with transaction(sqlite_engine) as session:
        permit_changes(session.connection(), APPEND_ONLY)
        session.execute(update(Event).where(Event.event == "report").values(actor_name="Người khác"))
    said = text(client, unescape(button[1]))
    assert "Lịch sử đã bị sửa ngoài phần mềm: dòng" in said
    assert "Đã kiểm" not in said


def test_what_is_invented_says_so_and_so_does_a_driven_clock(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    made = Maker("CT-1", "HTX Bờ Sông", "14101", simulated=True)
    office.register(producer=made, product=Goods("SP-1", "Mắm cáy", "Thực phẩm"))
    real = Maker("CT-2", "HTX Đầu Làng", "14101")
    office.register(producer=real, product=Goods("SP-2", "Bánh gai", "Thực phẩm"))
    said = text(shown(office), "/dossiers")
    assert "Mắm cáy mô phỏng HTX Bờ Sông" in said
    assert "Bánh gai HTX Đầu Làng" in said
    assert "đồng hồ mô phỏng" in said
    assert "không phải hồ sơ thật" in said


def test_certificates_run_out_by_the_day_and_not_by_a_flag(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    office.recognise(office.judged("55"))
    expected = {  # valid to 5 May 2028; the third column: run out, living on until a result (QĐ 26/2026)
        "2027-11-06": (0, 0, 0, 0, 0, 0, 1),  # 181 days before
        "2027-11-07": (0, 0, 0, 0, 0, 1, 0),
        "2028-04-05": (0, 0, 0, 1, 0, 0, 0),
        "2028-05-05": (0, 0, 0, 1, 0, 0, 0),
        "2028-05-06": (1, 1, 0, 0, 0, 0, 0),
    }
    found = {}
    for today in expected:
        with transaction(engine) as session:
            clock.drive(session, at(today))
        html = console(engine).get("/certificates").text
        foot = html[html.index("<tfoot>") : html.index("</tfoot>")]
        found[today] = tuple(int(number) for number in re.findall(r'data-k="[^"]+">(\d+)<', foot))
    assert found == expected


def test_a_dead_letter_tells_why_and_every_letter_opens_to_its_words(client: TestClient) -> None:
    assert "550 không có hộp thư này" in text(client, "/letters?state=dead")
    assert "chờ trao tay" in text(client, "/letters?state=to_hand_over")
    said = text(client, "/letters/1")
    assert "Kính gửi:" in said
    assert "Thư chưa gửi: nội dung trên được soạn theo dữ kiện đã ghi." in said


def test_a_letter_that_cannot_be_written_says_so_instead_of_breaking_its_page(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine)
    with transaction(sqlite_engine) as session:
        session.get_one(Letter, 1).facts = {}
    assert "Không soạn được nội dung thư" in text(shown(office), "/letters/1")


def test_the_plan_shows_settings_with_sources_and_targets_beside_results(client: TestClient) -> None:
    said = text(client, "/plan")
    assert "Sản phẩm mới được công nhận từ 3 sao 40 2" in said
    assert "Sản phẩm được đề nghị trung ương đánh giá 5 sao 1 0" in said
    assert "Huyện Giao Thủy 9" in said
    assert "Thời hạn bổ sung hồ sơ 10 ngày làm việc mặc định của phần mềm" in said
    assert "Chuyển lên tỉnh từ 70 điểm Kế hoạch 61/KH-UBND, nội dung: đánh giá, phân hạng sản phẩm" in said


def test_health_works_without_prefect_and_says_that_every_unit_balances(client: TestClient) -> None:
    said = text(client, "/health")
    assert f"Máy chủ Prefect tại {NOWHERE} không trả lời" in said
    assert "đơn vị đều cân" in said
    assert "Việc đến hạn chưa làm không có" in said


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/dossiers/KHÔNG-CÓ", 404, "Không có hồ sơ mang mã 'KHÔNG-CÓ'."),
        ("/letters/999", 404, "Không có thư số 999."),
        ("/?cycle=ND1999", 404, "Không có chu trình mang mã 'ND1999'."),
        ("/dossiers?stage=nowhere", 404, "Quy trình của chu trình không có bước 'nowhere'."),
        ("/dossiers?unit=999", 404, "Không có đơn vị số 999."),
        ("/dossiers?page=9", 404, "Danh sách chỉ có 1 trang."),
        ("/dossiers?unmet=registered", 404, "Kế hoạch không đặt hạn cho bước 'registered'."),
        ("/certificates?state=old", 404, "Không có nhóm giấy chứng nhận 'old'."),
        ("/letters?notice=hello", 404, "Không có loại thư 'hello'."),
        ("/dossiers?star=nine", 422, "Giá trị không hợp lệ trong địa chỉ: star."),
        ("/nowhere", 404, "Không có trang này."),
    ],
)
def test_what_is_not_there_is_told_in_vietnamese(sqlite_engine: Engine, address: str, status: int, said: str) -> None:
    answer = shown(an_office(sqlite_engine)).get(address)
    assert answer.status_code == status
    assert said in unescape(answer.text)
    assert answer.headers["Content-Security-Policy"] == SAFETY["Content-Security-Policy"]


def test_a_database_without_tables_is_told_what_to_run_and_is_not_ready(tmp_path: Path) -> None:
    client = console(make_engine(DatabaseSettings(home=tmp_path, db_url="")))
    answer = client.get("/")
    assert (answer.status_code, "ocop migrate" in answer.text) == (503, True)
    assert client.get("/healthz").text == "ok"
    assert client.get("/readyz").status_code == 503


def test_the_process_is_up_where_no_database_can_be_reached(tmp_path: Path) -> None:
    client = console(make_engine(DatabaseSettings(db_url=f"sqlite:///{tmp_path}/nowhere/ocop.db", home=tmp_path)))
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").json() == {"ready": False, "reason": "the database does not answer"}
    answer = client.get("/")
    assert (answer.status_code, "Cơ sở dữ liệu không trả lời" in answer.text) == (503, True)
    assert "unable to open" not in answer.text


def test_an_empty_database_is_ready_and_its_pages_say_what_to_do_first(engine: Engine) -> None:
    client = console(engine)
    assert client.get("/readyz").json() == {"ready": True, "reason": ""}
    answer = client.get("/")
    assert (answer.status_code, "ocop account open" in answer.text) == (503, True)
    with transaction(engine) as session:
        sign_in(client, session, accounts.Owner(administrator=True))
    answer = client.get("/")
    assert (answer.status_code, "Chưa có chu trình nào" in answer.text) == (200, True)
    assert client.get("/health").status_code == 200


def test_a_province_without_a_cycle_opens_its_certificates_and_letters_and_is_told_what_to_do_first(
    engine: Engine,
) -> None:
    Office(engine).found()
    client = console(engine)
    for address in ("/", "/heat", "/procedure", "/late", "/dossiers", "/plan"):
        answer = client.get(address)
        assert (answer.status_code, "Chưa có chu trình nào" in answer.text) == (200, True), address
    for address in ("/certificates", "/letters", "/health", "/certificates.xlsx", "/letters.xlsx"):
        assert client.get(address).status_code == 200, address


def test_who_reads_less_than_a_province_opens_a_first_page_of_their_own(sqlite_engine: Engine) -> None:
    an_office(sqlite_engine).register(producer=Maker("CT-MOT", "HTX mô phỏng", "14101"))
    for owner, first in (
        (accounts.Owner("365/officer"), "/work"),
        (accounts.Owner(producer="CT-MOT"), "/my"),
        (accounts.Owner(administrator=True), "/users"),
    ):
        client = console(sqlite_engine, "")
        with transaction(sqlite_engine) as session:
            sign_in(client, session, owner)
        answer = client.get("/", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, first)


def test_an_administrator_is_led_to_no_page_that_is_not_theirs(sqlite_engine: Engine) -> None:
    walked(sqlite_engine)
    client = console(sqlite_engine, "")
    with transaction(sqlite_engine) as session:
        sign_in(client, session, accounts.Owner(administrator=True))
    for address in ("/health", "/operations"):
        for href, _, _ in Links(client.get(address).text).links:
            if href.startswith("/"):
                assert client.get(href).status_code == 200, (address, href)


def test_what_an_officer_typed_is_shown_and_never_run(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    office.register(product=Goods("SP-1", "<script>alert(1)</script> & 'mắm'", "Thực phẩm"))
    html = shown(office).get("/dossiers").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#39;mắm&#39;" in html
    assert Links(html).scripts == SCRIPTS


def test_a_template_that_misses_a_fact_breaks_in_a_test_and_not_silently() -> None:
    with pytest.raises(UndefinedError):
        view.TEMPLATES.get_template("message.html.j2").render(title="Thiếu lời", path="/")


def test_a_page_that_did_not_change_is_not_sent_again(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    client = shown(office)
    first = client.get("/")
    asked = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/", headers=asked).status_code == 304
    office.register()
    again = client.get("/", headers=asked)
    assert (again.status_code, again.headers["ETag"] != first.headers["ETag"]) == (200, True)


def test_a_page_does_only_what_it_is_for_and_only_under_the_names_it_is_served_by(sqlite_engine: Engine) -> None:
    client = shown(an_office(sqlite_engine))
    assert client.post("/").status_code == 405
    assert "Trang này không làm được việc đó." in client.delete("/dossiers").text
    assert client.get("/", headers={"Host": "elsewhere.example"}).status_code == 400


def test_a_browser_asks_for_a_file_again_and_gets_it_anew_only_when_it_changed(client: TestClient) -> None:
    had = client.get("/static/page.css")
    assert had.headers["cache-control"] == "no-cache"
    assert client.get("/static/page.css", headers={"If-None-Match": had.headers["etag"]}).status_code == 304
    assert client.get("/static/page.css", headers={"If-None-Match": '"of yesterday"'}).status_code == 200


def test_a_browser_keeps_a_file_whose_address_carries_its_version_and_gets_it_packed(client: TestClient) -> None:
    kit = client.get("/static/vendor/tabler-1.6.1/tabler.min.css")
    assert kit.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (kit.headers["content-encoding"], kit.headers["x-content-type-options"]) == ("gzip", "nosniff")
    asked = {"If-None-Match": kit.headers["etag"]}
    assert client.get("/static/vendor/tabler-1.6.1/tabler.min.css", headers=asked).status_code == 304
    assert client.get("/static/vendor/tabler-1.6.1/nowhere.css").headers["cache-control"] == "private, no-cache"


def test_pages_need_nothing_from_elsewhere(client: TestClient) -> None:
    for address in PAGES:
        fetched = re.findall(r'(?:src|href)="(https?://[^"]+)"', client.get(address).text)
        assert set(fetched) <= {NOWHERE}, address
    css = client.get("/static/page.css").text
    files = re.findall(r"url\(([^)]+)\)", css)
    assert files
    for file in files:
        assert client.get(f"/static/{file.strip(chr(34))}").status_code == 200, file


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Yield the statements that the database is sent."""
    sent: list[str] = []

    def note(_c: Any, _cur: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def test_more_dossiers_do_not_make_more_queries(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")

    def asked() -> dict[str, int]:
        for commune in ("14101", "14201"):
            office.judged("55", commune)
            office.at_district(commune)
        client, found = shown(office), {}
        for address in (*PAGES, "/dossiers.xlsx"):
            with statements(sqlite_engine) as sent:
                assert client.get(address).status_code == 200
            found[address] = len(sent)
        return found

    assert asked() == asked()


def test_a_list_is_paged_by_the_server_and_each_dossier_stands_on_one_page(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    codes = [office.register() for _ in range(7)]
    client = shown(office, rows=5)
    first, second = client.get("/dossiers"), client.get("/dossiers?page=2")
    found = [re.findall(r'href="/dossiers/(ND2025-\d+)"', page.text) for page in (first, second)]
    assert found[0] + found[1] == sorted(codes)
    assert len(found[0]) == 5
    assert "Trang 1/2" in first.text


@pytest.mark.parametrize("words", ["nuoc mam", "NƯỚC MẮM", "ND2025-0001", "htx mo phong"])
def test_a_search_finds_a_dossier_without_marks_or_case(sqlite_engine: Engine, words: str) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    office.register()
    client = shown(office)
    assert total(client.get("/dossiers", params={"q": words}).text) == 1
    assert total(client.get("/dossiers", params={"q": f"{words} 100%_"}).text) == 0


def test_where_many_units_are_late_only_the_worst_are_shown_with_their_dossiers(
    office: Office, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Mã hồ sơ" in client.get("/late").text
    monkeypatch.setattr("casework.board.late.WHOLE", 0)
    page = shown(office).get("/late").text  # a server of its own, which keeps no page of before
    assert "Mã hồ sơ" not in page
    assert "Huyện Hải Hậu" in page
    assert re.search(r"late_unit=\d+\">Xem cả 1 hồ sơ", page)


@pytest.mark.parametrize("address", ["/dossiers", "/late", "/certificates", "/letters", "/procedure", "/plan"])
def test_on_a_telephone_a_row_is_a_card_whose_lines_say_what_they_are(client: TestClient, address: str) -> None:
    tables = re.findall(r'<table class="[^"]*stack">(.*?)</table>', client.get(address).text, flags=re.DOTALL)
    assert tables, address
    for table in tables:
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table.partition("<tbody>")[2], flags=re.DOTALL):
            unnamed = [cell for cell in re.findall(r"<td([^>]*)>", row) if "data-label" not in cell]
            assert len(unnamed) <= 3, (address, row)
