"""The deployments that prefect.yaml names: read, checked and registered with the server that we serve."""

from importlib import import_module
from pathlib import Path
from typing import Any, Literal
from uuid import UUID
from zoneinfo import available_timezones

import yaml
from prefect import Flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from cli.serving.processes import CannotServe

TAG = "ocop"
"""Marks the deployments that are ours to remove when they leave the file."""


class Schedule(BaseModel):
    """When a flow wakes: a cron line in a zone."""

    model_config = ConfigDict(extra="forbid")

    slug: str
    cron: str
    timezone: str
    active: bool = True
    parameters: dict[str, Any] = Field(default_factory=dict)

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"không có múi giờ {name}")
        return name


class ConcurrencyLimit(BaseModel):
    """How many runs of a deployment may work at once, and what becomes of one too many."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(ge=1)
    collision_strategy: Literal["CANCEL_NEW", "ENQUEUE"]


class Deployment(BaseModel):
    """A flow that runs by itself; `work_pool` matters to `prefect deploy` alone."""

    model_config = ConfigDict(extra="forbid")

    name: str
    entrypoint: str = Field(pattern=r"^[a-z_][\w.]*\.[a-z_]\w*$")
    description: str
    tags: list[str]
    concurrency_limit: ConcurrencyLimit
    parameters: dict[str, Any] = Field(default_factory=dict)
    schedules: list[Schedule] = Field(default_factory=list)
    work_pool: dict[str, Any] = Field(default_factory=dict)

    @field_validator("tags")
    @classmethod
    def _ours(cls, tags: list[str]) -> list[str]:
        if TAG not in tags:
            raise ValueError(f"thiếu thẻ {TAG}")
        return tags

    def flow(self) -> Flow[..., Any]:
        """Import the flow by its module, as `prefect deploy` would.

        Raises:
            CannotServe: there is no such module, or it holds no such flow.
        """
        module, _, name = self.entrypoint.rpartition(".")
        try:
            flow = getattr(import_module(module), name, None)
        except ModuleNotFoundError as missing:
            raise CannotServe(f"prefect.yaml: không có mô-đun {module} ({missing})") from missing
        if not isinstance(flow, Flow) or not flow.isasync:
            raise CannotServe(f"prefect.yaml: {self.entrypoint} không phải là một flow bất đồng bộ (async def)")
        return flow


def read_deployments(file: Path) -> list[Deployment]:
    """Read the deployments of a prefect.yaml.

    Raises:
        CannotServe: the file is missing or a line of it cannot be; each fault is named by its place.
    """
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        return [Deployment.model_validate(entry) for entry in content["deployments"]]
    except FileNotFoundError as missing:
        raise CannotServe(f"Không tìm thấy tệp {file}; hãy đặt OCOP_PREFECT_DEPLOYMENTS.") from missing
    except (yaml.YAMLError, KeyError, TypeError) as broken:
        raise CannotServe(f"Tệp {file} không đọc được: {broken}") from broken
    except ValidationError as wrong:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']} ({e['input']!r})" for e in wrong.errors())
        raise CannotServe(f"Tệp {file} có mục sai: {faults}") from wrong


async def register(client: PrefectClient, deployments: list[Deployment]) -> dict[UUID, Flow[..., Any]]:
    """Bring a server to these deployments and return their flows by deployment id; those no longer named leave it."""
    served: dict[UUID, Flow[..., Any]] = {}
    for deployment in deployments:
        flow = deployment.flow()
        limit = deployment.concurrency_limit
        registered = await flow.ato_deployment(
            deployment.name,
            description=deployment.description,
            tags=deployment.tags,
            parameters=deployment.parameters,
            schedules=[
                Cron(s.cron, timezone=s.timezone, active=s.active, parameters=s.parameters, slug=s.slug)
                for s in deployment.schedules
            ],
            concurrency_limit=ConcurrencyLimitConfig(
                limit=limit.limit, collision_strategy=ConcurrencyLimitStrategy(limit.collision_strategy)
            ),
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        served[await registered.aapply()] = flow
    ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
    for known in await client.read_deployments(deployment_filter=ours):
        if known.id not in served:
            await client.delete_deployment(known.id)
    return served
