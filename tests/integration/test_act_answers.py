"""What stands around an act on a page: the act that takes it back, the flow that is nudged."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from casework import clock
from casework.acts import ACTS
from dashboard.app import create_app
from dashboard.forms import form_of
from dashboard.forms_undo import UNDO, taking_back
from dashboard.nudge import CARRIES_ON, ROUTED, waits_for_the_flow
from dashboard.pages.acts import OTHERS, grouped
from dashboard.settings import WebSettings
from models.session import transaction
from tests.factories import Office, an_office
from tests.integration.act_forms import fields
from tests.integration.console_pages import HOST, console


@pytest.mark.parametrize("name", sorted(UNDO))
def test_what_takes_an_act_back_is_an_act_filled_with_values_that_it_asks_for(name: str) -> None:
    assert name in ACTS
    for act, filled in UNDO[name]:
        asked = {field.name for field in form_of(act).fields} | {"dossier", "dossiers"}
        assert set(filled) <= asked


def test_each_dossier_of_a_batch_is_taken_back_by_itself_and_a_certificate_where_one_was_issued() -> None:
    answer = {
        "done": [{"dossier": "A", "stage": "recognised"}, {"dossier": "B", "stage": "recognised"}],
        "certificates": [
            {"dossier": "A", "star": 3, "certificate": "G-1"},
            {"dossier": "B", "star": 3, "certificate": None},
        ],
    }
    found = [
        (one.act, one.about, dict(one.values)) for one in taking_back("recognise", {"dossiers": ["A", "B"]}, answer)
    ]
    assert found == [
        ("correct-decision", "A", {"dossier": "A", "purpose": "recognition"}),
        ("correct-certificate", "A", {"certificate": "G-1"}),
        ("revoke", "A", {"certificate": "G-1"}),
        ("correct-decision", "B", {"dossier": "B", "purpose": "recognition"}),
    ]


def test_every_act_is_listed_under_a_head_of_its_own() -> None:
    listed = [act.name for acts in grouped().values() for act in acts]
    assert sorted(listed) == sorted(ACTS)
    assert OTHERS not in grouped()


def test_the_flow_is_nudged_only_for_a_dossier_that_waits_for_nothing_but_it() -> None:
    assert {"commune_reported", "district_decided", "submitted"} <= ROUTED
    assert waits_for_the_flow({"done": [{"dossier": "A", "stage": "district_decided"}]})
    assert waits_for_the_flow({"stage": "submitted"})
    assert not waits_for_the_flow({"stage": "commune_review", "done": []})
    assert not waits_for_the_flow({"done": [{"dossier": "A"}]})


@contextmanager
def a_prefect() -> Iterator[tuple[str, list[tuple[str, str, Any]]]]:
    """Answer like Prefect's API on the loopback and note what was asked."""
    asked: list[tuple[str, str, Any]] = []

    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({"id": "0b5c"})

        def do_POST(self) -> None:
            self._answer({"id": "run"})

        def _answer(self, what: dict[str, str]) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.append((self.command, self.path, json.loads(body) if body else None))
            told = json.dumps(what).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *said: Any) -> None:
            del said

    with HTTPServer(("127.0.0.1", 0), Api) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def reporting(office: Office, client: TestClient) -> Any:
    """Let a commune report on a new dossier through its form, and return the answer with the dossier's code."""
    code = office.register()
    office.act("receive", "14101/officer", dossiers=[code], received_on=office.now.date())
    form = fields(client.get("/acts/report", params={"dossiers": code}).text)
    typed = {"number": "12/BC", "reported_on": office.now.date().isoformat(), "findings": "đủ", "do": "act"}
    return client.post("/acts/report", data={**form, **typed}), form["key"][0]


def at_the_office(office: Office, prefect: str) -> TestClient:
    """Return a commune's client whose pages know a Prefect server."""
    with transaction(office.engine) as session:
        clock.drive(session, office.now)
    signed_in = console(office.engine, "14101/officer")
    client = TestClient(create_app(office.engine, WebSettings(prefect_url=prefect)), base_url=HOST)
    client.cookies = signed_in.cookies
    return client


def test_after_an_act_that_leaves_work_for_the_flow_prefect_is_asked_for_a_run_once(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    with a_prefect() as (server, asked):
        client = at_the_office(office, server)
        answer, key = reporting(office, client)
        assert answer.status_code == 200
        assert [(way, path) for way, path, _ in asked if "deployments" in path] == [
            ("GET", f"/api/deployments/name/{CARRIES_ON}"),
            ("POST", "/api/deployments/0b5c/create_flow_run"),
        ]
        assert asked[-1][2] == {"parameters": {}, "idempotency_key": key}


def test_an_act_stands_when_prefect_is_away(sqlite_engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    answer, _ = reporting(office, at_the_office(office, "http://127.0.0.1:9"))
    assert answer.status_code == 200
    assert "Đã ghi báo cáo của xã: 1 hồ sơ." in answer.text
    assert any("no run of evaluation-cycle/ocop" in record.message for record in caplog.records)
