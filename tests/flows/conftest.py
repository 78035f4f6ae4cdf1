"""What every test of flows leaves behind is found in it."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """Let what Prefect forgot to close be found in the test that opened it, where its warning is expected."""
    yield
    gc.collect()
