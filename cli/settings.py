"""How the command serves: ports, intervals, and where Prefect keeps its own database."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

DEPLOYMENTS_FILE = Path(__file__).resolve().parents[1] / "prefect.yaml"


class ServeSettings(BaseSettings):
    """What `ocop serve` needs to know, from OCOP_PREFECT_*."""

    model_config = SettingsConfigDict(env_prefix="OCOP_PREFECT_", extra="ignore")

    server_port: int = Field(default=4200, ge=1, le=65535, description="Port of the Prefect server on 127.0.0.1.")
    console_port: int = Field(default=4201, ge=1, le=65535, description="Port of the office's pages on 127.0.0.1.")
    database_url: str = Field(
        default="",
        description="SQLAlchemy address of Prefect's own database; empty is SQLite in the home folder. "
        "PostgreSQL with its contrib modules: postgresql+asyncpg://user:password@host/name",
    )
    deployments: Path = Field(default=DEPLOYMENTS_FILE, description="The file that names the served flows.")
    poll_seconds: float = Field(default=5.0, gt=0, description="How often the server is asked for runs that are due.")
    runs_at_once: int = Field(default=4, ge=1, description="How many flow runs may work at the same time.")
    start_seconds: float = Field(default=90.0, gt=0, description="How long the Prefect server may take to start.")
