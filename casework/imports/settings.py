"""How large a file may be before it is refused unread."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ImportSettings(BaseSettings):
    """Limits of imported files, from OCOP_IMPORT_*."""

    model_config = SettingsConfigDict(env_prefix="OCOP_IMPORT_", extra="ignore")

    max_megabytes: int = Field(default=20, ge=1, description="Largest file that is opened, in MB.")
    max_unpacked_megabytes: int = Field(
        default=200, ge=1, description="Largest content of an .xlsx once unpacked, in MB."
    )
    max_ratio: int = Field(default=200, ge=1, description="How many times larger an .xlsx may become when unpacked.")
    max_rows: int = Field(default=20_000, ge=1, le=30_000, description="Most rows in a file, all sheets together.")
    max_columns: int = Field(default=200, ge=1, le=1_000, description="Most columns in a sheet.")
