"""Rehearsals started from the pages: one at a time, told while they run, kept when they are done, ended when their time is over."""

import json
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from starlette.testclient import TestClient

from dashboard.language import COOKIE, Language
from dashboard.rehearsing import GRACE, KEPT, MINUTES, Rehearsals
from models.letters import Letter
from ocop.errors import NotPossibleNow
from tests.factories import CYCLE, PLAN, Office, an_office, at
from tests.integration.console_pages import form_token, shown
from tests.integration.console_pages import text as words
from tests.records import record

pytestmark = pytest.mark.usefixtures("home")

SLEEPS = (sys.executable, "-c", "import time; time.sleep(60)")
"""A program in the place of the command that says nothing and goes on."""
NOW = at("2025-06-02 10:00")


@pytest.fixture
def office(sqlite_engine: Engine) -> Office:
    """A cycle with dossiers at its districts, in June."""
    office = an_office(sqlite_engine).go("2025-06-02 10:00")
    office.at_district()
    office.at_district("14201")
    return office


def started(client: TestClient, **fields: str) -> str:
    """Start a rehearsal on the page and return the address of its own page."""
    answer = client.post("/plan/rehearse", data={"form_token": form_token(client), "played": CYCLE, **fields})
    assert answer.status_code == 200, answer.text
    return answer.url.path


def over(client: TestClient, address: str, seconds: float = 150) -> str:
    """Wait until a rehearsal is over and return what its page says."""
    limit = time.monotonic() + seconds
    while "http-equiv" in client.get(address).text:
        assert time.monotonic() < limit, words(client, address)
        time.sleep(0.5)
    return words(client, address)


def test_a_rehearsal_plays_the_rest_of_the_cycle_and_keeps_its_report(office: Office) -> None:
    office.go("2025-06-14 10:00")
    client, before = shown(office), record(office.engine)
    address = started(client, until="2025-06-15")
    assert "Trang này tự cập nhật" in words(client, address)
    said = over(client, address)
    assert "không thư nào được gửi, sổ gốc không đổi" in said, said
    assert "2 lượt quá hạn mới" in said
    assert "Thư: " in said
    assert client.get(f"{address}/report.xlsx").content[:2] == b"PK"
    after = record(office.engine)
    assert {table for table in before if before[table] != after[table]} <= {"accounts", "sign_ins", "account_events"}
    assert "đã xong" in words(client, "/plan/rehearse")
    client.cookies.set(COOKIE, Language.ENGLISH)
    told = words(client, address)
    assert "no letter is sent, the record itself does not change" in told
    assert "2 new breaches of a deadline" in told
    assert "Holds for" in told


def test_a_cycle_that_cannot_be_played_says_why(office: Office) -> None:
    client = shown(office)
    wrong = PLAN.replace('province = "36"', 'province = "99"')
    address = started(client, plan=wrong)
    assert "99" in over(client, address)


def test_one_rehearsal_runs_at_a_time_and_is_stopped_by_a_button(office: Office) -> None:
    client = shown(office)
    client.app.state.rehearsals.program = SLEEPS  # type: ignore[attr-defined]
    address = started(client)
    again = client.post("/plan/rehearse", data={"form_token": form_token(client), "played": CYCLE})
    assert again.status_code == 409
    assert "Đang có một lượt diễn tập do" in again.text
    client.post(f"{address}/stop", data={"form_token": form_token(client)})
    assert "Lượt này bị dừng giữa chừng" in words(client, address)
    assert client.get(f"{address}/report.xlsx").status_code == 404
    client.post(f"{started(client)}/stop", data={"form_token": form_token(client)})


def test_what_a_rehearsal_tells_is_read_while_it_runs(office: Office, tmp_path: Path) -> None:
    rehearsals = Rehearsals(tmp_path / "rehearsals", lambda: office.engine, SLEEPS)
    name = rehearsals.start(cycle=CYCLE, seen_by=CYCLE, by="Ai đó", at=NOW, wall=NOW)
    told = {"instants": 7, "at": at("2025-06-15 00:00").isoformat()}
    (tmp_path / "rehearsals" / name / "progress.json").write_text(json.dumps(told), encoding="utf-8")
    found = rehearsals.find(name, NOW)
    assert (found.running, found.instants, found.reached) == (True, 7, at("2025-06-15 00:00"))
    with pytest.raises(NotPossibleNow):
        rehearsals.start(cycle=CYCLE, seen_by=CYCLE, by="Ai đó", at=NOW, wall=NOW)
    rehearsals.stop(name, NOW)
    assert rehearsals.find(name, NOW).cut_off


def test_after_its_time_a_rehearsal_counts_as_over_whoever_has_its_number(office: Office, tmp_path: Path) -> None:
    rehearsals = Rehearsals(tmp_path / "rehearsals", lambda: office.engine, SLEEPS)
    name = rehearsals.start(cycle=CYCLE, seen_by=CYCLE, by="Ai đó", at=NOW, wall=NOW)
    after = NOW + timedelta(minutes=MINUTES) + GRACE
    assert rehearsals.find(name, after).running
    assert rehearsals.find(name, after + timedelta(seconds=1)).cut_off
    rehearsals.stop(name, NOW)


def test_another_program_that_has_its_number_after_a_restart_is_no_rehearsal(office: Office, tmp_path: Path) -> None:
    first = Rehearsals(tmp_path / "rehearsals", lambda: office.engine, SLEEPS)
    name = first.start(cycle=CYCLE, seen_by=CYCLE, by="Ai đó", at=NOW, wall=NOW)
    restarted = Rehearsals(tmp_path / "rehearsals", lambda: office.engine, SLEEPS)
    for _ in range(100):  # the kernel tells a new program's words a moment after its start
        if restarted.find(name, NOW).running:
            break
        time.sleep(0.05)
    assert restarted.find(name, NOW).running
    told = tmp_path / "rehearsals" / name / "request.json"
    other = subprocess.Popen(SLEEPS)
    told.write_text(json.dumps(json.loads(told.read_text(encoding="utf-8")) | {"pid": other.pid}), encoding="utf-8")
    restarted.stop(name, NOW)
    assert restarted.find(name, NOW).cut_off
    assert other.poll() is None
    other.kill()
    other.wait()
    first._started[name].kill()
    first._started[name].wait()


def test_the_newest_rehearsals_are_kept(office: Office, tmp_path: Path) -> None:
    done = (sys.executable, "-c", "pass")
    rehearsals = Rehearsals(tmp_path / "rehearsals", lambda: office.engine, done)
    for minute in range(KEPT + 2):
        wall = NOW + timedelta(minutes=minute)
        name = rehearsals.start(cycle=CYCLE, seen_by=CYCLE, by="Ai đó", at=NOW, wall=wall)
        rehearsals._started[name].wait()
    assert len(rehearsals.all(NOW)) == KEPT


def test_a_day_that_has_passed_and_a_cycle_that_is_not_there_are_refused(office: Office) -> None:
    client, token = shown(office), ""
    token = form_token(client)
    passed = client.post("/plan/rehearse", data={"form_token": token, "played": CYCLE, "until": "2025-06-02"})
    assert passed.status_code == 409
    assert "phải ở phía trước" in passed.text
    assert client.post("/plan/rehearse", data={"form_token": token, "played": "KHONG"}).status_code == 404
    assert office.rows(select(func.count()).select_from(Letter))[0][0] > 0


@pytest.mark.parametrize("who", ["365/officer", "14101/officer", "00/officer"])
def test_other_levels_rehearse_nothing(office: Office, who: str) -> None:
    client = shown(office, who)
    assert client.get("/plan/rehearse").status_code == 403
    assert client.post("/plan/rehearse", data={"form_token": form_token(client), "played": CYCLE}).status_code == 403
