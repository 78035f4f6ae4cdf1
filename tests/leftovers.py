"""What a test leaves behind is found in it, and what lives as long as the run is not walked again each time."""

import gc
from collections.abc import Iterator

import pytest


def set_aside() -> None:
    """Keep what lives now out of the collections to come: half a million objects, which a test neither made nor ends."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def _set_aside() -> Iterator[None]:
    """Keep what a file found out of the collections after its tests, and look at that too when the file ends."""
    set_aside()
    yield
    gc.unfreeze()
    set_aside()


@pytest.fixture(autouse=True)
def _collected(_set_aside: None) -> Iterator[None]:
    """Let what was forgotten open be found in the test that opened it, where its warning is expected."""
    yield
    gc.collect()
