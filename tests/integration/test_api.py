"""The API: who is let in by a key, what is read within whose territory, acts with their keys, and what is refused in which words."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from starlette.testclient import TestClient

from casework import accounts, clock
from casework.acts import ACTS
from dashboard.api import described
from dashboard.app import create_app
from dashboard.settings import WebSettings
from models.accounts import Account, KeyPurpose
from models.dossiers import Dossier
from models.record import Event, Request
from models.session import transaction
from models.units import Producer
from tests.factories import CYCLE, Office, an_office
from tests.integration.console_pages import HOST, NOWHERE, console, form_token

pytestmark = pytest.mark.postgresql_long

PROBLEM = "application/problem+json"


def key_of(office: Office, who: str, purpose: KeyPurpose = KeyPurpose.API) -> str:
    """Return a key of the account of a person, of a producer by 'producer:CODE', or of 'administrator'."""
    kind, _, code = who.partition(":")
    owner = accounts.Owner(producer=code) if kind == "producer" else accounts.Owner(person=who)
    if who == "administrator":
        owner = accounts.Owner(administrator=True)
    now = datetime.now(UTC)
    with transaction(office.engine) as session:
        clock.drive(session, office.now)
        account = session.scalar(select(Account).where(Account.login == accounts.login_of(who)))
        if account is None:
            account = accounts.open_account(session, login=who, owner=owner, at=now, by="")
        return accounts.make_key(session, account, purpose, now, label="test")


def program(office: Office, who: str = "", **settings: int) -> TestClient:
    """Return another program that signs in with a key of somebody, or with none."""
    client = TestClient(create_app(office.engine, WebSettings(prefect_url=NOWHERE, **settings)), base_url=HOST)
    if who:
        client.headers["Authorization"] = f"Bearer {key_of(office, who)}"
    return client


def act(client: TestClient, name: str, *, key: str, dry_run: bool = False, **body: Any) -> Any:
    """Ask for an act."""
    query = {"dry_run": "true"} if dry_run else {}
    return client.post(f"/api/v1/acts/{name}", json=body, headers={"Idempotency-Key": key}, params=query)


@pytest.fixture
def office(engine: Engine) -> Office:
    """The small world with a dossier in each district."""
    office = an_office(engine).go("2025-05-05")
    office.register()
    office.register("14201")
    return office


def test_a_key_opens_the_api_and_a_browsers_session_does_not(office: Office) -> None:
    answer = program(office, "36/coordinator_office").get("/api/v1/dossiers")
    assert [row["code"] for row in answer.json()["items"]] == ["ND2025-0001", "ND2025-0002"]
    browser = console(office.engine)
    assert browser.get("/dossiers").status_code == 200
    refused = browser.get("/api/v1/dossiers")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert refused.headers["content-type"] == PROBLEM
    token = {"X-Form-Token": form_token(browser), "Idempotency-Key": "1"}
    assert browser.post("/api/v1/acts/receive", json={}, headers=token).status_code == 401


@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer ", "Bearer nothing", "Basic {key}", "{key}", "Bearer {invitation}"]
)
def test_what_is_no_key_opens_nothing(office: Office, sent: str) -> None:
    found = {
        "key": key_of(office, "36/officer"), "invitation": key_of(office, "36/officer", KeyPurpose.INVITATION),
    }  # fmt: skip
    client = program(office)
    assert client.get("/api/v1/cycles", headers={"Authorization": sent.format(**found)}).status_code == 401


def test_a_key_ends_with_its_account(office: Office) -> None:
    client = program(office, "365/officer")
    assert client.get("/api/v1/cycles").status_code == 200
    with transaction(office.engine) as session:
        account = accounts.account_by_login(session, "365/officer")
        account.closed_at = datetime.now(UTC)  # its keys are as they were
    assert client.get("/api/v1/cycles").status_code == 401


def test_each_reads_their_own_territory_and_nobody_hears_of_another(office: Office) -> None:
    maker = office.rows(select(Producer.code).join(Dossier, Dossier.producer_id == Producer.id))[0][0]
    own = {
        "36/officer": ["ND2025-0001", "ND2025-0002"], "365/officer": ["ND2025-0001"], "14201/officer": ["ND2025-0002"],
        "14102/officer": [], f"producer:{maker}": ["ND2025-0001"],
    }  # fmt: skip
    for who, codes in own.items():
        client = program(office, who)
        assert [row["code"] for row in client.get("/api/v1/dossiers").json()["items"]] == codes, who
        for code in ("ND2025-0001", "ND2025-0002", "ND2025-9999"):
            found = client.get(f"/api/v1/dossiers/{code}")
            assert found.status_code == (200 if code in codes else 404), (who, code)
            if code not in codes:
                assert found.json()["detail"] == f"Không có hồ sơ mang mã '{code}'."
    assert program(office, "administrator").get("/api/v1/dossiers").status_code == 403
    assert program(office, "365/officer").get("/api/v1/letters").status_code == 403


def test_a_dossier_tells_its_history_with_instants_in_viet_nam_and_points_as_texts(office: Office) -> None:
    code = office.judged("69.995")
    found = program(office, "365/officer").get(f"/api/v1/dossiers/{code}").json()
    assert found["mean"] == "69.995"
    assert found["history"][0]["recorded_at"] == "2025-05-05T09:00:00+07:00"
    assert [line["number"] for line in found["history"]] == list(range(1, found["version"] + 1))
    assert found["history"][1]["prev_hash"] == found["history"][0]["hash"]
    assert found["holder"]["code"] == "365"
    assert found["evaluations"][0]["gates"][0] == {"star": 3, "passed": True, "reason": ""}


def test_a_producer_reads_their_history_without_what_the_office_keeps_beside_it(office: Office) -> None:
    ((maker,),) = office.rows(select(Producer.code).order_by(Producer.id).limit(1))
    found = program(office, f"producer:{maker}").get("/api/v1/dossiers/ND2025-0001").json()
    assert {str(line["details"]) for line in found["history"]} == {"{}"}


def test_a_list_is_read_page_after_page_without_a_gap(office: Office) -> None:
    for _ in range(5):
        office.register()
    client, after, seen = program(office, "36/officer"), 0, []
    while after is not None:
        page = client.get("/api/v1/dossiers", params={"after": after, "limit": 3}).json()
        seen += [row["code"] for row in page["items"]]
        after = page["next"]
    assert seen == [f"ND2025-{number:04d}" for number in range(1, 8)]


def test_deadlines_certificates_letters_and_cycles_are_read(office: Office) -> None:
    office.recognise(office.judged("55"))
    client = program(office, "36/officer")
    (cycle,) = client.get("/api/v1/cycles").json()
    assert (cycle["code"], cycle["procedure"], cycle["province"]["code"]) == (CYCLE, "qd148", "36")
    (certificate,) = client.get("/api/v1/certificates").json()["items"]
    assert (certificate["star"], certificate["in_force"], certificate["dossier"]) == (3, True, "ND2025-0003")
    district = next(row for row in client.get("/api/v1/deadlines").json() if row["stage"] == "district_evaluation")
    assert (district["last_day"], district["strikes_at"]) == ("2025-06-14", "2025-06-15T00:00:00+07:00")
    assert (district["in_force"], district["passed"]) == (True, False)
    letters = client.get("/api/v1/letters", params={"notice": "recognised"}).json()["items"]
    assert {letter["dossier"] for letter in letters} == {"ND2025-0003"}
    assert {letter["state"] for letter in letters} == {"owed"}


def test_an_act_is_performed_once_under_its_key(office: Office) -> None:
    client = program(office, "14101/officer")
    body = {"dossiers": ["ND2025-0001"], "received_on": "2025-05-05"}
    first = act(client, "receive", key="a-1", **body)
    assert first.status_code == 200
    assert first.json()["message"] == "Đã tiếp nhận: 1 hồ sơ."
    again = act(client, "receive", key="a-1", **body)
    assert again.json() == {**first.json(), "replayed": True}
    other = act(client, "receive", key="a-1", **{**body, "received_on": "2025-05-04"})
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert office.rows(select(func.count()).select_from(Event).where(Event.event == "receive")) == [(1,)]
    assert office.rows(select(Request.actor_name).where(Request.key == "a-1")) == [("cán bộ phụ trách Xã Giao Xuân",)]


def test_a_trial_answers_like_the_act_and_writes_nothing(office: Office) -> None:
    client = program(office, "14101/officer")
    body = {"dossiers": ["ND2025-0001"], "received_on": "2025-05-05"}
    tried = act(client, "receive", key="a-1", dry_run=True, **body)
    assert tried.json()["message"] == "Đã tiếp nhận: 1 hồ sơ."
    assert office.stage("ND2025-0001") == "registered"
    assert office.rows(select(Request.key).where(Request.key == "a-1")) == []
    assert act(client, "receive", key="a-1", **body).json()["replayed"] is False


def test_a_dossier_that_changed_since_it_was_seen_is_not_written_over(office: Office) -> None:
    client = program(office, "14101/officer")
    version = client.get("/api/v1/dossiers/ND2025-0001").json()["version"]
    office.act("receive", "14101/officer", dossiers=["ND2025-0001"], received_on=office.now.date())
    body = {"dossier": "ND2025-0001", "reason": "thiếu phiếu", "requested_on": "2025-05-05"}
    late = act(client, "request-supplement", key="a-1", seen={"ND2025-0001": version}, **body)
    assert (late.status_code, late.json()["code"]) == (409, "someone_was_faster")
    assert "cán bộ phụ trách Xã Giao Xuân" in late.json()["detail"]


def test_nobody_learns_by_an_act_what_happened_to_a_dossier_elsewhere(office: Office) -> None:
    client = program(office, "14101/officer")
    body = {"dossiers": ["ND2025-0001"], "received_on": "2025-05-05"}
    for code in ("ND2025-0002", "ND2025-9999"):
        asked = act(client, "receive", key="a-1", seen={code: 0}, **body)
        assert (asked.status_code, asked.json()["detail"]) == (404, f"Không có hồ sơ mang mã: {code}.")
        asked = act(client, "receive", key="a-2", dossiers=[code], received_on="2025-05-05")
        assert (asked.status_code, asked.json()["detail"]) == (404, f"Không có hồ sơ mang mã: {code}.")


def test_a_unit_above_enters_an_act_on_behalf_of_one_without_an_officer(office: Office) -> None:
    client = program(office, "365/officer")
    body = {"dossiers": ["ND2025-0001"], "received_on": "2025-05-05"}
    alone = act(client, "receive", key="a-1", **body)
    assert (alone.status_code, alone.json()["code"]) == (403, "not_yours")
    staffed = act(client, "receive", key="a-2", on_behalf="15/UBND, Trần Văn A", **body)
    assert "có cán bộ phụ trách" in staffed.json()["detail"]


def test_every_act_has_a_route_with_its_own_body(office: Office) -> None:
    found = program(office).get("/api/v1/openapi.json").json()
    for name in ACTS:
        operation = found["paths"][f"/api/v1/acts/{name}"]["post"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        parts = set(found["components"]["schemas"][schema]["properties"]) - {"seen", "on_behalf"}
        assert parts == set(ACTS[name].signature.parameters), name
        assert operation["summary"] == ACTS[name].title
        assert operation["security"] == [{"key": []}]


def test_wrong_values_are_named_one_by_one_in_vietnamese(office: Office) -> None:
    client = program(office, "365/officer")
    asked = act(
        client, "evaluate", key="a-1", dossier="ND2025-0001", held_on="5/5/2025", minutes="x" * 101, members="5",
        scores=[{"member": "A", "total": 81.5}, {"member": "B\n", "total": "100.5"}], gates=[{"star": 6, "passed": "yes"}],
        more=1,
    )  # fmt: skip
    assert asked.status_code == 422
    assert {tuple(wrong["loc"]): wrong["message"] for wrong in asked.json()["errors"]} == {
        ("body", "held_on"): "Phải là một ngày, ghi như 2025-06-13.",
        ("body", "minutes"): "Dài quá 100 ký tự.",
        ("body", "members"): "Phải là một số nguyên.",
        ("body", "scores", 0, "total"): "Phải là một chuỗi ký tự.",
        ("body", "scores", 1, "member"): "Có ký tự điều khiển không in được.",
        ("body", "scores", 1, "total"): 'Phải là điểm từ 0 đến 100 ghi bằng chuỗi, ví dụ "81.5".',
        ("body", "gates", 0, "star"): "Phải là một trong: 3, 4 hoặc 5.",
        ("body", "gates", 0, "passed"): "Phải là true hoặc false.",
        ("body", "more"): "Không có giá trị mang tên này.",
    }
    asked = client.post("/api/v1/acts/receive", json={"dossiers": []})
    assert {tuple(wrong["loc"]): wrong["message"] for wrong in asked.json()["errors"]} == {
        ("header", "Idempotency-Key"): "Thiếu giá trị bắt buộc.",
        ("body", "received_on"): "Thiếu giá trị bắt buộc.",
        ("body", "dossiers"): "Phải có ít nhất 1 mục.",
    }
    assert client.get("/api/v1/dossiers?limit=x").json()["errors"] == [
        {"loc": ["query", "limit"], "message": "Phải là một số nguyên."}
    ]


def test_a_mistyped_filter_is_refused_and_does_not_give_the_whole_list(office: Office) -> None:
    asked = program(office, "36/officer").get("/api/v1/dossiers?overdu=any")
    assert (asked.status_code, asked.json()["errors"]) == (
        422, [{"loc": ["query", "overdu"], "message": "Không có tham số mang tên này."}],
    )  # fmt: skip


def test_a_day_that_no_calendar_has_is_refused_with_the_remedy(office: Office) -> None:
    asked = act(
        program(office, "14101/officer"), "receive", key="a", dossiers=["ND2025-0001"], received_on="2025-02-30"
    )
    (wrong,) = asked.json()["errors"]
    assert wrong["message"] == "'2025-02-30' không có trong lịch; hãy ghi ngày/tháng/năm, ví dụ 15/6/2025."


@pytest.mark.parametrize(
    ("name", "body", "status", "code"),
    [
        ("receive", {"dossiers": ["ND2025-0001"], "received_on": "2025-05-06"}, 422, "invalid_input"),
        ("close-cycle", {"cycle": "NO"}, 404, "not_found"),
        ("close-cycle", {"cycle": CYCLE}, 403, "not_yours"),
        ("decide", {"dossiers": ["ND2025-0001"], "number": "1", "signed_on": "2025-05-05", "signer": "A"}, 409,
         "not_possible_now"),
    ],
)  # fmt: skip
def test_a_refusal_of_the_programme_keeps_its_reason(
    office: Office, name: str, body: dict[str, Any], status: int, code: str
) -> None:
    asked = act(program(office, "14101/officer"), name, key="a-1", **body)
    told = asked.json()
    assert (asked.status_code, told["status"], told["code"]) == (status, status, code)
    assert asked.headers["content-type"] == PROBLEM
    assert asked.headers["cache-control"] == "no-store"
    assert told["title"]
    assert told["english"]


def test_what_is_not_json_or_too_large_is_refused(office: Office) -> None:
    client = program(office, "14101/officer", upload_mb=1)
    path, key = "/api/v1/acts/receive", {"Idempotency-Key": "a"}
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain", ""):
        asked = client.post(path, content=b"{}", headers={**key, "Content-Type": kind})
        assert (asked.status_code, asked.headers["content-type"]) == (415, PROBLEM), kind
    json_type = {**key, "Content-Type": "application/json"}
    for broken in (b"", b"{", b"\xff\xfe", b'{"a":' * 5_000, b"[1]", b"null", b"9" * 5_000):
        asked = client.post(path, content=broken, headers=json_type)
        assert (asked.status_code, asked.headers["content-type"]) in {(400, PROBLEM), (422, PROBLEM)}, broken[:20]
    large = b'{"a":"' + b"x" * 1_100_000 + b'"}'
    assert client.post(path, content=large, headers=json_type).status_code == 413

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(large), 1000):
            yield large[start : start + 1000]

    for content in (large, pieces()):
        asked = client.post(path, content=content, headers=json_type)
        assert (asked.status_code, asked.headers["content-type"]) == (413, PROBLEM)
        assert asked.json()["english"].isascii(), "the field for logs is English"


def test_a_file_is_sent_first_and_attached_by_its_ticket_by_the_same_key_alone(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCOP_HOME", str(tmp_path / "home"))
    client = program(office, "14101/officer")
    octets = {"Content-Type": "application/octet-stream"}
    sent = client.post("/api/v1/files?name=phieu.pdf", content=b"%PDF-1.7 x", headers=octets)
    assert sent.status_code == 200
    assert sent.json()["size"] == 10
    paper = {"kind": "test_report", "title": "phiếu kiểm nghiệm", "file_name": "phiếu.pdf", "file": sent.json()["file"]}
    done = act(client, "add-evidence", key="a-1", dossier="ND2025-0001", evidence=[paper])
    assert done.status_code == 200
    (kept,) = client.get("/api/v1/dossiers/ND2025-0001").json()["evidence"]
    assert (kept["file_name"], kept["file_sha256"]) == ("phiếu.pdf", sha256(b"%PDF-1.7 x").hexdigest())
    other = act(program(office, "14101/head"), "add-evidence", key="a-2", dossier="ND2025-0001", evidence=[paper])
    assert (other.status_code, other.json()["code"]) == (422, "invalid_input")
    for name, content in (("phieu.exe", b"MZ"), ("phieu.pdf", b"MZ"), ("phieu.pdf", b"")):
        refused = client.post(f"/api/v1/files?name={name}", content=content, headers=octets)
        assert refused.status_code == 422, name
    assert client.post("/api/v1/files?name=a.pdf", json={}).status_code == 415


def test_an_address_that_the_api_has_not_is_told_in_its_own_form(office: Office) -> None:
    client = program(office, "36/officer")
    for method, path, status in (
        ("GET", "/api/v1/nothing", 404), ("POST", "/api/v1/acts/nothing", 404), ("DELETE", "/api/v1/cycles", 405),
    ):  # fmt: skip
        asked = client.request(method, path)
        assert (asked.status_code, asked.headers["content-type"]) == (status, PROBLEM), path
    assert client.delete("/api/v1/cycles").headers["allow"] == "GET"


def test_the_page_of_the_api_tells_how_to_sign_in_and_its_example_works(office: Office) -> None:
    said = program(office).get("/api")
    assert said.status_code == 200
    assert "Authorization: Bearer" in said.text
    example = said.text.split("-d '")[1].split("'</code>")[0].replace("&#34;", '"').replace("ND-2025-", "ND2025-")
    body = {**json.loads(example), "dossiers": ["ND2025-0001"], "received_on": "2025-05-05"}
    assert act(program(office, "14101/officer"), "receive", key="a-1", **body).status_code == 200


def test_the_description_of_the_api_names_every_refusal(office: Office) -> None:
    del office
    for methods in described()["paths"].values():
        for method, operation in methods.items():
            expected = {"200", "401", "403", "404", "422", "503"} | (
                {"400", "409", "413", "415"} if method == "post" else set()
            )
            assert set(operation["responses"]) == expected


@pytest.mark.parametrize("filters", ["unit", "holder", "late_unit", "deadline"])
def test_a_number_that_no_column_holds_is_a_wrong_value_and_no_fault(office: Office, filters: str) -> None:
    client = program(office, "36/officer")
    assert client.get(f"/api/v1/dossiers?{filters}={10**30}").status_code == 422
    if filters == "unit":
        assert client.get(f"/api/v1/certificates?unit={10**30}").status_code == 422
        assert console(office.engine).get(f"/dossiers?unit={10**30}").status_code == 422
