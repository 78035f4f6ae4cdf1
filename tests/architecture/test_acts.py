"""An act is whole: named, titled in Vietnamese, explained, with a command, and taken in where acts are gathered."""

import ast
import inspect
import re

import pytest

from casework.acts import ACTS, ROOMS
from cli.main import command
from tests.architecture.tree import modules

APP = command()


def test_every_module_that_defines_acts_is_gathered() -> None:
    defining = {
        module.path.stem
        for module in modules("casework")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "act"
    }
    assert defining == {room.__name__.rpartition(".")[2] for room in ROOMS}


@pytest.mark.parametrize("name", sorted(ACTS))
def test_an_act_has_a_title_an_explanation_and_typed_arguments(name: str) -> None:
    act = ACTS[name]
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
    assert act.title[0].isupper()
    assert not act.title.endswith(".")
    assert act.doc.split("\n\n")[0].strip().endswith(".")
    for parameter in act.signature.parameters.values():
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        assert parameter.annotation is not inspect.Parameter.empty


@pytest.mark.parametrize("name", sorted(ACTS))
def test_an_act_has_a_command_that_says_what_an_officer_does(name: str) -> None:
    assert str(APP[name].help).startswith(f"{ACTS[name].title}.")


def test_titles_are_told_apart() -> None:
    titles = [act.title for act in ACTS.values()]
    assert len(set(titles)) == len(titles)
