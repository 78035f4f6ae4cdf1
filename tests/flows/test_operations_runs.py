"""The page of upkeep before a real Prefect: it asks for a run of the watch, and tells each flow's last run."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from prefect.client.orchestration import get_client
from sqlalchemy import Engine
from starlette.testclient import TestClient

from dashboard.app import create_app
from dashboard.prefect_runs import SERVED, last_by_flow
from dashboard.settings import WebSettings
from flows.deadline_watch import deadline_watch
from models.session import transaction
from tests.factories import an_office
from tests.integration.console_pages import HOST, OFFICE, form_token, sign_in, text

if TYPE_CHECKING:
    from cli.serving.prefect_server import PrefectServer

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
ROOT = Path(__file__).parents[2]


async def _deployed() -> None:
    """Make the watch's deployment known to the server, as `ocop serve` does."""
    from cli.serving.deployments import read_deployments, register

    async with get_client() as client:
        await register(client, read_deployments(ROOT / "prefect.yaml"))


async def _asked_for() -> list[str]:
    """Return the flows of the runs that wait because somebody asked for them."""
    async with get_client() as client:
        runs = [run for run in await client.read_flow_runs() if not run.auto_scheduled and run.deployment_id]
        return [(await client.read_flow(run.flow_id)).name for run in runs]


def test_a_run_of_the_watch_is_asked_for_and_the_flows_tell_their_last_runs(
    prefect_server: "PrefectServer", flows_engine: Engine
) -> None:
    office = an_office(flows_engine)
    asyncio.run(_deployed())
    client = TestClient(
        create_app(flows_engine, WebSettings(prefect_url=prefect_server.ui_url, prefect_seconds=30)), base_url=HOST
    )
    from casework import accounts

    with transaction(flows_engine) as session:
        sign_in(client, session, accounts.Owner(person=OFFICE))
    before = asyncio.run(_asked_for()).count("deadline-watch")
    answer = client.post("/operations/run", data={"form_token": form_token(client)})
    assert "Đã yêu cầu Prefect chạy lượt theo dõi thời hạn" in answer.text
    assert asyncio.run(_asked_for()).count("deadline-watch") == before + 1
    asyncio.run(deadline_watch(at=office.now))
    found = last_by_flow(prefect_server.ui_url, 30)
    assert [flow.name for flow in found.flows] == list(SERVED)
    (watch,) = [flow for flow in found.flows if flow.name == "deadline-watch"]
    assert watch.last is not None
    assert not watch.last.bad
    assert "Theo dõi thời hạn" in text(client, "/operations")
