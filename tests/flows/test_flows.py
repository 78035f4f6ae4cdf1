"""The flows against a real Prefect server: named states with numbers, once or twice or late the same, faults kept apart."""

import json
import logging
import shutil
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prefect import State, flow
from prefect.artifacts import Artifact
from sqlalchemy import Engine, func, select, update

from casework import clock
from flows.daily_digest import daily_digest
from flows.deadline_watch import deadline_watch
from flows.district_evaluation import district_evaluation
from flows.evaluation_cycle import PHASES, evaluation_cycle
from flows.expiry_sweep import expiry_sweep
from models.cycles import AgendaItem
from models.results import Decision
from models.session import make_engine, transaction
from models.settings import DatabaseSettings
from ocop.procedures.qd148 import QD148
from ocop.rulebook import PROCEDURES
from tasks import reconciling
from tasks.database import heals
from tests.factories import CYCLE, Office, an_office, at, day
from tests.holdings import certified
from tests.records import differing, record

pytestmark = pytest.mark.anyio
Watch = Callable[..., Awaitable[State[Any]]]
WATCHES: tuple[Any, ...] = (evaluation_cycle, deadline_watch, expiry_sweep, daily_digest)


@pytest.fixture
def office(flows_engine: Engine) -> Office:
    """A small world in the record that the flows' environment names."""
    return an_office(flows_engine)


async def ended(watch: Any, *given: Any, **named: Any) -> State[Any]:
    """Run a flow and return the state in which it ended, whatever that is."""
    state: State[Any] = await watch(*given, **named, return_state=True)
    return state


async def test_a_phase_ends_in_a_state_that_says_how_it_stands_and_publishes_a_table(office: Office) -> None:
    said: list[tuple[str | None, str]] = []

    async def look(when: str) -> None:
        state = await ended(district_evaluation, CYCLE, at(when))
        said.append((state.name, (state.message or "").partition(";")[0]))

    await look("2025-04-20")
    office.go("2025-05-05")
    code = office.at_district()
    await look("2025-05-06")
    await look("2025-06-05")
    await look("2025-06-15 00:05")
    table = await Artifact.get("district-evaluation-nd2025")
    office.now = at("2025-06-17")
    office.act(
        "accept-late", "36/officer", dossiers=[code], stage="district_evaluation", document="1/UB", reason="Bão."
    )
    office.evaluate(code, "55")
    office.decide(code)
    office.recognise(code)
    await look("2025-06-18")
    assert said == [
        ("Not started", "0 hồ sơ đang chờ, 0 quá hạn, 0 đã qua bước này"),
        ("Open", "1 hồ sơ đang chờ, 0 quá hạn, 0 đã qua bước này"),
        ("Due", "1 hồ sơ đang chờ, 0 quá hạn, 0 đã qua bước này"),
        ("Overdue", "1 hồ sơ đang chờ, 1 quá hạn, 0 đã qua bước này"),
        ("Closed", "0 hồ sơ đang chờ, 0 quá hạn, 1 đã qua bước này"),
    ]
    assert table is not None
    assert json.loads(str(table.data)) == [{"Đơn vị": "Huyện Giao Thủy", "Đang chờ": 1, "Quá hạn": 1}]


async def test_the_cycle_asks_only_the_phases_with_work_and_one_run_shows_them_in_order(office: Office) -> None:
    state = await ended(evaluation_cycle, CYCLE, at("2025-04-20"))
    assert (state.name, state.message) == ("Nothing due", "0 bước có việc: không")
    code = office.go("2025-05-05").register()
    who = "14101/officer"
    office.act("receive", who, dossiers=[code], received_on=office.now.date())
    office.act("report", who, dossiers=[code], number="1/BC", reported_on=office.now.date(), findings="Đủ.")
    state = await ended(evaluation_cycle, at=at("2025-05-27 07:30"))
    assert state.name == "Open"
    assert (state.message or "").startswith("2 bước có việc")
    assert office.stage(code) == "district_evaluation"
    assert tuple(PHASES)[: len(QD148.phases)] == tuple(QD148.phases)
    assert set(PHASES) == {phase for law in PROCEDURES.values() for phase in law.phases}


def a_spring(office: Office) -> None:
    """Leave work for every kind of flow: decided and undecided dossiers, a certificate that ends, mornings to come."""
    certified(office, "14101", star=3, issued_on=day("2022-06-30"), number="GCN-CŨ")
    office.go("2025-05-05")
    office.at_district()
    office.at_district("14201")
    office.register("14102")
    sent = office.at_province("75")
    judged = office.at_district()
    office.now = at("2025-06-10 15:00")
    office.evaluate(judged, "72")
    office.evaluate(sent, "60", "36/officer")
    for code, who, number in ((judged, "365/officer", "7/QĐ"), (sent, "36/officer", "8/QĐ")):
        office.act("decide", who, dossiers=[code], number=number, signed_on=office.now.date(), signer="Người ký")


def punctual(office: Office, until: datetime) -> dict[str, list[str]]:
    """Return the record of a copy of this world in which the watch ran at every instant at which something fell due."""
    home = DatabaseSettings().home / "punctual"
    home.mkdir()
    shutil.copy(DatabaseSettings().home / "ocop.db", home / "ocop.db")
    twin = Office(make_engine(DatabaseSettings(home=home, db_url="")), office.now)
    due_next = select(func.min(AgendaItem.due_at)).where(AgendaItem.done_at.is_(None))
    while (due := twin.rows(due_next)[0][0]) is not None and due <= until:
        twin.now = due
        twin.tick()
    kept = record(twin.engine)
    twin.engine.dispose()
    return kept


@pytest.mark.parametrize(
    ("due", "late"),
    [
        ("2025-06-11 07:30", timedelta(hours=1)),
        ("2025-06-15 00:00", timedelta(days=3)),
        pytest.param("2025-06-15 00:00", timedelta(days=200), marks=pytest.mark.long),
    ],
    ids=["an_hour", "three_days", "two_hundred_days"],
)
async def test_flows_that_come_late_leave_the_record_and_the_letters_of_a_watch_on_time(
    office: Office, due: str, late: timedelta
) -> None:
    a_spring(office)
    with closing(office.engine.raw_connection()) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[attr-defined]
    when = at(due) + late
    expected = punctual(office, when)
    for watch in reversed(WATCHES):  # as an outage leaves them: the digest first, the deadlines last
        assert (await ended(watch, at=when)).is_completed()
    assert differing(expected, record(office.engine)) == {}
    before = record(office.engine)
    for watch in WATCHES:
        assert (await ended(watch, at=when)).is_completed()
    assert differing(before, record(office.engine)) == {}


async def test_a_refusal_fails_the_run_in_words_and_is_not_tried_again(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="prefect.task_runs")
    state = await ended(evaluation_cycle, "ND1999", at("2025-05-05"))
    assert state.is_failed()
    assert "Không có chu trình mang mã 'ND1999'" in (state.message or "")
    with transaction(office.engine) as session:
        clock.set_mark(session, clock.LAST_TICK, "2026-01-01T00:00:00+00:00", at("2026-01-01"))
    jumped = await ended(evaluation_cycle)
    assert jumped.is_failed()
    assert "“Đồng hồ máy chủ đúng, làm bù các việc”" in (jumped.message or "")
    assert "Finished in state Failed" in caplog.text
    assert not Path("results").exists(), "a failed run leaves its exception in Prefect's folder, not in ours"
    assert "Retry" not in caplog.text
    assert (await ended(evaluation_cycle, at=at("2025-05-05"))).is_completed(), "an explicit instant passes"


async def test_a_locked_database_is_tried_again_until_it_is_free(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="prefect.task_runs")
    monkeypatch.setenv("OCOP_DB_BUSY_SECONDS", "0.05")
    monkeypatch.setenv("OCOP_HOME", str(DatabaseSettings().home / "."))
    other = make_engine(DatabaseSettings())
    held = other.raw_connection()
    held.execute("BEGIN IMMEDIATE")  # type: ignore[attr-defined]
    asked: list[bool] = []

    def heals_once_free(task: Any, run: Any, state: State[Any]) -> bool:
        asked.append(heals(task, run, state))
        held.rollback()
        return asked[-1]

    patient = reconciling.due_now.with_options(retry_delay_seconds=0, retry_condition_fn=heals_once_free)

    @flow(name="patient")
    async def patient_flow() -> dict[str, int]:
        return patient(at("2025-04-09 08:00"), ["digest"])

    state = await ended(patient_flow)
    held.close()
    other.dispose()
    assert asked == [True]
    assert await state.aresult() == {"digest": 1}
    assert "Retry 1/3" in caplog.text


async def test_a_poisoned_dossier_stays_and_is_named_and_the_others_go_on(office: Office) -> None:
    office.go("2025-05-05")
    poisoned, sound = office.at_district(), office.at_district("14201")
    for code, who in ((poisoned, "365/officer"), (sound, "366/officer")):
        office.evaluate(code, "55", who)
        office.act("decide", who, dossiers=[code], number=who, signed_on=office.now.date(), signer="Người ký")
        with transaction(office.engine) as session:  # what no act would do: a decided dossier without its decision
            wrong = update(Decision).where(Decision.dossier_id == 1)
            session.execute(wrong.values(annulled_on=day("2025-05-05"), annulled_by="?"))
    state = await ended(district_evaluation, CYCLE, at("2025-05-05 10:00"))
    assert state.is_completed()
    assert f"không chuyển được 1: {poisoned}" in (state.message or "")
    assert [office.stage(code) for code in (poisoned, sound)] == ["district_decided", "district_recognition"]
