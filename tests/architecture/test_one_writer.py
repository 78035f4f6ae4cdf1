"""Only `casework/ledger.py` changes where a dossier stands, and nothing rewrites history."""

import ast
from collections.abc import Iterator
from functools import cache

from tests.architecture.tree import Module, modules

LEDGER = "casework/ledger.py"
FIRST_STAGE = "casework/registration.py"
"""Where a dossier is made, at the procedure's first stage; the ledger writes its first line."""
PLACE = frozenset({"stage", "stage_since", "open", "holder_id", "version", "head"})
"""What the ledger alone writes on a dossier."""


def _calls(module: Module, name: str) -> Iterator[ast.Call]:
    """Yield the calls of a function of this name."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and (
            (isinstance(node.func, ast.Name) and node.func.id == name)
            or (isinstance(node.func, ast.Attribute) and node.func.attr == name)
        ):
            yield node


def _about(module: Module, call: ast.Call, model: str) -> bool:
    """Tell whether a call names a model, or a table that the module took from it."""
    called = _names(module, model)
    return any(isinstance(inner, ast.Name) and inner.id in called for part in call.args for inner in ast.walk(part))


@cache
def _names(module: Module, model: str) -> set[str]:
    """Return a model's name and the names that a module gives to its table: `_DOSSIERS = table_of(Dossier)`."""
    called = {model}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pair = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                given = zip(target.elts, node.value.elts, strict=True) if pair else [(target, node.value)]
                called |= {name.id for name, value in given if isinstance(name, ast.Name) and _takes(value, model)}
    return called


def _takes(value: ast.expr, model: str) -> bool:
    return any(
        isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id == "table_of"
        and isinstance(inner.args[0], ast.Name) and inner.args[0].id == model
        for inner in ast.walk(value)
    )  # fmt: skip


def test_only_the_ledger_assigns_a_stage() -> None:
    assigned = {
        module.name
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr == "stage" and isinstance(node.ctx, ast.Store)
    }
    assert assigned <= {LEDGER}
    set_by_name = [
        m.name for m in modules() for call in _calls(m, "setattr") if m.name.startswith(("casework", "tasks"))
    ]
    assert set_by_name == []


def test_only_the_ledger_updates_dossiers() -> None:
    updating = {
        module.name for module in modules() for call in _calls(module, "update") if _about(module, call, "Dossier")
    }
    assert updating == {LEDGER}
    made = {module.name for module in modules() for _ in _calls(module, "Dossier")}
    assert made == {FIRST_STAGE}


def test_nobody_else_sets_what_the_ledger_keeps_on_a_dossier() -> None:
    setting = {
        f"{module.name}: {node.value.id}.{node.attr}"
        for module in modules("casework", "tasks", "flows", "dashboard", "cli")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in PLACE and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name) and node.value.id in {"dossier", "row"} and module.name != LEDGER
    }  # fmt: skip
    assert setting == set()


def test_history_is_written_and_never_changed() -> None:
    changing = [
        f"{module.name}:{call.lineno}"
        for module in modules()
        for verb in ("update", "delete")
        for call in _calls(module, verb)
        if _about(module, call, "Event")
    ]
    assert changing == []
