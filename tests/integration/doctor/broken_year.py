"""The walked year in a transaction that is rolled back, with ways to break single things in it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.orm import Session

from casework.actors import ENGINE
from casework.chronicle import HASHED, event_hash, event_row
from casework.doctor.checkup import Finding, examine
from casework.doctor.invariant import Look
from models.append_only import permit_changes
from models.base import Base
from models.dossiers import Dossier
from models.record import Event
from models.results import Decision, Evaluation
from models.tables import APPEND_ONLY
from tests.walked import Walked


@dataclass
class Broken:
    """A copy of the walked year within a transaction that is rolled back, in which a test breaks something."""

    session: Session
    files: Path
    year: Walked

    def findings(self) -> dict[str, Finding]:
        """Return what does not hold."""
        look = Look(self.session, self.year.office.now, self.files)
        return {finding.invariant.key: finding for finding in examine(look) if not finding.holds}

    def dossier(self, name: str) -> Row[Any]:
        """Return a dossier's row as it stands now."""
        return self.session.execute(select(Dossier.__table__).where(Dossier.code == self.year[name])).one()

    def change(self, name: str, **values: Any) -> None:
        """Overwrite columns of a dossier."""
        self.session.execute(update(Dossier).where(Dossier.code == self.year[name]).values(**values))

    def unlock(self) -> None:
        """Drop the triggers that keep history and snapshots."""
        permit_changes(self.session.connection(), APPEND_ONLY)

    def copy(self, table: type[Base], row_id: int, **values: Any) -> None:
        """Insert a row once more, with other values."""
        columns = table.__table__.c
        row = self.session.execute(select(*columns).where(columns.id == row_id)).one()
        fresh = {name: value for name, value in row._mapping.items() if name != "id"}
        self.session.execute(insert(table), [fresh | values])

    def forge(self, name: str, event: str, actor: Any = ENGINE) -> None:
        """Append a line to a dossier's history whose hash is right."""
        row = self.dossier(name)
        line = event_row(
            chain=f"dossier/{row.id}", number=row.version + 1, prev_hash=row.head, cycle_id=row.cycle_id,
            dossier_id=row.id, event=event, stages=(row.stage, row.stage), unit_id=row.holder_id, actor=actor,
            occurred_on=self.year.office.now.date(), effective_at=self.year.office.now,
            recorded_at=self.year.office.now, reason="", rule="", details={},
        )  # fmt: skip
        self.session.execute(insert(Event), [line])
        self.change(name, version=line["number"], head=line["hash"])

    def rewrite(self, name: str, number: int, **values: Any) -> None:
        """Overwrite a line of history and hash it and all later ones anew, as somebody who knows the code would."""
        self.unlock()
        row = self.dossier(name)
        before = ""
        for line in self.session.execute(
            select(Event.__table__).where(Event.dossier_id == row.id).order_by(Event.number)
        ).all():
            body = {key: line._mapping[key] for key in HASHED} | (values if line.number == number else {})
            body["prev_hash"] = before
            before = event_hash(body)
            self.session.execute(update(Event).where(Event.id == line.id).values(**body, hash=before))
        self.change(name, head=before)

    def cut(self, name: str, lines: int = 1) -> None:
        """Delete the last lines of a dossier's history."""
        self.unlock()
        row = self.dossier(name)
        self.session.execute(delete(Event).where(Event.dossier_id == row.id, Event.number > row.version - lines))

    def line(self, name: str, event: str) -> Row[Any]:
        """Return a dossier's first line of an event."""
        found = select(Event.__table__).where(Event.dossier_id == self.dossier(name).id, Event.event == event)
        return self.session.execute(found.order_by(Event.number)).first()  # type: ignore[return-value]

    def ballot(self) -> int:
        """Return the ballot that does not count: no decision rests on it."""
        return self.session.scalars(select(Evaluation.id).where(Evaluation.counts.is_(False))).one()

    def decision(self, name: str, purpose: str) -> int:
        """Return a dossier's decision in force."""
        return self.session.scalars(
            select(Decision.id)
            .where(Decision.dossier_id == self.dossier(name).id, Decision.purpose == purpose)
            .where(Decision.annulled_on.is_(None))
            .order_by(Decision.id)
        ).first()  # type: ignore[return-value]
