"""The canary: what we rely on in Prefect and do not own, tried on a real server, and `ocop serve` as a whole."""

import asyncio
import logging
import os
import select as ready
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
import yaml
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId
from prefect.client.schemas.objects import FlowRun, StateType
from sqlalchemy import Engine, select

from casework import clock
from cli.serving.loop import LEFT_BEHIND
from cli.serving.prefect_server import PrefectServer, clients_of, prefect_environment
from cli.serving.processes import answers, claim_port, free_port
from cli.settings import DEPLOYMENTS_FILE
from flows.evaluation_cycle import evaluation_cycle
from models.record import Event
from models.session import transaction
from tests.factories import CYCLE, Office, an_office, at

NAMES = sorted(
    entry["entrypoint"].rpartition(".")[2].replace("_", "-")
    for entry in yaml.safe_load(DEPLOYMENTS_FILE.read_text(encoding="utf-8"))["deployments"]
)
OCOP = "from cli.main import main; main()"
LISTENS, LOOPBACK = "0A", "0100007F"
"""A socket's state, and 127.0.0.1, as the kernel writes them."""
T = TypeVar("T")


def test_three_reconciles_of_many_phases_meet_no_503_and_no_lock(
    prefect_server: PrefectServer, sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setenv("OCOP_HOME", str(tmp_path))
    office = an_office(sqlite_engine).go("2025-05-05")
    for commune in ("14101", "14201"):
        office.at_district(commune)
        office.judged("75", commune)
        office.at_province("76", commune)
    caplog.set_level(logging.INFO, logger="httpx")
    names = []
    for when in ("2025-06-10 07:30", "2025-06-20 00:05", "2025-07-20 00:05"):
        state = asyncio.run(evaluation_cycle(CYCLE, at(when), return_state=True))
        names.append(state.name)
    assert names == ["Due", "Overdue", "Overdue"]
    answered = [record.getMessage() for record in caplog.records if record.name == "httpx"]
    assert len(answered) > 50, "every request of the client is logged"
    assert [line for line in answered if " 503 " in line] == []
    assert "database is locked" not in prefect_server.child.log.read_text()


@dataclass
class Serving:
    """A running `ocop serve`."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    def wait_for(self, words: str) -> None:
        """Read what it says until these words come; it gives up by itself when a child does not start."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if words in line:
                return
        raise AssertionError(f"it ended: {self.said}")

    def family(self) -> list[int]:
        """Return handles of it and of every process below it."""
        parents = {}
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
                continue
        family = [self.process.pid]
        for member in family:
            family += [pid for pid, parent in parents.items() if parent == member]
        return [os.pidfd_open(pid) for pid in family]


def all_ended(family: list[int], seconds: float) -> bool:
    """Tell whether every process of these handles ends within some seconds."""
    ended = all(ready.select([member], [], [], seconds)[0] for member in family)
    for member in family:
        os.close(member)
    return ended


@contextmanager
def serve(home: Path, server_port: int, console_port: int) -> Iterator[Serving]:
    """Run `ocop serve` in a process of its own; whatever happens, it does not outlive the test."""
    environment = os.environ | {
        "OCOP_HOME": str(home),
        "OCOP_DB_URL": "",
        "OCOP_PREFECT_SERVER_PORT": str(server_port),
        "OCOP_PREFECT_CONSOLE_PORT": str(console_port),
        "OCOP_PREFECT_POLL_SECONDS": "0.2",
    }
    with subprocess.Popen(
        [sys.executable, "-c", OCOP, "serve"], env=environment, cwd=DEPLOYMENTS_FILE.parent, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        serving = Serving(process)
        try:
            serving.wait_for("Đang phục vụ")
            yield serving
        finally:
            if process.poll() is None:
                process.kill()


def listening(ports: set[int]) -> set[str]:
    """Return the addresses at which somebody listens on some ports, as the kernel writes them."""
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            address, _, port = local.partition(":")
            if state == LISTENS and int(port, 16) in ports:
                found.add(address)
    return found


async def until(ask: Callable[[], Awaitable[T | None]]) -> T:
    """Ask until there is an answer."""
    async with asyncio.timeout(90):
        while not (answer := await ask()):
            await asyncio.sleep(0.1)
        return answer


async def begin(client: PrefectClient, name: str) -> FlowRun:
    """Create a run of a served flow that is due now."""
    deployment = await client.read_deployment_by_name(f"{name}/ocop")
    return await client.create_flow_run_from_deployment(deployment.id)


async def reaches(client: PrefectClient, run: FlowRun, *types: StateType) -> FlowRun:
    """Wait until a run is in one of these states."""

    async def there() -> FlowRun | None:
        now = await client.read_flow_run(run.id)
        return now if now.state_type in types else None

    return await until(there)


async def registered_and_scheduled(client: PrefectClient) -> list[str]:
    """Return the flows of the deployments for each of which the server has scheduled a run by itself."""

    async def scheduled() -> list[str] | None:
        deployments = await client.read_deployments()
        names = []
        for deployment in deployments:
            runs = await client.read_flow_runs(
                flow_run_filter=FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=[deployment.id])), limit=1
            )
            if any(run.auto_scheduled for run in runs):
                names.append((await client.read_flow(deployment.flow_id)).name)
        return names if len(names) == len(deployments) else None

    return sorted(await until(scheduled))


def reported_dossier(office: Office) -> str:
    """Return a dossier that its commune has reported and that waits for the flow."""
    code = office.register()
    who = "14101/officer"
    office.act("receive", who, dossiers=[code], received_on=office.now.date())
    office.act("report", who, dossiers=[code], number="1/BC", reported_on=office.now.date(), findings="Đủ.")
    return code


@contextmanager
def busy(record: Engine) -> Iterator[None]:
    """Be a writer that does not end: a run that writes waits for the database."""
    with record.connect() as connection:
        connection.execute(select(1))
        yield


async def first_life(record: Engine, serving: Serving) -> FlowRun:
    """Use what is served, then cut it off in the middle of a run, which is returned."""
    async with get_client() as client:
        assert await registered_and_scheduled(client) == NAMES
        done = await reaches(client, await begin(client, "evaluation-cycle"), StateType.COMPLETED)
        assert (done.state_name, done.state.message if done.state else "") == ("Closed", "1 bước có việc: Closed")
        with busy(record):
            run = await reaches(client, await begin(client, "deadline-watch"), StateType.RUNNING)
            family = serving.family()
            serving.process.kill()
            assert all_ended(family, 10)
        return run


async def second_life(record: Engine, serving: Serving, cut_off: FlowRun) -> None:
    """Find the cut-off run crashed and its place free; then ask it to stop in the middle of another run."""
    async with get_client() as client:
        crashed = await client.read_flow_run(cut_off.id)
        assert crashed.state is not None
        assert (crashed.state_name, crashed.state.message) == ("Crashed", LEFT_BEHIND)
        done = await reaches(client, await begin(client, "deadline-watch"), StateType.COMPLETED)
        assert done.state_name == "Watched"
        with busy(record):
            await reaches(client, await begin(client, "deadline-watch"), StateType.RUNNING)
            family = serving.family()
            serving.process.send_signal(signal.SIGTERM)
            assert serving.process.wait(10) == 1, "not every run had ended"
            assert all_ended(family, 0), "no child is left"


@pytest.mark.long
def test_what_is_served_works_stops_and_comes_back(sqlite_engine: Engine, tmp_path: Path) -> None:
    server_port, console_port = free_port(), free_port()
    office = an_office(sqlite_engine).go("2025-05-05")
    code = reported_dossier(office)
    with transaction(sqlite_engine) as session:  # the clock stands at this hour, as a demo leaves it
        clock.drive(session, at("2025-05-05 10:05"))
    with clients_of(prefect_environment(tmp_path / "prefect", server_port)):
        with serve(tmp_path, server_port, console_port) as serving:
            assert answers(f"http://127.0.0.1:{console_port}/healthz")
            said = "".join(serving.said)
            assert all(f"http://127.0.0.1:{port}" in said for port in (console_port, server_port)), said
            assert listening({console_port, server_port}) == {LOOPBACK}
            cut_off = asyncio.run(first_life(sqlite_engine, serving))
        assert office.stage(code) == "district_evaluation"
        ((event,),) = office.rows(
            select(Event.event).where(Event.dossier_id == 1).order_by(Event.number.desc()).limit(1)
        )
        assert event == "route", "the run left its row in the record"
        with serve(tmp_path, server_port, console_port) as serving:
            assert any("1 lượt chạy bị ngắt" in line for line in serving.said)
            asyncio.run(second_life(sqlite_engine, serving, cut_off))
            serving.wait_for("Đã dừng tất cả.")
    claim_port(server_port, "OCOP_PREFECT_SERVER_PORT")
    claim_port(console_port, "OCOP_PREFECT_CONSOLE_PORT")
    assert "database is locked" not in (tmp_path / "prefect" / "server.log").read_text()


PLAIN = """
import sys
sys.argv = ["ocop", {arguments}]
from cli.main import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
assert "prefect" not in sys.modules, "imported"
"""


@pytest.mark.parametrize("arguments", [["--help"], ["list", "cycles"], ["reconcile", "--at", "2025-05-05 10:00"]])
def test_plain_commands_do_not_import_prefect(sqlite_engine: Engine, tmp_path: Path, arguments: list[str]) -> None:
    an_office(sqlite_engine)
    script = PLAIN.format(arguments=", ".join(map(repr, arguments)))
    ran = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | {"OCOP_HOME": str(tmp_path)}, cwd=DEPLOYMENTS_FILE.parent,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr


def test_every_served_flow_takes_the_instant_to_act_for() -> None:
    from cli.serving.deployments import read_deployments

    for deployment in read_deployments(DEPLOYMENTS_FILE):
        taken: Any = deployment.flow().parameters.properties
        assert "at" in taken, deployment.entrypoint
