"""What a benchmark prints: one line a figure, with its goal and whether it is met."""

import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module

ROUNDS = 3
"""Interleaved runs of which the median counts."""


@dataclass(frozen=True)
class Figure:
    """One measured thing."""

    what: str
    measured: str
    """The figure with its unit, as a reader sees it."""
    goal: str = ""
    met: bool | None = None
    """None where no goal was set: the figure stands beside others to explain them."""

    def line(self) -> str:
        """Return the figure as a line of the table."""
        told = {True: "met", False: "NOT MET", None: ""}[self.met]
        return f"| {self.what} | {self.measured} | {self.goal} | {told} |"


HEAD = "| measured | figure | goal | |\n|---|---|---|---|"


def at_least(what: str, ratio: float, goal: float, told: str = "") -> Figure:
    """Return a ratio that should reach a goal; `told` gives the figures it comes from."""
    return Figure(what, f"{ratio:.2f}{f' ({told})' if told else ''}", f"at least {goal:g}", ratio >= goal)


def at_most(what: str, value: float, goal: float, unit: str = "", told: str = "") -> Figure:
    """Return a value that should not pass a goal; both in `unit`."""
    said = f" {unit}" if unit else ""
    return Figure(what, f"{value:.3g}{said}{f' ({told})' if told else ''}", f"at most {goal:g}{said}", value <= goal)


def interleaved(runs: Sequence[Callable[[int], float]], rounds: int = ROUNDS) -> list[float]:
    """Run each in turn, round after round, and return the median seconds of each; a run is told its round."""
    seconds: list[list[float]] = [[] for _ in runs]
    for turn in range(rounds):
        for run, found in zip(runs, seconds, strict=True):
            found.append(run(turn))
    return [statistics.median(found) for found in seconds]


def measure(name: str) -> None:
    """Run a benchmark of this folder and print each figure when it is known."""
    for figure in import_module(f"benchmarks.{name}").figures():
        sys.stdout.write(f"{figure.line()}\n")
        sys.stdout.flush()
