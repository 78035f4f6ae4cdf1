"""What is proposed to the ledger and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Row

from ocop.errors import RuleViolation
from ocop.notices import Notice
from ocop.procedure import REGISTER, Facts, Move, Stage

STEPS = frozenset({
    REGISTER, "receive", "report", "decide", "submit", "keep", "recognise", "propose", "forgo", "record_central_result",
    "annul",
})  # fmt: skip
"""The acts that a later one builds on."""
DATED = STEPS | {"evaluate", "request_supplement", "supplement"}
"""The acts whose day does not lie before the step that they build on: a letter to the province is not older than the
result that it sends. What ends a dossier, complaints and corrections may be older than what was entered meanwhile."""


@dataclass(frozen=True, slots=True)
class Rebind:
    """What a dossier is bound to from an event on: procedure, stage, units, and since when it is suspended, if it is."""

    procedure_key: str
    stage: str
    commune_id: int
    district_id: int | None
    province_id: int
    suspended_at: datetime | None
    rule: str
    """The rule that history quotes."""


@dataclass(frozen=True, slots=True)
class ProposedMove:
    """What somebody wants a dossier to do: the event, the facts that its conditions look at, and what to remember."""

    dossier_id: int
    event: str
    occurred_on: date
    facts: Facts = field(default_factory=Facts)
    reason: str = ""
    document: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    """Typed facts for history and letters, JSON values."""
    letter: Mapping[str, Any] = field(default_factory=dict)
    """Facts for the letters alone: `result`, `certificate`, `due_on`."""
    also: tuple[Notice, ...] = ()
    """Letters that this dossier's facts call for besides those of the table's row."""
    effective_at: datetime | None = None
    """When it holds from; None is the instant of recording."""
    unit_id: int | None = None
    """The unit whose act it is, where that is not the holder: the authority whose paper is corrected or revoked."""
    version: int | None = None
    """The version that the actor saw; another one is refused."""
    rebind: Rebind | None = None
    """What the dossier is bound to anew, for the events of casework.rebinding alone."""


class Moved(NamedTuple):
    """A move that was written."""

    dossier_id: int
    code: str
    event: str
    source: str
    target: str
    version: int


class Refused(NamedTuple):
    """A move that was not written, and why; the others of the batch went on."""

    dossier_id: int
    code: str
    violation: RuleViolation


class Written(NamedTuple):
    """One accepted move with what its rows need."""

    row: Row[Any]
    proposed: ProposedMove
    move: Move
    stage: Stage
    holder_id: int
    event: dict[str, Any]

    @property
    def procedure_key(self) -> str:
        """The procedure under which the dossier stands afterwards."""
        return str(self.row.procedure_key if self.proposed.rebind is None else self.proposed.rebind.procedure_key)

    @property
    def letters(self) -> tuple[Notice, ...]:
        """The letters that the move owes."""
        return (*self.move.letters, *self.proposed.also)
