"""A producer's own pages: what is theirs and no more, and what they must do by when."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from casework import accounts
from casework.evidence import NewEvidence
from casework.registration import Maker
from dashboard.rights import RIGHTS, Kind
from models.dossiers import Dossier
from models.letters import Letter
from models.record import Event
from models.session import transaction
from models.units import Producer, Product
from ocop.evidence import EvidenceKind
from tests.factories import CYCLE, Office, all_gates, day
from tests.integration.console_pages import OFFICE, Links, shown, sign_in, text
from tests.integration.producer_pages import act, office_in_may, own

__all__ = ["office_in_may"]
pytestmark = pytest.mark.postgresql_long


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
    assert f"Bổ sung hồ sơ chậm nhất ngày {due.day}/{due.month}/{due.year}: thiếu phiếu kiểm nghiệm." in told
    assert "Chờ bổ sung (huyện)" in told
    assert "Hồ sơ đang ở Huyện Giao Thủy." in told
    assert "Bước tiếp theo: chủ thể bổ sung hồ sơ." in told
    assert "Yêu cầu bổ sung hồ sơ" in told or "bổ sung" in told.partition("Thư gửi chủ thể")[2]


def test_a_producer_is_told_the_day_of_the_supplement_though_the_stage_is_due_before(office: Office) -> None:
    code = office.at_district()
    office.go("2025-06-10")
    answer = office.act(
        "request-supplement", "365/officer", dossier=code, reason="thiếu ảnh", requested_on=office.now.date()
    )
    assert str(answer["due_on"]) == "2025-06-24"
    client = own(office, code)
    assert "Bổ sung hồ sơ chậm nhất ngày 24/6/2025: thiếu ảnh." in text(client, "/my")
    office.go("2025-06-20")  # the stage's last day, 14/6, is over; the supplement's is not
    assert "Bổ sung hồ sơ chậm nhất ngày 24/6/2025: thiếu ảnh." in text(client, "/my")
    assert "Hạn bổ sung đã hết" not in text(client, "/my")


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
