"""Places where a run can be cut off: before each statement, around each commit, around each word with the mail server."""

import gc
import os
import socket
import sqlite3
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import psycopg
import pytest
from aiosmtplib import SMTPServerDisconnected
from aiosmtplib.protocol import SMTPProtocol
from sqlalchemy import Engine, event

GONE = 77
"""The exit status of a child that ended at its point."""
COMMITTED = "after the commit"
BEFORE_COMMIT = "before the commit"


class Fault(StrEnum):
    """What happens at a point."""

    FAIL = "fail"
    """The statement, the commit or the mail command does not get through; after it: it did, and its answer is lost."""
    EXIT = "exit"
    """The process is gone."""
    COLLIDE = "collide"
    """PostgreSQL asks for the whole transaction once more; the commit's answer is not lost by that."""


class Points:
    """Counts the points that a run reaches, and lets one of them go wrong."""

    def __init__(self, rolled_back: Callable[[], None] = lambda: None) -> None:
        self.rolled_back = rolled_back
        """Called when a collision rolls a transaction back that is then tried again before anybody could do it."""
        self._alone = threading.Lock()  # a delivery marks in one thread while it sends in another
        self.begin()

    def begin(self, wrong: int = 0, fault: Fault = Fault.FAIL) -> None:
        """Count from one again; the zeroth point, which goes wrong where nothing is said, is never reached."""
        self.names: list[str] = []
        self.fired = ""
        """The name of the point that went wrong."""
        self._wrong, self._fault = wrong, fault

    def reach(self, name: str, fail: Callable[[], None], collide: Callable[[], None] | None = None) -> None:
        """Pass a point, or go wrong there."""
        with self._alone:
            self.names.append(name)
            if len(self.names) != self._wrong:
                return
        doing = {Fault.FAIL: fail, Fault.COLLIDE: collide, Fault.EXIT: lambda: os._exit(GONE)}[self._fault]
        if doing is not None:
            self.fired = name
            doing()


def _driver(connection: Any) -> Any:
    """Return the driver's own connection beneath SQLAlchemy's."""
    return getattr(connection, "driver_connection", connection)


def _cut(connection: Any) -> None:
    """Let what comes next on a connection fail as the driver fails.

    PostgreSQL's socket is really shut: the server rolls back, the driver finds out by itself. A SQLite file has no socket:
    its driver's error is raised as it reports a disk that gives nothing.
    """
    held = _driver(connection)
    if isinstance(held, sqlite3.Connection):
        raise sqlite3.OperationalError("disk I/O error")
    with socket.socket(fileno=os.dup(held.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


def _lose(connection: Any) -> None:
    """Lose the answer to a commit that happened."""
    _cut(connection)
    raise psycopg.OperationalError("server closed the connection unexpectedly")


def _collide(points: Points) -> None:
    points.rolled_back()
    raise psycopg.errors.SerializationFailure("could not serialize access due to concurrent update")


def watch(engine: Engine, points: Points) -> None:
    """Make points of all statements and commits of an engine."""

    def before_statement(cursor: Any, statement: str, *_: Any) -> None:
        points.reach(" ".join(statement.split()), lambda: _cut(cursor.connection), lambda: _collide(points))

    for kind in ("do_execute", "do_executemany", "do_execute_no_params"):
        event.listen(engine, kind, before_statement)
    commit = engine.dialect.do_commit

    def around_commit(connection: Any) -> None:
        points.reach(BEFORE_COMMIT, lambda: _cut(connection), lambda: _collide(points))
        commit(connection)
        points.reach(COMMITTED, lambda: _lose(connection))

    engine.dialect.do_commit = around_commit  # type: ignore[method-assign]


@contextmanager
def watched_mail(points: Points) -> Iterator[None]:
    """Make points of all that is said to a mail server and of all that it answers."""
    write, read = SMTPProtocol.write, SMTPProtocol.read_response

    def before_words(self: SMTPProtocol, data: bytes) -> None:
        points.reach(f"before SMTP {_verb(data)}", lambda: _hang_up(self))
        write(self, data)

    async def after_answer(self: SMTPProtocol, timeout: float | None = None) -> Any:
        answer = await read(self, timeout)

        def lose() -> None:
            _hang_up(self)
            raise SMTPServerDisconnected("Connection lost")

        points.reach(f"after SMTP {answer.code}", lose)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SMTPProtocol, "write", before_words)
        patch.setattr(SMTPProtocol, "read_response", after_answer)
        yield


def _verb(data: bytes) -> str:
    line = data.partition(b"\r\n")[0].partition(b" ")[0].decode("ascii", "replace")
    return line if line.isupper() and line.isalpha() else "text"


def _hang_up(protocol: SMTPProtocol) -> None:
    """Break the line to the mail server for good: aiosmtplib finds out by itself."""
    if protocol.transport is not None:
        protocol.transport.abort()  # type: ignore[attr-defined]


def in_a_child(work: Callable[[], object]) -> int:
    """Do something in a process of its own, forked from this one, and return its exit status; 0 when it came to its end."""
    with warnings.catch_warnings():
        # Newer Pythons warn of other threads: the child asks for nothing that one of them holds.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        gc.disable()  # it would copy what is shared with the parent, for a moment's life
        status = 1
        try:
            work()
            status = 0
        finally:  # nothing of the parent's may go on in the child
            if status:
                traceback.print_exc(file=sys.__stderr__)
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
