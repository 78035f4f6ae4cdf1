"""One real Prefect server for all tests of flows; they run on one worker, one after another."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.serving.prefect_server import PrefectServer, start_server

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests on one worker: a second server would only make both slower."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("prefect"))
            # Prefect 3.8 forgets to close the client with which each run asks where results are kept.
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"))


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """Let what Prefect forgot to close be found in the test that opened it, where its warning is expected."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    """A server in a new folder; flows that are called run against it."""
    with start_server(tmp_path_factory.mktemp("home")) as server:
        server.wait()
        yield server
