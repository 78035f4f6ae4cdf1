"""Two contenders on engines and threads of their own, let go at one barrier, one of them held before some statement."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import count
from random import Random
from threading import Barrier, Event
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import Engine, event

from casework import act
from models.session import make_engine
from models.settings import DatabaseSettings
from ocop.errors import RuleViolation
from tests.races.shown import View, changed

PATIENCE = {"sqlite": 0.004, "postgresql": 0.03}
"""How many seconds a held contender waits at most for the other, which may itself wait for what the held one has locked:
on SQLite always, once both have begun."""
HEAD_START = 1.0
"""How many seconds a contender that has not begun waits at most until the other is through: nothing is locked then."""
THROUGH = 1_000_000
BARRIER_SECONDS = 60


@dataclass(frozen=True)
class Contender:
    """One who acts: what is done on an engine, and what the other's refusal has to tell: who, what, when."""

    name: str
    run: Callable[[Engine], Any]
    told: tuple[str, ...] = ()


@dataclass
class Heat:
    """One race: two contenders, and what of the record shows how it ended."""

    contenders: tuple[Contender, Contender]
    view: Callable[[], View]
    before: View = field(init=False)

    def __post_init__(self) -> None:
        self.before = self.view()

    def outcome(self, answers: Sequence[Any]) -> "Outcome":
        """Return how it ended: what each was answered and what changed in the record."""
        return Outcome((answered(answers[0]), answered(answers[1])), changed(self.before, self.view()))


def engine_of(settings: DatabaseSettings) -> Engine:
    """Return an engine that shares with the others of a race nothing but the statements compiled before."""
    engine = make_engine(settings)
    engine.update_execution_options(compiled_cache=_COMPILED)
    return engine


_COMPILED: dict[Any, Any] = {}

ORDERS = ((0, False), (1, False), (0, True), (1, True))
"""Who comes first; and whether the other, an act, had done what was due and ready before it."""


@contextmanager
def already_caught_up() -> Iterator[None]:
    """Let an act find that what was due and ready was done before the other's turn, as it may in a race on PostgreSQL."""
    with pytest.MonkeyPatch.context() as patched:
        for step in ("catch_up", "settle"):
            patched.setattr(act, step, lambda *_: None)
        yield


class Lane:
    """A contender's engine and thread; it counts the statements and holds before one of them."""

    def __init__(self, settings: DatabaseSettings, commits: Iterator[int]) -> None:
        self.engine = engine_of(settings)
        self.thread = ThreadPoolExecutor(1)
        self.statements = 0
        self.committed = 0
        """The place of its last commit among all commits of both lanes."""
        self._commits = commits
        self._hold_before: int | None = None
        self._until: Event | None = None
        self._signal_at: int | None = None
        self._signal: Event | None = None
        event.listen(self.engine, "before_cursor_execute", self._count)
        event.listen(self.engine, "commit", self._note)

    def set_off(self) -> None:
        """Begin a heat without a hold."""
        self.statements = self.committed = 0
        self._hold_before = self._until = self._signal_at = self._signal = None

    def hold(self, before: int, other: "Lane", until: int) -> None:
        """Hold before a statement until the other lane comes to one of its own, or is through."""
        self._hold_before, self._until = before, Event()
        other._signal_at, other._signal = until, self._until

    def through(self) -> None:
        """Let the other go on: nothing more happens here."""
        if self._signal is not None:
            self._signal.set()

    def _count(self, *_: Any) -> None:
        self.statements += 1
        if self._signal is not None and self.statements >= (self._signal_at or 0):
            self._signal.set()
        if self._until is not None and self.statements == self._hold_before:
            self._until.wait(HEAD_START if self.statements == 1 else PATIENCE[self.engine.dialect.name])

    def _note(self, *_: Any) -> None:
        self.committed = next(self._commits)

    def close(self) -> None:
        """End the thread and the connections."""
        self.thread.shutdown()
        self.engine.dispose()


@dataclass(frozen=True)
class Outcome:
    """How a heat ended: what each contender was answered, and what the record shows."""

    answers: tuple[Any, Any]
    view: Any


def answered(answer: Any) -> Any:
    """Return an answer as outcomes compare it: a refusal by its kind, an act's by whether it was performed."""
    if isinstance(answer, BaseException):
        return type(answer).__name__
    return "done" if isinstance(answer, dict) else answer


@dataclass
class Results:
    """What became of all heats of one race."""

    race: str
    fair: Callable[[Sequence[Any]], bool]
    sides: tuple[str, ...] = ()
    won: Counter[str] = field(default_factory=Counter)
    """Who came first: the one that was not refused, or committed first where both may."""
    heats: int = 0
    held: int = 0
    """Heats in which one stood still somewhere for the other."""
    seconds: float = 0.0
    orders: list[Outcome] = field(default_factory=list)
    """How it ends when one follows the other, in each of the `ORDERS`."""
    longest: list[int] = field(default_factory=lambda: [1, 1])
    """How many statements each contender needs at most, as far as seen."""
    doubles: list[str] = field(default_factory=list)
    """Heats whose answers are not fair: both won, or none."""
    strays: list[str] = field(default_factory=list)
    """Heats that left in the record what no order leaves."""
    unhandled: list[str] = field(default_factory=list)
    """What reached a caller and is no refusal."""
    untold: list[str] = field(default_factory=list)
    """Refusals that do not say who did what, when."""

    def __str__(self) -> str:
        """Return the line that is printed."""
        won = ", ".join(f"{side} {self.won[side]}" for side in self.sides)
        return (
            f"{self.race}: {self.heats} cuộc trong {self.seconds:.0f} s ({self.held} cuộc có bên đứng chờ); trước: {won}; "
            f"hai lần {len(self.doubles)}, trái thứ tự {len(self.strays)}, lỗi {len(self.unhandled)}, "
            f"không nói rõ {len(self.untold)}"
        )

    def seen(self, place: int, statements: int) -> None:
        """Remember how many statements a contender needed."""
        self.longest[place] = max(self.longest[place], statements)

    def judge(self, heat: Heat, answers: Sequence[Any], commits: Sequence[int]) -> None:
        """Note who won and everything that is wrong."""
        self.heats += 1
        self.sides = tuple(contender.name for contender in heat.contenders)
        lost = [place for place, answer in enumerate(answers) if isinstance(answer, Exception)]
        for place in lost:
            refusal, winner = answers[place], heat.contenders[1 - place]
            if not isinstance(refusal, RuleViolation):
                self.unhandled.append(f"{heat.contenders[place].name}: {refusal!r}")
            elif missing := [told for told in winner.told if told not in refusal.vietnamese]:
                self.untold.append(f"{refusal.vietnamese!r} thiếu {missing}")
        first = 1 - lost[0] if lost else min((0, 1), key=commits.__getitem__)
        self.won[heat.contenders[first].name] += 1
        if not self.fair(answers):
            self.doubles.append(str(answers))
        outcome = heat.outcome(answers)
        if self.orders and outcome not in self.orders:
            self.strays.append(str(outcome))


class Track:
    """Two lanes on one database, and the seed of all holds."""

    def __init__(self, settings: DatabaseSettings, seed: int) -> None:
        commits = count(1)
        self.lanes = (Lane(settings, commits), Lane(settings, commits))
        self.random = Random(seed)

    def one_after_the_other(self, results: Results, heat: Heat) -> Outcome:
        """Run a heat without a race, one contender's turn after the other's, in the next of the `ORDERS`."""
        first, caught_up = ORDERS[len(results.orders)]
        answers: dict[int, Any] = {}
        for place in (first, 1 - first):
            self.lanes[place].set_off()
            with already_caught_up() if caught_up and place != first else nullcontext():
                answers[place] = self._turn(place, heat)
            results.seen(place, self.lanes[place].statements)
        return heat.outcome([answers[0], answers[1]])

    def race(self, results: Results, heat: Heat) -> None:
        """Let both go at once, hold one of them somewhere, and note how it ended."""
        begun = monotonic()
        for lane in self.lanes:
            lane.set_off()
        held, late = self.random.choice(((None, False), (0, False), (1, False), (0, True), (1, True)))
        if held is not None:
            other, longest = 1 - held, results.longest
            before = 1 if late else self.random.randint(1, longest[held])
            until = THROUGH if late else self.random.randint(1, longest[other])
            self.lanes[held].hold(before, self.lanes[other], until)
            results.held += 1
        barrier = Barrier(2)

        def run(place: int) -> Any:
            barrier.wait(BARRIER_SECONDS)
            try:
                return self._turn(place, heat)
            finally:
                self.lanes[place].through()

        turns = [lane.thread.submit(run, place) for place, lane in enumerate(self.lanes)]
        answers = [turn.result() for turn in turns]
        for place, lane in enumerate(self.lanes):
            results.seen(place, lane.statements)
        results.judge(heat, answers, [lane.committed for lane in self.lanes])
        results.seconds += monotonic() - begun

    def _turn(self, place: int, heat: Heat) -> Any:
        try:
            return heat.contenders[place].run(self.lanes[place].engine)
        except Exception as raised:  # noqa: BLE001 - it is the answer
            return raised

    def close(self) -> None:
        """Close both lanes."""
        for lane in self.lanes:
            lane.close()


@contextmanager
def a_track(settings: DatabaseSettings, seed: int) -> Iterator[Track]:
    """Open a track on a database and close it afterwards."""
    track = Track(settings, seed)
    try:
        yield track
    finally:
        track.close()
