"""How the office's pages are served: where Prefect's own pages are, how often figures are renewed, who may ask."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class WebSettings(BaseSettings):
    """What the pages need to know, from OCOP_WEB_*."""

    model_config = SettingsConfigDict(env_prefix="OCOP_WEB_", extra="ignore")

    prefect_url: str = Field(
        default="http://127.0.0.1:4200",
        description="Address of the Prefect server and its pages; `ocop serve` fills in its own.",
    )
    prefect_seconds: float = Field(default=1.5, gt=0, description="How long the Prefect server may take to answer.")
    refresh_seconds: int = Field(default=10, ge=2, description="How often an open page asks whether figures changed.")
    rows: int = Field(default=50, ge=5, le=500, description="Rows of a list on one page.")
    https_only: bool = Field(
        default=False,
        description="Whether browsers reach the pages through HTTPS alone; the session's cookie then says so.",
    )
    address: str = Field(
        default="",
        description="Address under which people reach the pages, as links in letters name it, e.g. https://ocop.example; empty: the one "
        "that a page was asked by, and on the command line that of `ocop serve`.",
    )
    upload_mb: int = Field(default=20, ge=1, le=200, description="The largest request that is taken in, in megabytes.")
    hosts: list[str] = Field(
        default=["127.0.0.1", "localhost"],
        description="Names under which the pages answer, as a JSON list; a request for another name is refused.",
    )
