"""What the officers of each level do in a browser: the way of a dossier from the commune's desk to the certificate."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from casework.imports.templates import KINDS
from models.dossiers import Dossier
from models.results import Certificate, Evaluation
from models.units import Person
from tests.browser.pages import looked_at
from tests.browser.served import Console

COMMUNE, DISTRICT, PROVINCE = "14101/officer", "365/officer", "36/officer"
TODAY = "2025-06-10"


def stage(console: Console, code: str) -> str:
    """Return where a dossier stands in the record."""
    return str(console.rows(select(Dossier.stage).where(Dossier.code == code))[0][0])


def at_stage(console: Console, key: str, number: int = 0) -> str:
    """Return the code of a dossier that stands at a stage."""
    return str(console.rows(select(Dossier.code).where(Dossier.stage == key).order_by(Dossier.id))[number][0])


def fill(page: Page, **typed: str) -> None:
    """Type into fields, by the name that the form gives them."""
    for name, value in typed.items():
        page.locator(f'[name="{name}"]:visible').first.fill(value)


def scores(page: Page, mean: str, members: int = 5) -> None:
    """Type the totals of a full council and that all minimum requirements are met."""
    for row in range(members):
        fill(page, **{f"scores.{row}.member": f"Ủy viên {row + 1}", f"scores.{row}.total": mean})
    page.locator('[name="scores.0.chair"]').check()
    for star in range(3):
        page.get_by_label(f"Dòng {star + 1}: kết quả").select_option(label="đạt")


def send(page: Page, name: str) -> None:
    """Press the button that does the act, and read that it was done."""
    page.locator("main .btn-primary[name=do]").click()
    expect(page.locator("#answer .alert-success")).to_be_visible()
    expect(page.locator("h1")).to_have_text(name)


def test_a_commune_receives_what_was_registered_and_reports_on_it(console: Console) -> None:
    codes = [at_stage(console, "registered", number) for number in (0, 1)]
    page = console.open(COMMUNE, "/dossiers?stage=registered")
    for code in codes:
        page.get_by_label(f"Đánh dấu {code}").check()
    page.get_by_label("Việc với các hồ sơ đã đánh dấu").select_option(label="Tiếp nhận hồ sơ")
    page.get_by_role("button", name="Tiếp tục").click()
    fill(page, received_on=TODAY)
    send(page, "Tiếp nhận hồ sơ")
    assert [stage(console, code) for code in codes] == ["commune_review"] * 2
    page.goto(f"/acts/report?dossiers={codes[0]}")
    fill(page, number="12/BC-UBND", reported_on=TODAY, findings="Nguồn gốc và lao động địa phương phù hợp.")
    page.get_by_role("button", name="Xem trước").click()
    expect(page.locator("#trial")).to_contain_text("chưa ghi gì")
    assert looked_at(page) == []
    assert stage(console, codes[0]) == "commune_review"
    send(page, "Ghi báo cáo đánh giá của xã")
    assert looked_at(page) == []
    console.carry_on()
    assert stage(console, codes[0]) == "district_evaluation"


def test_a_district_records_a_session_decides_and_sends_the_best_to_the_province(console: Console) -> None:
    code = at_stage(console, "district_evaluation")
    page = console.open(DISTRICT, f"/dossiers/{code}")
    page.get_by_role("link", name="Ghi kết quả phiên họp hội đồng").first.click()
    fill(page, held_on=TODAY, minutes="07/BB-HĐ", members="5")
    scores(page, "82,5")
    send(page, "Ghi kết quả phiên họp hội đồng")
    assert console.rows(select(Evaluation.mean).join(Dossier).where(Dossier.code == code)) == [(Decimal("82.5"),)]
    page.goto(f"/acts/decide?dossiers={code}")
    fill(page, number="412/QĐ-UBND", signed_on=TODAY, signer="Nguyễn Văn Ký")
    send(page, "Ký quyết định kết quả đánh giá")
    console.carry_on()
    assert stage(console, code) == "provincial_submission"
    page.goto(f"/acts/submit?dossiers={code}")
    fill(page, number="88/UBND-NN", signed_on=TODAY)
    send(page, "Ký danh sách gửi tỉnh")
    console.carry_on()
    assert stage(console, code) == "provincial_evaluation"


def test_the_province_evaluates_recognises_and_extends(console: Console) -> None:
    code = at_stage(console, "provincial_evaluation")
    page = console.open(PROVINCE, f"/acts/evaluate?dossier={code}")
    fill(page, held_on=TODAY, minutes="03/BB-HĐT", members="5")
    scores(page, "81")
    send(page, "Ghi kết quả phiên họp hội đồng")
    page.goto(f"/acts/decide?dossiers={code}")
    fill(page, number="900/QĐ-UBND", signed_on=TODAY, signer="Trần Thị Ký")
    send(page, "Ký quyết định kết quả đánh giá")
    console.carry_on()
    assert stage(console, code) == "provincial_recognition"
    page.goto(f"/acts/recognise?dossiers={code}")
    fill(page, number="901/QĐ-UBND", signed_on=TODAY, signer="Trần Thị Ký")
    send(page, "Công nhận và cấp giấy chứng nhận")
    assert stage(console, code) == "recognised"
    assert console.rows(
        select(Certificate.star).join(Dossier, Dossier.id == Certificate.dossier_id).where(Dossier.code == code)
    ) == [(4,)]
    page.goto("/acts/extend")
    page.get_by_label("Bước").select_option(label="Huyện đánh giá")
    fill(page, day="2025-06-20", document="101/UBND-VP", reason="Mưa bão.")
    page.get_by_label("Cấp").select_option(label="huyện")
    fill(page, unit="365")
    send(page, "Gia hạn")
    page.goto("/plan")
    expect(page.locator("main")).to_contain_text("101/UBND-VP")


def test_the_second_of_two_officers_reads_who_was_faster_and_loses_nothing(console: Console) -> None:
    code = at_stage(console, "district_evaluation")
    first, second = (console.open(DISTRICT, f"/acts/request-supplement?dossier={code}") for _ in range(2))
    for page, reason in ((first, "Thiếu phiếu kiểm nghiệm."), (second, "Thiếu hợp đồng liên kết vùng nguyên liệu.")):
        fill(page, reason=reason, requested_on=TODAY)
    send(first, "Trả hồ sơ để bổ sung")
    console.expected = ("409 (Conflict)",)
    second.locator("main .btn-primary[name=do]").click()
    refused = second.get_by_role("alert")
    expect(refused).to_contain_text("Có người vừa làm trước")
    expect(refused).to_contain_text(re.compile("cán bộ phụ trách Huyện Giao Thủy"))
    assert looked_at(second) == []
    assert second.locator('[name="reason"]').input_value() == "Thiếu hợp đồng liên kết vùng nguyên liệu."


@pytest.mark.parametrize("script", [True, False])
def test_what_a_form_lacks_is_said_at_its_field_and_nothing_typed_is_lost(console: Console, script: bool) -> None:
    console.expected = ("422 (Unprocessable",)
    code = at_stage(console, "district_evaluation", 1)
    page = console.open(DISTRICT, f"/acts/evaluate?dossier={code}", java_script_enabled=script)
    fill(page, held_on=TODAY, members="năm")
    fill(page, **{"scores.0.member": "Ủy viên Một", "scores.0.total": "123"})
    page.locator("main .btn-primary[name=do]").click()
    errors = page.locator("#errors")
    expect(errors).to_contain_text("chưa ghi gì")
    assert page.locator('[aria-invalid="true"]').count() >= 2
    assert not script or looked_at(page) == []
    assert page.locator('[name="scores.0.member"]').input_value() == "Ủy viên Một"
    page.get_by_role("button", name="Thêm dòng").click()
    assert page.locator('[name="scores.0.member"]').input_value() == "Ủy viên Một"
    assert page.locator('[name="scores.5.member"]').count() == 1


def test_a_file_is_looked_at_before_it_is_taken_in_and_every_wrong_row_is_named(
    console: Console, tmp_path: Path
) -> None:
    columns = {column.key: column.vietnamese for column in KINDS["people"].columns}
    head = ";".join(columns[key] for key in ("code", "name", "unit_level", "unit_code", "role", "valid_from"))
    right = "moi;Trần Thị Mới;xã;14101;cán bộ phụ trách;1/6/2025"
    file = tmp_path / "cán bộ mới.csv"
    file.write_text(f"{head}\n{right}\nsai;Lê Văn Sai;xã;99999;cán bộ phụ trách;32/6/2025\n")
    page = console.open(PROVINCE, "/imports")
    page.get_by_label("Tệp cán bộ").set_input_files(file)
    page.locator("#people button").click()
    expect(page.locator("main")).to_contain_text("32/6/2025")
    assert looked_at(page) == []
    assert console.rows(select(Person.id).where(Person.code == "moi")) == []
    file.write_text(f"{head}\n{right}\n")
    page.goto("/imports")
    page.get_by_label("Tệp cán bộ").set_input_files(file)
    page.locator("#people button").click()
    assert looked_at(page) == []
    page.locator("main .btn-primary").click()
    expect(page.get_by_role("status").filter(has_text="Đã nhập")).to_contain_text("1 dòng mới")
    assert len(console.rows(select(Person.id).where(Person.code == "moi"))) == 1


def test_a_rehearsal_runs_beside_the_pages_and_stops_when_told(console: Console) -> None:
    page = console.open(PROVINCE, "/plan/rehearse")
    page.get_by_role("button", name="Bắt đầu diễn tập").click()
    expect(page.get_by_role("status").filter(has_text="Đang diễn tập")).to_be_visible()
    assert looked_at(page) == []
    page.get_by_role("button", name="Dừng lượt này").click()
    expect(page.locator("#rehearsal")).to_contain_text("bị dừng giữa chừng")
