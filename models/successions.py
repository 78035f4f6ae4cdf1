"""Which unit follows which, and what a dossier was bound to before it was moved to other units or another procedure."""

from datetime import date
from functools import cache

from sqlalchemy import CTE, ForeignKey, Index, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Succession(Base):
    """A unit's successor from a day on: for all of the unit, or for a part of what lay under it."""

    __tablename__ = "successions"
    __table_args__ = (
        UniqueConstraint("unit_id", "successor_id", "from_day"),
        Index("ix_successions_successor", "successor_id", "from_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    successor_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    from_day: Mapped[date]
    """The first day of the successor."""
    main: Mapped[bool]
    """It takes over what cannot be divided: old papers, letters, rights. One successor of a unit does."""
    covers: Mapped[str] = mapped_column(Text, default="")
    """The codes of the communes that this successor takes over, with spaces between; empty for the whole unit."""
    roles: Mapped[str] = mapped_column(String(10), default="")
    """What becomes of the unit's posts: 'move', 'end', or '' where the document does not say."""
    document: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(400), default="")


@cache
def heirs() -> CTE:
    """Return each unit that ended with those that followed it, and those that followed them."""
    first = select(Succession.unit_id.label("unit_id"), Succession.successor_id.label("heir_id")).cte(
        "heirs", recursive=True
    )
    return first.union(
        select(first.c.unit_id, Succession.successor_id).join(Succession, Succession.unit_id == first.c.heir_id)
    )


class Binding(Base):
    """The procedure and the units under which a past stretch of a dossier's history was written.

    The lines after the last stretch stand under what the dossier itself says.
    """

    __tablename__ = "bindings"
    __table_args__ = (UniqueConstraint("dossier_id", "until_number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"))
    from_number: Mapped[int]
    until_number: Mapped[int]
    """The stretch's last line; the next one is what bound the dossier anew."""
    procedure_key: Mapped[str] = mapped_column(String(40))
    commune_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    province_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
