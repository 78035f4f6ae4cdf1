"""The project's own files, for tests that read the code as text and as syntax trees."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("ocop", "models", "casework", "notifications", "tasks", "flows", "dashboard", "cli")
"""From below to above; `tests/architecture/test_rooms.py` compares them with pyproject.toml."""
TEXT = frozenset(
    {".py", ".md", ".toml", ".yaml", ".yml", ".csv", ".j2", ".html", ".css", ".js", ".txt", ".mako", ".example", ".svg", ""}
)  # fmt: skip
NOT_OURS = frozenset({"__pycache__", "build", "data", "dist", "node_modules", "vendor"})


@dataclass(frozen=True)
class Module:
    """A module of a room."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Its path in the project."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def lines(self) -> int:
        """How long it is."""
        return len(self.text.splitlines())


@cache
def modules(*rooms: str) -> tuple[Module, ...]:
    """Return the modules of rooms, of all rooms when none is named; migrations are history and stand apart."""
    found = []
    for room in rooms or ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "versions" not in path.parts:
                text = path.read_text(encoding="utf-8")
                found.append(Module(path, text, ast.parse(text)))
    return tuple(found)


def files() -> Iterator[Path]:
    """Yield the project's text files, without what is installed, built, fetched or kept by a run."""
    for path in sorted(ROOT.rglob("*")):
        inside = path.relative_to(ROOT).parts
        hidden = any(part.startswith(".") for part in inside[:-1]) and inside[0] != ".ci"
        kept_out = any(part in NOT_OURS or part.endswith(".egg-info") for part in inside[:-1]) and inside[:2] not in (
            ("deployments", "data"),
            ("tests", "data"),
        )
        if path.is_file() and not hidden and not kept_out and path.suffix in TEXT:
            yield path


def words(identifier: str) -> list[str]:
    """Return the words of an identifier, small: `DossierKind` and `dossier_kind` are `dossier`, `kind`."""
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", identifier).split("_")
    return [part.lower() for part in parts if part]


def identifiers(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield each name that a module gives to something, with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, node.lineno
            case ast.arg():
                yield node.arg, node.lineno
            case ast.Name(ctx=ast.Store()):
                yield node.id, node.lineno
            case ast.Attribute(ctx=ast.Store()):
                yield node.attr, node.lineno


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Yield the public functions, classes and methods that stand in a module, not those inside functions."""

    def within(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                if not node.name.startswith("_"):
                    yield node
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    yield from within(node.body)

    return within(module.tree.body)
