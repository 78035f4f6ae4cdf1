"""Who may sign in, their sessions, the keys that let them in once, and what happened to each account."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Account(Base):
    """An account of a person of a unit, of a producer, or of an administrator."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(254), unique=True)
    """What is typed at sign-in: NFC, lower case."""
    name: Mapped[str] = mapped_column(String(200))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), unique=True)
    producer_id: Mapped[int | None] = mapped_column(ForeignKey("producers.id"), index=True)
    administrator: Mapped[bool] = mapped_column(default=False)
    password: Mapped[str | None] = mapped_column(String(300))
    """An argon2 hash; None until the invitation was taken up."""
    second_factor: Mapped[str | None] = mapped_column(String(64))
    """From what, with the installation's secret, the key of the telephone's six digits is derived; None where none is asked."""
    second_factor_step: Mapped[int] = mapped_column(default=0)
    """The last time step whose digits were taken: none is taken twice."""
    failures: Mapped[int] = mapped_column(default=0)
    """Wrong passwords since the last right one."""
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    simulated: Mapped[bool] = mapped_column(default=False)


class SignIn(Base):
    """A session of an account, from sign-in to its end."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the token in the browser's cookie, which is kept nowhere here."""
    agent: Mapped[str] = mapped_column(String(200), default="")
    """What the browser calls itself, so that a person knows their own sessions."""
    signed_in_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class KeyPurpose(StrEnum):
    """What a key of an account lets its bearer do."""

    INVITATION = "invitation"
    RESET = "reset"
    SECOND_STEP = "second_step"
    """A sign-in whose password was right and that waits for its six digits."""
    API = "api"


class AccountKey(Base):
    """A secret that stands for an account: once for an invitation, a reset or a sign-in's second step, until it ends for the API."""

    __tablename__ = "account_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(100), default="")
    """What its owner calls it."""
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    """When it was used up or withdrawn."""


class AccountEvent(Base):
    """One line of what happened to accounts, never changed."""

    __tablename__ = "account_events"
    __table_args__ = (
        Index("ix_account_events_account", "account_id", "id"),
        Index("ix_account_events_address", "address", "at"),
        Index("ix_account_events_at", "at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    """None where nobody has the login that was typed; the login itself is not kept: it may be a mistyped password."""
    event: Mapped[str] = mapped_column(String(30))
    at: Mapped[datetime]
    by_name: Mapped[str] = mapped_column(String(200), default="")
    """Who did it, where that is not the account's owner."""
    address: Mapped[str] = mapped_column(String(60), default="")
    """The network address that it came from."""
    detail: Mapped[str] = mapped_column(String(200), default="")
