"""Units, the people who work there, and the producers and products that they look after."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Unit(Base):
    """An administrative unit for as long as it existed; a successor is another row."""

    __tablename__ = "units"
    __table_args__ = (UniqueConstraint("level", "code", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(20), index=True)
    """The official code while the unit existed; the id is ours and never changes."""
    name: Mapped[str] = mapped_column(String(200))
    search: Mapped[str] = mapped_column(String(200), index=True)
    """The name folded: lower case, without marks."""
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    """The last day on which the unit existed; None while it does."""
    source: Mapped[str] = mapped_column(String(400), default="")


class Person(Base):
    """Somebody who works at a unit, or who receives its letters."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    """None: letters are printed and handed over."""
    phone: Mapped[str | None] = mapped_column(String(40))
    simulated: Mapped[bool] = mapped_column(default=False)


class Post(Base):
    """A person's role at a unit for a time."""

    __tablename__ = "posts"
    __table_args__ = (
        UniqueConstraint("person_id", "unit_id", "role", "valid_from"),
        Index("ix_posts_unit_role", "unit_id", "role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    role: Mapped[str] = mapped_column(String(30))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    """The last day in the role."""


class Producer(Base):
    """A cooperative, company, farm, household business or association that makes products."""

    __tablename__ = "producers"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    search: Mapped[str] = mapped_column(String(300), index=True)
    kind: Mapped[str] = mapped_column(String(40), default="")
    commune_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    contact: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(40))
    simulated: Mapped[bool] = mapped_column(default=False)


class Product(Base):
    """A product, by its code; its certificates say what it is recognised as."""

    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    search: Mapped[str] = mapped_column(String(300), index=True)
    group: Mapped[str] = mapped_column(String(100), default="")
    producer_id: Mapped[int] = mapped_column(ForeignKey("producers.id"), index=True)
    simulated: Mapped[bool] = mapped_column(default=False)
