"""Which test runs which line, and so which tests may notice a mutant."""

import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import FrameType
from typing import Any

import pytest

from tests.mutation.checkout import OURS, ROOT, path_of
from tests.mutation.children import in_child
from tests.mutation.operators import Mutant
from tests.mutation.planting import DERIVED
from tests.mutation.plugin import QUIET, Plugin


@dataclass
class Traced:
    """What one run of a pool's tests without a mutant shows."""

    tests: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, dict[int, list[int]]] = field(default_factory=dict)
    """By module and line the numbers of the tests that run it."""
    libraries: list[str] = field(default_factory=list)
    """What was imported and is not ours."""


class _Tracer(Plugin):
    """Writes down which test runs which line of the modules."""

    def __init__(self, paths: dict[str, str]) -> None:
        super().__init__()
        self.paths, self.traced = paths, Traced()
        self.hits: defaultdict[str, defaultdict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        self.number = 0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.number = len(self.traced.tests)
        self.traced.tests.append(item.nodeid)
        began = time.perf_counter()
        threading.settrace(self.call)
        sys.settrace(self.call)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)  # type: ignore[arg-type]
            self.traced.seconds[item.nodeid] = round(time.perf_counter() - began, 4)

    def call(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        module = self.paths.get(frame.f_code.co_filename)
        if module is None:
            return None
        lines, number = self.hits[module], self.number
        lines[frame.f_lineno].add(number)

        def line(frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
            lines[frame.f_lineno].add(number)
            return line

        return line

    def result(self) -> Traced:
        self.traced.lines = {
            module: {line: sorted(tests) for line, tests in lines.items()} for module, lines in self.hits.items()
        }
        self.traced.libraries = sorted(
            name for name, module in list(sys.modules.items()) if name.partition(".")[0] not in OURS and module
        )
        return self.traced


def trace(pool: Sequence[str], modules: Sequence[str]) -> Traced:
    """Run a pool's tests once, in a child, and return who runs what."""

    def run() -> dict[str, Any]:
        tracer = _Tracer({str(path_of(module)): module for module in modules})
        pytest.main([*pool, *QUIET, "--maxfail=0"], plugins=[tracer])
        return {**vars(tracer.result()), "failures": tracer.failures}

    told = in_child(run, 1800)
    if told in ("timeout", "ended"):
        raise RuntimeError(f"the run without a mutant gave nothing: {told}")
    for test, why in told.pop("failures").items():
        print(f"fails without a mutant, and is left out: {test}\n{why[-600:]}", file=sys.stderr)  # noqa: T201
        told["seconds"].pop(test)
    lines = {module: {int(line): tests for line, tests in rows.items()} for module, rows in told.pop("lines").items()}
    return Traced(**told, lines=lines)


def chosen(mutant: Mutant, traced: Traced, *, narrow: bool) -> list[str]:
    """Return the tests that may notice a mutant: the quick ones of files that name its module first.

    Narrowly, these are the tests that ran the very lines, or whose files name the module that it changes at import. More
    widely, or where no test is seen to run the line, those that ran the function around it, or any that is quick; a function that
    keeps its answer is seen to run in the first test alone. One that no test runs makes rows at import, if it does anything.
    """
    lines = traced.lines.get(mutant.module, {})
    naming = {file for file in {test.partition("::")[0] for test in traced.tests} if _names_module(file, mutant.module)}
    named = {number for number, test in enumerate(traced.tests) if test.partition("::")[0] in naming}
    quick_ones = {number for number, test in enumerate(traced.tests) if traced.seconds.get(test, 9) < 0.2}
    run = any(lines.get(line) for line in range(mutant.scope[0], mutant.scope[1] + 1))
    if mutant.imported or not (run or (narrow and mutant.module not in DERIVED)):
        near = {number for tests in lines.values() for number in tests}
        near |= named
        candidates = sorted(near & quick_ones if narrow else near | quick_ones)
    else:
        near, around = (
            {number for line in range(first, last + 1) for number in lines.get(line, ())}
            for first, last in (mutant.lines, mutant.scope)
        )
        candidates = sorted(near if narrow and near else near | around | (named & quick_ones))
    candidates = [number for number in candidates if traced.tests[number] in traced.seconds]
    order = sorted(
        candidates, key=lambda n: (n not in quick_ones, n not in named, n not in near, traced.seconds[traced.tests[n]])
    )
    return [traced.tests[number] for number in order]


@cache
def _names_module(file: str, module: str) -> bool:
    told = (ROOT / file).read_text(encoding="utf-8")
    return any(name in told for name in (module, *(f"ocop.procedures.{law}" for law in DERIVED.get(module, ()))))
