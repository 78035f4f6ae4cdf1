"""The served flows: runs that are due are taken from the server and worked off in this process."""

import asyncio
import logging
import threading
from collections.abc import Mapping
from contextlib import suppress
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from prefect import Flow
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas import OrchestrationResult
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.exceptions import ObjectNotFound
from prefect.flow_engine import run_flow_async
from prefect.states import Crashed, Pending

logger = logging.getLogger("ocop.serving")

IN_MOTION = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
"""States of a run that somebody works on."""

LEFT_BEHIND = "Bị ngắt khi máy chủ dừng; lượt chạy sau làm tiếp phần việc còn lại."
UNTOLD = "Đã kết thúc trong lúc máy chủ Prefect vắng mặt; lượt chạy sau làm tiếp phần việc còn lại."
PAGE = 200
"""How many runs one request to the server concerns."""


async def crash_leftovers(client: PrefectClient) -> int:
    """Force the runs that nobody works on any more to Crashed, and return how many.

    To be called before anything is served: nothing resumes an interrupted run, its state would say Running for ever, and
    its place under the concurrency limit would stay taken. We hold the server alone, so all runs in motion are such.
    """
    in_motion = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=IN_MOTION)))
    crashed = 0
    while runs := await client.read_flow_runs(flow_run_filter=in_motion, limit=PAGE):
        for run in runs:
            await client.set_flow_run_state(run.id, Crashed(message=LEFT_BEHIND), force=True)
        crashed += len(runs)
    return crashed


class ServedFlows:
    """The flows of our deployments, and the runs of them that work now, each in a thread and an event loop of its own.

    A thread for each run: its tasks write to the database without giving way, and neither the other runs nor the
    supervisor wait for them. The threads are daemons: a stop does not wait for a run that hangs.
    """

    def __init__(self, flows: Mapping[UUID, Flow[..., Any]], *, at_once: int) -> None:
        self.flows = flows
        self.at_once = at_once
        self.working: dict[UUID, threading.Thread] = {}

    async def take_due(self, client: PrefectClient) -> int:
        """Take the runs that are due now, as many as there are free places, and return how many were begun."""
        await self.let_go(client)
        begun = 0
        soon = datetime.now(UTC) + timedelta(seconds=1)
        for run in await client.get_scheduled_flow_runs_for_deployments(list(self.flows), soon, PAGE):
            if len(self.working) >= self.at_once:
                break
            if run.id in self.working or run.deployment_id is None:
                continue
            answer: OrchestrationResult[Any] = await client.set_flow_run_state(run.id, Pending())
            if answer.status != SetStateStatus.ACCEPT:  # cancelled: another run of the deployment is at work
                continue
            thread = threading.Thread(
                target=copy_context().run,
                args=(_work_off, self.flows[run.deployment_id], run.id),
                name=f"run {run.name}",
                daemon=True,
            )
            thread.start()
            self.working[run.id] = thread
            begun += 1
        return begun

    async def let_go(self, client: PrefectClient) -> None:
        """Forget the runs whose threads have ended; one that could not tell the server so is forced to Crashed.

        The server was away when it ended: its place under the concurrency limit would stay taken until we are started anew.
        """
        for run_id in [run_id for run_id, thread in self.working.items() if not thread.is_alive()]:
            with suppress(ObjectNotFound):  # deleted meanwhile
                run = await client.read_flow_run(run_id)
                if run.state_type in IN_MOTION:
                    await client.set_flow_run_state(run_id, Crashed(message=UNTOLD), force=True)
            del self.working[run_id]

    async def finish(self, *, seconds: float) -> bool:
        """Wait for the runs at work, but not longer than some seconds; tell whether all ended."""
        limit = asyncio.get_running_loop().time() + seconds
        while any(thread.is_alive() for thread in self.working.values()):
            if asyncio.get_running_loop().time() > limit:
                return False
            await asyncio.sleep(0.05)
        return True


def _work_off(flow: Flow[..., Any], run_id: UUID) -> None:
    try:
        asyncio.run(_run(flow, run_id))
    except Exception:
        # The outermost frame of a thread: the run's own state tells what happened, the log tells where.
        logger.exception("Lượt chạy %s của %s bị hỏng", run_id, flow.name)


async def _run(flow: Flow[..., Any], run_id: UUID) -> None:
    async with get_client() as client:
        run = await client.read_flow_run(run_id)
    await run_flow_async(flow, flow_run=run, parameters=run.parameters, return_type="state")


async def serve_runs(flows: Mapping[UUID, Flow[..., Any]], stop: asyncio.Event, *, every: float, at_once: int) -> bool:
    """Take runs that are due, every few seconds, until told to stop, and tell whether all that were begun have ended.

    A server that is away is asked again.
    """
    served = ServedFlows(flows, at_once=at_once)
    async with get_client() as client:
        while not stop.is_set():
            try:
                await served.take_due(client)
            except Exception:
                # The outermost loop of the served flows: what was due stays due, and is asked for again.
                logger.exception("Chưa hỏi được máy chủ Prefect")
            try:
                await asyncio.wait_for(stop.wait(), every)
            except TimeoutError:
                continue
    return await served.finish(seconds=1.5)
