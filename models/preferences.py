"""What people chose about the letters that are not owed to them by law."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Preference(Base):
    """One person's choice; who never chose has none."""

    __tablename__ = "preferences"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    digest: Mapped[bool]
    """Whether the digest of each morning comes to them."""
    digest_from: Mapped[str] = mapped_column(String(5), default="")
    """The hour from which it comes, as '09:30'; empty is the plan's."""
    changed_at: Mapped[datetime]
