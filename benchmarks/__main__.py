"""Prints the table of all benchmarks, or of those named: `python -m benchmarks [NAME ...]`."""

import multiprocessing
import sys

from benchmarks.figures import HEAD, measure

BENCHMARKS = ("acts", "advance", "strokes", "expiry", "cycle", "pages", "load", "letters", "nation")
"""Modules of this folder, each with `figures()`, in the order of the table in docs/benchmarks.md."""


def main() -> None:
    """Run benchmarks one after the other, each in a process of its own: none finds the memory that another left."""
    wanted = sys.argv[1:] or BENCHMARKS
    if unknown := set(wanted) - set(BENCHMARKS):
        raise SystemExit(f"no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(BENCHMARKS)}")
    sys.stdout.write(f"{HEAD}\n")
    sys.stdout.flush()
    apart = multiprocessing.get_context("spawn")
    for name in wanted:
        process = apart.Process(target=measure, args=(name,))
        process.start()
        process.join()
        if process.exitcode:
            raise SystemExit(f"benchmark {name} ended with {process.exitcode}")


if __name__ == "__main__":
    main()
