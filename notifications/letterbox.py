"""A mail server that keeps every letter as a file, for trying the product: `python -m notifications.letterbox FOLDER PORT`."""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
PR_SET_PDEATHSIG = 1
"""prctl(2): which signal a process gets when the one that started it ends. Linux alone has it."""
LARGEST = 10 * 1024 * 1024
"""Bytes of one letter."""


class Folder:
    """Takes letters from aiosmtpd and keeps each as '000001.eml', numbered on from what is there."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        last = max((int(kept.stem) for kept in folder.glob("*.eml") if kept.stem.isdigit()), default=0)
        self._numbers = count(last + 1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep one letter whole, then say so; the name of this method is aiosmtpd's."""
        del server, session
        name = f"{next(self._numbers):06d}"
        begun = self._folder / f"{name}.part"
        begun.write_bytes(envelope.original_content or b"")
        begun.rename(self._folder / f"{name}.eml")
        return f"250 kept as {name}"


@dataclass(frozen=True)
class Letterbox:
    """A running letterbox."""

    folder: Path
    port: int
    pid: int

    def letters(self) -> list[Path]:
        """Return the kept letters, oldest first."""
        return sorted(self.folder.glob("*.eml"))


@contextmanager
def start_letterbox(folder: Path, port: int = 0) -> Iterator[Letterbox]:
    """Run a letterbox in a process of its own and stop it by its id; port 0 takes a free one.

    Raises:
        RuntimeError: it did not start; the message has its last words.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "notifications.letterbox", str(folder), str(port), str(os.getpid())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=Path(__file__).parent.parent,
    )
    with process:  # closes the pipes and waits
        assert process.stdout is not None
        assert process.stderr is not None
        listening = process.stdout.readline().strip()
        if not listening.isdigit():
            process.terminate()
            raise RuntimeError(f"Không mở được hộp thư thử: {process.stderr.read().strip()}")
        try:
            yield Letterbox(folder, int(listening), process.pid)
        finally:
            process.terminate()


def _end_with(starter: int) -> None:
    """Ask the kernel to end this process with its starter, even after a kill -9."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != starter:  # it ended before the kernel was asked
            raise SystemExit(0)


async def _serve(folder: Path, port: int) -> None:
    keeper, loop = Folder(folder), asyncio.get_running_loop()
    ended = asyncio.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(ending, ended.set)
    server = await loop.create_server(
        lambda: SMTP(keeper, hostname="letterbox", data_size_limit=LARGEST, loop=loop), HOST, port
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await ended.wait()
    server.close()


def main(arguments: list[str]) -> None:
    """Serve until told to stop; the port is printed as soon as letters are taken."""
    folder, port, *starter = arguments
    if starter:
        _end_with(int(starter[0]))
    asyncio.run(_serve(Path(folder), int(port)))


if __name__ == "__main__":
    main(sys.argv[1:])
