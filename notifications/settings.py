"""How letters leave: the mail server, its safety, and how many are sent at once."""

from enum import StrEnum
from pathlib import Path
from typing import Self

from email_validator import EmailNotValidError, validate_email
from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

REPLIES = 3
"""How many waits of `timeout` one letter may take in all, connecting included, before it is tried again later."""
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class StartTls(StrEnum):
    """Whether the connection is encrypted before anything is said."""

    NEVER = "never"
    IF_OFFERED = "if_offered"
    REQUIRED = "required"

    @property
    def asked(self) -> bool | None:
        """What aiosmtplib is told; None takes what the server offers."""
        return {StartTls.NEVER: False, StartTls.IF_OFFERED: None, StartTls.REQUIRED: True}[self]


class MailSettings(BaseSettings):
    """The mail server, from OCOP_SMTP_*."""

    model_config = SettingsConfigDict(env_prefix="OCOP_SMTP_", extra="ignore")

    host: str = Field(default="", description="Name or address of the mail server; empty: letters wait.")
    port: int = Field(default=587, ge=1, le=65535, description="Port of the mail server.")
    starttls: StartTls = Field(default=StartTls.REQUIRED, description="STARTTLS: never, if_offered or required.")
    ca_file: Path | None = Field(
        default=None, description="Certificate (PEM) of an office's own authority that signed the server's."
    )
    username: str = Field(default="", description="Name for AUTH; empty: without signing in.")
    password: SecretStr = Field(default=SecretStr(""), description="Password for AUTH.")
    sender_address: str = Field(default="", description="Address that letters come from.")
    sender_name: str = Field(
        default="Phần mềm điều hành chu trình OCOP", description="Name that letters come from, as readers see it."
    )
    connections: int = Field(default=4, ge=1, le=32, description="Connections that send at the same time.")
    timeout: float = Field(default=30.0, gt=0, le=600, description="How long one answer may take, in seconds.")
    lease_seconds: float = Field(
        default=300.0, gt=0, le=86400, description="After so many seconds another sender may take a claimed letter."
    )

    @model_validator(mode="after")
    def _can_work(self) -> Self:
        if self.host:
            try:
                validate_email(self.sender_address, check_deliverability=False, allow_smtputf8=False)
            except EmailNotValidError:
                raise ValueError(
                    f"OCOP_SMTP_SENDER_ADDRESS '{self.sender_address}' không phải là địa chỉ thư điện tử: "
                    "hãy ghi địa chỉ của cơ quan gửi thư, ví dụ ocop@tinh.example."
                ) from None
        if self.username and self.starttls is not StartTls.REQUIRED and self.host not in LOOPBACK:
            raise ValueError(
                "OCOP_SMTP_USERNAME có giá trị nên OCOP_SMTP_STARTTLS phải là 'required': "
                "mật khẩu chỉ được gửi qua kết nối đã mã hóa."
            )
        if self.lease_seconds <= REPLIES * self.timeout:
            raise ValueError(
                f"OCOP_SMTP_LEASE_SECONDS phải lớn hơn {REPLIES} lần OCOP_SMTP_TIMEOUT, "
                "nếu không hai tiến trình có thể cùng gửi một thư."
            )
        return self
