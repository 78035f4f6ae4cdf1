"""The environment of this process, changed for a time: flows and settings read it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def surrounded(by: Mapping[str, str]) -> Iterator[None]:
    """Set variables of the environment, and leave it afterwards as it was before."""
    before = {name: os.environ.get(name) for name in by}
    os.environ.update(by)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
