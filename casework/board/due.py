"""The day by which what stands at a stage has to go on: of the deadlines still ahead of it, the first."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.rules import procedure_of
from casework.timing import last_day
from models.cycles import Cycle, Deadline


class DueDays:
    """The deadlines of a cycle that hold for all and for single units, read once."""

    def __init__(self, session: Session, cycle: Cycle) -> None:
        """Read the deadlines in force, a dossier's own periods aside."""
        self._procedure = procedure_of(cycle)
        self._known: dict[tuple[str, int | None], Deadline] = {}
        for row in session.scalars(
            select(Deadline)
            .where(
                Deadline.cycle_id == cycle.id, Deadline.dossier_id.is_(None), Deadline.replaced_at.is_(None)
            )
            .order_by(Deadline.strikes_at, Deadline.id)
        ):  # fmt: skip
            self._known[row.stage, row.unit_id] = row

    def of_all(self, stage: str) -> date | None:
        """Return the last day for what stands at a stage anywhere; None where the plan sets none."""
        return self._first(stage, None)

    def of_unit(self, stage: str, unit_id: int) -> date | None:
        """Return the last day for what stands at a stage in a unit where it differs from that of all, else None."""
        if not any(unit == unit_id for _, unit in self._known):
            return None
        own = self._first(stage, unit_id)
        return None if own == self._first(stage, None) else own

    def _first(self, stage: str, unit_id: int | None) -> date | None:
        found = []
        for aim in {aim for aim, _ in self._known}:
            holding = [row for unit in {None, unit_id} if (row := self._known.get((aim, unit)))]
            if holding and stage in self._procedure.still_ahead(aim):
                found.append(max(holding, key=lambda row: row.strikes_at))
        return last_day(min(found, key=lambda row: row.strikes_at)) if found else None
