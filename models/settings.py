"""Where the record is kept."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class DatabaseSettings(BaseSettings):
    """The database of the record, from OCOP_HOME and OCOP_DB_*."""

    model_config = SettingsConfigDict(env_prefix="OCOP_", extra="ignore")

    home: Path = Field(default=Path("data"), description="Folder of everything this installation keeps.")
    db_url: str = Field(
        default="",
        description="SQLAlchemy address of the record; empty is SQLite in the home folder. "
        "PostgreSQL: postgresql+psycopg://user:password@host/name",
    )
    db_busy_seconds: float = Field(default=30.0, gt=0, description="How long a writer waits for another, in seconds.")

    @property
    def url(self) -> str:
        """The address in force."""
        return self.db_url or f"sqlite:///{self.home.resolve() / 'ocop.db'}"

    @property
    def files(self) -> Path:
        """The folder of attachments, named by their sha256."""
        return self.home / "files"
