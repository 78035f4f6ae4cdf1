"""When somebody is away from a post, and who stands in."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Leave(Base):
    """A post's holder is away between two days; a substitute holds a post of their own in its stead meanwhile."""

    __tablename__ = "leaves"
    __table_args__ = (Index("ix_leaves_post", "post_id", "to_day"), Index("ix_leaves_deputy", "deputy_post_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    deputy_post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    """The substitute's post for the time; None where nobody stands in, or where the substitute holds the role anyway."""
    from_day: Mapped[date]
    to_day: Mapped[date]
    """The last day away; an earlier return brings it forward, to the day before the first where the leave is taken back."""
    document: Mapped[str] = mapped_column(String(200), default="")
    recorded_by: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime]
