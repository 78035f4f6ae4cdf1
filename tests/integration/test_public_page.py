"""What everybody may know: products in force, searched and filtered, and how one certificate stands; no personal data."""

import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, select, update
from sqlalchemy import text as sql
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from casework import clock
from casework.board import public
from casework.registration import Goods, Maker
from dashboard.app import create_app
from dashboard.settings import WebSettings
from models import migrate
from models.results import Certificate
from models.session import make_engine, transaction
from models.settings import DatabaseSettings
from models.units import Unit
from ocop.errors import InvalidInput
from tests.factories import Office, an_office, at, day
from tests.integration.console_pages import HOST, NOWHERE, Links, text, total
from tests.integration.test_indexes import plans

pytestmark = pytest.mark.postgresql_long

MAKERS = (
    # commune, product, producer, phone and e-mail that nobody shall see
    ("14101", "Nước mắm Sa Châu", "HTX mô phỏng Giao Châu", "0912345678", "chau@producer.example"),
    ("14102", "Gạo tám xoan", "Hộ mô phỏng Thủy", "0987654321", "thuy@producer.example"),
    ("14201", "Muối biển 100%", "Công ty mô phỏng Hải Hậu", "0900111222", "hau@producer.example"),
)


def filled(office: Office) -> Office:
    """Give the world three products in force: two of 3 stars in one district, one of 4 in another."""
    office.go("2025-05-05")
    for commune, product, producer, phone, email in MAKERS:
        number = next(office.keys)
        more = {
            "producer": Maker(f"CT-{number}", producer, commune, contact="Bà Chủ", email=email, phone=phone, simulated=True),
            "product": Goods(f"SP-{number}", product, "Thực phẩm"),
        }  # fmt: skip
        if commune == "14201":
            code = office.at_province("75", commune, **more)
            office.evaluate(code, "75", "36/officer")
            office.decide(code, "36/officer")
            office.recognise(code, "36/officer")
        else:
            office.recognise(office.judged("55", commune, **more))
    return office


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The world with three products, made once: its tests only read."""
    engine = make_engine(DatabaseSettings(home=tmp_path_factory.mktemp("public"), db_url=""))
    migrate.upgrade(engine)
    yield filled(an_office(engine))
    engine.dispose()


def anybody(office: Office, when: str = "2025-06-01", **settings: int) -> TestClient:
    """Return a client that is not signed in, whose pages show an instant."""
    with transaction(office.engine) as session:
        clock.drive(session, at(when))
    return TestClient(create_app(office.engine, WebSettings(prefect_url=NOWHERE, **settings)), base_url=HOST)


def products(html: str) -> list[str]:
    """Return the products of a list."""
    return [found.strip() for found in re.findall(r'<th scope="row" class="wide">([^<]+)', html)]


def test_anybody_sees_the_products_in_force_without_signing_in(office: Office) -> None:
    client = anybody(office)
    answer = client.get("/public")
    assert (answer.status_code, total(answer.text)) == (200, 3)
    assert set(products(answer.text)) == {product for _, product, *_ in MAKERS}
    told = text(client, "/public")
    for words in ("HTX mô phỏng Giao Châu", "4 sao", "Xã Hải Minh", "Huyện Giao Thủy", "5/5/2028", "Đăng nhập"):
        assert words in told
    assert "Đăng xuất" not in told
    assert Links(answer.text).inline == []


def test_no_personal_data_is_shown_on_any_public_page_or_sheet(office: Office) -> None:
    client = anybody(office)
    numbers = [row.number for row in office.rows(select(Certificate.number))]
    sheet = load_workbook(BytesIO(client.get("/public.xlsx").content), read_only=True).worksheets[0]
    cells = " ".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)
    shown = [cells, client.get("/public").text, *(client.get(f"/public/{number}").text for number in numbers)]
    assert len(shown) == 5
    for _, _, _, phone, email in MAKERS:
        assert not any(phone in page or email in page for page in shown)
    assert not any("Bà Chủ" in page or "Nguyễn Văn Ký" in page or "tel:" in page for page in shown)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("nước mắm", ["Nước mắm Sa Châu"]),
        ("nuoc mam", ["Nước mắm Sa Châu"]),
        ("NƯỚC  MẮM", ["Nước mắm Sa Châu"]),
        ("thuỷ", ["Gạo tám xoan"]),
        ("/GCN-4", ["Muối biển 100%"]),
        ("100%", ["Muối biển 100%"]),
        ("%", ["Muối biển 100%"]),
        ("không có gì", []),
    ],
)
def test_words_are_found_with_and_without_marks(office: Office, words: str, found: list[str]) -> None:
    assert products(anybody(office).get("/public", params={"q": words}).text) == found


def test_star_and_unit_narrow_the_list_alone_and_together(office: Office) -> None:
    client = anybody(office)
    units = dict(office.rows(select(Unit.code, Unit.id)))
    assert total(client.get("/public?star=3").text) == 2
    assert total(client.get("/public?star=5").text) == 0
    assert total(client.get(f"/public?unit={units['365']}").text) == 2
    assert total(client.get(f"/public?unit={units['14102']}").text) == 1
    assert total(client.get(f"/public?unit={units['36']}&star=4").text) == 1
    assert total(client.get("/public?q=&star=&unit=").text) == 3
    assert client.get("/public?unit=999999").status_code == 404
    assert total(client.get("/public?star=7").text) == 0
    chosen = client.get(f"/public?unit={units['365']}").text
    assert "– Xã Giao Xuân" in chosen
    assert "– Xã Hải Minh" not in chosen


def test_the_list_is_paged_and_a_page_behind_its_end_is_told(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    for _ in range(6):
        office.recognise(office.judged("55"))
    client = anybody(office, rows=5)
    first = client.get("/public").text
    assert (len(products(first)), total(first)) == (5, 6)
    assert len(products(client.get("/public?page=2").text)) == 1
    assert client.get("/public?page=3").status_code == 404


def test_the_sheet_is_the_list_and_what_is_simulated_says_so(office: Office) -> None:
    client = anybody(office)
    answer = client.get("/public.xlsx?star=3")
    assert 'filename="san-pham-ocop-2025-06-01.xlsx"' in answer.headers["content-disposition"]
    page = load_workbook(BytesIO(answer.content), read_only=True).worksheets[0]
    rows = list(page.iter_rows(values_only=True))
    assert rows[0][0] == "Sản phẩm"
    assert [row[3] for row in rows[1:]] == [3, 3]
    assert {row[-1] for row in rows[1:]} == {"có"}
    assert "mô phỏng" in text(client, "/public")


def test_a_list_too_long_for_a_file_asks_for_a_filter(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public, "MOST_IN_A_FILE", 2)
    client = anybody(office)
    answer = client.get("/public.xlsx")
    assert (answer.status_code, "Hãy lọc theo đơn vị" in answer.text) == (409, True)
    assert client.get("/public.xlsx?star=3").status_code == 200
    with transaction(office.engine) as session, pytest.raises(InvalidInput):
        public.list_products(session, [public.in_force_at(at("2025-06-01"))], at("2025-06-01"))


def stands(office: Office, number: str, when: str) -> str:
    """Return what the page of a certificate says of it on a day."""
    page = anybody(office, when).get(f"/public/{number}").text
    found = re.search(r'<p class="alert alert-\w+"><b>([^<]+)</b>(.*?)</p>', page.split("Mô phỏng.")[-1], re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", "", "".join(found.groups()) if found else "").split())


def test_a_certificate_is_in_force_until_its_last_day_and_expired_from_the_next(office: Office) -> None:
    ((number,),) = office.rows(select(Certificate.number).where(Certificate.star == 4))
    assert stands(office, number, "2025-06-01") == "Còn hiệu lực đến hết ngày 5/5/2028."
    assert stands(office, number, "2028-05-05 23:59") == "Còn hiệu lực đến hết ngày 5/5/2028."
    assert stands(office, number, "2028-05-06 00:00") == "Đã hết hạn sau ngày 5/5/2028."
    assert total(anybody(office, "2028-05-05 23:59").get("/public").text) == 3
    assert total(anybody(office, "2028-05-06 00:00").get("/public").text) == 0
    assert stands(office, number, "2025-05-04") == "Chưa có hiệu lực: có giá trị từ ngày 5/5/2025."


def test_a_revoked_and_a_replaced_certificate_say_so_and_leave_the_list(engine: Engine) -> None:
    office = filled(an_office(engine))
    numbers = [row.number for row in office.rows(select(Certificate.number).order_by(Certificate.id))]
    office.act(
        "revoke", "365/officer", certificate=numbers[0], revoked_on=office.now.date(), document="7/QĐ-UBND",
        reason="ngừng sản xuất",
    )  # fmt: skip
    with transaction(office.engine) as session:
        newer = session.scalars(select(Certificate.id).where(Certificate.number == numbers[2])).one()
        session.execute(
            update(Certificate)
            .where(Certificate.number == numbers[1])
            .values(replaced_on=day("2025-05-20"), replaced_by_id=newer)
        )
    assert stands(office, numbers[0], "2025-06-01") == "Đã bị thu hồi từ ngày 5/5/2025, theo 7/QĐ-UBND."
    assert (
        stands(office, numbers[1], "2025-06-01") == f"Đã được thay từ ngày 20/5/2025 bằng giấy chứng nhận {numbers[2]}."
    )
    client = anybody(office)
    assert total(client.get("/public").text) == 1
    assert [href for href, *_ in Links(client.get(f"/public/{numbers[1]}").text).links if "GCN-4" in href]


def test_a_number_that_there_is_not_is_told_and_a_slash_in_one_is_part_of_it(office: Office) -> None:
    client = anybody(office)
    ((number,),) = office.rows(select(Certificate.number).where(Certificate.star == 4))
    assert "/" in number
    for way in (number, number.replace("/", "%2F"), f" {number} "):
        assert client.get(f"/public/{way}").status_code == 200
    answer = client.get("/public/KHONG-CO/GCN-3")
    assert (answer.status_code, "Không có giấy chứng nhận mang số" in answer.text) == (404, True)


def test_the_page_is_given_once_while_nothing_changes(office: Office) -> None:
    client = anybody(office)
    tag = client.get("/public").headers["etag"]
    assert client.get("/public", headers={"If-None-Match": tag}).status_code == 304


def test_an_old_certificate_that_waits_for_its_result_is_in_the_list_and_says_why(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    held = office.recognise(office.judged("55"))["certificates"][0]["certificate"]
    waiting = office.register()
    with transaction(office.engine) as session:
        certificate = session.scalars(select(Certificate).where(Certificate.number == held)).one()
        session.execute(
            sql("UPDATE dossiers SET certificate_id = :id WHERE code = :code"), {"id": certificate.id, "code": waiting}
        )
        certificate.valid_until = day("2026-06-30")
    assert stands(office, held, "2026-07-15").startswith("Còn giá trị chờ kết quả")
    assert total(anybody(office, "2026-07-15").get("/public").text) == 1
    late = day("2026-06-30") + timedelta(days=181)
    assert total(anybody(office, late.isoformat()).get("/public").text) == 0


def test_the_list_and_its_numbers_are_found_by_indexes(office: Office) -> None:
    now = at("2026-12-01")

    def listed(star: int | None) -> object:
        def work(session: Session) -> object:
            found, _ = public.conditions(session, public.Sought(star=star), now)
            return public.list_products(session, found, now, limit=50)

        return work

    (told,) = plans(office.engine, listed(None), "ORDER BY certificates.valid_until DESC, certificates.id DESC\n LIMIT")  # type: ignore[arg-type]
    assert "ix_certificates_valid_until" in told
    assert "TEMP B-TREE" not in told
    (told,) = plans(office.engine, listed(4), "LIMIT")  # type: ignore[arg-type]
    assert "ix_certificates_star" in told
