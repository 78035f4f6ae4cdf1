"""Asks Prefect's REST API what ran last; a page never waits long for it, nor breaks without it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

ASKED = {
    "sort": "START_TIME_DESC",
    "limit": 15,
    "flow_runs": {"state": {"type": {"not_any_": ["SCHEDULED"]}}},
}
STATES: Mapping[str, str] = {
    "COMPLETED": "xong",
    "RUNNING": "đang chạy",
    "PENDING": "chuẩn bị chạy",
    "FAILED": "hỏng",
    "CRASHED": "bị ngắt",
    "CANCELLED": "đã hủy",
    "CANCELLING": "đang hủy",
    "PAUSED": "tạm dừng",
}
BAD = frozenset({"FAILED", "CRASHED"})
STANDINGS: Mapping[str, str] = {
    "Overdue": "có hồ sơ quá hạn",
    "Due": "sắp đến hạn",
    "Open": "đang làm",
    "Closed": "đã xong bước",
    "Not started": "chưa bắt đầu",
    "Nothing due": "không có việc đến hạn",
    "Watched": "đã kiểm tra",
}
"""What the flows name their last states."""


@dataclass(frozen=True)
class Run:
    """One flow run as Prefect tells it."""

    name: str
    state: str
    bad: bool
    started: datetime | None
    seconds: float
    message: str
    url: str


@dataclass(frozen=True)
class Runs:
    """The last runs, or why Prefect could not be asked."""

    runs: Sequence[Run]
    fault: str = ""


def last_runs(server: str, seconds: float) -> Runs:
    """Return the last flow runs of a Prefect server, the newest first."""
    base = server.rstrip("/")
    try:
        answer = httpx.post(f"{base}/api/flow_runs/filter", json=ASKED, timeout=seconds, trust_env=False)
        answer.raise_for_status()
        return Runs([_run(base, row) for row in answer.json()])
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as fault:
        return Runs([], f"Máy chủ Prefect tại {base} không trả lời ({type(fault).__name__}).")


def _run(base: str, row: Mapping[str, Any]) -> Run:
    state = row.get("state") or {}
    kind, name = str(state.get("type", "")), str(state.get("name", ""))
    told = STATES.get(kind, kind.lower())
    if name in STANDINGS:
        told = f"{told}: {STANDINGS[name]}"
    started = row.get("start_time")
    return Run(
        name=str(row["name"]),
        state=told,
        bad=kind in BAD,
        started=datetime.fromisoformat(started) if started else None,
        seconds=float(row.get("total_run_time") or 0),
        message=str(state.get("message") or ""),
        url=f"{base}/runs/flow-run/{row['id']}",
    )
