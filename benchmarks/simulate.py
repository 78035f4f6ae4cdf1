"""Plays an office for years with faults: `python -m benchmarks.simulate --seed S --steps N --faults P`."""

import argparse
import gc
import hashlib
import logging
import shutil
import sys
import time
from dataclasses import dataclass, field

from benchmarks.simulation.eras import Era
from benchmarks.simulation.office import Told
from benchmarks.simulation.shadow import Violation
from benchmarks.simulation.world import FIRST_YEAR, home

FOREVER = 10**12


@dataclass
class Run:
    """What is asked of a run, and how it tells of itself."""

    seed: int
    steps: int = FOREVER
    faults: float = 0.1
    transitions: int = FOREVER
    """Enough when so many lines of history were written by moves of dossiers."""
    dossiers: int = 300
    years: int = 4
    examine_every: int = 1500
    quiet: bool = False
    told: Told = field(default_factory=Told)
    root: str = ""
    _began: float = field(default_factory=time.monotonic)
    _began_cpu: float = field(default_factory=time.process_time)
    _shown: float = 0.0

    def play(self) -> str:
        """Play era after era until enough steps or transitions are done; return the root over all eras."""
        with home(FIRST_YEAR + self.years + 4) as (world, folder):
            number = 0
            while self.told.steps < self.steps and not self._enough():
                number += 1
                era = Era(folder, world, f"{self.seed}/{number}", self.faults, self.dossiers, self.years, self.told)
                try:
                    era.run(self.steps - self.told.steps, self._enough, self._show, self.examine_every)
                    self.root = hashlib.sha256(f"{self.root}{era.settle()}".encode()).hexdigest()
                except Violation as violation:
                    raise Violation(
                        f"seed {self.seed}, era {number}, step {self.told.steps}, {era.office.now:%Y-%m-%d %H:%M}: {violation}"
                    ) from violation
                finally:
                    era.office.close()
                shutil.rmtree(era.office.home)
        return self.root

    def _enough(self) -> bool:
        return self.told.transitions >= self.transitions

    def _show(self) -> None:
        """Print a line that refreshes on a terminal, and one every half a minute in a file."""
        now = time.monotonic()
        refreshes = sys.stderr.isatty()
        if self.quiet or now - self._shown < (0.5 if refreshes else 30):
            return
        self._shown = now
        sys.stderr.write(f"\r{self.line()}" if refreshes else f"{self.line()}\n")
        sys.stderr.flush()

    def line(self) -> str:
        """Return how far it is: steps, transitions, refusals, faults, speed and the root of the eras that are over."""
        told, took = self.told, time.monotonic() - self._began
        return (
            f"{told.steps:,} steps, {told.transitions:,} transitions, {told.refusals.total():,} refusals, "
            f"{told.faults.total():,} faults, {told.mail.total():,} of mail, {told.transitions / took:,.0f}/s, "
            f"root {self.root[:12] or '-'}"
        )

    def summary(self) -> str:
        """Return everything that was done, in numbers."""
        told, took, cpu = self.told, time.monotonic() - self._began, time.process_time() - self._began_cpu
        rows = [
            (
                f"seed {self.seed}, faults {self.faults}: {took:,.0f} s, of which {cpu:,.0f} s at work; "
                f"{told.transitions / took:,.0f} transitions/s, {told.transitions / cpu:,.0f} in a second of work"
            ),
            f"steps {told.steps:,}; transitions {told.transitions:,}; dossiers {told.dossiers:,}; letters {told.letters:,}",
            f"acts {told.acts.total():,}: {_most(told.acts)}",
            f"refused {told.refusals.total():,}: {_most(told.refusals)}",
            f"faults {told.faults.total():,}: {_most(told.faults)}; restarts {told.restarts:,}; repeated {told.repeated:,}",
            f"mail's faults {told.mail.total():,}: {_most(told.mail)}",
            f"lines of history {told.lines.total():,}: {_most(told.lines)}",
            f"the doctor looked {told.examined:,} times",
            f"root {self.root}",
        ]
        return "\n".join(rows)


def _most(counted: dict[str, int]) -> str:
    return ", ".join(f"{what} {number:,}" for what, number in sorted(counted.items(), key=lambda item: -item[1]))


def main(arguments: list[str]) -> None:
    """Play, and print the summary; a violation ends it with status 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulate", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same root")
    parser.add_argument(
        "--steps", type=int, default=FOREVER, help="steps with faults; without it and --transitions: for ever"
    )
    parser.add_argument("--faults", type=float, default=0.1, help="probability of a fault in a unit of work")
    parser.add_argument("--transitions", type=int, default=FOREVER, help="end after so many moves of dossiers")
    parser.add_argument("--dossiers", type=int, default=300, help="dossiers of a province in a year, at most")
    parser.add_argument("--years", type=int, default=4, help="years of one record; then a fresh one begins")
    parser.add_argument("--examine-every", type=int, default=1500, help="steps between two looks of the doctor")
    run = Run(**vars(parser.parse_args(arguments)))
    gc.set_threshold(50_000)  # what a unit of work leaves behind is collected by the hundred
    logging.disable()  # what letters die of here is drawn
    try:
        run.play()
    except Violation as violation:
        sys.stdout.write(f"\n{run.summary()}\nVIOLATION: {violation}\n")
        raise SystemExit(1) from violation
    except KeyboardInterrupt:
        sys.stdout.write(f"\n{run.line()}\n")
        raise SystemExit(130) from None
    sys.stdout.write(f"\n{run.summary()}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
