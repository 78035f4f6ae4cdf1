"""The house stands: its rooms, their sizes, what each may hold. Who may import whom is import-linter's (`make check`)."""

import ast
import tomllib

import pytest

from tests.architecture.tree import ROOMS, ROOT, functions, modules, words

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LONGEST_MODULE = 400
SCREEN = 50
EMPTY_NAMES = frozenset(
    {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "base", "stuff"}
)
OUTERMOST_LOOPS = frozenset({("cli/serving/loop.py", "_work_off"), ("cli/serving/loop.py", "serve_runs")})
"""The only functions that may swallow any exception: they keep a server alive, and log what they caught."""


def test_the_rooms_are_these_and_the_layers_name_them_all() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - {"tests"} == set(ROOMS)
    (layers,) = [c["layers"] for c in PYPROJECT["tool"]["importlinter"]["contracts"] if c["type"] == "layers"]
    named = [room for line in layers for room in line.split(" | ")]
    assert sorted(named) == sorted(ROOMS)
    assert PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == list(ROOMS)


def test_a_room_opens_with_its_sentence_and_nothing_to_run() -> None:
    assert [m.name for m in modules() if m.path.name == "__init__.py" and len(m.tree.body) != 1] == []


def test_every_module_and_every_public_function_says_what_it_is() -> None:
    silent = [module.name for module in modules() if not ast.get_docstring(module.tree)]
    silent += [
        f"{module.name}:{node.lineno} {node.name}"
        for module in modules()
        for node in functions(module)
        if not ast.get_docstring(node)
    ]
    assert silent == []


def test_a_docstring_opens_with_a_whole_sentence() -> None:
    loose = [
        f"{module.name}:{getattr(node, 'lineno', 1)}"
        for module in modules()
        for node in (module.tree, *functions(module))
        if (said := ast.get_docstring(node)) and said.split("\n\n")[0].strip()[-1] not in ".:?"
    ]
    assert loose == []


def test_a_module_stays_under_four_hundred_lines() -> None:
    assert {module.name: module.lines for module in modules() if module.lines >= LONGEST_MODULE} == {}


def test_no_module_is_named_for_everything_and_nothing() -> None:
    named = [m.name for m in modules() if EMPTY_NAMES & set(words(m.path.stem)) and m.name != "models/base.py"]
    assert named == []


def test_casework_never_commits() -> None:
    commits = [
        f"{module.name}:{node.lineno}"
        for module in modules("casework")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in {"commit", "rollback"}
    ]
    assert commits == []


def test_only_the_edges_read_a_clock() -> None:
    read = [
        f"{module.name}:{node.lineno}"
        for module in modules("ocop", "models", "casework")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}
        and isinstance(node.value, ast.Name) and node.value.id in {"datetime", "date"}
    ]  # fmt: skip
    assert read == []


def test_the_rules_read_no_environment() -> None:
    reading = [
        f"{module.name}:{node.lineno}"
        for module in modules("ocop", "casework")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    ]
    assert reading == []


def _swallows_everything(node: ast.ExceptHandler) -> bool:
    """Return whether a handler takes any exception and does not raise it again."""
    caught = [node.type, *node.type.elts] if isinstance(node.type, ast.Tuple) else [node.type]
    any_kind = node.type is None or any(
        isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"} for kind in caught
    )
    raises = any(isinstance(inner, ast.Raise) and inner.exc is None for inner in ast.walk(node))
    return any_kind and not raises


def test_only_the_outermost_loops_catch_everything() -> None:
    catching = {
        (module.name, function.name)
        for module in modules()
        for function in ast.walk(module.tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.ExceptHandler) and _swallows_everything(node)
    }
    assert catching == OUTERMOST_LOOPS


def test_flows_hold_short_functions_and_nothing_else() -> None:
    allowed = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Import, ast.ImportFrom, ast.Expr, ast.Assign, ast.AnnAssign)
    strange = [
        f"{module.name}:{node.lineno}"
        for module in modules("flows")
        for node in module.tree.body
        if not isinstance(node, allowed)
    ]
    strange += [
        f"{module.name}:{node.lineno}"
        for module in modules("flows")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Try | ast.ClassDef)
    ]
    assert strange == []
    long = [
        f"{module.name} {node.name}"
        for module in modules("flows")
        for node in functions(module)
        if (node.end_lineno or 0) - node.lineno >= SCREEN
    ]
    assert long == []


@pytest.mark.parametrize("room", ["ocop", "casework", "notifications"])
def test_html_and_sql_text_stay_out_of_the_rules(room: str) -> None:
    found = [
        f"{module.name}:{node.lineno}"
        for module in modules(room)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        and node.value.lstrip().upper().startswith(("UPDATE DOSSIER", "DELETE FROM", "INSERT INTO", "<HTML", "<TABLE"))
    ]  # fmt: skip
    assert found == []
