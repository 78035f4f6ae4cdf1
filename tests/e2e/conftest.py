"""The year is played once, against the Prefect server of the worker that has this file; what it leaves is found there."""

import gc
from collections.abc import Iterator

import pytest

from cli.serving.prefect_server import PrefectServer
from notifications.letterbox import Letterbox, start_letterbox
from tests.e2e.story import play
from tests.e2e.world import Year
from tests.leftovers import _collected, _set_aside

__all__ = ["_collected", "_set_aside", "letterbox", "year"]


@pytest.fixture(scope="session")
def letterbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Letterbox]:
    """A mail server in a process of its own, which keeps every letter as a file."""
    with start_letterbox(tmp_path_factory.mktemp("letters")) as box:
        yield box


@pytest.fixture(scope="session")
def year(
    prefect_server: PrefectServer, letterbox: Letterbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Year]:
    """The year, played from an empty folder to the end of 2028."""
    home = tmp_path_factory.mktemp("year")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "OCOP_HOME": str(home),
            "OCOP_DB_URL": "",
            "OCOP_SMTP_HOST": "127.0.0.1",
            "OCOP_SMTP_PORT": str(letterbox.port),
            "OCOP_SMTP_STARTTLS": "never",
            "OCOP_SMTP_SENDER_ADDRESS": "ocop@office.example",
        }.items():
            environment.setenv(name, value)
        played = Year(home)
        play(played)
        gc.collect()
    yield played  # outside: the tests that follow on this worker have an environment of their own
    played.engine.dispose()
