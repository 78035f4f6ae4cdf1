"""Faults at the k-th SQL statement, at a commit, or after it; where they strike is drawn from the seed."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from random import Random
from typing import Any

from sqlalchemy import Engine, event


class Fault(Exception):
    """The process ends here: what was not committed is gone, and nobody got an answer."""


class Place(StrEnum):
    """Where a fault strikes."""

    STATEMENT = "statement"
    COMMIT = "commit"
    REPLY = "reply"
    """After the commit: all is done and nobody knows."""


class Faults:
    """Strikes one unit of work in so many; a unit's statements are counted, so that each of them is hit some day."""

    def __init__(self, random: Random, probability: float) -> None:
        """Draw from this source; strike with this probability."""
        self.random, self.probability = random, probability
        self.struck: Counter[str] = Counter()
        self._usual: dict[str, int] = {}
        self._seen = 0
        self._place: Place | None = None
        self._statement = 0

    def watch(self, engine: Engine) -> None:
        """Stand before each statement and each commit of an engine."""

        def before_statement(*_: Any) -> None:
            self._seen += 1
            if self._place is Place.STATEMENT and self._seen == self._statement:
                raise Fault(f"before statement {self._statement}")

        def before_commit(*_: Any) -> None:
            if self._place is Place.COMMIT:
                raise Fault("before the commit")

        event.listen(engine, "before_cursor_execute", before_statement)
        event.listen(engine, "commit", before_commit)

    @contextmanager
    def around(self, work: str, *, again: bool = False) -> Iterator[None]:
        """Let a unit of work of this name run, struck or not; a second try is struck half as often."""
        self._seen, self._place = 0, None
        if self.probability and self.random.random() < (self.probability / 2 if again else self.probability):
            self._place = self.random.choices(tuple(Place), [8, 1, 2])[0]
            self._statement = self.random.randint(1, self._usual.get(work, 10))
        place = self._place
        try:
            yield
        except Fault:
            self.struck[str(place)] += 1
            raise
        finally:
            self._place = None
        self._usual[work] = max(self._seen, 1)
        if place is Place.REPLY:
            self.struck[place] += 1
            raise Fault("after the commit")
