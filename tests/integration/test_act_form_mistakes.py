"""What is wrong in the form of an act: it is said at its field, nothing typed is lost, and nothing is done."""

import re
from urllib.parse import urlencode

import pytest
from sqlalchemy import Engine

from dashboard.forms import form_of
from tests.factories import Office, an_office
from tests.integration.act_forms import council, counted, fields, opened, said, send
from tests.integration.console_pages import office_on_sqlite, shown

__all__ = ["office_on_sqlite"]
pytestmark = pytest.mark.postgresql_long


def test_wrong_values_are_said_at_their_fields_and_nothing_typed_is_lost(office: Office) -> None:
    code = office.at_district()
    client = shown(office, "365/officer")
    before = counted(office)
    form = opened(client, "evaluate", dossier=code)
    typed = {**council("81,5"), "held_on": "32/5/2025", "members": "năm", "scores.1.total": "tám", "gates.1.passed": ""}
    answer = send(client, "evaluate", form, **typed)
    assert answer.status_code == 422
    assert 'href="#field-scores.1.total"' in answer.text
    assert re.search(r'id="field-scores\.1\.total"[^>]*aria-invalid="true"', answer.text)
    words = said(answer)
    assert "Còn 3 chỗ phải sửa, chưa ghi gì" in words
    assert "Dòng 2, điểm: 'tám' không phải điểm; hãy ghi số, ví dụ 81,5." in words
    kept = fields(answer.text)
    assert {path: kept[path] for path in typed if path != "held_on"} == {
        path: [value] for path, value in typed.items() if path != "held_on"
    }
    assert counted(office) == before


def test_a_refusal_shows_the_form_again_with_the_sentence_and_without_a_command(office: Office) -> None:
    code = office.register()
    client = shown(office, "365/officer")
    today = office.now.date().isoformat()
    answer = send(client, "receive", opened(client, "receive", dossiers=code), received_on=today)
    assert answer.status_code == 409
    assert "cấp trên" in said(answer)
    assert "--on-behalf" not in answer.text
    commune = shown(office, "14101/officer")
    late = send(commune, "receive", opened(commune, "receive", dossiers=code), received_on="2025-12-31")
    assert late.status_code == 422
    assert "muộn hơn hôm nay" in said(late)
    assert fields(late.text)["received_on"] == ["2025-12-31"]


def test_a_dossier_of_another_territory_is_as_good_as_none(office: Office) -> None:
    other, own = office.register("14201"), office.register()
    client = shown(office, "14101/officer")
    page = client.get("/acts/receive", params={"dossiers": [own, other]}).text
    assert "Hải Minh" not in page
    answers = [
        send(client, "receive", opened(client, "receive", dossiers=own), dossiers=[own, code])
        for code in (other, "ND2025-9999")
    ]
    for answer, code in zip(answers, (other, "ND2025-9999"), strict=True):
        assert answer.status_code == 422
        assert f"Không có hồ sơ mang mã: {code}. Hãy xem lại mã ở trang Hồ sơ." in said(answer)
    assert office.stage(own) == "registered"


def test_what_somebody_typed_is_shown_as_text_and_never_as_markup(office: Office) -> None:
    code = office.register()
    client = shown(office, "14101/officer")
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    answers = [
        client.get("/acts/complain", params={"dossier": evil, "body": evil, "back": f"/x{evil}", "received_on": evil}),
        send(client, "complain", opened(client, "complain", dossier=code), body=evil, received_on=evil),
        send(client, "complain", opened(client, "complain", dossier=code), body=evil),
        client.get(f"/dossiers/{code}"),
        client.get("/acts", params={"dossiers": evil, "back": f"/x{evil}"}),
    ]
    for answer in answers:
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
    assert "&lt;script&gt;alert(1)" in answers[1].text


@pytest.mark.parametrize("way", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_the_way_back_leads_nowhere_else(way: str, office: Office) -> None:
    client = shown(office, "14101/officer")
    page = client.get("/acts/complain", params={"back": way}).text
    here = f'name="next" value="/acts/complain?{urlencode({"back": way})}"'
    assert page.count(here) == 1, "whoever changes the language comes back to this page and no other"
    elsewhere = page.replace(here, "")
    assert "evil" not in elsewhere
    assert "javascript" not in elsewhere


def test_a_form_of_another_session_is_refused(office: Office) -> None:
    code = office.register()
    client, other = shown(office, "14101/officer"), shown(office, "365/officer")
    answer = send(client, "receive", opened(other, "receive", dossiers=code))
    assert answer.status_code == 403
    assert office.stage(code) == "registered"


def test_an_act_that_nobody_has_is_not_found(office: Office) -> None:
    client = shown(office, "36/officer")
    assert client.get("/acts/destroy").status_code == 404
    assert client.get("/acts", params={"act": "destroy"}).status_code == 404


@pytest.mark.parametrize("name", ["receive", "evaluate", "register"])
def test_what_no_browser_sends_is_refused_like_a_slip_of_the_pen(name: str, engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    client = shown(office, "36/officer")
    form = opened(client, name)
    for value in ("a\x00b", "\ufffe", "9" * 400, "𝟗", "' OR 1=1 --", "x" * 30_000):
        odd = {path: value for path in form if path not in {"form_token", "key", "do"}}
        many = {f"{field.name}.9999.{part.name}": value for field in form_of(name).fields for part in field.parts}
        for more in ({}, many, {"more": value, "less": f"{value}.{value}"}):
            answer = client.post(f"/acts/{name}", data={**form, **odd, **more, "do": "act"})
            assert answer.status_code in (200, 409, 422), (value, answer.status_code)
            assert 'id="answer"' not in answer.text
        asked = client.get(f"/acts/{name}", params={path: value[:400] for path in odd if path != "cycle"})
        assert asked.status_code == 200, value
