"""Windows that races have found on PostgreSQL, each opened on purpose: one side stands still just where it hurts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, update
from sqlalchemy.orm import Session

from casework import suspensions
from casework.actors import person
from casework.acts import ACTS
from casework.agenda import DEADLINE_KINDS, catch_up
from models.cycles import Breach, Cycle, Deadline, Escalation
from models.dossiers import Dossier
from models.session import perform
from models.settings import DatabaseSettings
from ocop.errors import NotPossibleNow
from ocop.levels import Level
from tests.factories import Office, at
from tests.races.track import engine_of
from tests.races.world import COMMUNE, HEAD, PROVINCE, registration

DATABASE = "postgresql"
STANDS_STILL = 0.5
"""How many seconds one side stands still at most, while the other may wait for what it has locked."""


def standing_still(engine: Engine, before: str, work: Callable[[Session], Any], meanwhile: Callable[[], Any]) -> Any:
    """Perform a work that stands still before a statement, or its commit, until what is done meanwhile is through."""
    other = engine_of(DatabaseSettings(db_url=engine.url.render_as_string(hide_password=False)))
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


@pytest.fixture(scope="module")
def founded(settings: DatabaseSettings) -> Iterator[Office]:
    """An office on PostgreSQL in which each test opens a cycle of its own."""
    engine = engine_of(settings)
    yield Office(engine).found()
    engine.dispose()


def opened(office: Office, when: str) -> str:
    """Open a new cycle at an instant and return its code."""
    office.now = at(when)
    code = f"W{next(office.keys)}"
    office.open_cycle(code=code)
    return code


@dataclass(frozen=True)
class Late:
    """A dossier that has not met its deadline two seconds before the stroke of 15/6."""

    office: Office
    cycle: str
    dossier: str

    def extend(self) -> None:
        """Extend the deadline by a day."""
        body = {"stage": "district_evaluation", "day": date(2025, 6, 15), "document": "70/UBND", "reason": "Mưa bão"}
        self.office.act("extend", PROVINCE, cycle=self.cycle, **body)

    def acknowledge(self) -> None:
        """Acknowledge the district's escalations."""
        body = {"stage": "district_evaluation", "level": Level.DISTRICT, "unit": "365", "note": "Họp ngày 19/6"}
        self.office.act("acknowledge", HEAD, cycle=self.cycle, **body)

    def breaches(self) -> list[Any]:
        """Return what closed each of its breaches; an open one has nothing."""
        wanted = select(Breach.closed_by).join(Dossier, Dossier.id == Breach.dossier_id)
        return [closed for (closed,) in self.office.rows(wanted.where(Dossier.code == self.dossier))]


@pytest.fixture
def late(founded: Office) -> Late:
    """A dossier in a cycle of its own."""
    cycle = opened(founded, "2025-06-14 20:00")
    dossier = founded.at_district(cycle=cycle)
    founded.now = at("2025-06-14 23:59:58")
    return Late(founded, cycle, dossier)


def test_a_session_recorded_while_a_sweep_writes_its_breaches_leaves_none_open(late: Late) -> None:
    standing_still(late.office.engine, "INSERT INTO breaches", sweep, lambda: late.office.evaluate(late.dossier, "55"))
    assert late.breaches() == ["evaluate"]


def test_a_deadline_extended_while_a_sweep_writes_its_breaches_leaves_none_open(late: Late) -> None:
    standing_still(late.office.engine, "INSERT INTO breaches", sweep, late.extend)
    assert late.breaches() == ["extend"]


def test_a_ladder_acknowledged_while_a_sweep_climbs_it_climbs_no_further_unseen(late: Late) -> None:
    late.office.go("2025-06-16 08:00")
    late.office.now = at("2025-06-18 07:29")

    def climb(session: Session) -> None:
        catch_up(session, at("2025-06-18 07:30"), DEADLINE_KINDS)

    standing_still(late.office.engine, "INSERT INTO escalations", climb, late.acknowledge)
    rungs = late.office.rows(
        select(Escalation.rung, Escalation.acknowledged_by != "")
        .join(Deadline, Deadline.id == Escalation.deadline_id)
        .join(Cycle, Cycle.id == Deadline.cycle_id)
        .where(Cycle.code == late.cycle)
        .order_by(Escalation.rung)
    )
    assert rungs == [(0, True), (1, True)]


def test_a_cycle_closed_after_an_act_has_read_it_takes_no_registration(founded: Office) -> None:
    cycle = opened(founded, "2025-04-08 09:00")
    founded.now = at("2025-04-09 07:29")

    def register(session: Session) -> None:
        body = registration(cycle, cycle, date(2025, 4, 9))  # the morning's letter reads the cycle before
        actor = person(session, COMMUNE)
        ACTS["register"].perform(session, actor=actor, at=at("2025-04-09 07:30"), key=f"register in {cycle}", **body)

    refusal = standing_still(
        founded.engine, "FOR NO KEY UPDATE", register, lambda: founded.act("close-cycle", PROVINCE, cycle=cycle)
    )
    assert isinstance(refusal, NotPossibleNow), refusal
    assert founded.rows(select(Dossier.code).join(Cycle).where(Cycle.code == cycle)) == []


def test_what_is_received_while_its_level_is_suspended_keeps_its_step(founded: Office) -> None:
    cycle = opened(founded, "2025-05-12 09:00")
    today, code = date(2025, 5, 12), f"{cycle}-0001"
    filed: dict[str, Any] = registration(cycle, cycle, today)
    founded.act("register", COMMUNE, **filed)

    def suspend(session: Session) -> None:
        suspensions.suspend(
            session, actor=person(session, PROVINCE), at=founded.now, key=f"suspend in {cycle}", cycle=cycle,
            level=Level.COMMUNE, since=today, document="1/UBND", reason="Chờ xác định thẩm quyền.",
        )  # fmt: skip

    standing_still(
        founded.engine,
        "FOR UPDATE",
        suspend,
        lambda: founded.act("receive", COMMUNE, dossiers=[code], received_on=today),
    )
    (stood,) = founded.rows(select(Dossier.stage, Dossier.suspended_at).where(Dossier.code == code))
    assert stood.stage == "commune_review", "binding it anew wrote over the step"
    assert stood.suspended_at is not None


def test_an_act_that_carried_something_on_reads_the_plan_in_force_when_it_has_its_dossier(founded: Office) -> None:
    cycle = opened(founded, "2025-05-05 09:00")
    dossier, ready = founded.at_district(cycle=cycle), founded.register("14201", cycle=cycle)
    today = founded.now.date()
    founded.act("receive", "14201/officer", dossiers=[ready], received_on=today)
    founded.act(
        "report", "14201/officer", dossiers=[ready], number="1/BC", reported_on=today, findings="Đủ."
    )  # what comes next carries it on, and reads the cycle for that

    def supplement(session: Session) -> None:
        body = {"dossier": dossier, "requested_on": today, "reason": "Thiếu phiếu kiểm nghiệm"}
        actor = person(session, "365/officer")
        ACTS["request-supplement"].perform(session, actor=actor, at=founded.now, key=f"ask in {cycle}", **body)

    def amend() -> None:  # as an amended plan that takes force does
        perform(
            founded.engine,
            lambda session: session.execute(update(Cycle).where(Cycle.code == cycle).values(plan_version=2)),
        )

    standing_still(founded.engine, "FROM leaves", supplement, amend)
    own = select(Deadline.kind, Deadline.plan_version).join(Dossier, Dossier.id == Deadline.dossier_id)
    assert founded.rows(own.where(Dossier.code == dossier)) == [("supplement", 2)]
