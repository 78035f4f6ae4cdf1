"""Prefect's server away for months: people go on, and one reconcile after its return leaves what a punctual one would have."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from sqlalchemy import Engine, select

from casework import clock
from cli.serving.prefect_server import clients_of, prefect_environment
from cli.serving.processes import free_port
from models.cycles import AgendaItem
from models.session import make_engine, transaction
from models.settings import DatabaseSettings
from tests.factories import Office, an_office, at, day
from tests.flows.test_canary import all_ended, begin, reaches, serve
from tests.holdings import certified
from tests.integration.test_late_runs import END, a_spring, on_time, script
from tests.records import differing, record

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),  # Prefect 3.8 forgets to close a client
]


@pytest.fixture
def expected(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[str]]]:
    """The record of the same spring under a watch that is never late."""
    home = tmp_path_factory.mktemp("punctual")
    shutil.copy(migrated_sqlite, home / "ocop.db")
    engine = make_engine(DatabaseSettings(home=home, db_url=""))
    yield record(a_spring(engine, on_time).engine)
    engine.dispose()


def drive(office: Office) -> None:
    """Let the machine's clock stand at the office's instant."""
    with transaction(office.engine) as session:
        clock.drive(session, office.now)


async def run_of(name: str) -> str | None:
    """Have a served flow run and return the name of the state it ends in."""
    async with get_client() as client:
        ended = await reaches(
            client, await begin(client, name), StateType.COMPLETED, StateType.FAILED, StateType.CRASHED
        )
        return ended.state_name


def test_after_months_without_prefect_one_reconcile_leaves_the_record_of_a_punctual_one(
    sqlite_engine: Engine, tmp_path: Path, expected: dict[str, list[str]]
) -> None:
    office = an_office(sqlite_engine)
    certified(office, "14101", star=3, issued_on=day("2022-06-20"), number="GCN-1")
    certified(office, "14201", star=4, issued_on=day("2022-04-20"), number="GCN-2")
    steps = script()
    drive(office)
    ports = free_port(), free_port()
    with clients_of(prefect_environment(tmp_path / "prefect", ports[0])):
        with serve(tmp_path, *ports) as serving:
            assert asyncio.run(run_of("evaluation-cycle")) != "Failed"
            family = serving.family()
            serving.process.kill()  # and with it its children, Prefect's server and the flows
            assert all_ended(family, 10)
        for when, act in steps:  # from April to July nothing runs but what people type
            office.now = at(when)
            act(office)
        office.now = END
        drive(office)
        with serve(tmp_path, *ports):
            for flow in ("evaluation-cycle", "daily-digest", "expiry-sweep"):
                assert asyncio.run(run_of(flow)) not in ("Failed", "Crashed")
    assert office.rows(select(AgendaItem.id).where(AgendaItem.done_at.is_(None), AgendaItem.due_at <= END)) == []
    found = differing(expected, record(sqlite_engine))
    found.pop("marks", None)  # the driven clock's own
    assert found == {}
