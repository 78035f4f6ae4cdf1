"""Every flow is served: prefect.yaml names them in the module form, in the hours of Việt Nam, one run at a time."""

import ast
import inspect
import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pytest
import yaml
from prefect import Flow
from prefect.client.schemas.schedules import CronSchedule

from dashboard.prefect_runs import FLOWS, MEMORY
from ocop.rulebook import PROCEDURES
from tests.architecture.test_doors import literals
from tests.architecture.tree import ROOT, modules

DEPLOYMENTS: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
PARENT = "evaluation_cycle"
PHASES = {phase for law in PROCEDURES.values() for phase in law.phases}
NOT_A_FLOW = frozenset({"__init__", "phase"})
"""Modules of the room that hold no flow of their own name: its sentence, and the body that the phases share."""


def entrypoint(deployment: Mapping[str, Any]) -> Flow[..., Any]:
    module, _, name = deployment["entrypoint"].rpartition(".")
    found = getattr(import_module(module), name)
    assert isinstance(found, Flow), deployment["entrypoint"]
    return found


def ids(deployment: Mapping[str, Any]) -> str:
    return str(deployment["entrypoint"])


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=ids)
def test_an_entrypoint_is_an_async_flow_named_by_its_module(deployment: Mapping[str, Any]) -> None:
    assert "/" not in deployment["entrypoint"]
    assert ":" not in deployment["entrypoint"]
    room, module, name = deployment["entrypoint"].split(".")
    assert (room, module) == ("flows", name)
    assert inspect.iscoroutinefunction(entrypoint(deployment).fn)


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=ids)
def test_a_schedule_is_a_cron_in_the_hours_of_viet_nam(deployment: Mapping[str, Any]) -> None:
    assert deployment["schedules"]
    for schedule in deployment["schedules"]:
        assert schedule["timezone"] == "Asia/Ho_Chi_Minh"
        CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])
        assert not {"interval", "rrule"} & set(schedule)


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=ids)
def test_a_deployment_runs_once_at_a_time_and_says_in_vietnamese_what_it_does(deployment: Mapping[str, Any]) -> None:
    assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
    assert deployment["description"].endswith(".")
    assert not deployment["description"].isascii()


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=ids)
def test_parameters_of_a_deployment_are_those_of_its_flow(deployment: Mapping[str, Any]) -> None:
    taken = inspect.signature(entrypoint(deployment).fn).parameters
    given = deployment.get("parameters") or {}
    assert set(given) <= set(taken)
    demanded = {name for name, parameter in taken.items() if parameter.default is inspect.Parameter.empty}
    assert demanded <= set(given)


def test_every_flow_is_scheduled_or_a_phase_of_the_cycle() -> None:
    scheduled = {deployment["entrypoint"].split(".")[1] for deployment in DEPLOYMENTS}
    files = {module.path.stem for module in modules("flows")} - NOT_A_FLOW
    assert files - scheduled == PHASES
    assert PARENT in scheduled


def test_an_officer_reads_each_flow_in_vietnamese() -> None:
    files = {module.path.stem for module in modules("flows")} - NOT_A_FLOW
    assert set(FLOWS) == {file.replace("_", "-") for file in files}


def test_the_pages_know_no_message_that_no_flow_says_of_its_run() -> None:
    said = {text for module in modules("flows", "tasks", "notifications", "casework") for _, text in literals(module)}
    ends = re.compile(r"%\(\w+\)s|, |\. |thư ")
    known = {piece.strip(" .") for message in MEMORY.messages for piece in ends.split(message)} - {""}
    assert len(known) > len(MEMORY.messages) / 2
    assert {piece for piece in known if not any(piece in text for text in said)} == set()


def test_the_cycle_calls_the_flow_of_every_phase() -> None:
    (parent,) = [module for module in modules("flows") if module.path.stem == PARENT]
    called = {node.id for node in ast.walk(parent.tree) if isinstance(node, ast.Name)}
    assert called >= PHASES


def test_the_version_in_prefect_yaml_is_the_locked_one() -> None:
    named = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["prefect-version"]
    assert f"\nprefect=={named} " in (ROOT / "requirements.txt").read_text(encoding="utf-8")
