"""Sentences below the doors name what to do by its title; how it is typed is the command line's own affair."""

import ast
import re
from collections.abc import Iterator

import pytest

from casework.acts import ACTS
from casework.imports.templates import KINDS as FILES
from casework.lists.kinds import KINDS as LISTS
from casework.lists.listing import NARROWING
from cli.main import command
from cli.remedies import OPTIONS, QUOTED, TOOLS
from dashboard.language import catalogue
from ocop.rulebook import PROCEDURES
from tests.architecture.tree import ROOT, Module, modules

BELOW = ("ocop", "models", "casework", "notifications", "tasks", "flows")
TYPED = re.compile(r"\bocop [a-z{]|(?<![\w-])--[a-z{]")
"""An `ocop` command or an option, as somebody types it."""
MUST_STAY = {
    ("notifications/message.py", "--{}"): "the line between the parts of a mail",
    ("notifications/message.py", "--{}--"): "the line after its last part",
}
"""What looks like an option and is none."""
ONLY_QUOTED = frozenset({"Trước ngày", "đến ngày", "chậm nhất ngày"})
"""Quoted words of a plan that name nothing to do."""
ON_THE_SERVER = {"Khôi phục bản sao lưu", "Khởi động phần mềm"}
"""Tools that no page has: when they are needed there are no pages."""
TITLES = frozenset({*TOOLS, *OPTIONS, *(act.title for act in ACTS.values())})


def literals(module: Module) -> Iterator[tuple[int, str]]:
    """Yield a module's texts without its docstrings, each value that is filled in as {}."""
    said: set[int] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            said.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            said.update(id(part) for part in node.values)
            yield (
                node.lineno,
                "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values),
            )
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.lineno, node.value


def test_no_sentence_below_the_doors_tells_its_reader_to_type_a_command() -> None:
    typed = [
        f"{module.name}:{line}: {text}"
        for module in modules(*BELOW)
        for line, text in literals(module)
        if TYPED.search(text) and (module.name, text) not in MUST_STAY
    ]
    assert typed == []


def test_no_letter_tells_its_reader_to_type_a_command() -> None:
    written = sorted((ROOT / "notifications" / "templates").rglob("*.j2"))
    assert written
    assert [
        path.name for path in written if re.search(r"\bocop [a-z]|(?<![\w-])--[a-z]", path.read_text("utf-8"))
    ] == []


def test_only_the_first_steps_tell_the_reader_of_a_page_to_type_a_command() -> None:
    """There, on the server, nobody can sign in yet; everybody else has a page or no terminal."""
    written = sorted((ROOT / "dashboard" / "templates").glob("*.j2"))
    assert written
    assert [path.name for path in written if re.search(r"\bocop [a-z]", path.read_text("utf-8"))] == [
        "first_steps.html.j2"
    ]


def test_what_a_sentence_quotes_is_the_title_of_an_act_a_tool_or_a_value() -> None:
    unknown = [
        f"{module.name}:{line}: “{title}”"
        for module in modules(*BELOW, "cli")
        for line, text in literals(module)
        for title in QUOTED.findall(text)
        if "{" not in title
        and "%(" not in title
        and title not in TITLES | ONLY_QUOTED | {catalogue().get(known) for known in TITLES}
    ]
    assert unknown == []


def test_every_title_of_a_tool_and_of_a_value_is_named_by_a_sentence() -> None:
    named = {title for module in modules(*BELOW) for _, text in literals(module) for title in QUOTED.findall(text)}
    assert sorted({*TOOLS, *OPTIONS} - named) == []
    assert {words.strip("“”") for words in NARROWING.values()} <= set(OPTIONS)


def test_a_page_bears_the_title_of_every_tool_that_pages_have() -> None:
    pages = [*(ROOT / "dashboard" / "templates").glob("*.j2"), *(ROOT / "dashboard").rglob("*.py")]
    written = "\n".join(page.read_text("utf-8") for page in pages).lower()
    assert "{% trans title=kind.title|lower %}nhập {{ title }}{% endtrans %}" in written
    headed = {f"nhập {kind.title}".lower() for kind in FILES.values()}
    missing = {title for title in TOOLS if title.lower() not in written and title.lower() not in headed}
    assert missing == ON_THE_SERVER


@pytest.mark.parametrize("title", sorted(TOOLS))
def test_the_command_of_a_tool_is_one_that_the_command_line_has(title: str) -> None:
    app = command()
    program, *words = [word for word in TOOLS[title].split() if word.islower()]
    assert program == "ocop"
    for word in words:
        if word not in app:
            break
        app = app[word]
    else:
        return
    assert (words[0], word) in {*(("list", kind) for kind in LISTS), *(("import", kind) for kind in FILES)}


def test_one_title_names_one_thing() -> None:
    acts = [act.title for act in ACTS.values()]
    stages = {stage.label for law in PROCEDURES.values() for stage in law.stages}
    assert len(TITLES) == len(acts) + len(TOOLS) + len(OPTIONS)
    assert not stages & TITLES
