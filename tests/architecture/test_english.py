"""What the programme says on pages has its English: the words of templates are marked, and the catalogue knows each of them."""

import ast
import pkgutil
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import Any

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from jinja2 import nodes

from cli.remedies import QUOTED
from dashboard.language import CATALOGUE, catalogue
from dashboard.view import TEMPLATES
from ocop.phrase import Joined, Paired, Phrase, Shaped, in_context
from tests.architecture.test_doors import TITLES, TYPED
from tests.architecture.tree import ROOT, modules

TEMPLATE_FILES = sorted((ROOT / "dashboard" / "templates").glob("*.j2"))
ROOMS = ("ocop", "casework", "dashboard")
"""Whose words reach pages; a rehearsal's report is made by the command line."""
NAMES = re.compile(r"“[^”]*”|Việt Nam|Nam Định|OCOP")
"""What stays as it is in an English sentence: quoted words of others and names."""
HOLE = re.compile(r"%\((\w+)(?::[^)]*)?\)s")


def is_vietnamese(said: str) -> bool:
    """Return whether a text has letters that English has not."""
    return any(unicodedata.combining(sign) for sign in unicodedata.normalize("NFD", said)) or "đ" in said.lower()


def of_templates() -> Iterator[tuple[str, str]]:
    """Yield the messages of the templates, each with where it stands."""
    for path in TEMPLATE_FILES:
        for line, function, message in TEMPLATES.extract_translations(path.read_text("utf-8")):  # type: ignore[attr-defined]
            found = (
                in_context(*message) if function == "pgettext" else message if isinstance(message, str) else message[0]
            )
            yield found, f"{path.name}:{line}"


def of_code() -> Iterator[tuple[str, str]]:
    """Yield the messages of phrases that are made where they are needed, each with where it stands."""
    for module in modules(*ROOMS):
        for node in ast.walk(module.tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "Phrase"
                and node.args
            ):
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value, f"{module.name}:{node.lineno}"


def of_tables() -> Iterator[tuple[str, str]]:
    """Yield the messages of the phrases that stand in tables of the modules, each with the module."""
    for room in ROOMS:
        package = import_module(room)
        for found in pkgutil.walk_packages(package.__path__, f"{room}."):
            if found.name.startswith(("casework.imports.__main__",)):
                continue
            for value in list(vars(import_module(found.name)).values()):
                for phrase in within(value, 0):
                    yield phrase.message, found.name


def within(value: Any, depth: int) -> Iterator[Phrase]:
    """Yield the phrases of a value: of tables, of records in them, and of what phrases are made of."""
    if isinstance(value, Shaped):
        yield from within(value.phrase, depth)
    elif isinstance(value, Joined):
        for part in value.parts:
            yield from within(part, depth)
    elif isinstance(value, Phrase):
        if not isinstance(value, Paired):
            yield value
            yield from within(dict(value.values), depth)
    elif isinstance(value, str | bytes | type) or depth > 4:
        return
    elif isinstance(value, Mapping):
        for one in list(value.values()):
            yield from within(one, depth + 1)
    elif isinstance(value, list | tuple | set | frozenset):
        for one in list(value):
            yield from within(one, depth + 1)
    elif is_dataclass(value):
        for field in fields(value):
            yield from within(getattr(value, field.name, None), depth + 1)


def _marked(before: list[str]) -> bool:
    """Return whether a text that follows these tokens is a message."""
    return before[-2:] == ["_", "("] or "pgettext" in before


@pytest.mark.parametrize("path", TEMPLATE_FILES, ids=lambda path: path.name)
def test_a_template_marks_every_word_it_says(path: Any) -> None:
    bare, inside, before = [], False, [""]
    for line, kind, value in TEMPLATES.lex(path.read_text("utf-8")):
        if kind == "name" and value in {"trans", "endtrans"}:
            inside = value == "trans"
        if kind in {"data", "string"} and is_vietnamese(value) and not inside and not _marked(before):
            bare.append(f"line {line}: {' '.join(value.split())}")
        if kind != "whitespace":
            before = [*before[-3:], value]
    assert bare == []


@pytest.mark.parametrize("path", TEMPLATE_FILES, ids=lambda path: path.name)
def test_a_template_marks_constant_words_alone(path: Any) -> None:
    """What is marked is taken for HTML; a value in it is not."""
    calls = TEMPLATES.parse(path.read_text("utf-8")).find_all(nodes.Call)
    marked = [
        call for call in calls if isinstance(call.node, nodes.Name) and call.node.name in {"_", "gettext", "pgettext"}
    ]
    assert [call.lineno for call in marked if not all(isinstance(given, nodes.Const) for given in call.args)] == []


@pytest.mark.parametrize("messages", [of_templates, of_code, of_tables], ids=["templates", "code", "tables"])
def test_each_message_has_its_english(messages: Any) -> None:
    known = catalogue()
    wanted = {message: where for message, where in messages() if is_vietnamese(message)}
    assert wanted
    assert {message: where for message, where in wanted.items() if message not in known} == {}


def _key(message: Message) -> str:
    return in_context(message.context, str(message.id)) if message.context else str(message.id)


def test_the_catalogue_says_each_message_once_and_none_that_is_gone() -> None:
    counted: Counter[str] = Counter()
    for path in CATALOGUE.glob("*.po"):
        with path.open("rb") as file:
            counted.update(_key(message) for message in read_po(file, locale="en") if message.id)
    assert [message for message, times in counted.items() if times > 1] == []
    said = {message for message, _ in (*of_templates(), *of_code(), *of_tables())}
    said |= {
        node.value
        for module in modules(*ROOMS, "cli")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert sorted(set(counted) - said) == []


def test_english_has_the_values_of_its_message_and_no_vietnamese_words() -> None:
    wrong = [
        (message, english)
        for message, english in catalogue().items()
        if set(HOLE.findall(message)) != set(HOLE.findall(english)) or is_vietnamese(NAMES.sub("", english))
    ]
    assert wrong == []


def test_english_quotes_a_title_as_english_pages_bear_it() -> None:
    known = catalogue()
    wrong = [
        (message, english)
        for message, english in known.items()
        for title in QUOTED.findall(message)
        if title in TITLES and f"“{known.get(title)}”" not in english
    ]
    assert wrong == []
    assert [english for message, english in known.items() if TYPED.search(english) and not TYPED.search(message)] == []
