"""Asks Prefect's REST API for a run of a flow; when Prefect is away the hourly run does the same work later."""

import logging
from collections.abc import Mapping
from typing import Any

import httpx

from ocop.rulebook import PROCEDURES

CARRIES_ON = "evaluation-cycle/ocop"
"""The deployment whose flow carries decided dossiers on, by flow and name as in prefect.yaml."""
ROUTED = frozenset(stage for law in PROCEDURES.values() for stage in law.routed)
"""Where a dossier waits for nothing but the flow."""
LOG = logging.getLogger(__name__)


def waits_for_the_flow(answer: Mapping[str, Any]) -> bool:
    """Return whether an act has left a dossier where the flow carries it on."""
    stages = {str(answer.get("stage", "")), *(str(one["stage"]) for one in answer.get("done", ()) if "stage" in one)}
    return not ROUTED.isdisjoint(stages)


def ask_for_run(server: str, patience: float, deployment: str, parameters: Mapping[str, Any], key: str) -> bool:
    """Ask for a run of a deployment and return whether Prefect has taken the request; the same key asks for one run."""
    base = f"{server.rstrip('/')}/api/deployments"
    try:
        found = httpx.get(f"{base}/name/{deployment}", timeout=patience, trust_env=False)
        found.raise_for_status()
        asked = httpx.post(
            f"{base}/{found.json()['id']}/create_flow_run",
            json={"parameters": dict(parameters), "idempotency_key": key},
            timeout=patience,
            trust_env=False,
        )
        asked.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as fault:
        LOG.warning("no run of %s was asked for: %s", deployment, type(fault).__name__)
        return False
    return True
