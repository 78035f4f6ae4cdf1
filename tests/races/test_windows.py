"""Windows that races have found on PostgreSQL, each opened on purpose: one side stands still just where it hurts."""

from collections.abc import Callable
from datetime import date
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from casework.act import ACTS
from casework.actors import person
from casework.agenda import DEADLINE_KINDS, catch_up
from models.cycles import Breach, Escalation
from models.dossiers import Dossier
from models.session import make_engine, perform
from models.settings import DatabaseSettings
from ocop.errors import NotPossibleNow
from ocop.levels import Level
from tests.factories import CYCLE, Office, an_office, at
from tests.races.world import COMMUNE, HEAD, registration

STANDS_STILL = 0.5
"""How many seconds one side stands still at most, while the other may wait for what it has locked."""


def standing_still(engine: Engine, before: str, work: Callable[[Session], Any], meanwhile: Callable[[], Any]) -> Any:
    """Perform a work that stands still before a statement, or its commit, until what is done meanwhile is through."""
    other = make_engine(DatabaseSettings(db_url=engine.url.render_as_string(hide_password=False)))
    reached, through = Event(), Event()

    def stand(*arguments: Any) -> None:
        if reached.is_set() or (before != "commit" and before not in arguments[2]):
            return
        reached.set()
        through.wait(STANDS_STILL)

    event.listen(other, "commit" if before == "commit" else "before_cursor_execute", stand)
    answers: list[Any] = []

    def run() -> None:
        try:
            answers.append(perform(other, work))
        except Exception as raised:  # noqa: BLE001 - it is the answer
            answers.append(raised)

    thread = Thread(target=run)
    thread.start()
    assert reached.wait(30), answers
    try:
        meanwhile()
    finally:
        through.set()
        thread.join()
        other.dispose()
    return answers[0]


def sweep(session: Session) -> None:
    """Do what the hourly watch does at the stroke of 15/6."""
    catch_up(session, at("2025-06-15 00:00"), DEADLINE_KINDS)


@pytest.fixture
def office(postgres_engine: Engine) -> Office:
    """An office two seconds before the stroke of 15/6."""
    office = an_office(postgres_engine).go("2025-06-14 20:00")
    office.at_district()
    office.now = at("2025-06-14 23:59:58")
    return office


def breaches(office: Office) -> list[Any]:
    """Return what closed each breach; an open one has nothing."""
    return [closed for (closed,) in office.rows(select(Breach.closed_by))]


def test_a_session_recorded_while_a_sweep_writes_its_breaches_leaves_none_open(office: Office) -> None:
    standing_still(office.engine, "INSERT INTO breaches", sweep, lambda: office.evaluate(f"{CYCLE}-0001", "55"))
    assert breaches(office) == ["evaluate"]


def test_a_deadline_extended_while_a_sweep_writes_its_breaches_leaves_none_open(office: Office) -> None:
    def extend() -> None:
        office.act(
            "extend", "36/officer", cycle=CYCLE, stage="district_evaluation", day=at("2025-06-15").date(), document="70/UBND",
            reason="Mưa bão",
        )  # fmt: skip

    standing_still(office.engine, "INSERT INTO breaches", sweep, extend)
    assert breaches(office) == ["extend"]


def test_a_ladder_acknowledged_while_a_sweep_climbs_it_climbs_no_further_unseen(office: Office) -> None:
    office.go("2025-06-16 08:00")
    office.now = at("2025-06-18 07:29")

    def acknowledge() -> None:
        office.act(
            "acknowledge", HEAD, cycle=CYCLE, stage="district_evaluation", level=Level.DISTRICT, unit="365",
            note="Họp ngày 19/6",
        )  # fmt: skip

    def climb(session: Session) -> None:
        catch_up(session, at("2025-06-18 07:30"), DEADLINE_KINDS)

    standing_still(office.engine, "INSERT INTO escalations", climb, acknowledge)
    rungs = office.rows(select(Escalation.rung, Escalation.acknowledged_by).order_by(Escalation.rung))
    assert [(rung, by != "") for rung, by in rungs] == [(0, True), (1, True)]


def test_a_cycle_closed_after_an_act_has_read_it_takes_no_registration(postgres_engine: Engine) -> None:
    office = an_office(postgres_engine)
    office.now = at("2025-04-09 07:29")

    def register(session: Session) -> None:
        body = registration(CYCLE, "1", date(2025, 4, 9))  # the morning's letter reads the cycle before
        actor = person(session, COMMUNE)
        ACTS["register"].perform(session, actor=actor, at=at("2025-04-09 07:30"), key="register", **body)

    def close() -> None:
        office.act("close-cycle", "36/officer", cycle=CYCLE)

    refusal = standing_still(office.engine, "FOR NO KEY UPDATE", register, close)
    assert isinstance(refusal, NotPossibleNow), refusal
    assert office.rows(select(Dossier.code)) == []
