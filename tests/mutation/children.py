"""Forked children that say what they found on a pipe, and are ended when they take too long."""

import json
import os
import signal
import threading
import traceback
from collections.abc import Callable
from typing import IO, Any


def forked(work: Callable[[IO[str]], object]) -> tuple[int, IO[str]]:
    """Have a silent child, the head of its own group, write to a pipe; return its number and the pipe to read from."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        os.close(reading)
        _hush()
        try:
            with os.fdopen(writing, "w", encoding="utf-8") as out:
                work(out)
        except BaseException:
            traceback.print_exc()
            raise
        finally:
            os._exit(0)
    os.close(writing)
    return child, os.fdopen(reading, encoding="utf-8")


def in_child(run: Callable[[], Any], seconds: float) -> Any:
    """Return what `run` gives in a forked child, as JSON; 'timeout' when it took too long, 'ended' when it died."""
    child, answer = forked(lambda out: json.dump(run(), out))
    told: list[str] = []
    with answer:
        reader = threading.Thread(target=lambda: told.append(answer.read()))
        reader.start()
        reader.join(seconds)
        late = reader.is_alive()
        os.killpg(child, signal.SIGKILL) if late else None
        _, status = os.waitpid(child, 0)
        reader.join()
    late = late or (os.WIFSIGNALED(status) and os.WTERMSIG(status) in {signal.SIGXCPU, signal.SIGKILL})
    return "timeout" if late else json.loads(told[0]) if told and told[0] else "ended"


def _hush() -> None:
    silent = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1) if os.environ.get("MUTANTS_LOUD") else (0, 1, 2):
        os.dup2(silent, stream)
