"""The runtime of one machine: what it starts it also ends, and what stands in its way it names."""

import asyncio
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prefect import flow
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.settings import Settings
from prefect.states import Pending, Running

from cli.serving import deployments, loop
from cli.serving.prefect_server import QUIET, PrefectServer, clients_of, prefect_environment, start_server
from cli.serving.processes import CannotServe, Child, answers, claim_port, end, free_port, sole_use
from cli.serving.supervisor import serve
from cli.settings import ServeSettings
from dashboard.prefect_runs import last_runs
from flows.forget_old_runs import forget_old_runs

SUPERVISOR = """
import sys
from pathlib import Path
from cli.serving.processes import Child
child = Child("con", ["/bin/sleep", "600"], environment={}, log=Path(sys.argv[1]))
print(child.process.pid, flush=True)
sys.stdin.read()
"""

STUBBORN = """
import signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1], "w").close()
signal.pause()
"""


def test_every_setting_we_pass_is_one_that_this_prefect_knows(tmp_path: Path) -> None:
    passed = prefect_environment(tmp_path, 4200)
    with clients_of(passed):
        known = set(Settings().to_environment_variables(include_aliases=True))
    assert passed.keys() - known == {"DO_NOT_TRACK", "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"}


def test_prefect_tells_nobody_that_it_runs() -> None:
    assert QUIET["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert QUIET["DO_NOT_TRACK"] == "1"


@pytest.mark.long
def test_a_server_stops_within_ten_seconds_and_keeps_its_runs_in_our_folder(tmp_path: Path) -> None:
    home = tmp_path / "dữ liệu 100%"
    with start_server(home) as server:
        server.wait()
        asyncio.run(_count())
        before = time.monotonic()
    assert time.monotonic() - before < 10
    assert not answers(f"{server.api_url}/health")
    assert (home / "prefect" / "prefect.db").stat().st_size > 0
    assert list((home / "prefect").glob("*memory*")) == []
    with start_server(home) as again:
        again.wait()
        assert asyncio.run(_names()) == ["count"]
        assert [(run.flow, run.state, run.bad) for run in last_runs(again.ui_url, 10).runs] == [
            ("count", "xong", False)
        ]
    assert "database is locked" not in (home / "prefect" / "server.log").read_text()


@flow(name="count")
async def _count() -> int:
    return 1


async def _names() -> list[str]:
    async with get_client() as client:
        runs = await client.read_flow_runs()
        return [(await client.read_flow(run.flow_id)).name for run in runs]


def test_a_taken_port_is_named_with_the_setting_that_moves_us(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CannotServe, match=f"Cổng {port} .*OCOP_PREFECT_SERVER_PORT"):
            claim_port(port, "OCOP_PREFECT_SERVER_PORT")
        with pytest.raises(CannotServe, match=f"Cổng {port} .*OCOP_PREFECT_CONSOLE_PORT"):
            serve(tmp_path, ServeSettings(server_port=free_port(), console_port=port), [].append)
    claim_port(port, "OCOP_PREFECT_SERVER_PORT")


def test_a_mail_server_where_our_server_is_expected_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def greet() -> None:
            asked, _ = other.accept()
            with asked:
                asked.recv(1000)
                asked.sendall(b"220 mail.example ready\r\n")

        greeter = threading.Thread(target=greet)
        greeter.start()
        assert not answers(f"http://127.0.0.1:{other.getsockname()[1]}/health")
        greeter.join()


def test_a_second_command_in_the_same_folder_is_refused_in_words(tmp_path: Path) -> None:
    with sole_use(tmp_path), pytest.raises(CannotServe, match="đang được một lệnh ocop khác dùng"), sole_use(tmp_path):
        pass
    with sole_use(tmp_path):
        pass


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    with (
        start_server(tmp_path, database_url="postgresql+asyncpg://nobody@127.0.0.1:1/none") as server,
        pytest.raises(CannotServe, match=r"Máy chủ Prefect không khởi động được: .*server\.log"),
    ):
        server.wait()


def test_a_child_that_ignores_the_request_to_stop_is_killed_after_the_grace(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    child = Child("con", [sys.executable, "-c", STUBBORN, str(ready)], environment={}, log=tmp_path / "log")
    ready.open().close()
    end([child], grace=0.2)
    assert child.ended == -signal.SIGKILL


def test_children_end_with_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    program = [sys.executable, "-c", SUPERVISOR, str(tmp_path / "log")]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        child = os.pidfd_open(int(supervisor.stdout.readline()))
        assert select.select([child], [], [], 0)[0] == []
        supervisor.kill()
    assert select.select([child], [], [], 10)[0] == [child]
    os.close(child)


@flow(name="waits")
async def waits() -> None:
    """Stands for a flow whose run was cut off."""


async def _cut_off_and_crashed(server: PrefectServer) -> None:
    limit = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
    deployment = await (await waits.ato_deployment("ocop", concurrency_limit=limit)).aapply()
    async with get_client() as client:
        first = await client.create_flow_run_from_deployment(deployment)
        for state in (Pending(), Running()):
            await client.set_flow_run_state(first.id, state)
        assert await _state_after_pending(client, deployment) == "Cancelled"

        assert await loop.crash_leftovers(client) == 1
        assert await loop.crash_leftovers(client) == 0

        crashed = await client.read_flow_run(first.id)
        assert crashed.state is not None
        assert (crashed.state.name, crashed.state.message) == ("Crashed", loop.LEFT_BEHIND)
        assert await _state_after_pending(client, deployment) == "Pending"
        await loop.crash_leftovers(client)
        await client.delete_deployment(deployment)


async def _state_after_pending(client: PrefectClient, deployment: object) -> str | None:
    run = await client.create_flow_run_from_deployment(deployment)  # type: ignore[arg-type]
    await client.set_flow_run_state(run.id, Pending())
    return (await client.read_flow_run(run.id)).state_name


def test_runs_cut_off_by_a_stop_are_crashed_and_free_their_place(prefect_server: PrefectServer) -> None:
    asyncio.run(_cut_off_and_crashed(prefect_server))


async def _ended_untold(server: PrefectServer) -> None:
    limit = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
    deployment = await (await waits.ato_deployment("ocop", concurrency_limit=limit)).aapply()
    served = loop.ServedFlows({deployment: waits}, at_once=2)
    async with get_client() as client:
        untold = await client.create_flow_run_from_deployment(deployment)
        for state in (Pending(), Running()):
            await client.set_flow_run_state(untold.id, state)
        ended = threading.Thread(target=lambda: None)
        ended.start()
        ended.join()
        served.working[untold.id] = ended
        next_one = await client.create_flow_run_from_deployment(deployment)

        assert await served.take_due(client) == 1, "the place of the run that ended is free again"

        crashed = await client.read_flow_run(untold.id)
        assert crashed.state is not None
        assert (crashed.state.name, crashed.state.message) == ("Crashed", loop.UNTOLD)
        await asyncio.to_thread(served.working[next_one.id].join)
        assert (await client.read_flow_run(next_one.id)).state_name == "Completed"
        assert await served.take_due(client) == 0
        assert served.working == {}
        assert (await client.read_flow_run(next_one.id)).state_name == "Completed", (
            "one that told it ended is left alone"
        )
        await client.delete_deployment(deployment)


def test_a_run_that_ended_while_the_server_was_away_is_crashed_and_frees_its_place(
    prefect_server: PrefectServer,
) -> None:
    asyncio.run(_ended_untold(prefect_server))


async def _forgotten() -> tuple[list[str | None], int]:
    await _count()
    keep = await forget_old_runs(keep_days=90, return_state=True)
    forget = await forget_old_runs(at=datetime.now(UTC) + timedelta(days=91), keep_days=90, return_state=True)
    async with get_client() as client:
        return [keep.name, forget.name], len([r for r in await client.read_flow_runs() if r.end_time])


def test_runs_older_than_the_days_to_keep_are_forgotten_and_younger_ones_kept(prefect_server: PrefectServer) -> None:
    names, left = asyncio.run(_forgotten())
    assert names == ["Forgotten", "Forgotten"]
    assert left == 1, "only the run that forgot the others is left"


WRONG = """
deployments:
- {name: ocop, entrypoint: flows.forget_old_runs.forget_old_runs, description: x, tags: [ocop],
   concurrency_limit: {limit: 1, collision_strategy: CANCEL_NEW},
   schedules: [{slug: daily, cron: "0 0 * * *", timezone: Asia/Hanoi}]}
"""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (WRONG, "schedules.0.timezone: .*không có múi giờ Asia/Hanoi"),
        ("deployments: [{name: ocop}]", "entrypoint: Field required"),
        ("flows: []", "không đọc được"),
        ("deployments: [", "không đọc được"),
    ],
)
def test_a_wrong_line_of_prefect_yaml_is_named_by_its_place(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "prefect.yaml"
    file.write_text(content)
    with pytest.raises(CannotServe, match=said):
        deployments.read_deployments(file)


def test_a_missing_prefect_yaml_is_named_with_the_setting_that_tells_where_it_is(tmp_path: Path) -> None:
    with pytest.raises(CannotServe, match="OCOP_PREFECT_DEPLOYMENTS"):
        deployments.read_deployments(tmp_path / "prefect.yaml")
