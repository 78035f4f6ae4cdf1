"""A producer's main way in a browser: what to do first, a paper with its file, the supplement, a new product; and what the public sees."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import clock
from casework.act import Answer
from casework.actors import person
from casework.acts import ACTS
from models.dossiers import Complaint, Dossier, Evidence
from models.session import perform
from tests.browser.looking import shut_out
from tests.browser.served import PHONE, Console
from tests.browser.worlds import PRODUCER

REFRESH_SECONDS = 3600
TODAY = date(2025, 6, 10)


def a_scan(folder: Path, name: str) -> Path:
    """Return a file as a scanner writes one."""
    file = folder / name
    file.write_bytes(b"%PDF-1.7\n" + b"mot trang\n" * 200)
    return file


def returned_again(console: Console) -> str:
    """Let the district take what it asked for in May, which is late by now, and ask once more; return the dossier's code."""
    ((code,),) = console.rows(select(Dossier.code).where(Dossier.stage == "district_supplement"))
    for act, body in (
        ("supplement", {"supplemented_on": TODAY, "note": "bản giấy"}),
        ("request-supplement", {"requested_on": TODAY, "reason": "phiếu kiểm nghiệm bị mờ"}),
    ):

        def work(session: Session, act: str = act, body: dict[str, Any] = body) -> Answer:
            officer, at = person(session, "365/officer"), clock.now(session, datetime.now(UTC))
            return ACTS[act].perform(session, actor=officer, at=at, key=f"again-{act}", dossier=code, **body)

        perform(console.engine, work)
    return str(code)


def test_a_producer_completes_a_dossier_that_was_returned(console: Console, tmp_path: Path) -> None:
    returned_again(console)
    page = console.open(PRODUCER)
    expect(page).to_have_url(f"{console.url}/my")
    expect(page.get_by_text("Việc phải làm")).to_be_visible()
    page.locator("#todo").get_by_role("link", name="Hồ sơ ND2025").click()
    page.get_by_role("link", name="thêm các tài liệu còn thiếu").click()
    page.get_by_label("Loại tài liệu").select_option(label="phiếu kết quả kiểm nghiệm")
    page.get_by_label("Tên tài liệu").fill("Phiếu kiểm nghiệm số 12")
    page.get_by_label("Ngày hết hạn").fill("2026-05-02")
    page.get_by_label("Tệp").set_input_files(a_scan(tmp_path, "Phiếu số 12.pdf"))
    page.get_by_role("button", name="Thêm tài liệu").click()
    expect(page.get_by_text("Đã thêm 1 tài liệu")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Phiếu số 12.pdf").click()
    assert download.value.suggested_filename == "Phiếu số 12.pdf"
    page.get_by_label("Nội dung đã bổ sung").fill("Đã nộp phiếu kiểm nghiệm số 12.")
    page.get_by_role("button", name="Báo đã bổ sung").click()
    expect(page.get_by_text("Đã ghi nhận bổ sung")).to_be_visible()
    expect(page.locator("#standing")).to_contain_text("Huyện đánh giá")


def test_a_producer_files_a_new_product_on_a_telephone_and_corrects_a_mistake(console: Console, tmp_path: Path) -> None:
    console.expected = ("422",)
    page = console.open(PRODUCER, "/my", size=PHONE)
    page.get_by_role("link", name="Đăng ký sản phẩm").click()
    page.get_by_label("Tên sản phẩm mới").fill("Mắm tép mô phỏng Sa Châu")
    page.get_by_label("Loại hồ sơ").select_option(label="lần đầu")
    page.get_by_label("Hạng sao đề nghị").select_option(label="4 sao")
    page.get_by_label("Phần A").fill("41")
    first = page.locator("fieldset", has_text="Tài liệu 1")
    first.get_by_label("Loại tài liệu").select_option(label="câu chuyện sản phẩm")
    first.get_by_label("Tên tài liệu").fill("Câu chuyện mắm tép")
    first.get_by_label("Tệp").set_input_files(a_scan(tmp_path, "chuyện.pdf"))
    page.get_by_role("button", name="Nộp hồ sơ").click()
    expect(page.get_by_text("phần này từ 0 đến 40 điểm")).to_be_visible()
    expect(page.get_by_text("Đã nhận tệp chuyện.pdf")).to_be_visible()
    for part, points in (("Phần A", "32"), ("Phần B", "20,5"), ("Phần C", "25")):
        page.get_by_label(part).fill(points)
    page.get_by_role("button", name="Nộp hồ sơ").click()
    expect(page.get_by_text("Đã đăng ký hồ sơ")).to_be_visible()
    expect(page.get_by_text("77,5 điểm, ứng với 4 sao")).to_be_visible()
    ((code, title),) = console.rows(
        select(Dossier.code, Evidence.title)
        .join(Evidence, Evidence.dossier_id == Dossier.id)
        .where(Evidence.title == "Câu chuyện mắm tép")
    )
    assert title
    assert page.url.endswith(f"/my/dossiers/{code}")


def test_anybody_finds_a_product_and_how_its_certificate_stands(console: Console) -> None:
    page = console.open("", "/sign-in", size=PHONE)
    page.get_by_role("link", name="sản phẩm OCOP còn hiệu lực").click()
    page.get_by_label("Sản phẩm, chủ thể").fill("nuoc mam")
    page.get_by_role("button", name="Tìm").click()
    expect(page.get_by_text("Nước mắm mô phỏng Sa Châu")).to_be_visible()
    page.get_by_role("link", name="/GCN-3").click()
    expect(page.get_by_text("Còn hiệu lực")).to_be_visible()
    expect(page.get_by_text("0912000000")).to_have_count(0)


def test_a_producer_complains_and_reads_until_when_it_is_answered(console: Console) -> None:
    page = console.open(PRODUCER, "/my")
    page.locator("#dossiers tbody a").first.click()
    page.get_by_text("Gửi kiến nghị").first.click()
    page.get_by_label("Nội dung kiến nghị").fill("Đề nghị xem lại điểm phần B.")
    page.get_by_role("button", name="Gửi kiến nghị").click()
    expect(page.locator("#complain")).to_contain_text("Hạn trả lời")
    assert console.rows(select(Complaint.body)) == [("Đề nghị xem lại điểm phần B.",)]


def test_a_producer_reads_no_other_producers_dossier(console: Console) -> None:
    console.expected = ("404 (Not Found)", "403 (Forbidden)")
    (other,) = console.rows(select(Dossier.code).where(Dossier.stage == "not_ranked"))[0]
    page = console.open(PRODUCER, f"/my/dossiers/{other}")
    expect(page.locator("main")).not_to_contain_text("Nước mắm")
    page.goto("/users")
    expect(page.locator("h1")).to_have_text("Không có quyền")
    assert shut_out(page) == []
