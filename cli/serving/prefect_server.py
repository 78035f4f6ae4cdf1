"""The Prefect server of one machine: a child process with its database in our folder."""

import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import certifi

from cli.serving.processes import HOST, Child, claim_port, end, free_port, sole_use, wait_until

STOP_SECONDS = 5.0
"""How long children may take to stop before they are killed; the whole stop is promised within 10 s."""

DELIVER_SECONDS = 30.0
"""How long a process whose flows are done waits for its last events and log lines to reach the server."""

QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "DO_NOT_TRACK": "1",
}
"""Nobody outside is told that we run."""

RECORDERS = {
    # One write for many task runs and events: with single writes Prefect's SQLite locks itself (decision 0004).
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "2",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events",
}

LOGGING = {
    # Our own lines reach the run's page; Prefect's reach the terminal only when something is wrong.
    "PREFECT_LOGGING_EXTRA_LOGGERS": "ocop",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "WARNING",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_LOGGING_COLORS": "false",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
}


def one_connection(file: Path) -> str:
    """Return the address of a SQLite file that Prefect opens once (decision 0004).

    Prefect holds to one connection when the address contains `:memory:`; SQLite ignores a parameter that it does not know.
    """
    return f"sqlite+aiosqlite:///file:{quote(str(file.resolve()))}?connections=:memory:&uri=true"


def one_certificate(folder: Path) -> Path:
    """Write the file of trusted certificates that our clients load, and return where it is: one instead of 150.

    Prefect loads the file anew for every run and every synchronous task, 30 ms each, a third of what a run costs, though
    our server is spoken to in plain HTTP on the loopback and no certificate is ever checked.
    """
    file = folder / "certificate.pem"
    if not file.exists():
        first, end_line, _ = certifi.contents().partition("-----END CERTIFICATE-----")
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(first[first.index("-----BEGIN") :] + end_line + "\n")
    return file.resolve()


def prefect_environment(folder: Path, port: int, database_url: str = "") -> dict[str, str]:
    """Return the environment of a server and of its clients; it must stand before `import prefect`."""
    address = f"http://{HOST}:{port}"
    return {
        "PREFECT_HOME": str(folder.resolve()),
        "PREFECT_API_URL": f"{address}/api",
        "PREFECT_API_SSL_CERT_FILE": str(one_certificate(folder)),
        # Each run would first ask for a token that our server does not give out.
        "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
        "PREFECT_UI_URL": address,
        "PREFECT_SERVER_UI_API_URL": f"{address}/api",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": database_url or one_connection(folder / "prefect.db"),
        **QUIET,
        **RECORDERS,
        **LOGGING,
    }


class PrefectServer:
    """A Prefect server that was started and may not be ready yet."""

    def __init__(self, folder: Path, port: int, *, database_url: str = "", start_seconds: float = 90.0) -> None:
        self.ui_url = f"http://{HOST}:{port}"
        self.api_url = f"{self.ui_url}/api"
        self.environment = prefect_environment(folder, port, database_url)
        self.start_seconds = start_seconds
        program = [sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(port)]
        self.child = Child("Máy chủ Prefect", program, environment=self.environment, log=folder / "server.log")

    def wait(self) -> None:
        """Wait until the server answers: 3 to 4 s, about 10 s in a new folder, where it builds its tables.

        Raises:
            CannotServe: it ended, or takes longer than `start_seconds`.
        """
        wait_until(f"{self.api_url}/health", self.child, seconds=self.start_seconds)

    def stop(self) -> None:
        """End the server within `STOP_SECONDS`."""
        end([self.child], grace=STOP_SECONDS)


@contextmanager
def start_server(home: Path, port: int | None = None, *, database_url: str = "") -> Iterator[PrefectServer]:
    """Start a Prefect server for this process and those it starts; stop it at the end, whatever happened.

    It gives the server at once, so that other work fills the time until `wait()`. Within the block this process is its
    client: flows that are called run against it. Without a port a free one is taken.

    Raises:
        CannotServe: the port is taken, or another command uses the folder.
    """
    folder = home / "prefect"
    with sole_use(folder), ExitStack() as stack:
        if port is None:
            port = free_port()
        else:
            claim_port(port, "OCOP_PREFECT_SERVER_PORT")
        server = PrefectServer(folder, port, database_url=database_url)
        stack.callback(server.stop)
        stack.enter_context(clients_of(server.environment))
        yield server


@contextmanager
def clients_of(environment: Mapping[str, str], *, deliver_seconds: float = DELIVER_SECONDS) -> Iterator[None]:
    """Make this process a client of the server with this environment, also where Prefect is imported already."""
    logging.getLogger("ocop").setLevel(logging.INFO)
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        if "prefect" not in sys.modules:
            yield
        else:
            from prefect.context import SettingsContext, get_settings_context
            from prefect.settings import Settings

            with SettingsContext(profile=get_settings_context().profile, settings=Settings()):
                yield
    finally:
        deliver_waiting(deliver_seconds)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def deliver_waiting(seconds: float) -> bool:
    """Let the events and log lines that wait in this process reach the server, and tell whether all did.

    To be called while the server still answers: Prefect delivers them when the interpreter ends, and tries for minutes
    when the server is gone by then.
    """
    if "prefect" not in sys.modules:
        return True
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    undelivered: set[object] = set()
    for worker in (EventsWorker, APILogWorker):
        outcome = worker.drain_all(timeout=seconds)
        assert isinstance(outcome, tuple), "an event loop is running: leave it first"
        undelivered |= outcome[1]
    return not undelivered
