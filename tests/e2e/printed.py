"""Reads the tables of a printed summary back."""

from itertools import groupby


def tables(printed: str) -> dict[str, list[dict[str, str]]]:
    """Return the rows of each table by its title, each row by its headers."""
    found: dict[str, list[dict[str, str]]] = {}
    lines = printed.splitlines()
    drawn = groupby(
        enumerate(lines), key=lambda numbered: numbered[1][:1] in {"┏", "┃", "┡", "│", "└"} and numbered[1] != ""
    )
    for is_table, numbered in drawn:
        if is_table:
            block = list(numbered)
            (first, _), *_ = block
            header = next(cells(line, "┃") for _, line in block if line.startswith("┃"))
            rows = [cells(line, "│") for _, line in block if line.startswith("│")]
            found[lines[first - 1].strip()] = [dict(zip(header, row, strict=True)) for row in rows]
    return found


def cells(line: str, bar: str) -> list[str]:
    """Return the cells of a row."""
    return [cell.strip() for cell in line.strip().strip(bar).split(bar)]
