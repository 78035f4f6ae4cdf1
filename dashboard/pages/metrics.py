"""Figures for Prometheus, computed when they are asked for.

Only a key of an administrator opens them. Being asked from the same machine counts for nothing: behind a proxy every request
comes from there, and Prometheus sends a key as easily (`authorization: credentials_file`). Such a key does no act and reads no
dossier, as long as the administrator holds no post.
"""

import platform
from collections.abc import Iterable
from datetime import datetime
from importlib.metadata import version

from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from casework.board.figures import Figures, figures
from dashboard.api_problems import ApiRoute
from dashboard.who import Admission, Admitted, newest_migration

router = APIRouter(route_class=ApiRoute)
PACKAGE = "ocop-cycle-engine"


@router.get("/metrics", include_in_schema=False)
def metrics(admission: Admission) -> Response:
    """Give the figures of this instant as Prometheus reads them."""
    found = figures(admission.session, admission.at)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Told(list(_families(found, admission, admission.session.get_bind().dialect.name))))
    return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


class _Told(Collector):
    """Families that are known already."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self.families = families

    def collect(self) -> Iterable[Metric]:
        """Return them."""
        return self.families


def _families(found: Figures, admission: Admitted, database: str) -> Iterable[Metric]:
    build = InfoMetricFamily("ocop_build", "What runs here.")
    build.add_metric(
        [],
        {
            "version": version(PACKAGE),
            "migration": newest_migration(),
            "python": platform.python_version(),
            "database": database,
        },
    )
    yield build
    stages = GaugeMetricFamily("ocop_dossiers_open", "Dossiers that have not ended.", labels=("cycle", "stage"))
    overdue = GaugeMetricFamily("ocop_dossiers_overdue", "Dossiers with an open breach.", labels=("cycle",))
    for cycle in found.cycles:
        for stage, number in cycle.open.items():
            stages.add_metric([cycle.code, stage], number)
        overdue.add_metric([cycle.code], cycle.overdue)
    yield from (stages, overdue)
    letters = GaugeMetricFamily("ocop_letters", "Letters by state; dead ones wait for a person.", labels=("state",))
    for state, number in found.letters.items():
        letters.add_metric([state], number)
    yield letters
    yield _gauge("ocop_letters_late", "Letters that should have left by now.", found.health.letters_late)
    yield _age(
        "ocop_letters_oldest_owed_seconds",
        "How long the oldest of them could have left.",
        found.oldest_owed,
        admission.at,
    )
    yield _gauge("ocop_work_waiting", "Things that fell due and are not done.", found.health.waiting)
    yield _age(
        "ocop_work_oldest_waiting_seconds",
        "How long the oldest of them is due.",
        found.health.oldest_waiting,
        admission.at,
    )
    if admission.driven is None and found.health.last_tick is not None:
        yield _age("ocop_last_tick_seconds", "How long ago the watch ran last.", found.health.last_tick, admission.wall)
    yield _gauge("ocop_clock_driven", "1 where the clock is driven by hand.", int(admission.driven is not None))
    yield _gauge("ocop_incidents", "Things that a person should look at.", found.incidents)


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(name, told, value=value)


def _age(name: str, told: str, since: datetime | None, at: datetime) -> Metric:
    """Return how long something waits, 0 where nothing does."""
    return _gauge(name, told, max(0.0, (at - since).total_seconds()) if since else 0.0)
