"""Markdown as the generated papers use it: a page that says it is generated, tables, names in code."""

from collections.abc import Iterable, Sequence

GENERATED = "<!-- Written by `make docs` from the code; an edit here is lost. -->"


def page(title: str, *parts: str) -> str:
    """Return a page with its title, the note that it is generated, and its parts apart by blank lines."""
    return "\n\n".join([f"# {title}", GENERATED, *(part.strip("\n") for part in parts)]) + "\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; an empty cell stays empty, a bar in a cell is escaped."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def code(*names: str) -> str:
    """Return names in code, apart by commas."""
    return ", ".join(f"`{name}`" for name in names if name)


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")
