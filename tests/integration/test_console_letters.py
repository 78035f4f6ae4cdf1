"""What people do with letters: each level its own, on paper and signed for, sent again, looked at as the reader does, let go."""

import re
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from casework import invitations, outbox
from casework.accounts import Owner
from casework.invitations import Sender
from casework.registration import Maker
from models.cycles import Cycle
from models.letters import Letter, LetterState
from models.secret import Secret, in_fours
from models.session import transaction
from models.units import Person, Post, Unit
from ocop.text import fold
from tests.factories import Office, an_office
from tests.integration.console_pages import form_token, shown, text, total

pytestmark = pytest.mark.postgresql_long

PAPER_HOLDER = Maker("CT-GIAY", "Hộ kinh doanh không có thư điện tử", "14101")


@pytest.fixture
def office(engine: Engine) -> Office:
    """A world with letters on paper in two communes, dead ones in one district, and many by e-mail."""
    office = an_office(engine).go("2025-05-05 10:00")
    office.act(
        "receive", "14101/officer", dossiers=[office.register(producer=PAPER_HOLDER)], received_on=office.now.date()
    )
    office.register(producer=Maker("CT-GIAY-2", "Cơ sở không có thư điện tử", "14201"), commune="14201")
    office.register("14102")
    return office


def numbers_of(office: Office, *conditions: Any) -> list[int]:
    return [number for (number,) in office.rows(select(Letter.id).where(*conditions).order_by(Letter.id))]


def on_paper(office: Office, commune: str) -> list[int]:
    units = select(Unit.id).where(Unit.code == commune)
    return numbers_of(office, Letter.state == LetterState.TO_HAND_OVER.value, Letter.unit_id.in_(units))


def post(client: TestClient, path: str, **fields: Any) -> Any:
    return client.post(path, data={"form_token": form_token(client), **fields}, follow_redirects=False)


def make_dead(office: Office, *numbers: int) -> None:
    with transaction(office.engine) as session:
        for letter in session.scalars(select(Letter).where(Letter.id.in_(numbers))):
            letter.state, letter.last_error, letter.tries = LetterState.DEAD.value, "550 không có hộp thư này", 3


def states(office: Office, numbers: list[int]) -> set[str]:
    return {state for (state,) in office.rows(select(Letter.state).where(Letter.id.in_(numbers)))}


def test_each_level_reads_the_letters_that_its_units_hand_over(office: Office) -> None:
    below = {
        "14101/officer": ("14101",), "14201/officer": ("14201",), "365/officer": ("365", "14101", "14102"),
        "366/head": ("366", "14201", "14202"),
    }  # fmt: skip
    for who, codes in below.items():
        client = shown(office, who)
        own = numbers_of(office, Letter.unit_id.in_(select(Unit.id).where(Unit.code.in_(codes))))
        assert total(client.get("/letters").text) == len(own) > 0, who
        sheet = load_workbook(BytesIO(client.get("/letters.xlsx").content), read_only=True).worksheets[0]
        assert {row[0] for row in sheet.iter_rows(min_row=2, values_only=True)} == set(own), who
        for number in numbers_of(office):
            answer = client.get(f"/letters/{number}")
            assert answer.status_code == (200 if number in own else 404), (who, number)
            assert client.get(f"/letters/{number}/html").status_code == answer.status_code
    assert total(shown(office).get("/letters").text) == len(numbers_of(office))


def another_province(office: Office) -> int:
    """Add a province with a cycle and two letters of its own, and return its cycle."""
    with transaction(office.engine) as session:
        ours = session.scalars(select(Cycle)).one()
        province = Unit(level="province", code="37", name="Tỉnh khác", search=fold("Tỉnh khác"),
                        parent_id=ours.central_id, valid_from=date(2000, 1, 1), source="test")  # fmt: skip
        session.add(province)
        session.flush()
        who = Person(code="37/officer", name="Cán bộ tỉnh khác", email="officer.37@office.example")
        session.add(who)
        session.flush()
        session.add(Post(person_id=who.id, unit_id=province.id, role="officer", valid_from=date(2000, 1, 1)))
        copied = {column.name: getattr(ours, column.name) for column in Cycle.__table__.columns}
        cycle = Cycle(**{**copied, "id": None, "code": "TK2025", "province_id": province.id})
        session.add(cycle)
        session.flush()
        like = session.scalars(select(Letter).limit(1)).one()
        columns = {column.name: getattr(like, column.name) for column in Letter.__table__.columns}
        for number, unit in enumerate((province.id, None)):
            session.add(
                Letter(**{**columns, "id": None, "key": f"other/{number}", "cycle_id": cycle.id, "unit_id": unit,
                          "dossier_id": None, "reply_unit_id": province.id, "message_id": f"<{number}@other>"})
            )  # fmt: skip
        return cycle.id


def test_a_province_reads_no_letter_of_another_in_the_same_record(office: Office) -> None:
    own = numbers_of(office)
    cycle = another_province(office)
    theirs = numbers_of(office, Letter.cycle_id == cycle)
    ours, other = shown(office), shown(office, "37/officer")
    assert total(ours.get("/letters").text) == len(own)
    assert total(other.get("/letters").text) == len(theirs) == 2
    assert {ours.get(f"/letters/{number}").status_code for number in theirs} == {404}
    assert {other.get(f"/letters/{number}").status_code for number in own} == {404}


def test_letters_on_paper_are_printed_with_a_list_to_sign_and_marked_together(office: Office) -> None:
    client, waiting = shown(office, "14101/officer"), on_paper(office, "14101")
    assert len(waiting) == 2
    page = client.get("/letters/hand-over").text
    assert "Thư chờ trao tay: Xã Giao Xuân" in page
    paper = post(client, "/letters/print", letters=waiting)
    assert paper.status_code == 200
    assert "sandbox" in paper.headers["content-security-policy"]
    assert "script-src" not in paper.headers["content-security-policy"]
    assert "Danh sách thư trao tay (2 thư) – Xã Giao Xuân" in paper.text
    assert paper.text.count("<section>") == 3
    assert all(f"Thư số {number}" in paper.text for number in waiting)
    assert states(office, waiting) == {"to_hand_over"}
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    for _ in range(2):  # the form was sent twice
        done = post(client, "/letters/hand-over", letters=waiting, key=key[1])
        assert (done.status_code, done.headers["location"]) == (303, "/letters/hand-over")
    assert "Đã ghi nhận trao 2 thư." in text(client, "/letters/hand-over")
    assert states(office, waiting) == {"handed_over"}
    assert office.rows(select(Letter.handed_over_by).where(Letter.id.in_(waiting)).distinct()) == [
        ("cán bộ phụ trách Xã Giao Xuân",)
    ]


def test_a_district_sees_which_of_its_communes_have_letters_to_hand_over(office: Office) -> None:
    waiting = on_paper(office, "14101")
    with transaction(office.engine) as session:
        who = session.scalars(select(Person).where(Person.code == "14102/officer")).one()
        session.scalars(select(Letter).where(Letter.recipient == f"person/{who.id}")).first().state = "to_hand_over"  # type: ignore[union-attr]
    said = text(shown(office, "365/officer"), "/letters/hand-over")
    assert f"Xã Giao Xuân: {len(waiting)}" in said
    assert "Xã Giao Hải: 1" in said
    assert "Xã Hải Minh" not in said


def test_each_letter_of_a_form_has_its_own_result(office: Office) -> None:
    client, waiting = shown(office, "14101/officer"), on_paper(office, "14101")
    owed = numbers_of(office, Letter.state == "owed", Letter.unit_id.in_(select(Unit.id).where(Unit.code == "14101")))[
        :1
    ]
    answer = post(client, "/letters/hand-over", letters=[*waiting, *owed])
    assert answer.status_code == 200
    assert "Đã ghi nhận trao 2 trong 3 thư" in answer.text
    assert "đang ở trạng thái &#39;chờ gửi&#39;" in answer.text
    assert states(office, waiting) == {"handed_over"}
    assert states(office, owed) == {"owed"}


@pytest.mark.parametrize("path", ["/letters/hand-over", "/letters/print", "/letters/resend"])
def test_a_letter_of_another_unit_cannot_be_named(office: Office, path: str) -> None:
    (other, *_) = on_paper(office, "14201")
    answer = post(shown(office, "14101/officer"), path, letters=[other])
    assert answer.status_code == 404
    assert f"Không có thư số {other}" in answer.text
    assert states(office, [other]) == {"to_hand_over"}


def test_a_dead_letter_shows_why_and_is_sent_again_to_the_present_address(office: Office) -> None:
    number, *_ = numbers_of(office, Letter.recipient_name == "cán bộ phụ trách Huyện Giao Thủy")
    make_dead(office, number)
    client = shown(office, "365/officer")
    said = text(client, "/letters/dead")
    assert "1 thư không gửi được" in said
    assert "550 không có hộp thư này" in said
    assert "Gửi lại đến địa chỉ hiện nay" in text(client, f"/letters/{number}")
    with transaction(office.engine) as session:
        session.scalars(select(Person).where(Person.code == "365/officer")).one().email = "moi@office.example"
    assert post(client, "/letters/resend", letters=[number]).status_code == 303
    assert "Sẽ gửi lại 1 thư." in text(client, "/letters/dead")
    assert office.rows(select(Letter.state, Letter.email).where(Letter.id == number)) == [
        ("owed", "moi@office.example")
    ]


def test_a_letter_is_looked_at_as_its_reader_does_in_a_frame_that_runs_nothing(office: Office) -> None:
    number, *_ = numbers_of(office, Letter.email.is_not(None), Letter.state == "owed")
    client = shown(office)
    page = client.get(f"/letters/{number}")
    assert f'src="/letters/{number}/html" sandbox' in page.text
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    frame = client.get(f"/letters/{number}/html")
    policy = dict(part.strip().partition(" ")[::2] for part in frame.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert "allow-scripts" not in policy["sandbox"]
    assert "script-src" not in policy
    assert frame.text.lstrip().lower().startswith("<!doctype html>")
    subject = re.search(r"<h3>(.+)</h3>", page.text)
    assert subject
    assert subject[1] in frame.text


def test_only_a_province_lets_the_letters_of_a_restored_copy_go_and_says_why(office: Office) -> None:
    with transaction(office.engine) as session:
        outbox.hold(session, at=office.now, because="bản sao lưu")
    assert "thư đang được giữ lại" not in text(shown(office, "365/officer"), "/letters")
    assert post(shown(office, "365/officer"), "/letters/release", reason="thử").status_code == 403
    client = shown(office)
    held = numbers_of(office, Letter.state == "held")
    assert f"Đây là bản khôi phục: {len(held)} thư đang được giữ lại" in text(client, "/letters")
    refused = post(client, "/letters/release", reason=" ")
    assert (refused.status_code, "Thiếu lý do cho gửi thư" in refused.text) == (409, True)
    assert post(client, "/letters/release", reason="máy cũ đã hỏng").status_code == 303
    assert states(office, held) == {"owed"}
    assert "Đã cho gửi" in text(client, "/letters")


def test_no_page_list_or_paper_shows_the_link_of_an_invitation(office: Office, tmp_path: Path) -> None:
    secret = Secret(tmp_path)
    with transaction(office.engine) as session:
        person = session.scalars(select(Person).where(Person.code == "14101/head")).one()
        person.email = None
        link = invitations.invite(
            session, login="truong", owner=Owner(person="14101/head"), name="",
            sender=Sender(secret, "https://ocop.example", datetime.now(UTC), office.now, "Quản trị"),
        )  # fmt: skip
    client = shown(office, "14101/officer")
    (number,) = numbers_of(office, Letter.notice == "account_invited")
    waiting = on_paper(office, "14101")
    assert number in waiting
    seed = office.rows(select(Letter.facts).where(Letter.id == number))[0][0]["seed"]
    shown_there = [
        client.get("/letters").text, client.get("/letters/hand-over").text, client.get(f"/letters/{number}").text,
        client.get(f"/letters/{number}/html").text, post(client, "/letters/print", letters=waiting).text,
    ]  # fmt: skip
    for page in shown_there:
        for word in (link.key, in_fours(link.key), link.address, seed):
            assert word not in page
    assert f"Thư số {number}<" not in shown_there[-1]
    assert "không in ở đây" in shown_there[1]
    assert post(client, "/letters/print", letters=[number]).status_code == 409


def test_a_number_that_no_column_holds_is_no_fault(office: Office) -> None:
    client = shown(office)
    for address in ("/letters/{}", "/letters/{}/html", "/letters?unit={}", "/letters/hand-over?unit={}"):
        assert client.get(address.format(10**30)).status_code == 422
    assert post(client, "/letters/resend", letters=[10**30]).status_code == 422


def test_who_holds_no_post_reads_no_letters(office: Office) -> None:
    with transaction(office.engine) as session:
        for post_ in session.scalars(select(Post).join(Person).where(Person.code == "14101/officer")):
            post_.valid_to = date(2025, 1, 1)
    assert shown(office, "14101/officer").get("/letters").status_code == 403
