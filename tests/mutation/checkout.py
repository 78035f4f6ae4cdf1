"""The checkout that mutants are planted in: its packages, their files, and what they import."""

import importlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = frozenset(
    {"ocop", "models", "casework", "notifications", "tasks", "flows", "dashboard", "cli", "benchmarks", "tests"}
)
"""Packages that are imported anew for each mutant."""


def path_of(module: str) -> Path:
    """Return a module's file."""
    return ROOT / f"{module.replace('.', '/')}.py"


def preload(libraries: Sequence[str]) -> None:
    """Import once what every child needs and no mutant changes."""
    for name in libraries:
        if name not in sys.modules and not name.startswith("_"):
            with suppress(Exception):  # some are only made while others are imported
                importlib.import_module(name)


@contextmanager
def here() -> Iterator[None]:
    """Run from the checkout's root, whose packages win over installed ones, with a temporary folder of its own.

    Pytest keeps the folders of its last three runs: other runs meanwhile would take ours away, which looks like a kill.
    """
    before = Path.cwd()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as own:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = own
        yield
    os.chdir(before)
