"""Pages are dressed with classes that exist: Tabler's or page.css's; and page.css holds no shape that no page has."""

import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

STATIC = ROOT / "dashboard" / "static"
TEMPLATES = sorted((ROOT / "dashboard" / "templates").glob("*.j2"))
DRAWN = (*TEMPLATES, *sorted((ROOT / "dashboard").rglob("*.py")), *sorted(STATIC.glob("*.js")))


def selected(sheet: Path) -> set[str]:
    """Return the classes that a style sheet speaks of."""
    rules = re.sub(r"/\*.*?\*/|url\([^)]*\)|\"[^\"]*\"", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    return set(re.findall(r"\.(-?[a-zA-Z_][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", rules)))


KIT = selected(STATIC / "vendor" / "tabler-1.6.1" / "tabler.min.css")
OWN = selected(STATIC / "page.css")


def worn(template: str) -> set[str]:
    """Return the classes of a template, those aside that it puts together from a value."""
    found = set()
    for value in re.findall(r'(?<![\w-])class="((?:\{[{%].*?[%}]\}|[^"{])*)"', template):
        plain = re.sub(r"\S*\{\{.*?\}\}\S*", " ", re.sub(r"\{%.*?%\}", " ", value))
        found |= set(plain.split())
    return found


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name.partition(".")[0])
def test_a_page_wears_only_classes_that_a_sheet_knows(template: Path) -> None:
    unknown = worn(template.read_text(encoding="utf-8")) - KIT - OWN
    assert unknown == set(), f"neither Tabler nor page.css has {sorted(unknown)}"


def test_our_sheet_has_no_shape_that_no_page_has() -> None:
    written = "\n".join(path.read_text(encoding="utf-8") for path in DRAWN)
    words = set(re.findall(r"[\w-]+", written))
    assert sorted(own for own in OWN - KIT if own not in words) == []
