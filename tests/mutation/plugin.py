"""Keeps a session of pytest to chosen tests that are quick, and to the same examples for every mutant."""

from collections.abc import Sequence

import pytest
from hypothesis import Phase, settings

# No clock decides, nothing is kept, every mutant meets the same examples; a found one need not be made smaller.
settings.register_profile(
    "mutants",
    deadline=None,
    database=None,
    derandomize=True,
    max_examples=50,
    phases=(Phase.explicit, Phase.generate, Phase.target),
)


class Plugin:
    """Keeps pytest to the chosen tests, in their order, on SQLite, with the mutants' profile of Hypothesis."""

    def __init__(self, chosen: Sequence[str] | None = None) -> None:
        self.order = None if chosen is None else {test: number for number, test in enumerate(chosen)}
        self.failed = ""
        self.failures: dict[str, str] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makemodule(self) -> None:
        settings.load_profile("mutants")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        order = self.order
        if order is None:
            items[:] = [item for item in items if _here(item)]
        else:
            items[:] = sorted((i for i in items if i.nodeid in order), key=lambda item: order[item.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = self.failed or report.nodeid
            self.failures[report.nodeid] = report.longreprtext


def _here(item: pytest.Item) -> bool:
    """Return whether a test belongs to the quick run and needs neither PostgreSQL nor Prefect."""
    callspec = getattr(item, "callspec", None)
    on_postgres = callspec is not None and "postgresql" in callspec.params.values()
    return not (
        on_postgres
        or item.get_closest_marker("long")
        or {"postgres_engine", "postgres_address", "prefect_server"} & set(getattr(item, "fixturenames", ()))
    )


QUIET = (
    *("-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "tmp_path_retention_policy=none"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # the libraries are here already
)
