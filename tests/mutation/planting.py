"""Puts a mutant into its module: as the module is imported anew, or into what is imported already."""

import ast
import gc
import importlib
import importlib.util
import sys
from collections import defaultdict
from collections.abc import Iterator
from enum import Enum
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tests.mutation.checkout import OURS, path_of
from tests.mutation.children import in_child
from tests.mutation.operators import Mutant, Names, Site, sites


class _Planted(SourceFileLoader):
    """Loads a module from a changed tree."""

    def __init__(self, name: str, path: str, tree: ast.Module) -> None:
        super().__init__(name, path)
        self.tree = tree

    def get_code(self, fullname: str) -> Any:
        return compile(self.tree, self.path, "exec", dont_inherit=True)


class Finder:
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


DERIVED = {
    "ocop.procedures.rows": ("qd148", "qd1489", "qd26", "qd26_renewal"),
    "ocop.procedures.qd26": ("qd26", "qd26_renewal"),
}
"""Modules whose functions make rows of procedures at import, with those procedures: their tables are made again."""

TABLES = frozenset(
    {
        *(f"ocop.procedures.{name}" for name in ("qd148", "qd1489", "qd26", "qd26_renewal", "rows")),
        *(f"ocop.{name}" for name in ("coarse_dates", "law_dates", "revocation", "transition_2026", "transitions")),
        *(f"ocop.{name}" for name in ("plan_checks", "plan_forms", "plan_lint", "plan_lint_dates", "nested_plan")),
        *("ocop.notices", "casework.gate", "casework.ledger"),
    }
)
"""Modules whose tables nothing else derives values from at import: they can be changed where they lie."""


def quick(mutant: Mutant) -> bool:
    """Return whether a mutant can be planted into modules that are imported already."""
    return not mutant.imported or (mutant.module in TABLES and not mutant.in_class)


def replace(mutant: Mutant, tree: ast.Module, site: Site) -> None:
    """Put a mutant into an imported module: its functions get their new code, its tables their new values."""
    site.plant(tree)
    module, file = sys.modules[mutant.module], str(path_of(mutant.module))
    if mutant.imported:
        _make_tables(module, tree)
        _make_derived(mutant.module, but=mutant.module)
        return
    codes = dict(_codes(compile(tree, file, "exec", dont_inherit=True)))
    named = dict(_named_defaults(tree))
    gc.unfreeze()  # what the tests set aside is not listed
    for function in gc.get_objects():
        if isinstance(function, FunctionType) and function.__code__.co_filename == file:
            new = codes.get((function.__code__.co_qualname, function.__code__.co_firstlineno))
            if new is not None and new != function.__code__:
                function.__code__ = new
            if new is not None and (values := named.get(function.__code__.co_firstlineno)):
                function.__kwdefaults__ = {name: eval(code, vars(module)) for name, code in values.items()}
    _make_derived(mutant.module)


def _make_derived(module: str, but: str = "") -> None:
    """Make the tables anew of the procedures whose rows a module makes."""
    for name in DERIVED.get(module, ()):
        if (whole := f"ocop.procedures.{name}") != but:
            _make_tables(sys.modules[whole], ast.parse(path_of(whole).read_text(encoding="utf-8")))


def _make_tables(module: ModuleType, tree: ast.Module) -> None:
    """Run what a tree says beside its classes and functions, and put the values where a module's own were."""
    tree.body = [
        node for node in tree.body if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.Import | ast.ImportFrom)
    ]
    fresh = dict(vars(module))
    exec(compile(tree, str(path_of(module.__name__)), "exec"), fresh)  # noqa: S102 - the module's own tables, changed
    held = {
        id(value): vars(module).get(name) for name, value in fresh.items() if hasattr(value, "__dataclass_fields__")
    }
    for name, value in fresh.items():
        if not name.startswith("__"):
            rows = tuple(held.get(id(row), row) for row in value) if type(value) is tuple else value
            _put(vars(module).get(name), rows, name)


def _named_defaults(tree: ast.Module) -> Iterator[tuple[int, dict[str, CodeType]]]:
    """Yield the values that a function's named arguments have when they are left out, by the function's first line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            stated = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            values = {
                name.arg: compile(ast.Expression(value), "default", "eval")
                for name, value in stated
                if value is not None
            }
            yield min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]), values


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
