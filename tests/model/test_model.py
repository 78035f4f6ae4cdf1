"""The engine does what a small model of the law does, step by step, under any plan, whatever crashes on the way."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import Offices

COMMON = settings(deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)


def compared(origin: Path, examples: int, steps: int, *, derandomize: bool = False) -> type[Offices]:
    """Drive so many offices beside their models, and return what they did."""

    class Here(Offices):
        template, done, refused = origin, Counter(), Counter()

    run_state_machine_as_test(
        Here, settings=settings(COMMON, max_examples=examples, stateful_step_count=steps, derandomize=derandomize)
    )
    return Here


def test_an_office_does_what_the_model_of_the_law_does(migrated_sqlite: Path) -> None:
    compared(migrated_sqlite, examples=2, steps=6, derandomize=True)


@pytest.mark.long
def test_many_offices_do_what_the_model_of_the_law_does(migrated_sqlite: Path) -> None:
    done = compared(migrated_sqlite, examples=25, steps=30).done
    assert len(done) >= 18, done
