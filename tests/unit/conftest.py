"""What tests of the rules share: the plan of Nam Định 2025, read."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ocop.plan import CyclePlan


@pytest.fixture(scope="module")
def plan() -> "CyclePlan":
    """The shipped plan of Nam Định 2025."""
    # Imported here: a mutant of the rules is tried with everything imported anew but the files named conftest.
    from ocop.plan_file import read_plan
    from tests.unit.plan_texts import SHIPPED

    return read_plan(SHIPPED)
