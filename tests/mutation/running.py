"""Tries mutants: each in a forked child of a process that holds the libraries, against the tests that run its lines."""

import ast
import gc
import importlib
import importlib.util
import json
import os
import resource
import signal
import sys
import threading
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

import pytest
from hypothesis import Phase, settings

from tests.mutation.operators import Mutant, Names, Site, sites

ROOT = Path(__file__).parents[2]
OURS = frozenset(
    {"ocop", "models", "casework", "notifications", "tasks", "flows", "dashboard", "cli", "benchmarks", "tests"}
)
"""Packages that are imported anew for each mutant."""

# No clock decides, nothing is kept, every mutant meets the same examples; a found one need not be made smaller.
settings.register_profile(
    "mutants",
    deadline=None,
    database=None,
    derandomize=True,
    max_examples=50,
    phases=(Phase.explicit, Phase.generate, Phase.target),
)


class Outcome(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMEOUT = "timeout"
    """Killed: the tests no longer end."""
    SURVIVED = "survived"
    UNTESTED = "untested"
    """No test of the pool runs its line."""


@dataclass
class Traced:
    """What one run of a pool's tests without a mutant shows."""

    tests: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, dict[int, list[int]]] = field(default_factory=dict)
    """By module and line the numbers of the tests that run it."""
    libraries: list[str] = field(default_factory=list)
    """What was imported and is not ours."""


class _Plugin:
    """Keeps pytest to the chosen tests, in their order, on SQLite, with the mutants' profile of Hypothesis."""

    def __init__(self, chosen: Sequence[str] | None = None) -> None:
        self.order = None if chosen is None else {test: number for number, test in enumerate(chosen)}
        self.failed = ""
        self.failures: dict[str, str] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makemodule(self) -> None:
        settings.load_profile("mutants")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        order = self.order
        if order is None:
            items[:] = [item for item in items if _here(item)]
        else:
            items[:] = sorted((i for i in items if i.nodeid in order), key=lambda item: order[item.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = self.failed or report.nodeid
            self.failures[report.nodeid] = report.longreprtext


def _here(item: pytest.Item) -> bool:
    """Return whether a test belongs to the quick run and needs neither PostgreSQL nor Prefect."""
    callspec = getattr(item, "callspec", None)
    on_postgres = callspec is not None and "postgresql" in callspec.params.values()
    return not (
        on_postgres
        or item.get_closest_marker("long")
        or {"postgres_engine", "postgres_address", "prefect_server"} & set(getattr(item, "fixturenames", ()))
    )


class _Tracer(_Plugin):
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


def path_of(module: str) -> Path:
    """Return a module's file."""
    return ROOT / f"{module.replace('.', '/')}.py"


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


QUIET = (
    *("-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "tmp_path_retention_policy=none"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # the libraries are here already
)


def in_child(run: Callable[[], Any], seconds: float) -> Any:
    """Return what `run` gives in a forked child, as JSON; 'timeout' when it took too long, 'ended' when it died."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        os.close(reading)
        _hush()
        try:
            with os.fdopen(writing, "w", encoding="utf-8") as out:
                json.dump(run(), out)
        except BaseException:
            traceback.print_exc()
            raise
        finally:
            os._exit(0)
    os.close(writing)
    told: list[str] = []
    with os.fdopen(reading, encoding="utf-8") as answer:
        reader = threading.Thread(target=lambda: told.append(answer.read()))
        reader.start()
        reader.join(seconds)
        late = reader.is_alive()
        os.killpg(child, signal.SIGKILL) if late else None
        _, status = os.waitpid(child, 0)
        reader.join()
    late = late or (os.WIFSIGNALED(status) and os.WTERMSIG(status) in {signal.SIGXCPU, signal.SIGKILL})
    return "timeout" if late else json.loads(told[0]) if told and told[0] else "ended"


def _hush() -> None:
    silent = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1) if os.environ.get("MUTANTS_LOUD") else (0, 1, 2):
        os.dup2(silent, stream)


def preload(libraries: Sequence[str]) -> None:
    """Import once what every child needs and no mutant changes."""
    for name in libraries:
        if name not in sys.modules and not name.startswith("_"):
            with suppress(Exception):  # some are only made while others are imported
                importlib.import_module(name)


class _Planted(SourceFileLoader):
    """Loads a module from a changed tree."""

    def __init__(self, name: str, path: str, tree: ast.Module) -> None:
        super().__init__(name, path)
        self.tree = tree

    def get_code(self, fullname: str) -> Any:
        return compile(self.tree, self.path, "exec", dont_inherit=True)


class _Finder:
    """Finds the one changed module before anybody else does."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self.name, self.tree = name, tree

    def find_spec(self, name: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        file = str(path_of(name))
        return importlib.util.spec_from_file_location(name, file, loader=_Planted(name, file, self.tree))


def names_in(module: str) -> Names:
    """Return what may stand for what in a module, asked from the module itself, in a child."""
    told = in_child(lambda: dict(_names(importlib.import_module(module))), 60)
    return told


def _names(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Yield each name whose value has others of its kind in the module, with the next of them."""
    kinds: defaultdict[Any, list[str]] = defaultdict(list)
    for name, value in vars(module).items():
        if isinstance(value, type) and issubclass(value, Enum):
            members = list(value.__members__)
            yield from (
                (f"{name}.{member}", f"{name}.{following}")
                for member, following in zip(members, members[1:] + members[:1], strict=True)
                if len(members) > 1
            )
        elif isinstance(value, Enum) or type(value).__name__ in {"Source", "timedelta"}:
            kinds[type(value)].append(name)
        elif callable(value) and getattr(value, "__module__", "") == "ocop.procedure" and not isinstance(value, type):
            kinds["condition"].append(name)
    for names in kinds.values():
        if len(names) > 1:
            yield from zip(names, names[1:] + names[:1], strict=True)


def planted(module: str, names: Names) -> tuple[ast.Module, list[Site]]:
    """Return a fresh tree of a module, with the places where it can be changed."""
    tree = ast.parse(path_of(module).read_text(encoding="utf-8"))
    return tree, sites(module, tree, names)


def chosen(mutant: Mutant, traced: Traced, *, narrow: bool) -> list[str]:
    """Return the tests that may notice a mutant, those that run its lines first, then the quick ones.

    Narrowly, these are the tests that ran the very lines, or whose files name the module that it changes at import. More
    widely, those that ran the function around it, as not every line run is seen, or any that is quick.
    """
    lines = traced.lines.get(mutant.module, {})
    if mutant.imported:
        near = {number for tests in lines.values() for number in tests}
        naming = {
            file for file in {test.partition("::")[0] for test in traced.tests} if _names_module(file, mutant.module)
        }
        near |= {number for number, test in enumerate(traced.tests) if test.partition("::")[0] in naming}
        quick_ones = {number for number, test in enumerate(traced.tests) if traced.seconds.get(test, 9) < 0.2}
        candidates = sorted(near & quick_ones if narrow else near | quick_ones)
    else:
        near, around = (
            {number for line in range(first, last + 1) for number in lines.get(line, ())}
            for first, last in (mutant.lines, mutant.scope)
        )
        candidates = sorted(near if narrow else near | around)
    candidates = [number for number in candidates if traced.tests[number] in traced.seconds]
    order = sorted(candidates, key=lambda n: (n not in near, traced.seconds[traced.tests[n]]))
    return [traced.tests[number] for number in order]


@cache
def _names_module(file: str, module: str) -> bool:
    return module in (ROOT / file).read_text(encoding="utf-8")


Task = tuple[Mutant, Names, Sequence[str], Mapping[str, float]]
"""A mutant, the names of its module, the tests to try it with, and the seconds that each took without it."""

TABLES = frozenset({"ocop.procedures.qd148", "ocop.notices", "casework.ledger"})
"""Modules whose tables nothing else derives values from at import: they can be changed where they lie."""


def quick(mutant: Mutant) -> bool:
    """Return whether a mutant can be planted into modules that are imported already."""
    return not mutant.imported or (mutant.module in TABLES and not mutant.in_class)


MEMORY = 3 * 2**30


class _Loop(_Plugin):
    """Tries mutants from within a session of pytest, each in a fork of it, and tells the parent on a pipe."""

    def __init__(self, tasks: Sequence[Task], out: Any, warm: bool) -> None:
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
            sys.meta_path.insert(0, _Finder(mutant.module, site.plant(tree)))  # type: ignore[arg-type]
            try:
                importlib.import_module(mutant.module)
                importlib.import_module("ocop.plan_file")
            except Exception as error:  # noqa: BLE001 - whatever the changed module raises
                return [f"import: {type(error).__name__}"]
            self.order = {test: number for number, test in enumerate(tests)}
            for file in dict.fromkeys(test.partition("::")[0] for test in tests):
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


def replace(mutant: Mutant, tree: ast.Module, site: Site) -> None:
    """Put a mutant into an imported module: its functions get their new code, its tables their new values."""
    site.plant(tree)
    module, file = sys.modules[mutant.module], str(path_of(mutant.module))
    if mutant.imported:
        tree.body = [
            node
            for node in tree.body
            if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.Import | ast.ImportFrom)
        ]
        fresh = dict(vars(module))
        exec(compile(tree, file, "exec"), fresh)  # noqa: S102 - the module's own tables, changed
        for name, value in fresh.items():
            if not name.startswith("__"):
                _put(vars(module).get(name), value, name)
        return
    codes = dict(_codes(compile(tree, file, "exec", dont_inherit=True)))
    for function in gc.get_objects():
        if isinstance(function, FunctionType) and function.__code__.co_filename == file:
            new = codes.get((function.__code__.co_qualname, function.__code__.co_firstlineno))
            if new is not None and new != function.__code__:
                function.__code__ = new


def _codes(code: CodeType) -> Iterator[tuple[tuple[str, int], CodeType]]:
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield (part.co_qualname, part.co_firstlineno), part
            yield from _codes(part)


def _put(old: Any, new: Any, name: str) -> None:
    """Give a table its new value wherever it is held: in the object itself, or under its name in our modules."""
    if old is new or isinstance(old, type | ModuleType | FunctionType | Enum):
        return
    if type(old) is dict and type(new) is dict:
        old.clear()
        old.update(new)
    elif type(old) is type(new) and hasattr(old, "__dataclass_fields__"):
        vars(old).clear()
        vars(old).update(vars(new))
    else:
        for key, module in list(sys.modules.items()):
            if key.partition(".")[0] in OURS and vars(module).get(name) is old:
                vars(module)[name] = new


def attempt_all(pool: Sequence[str], tasks: Sequence[Task], *, anew: bool) -> Iterator[tuple[Mutant, Outcome, str]]:
    """Try mutants against tests of one pool; yield what became of each as it is known."""
    testable = [task for task in tasks if task[2]]
    for mutant, _, tests, _ in tasks:
        if not tests:
            yield mutant, Outcome.UNTESTED, ""
    if not testable:
        return
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        os.close(reading)
        _hush()
        try:
            with os.fdopen(writing, "w", encoding="utf-8") as out:
                warm = "integration" in pool[0]
                plugin = _Anew(testable, out, warm) if anew else _Inside(testable, out, warm)
                pytest.main([*pool, *QUIET], plugins=[plugin])
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as answers:
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


@contextmanager
def here() -> Iterator[None]:
    """Run from the checkout's root, whose packages win over installed ones."""
    before = Path.cwd()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    yield
    os.chdir(before)
