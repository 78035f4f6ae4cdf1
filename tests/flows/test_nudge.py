"""A page's request for a run reaches a real Prefect server, once for each key."""

from typing import TYPE_CHECKING

import httpx

from dashboard.nudge import ask_for_run

if TYPE_CHECKING:
    from cli.serving.prefect_server import PrefectServer


def test_a_run_is_asked_for_once_for_each_key(prefect_server: "PrefectServer") -> None:
    server = prefect_server.ui_url
    with httpx.Client(base_url=f"{server}/api/", trust_env=False, timeout=30) as api:
        flow = api.post("flows/", json={"name": "nudged"}).json()["id"]
        api.post("deployments/", json={"name": "ocop", "flow_id": flow}).raise_for_status()
        for key in ("form-1", "form-1", "form-2"):
            assert ask_for_run(server, 30, "nudged/ocop", {"cycle": "ND2025"}, key)
        runs = api.post("flow_runs/filter", json={"flows": {"name": {"any_": ["nudged"]}}}).json()
        assert [run["parameters"] for run in runs] == [{"cycle": "ND2025"}] * 2
        assert not ask_for_run(server, 30, "nobody/ocop", {}, "form-3")
