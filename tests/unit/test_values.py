"""What the rules hand out are values: nobody can change a row of the table, a period or a result after the fact."""

import importlib
import pkgutil
from dataclasses import is_dataclass

import pytest

import ocop
from ocop.errors import RuleViolation
from ocop.scoring import Gate

VALUES = [
    value
    for found in pkgutil.walk_packages(ocop.__path__, "ocop.")
    for value in vars(importlib.import_module(found.name)).values()
    if isinstance(value, type) and is_dataclass(value) and value.__module__ == found.name
]


@pytest.mark.parametrize("value", [value for value in VALUES if not issubclass(value, Exception)])
def test_a_value_of_the_rules_cannot_be_changed(value: type) -> None:
    assert value.__dataclass_params__.frozen  # type: ignore[attr-defined]


def test_two_refusals_with_the_same_words_are_two_refusals() -> None:
    first, second = RuleViolation("Không được.", "no"), RuleViolation("Không được.", "no")
    assert first != second
    assert len({first, second}) == 2
    assert str(first) == "Không được."


def test_a_gate_that_passed_needs_no_reason() -> None:
    assert Gate(3, passed=True).reason == ""
