"""Tries mutants: each in a forked child of a process that holds the libraries, against the tests that run its lines."""

import ast
import importlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import IO

import pytest

from tests.mutation.checkout import OURS
from tests.mutation.children import forked, in_child
from tests.mutation.operators import Mutant, Names, Site
from tests.mutation.planting import Finder, planted, replace
from tests.mutation.plugin import QUIET, Plugin


class Outcome(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMEOUT = "timeout"
    """Killed: the tests no longer end."""
    SURVIVED = "survived"
    UNTESTED = "untested"
    """No test of the pool runs its line."""


Task = tuple[Mutant, Names, Sequence[str], Mapping[str, float]]
"""A mutant, the names of its module, the tests to try it with, and the seconds that each took without it."""
MEMORY = 3 * 2**30


class _Loop(Plugin):
    """Tries mutants from within a session of pytest, each in a fork of it, and tells the parent on a pipe."""

    def __init__(self, tasks: Sequence[Task], out: IO[str], warm: bool) -> None:
        super().__init__()
        self.tasks, self.out, self.warm = tasks, out, warm
        self.trees: dict[str, tuple[ast.Module, dict[str, Site]]] = {}
        self.killers: dict[str, None] = {}
        """The tests that killed lately, the last one last: they are tried first."""

    def site(self, mutant: Mutant, names: Names) -> tuple[ast.Module, Site]:
        """Return the tree with the place of one mutant in it; a child may change it, its parent keeps it whole."""
        if mutant.module not in self.trees:
            tree, places = planted(mutant.module, names)
            self.trees[mutant.module] = tree, {place.mutant.key: place for place in places}
        tree, by_key = self.trees[mutant.module]
        return tree, by_key[mutant.key]

    def first_the_killers(self, tests: Sequence[str]) -> list[str]:
        """Return the tests with those first that killed the mutants before."""
        lately = [test for test in reversed(self.killers) if test in set(tests)][:40]
        return [*lately, *(test for test in tests if test not in set(lately))]

    def attempts(self, run: Callable[[Task], list[str]]) -> None:
        for number, task in enumerate(self.tasks):
            self.site(task[0], task[1])

            def bounded(task: Task = task) -> list[str]:
                # An endless loop ends by its own seconds of work, however busy the machine is; an endless list by size.
                _allow(10)
                resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
                resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
                return run(task)

            told = in_child(bounded, 60 + 10 * sum(task[3].values()))
            if isinstance(told, list) and told[0]:
                self.killers.pop(told[0], None)
                self.killers[told[0]] = None
            self.out.write(json.dumps([number, told]) + "\n")
            self.out.flush()

    def judge(self, items: Sequence[pytest.Item], seconds: Mapping[str, float]) -> None:
        """Run tests until one fails."""
        for item, following in zip(items, [*items[1:], None], strict=True):
            _allow(2 + seconds[item.nodeid])
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                return


def _allow(seconds: float) -> None:
    """Let this process work so many seconds more."""
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + seconds) + 1, resource.RLIM_INFINITY))


class _Inside(_Loop):
    """Everything is imported and collected: the changed functions and tables are put in their places."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        by_name = {item.nodeid: item for item in session.items}
        if self.warm:  # the fixtures of the whole session are made once
            first, last = session.items[0], session.items[-1]
            first.ihook.pytest_runtest_protocol(item=first, nextitem=last)

        def run(task: Task) -> list[str]:
            mutant, names, tests, seconds = task
            replace(mutant, *self.site(mutant, names))
            self.judge([by_name[test] for test in self.first_the_killers(tests) if test in by_name], seconds)
            return [self.failed]

        self.attempts(run)
        return True


class _Anew(_Loop):
    """Nothing of ours is imported: each child imports it with the changed module, and collects file by file."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> bool:
        def run(task: Task) -> list[str]:
            mutant, names, tests, seconds = task
            tests = self.first_the_killers(tests)
            tree, site = self.site(mutant, names)
            for name in [name for name in sys.modules if name.partition(".")[0] in OURS - {"tests"}]:
                del sys.modules[name]
            for name in [name for name in sys.modules if name.startswith("tests.") and ".mutation" not in name]:
                if not name.endswith("conftest"):
                    del sys.modules[name]
            sys.meta_path.insert(0, Finder(mutant.module, site.plant(tree)))  # type: ignore[arg-type]
            try:
                importlib.import_module(mutant.module)
                importlib.import_module("ocop.plan_file")
            except Exception as error:  # noqa: BLE001 - whatever the changed module raises
                return [f"import: {type(error).__name__}"]
            self.order = {test: number for number, test in enumerate(tests)}
            fixtures = session._fixturemanager._pending_conftests  # pytest gives them to the first collection alone
            shared = dict(fixtures)
            for file in dict.fromkeys(test.partition("::")[0] for test in tests):
                fixtures.update(shared)
                try:
                    items = session.perform_collect([file])
                except Exception as error:  # noqa: BLE001
                    return [f"collecting {file}: {type(error).__name__}"]
                if session.testsfailed:
                    return [f"collecting {file}"]
                self.judge(list(items), seconds)
                if self.failed:
                    break
            return [self.failed]

        self.attempts(run)
        session.items = []
        return True


def attempt_all(pool: Sequence[str], tasks: Sequence[Task], *, anew: bool) -> Iterator[tuple[Mutant, Outcome, str]]:
    """Try mutants against tests of one pool; yield what became of each as it is known."""
    testable = [task for task in tasks if task[2]]
    for mutant, _, tests, _ in tasks:
        if not tests:
            yield mutant, Outcome.UNTESTED, ""
    if not testable:
        return

    def attempts(out: IO[str]) -> None:
        warm = "integration" in pool[0]
        plugin = _Anew(testable, out, warm) if anew else _Inside(testable, out, warm)
        pytest.main([*pool, *QUIET], plugins=[plugin])

    child, answers = forked(attempts)
    with answers:
        for line in answers:
            number, told = json.loads(line)
            mutant = testable[number][0]
            if told == "timeout":
                yield mutant, Outcome.TIMEOUT, ""
            elif told == "ended":
                yield mutant, Outcome.KILLED, "process"
            else:
                yield (mutant, Outcome.KILLED, told[0]) if told[0] else (mutant, Outcome.SURVIVED, "")
    os.waitpid(child, 0)
