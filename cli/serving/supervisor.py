"""`ocop serve`: the console, the Prefect server and the served flows, started together and stopped together."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from cli.serving.prefect_server import STOP_SECONDS, PrefectServer, clients_of, deliver_waiting
from cli.serving.processes import HOST, Child, claim_port, end, sole_use, wait_until
from cli.settings import ServeSettings

Say = Callable[[str], None]
"""Where sentences for the person at the terminal go."""

DELIVER_SECONDS = 1.0
"""How long a stop waits for the last events and log lines to reach the server, for each of the two."""

LONGEST_PAUSE = 60.0
"""The longest wait before a child that keeps ending is started again, in seconds."""


def serve(home: Path, settings: ServeSettings, say: Say) -> None:
    """Serve until Ctrl-C or SIGTERM, then stop everything within 10 s.

    Raises:
        CannotServe: a port is taken, the folder is in use, a child does not start, or prefect.yaml is wrong.
    """
    claim_port(settings.server_port, "OCOP_PREFECT_SERVER_PORT")
    claim_port(settings.console_port, "OCOP_PREFECT_CONSOLE_PORT")
    with sole_use(home / "prefect"):
        supervisor = _Supervisor(home, settings, say)
        done = False
        try:
            server = supervisor.start_prefect()
            supervisor.children = {"prefect": server.child, "console": supervisor.start_console()}
            with clients_of(server.environment, deliver_seconds=DELIVER_SECONDS):
                done = asyncio.run(supervisor.run(server)) and deliver_waiting(DELIVER_SECONDS)
        finally:
            end(list(supervisor.children.values()), grace=STOP_SECONDS)
            say("Đã dừng tất cả.")
    if not done:
        # A run still works, or the server went first: Prefect would try for minutes to tell it before it lets us end.
        os._exit(1)


class _Supervisor:
    """The children, and the one event that stops them all."""

    def __init__(self, home: Path, settings: ServeSettings, say: Say) -> None:
        self.home = home
        self.settings = settings
        self.say = say
        self.stop = asyncio.Event()
        self.children: dict[str, Child] = {}
        self.console_url = f"http://{HOST}:{settings.console_port}"

    def start_console(self) -> Child:
        """Start the office's pages."""
        program = [sys.executable, "-m", "uvicorn", "dashboard.app:app", "--host", HOST]
        program += ["--port", str(self.settings.console_port), "--log-level", "warning"]
        prefect_url = os.environ.get("OCOP_WEB_PREFECT_URL", f"http://{HOST}:{self.settings.server_port}")
        environment = {"OCOP_HOME": str(self.home.resolve()), "OCOP_WEB_PREFECT_URL": prefect_url}
        return Child("Trang theo dõi", program, environment=environment, log=self.home / "console.log")

    def start_prefect(self) -> PrefectServer:
        """Start the Prefect server."""
        return PrefectServer(
            self.home / "prefect",
            self.settings.server_port,
            database_url=self.settings.database_url,
            start_seconds=self.settings.start_seconds,
        )

    async def run(self, server: PrefectServer) -> bool:
        """Serve until told to stop, and keep the children alive; tell whether every run that was begun has ended."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop.set)
        self.say("Đang khởi động (lần đầu mất khoảng 15 giây) ...")
        health = f"{self.console_url}/healthz"
        if not await self.unless_stopped(wait_until, health, self.children["console"], seconds=30.0):
            return True
        self.say(f"Trang theo dõi chu trình:      {self.console_url}")
        # Imported here: the environment of Prefect stands, and its import runs while the server builds its tables.
        from prefect.client.orchestration import get_client

        from cli.serving.deployments import read_deployments, register
        from cli.serving.loop import crash_leftovers, serve_runs

        deployments = read_deployments(self.settings.deployments)
        if not await self.unless_stopped(server.wait):
            return True
        async with get_client() as client:
            crashed = await crash_leftovers(client)
            flows = await register(client, deployments)
        if crashed:
            self.say(f"Có {crashed} lượt chạy bị ngắt ở lần dừng trước; đã ghi là hỏng, lượt sau làm tiếp.")
        self.say(f"Các lượt chạy (Prefect):       {server.ui_url}")
        self.say(f"Đang phục vụ {len(flows)} luồng việc tự động. Nhấn Ctrl-C để dừng.")
        ended, *_ = await asyncio.gather(
            serve_runs(flows, self.stop, every=self.settings.poll_seconds, at_once=self.settings.runs_at_once),
            self.keep("console", self.start_console),
            self.keep("prefect", lambda: self.start_prefect().child),
        )
        return ended

    async def unless_stopped(self, wait: Callable[..., None], *args: object, **options: object) -> bool:
        """Wait in a thread; give up when told to stop, and tell whether the wait came to its end."""
        waiting = asyncio.ensure_future(asyncio.to_thread(wait, *args, **options))
        stopped = asyncio.ensure_future(self.stop.wait())
        done, _ = await asyncio.wait({waiting, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if waiting in done:
            waiting.result()
            return True
        end(list(self.children.values()), grace=STOP_SECONDS)  # which ends the wait as well
        await asyncio.gather(waiting, return_exceptions=True)
        return False

    async def keep(self, name: str, start: Callable[[], Child]) -> None:
        """Start a child again when it ends, after a pause that doubles, until told to stop."""
        pause = 1.0
        while not self.stop.is_set():
            ended = self.children[name].ended
            try:
                await asyncio.wait_for(self.stop.wait(), 0.5 if ended is None else pause)
            except TimeoutError:
                if ended is None:
                    continue
                child = self.children[name]
                self.say(f"{child.name} đã dừng (mã {ended}), đang khởi động lại; nhật ký: {child.log}")
                self.children[name] = start()
                pause = min(2 * pause, LONGEST_PAUSE)
