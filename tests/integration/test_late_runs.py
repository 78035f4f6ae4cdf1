"""A watch that comes late, twice, or after days of outage leaves the record and the letters of one on time."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from models.cycles import AgendaItem, Breach, Escalation
from models.letters import Letter
from models.record import Event
from models.session import make_engine
from models.settings import DatabaseSettings
from ocop.levels import Level
from tests.factories import CYCLE, Office, all_gates, an_office, at, day
from tests.holdings import certified
from tests.plans import deadline_with
from tests.records import differing, letters, read_all, record

pytestmark = pytest.mark.postgresql_long

Step = tuple[str, Callable[[Office], object]]
Watch = Callable[[datetime, datetime], datetime]
"""When the next watch runs: given the earliest thing due and the last watch."""

END = at("2025-07-31 20:00")
LONG_END = at("2026-02-20 20:00")


def on_time(due: datetime, last: datetime) -> datetime:
    """Run at the very instant at which something falls due."""
    del last
    return due


def late_by(span: timedelta) -> Watch:
    """Run so long after something fell due."""
    return lambda due, last: due + span


def after_outages(due: datetime, last: datetime) -> datetime:
    """Run on the first of every ninth day at ten past three, whatever is due: many watches were missed."""
    return max(last, due) + timedelta(days=9, hours=3, minutes=10)


def each_due(office: Office) -> datetime | None:
    """Return the earliest instant at which something is due and not done."""
    ((due,),) = office.rows(select(func.min(AgendaItem.due_at)).where(AgendaItem.done_at.is_(None)))
    return due  # type: ignore[no-any-return]


def play(office: Office, script: list[Step], watch: Watch, *, end: datetime, times: int = 1) -> None:
    """Perform a script's acts at their instants, and let the watch run when it comes in between."""
    last = office.now
    for when, act in [*((at(text), act) for text, act in script), (end, lambda office: office.tick())]:
        while (due := each_due(office)) is not None and (run := watch(due, last)) < when:
            last = office.now = run
            for _ in range(times):
                office.tick()
        office.now = when
        act(office)


def script() -> list[Step]:
    """Return a spring in which everything that the clock does happens at least once."""
    codes: dict[str, str] = {}

    def register(name: str, commune: str) -> Callable[[Office], object]:
        return lambda office: codes.update({name: office.register(commune)})

    def commune_done(name: str, commune: str) -> Iterator[Callable[[Office], object]]:
        who = f"{commune}/officer"
        yield lambda office: office.act("receive", who, dossiers=[codes[name]], received_on=office.now.date())
        yield lambda office: office.act(
            "report", who, dossiers=[codes[name]], number="12/BC", reported_on=office.now.date(), findings="Đủ."
        )

    def signed(name: str, who: str, number: str) -> Callable[[Office], object]:
        return lambda office: office.act(
            "decide", who, dossiers=[codes[name]], number=number, signed_on=office.now.date(), signer="Nguyễn Văn Ký"
        )

    returned = commune_done("returned", "14101")
    plain = commune_done("plain", "14101")
    late = commune_done("recorded late", "14201")
    asked = commune_done("asked", "14202")
    return [
        ("2025-04-10 08:00", register("returned", "14101")),
        ("2025-04-10 08:30", register("plain", "14101")),
        ("2025-04-10 09:00", register("left", "14102")),
        ("2025-04-10 09:30", register("recorded late", "14201")),
        ("2025-04-10 10:00", register("asked", "14202")),
        ("2025-04-14 09:00", next(returned)),
        ("2025-04-15 09:00", next(returned)),
        ("2025-04-16 09:00", next(plain)),
        ("2025-04-17 09:00", next(plain)),
        ("2025-04-17 10:00", next(late)),
        ("2025-04-17 11:00", next(late)),
        ("2025-04-18 09:00", next(asked)),
        ("2025-04-18 10:00", next(asked)),
        ("2025-04-22 09:00", lambda o: o.evaluate(codes["returned"], "75")),
        ("2025-04-22 10:00", lambda o: o.evaluate(codes["plain"], "55")),
        ("2025-04-23 09:00", signed("returned", "365/officer", "1/QĐ")),
        ("2025-04-23 14:00", signed("plain", "365/officer", "2/QĐ")),
        ("2025-04-24 09:00", lambda o: o.recognise(codes["plain"])),
        ("2025-04-24 15:00", lambda o: o.act(
            "submit", "365/officer", dossiers=[codes["returned"]], number="88/UBND", signed_on=day("2025-04-24"))),
        ("2025-05-05 09:00", lambda o: o.evaluate(codes["returned"], "65", "36/officer")),
        ("2025-05-06 09:00", signed("returned", "36/officer", "3/QĐ")),
        ("2025-05-07 09:00", lambda o: o.act(
            "request-supplement", "366/officer", dossier=codes["asked"], reason="Thiếu phiếu", requested_on=day("2025-05-07"))),
        ("2025-05-08 09:00", lambda o: o.act(
            "complain", "365/officer", dossier=codes["plain"], received_on=day("2025-05-08"), body="Điểm thấp")),
        ("2025-06-10 09:00", signed("returned", "365/officer", "4/QĐ")),
        ("2025-06-17 09:00", lambda o: o.evaluate(codes["recorded late"], "55", "366/officer", held_on=day("2025-06-13"))),
        ("2025-06-18 10:00", lambda o: o.act(
            "acknowledge", "14102/head", cycle=CYCLE, stage="district_evaluation", level=Level.COMMUNE, unit="14102",
            note="Đã đôn đốc", on_behalf="5/UBND, Trần Văn B")),
        ("2025-06-18 11:00", lambda o: o.act(
            "extend", "36/officer", cycle=CYCLE, stage="district_evaluation", day=day("2025-06-25"), document="7/UBND",
            reason="Mưa bão", level=Level.DISTRICT, unit="366")),
        ("2025-07-01 09:00", lambda o: o.act(
            "carry-over", "366/officer", dossiers=[codes["asked"]], decided_on=day("2025-07-01"), reason="Không bổ sung")),
        ("2025-07-25 09:00", signed("recorded late", "366/officer", "6/QĐ")),
        ("2025-07-28 09:00", lambda o: o.act(
            "carry-over", "14102/officer", dossiers=[codes["left"]], decided_on=day("2025-07-28"), reason="Chưa sẵn sàng")),
    ]  # fmt: skip


def a_spring(engine: Engine, watch: Watch, *, end: datetime = END, times: int = 1, plan: str | None = None) -> Office:
    """Play the spring under a watch."""
    office = an_office(engine) if plan is None else Office(engine).found().open_cycle(plan)
    certified(office, "14101", star=3, issued_on=day("2022-06-20"), number="GCN-1")
    certified(office, "14201", star=4, issued_on=day("2022-04-20"), number="GCN-2")
    steps = script()
    if plan is not None:  # under 'next round' the stroke itself ends what has not passed
        steps = [step for step in steps if at(step[0]) < at("2025-06-12")]
    play(office, steps, watch, end=end, times=times)
    return office


@pytest.fixture(scope="module")
def punctual(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The spring under a watch that is never late."""
    home = tmp_path_factory.mktemp("punctual")
    shutil.copy(migrated_sqlite, home / "ocop.db")
    engine = make_engine(DatabaseSettings(home=home, db_url=""))
    yield a_spring(engine, on_time)
    engine.dispose()


@pytest.fixture(scope="module")
def expected(punctual: Office) -> dict[str, list[str]]:
    """The record that every late run has to leave."""
    return record(punctual.engine)


def test_the_spring_holds_something_of_everything(punctual: Office) -> None:
    office = punctual
    assert {row[0] for row in office.rows(select(AgendaItem.kind).where(AgendaItem.done_at.is_not(None)))} == {
        "reminder", "stroke", "rung", "complaint", "expiry", "expired_list", "digest",
    }  # fmt: skip
    assert office.rows(select(func.count(Breach.id)))[0][0] >= 6
    assert {
        "supplement_overdue",
        "complaint_due",
        "overdue",
        "deadline_reminder",
        "expired",
        "expired_list",
        "carried_over",
    } <= {letter.notice for letter in letters(office)}
    assert office.rows(
        select(func.count(AgendaItem.id)).where(AgendaItem.done_at.is_(None), AgendaItem.due_at <= END)
    ) == [(0,)]
    read_all(office)


@pytest.mark.parametrize(
    ("watch", "times"),
    [
        (late_by(timedelta(hours=1)), 1),
        (late_by(timedelta(days=3)), 1),
        (on_time, 2),
        (after_outages, 1),
        (late_by(timedelta(days=200)), 1),
    ],
    ids=["an hour late", "three days late", "twice in a row", "with several missed", "never before the end"],
)
def test_a_late_run_leaves_the_record_and_the_letters_of_one_on_time(
    sqlite_engine: Engine, expected: dict[str, list[str]], watch: Watch, times: int
) -> None:
    a_spring(sqlite_engine, watch, times=times)
    assert differing(expected, record(sqlite_engine)) == {}


def test_on_postgresql_a_run_on_time_and_one_three_days_late_leave_what_sqlite_holds(
    postgres_engine: Engine, expected: dict[str, list[str]]
) -> None:
    a_spring(postgres_engine, late_by(timedelta(days=3)))
    assert differing(expected, record(postgres_engine)) == {}


def test_under_next_round_a_late_stroke_carries_over_as_one_on_time(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    plan = deadline_with("district_evaluation", ('after_deadline = "refuse"', 'after_deadline = "next_round"'))
    office = a_spring(engine, late_by(timedelta(days=40)), plan=plan)
    ended = office.rows(select(Event.effective_at, Event.recorded_at).where(Event.event == "carry_over"))
    assert {row[0] for row in ended} == {at("2025-06-15 00:00")}
    assert all(row[1] > row[0] for row in ended)
    carried = [letter for letter in letters(office, "carried_over")]
    assert {letter.owed_at for letter in carried} == {at("2025-06-15 00:00")}
    assert {letter.send_from for letter in carried} == {at("2025-06-16 07:30")}


def test_instants_of_the_record_do_not_tell_when_the_run_came(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_province()
    office.evaluate(code, "65", "36/officer")
    office.act(
        "decide", "36/officer", dossiers=[code], number="3/QĐ", signed_on=office.now.date(), signer="Nguyễn Văn Ký"
    )
    decided = office.now
    office.go("2025-11-21")  # two hundred days in which nothing ran
    ((effective, recorded),) = office.rows(
        select(Event.effective_at, Event.recorded_at).where(
            Event.to_stage == "returned_to_district", Event.event == "route"
        )
    )
    assert (effective, recorded) == (decided, office.now)
    # 15 working days after Monday 5/5: Monday 26/5; the stroke is 24:00 of that day.
    assert {row[0] for row in office.rows(select(Breach.struck_at).where(Breach.stage == "returned_to_district"))} >= {
        at("2025-05-27 00:00")
    }
    due = office.rows(
        select(AgendaItem.due_at).where(AgendaItem.kind == "reminder", AgendaItem.stage == "returned_to_district")
    )
    # 14, 7, 3 and 1 working days before 26/5.
    assert sorted(row[0] for row in due) == [at(f"2025-05-{number} 07:30") for number in ("06", 15, 21, 23)]
    rungs = office.rows(select(Escalation.due_at).order_by(Escalation.due_at).limit(1))
    assert rungs == [(at("2025-05-27 07:30"),)]
    owed = {row[0] for row in office.rows(select(Letter.owed_at).where(Letter.notice == "returned_to_district"))}
    assert owed == {decided}


@pytest.mark.long
@pytest.mark.parametrize(
    "span", [timedelta(hours=1), timedelta(days=3), timedelta(days=200)], ids=["hour", "3 days", "200 days"]
)
def test_a_whole_year_with_late_runs_leaves_the_record_of_one_on_time(
    engine: Engine, span: timedelta, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("year")
    shutil.copy(migrated_sqlite, home / "ocop.db")
    punctual = make_engine(DatabaseSettings(home=home, db_url=""))
    a_spring(punctual, on_time, end=LONG_END)
    a_spring(engine, late_by(span), end=LONG_END)
    assert differing(record(punctual), record(engine)) == {}
    punctual.dispose()


def test_the_centres_result_recorded_months_later_is_routed_as_of_its_own_instant(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_province("92")
    office.evaluate(code, "91", "36/officer")
    office.decide(code, "36/officer")
    office.recognise(code, "36/officer")
    office.act("propose", "36/officer", dossiers=[code], number="90/TTr", signed_on=office.now.date())
    office.tick()
    office.now = at("2025-12-05")
    office.act("close-cycle", "36/officer", cycle=CYCLE)
    office.act(
        "record-central-result", "36/officer", dossier=code, held_on=day("2025-12-01"), minutes="7/BB", mean=Decimal(93),
        gates=all_gates(), number="2000/QĐ", signed_on=day("2025-12-04"), signer="Bộ trưởng",
    )  # fmt: skip
    recorded = office.now
    office.go("2026-03-01")
    assert office.stage(code) == "recognised"  # also in a cycle that is closed
    assert office.rows(select(Event.effective_at).where(Event.from_stage == "central_decided")) == [(recorded,)]
