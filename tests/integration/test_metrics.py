"""What a machine that watches reads: the same numbers as on the pages, and for an administrator's key alone."""

from datetime import UTC, datetime, timedelta

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, func, select
from starlette.testclient import TestClient

from casework import clock
from casework.board.cycles import grid
from casework.rules import cycle_by_code
from models.letters import Letter, LetterState
from models.record import Mark
from models.session import reading, transaction
from tests.factories import CYCLE, an_office
from tests.integration.console_pages import console, walked
from tests.integration.test_api import PROBLEM, program


def scraped(client: TestClient) -> dict[str, float]:
    """Return the samples of a scrape by their names and labels: 'ocop_letters state=dead'."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        " ".join([sample.name, *(f"{name}={value}" for name, value in sample.labels.items())]): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_the_figures_are_those_of_the_pages(sqlite_engine: Engine) -> None:
    office = walked(sqlite_engine)
    found = scraped(program(office, "administrator"))
    with reading(sqlite_engine) as session:
        board = grid(session, cycle_by_code(session, CYCLE))
        states = session.execute(select(Letter.state, func.count()).group_by(Letter.state)).all()
    for stage in board.stages:
        if not stage.final:
            assert found[f"ocop_dossiers_open cycle={CYCLE} stage={stage.key}"] == board.by_stage[stage.key].number
    assert found[f"ocop_dossiers_open cycle={CYCLE} stage=central_evaluation"] == 0
    assert found[f"ocop_dossiers_overdue cycle={CYCLE}"] == board.total.overdue > 0
    for state, number in states:
        assert found[f"ocop_letters state={state}"] == number
    assert found["ocop_letters state=dead"] == 1
    assert found["ocop_incidents"] == 1  # the dead letter
    assert found["ocop_clock_driven"] == 1
    assert "ocop_last_tick_seconds" not in found  # the wall clock tells nothing of a driven one
    assert any(name.startswith("ocop_build_info") and "database=sqlite" in name for name in found)


def test_the_oldest_letter_that_should_have_left_has_an_age(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05 10:00")
    office.register()
    client = program(office, "administrator")
    with transaction(sqlite_engine) as session:
        first = session.scalars(select(func.min(Letter.send_from)).where(Letter.state == LetterState.OWED.value)).one()
    assert scraped(client)["ocop_letters_oldest_owed_seconds"] == (office.now - first).total_seconds() > 0
    with transaction(sqlite_engine) as session:
        for letter in session.scalars(select(Letter)):
            letter.state = LetterState.SENT.value
    found = scraped(client)
    assert (
        found["ocop_letters_oldest_owed_seconds"] == found["ocop_letters_late"] == found["ocop_letters state=owed"] == 0
    )


def test_the_age_of_the_last_watch_is_told_by_the_wall_clock(sqlite_engine: Engine) -> None:
    client = program(an_office(sqlite_engine), "administrator")
    with transaction(sqlite_engine) as session:
        session.delete(session.get_one(Mark, clock.DRIVEN))
        clock.accept(session, datetime.now(UTC) - timedelta(hours=2))
    assert 7200 <= scraped(client)["ocop_last_tick_seconds"] < 7300


def test_only_a_key_of_an_administrator_opens_the_figures(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine)
    assert program(office, "36/officer").get("/metrics").status_code == 403
    for client in (program(office), console(office.engine)):  # nobody on the same machine; a browser's session
        refused = client.get("/metrics")
        assert (refused.status_code, refused.headers["content-type"]) == (401, PROBLEM)
