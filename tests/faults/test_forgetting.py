"""Forgetting old runs is cut off before and after each request to Prefect: the next run forgets what is left, and no more."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

import httpx
import pytest
from prefect import flow
from prefect.client.base import PrefectHttpxAsyncClient
from prefect.client.orchestration import get_client
from prefect.states import Completed

from cli.serving.prefect_server import PrefectServer
from tasks.runs import forget_runs
from tests.faults.points import GONE, Fault, Points, in_a_child

pytestmark = pytest.mark.long


@flow(name="long-past")
def long_past() -> None:
    """A flow whose runs are old."""


def ended_runs(number: int) -> list[UUID]:
    """Let runs end and return their ids."""

    async def work() -> list[UUID]:
        async with get_client() as client:
            runs = [await client.create_flow_run(long_past) for _ in range(number)]
            for run in runs:
                await client.set_flow_run_state(run.id, Completed(), force=True)
            return [run.id for run in runs]

    return asyncio.run(work())


def known() -> set[UUID]:
    """Return the ids of all runs that Prefect knows."""

    async def work() -> set[UUID]:
        async with get_client() as client:
            return {run.id for run in await client.read_flow_runs()}

    return asyncio.run(work())


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch) -> Points:
    """Points before each request and after each answer, which is then lost."""
    points, send = Points(), PrefectHttpxAsyncClient.send

    def broken() -> None:
        raise httpx.ReadError("Connection reset by peer")

    async def around(self: PrefectHttpxAsyncClient, request: httpx.Request, **options: Any) -> Any:
        points.reach(f"before {request.method} {request.url.path}", broken)
        answer = await send(self, request, **options)
        points.reach(f"after {request.method} {request.url.path}", broken)
        return answer

    monkeypatch.setattr(PrefectHttpxAsyncClient, "send", around)
    return points


@pytest.mark.parametrize("fault", [Fault.FAIL, Fault.EXIT])
def test_forgetting_cut_off_at_any_request_goes_on_with_what_is_left(
    prefect_server: PrefectServer,
    points: Points,
    fault: Fault,
    record_property: Callable[[str, object], None],
) -> None:
    prefect_server.wait()
    for number in count(1):
        old = ended_runs(2)
        until = datetime.now(UTC)
        young = ended_runs(1)

        def forget(until: datetime = until) -> None:
            asyncio.run(forget_runs.fn(until))

        if not _cut(points, forget, number, fault):
            break
        points.begin()
        forget()
        left = known()
        assert not left.intersection(old), number
        assert left.issuperset(young), number
    assert number > 6, "two runs are asked for and deleted"
    record_property("crash points tried", number - 1)


def _cut(points: Points, forget: Callable[[], None], number: int, fault: Fault) -> bool:
    """Cut forgetting off at a point; False where it came to its end before."""
    if fault is Fault.EXIT:

        def child() -> None:
            points.begin(number, fault)
            forget()

        status = in_a_child(child)
        assert status in (0, GONE)
        return status == GONE
    points.begin(number)
    try:
        forget()
    except httpx.ReadError:
        assert points.fired
    fired = bool(points.fired)
    points.begin()
    return fired
