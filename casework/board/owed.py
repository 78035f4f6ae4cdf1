"""What a unit owes besides its dossiers: complaints to answer, findings to decide on, printed letters to hand over."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from casework.assigned import CENTRES
from casework.board.desks import Desk, Section
from casework.expiry import provinces_of
from models.dossiers import Complaint, Dossier
from models.findings import Finding
from models.letters import Letter, LetterState
from models.results import Certificate
from models.units import Producer, Product, Unit
from ocop.levels import Level

NAMED = (Product.name.label("product"), Producer.name.label("producer"))


class Owed:
    """What the units of a desk owe, whoever of them does it."""

    def __init__(self, session: Session, desk: Desk) -> None:
        """Read nothing yet."""
        self.session, self._units = session, list(desk.units)
        self._provinces = desk.at(Level.PROVINCE)

    def counts(self) -> dict[Section, int]:
        """Return how many there are of each."""
        complaints = select(func.count()).select_from(Complaint).join(Dossier).where(*self._complaints)
        letters = select(func.count()).select_from(Letter).where(*self._letters)
        return {
            Section.COMPLAINTS: self._number(complaints),
            Section.FINDINGS: len(self._findings),
            Section.LETTERS: self._number(letters),
        }

    def _number(self, statement: Select[Any]) -> int:
        return self.session.scalar(statement) or 0

    @property
    def _complaints(self) -> tuple[ColumnElement[bool], ...]:
        # Not the bare column: the few open complaints are read first, and not the many dossiers of an index on the holder.
        holder = func.coalesce(Dossier.holder_id, 0)
        above = and_(holder.in_(CENTRES), func.coalesce(Dossier.province_id, 0).in_(self._provinces))
        return Complaint.answered_on.is_(None), or_(holder.in_(self._units), above)

    @property
    def _letters(self) -> tuple[ColumnElement[bool], ...]:
        return Letter.state == LetterState.TO_HAND_OVER.value, Letter.unit_id.in_(self._units)

    def complaints(self, limit: int, offset: int) -> Sequence[Row[Any]]:
        """Return complaints that nobody has answered, the first due first."""
        return self.session.execute(
            select(
                Complaint.id.label("complaint"), Complaint.received_on, Complaint.due_on, Complaint.body, Dossier.id,
                Dossier.code, Dossier.simulated, *NAMED,
            )
            .join(Dossier, Dossier.id == Complaint.dossier_id)
            .join(Product, Product.id == Dossier.product_id)
            .join(Producer, Producer.id == Dossier.producer_id)
            .where(*self._complaints)
            .order_by(Complaint.due_on, Complaint.id)
            .limit(limit)
            .offset(offset)
        ).all()  # fmt: skip

    def findings(self, limit: int, offset: int) -> Sequence[Row[Any]]:
        """Return findings on certificates on which nobody has decided, the first due first."""
        return self._findings[offset : offset + limit]

    @cached_property
    def _findings(self) -> Sequence[Row[Any]]:
        issuer = func.coalesce(Certificate.unit_id, 0)  # as above: the few open findings are read first
        issued: ColumnElement[bool] = issuer.in_(self._units)
        if self._provinces:
            issued = or_(issued, issuer.in_(CENTRES))
        rows = self.session.execute(
            select(
                Finding.id, Finding.ground, Finding.found_on, Finding.due_on, Certificate.number, Certificate.commune_id,
                Certificate.simulated, Unit.level, *NAMED,
            )
            .join(Certificate, Certificate.id == Finding.certificate_id)
            .join(Unit, Unit.id == issuer)
            .join(Product, Product.id == Certificate.product_id)
            .join(Producer, Producer.id == Product.producer_id)
            .where(Finding.closed_on.is_(None), issued)
            .order_by(Finding.due_on, Finding.id)
        ).all()  # fmt: skip
        of_centre = {row.commune_id for row in rows if row.level == Level.CENTRAL}
        above = provinces_of(self.session, of_centre) if of_centre else {}
        return [row for row in rows if row.level != Level.CENTRAL or above[row.commune_id] in self._provinces]

    def letters(self, limit: int, offset: int) -> Sequence[Row[Any]]:
        """Return letters on paper that nobody has handed over, the oldest first."""
        return self.session.execute(
            select(
                Letter.id, Letter.notice, Letter.recipient_name, Letter.owed_at, Letter.simulated, Dossier.code, *NAMED
            )
            .outerjoin(Dossier, Dossier.id == Letter.dossier_id)
            .outerjoin(Product, Product.id == Dossier.product_id)
            .outerjoin(Producer, Producer.id == Dossier.producer_id)
            .where(*self._letters)
            .order_by(Letter.owed_at, Letter.id)
            .limit(limit)
            .offset(offset)
        ).all()  # fmt: skip
