"""Two contenders on engines and threads of their own, let go at one barrier, one of them held before some statement."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from random import Random
from threading import Barrier, Event
from typing import Any

from sqlalchemy import Engine, event

from models.session import make_engine
from models.settings import DatabaseSettings
from ocop.errors import RuleViolation
from tests.races.shown import View, changed

PATIENCE = 0.004
"""How many seconds a held contender waits at most for the other, which may itself wait for what the held one has locked."""
BARRIER_SECONDS = 60


@dataclass(frozen=True)
class Contender:
    """One who acts: what is done on an engine, and how a refusal of the other has to name it."""

    name: str
    run: Callable[[Engine], Any]
    who: str = ""
    act: str = ""
    when: str = ""

    @property
    def named(self) -> tuple[str, ...]:
        """Who did what, when: what the loser has to read."""
        return tuple(told for told in (self.who, self.act, self.when) if told)


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


class Lane:
    """A contender's engine and thread; it counts the statements and holds before one of them."""

    def __init__(self, settings: DatabaseSettings, commits: Iterator[int]) -> None:
        self.engine = make_engine(settings)
        self.thread = ThreadPoolExecutor(1)
        self.statements = 0
        self.committed: int | None = None
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
        self.statements, self.committed = 0, None
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
            self._until.wait(PATIENCE)

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
    names: tuple[str, str]
    heats: int = 0
    won: Counter[str] = field(default_factory=Counter)
    """Who came first: the one that was not refused, or committed first where both may."""
    overlapped: int = 0
    """Heats in which both were at work at the same time."""
    retried: int = 0
    serial: list[Outcome] = field(default_factory=list)
    """The outcomes of the two orders, one after the other, as the record gives them without a race."""
    strays: list[tuple[int, Outcome]] = field(default_factory=list)
    """Heats that ended like neither order."""
    unhandled: list[tuple[int, str]] = field(default_factory=list)
    """What reached a caller and is no refusal."""
    untold: list[tuple[int, str]] = field(default_factory=list)
    """Refusals that do not say who did what, when."""

    def __str__(self) -> str:
        """Return the line that is printed."""
        first, second = self.names
        return (
            f"{self.race}: {self.heats} cuộc; {first} trước {self.won[first]}, {second} trước {self.won[second]}; "
            f"cùng lúc {self.overlapped}; trái thứ tự {len(self.strays)}, lỗi {len(self.unhandled)}, "
            f"không nói rõ {len(self.untold)}"
        )


class Track:
    """Two lanes on one database, and the seed of all holds."""

    def __init__(self, settings: DatabaseSettings, seed: int) -> None:
        commits = count(1)
        self.lanes = (Lane(settings, commits), Lane(settings, commits))
        self.random = Random(seed)
        self.longest: dict[str, list[int]] = {}
        """How many statements each contender of a race needs at most, as far as seen."""

    def one_after_the_other(self, race: str, heat: Heat, first: int) -> Outcome:
        """Run a heat without a race, one contender's turn after the other's."""
        answers: dict[int, Any] = {}
        for place in (first, 1 - first):
            self.lanes[place].set_off()
            answers[place] = self._turn(place, heat.contenders[place])
            self._seen(race, place)
        return heat.outcome([answers[0], answers[1]])

    def race(self, results: Results, heat: Heat) -> None:
        """Let both go at once, hold one of them somewhere, and note how it ended."""
        for lane in self.lanes:
            lane.set_off()
        held = self.random.choice((None, 0, 1))
        if held is not None:
            longest = self.longest[results.race]
            other = self.lanes[1 - held]
            self.lanes[held].hold(
                self.random.randint(1, longest[held]), other, self.random.randint(1, longest[1 - held])
            )
        barrier, clock, spans = Barrier(2), count(), [[0, 0], [0, 0]]

        def run(place: int) -> Any:
            barrier.wait(BARRIER_SECONDS)
            spans[place][0] = next(clock)
            try:
                return self._turn(place, heat.contenders[place])
            finally:
                spans[place][1] = next(clock)
                self.lanes[place].through()

        turns = [lane.thread.submit(run, place) for place, lane in enumerate(self.lanes)]
        answers = [turn.result() for turn in turns]
        for place in (0, 1):
            self._seen(results.race, place)
        results.overlapped += max(spans[0][0], spans[1][0]) < min(spans[0][1], spans[1][1])
        self._judge(results, heat, answers)

    def _turn(self, place: int, contender: Contender) -> Any:
        try:
            return contender.run(self.lanes[place].engine)
        except Exception as raised:  # noqa: BLE001 - it is the answer
            return raised

    def _seen(self, race: str, place: int) -> None:
        longest = self.longest.setdefault(race, [1, 1])
        longest[place] = max(longest[place], self.lanes[place].statements)

    def _judge(self, results: Results, heat: Heat, answers: list[Any]) -> None:
        number = results.heats
        results.heats += 1
        lost = [place for place, answer in enumerate(answers) if isinstance(answer, BaseException)]
        for place in lost:
            refusal, winner = answers[place], heat.contenders[1 - place]
            if not isinstance(refusal, RuleViolation):
                results.unhandled.append((number, f"{heat.contenders[place].name}: {refusal!r}"))
            elif missing := [told for told in winner.named if told not in refusal.vietnamese]:
                results.untold.append((number, f"{refusal.vietnamese!r} thiếu {missing}"))
        if len(lost) == 1:
            first = 1 - lost[0]
        else:
            places = [lane.committed or 0 for lane in self.lanes]
            first = places.index(min(places))
        results.won[heat.contenders[first].name] += 1
        outcome = heat.outcome(answers)
        if outcome not in results.serial:
            results.strays.append((number, outcome))

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
