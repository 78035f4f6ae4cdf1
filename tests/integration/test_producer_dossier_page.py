"""The page of a producer's own dossier: supplementing, retracting, complaining, and no other act."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from casework import accounts, sign_ins
from casework.actors import Actor
from dashboard.who import COOKIE
from models.dossiers import Complaint, Dossier
from models.record import Event
from models.session import transaction
from models.units import Producer
from tests.factories import Office
from tests.integration.console_pages import form_token, shown, text
from tests.integration.producer_pages import act, office_in_may, own

__all__ = ["office_in_may"]
pytestmark = pytest.mark.postgresql_long


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
