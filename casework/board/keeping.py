"""How the installation stands beside the dossiers: what the nightly check found, and the backups."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from casework.backup import DAMAGED, MADE
from casework.doctor.checkup import BROKEN, INVARIANTS, SOUND
from casework.health import BACKED_UP, BACKUP_DUE, CHECKED
from models.record import Mark
from ocop.phrase import Phrase
from ocop.recall import Memory

KEPT = (SOUND, BROKEN, MADE, DAMAGED)
"""What checks and backups say of themselves, kept as it was written."""
_MEMORY = Memory(KEPT, {"không": Phrase("không")})


@dataclass(frozen=True)
class Broken:
    """A rule that did not hold when the record was checked last."""

    sentence: str
    number: int
    remedy: str


@dataclass(frozen=True)
class Checked:
    """The last check of the record."""

    at: datetime
    message: str
    broken: Sequence[Broken]
    faulty_chains: int

    @property
    def sound(self) -> bool:
        """Whether everything held."""
        return not self.broken and not self.faulty_chains


def checked(session: Session) -> Checked | None:
    """Return what the last nightly check found; None where none ran yet."""
    mark = session.get(Mark, CHECKED)
    if mark is None:
        return None
    outcome = json.loads(mark.value)
    known = {invariant.key: invariant for invariant in INVARIANTS}
    broken = [
        Broken(known[key].sentence if key in known else key, number, known[key].remedy if key in known else "")
        for key, number in outcome["broken"].items()
    ]
    return Checked(mark.set_at, _MEMORY.recall(outcome["message"]), broken, outcome["faulty_chains"])


@dataclass(frozen=True)
class BackedUp:
    """The last backup that the record knows of."""

    at: datetime
    message: str
    late: bool

    def age(self, at: datetime) -> timedelta:
        """Return how long ago it was made."""
        return at - self.at


def backed_up(session: Session, at: datetime) -> BackedUp | None:
    """Return the last backup; None where none was made yet."""
    mark = session.get(Mark, BACKED_UP)
    return None if mark is None else BackedUp(mark.set_at, _MEMORY.recall(mark.value), at - mark.set_at > BACKUP_DUE)
