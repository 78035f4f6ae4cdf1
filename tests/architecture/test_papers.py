"""The papers say what the code does: generated tables are fresh, links lead somewhere, commands and variables exist."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from cyclopts import App

from cli.main import command
from cli.papers.environment import classes, variables
from cli.papers.writing import PAPERS
from tests.architecture.tree import ROOT, files

PAGES = sorted(path for path in files() if path.suffix == ".md")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
PARTS = ["Context", "Decision", "Consequences", "Alternatives", "What enforces it"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("paper", sorted(PAPERS))
def test_a_generated_paper_is_what_the_code_says_now(paper: str) -> None:
    written = (ROOT / paper).read_text(encoding="utf-8")
    assert written == PAPERS[paper](), f"{paper} is stale: run `make docs`"


def test_every_setting_is_described_and_named_once() -> None:
    undescribed = [
        f"{kind.__name__}.{name}"
        for kind in classes()
        for name, field in kind.model_fields.items()
        if not field.description
    ]
    assert undescribed == []
    names = [variable.name for variable in variables()]
    assert len(set(names)) == len(names)
    assert all(name.startswith("OCOP_") for name in names)


def test_the_example_of_the_environment_lists_every_variable_at_its_default_and_sets_none() -> None:
    lines = (ROOT / "deployments" / "env.example").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []
    listed = [line[1:] for line in lines if re.match(r"#OCOP_[A-Z_]+=", line)]
    assert listed == [f"{variable.name}={variable.default}" for variable in variables()]


def test_a_default_of_the_example_is_read_back_as_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (ROOT / "deployments" / "env.example").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if re.match(r"#OCOP_[A-Z_]+=.", line):
            name, _, value = line[1:].partition("=")
            monkeypatch.setenv(name, value)
    monkeypatch.chdir(ROOT)
    for kind in classes():
        read = kind()
        for name, field in kind.model_fields.items():
            found = getattr(read, name)
            default = field.get_default(call_default_factory=True)
            assert (found.resolve() if isinstance(found, Path) else found) == (
                default.resolve() if isinstance(default, Path) else default
            ), name


def test_papers_name_only_variables_that_exist() -> None:
    known = {variable.name for variable in variables()}
    unknown = {
        f"{place(page)}: {name}"
        for page in PAGES
        for name in re.findall(r"\bOCOP_[A-Z_]*[A-Z]\b(?!_)", page.read_text(encoding="utf-8"))
        if name not in known and not any(one.startswith(f"{name}_") for one in known)
    }
    assert unknown == set()


def _commands(app: App, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield every command as its words."""
    for name in app:
        if name.startswith("-"):
            continue
        yield (*before, name)
        yield from _commands(app[name], (*before, name))


APP = command()
KNOWN = set(_commands(APP))


def _typed(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the commands that a text tells a reader to type: the words after `ocop` as far as they are names."""
    for line in re.findall(r"(?:`|^|: |chạy |\$ |bin/)ocop ([a-z][a-z -]*[a-z])", text, re.MULTILINE):
        yield tuple(line.split())


def _known(words: tuple[str, ...]) -> bool:
    """Return whether the words begin with a command that needs no further word to be one."""
    return any(words[:length] in KNOWN for length in range(1, len(words) + 1))


@cache
def _options(words: tuple[str, ...]) -> set[str]:
    """Return the options of a command."""
    found = APP
    for word in words:
        found = found[word]
    return {name for argument in found.assemble_argument_collection() for name in argument.names}


def _typed_whole(text: str) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Yield the commands that a text shows with their options: in backquotes or on lines of their own."""
    joined = re.sub(r"\\\n\s*", " ", text)
    for line in re.findall(r"(?:`|^|chạy: )(?:[A-Z_]+=\S+ )?ocop ([^`\n]+)", joined, re.MULTILINE):
        words = tuple(line.split())
        for length in range(len(words), 0, -1):
            if words[:length] in KNOWN:
                yield words[:length], re.findall(r"(?<= )--[a-z][\w.-]*", re.sub(r"'[^']*'|\"[^\"]*\"", "", line))
                break


def test_papers_and_messages_name_only_options_that_exist() -> None:
    wrong = {
        f"{place(path)}: ocop {' '.join(words)} {option}"
        for path in files()
        if path.suffix in {".py", ".md", ".j2"} and "tests" not in path.parts and place(path) not in PAPERS
        for words, options in _typed_whole(path.read_text(encoding="utf-8"))
        for option in options
        if option not in _options(words)
    }
    assert wrong == set()


@pytest.mark.parametrize("page", PAGES, ids=place)
def test_a_paper_names_only_commands_that_exist(page: Path) -> None:
    assert [words for words in _typed(page.read_text(encoding="utf-8")) if not _known(words)] == []


def test_messages_and_pages_name_only_commands_that_exist() -> None:
    wrong = {
        f"{place(path)}: ocop {' '.join(words)}"
        for path in files()
        if path.suffix in {".py", ".j2", ".html"} and "tests" not in path.parts
        for words in _typed(path.read_text(encoding="utf-8"))
        if not _known(words)
    }
    assert wrong == set()


def test_every_command_says_in_vietnamese_what_it_does() -> None:
    app = APP
    for words in KNOWN:
        found = app
        for word in words:
            found = found[word]
        assert found.help, words
        first = found.help.strip().split("\n")[0]
        assert first.endswith(".") or len(words) == 1, words
        assert not first.isascii(), (words, first)


@pytest.mark.parametrize("page", PAGES, ids=place)
def test_links_between_papers_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        aimed = page if not path else (page.parent / path).resolve()
        if "://" in path or (aimed.exists() and (not anchor or _anchored(aimed, anchor))):
            continue
        broken.append(target)
    assert broken == []


def _anchored(page: Path, anchor: str) -> bool:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return any(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") == anchor for heading in headings)


@pytest.mark.parametrize("page", PAGES, ids=place)
def test_papers_name_only_make_targets_that_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert named - targets == set()


def test_every_make_target_has_its_line_in_the_list() -> None:
    phony = set(re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)[1].split())  # type: ignore[index]
    assert phony == set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))


def test_the_changelogs_newest_version_is_the_packages() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$", changes, re.MULTILINE)
    package = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert versions[0][0] == package
    assert set(re.findall(r"^### (.+)$", changes, re.MULTILINE)) <= {
        "Added", "Changed", "Deprecated", "Removed", "Fixed", "Security",
    }  # fmt: skip


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem[:4])
def test_a_decision_has_its_five_parts_and_a_line_to_quote(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    number = path.name[:4]
    assert text.startswith(f"# {number} ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS
    decided = text.split("## Decision")[1].split("## ")[0].strip()
    assert decided.startswith("**")


def test_decisions_are_numbered_without_gaps() -> None:
    assert [path.name[:4] for path in DECISIONS] == [f"{number:04d}" for number in range(1, len(DECISIONS) + 1)]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem[:4])
def test_what_a_decision_names_as_its_enforcement_exists(path: Path) -> None:
    enforced = path.read_text(encoding="utf-8").split("## What enforces it")[1]
    assert [name for name in re.findall(r"`(tests/[\w/.]+)`", enforced) if not (ROOT / name).exists()] == []
