"""A producer's own pages: what is theirs and no more, what they must do by when, and filing, supplementing, retracting, complaining."""

import os
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from casework import accounts, sign_ins
from casework.actors import Actor
from casework.evidence import NewEvidence
from casework.registration import Maker
from dashboard.rights import RIGHTS, Kind
from dashboard.who import COOKIE
from models.dossiers import Complaint, Dossier, Evidence, Snapshot
from models.letters import Letter
from models.record import Event
from models.results import Certificate
from models.session import transaction
from models.units import Producer, Product
from ocop.evidence import EvidenceKind
from ocop.levels import DossierKind
from tests.factories import CYCLE, Office, all_gates, an_office, day
from tests.integration.console_pages import OFFICE, Links, form_token, shown, sign_in, text

pytestmark = pytest.mark.postgresql_long

PDF = b"%PDF-1.7\n" + b"noi dung " * 20


@pytest.fixture
def office(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A world in May whose files lie in the test's own folder."""
    monkeypatch.setenv("OCOP_HOME", str(tmp_path))
    return an_office(engine).go("2025-05-05")


def own(office: Office, code: str, **settings: int) -> TestClient:
    """Return a client of the producer of a dossier, at the office's present instant."""
    client = shown(office, "nobody", **settings)
    with transaction(office.engine) as session:
        maker = session.scalars(select(Producer.code).join(Dossier).where(Dossier.code == code)).one()
        sign_in(client, session, accounts.Owner(producer=maker))
    return client


class Fields(HTMLParser):
    """The fields of the forms of a page that send themselves to an address, with what stands in them."""

    def __init__(self, html: str, action: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.names: set[str] = set()
        self._within = False
        self._select = self._text = ""
        self._action = action
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._within = given.get("action") == self._action
        if not self._within or ("name" not in given and tag != "option"):
            return
        if tag == "select":
            self._select = given["name"]
        elif tag == "option" and self._select and ("selected" in given or self._select not in self.values):
            self.values[self._select] = given["value"]
        elif tag == "textarea":
            self._text = given["name"]
        elif tag == "input" and given.get("type") not in ("file", "checkbox"):
            self.values.setdefault(given["name"], given.get("value", ""))
        if "name" in given:
            self.names.add(given["name"])

    def handle_data(self, data: str) -> None:
        if self._text:
            self.values[self._text] = data.strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._text = ""
        elif tag == "form":
            self._within = False


def act(client: TestClient, code: str, name: str, said: str = "nội dung", **more: str) -> Response:
    """Send one of the forms of a dossier's page as it stands there now."""
    page = client.get(f"/my/dossiers/{code}").text
    seen = re.search(r'name="seen" value="(\d+)"', page)
    form = {"form_token": form_token(client), "act": name, "seen": seen[1] if seen else "1", "text": said}
    return client.post(f"/my/dossiers/{code}", data=form | more, follow_redirects=False)


def new(client: TestClient, *, files: dict[str, Any] | None = None, **typed: str) -> Response:
    """Send the form of a registration as it stands when it is opened, with what is typed into it."""
    form = Fields(client.get("/my/new").text, "/my/new").values
    body = {"kind": "first", "proposed_star": "4", "name": "Mắm tôm mô phỏng", "group": "Thực phẩm"}
    return client.post("/my/new", data=form | body | typed, files=files or {}, follow_redirects=False)


def dossiers(office: Office) -> list[str]:
    """Return the codes of all dossiers in the order of filing."""
    return [row.code for row in office.rows(select(Dossier.code).order_by(Dossier.id))]


# What they see


def test_the_first_page_says_what_to_do_by_when_and_where_each_dossier_is(office: Office) -> None:
    code = office.at_district()
    answer = office.act(
        "request-supplement",
        "365/officer",
        dossier=code,
        reason="thiếu phiếu kiểm nghiệm.",
        requested_on=office.now.date(),
    )
    client = own(office, code)
    assert client.get("/", follow_redirects=False).headers["location"] == "/my"
    told = text(client, "/my")
    due = day(str(answer["due_on"]))
    assert f"Bổ sung hồ sơ trước hết ngày {due.day}/{due.month}/{due.year}: thiếu phiếu kiểm nghiệm." in told
    assert "Chờ bổ sung (huyện)" in told
    assert "Hồ sơ đang ở Huyện Giao Thủy." in told
    assert "Bước tiếp theo: chủ thể bổ sung hồ sơ." in told
    assert "Yêu cầu bổ sung hồ sơ" in told or "bổ sung" in told.partition("Thư gửi chủ thể")[2]


def test_a_page_of_a_producer_names_nothing_of_another(office: Office) -> None:
    mine, other = office.judged("75"), office.judged("75")
    client = own(office, mine)
    told = " ".join(text(client, way) for way in ("/my", f"/my/dossiers/{mine}", "/my/letters"))
    assert other not in told
    ((product,),) = office.rows(
        select(Product.name).join(Dossier, Dossier.product_id == Product.id).where(Dossier.code == other)
    )
    assert product not in told
    unknown = client.get("/my/dossiers/KHONG-CO").text.replace("KHONG-CO", "X")
    refused = client.get(f"/my/dossiers/{other}")
    assert (refused.status_code, refused.text.replace(other, "X")) == (404, unknown)
    assert act(client, other, "complain").status_code == 404
    (letter,) = office.rows(select(Letter.id).where(Letter.recipient.not_like("producer/%")).limit(1))
    assert client.get(f"/my/letters/{letter.id}").status_code == 404


def test_a_producer_opens_no_page_of_officers_and_an_officer_none_of_producers(office: Office) -> None:
    code = office.at_district()
    client, officer = own(office, code), shown(office, OFFICE)
    for path in (f"/dossiers/{code}", "/dossiers", "/certificates", "/letters", "/heat", "/acts/retract"):
        assert client.get(path).status_code in (403, 404), path
    for path in ("/my", "/my/new", f"/my/dossiers/{code}", "/my/letters"):
        assert officer.get(path).status_code == 403, path
    mine = {kinds == frozenset({Kind.PRODUCER}) for (_, path), kinds in RIGHTS.items() if path.startswith("/my")}
    assert mine == {True}


def test_a_signed_result_is_told_without_members_and_a_ballot_that_nobody_signed_is_not(office: Office) -> None:
    code = office.at_district()
    office.evaluate(code, "62", gates=all_gates({4: "thiếu chứng nhận hệ thống"}))
    client = own(office, code)
    before = text(client, f"/my/dossiers/{code}")
    assert "62,00" not in before
    assert "Ủy viên" not in before
    office.decide(code)
    after = text(own(office, code), f"/my/dossiers/{code}")
    assert "điểm trung bình 62,00" in after
    assert "Chưa đạt yêu cầu tối thiểu 4 sao: thiếu chứng nhận hệ thống" in after
    assert "Ủy viên" not in after
    assert "officer" not in after


def test_history_names_bodies_and_the_producers_own_people_and_keeps_what_officers_note(office: Office) -> None:
    code = office.at_district()
    client = own(office, code)
    assert act(client, code, "complain", "Đề nghị xem lại.").status_code == 303
    told = text(client, f"/my/dossiers/{code}").partition("Lịch sử")[2]
    assert "Xã Giao Xuân" in told
    assert "Chủ thể: " in told
    assert "Đề nghị xem lại." in told
    officer = office.rows(select(Event.actor_name).where(Event.event == "receive"))[0][0]
    assert officer not in told


def test_a_letter_is_read_by_whom_it_was_written_to(office: Office) -> None:
    code = office.at_district()
    client = own(office, code)
    links = [href for href, *_ in Links(client.get("/my").text).links if href.startswith("/my/letters/")]
    assert links
    answer = client.get(links[0])
    assert answer.status_code == 200
    assert code in answer.text
    other = office.at_district()
    with transaction(office.engine) as session:
        theirs = session.scalars(
            select(Letter.id).join(Dossier, Dossier.id == Letter.dossier_id).where(
                Dossier.code == other, Letter.recipient.like("producer/%")
            )
        ).first()  # fmt: skip
    assert client.get(f"/my/letters/{theirs}").status_code == 404


def test_letters_are_paged(office: Office) -> None:
    code = office.at_district()
    client = own(office, code)
    for _ in range(4):
        act(client, code, "complain", f"Kiến nghị {next(office.keys)}")
    short = own(office, code, rows=5)
    number = len(office.rows(select(Letter.id).where(Letter.recipient.like("producer/%"))))
    assert number > 5
    assert "Xem tất cả thư" in text(client, "/my")
    assert short.get("/my/letters").text.count("/my/letters/") == 5
    assert short.get("/my/letters?page=2").status_code == 200
    assert short.get("/my/letters?page=99").status_code == 404


def test_a_certificate_says_when_its_holder_files_again_once_the_law_says_so(office: Office) -> None:
    code = office.judged("55")
    office.recognise(code)
    told = text(own(office, code), "/my")
    assert "còn hiệu lực" in told
    assert "Nộp hồ sơ công nhận lại" not in told
    office.now = office.now.replace(year=2026, month=12, day=1)
    assert "Nộp hồ sơ công nhận lại từ ngày 7/11/2027 đến hết ngày 6/1/2028." in text(own(office, code), "/my")
    office.now = office.now.replace(year=2027, month=12, day=1)
    assert "Hãy nộp hồ sơ công nhận lại ngay, chậm nhất hết ngày 6/1/2028." in text(own(office, code), "/my")
    office.now = office.now.replace(year=2028, month=2, day=1)
    assert "đã qua ngày 6/1/2028" in text(own(office, code), "/my")


def test_a_paper_that_has_expired_is_to_be_filed_anew(office: Office) -> None:
    code = office.at_district()
    paper = NewEvidence(EvidenceKind.TEST_REPORT, "Phiếu số 1", expires_on=office.now.date())
    office.act("add-evidence", "365/officer", dossier=code, evidence=[paper])
    assert "Nộp bản mới" not in text(own(office, code), "/my")
    office.now += timedelta(days=1)
    assert "Nộp bản mới của “Phiếu số 1”: bản đã nộp hết hạn ngày 5/5/2025." in text(own(office, code), "/my")


def test_empty_pages_teach_what_comes(office: Office) -> None:
    code = office.register()
    client = shown(office, "nobody")
    with transaction(office.engine) as session:
        commune = session.scalars(select(Dossier.commune_id).where(Dossier.code == code)).one()
        session.add(Producer(code="CT-MOI", name="HTX mới mô phỏng", search="htx moi mo phong", commune_id=commune))
        session.flush()
        sign_in(client, session, accounts.Owner(producer="CT-MOI"))
    told = text(client, "/my")
    for words in ("Chưa có hồ sơ nào", "Chưa có sản phẩm nào", "Chưa có giấy chứng nhận nào", "Chưa có thư nào"):
        assert words in told
    assert "Đăng ký sản phẩm" in told


# Filing


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


# A dossier's page


def test_a_supplement_is_told_to_the_body_that_asked(office: Office) -> None:
    code = office.at_district()
    client = own(office, code)
    assert "Bổ sung hồ sơ" not in client.get(f"/my/dossiers/{code}").text.partition('id="complain"')[0]
    office.act("request-supplement", "365/officer", dossier=code, reason="thiếu ảnh", requested_on=office.now.date())
    assert "yêu cầu: thiếu ảnh." in text(client, f"/my/dossiers/{code}")
    assert act(client, code, "supplement", "đã nộp ảnh").status_code == 303
    assert office.stage(code) == "district_evaluation"
    assert "Đã ghi nhận bổ sung" in text(client, f"/my/dossiers/{code}")


def test_after_its_last_day_a_supplement_is_not_offered_and_says_whom_to_ask(office: Office) -> None:
    code = office.at_district()
    office.act("request-supplement", "365/officer", dossier=code, reason="thiếu", requested_on=office.now.date())
    office.go("2025-06-02")
    client = own(office, code)
    told = text(client, f"/my/dossiers/{code}")
    assert "không nộp qua mạng được nữa" in told
    assert "Báo đã bổ sung" not in told
    assert act(client, code, "supplement").status_code == 409
    assert "Hạn bổ sung đã hết ngày 19/5/2025: hãy liên hệ Huyện Giao Thủy (thiếu)." in text(client, "/my")


def test_a_retraction_is_confirmed_and_then_done_once(office: Office) -> None:
    code = office.at_district()
    client = own(office, code)
    asked = act(client, code, "retract", "ngừng sản xuất")
    assert (asked.status_code, "đánh dấu ô xác nhận" in asked.text) == (422, True)
    assert "ngừng sản xuất" in asked.text
    assert office.stage(code) == "district_evaluation"
    assert act(client, code, "retract", "ngừng sản xuất", sure="1").status_code == 303
    assert office.stage(code) == "retracted"
    told = text(client, f"/my/dossiers/{code}")
    assert "Chủ thể đã rút" in told
    assert "Rút hồ sơ</summary>" not in client.get(f"/my/dossiers/{code}").text
    assert act(client, code, "retract", "lần nữa", sure="1").status_code == 409


def test_the_same_form_sent_twice_complains_once(office: Office) -> None:
    code = office.at_district()
    client = own(office, code)
    form = {"form_token": form_token(client), "act": "complain", "seen": "4", "text": "Xin trả lời."}
    for _ in range(2):
        assert client.post(f"/my/dossiers/{code}", data=form, follow_redirects=False).status_code == 303
    assert len(office.rows(select(Complaint.id))) == 1
    other = client.post(f"/my/dossiers/{code}", data=form | {"text": "Việc khác."})
    assert (other.status_code, "gửi lại" in other.text, "Việc khác." in other.text) == (409, True, True)
    told = text(client, f"/my/dossiers/{code}")
    assert "Xin trả lời." in told
    assert "Hạn trả lời" in told


def test_who_acts_on_what_they_saw_before_somebody_else_acted_is_told_by_whom(office: Office) -> None:
    code = office.at_district()
    client = own(office, code)
    seen = re.search(r'name="seen" value="(\d+)"', client.get(f"/my/dossiers/{code}").text)
    assert seen
    office.evaluate(code, "55")
    form = {"form_token": form_token(client), "act": "retract", "seen": seen[1], "text": "rút", "sure": "1"}
    answer = client.post(f"/my/dossiers/{code}", data=form)
    assert answer.status_code == 409
    assert "vừa được cập nhật bởi" in answer.text
    assert office.stage(code) == "district_evaluation"


@pytest.mark.parametrize(("name", "said"), [("complain", "  "), ("retract", ""), ("complain", "x" * 5001)])
def test_an_empty_or_endless_text_is_said_beside_its_field(office: Office, name: str, said: str) -> None:
    code = office.at_district()
    answer = act(own(office, code), code, name, said, sure="1")
    assert answer.status_code == 422
    assert "invalid-feedback" in answer.text


def test_a_dossiers_page_knows_no_other_act(office: Office) -> None:
    code = office.at_district()
    client = own(office, code)
    for name in ("decide", "register", "add-evidence", "", "waive-evidence"):
        assert act(client, code, name).status_code == 404
    assert act(client, code, "complain", form_token="forged").status_code == 403


def test_two_people_of_a_producer_see_and_do_the_same_under_their_own_names(office: Office) -> None:
    code = office.at_district()
    client = own(office, code)
    second = shown(office, "nobody")
    with transaction(office.engine) as session:
        maker = session.scalars(select(Producer.code).join(Dossier).where(Dossier.code == code)).one()
        account = accounts.open_account(
            session,
            login="mai@producer.example",
            owner=accounts.Owner(producer=maker),
            at=office.now,
            by="",
            name="Lê Thị Mai",
        )

        second.cookies.set(COOKIE, sign_ins.start_session(session, account, datetime.now(UTC), "test"))
    assert act(client, code, "complain", "Một").status_code == act(second, code, "complain", "Hai").status_code == 303
    names = [
        row.actor_name
        for row in office.rows(select(Event.actor_name).where(Event.event == "complain").order_by(Event.id))
    ]
    assert names[0].startswith("Chủ thể: ")
    assert "(" not in names[0]
    assert names[1] == f"{names[0]} (Lê Thị Mai)"
    assert Actor(names[0]).is_engine  # a name alone is nobody's right


def test_every_page_of_a_producer_stands_under_the_strict_policy(office: Office) -> None:
    code = office.judged("55")
    office.recognise(code)
    client = own(office, code)
    waiting, seen = (
        ["/my", "/my/new", "/my/letters", f"/my/dossiers/{code}", f"/dossiers/{code}/attachments", "/plan"],
        set(),
    )
    while waiting:
        way = waiting.pop()
        if way in seen or not way.startswith("/") or way.startswith(("/static", "/sign")):
            continue
        seen.add(way)
        answer = client.get(way)
        assert answer.status_code == 200, way
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        page = Links(answer.text)
        assert page.inline == [], way
        waiting += [href for href, *_ in page.links if not href.startswith("/public?")]
    assert {"/public", "/my"} <= seen


def test_a_household_without_e_mail_reads_its_letters_here(office: Office) -> None:
    code = office.register(producer=Maker("CT-GIAY", "Hộ không có thư điện tử", "14102"), commune="14102")
    told = text(own(office, code), "/my")
    assert "Chưa có thư nào" not in told
    assert CYCLE in told
