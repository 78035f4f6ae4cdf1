"""What may be attached to a dossier, where backups are kept, and how long the watch may be silent."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class AttachmentSettings(BaseSettings):
    """What may be attached, from OCOP_ATTACHMENT_*."""

    model_config = SettingsConfigDict(env_prefix="OCOP_ATTACHMENT_", extra="ignore")

    max_megabytes: int = Field(default=100, ge=1, description="Largest file that may be attached, in MB.")
    kinds: str = Field(
        default="pdf jpg jpeg png docx xlsx doc xls zip",
        description="Endings of file names that may be attached, with spaces between; "
        "the content is checked for those that the engine knows.",
    )

    @property
    def endings(self) -> frozenset[str]:
        """The endings in lower case, without the dot."""
        return frozenset(ending.lower().lstrip(".") for ending in self.kinds.replace(",", " ").split())


class BackupSettings(BaseSettings):
    """The daily backups, from OCOP_BACKUP_*."""

    model_config = SettingsConfigDict(env_prefix="OCOP_BACKUP_", extra="ignore")

    folder: Path | None = Field(
        default=None,
        description="Folder of the daily backups; empty is `backups` in the home folder. Another disk is safer.",
    )
    keep: int = Field(default=14, ge=1, description="How many of the newest daily backups are kept.")

    def place(self, home: Path) -> Path:
        """Return the folder in force."""
        return self.folder or home / "backups"


class ClockSettings(BaseSettings):
    """The guard of the wall clock, from OCOP_CLOCK_*."""

    model_config = SettingsConfigDict(env_prefix="OCOP_CLOCK_", extra="ignore")

    longest_gap_days: int = Field(
        default=7,
        ge=1,
        description="After so many days without a watch a person looks at the clock before the watch acts for all of them.",
    )

    @property
    def longest_gap(self) -> timedelta:
        """The silence that needs no person."""
        return timedelta(days=self.longest_gap_days)
