"""Child processes of one supervisor: started in sessions of their own, ended by their own ids."""

import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"
"""Everything listens here and nowhere else."""


class CannotServe(Exception):
    """The machine stands in the way of serving; the message says why and what to do, in Vietnamese."""


class Child:
    """A program that runs beside us; a terminal's Ctrl-C reaches only us, and it never outlives us."""

    def __init__(self, name: str, program: Sequence[str], *, environment: Mapping[str, str], log: Path) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.log = log
        guarded = [sys.executable, "-m", "cli.serving.guard", str(os.getpid()), *program]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                guarded,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def ended(self) -> int | None:
        """The exit code, or None while it runs."""
        return self.process.poll()

    def last_words(self) -> str:
        """Return the last line that it wrote."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")


def end(children: Sequence[Child], *, grace: float) -> None:
    """Ask all children to stop at once, then kill those that still run after the grace, in seconds, with their kin."""
    for child in children:
        if child.ended is None:
            child.process.terminate()
    limit = time.monotonic() + grace
    for child in children:
        try:
            child.process.wait(max(0.0, limit - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()


def answers(url: str) -> bool:
    """Tell whether a server answers 200 at an address."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (OSError, http.client.HTTPException):  # nobody there, or somebody who speaks something else
        return False


def wait_until(url: str, child: Child, *, seconds: float) -> None:
    """Wait until a child answers at an address.

    Raises:
        CannotServe: it ended, or the seconds passed.
    """
    limit = time.monotonic() + seconds
    while not answers(url):
        if child.ended is not None:
            raise CannotServe(f"{child.name} không khởi động được: {child.last_words()} (nhật ký: {child.log})")
        if time.monotonic() > limit:
            raise CannotServe(f"{child.name} chưa sẵn sàng sau {seconds:.0f} giây (nhật ký: {child.log})")
        time.sleep(0.05)


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def claim_port(port: int, setting: str) -> None:
    """Refuse a port that another program holds, naming the setting that moves us elsewhere.

    Raises:
        CannotServe: the port is taken.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as taken:
            raise CannotServe(
                f"Cổng {port} đang có chương trình khác dùng. Hãy dừng chương trình đó, "
                f"hoặc đặt {setting} bằng một cổng còn trống rồi chạy lại."
            ) from taken


@contextmanager
def sole_use(folder: Path) -> Iterator[None]:
    """Hold a folder for ourselves: two servers on one database of Prefect would spoil each other's runs.

    Raises:
        CannotServe: another command holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "in-use").open("a") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            raise CannotServe(
                f"Thư mục {folder} đang được một lệnh ocop khác dùng (serve hoặc demo). Hãy dừng lệnh đó rồi chạy lại."
            ) from taken
        yield
