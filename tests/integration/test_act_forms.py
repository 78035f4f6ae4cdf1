"""Every act is done on a page: from one table of fields, once for each form, several at a time, with rows and files."""

import re
from typing import Any

import pytest
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from casework.acts import ACTS
from dashboard.forms import form_of
from models.dossiers import Dossier, Evidence
from models.record import Event
from tests.factories import CYCLE, PLAN, Office, an_office
from tests.integration.act_forms import council, counted, done, fields, opened, said, send
from tests.integration.console_pages import Links, form_token, shown

pytestmark = pytest.mark.postgresql_long


@pytest.fixture
def office(sqlite_engine: Engine) -> Office:
    return an_office(sqlite_engine).go("2025-05-05")


@pytest.mark.parametrize("name", sorted(ACTS))
def test_every_act_draws_a_form_with_every_field_and_nothing_in_english(name: str, sqlite_engine: Engine) -> None:
    client = shown(an_office(sqlite_engine), "36/officer")
    answer = client.get(f"/acts/{name}")
    assert answer.status_code == 200
    assert Links(answer.text).inline == []
    sent = fields(answer.text)
    for field in form_of(name).fields:
        assert any(path == field.name or path.startswith(f"{field.name}.") for path in sent), field.name
    assert sent["form_token"] == [form_token(client)]
    assert re.fullmatch(r"form-[0-9a-f-]{36}", sent["key"][0])
    words = said(answer)
    assert f"{ACTS[name].title}" in words
    for word in ("ocop ", "--", "None", "dossier", "commune", "docs/"):
        assert word not in words, word


def test_all_acts_are_listed_and_each_link_opens_its_form(office: Office) -> None:
    client = shown(office, "36/officer")
    links = {href.partition("?")[0] for href, _, _ in Links(client.get("/acts").text).links}
    assert {f"/acts/{name}" for name in ACTS} <= links


# A year through forms alone.


def registered(client: TestClient, number: int = 1, **more: str) -> str:
    """Register a new product's dossier and return its code."""
    words = done(
        client, "register", producer__code=f"CT-F{number}", producer__name="Hợp tác xã Sao Biển", producer__commune="14101",
        producer__email="saobien@producer.example", product__code=f"SP-F{number}", product__name="Nước mắm Sao Biển",
        kind="first", proposed_star="4", **more,
    )  # fmt: skip
    found = re.search(r"Đã đăng ký hồ sơ (\S+):", words)
    assert found
    return found[1]


def at_district(office: Office) -> str:
    """Take a new dossier through the commune by its forms, and let the flow carry it on."""
    client = shown(office, "14101/officer")
    code = registered(client)
    assert "Đã tiếp nhận: 1 hồ sơ." in done(client, "receive", query={"dossiers": code})
    today = office.now.date().isoformat()
    done(client, "report", query={"dossiers": code}, number="12/BC-UBND", reported_on=today, findings="Đủ nội dung.")
    office.tick()
    return code


def test_a_years_main_acts_are_done_through_forms(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    today = office.now.date().isoformat()
    code = at_district(office)
    assert office.stage(code) == "district_evaluation"
    district, province = shown(office, "365/officer"), shown(office, "36/officer")
    words = done(district, "evaluate", query={"dossier": code}, held_on=today, **council("91,5"))
    assert "điểm trung bình 91,50, 5 sao sau yêu cầu tối thiểu" in words
    done(district, "decide", query={"dossiers": code}, number="412/QĐ-UBND", signed_on=today, signer="Nguyễn Văn Ký")
    office.tick()
    done(district, "submit", query={"dossiers": code}, number="88/UBND-NN", signed_on=today)
    office.tick()
    assert office.stage(code) == "provincial_evaluation"
    extended = done(
        province, "extend", query={"cycle": CYCLE}, stage="provincial_evaluation", day="2025-07-25",
        document="99/UBND-VP", reason="bão số 1",
    )  # fmt: skip
    assert "Đã gia hạn" in extended
    done(province, "evaluate", query={"dossier": code}, held_on=today, **council("92"))
    done(province, "decide", query={"dossiers": code}, number="500/QĐ-UBND", signed_on=today, signer="Trần Văn Ký")
    office.tick()
    answer = done(
        province, "recognise", query={"dossiers": code}, number="600/QĐ-UBND", signed_on=today, signer="Trần Văn Ký",
        certificates="GCN 1/2025",
    )  # fmt: skip
    assert f"{code}: 4 sao, giấy chứng nhận GCN 1/2025" in answer
    assert office.stage(code) == "central_proposal"


def test_a_dossiers_page_leads_to_what_may_be_done_and_says_why_not_the_rest(office: Office) -> None:
    code = at_district(office)
    client = shown(office, "365/officer")
    page = client.get(f"/dossiers/{code}").text
    links = {href for href, _, _ in Links(page).links}
    back = f"back=%2Fdossiers%2F{code}"
    assert f"/acts/evaluate?{back}&dossier={code}" in links
    assert not any(link.startswith("/acts/decide") for link in links)
    assert "chưa có kết quả của hội đồng để ký quyết định" in page
    form = client.get(f"/acts/evaluate?{back}&dossier={code}")
    assert fields(form.text)["dossier"] == [code]
    assert fields(form.text)["back"] == [f"/dossiers/{code}"]
    assert f'href="/dossiers/{code}"' in form.text


# Once for each form, and never over another's act.


def test_a_form_sent_twice_does_its_act_once_and_says_so(office: Office) -> None:
    code = office.register()
    client = shown(office, "14101/officer")
    form = opened(client, "receive", dossiers=code)
    first = send(client, "receive", form)
    before = counted(office)
    second = send(client, "receive", form)
    assert (first.status_code, second.status_code) == (200, 200)
    assert "việc chỉ được ghi một lần" in said(second)
    assert "việc chỉ được ghi một lần" not in said(first)
    assert counted(office) == before


def test_a_form_that_was_done_and_is_sent_with_other_values_asks_to_look_again_under_a_new_key(office: Office) -> None:
    code = office.register()
    client = shown(office, "14101/officer")
    form = opened(client, "complain", dossier=code)
    assert send(client, "complain", form, body="điểm thấp").status_code == 200
    again = send(client, "complain", form, body="điểm quá thấp")
    assert again.status_code == 409
    assert "đã được gửi và ghi một lần với nội dung khác" in said(again)
    assert fields(again.text)["key"] != form["key"]
    assert fields(again.text)["body"] == ["điểm quá thấp"]


def test_the_second_of_two_people_at_one_dossier_reads_who_did_what_and_loses_nothing(office: Office) -> None:
    code = office.at_district()
    client = shown(office, "365/officer")
    form = opened(client, "evaluate", dossier=code)
    office.act("request-supplement", "365/officer", dossier=code, reason="thiếu phiếu", requested_on=office.now.date())
    office.act("supplement", "365/head", dossier=code, supplemented_on=office.now.date(), note="đủ")
    typed = {"held_on": office.now.date().isoformat(), **council("81,5")}
    answer = send(client, "evaluate", form, **typed)
    assert answer.status_code == 409
    words = said(answer)
    assert "Có người vừa làm trước" in words
    assert (
        f"Hồ sơ {code} vừa được cập nhật bởi thủ trưởng đơn vị chuyên môn Huyện Giao Thủy (Ghi nhận bổ sung hồ sơ)"
        in words
    )
    kept = fields(answer.text)
    assert {path: kept[path] for path in typed} == {path: [value] for path, value in typed.items()}
    assert kept[f"seen.{code}"] != form[f"seen.{code}"]
    assert send(client, "evaluate", kept).status_code == 200


# Tried out, several at a time, on behalf, and taken back.


def test_a_form_that_is_tried_out_says_what_would_happen_and_writes_nothing(office: Office) -> None:
    code = office.register()
    client = shown(office, "14101/officer")
    form = opened(client, "receive", dossiers=code)
    before = counted(office)
    tried = send(client, "receive", form, do="trial")
    assert tried.status_code == 200
    assert "Xem trước, chưa ghi gì" in said(tried)
    assert "Đã tiếp nhận: 1 hồ sơ." in said(tried)
    assert (office.stage(code), counted(office)) == ("registered", before)
    assert send(client, "receive", fields(tried.text)).status_code == 200, "the same form then does it"
    assert office.stage(code) == "commune_review"


def test_dossiers_marked_in_the_list_go_to_the_act_and_each_gets_its_answer(office: Office) -> None:
    ready, other = office.register(), office.register()
    office.act("receive", "14101/officer", dossiers=[other], received_on=office.now.date())
    client = shown(office, "14101/officer")
    listed = client.get("/dossiers").text
    assert f'form="marked" name="dossiers" value="{ready}"' in listed
    asked = client.get("/acts", params={"act": "receive", "dossiers": [ready, other], "back": "/dossiers"})
    assert str(asked.url).endswith(f"/acts/receive?back=%2Fdossiers&dossiers={ready}&dossiers={other}")
    words = said(asked)
    assert "Việc này làm được với 1 trong 2 hồ sơ đã chọn" in words
    assert "Các hồ sơ đã chọn đều do Xã Giao Xuân giữ, là hồ sơ lần đầu, thuộc chu trình ND2025." in words
    assert "Chuyển hồ sơ sang kỳ sau" in words[words.index("Việc làm được với tất cả") :]
    answer = said(send(client, "receive", fields(asked.text)))
    assert "Đã tiếp nhận: 1 hồ sơ. Không thực hiện được 1 hồ sơ, xem lý do từng hồ sơ." in answer
    assert f"{other} : Hồ sơ {other} đang ở bước 'Xã đánh giá'" in answer
    assert f"{ready} : Xã đánh giá" in answer


def test_without_an_act_the_marked_dossiers_lead_to_the_acts_that_fit_them_all(office: Office) -> None:
    ready, other = office.register(), office.register()
    client = shown(office, "14101/officer")
    words = said(client.get("/acts", params={"act": "", "dossiers": [ready, other]}))
    assert "Việc làm được với 2 hồ sơ đã chọn" in words
    assert "Các hồ sơ đều ở bước “Đã đăng ký”, do Xã Giao Xuân giữ" in words
    assert words.index("Tiếp nhận hồ sơ") < words.index("Chuyển hồ sơ sang kỳ sau")


def test_an_act_on_one_dossier_is_opened_for_each_of_several(office: Office) -> None:
    codes = [office.register(), office.register()]
    page = shown(office, "14101/officer").get("/acts/retract", params={"dossiers": codes})
    assert "Việc này làm từng hồ sơ một" in said(page)
    links = [href for href, _, _ in Links(page.text).links]
    assert [link for link in links if link.startswith("/acts/retract?")] == [
        f"/acts/retract?dossier={code}" for code in codes
    ]


def test_a_unit_above_acts_for_one_without_an_officer_with_document_and_signer(office: Office) -> None:
    code = office.register()
    day = office.now.date().isoformat()
    commune, district = shown(office, "14101/officer"), shown(office, "365/officer")
    assert "Nhập thay" not in said(commune.get("/acts/receive", params={"dossiers": code}))
    words = done(
        commune, "leave", person="14101/officer", level="commune", unit="14101", from_day=day, to_day="2025-05-09"
    )
    assert "Nếu ghi nhầm Kết thúc việc vắng mặt sớm hơn" in words
    form = opened(district, "receive", dossiers=code)
    assert "behalf.document" in form
    half = send(district, "receive", form, behalf__document="12/UQ-UBND")
    assert half.status_code == 422
    assert "Thiếu người ký văn bản cho phép nhập thay." in said(half)
    whole = send(district, "receive", form, behalf__document="12/UQ-UBND", behalf__signer="Trần Văn Ký")
    assert whole.status_code == 200
    ((told,),) = office.rows(select(Event.on_behalf).where(Event.event == "receive"))
    assert told == "12/UQ-UBND, người ký: Trần Văn Ký"


def test_after_an_act_the_one_that_takes_it_back_is_offered_filled_in(office: Office) -> None:
    code = office.at_district()
    office.evaluate(code, "75")
    client = shown(office, "365/officer")
    today = office.now.date().isoformat()
    answer = send(client, "decide", opened(client, "decide", dossiers=code), number="1/QĐ", signed_on=today, signer="K")
    links = [href for href, _, _ in Links(answer.text).links]
    assert f"/acts/annul?dossier={code}" in links
    assert f"/acts/correct-decision?dossier={code}&purpose=result" in links
    form = opened(client, "correct-decision", dossier=code, purpose="result")
    assert form["purpose"] == ["result"]
    corrected = send(
        client, "correct-decision", form, number="2/QĐ", signed_on=today, signer="K", document="3/ĐC", reason="sai số"
    )
    assert "Đã đính chính quyết định 1/QĐ thành 2/QĐ" in said(corrected)


# Rows and files.


def test_rows_come_and_go_without_a_script_and_what_was_typed_stays(office: Office) -> None:
    code = office.at_district()
    client = shown(office, "365/officer")
    form = opened(client, "evaluate", dossier=code)
    assert sum(path.endswith(".member") for path in form) == 5
    typed = {**form, "scores.0.member": "Ủy viên 1", "scores.4.member": "Ủy viên 5", "minutes": "1/BB"}
    more = client.post("/acts/evaluate", data={**typed, "more": "scores"})
    assert more.status_code == 200
    grown = fields(more.text)
    assert sum(path.endswith(".member") for path in grown) == 6
    less = fields(client.post("/acts/evaluate", data={**grown, "less": "scores.0"}).text)
    assert sum(path.endswith(".member") for path in less) == 5
    assert (less["scores.3.member"], less["minutes"]) == (["Ủy viên 5"], ["1/BB"])
    assert less["key"] == form["key"]


def test_a_plan_is_amended_by_an_uploaded_file_and_tried_out_first(office: Office) -> None:
    client = shown(office, "36/officer")
    amended = PLAN.replace("working_days_before = [", "working_days_before = [21, ", 1)
    assert amended != PLAN
    form = opened(client, "amend-plan", cycle=CYCLE)
    upload = {"plan": ("kế hoạch sửa đổi.toml", amended.encode(), "application/toml")}
    tried = client.post(
        "/acts/amend-plan",
        data={**form, "document": "70/KH-UBND", "reason": "nhắc sớm hơn", "do": "trial"},
        files=upload,
    )
    assert tried.status_code == 200, said(tried)
    assert "Xem trước, chưa ghi gì" in said(tried)
    kept = fields(tried.text)
    assert "working_days_before = [21, " in kept["plan"][0], "the file need not be chosen again"
    answer = client.post("/acts/amend-plan", data={**kept, "do": "act"})
    assert answer.status_code == 200, said(answer)
    assert "thay đổi" in said(answer)


def test_a_file_is_attached_to_a_paper_and_kept_while_the_form_is_put_right(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("OCOP_HOME", str(tmp_path))
    code = office.register()
    client = shown(office, "14101/officer")
    form = opened(client, "add-evidence", dossier=code)
    upload = {"evidence.0.file_sha256": ("../phiếu kiểm nghiệm.pdf", b"%PDF-1.7 x", "application/pdf")}
    half = client.post("/acts/add-evidence", data={**form, "evidence.0.kind": "test_report", "do": "act"}, files=upload)
    assert half.status_code == 422
    assert "Dòng 1: thiếu tên tài liệu" in said(half)
    kept = fields(half.text)
    assert kept["evidence.0.file_name"] == ["phiếu kiểm nghiệm.pdf"]
    whole = client.post("/acts/add-evidence", data={**kept, "evidence.0.title": "Phiếu kiểm nghiệm", "do": "act"})
    assert whole.status_code == 200, said(whole)
    ((name, digest),) = office.rows(select(Evidence.file_name, Evidence.file_sha256))
    assert name == "phiếu kiểm nghiệm.pdf"
    assert (tmp_path / "files" / digest[:2] / digest).read_bytes() == b"%PDF-1.7 x"
    stolen = {**opened(client, "add-evidence", dossier=code), "evidence.0.file_sha256": digest, "evidence.0.title": "x"}
    assert "phiên làm việc khác" in said(client.post("/acts/add-evidence", data={**stolen, "do": "act"}))
    (tmp_path / "files" / digest[:2] / digest).unlink()
    late = {**kept, "evidence.0.title": "Phiếu khác"}
    assert "không còn được giữ" in said(client.post("/acts/add-evidence", data={**late, "do": "act"}))


def test_an_act_of_a_year_ahead_is_tried_out_as_of_its_day(office: Office) -> None:
    client = shown(office, "36/officer")
    typed = {"from_day": "2025-07-07", "document": "1489/QĐ-TTg", "procedure": "qd1489"}
    form = opened(client, "change-procedure", cycle=CYCLE)
    refused = send(client, "change-procedure", form, **typed)
    assert refused.status_code in (409, 422)
    assert "Hãy dùng “Xem trước”" in said(refused)
    tried = send(client, "change-procedure", form, do="trial", **typed)
    assert tried.status_code == 200, said(tried)
    assert "Xem trước, chưa ghi gì" in said(tried)


def test_what_a_dossier_is_at_now_is_shown_beside_its_code(office: Office) -> None:
    code = office.register()
    page = said(shown(office, "14101/officer").get("/acts/receive", params={"dossiers": code}))
    ((version,),) = office.rows(select(Dossier.version).where(Dossier.code == code))
    assert "Đã đăng ký Xã Giao Xuân được" in page
    assert version == 1
