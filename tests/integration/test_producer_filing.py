"""A producer files: a new product or a known one, with papers and points, once, before the deadline."""

import os
from pathlib import Path

import pytest
from sqlalchemy import select

from models.dossiers import Dossier, Evidence, Snapshot
from models.results import Certificate
from models.units import Product
from ocop.levels import DossierKind
from tests.factories import Office
from tests.integration.console_pages import Links, form_token, shown, text
from tests.integration.producer_pages import PDF, Fields, dossiers, new, office_in_may, own

__all__ = ["office_in_may"]
pytestmark = pytest.mark.postgresql_long


def test_a_producer_files_a_dossier_with_their_own_points_and_papers(office: Office, tmp_path: Path) -> None:
    client = own(office, office.register())
    points = {"self_assessment.community": "30", "self_assessment.marketing": "20,5", "self_assessment.quality": "31"}
    paper = {
        "evidence.0.kind": "test_report",
        "evidence.0.title": "Phiếu kiểm nghiệm",
        "evidence.0.expires_on": "2026-05-02",
    }
    answer = new(client, files={"evidence.0.file_sha256": ("Phiếu số 1.pdf", PDF)}, **points, **paper)
    code = dossiers(office)[-1]
    assert (answer.status_code, answer.headers["location"]) == (303, f"/my/dossiers/{code}")
    assert office.stage(code) == "registered"
    told = text(client, f"/my/dossiers/{code}")
    assert f"Đã đăng ký hồ sơ {code}" in told
    assert "81,5 điểm, ứng với 4 sao" in told
    assert "Phiếu số 1.pdf" in told
    body = office.rows(select(Snapshot.body).join(Dossier).where(Dossier.code == code))[0][0]
    assert body["evidence"][0]["title"] == "Phiếu kiểm nghiệm"
    assert len([name for _, _, names in os.walk(tmp_path / "files") for name in names]) == 1
    assert "Đã đăng ký hồ sơ" not in text(client, f"/my/dossiers/{code}")
    assert "81,5 điểm" in text(shown(office, "14101/officer"), f"/dossiers/{code}")


def test_the_same_registration_sent_twice_files_once(office: Office) -> None:
    client = own(office, office.register())
    form = Fields(client.get("/my/new").text, "/my/new").values
    body = form | {"kind": "first", "proposed_star": "3", "name": "Mắm tép mô phỏng"}
    ways = {client.post("/my/new", data=body, follow_redirects=False).headers["location"] for _ in range(2)}
    assert len(ways) == 1
    assert len(dossiers(office)) == 2
    again = client.post("/my/new", data=body | {"name": "Mắm khác mô phỏng"})
    assert (again.status_code, "đã được gửi" in again.text) == (409, True)
    assert len(dossiers(office)) == 2


def test_what_is_wrong_stands_beside_its_field_and_a_file_sent_once_need_not_be_sent_again(office: Office) -> None:
    client = own(office, office.register())
    paper = {"evidence.1.kind": "story", "evidence.1.title": "Câu chuyện"}
    answer = new(
        client, files={"evidence.1.file_sha256": ("chuyện.pdf", PDF)}, kind="", proposed_star="", name="",
        **{"self_assessment.community": "41"}, **paper,
    )  # fmt: skip
    assert answer.status_code == 422
    assert "hoặc ghi tên sản phẩm mới" in answer.text
    assert "Đã nhận tệp chuyện.pdf" in answer.text
    assert len(dossiers(office)) == 1
    kept = Fields(answer.text, "/my/new").values
    assert kept["evidence.1.title"] == "Câu chuyện"
    fixed = kept | {
        "kind": "first", "proposed_star": "3", "name": "Sản phẩm sửa", "self_assessment.community": "",
    }  # fmt: skip
    assert client.post("/my/new", data=fixed, follow_redirects=False).status_code == 303
    assert office.rows(select(Evidence.title, Evidence.file_name)) == [("Câu chuyện", "chuyện.pdf")]


def test_a_file_of_another_session_or_of_another_kind_is_not_filed(office: Office, tmp_path: Path) -> None:
    client, other = own(office, office.register()), own(office, office.register())
    sent = new(
        other,
        files={"evidence.0.file_sha256": ("a.pdf", PDF)},
        name="",
        **{"evidence.0.kind": "story", "evidence.0.title": "A"},
    )
    ticket = Fields(sent.text, "/my/new").values["evidence.0.file_sha256"]
    stolen = {"evidence.0.kind": "story", "evidence.0.title": "A", "evidence.0.file_sha256": ticket}
    answer = new(client, **stolen)
    assert (answer.status_code, "chọn lại tệp" in answer.text) == (422, True)
    wrong = new(
        client,
        files={"evidence.0.file_sha256": ("a.pdf", b"MZ\x90")},
        **{"evidence.0.kind": "story", "evidence.0.title": "A"},
    )
    assert (wrong.status_code, "không phải là .pdf" in wrong.text) == (422, True)
    assert len(dossiers(office)) == 2


def test_a_place_for_one_more_paper_is_added_without_script_and_loses_nothing(office: Office) -> None:
    client = own(office, office.register())
    answer = new(client, more="evidence", name="Mắm cáy", **{"evidence.0.title": "Giấy phép"})
    assert answer.status_code == 200
    fields = Fields(answer.text, "/my/new")
    assert "evidence.3.title" in fields.names
    assert (fields.values["name"], fields.values["evidence.0.title"]) == ("Mắm cáy", "Giấy phép")
    assert len(dossiers(office)) == 1


def test_a_refusal_of_the_programme_is_said_on_the_form(office: Office) -> None:
    code = office.register()
    client = own(office, code)
    known = office.rows(select(Product.code).join(Dossier).where(Dossier.code == code))[0][0]
    answer = new(client, known=known, name="", group="")
    assert answer.status_code == 409
    assert f"đang có hồ sơ {code}" in answer.text
    both = new(client, known=known)
    assert (both.status_code, "không cả hai" in both.text) == (422, True)


def test_a_known_product_is_filed_again_with_its_certificate(office: Office) -> None:
    code = office.judged("55")
    office.recognise(code)
    client = own(office, code)
    links = [href for href, *_ in Links(client.get("/my").text).links if href.startswith("/my/new?")]
    assert len(links) == 1
    form = Fields(client.get(links[0]).text, "/my/new").values
    assert form["kind"] == "re_recognition"
    number = office.rows(select(Certificate.number))[0][0]
    assert form["certificate"] == number
    answer = client.post("/my/new", data=form | {"proposed_star": "3"}, follow_redirects=False)
    assert answer.status_code == 303
    row = office.rows(select(Dossier.kind, Dossier.certificate_id).order_by(Dossier.id.desc()).limit(1))[0]
    assert row.kind == DossierKind.RE_RECOGNITION
    assert row.certificate_id is not None


def test_after_the_deadline_the_form_is_gone_and_a_form_opened_before_is_refused(office: Office) -> None:
    code = office.register()
    form = Fields(own(office, code).get("/my/new").text, "/my/new").values
    body = form | {"kind": "first", "proposed_star": "3", "name": "Mắm muộn"}
    office.go("2025-06-15 00:00")
    client = own(office, code)
    assert "Hiện không có đợt nào nhận đăng ký" in text(client, "/my/new")
    assert "Hiện không có đợt nào nhận đăng ký" in text(client, "/my")
    body["form_token"] = form_token(client)
    refused = client.post("/my/new", data=body)
    assert (refused.status_code, "đăng ký sau hạn" in refused.text) == (409, True)
    assert dossiers(office) == [code]
