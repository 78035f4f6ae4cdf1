"""One run without a fault, then the same run with a fault at each of its points, each tried again: the outcome is the same."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from tests.faults.points import BEFORE_COMMIT, COMMITTED, GONE, Fault, in_a_child
from tests.faults.worlds import Contents, World, contents, differing

Work = Callable[[Engine], Any]
"""What is tried: it gets an engine and gives its answer; called again, it is the same request."""


@dataclass(frozen=True)
class Clean:
    """What a run without a fault answers, leaves and passes."""

    answer: Any
    contents: Contents
    points: list[str]


def clean(world: World, work: Work, at: datetime, *, examined: bool) -> Clean:
    """Run once without a fault."""
    world.again()
    world.points.begin()
    answer, points = work(world.engine), list(world.points.names)
    left = contents(world.engine)
    world.spoilt = differing(world.contents, left).keys()
    assert world.spoilt, "what changes nothing proves nothing"
    if examined:
        world.assert_sound(left, at)
    return Clean(answer, left, points)


def every_point(expected: Clean) -> Iterable[int]:
    """Choose all points of a run."""
    return range(1, len(expected.points) + 1)


def around_the_commit(expected: Clean) -> Iterable[int]:
    """Choose the middle point, and those before and after the last commit."""
    last = len(expected.points)
    assert expected.points[-2:] == [BEFORE_COMMIT, COMMITTED]
    return last // 2, last - 1, last


def try_points(
    world: World,
    work: Work,
    at: datetime,
    fault: Fault = Fault.FAIL,
    *,
    whole: bool = True,
    choose: Callable[[Clean], Iterable[int]] = every_point,
    examined: bool = True,
) -> int:
    """Let a fault happen at the points of a run, try again after each, and compare; return how many points went wrong.

    `whole`: it is one transaction, so that nothing is there after a fault, or all of it. `examined`: the doctor is asked.
    """
    expected = clean(world, work, at, examined=examined)
    tried = 0
    for number in choose(expected):
        name = expected.points[number - 1]
        where = f"{fault} at point {number} of {len(expected.points)}: {name[:100]}"
        world.again()
        if fault is Fault.EXIT:
            _end(world, work, number, where)
        elif not _fail(world, work, number, fault, where):
            continue
        tried += 1
        if whole and fault is not Fault.COLLIDE:
            after = expected.contents if name == COMMITTED else world.contents
            assert not (spoilt := differing(after, contents(world.engine))), (where, spoilt)
        world.number_on()
        assert _same(work(world.engine)) == _same(expected.answer), where
        left = contents(world.engine)
        assert not (spoilt := differing(expected.contents, left)), (where, spoilt)
        if examined:
            world.assert_sound(left, at)
    return tried


def _fail(world: World, work: Work, number: int, fault: Fault, where: str) -> bool:
    """Run into a fault at a point; the caller gets the database's error, as tasks know it.

    Returns False where this fault cannot happen. Of a collision no caller hears.
    """
    world.points.begin(number, fault)
    heard = False
    try:
        work(world.engine)
    except* OperationalError:
        heard = True
    fired = bool(world.points.fired)
    assert heard == (fired and fault is Fault.FAIL), where
    world.points.begin()
    return fired


def _end(world: World, work: Work, number: int, where: str) -> None:
    """Let a child run into its end at a point."""

    def child() -> None:
        world.engine.dispose(close=False)  # its connections are the parent's
        world.points.begin(number, Fault.EXIT)
        work(world.engine)

    assert in_a_child(child) == GONE, where


def _same(answer: Any) -> Any:
    """Return an answer without whether it was given before."""
    return {key: value for key, value in answer.items() if key != "replayed"} if isinstance(answer, dict) else answer
