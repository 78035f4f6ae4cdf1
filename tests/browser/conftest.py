"""A real Chromium before the real pages: one browser and one server for each file, on a copy of a world made once."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from models.session import make_engine
from models.settings import DatabaseSettings
from tests.browser.chromium import CHROMIUM, FLAGS
from tests.browser.served import PATIENCE, Console, served
from tests.browser.worlds import a_morning

FORCED = os.environ.get("OCOP_TEST_BROWSER") == "1"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser of a file; it is closed before the next file, whose tests may want an event loop of their own."""
    if CHROMIUM is None:
        if FORCED:
            pytest.fail("OCOP_TEST_BROWSER=1, and there is no Chromium: apt-get install chromium")
        pytest.skip("no Chromium here: the pages are not tried in a browser (apt-get install chromium)")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def morning(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a record with work for everybody; nobody writes to it."""
    home = tmp_path_factory.mktemp("morning")
    shutil.copy(migrated_sqlite, home / "ocop.db")
    engine = make_engine(DatabaseSettings(home=home, db_url=""))
    a_morning(engine, home)
    engine.dispose()
    return home


@pytest.fixture(scope="module")
def console(
    request: pytest.FixtureRequest, chromium: Browser, morning: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Console]:
    """The pages of a copy of that record, served by a process of its own to this file's browser."""
    home = tmp_path_factory.mktemp("console") / "data"
    shutil.copytree(morning, home)
    with served(home, chromium, refresh_seconds=getattr(request.module, "REFRESH_SECONDS", 2)) as console:
        yield console


@pytest.fixture(autouse=True)
def _closed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Close what a test opened, and let no page have complained in the browser or asked another host."""
    yield
    if "console" in request.fixturenames:
        found: Console = request.getfixturevalue("console")
        complaints = found.close_pages()
        assert complaints == []
