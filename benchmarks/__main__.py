"""Prints the table of all benchmarks, or of those named: `python -m benchmarks [NAME ...]`."""

import sys
from importlib import import_module

from benchmarks.figures import HEAD

BENCHMARKS = ("acts", "advance", "strokes", "expiry", "cycle", "pages", "load", "letters", "nation")
"""Modules of this folder, each with `figures()`, in the order of the table in docs/benchmarks.md."""


def main() -> None:
    """Run benchmarks one after the other and print each figure when it is known."""
    wanted = sys.argv[1:] or BENCHMARKS
    if unknown := set(wanted) - set(BENCHMARKS):
        raise SystemExit(f"no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(BENCHMARKS)}")
    sys.stdout.write(f"{HEAD}\n")
    for name in wanted:
        for figure in import_module(f"benchmarks.{name}").figures():
            sys.stdout.write(f"{figure.line()}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
