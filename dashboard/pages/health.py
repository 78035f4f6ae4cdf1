"""Whether the engine keeps up: clock, last tick, what is due and not done, letters, Prefect's last runs."""

from itertools import groupby
from typing import Any

from fastapi import APIRouter, Response

from casework import health as keeping
from casework.board.health import health
from casework.doctor.balance import TERM_LABELS, conservation
from dashboard.view import View, Viewed
from dashboard.who import newest_migration

router = APIRouter()


@router.get("/health")
def show_health(view: Viewed) -> Response:
    """Show the engine's health."""
    return view.page("health.html.j2", **health_facts(view))


def health_facts(view: View) -> dict[str, Any]:
    """Return what the engine's health is made of, for this page and the one that goes on from it."""
    facts = health(view.session, view.at)
    balances = conservation(view.session, view.chosen) if view.chosen else []
    levels = [(level, list(rows)) for level, rows in groupby(balances, key=lambda balance: balance.level)]
    return {
        "health": facts,
        "attention": keeping.lines(view.session, view.at),
        "wall": view.wall,
        "tick_late": facts.tick_late(view.wall),
        "behind": facts.behind(view.wall),
        "migration": newest_migration(),
        "dialect": view.session.get_bind().dialect.name,
        "terms": TERM_LABELS,
        "balances": balances,
        "levels": [
            (level, [sum(getattr(row, term) for row in rows) for term in TERM_LABELS]) for level, rows in levels
        ],
        "runs": view.request.app.state.prefect.runs(),
        "prefect_url": view.settings.prefect_url,
    }
