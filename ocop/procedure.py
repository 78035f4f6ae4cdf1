"""What a procedure is: stages, moves, notes and the answer to 'where does this dossier go?'."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from ocop.levels import DossierKind, Level
from ocop.notices import Notice
from ocop.phrase import Phrase
from ocop.scoring import STAR_FLOORS, stars
from ocop.sources import Source


class MetBy(StrEnum):
    """The act whose day decides whether a deadline was kept."""

    SESSION_HELD = "session_held"
    LETTER_SENT = "letter_sent"
    DECISION_SIGNED = "decision_signed"
    SUPPLEMENTED = "supplemented"


class Back(StrEnum):
    """Why a move may lead to an earlier stage, and so what bounds it."""

    SUPPLEMENT = "supplement"
    """At most `supplement.at_most` times at each level, by the plan."""
    ONCE = "once"
    """Once in a round."""
    DOCUMENT = "document"
    """Once for each decision annulled by a document of the issuing body."""


@dataclass(frozen=True)
class Facts:
    """What a condition may look at: the recorded result, never a stage."""

    mean: Decimal | None = None
    stars_after_gates: int | None = None
    to_province_from: Decimal = STAR_FLOORS[4]
    to_centre_from: Decimal = STAR_FLOORS[5]
    after_return: bool = False
    """The result in force is the body's own after the level above sent the dossier back."""

    @property
    def stars(self) -> int:
        """The stars after gates; the stars by points where no gate was recorded; 0 without a result."""
        if self.stars_after_gates is not None:
            return self.stars_after_gates
        return 0 if self.mean is None else stars(self.mean)


Condition = Callable[[Facts], bool]


def always(facts: Facts) -> bool:
    """Hold for every dossier."""
    del facts
    return True


def worth_three_stars(facts: Facts) -> bool:
    """Hold from 3 stars after gates."""
    return facts.stars >= 3


def worth_the_province(facts: Facts) -> bool:
    """Hold from the plan's threshold for going up, with the gates of 4 stars, or of the fewer that the threshold is worth."""
    threshold = facts.to_province_from
    return facts.mean is not None and facts.mean >= threshold and facts.stars >= min(4, stars(threshold))


def worth_four_stars(facts: Facts) -> bool:
    """Hold from 4 stars after gates."""
    return facts.stars >= 4


def worth_the_centre(facts: Facts) -> bool:
    """Hold from the plan's threshold for the centre, with the gates of the stars that the threshold is worth: 5 from 90."""
    threshold = facts.to_centre_from
    return facts.mean is not None and facts.mean >= threshold and facts.stars >= stars(threshold)


def worth_five_stars(facts: Facts) -> bool:
    """Hold from 5 stars after gates."""
    return facts.stars >= 5


def decided_after_return(facts: Facts) -> bool:
    """Hold when the body decided after the level above sent the dossier back."""
    return facts.after_return


class PeriodKind(StrEnum):
    """What a period of a dossier's own is for; a deadline's `kind` names it."""

    RETURN = "return"
    """For deciding what the level above sent back."""
    REVIEW = "review"
    """For the commune's report, from receipt."""
    OPINION = "opinion"
    """For a council's written opinion, from the complete file."""


@dataclass(frozen=True)
class OwnPeriod:
    """A period that runs for each dossier from the day on which it came to a stage, beside the dates of the plan."""

    kind: PeriodKind
    met_by: MetBy
    days: int = 0
    """The law's length; 0 where `setting` names the plan's."""
    working: bool = True
    """Whether working days are counted, and not calendar days."""
    setting: str = ""
    """The plan's value that gives the length in days, as 'returned_to_district.working_days'."""
    rule: Source | None = None
    """The law that gives the length; None where the plan does."""
    from_complete: bool = True
    """Whether it runs at this stage alone, so that a supplement begins it anew; else it runs on from the first arrival."""


@dataclass(frozen=True)
class Stage:
    """A place where a dossier can stand: whose it is, and what it waits for there."""

    key: str
    level: Level
    label: str
    waits_for: str = ""
    """What has to happen for the dossier to go on, in Vietnamese; empty for a final stage."""
    final: bool = False
    evaluates: bool = False
    """A council's evaluation is recorded here."""
    supplement: bool = False
    """Waits for the producer's supplement."""
    result: str = ""
    """The purpose of the decision that is routed from here: 'result', 'after_return' or 'central'."""
    awards_up_to: int = 0
    """The highest star that the body holding this stage may award; 0 where it awards none."""
    period: OwnPeriod | None = None
    """The period that runs here for each dossier; a stage that has one takes no date of the plan."""
    in_writing: bool = False
    """The council gives its opinion in writing; it meets only when the opinions differ."""
    basis_by_plan: bool = False
    """The plan says on whose result is decided here (`returned_to_district.basis`)."""
    falls_back_on: Level | None = None
    """The level whose result is decided on here unless the council judged anew."""

    def __post_init__(self) -> None:
        """Let the words of the stage be said in another language."""
        object.__setattr__(self, "label", Phrase(self.label))
        object.__setattr__(self, "waits_for", Phrase(self.waits_for))


@dataclass(frozen=True)
class Move:
    """One row of the table: an event takes a dossier from a stage to the next when its condition holds."""

    event: str
    source: str
    target: str
    when: Condition = always
    letters: tuple[Notice, ...] = ()
    back: Back | None = None
    by: Level | None = None
    """The level whose officer may do it; None is the unit that holds the dossier."""
    rule: Source | None = None

    @property
    def moves(self) -> bool:
        """Whether the dossier leaves its stage."""
        return self.source != self.target


@dataclass(frozen=True)
class Note:
    """An event that writes a line of history and leaves the dossier where it is."""

    event: str
    stages: frozenset[str]
    letters: tuple[Notice, ...] = ()
    by: Level | None = None
    rule: Source | None = None


REGISTER = "register"
"""The first event of every dossier."""
ROUTE = "route"
"""The event of the flows; every other event is a person's act."""


@dataclass(frozen=True)
class NoSuchMove:
    """The answer when the table has no row for an event at a stage."""

    event: str
    stage: str
    possible: tuple[str, ...]


@dataclass(frozen=True)
class Procedure:
    """A rule set's way for dossiers, checked when built.

    Raises ValueError when a stage is unknown, a stage has neither a way out nor the mark `final`, two rows repeat,
    conditions leave a case open, or the moves without those marked `back` form a circle.
    """

    key: str
    name: str
    source: Source
    starts: Mapping[str, str]
    """The first stage by where dossiers are filed: 'commune' or 'district'."""
    stages: tuple[Stage, ...]
    moves: tuple[Move, ...]
    notes: tuple[Note, ...] = ()
    phases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The open stages by the phase of the plan they belong to, in the plan's order; one flow reconciles one phase."""
    kinds: frozenset[DossierKind] = frozenset(DossierKind)
    """The dossiers that are filed under it."""
    rolling: bool = False
    """Filed in each certificate's own window and not in rounds: the plan may set no date at all."""
    _by_key: dict[str, Stage] = field(init=False, repr=False, compare=False)
    _rows: dict[tuple[str, str], tuple[Move, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", Phrase(self.name))
        object.__setattr__(self, "_by_key", {stage.key: stage for stage in self.stages})
        rows: dict[tuple[str, str], tuple[Move, ...]] = {}
        for move in self.moves:
            rows[move.source, move.event] = (*rows.get((move.source, move.event), ()), move)
        for note in self.notes:
            for stage in note.stages:
                if (stage, note.event) in rows:
                    raise ValueError(f"{self.key}: note {note.event} repeats a move at {stage}")
                rows[stage, note.event] = (
                    Move(note.event, stage, stage, always, note.letters, None, note.by, note.rule),
                )
        object.__setattr__(self, "_rows", rows)
        self._check()

    def _check(self) -> None:
        if len(self._by_key) != len(self.stages):
            raise ValueError(f"{self.key}: a stage stands twice")
        named = {move.source for move in self.moves} | {move.target for move in self.moves} | set(self.starts.values())
        named |= {stage for note in self.notes for stage in note.stages}
        if unknown := named - set(self._by_key):
            raise ValueError(f"{self.key}: unknown stages {sorted(unknown)}")
        if unreachable := set(self._by_key) - {move.target for move in self.moves} - set(self.starts.values()):
            raise ValueError(f"{self.key}: no way into {sorted(unreachable)}")
        leaving = {move.source for move in self.moves if move.back is not Back.DOCUMENT}
        for stage in self.stages:
            if stage.final == (stage.key in leaving):
                raise ValueError(f"{self.key}: {stage.key} must be final or have a way out, not both")
            if not stage.final and not stage.waits_for:
                raise ValueError(f"{self.key}: {stage.key} does not say what it waits for")
        phased = [stage for stages in self.phases.values() for stage in stages]
        if self.phases and sorted(phased) != sorted(self.open_stages):
            raise ValueError(f"{self.key}: the phases do not hold each open stage once")
        for (source, event), rows in self._rows.items():
            if rows[-1].when is not always:
                raise ValueError(f"{self.key}: {event} at {source} leaves a case open")
            if any(row.when is always for row in rows[:-1]):
                raise ValueError(f"{self.key}: {event} at {source} has a row that is never reached")
        if circle := self._circle():
            raise ValueError(f"{self.key}: the moves form a circle: {' -> '.join(circle)}")

    def _circle(self) -> list[str]:
        """Return a circle among the moves that are not marked back, or an empty list."""
        onward: dict[str, list[str]] = {}
        for move in self.moves:
            if move.back is None:
                onward.setdefault(move.source, []).append(move.target)
        done: set[str] = set()

        def walk(stage: str, path: list[str]) -> list[str]:
            if stage in path:
                return [*path[path.index(stage) :], stage]
            if stage in done:
                return []
            for target in onward.get(stage, ()):
                if found := walk(target, [*path, stage]):
                    return found
            done.add(stage)
            return []

        return next((found for stage in self._by_key if (found := walk(stage, []))), [])

    def stage(self, key: str) -> Stage:
        """Return the stage of this key; KeyError when the procedure has none."""
        return self._by_key[key]

    def knows(self, stage: str) -> bool:
        """Return whether the procedure has a stage of this key."""
        return stage in self._by_key

    def move(self, stage: str, event: str, facts: Facts | None = None) -> Move | NoSuchMove:
        """Return the first row for the event at the stage whose condition holds, or what is possible there instead."""
        known = facts or Facts()
        for row in self._rows.get((stage, event), ()):
            if row.when(known):
                return row
        return NoSuchMove(event, stage, self.events_at(stage))

    def events_at(self, stage: str) -> tuple[str, ...]:
        """Return the events that the table knows at a stage, in the table's order."""
        return tuple(dict.fromkeys(event for (at, event) in self._rows if at == stage))

    def entry(self, start: str) -> Move:
        """Return the row that takes a new dossier in at a first stage."""
        return Move(REGISTER, "", start, letters=(Notice.REGISTERED,), rule=self.source)

    @cached_property
    def rows(self) -> tuple[Move, ...]:
        """Every row of the table, the entries first, notes as moves that stay."""
        entries = tuple(self.entry(start) for start in dict.fromkeys(self.starts.values()))
        return (*entries, *(row for rows in self._rows.values() for row in rows))

    def permits(self, source: str, event: str, target: str) -> bool:
        """Return whether some row takes `event` from `source` to `target`."""
        return any(row.target == target for row in self._rows.get((source, event), ()))

    @cached_property
    def routed(self) -> tuple[str, ...]:
        """The stages from which the flows carry dossiers on, in the table's order."""
        return tuple(dict.fromkeys(move.source for move in self.moves if move.event == ROUTE))

    @cached_property
    def open_stages(self) -> tuple[str, ...]:
        """The stages that are not final, in order."""
        return tuple(stage.key for stage in self.stages if not stage.final)

    def most_stars(self, level: Level) -> int:
        """Return the highest star that a level may award; 0 where it awards none."""
        return max((stage.awards_up_to for stage in self.stages if stage.level is level), default=0)

    def phase_of(self, stage: str) -> str:
        """Return the phase of an open stage; an empty text for a final one."""
        return next((phase for phase, stages in self.phases.items() if stage in stages), "")

    def still_ahead(self, stage: str) -> frozenset[str]:
        """Return the stages from which `stage` can still be reached, itself included.

        A dossier that waits for a supplement is still ahead of the stage it waits at; a decision annulled by a document
        has a deadline of its own, so that way does not count. A supplement is owed by nobody who was not asked for it, and
        no more by one who brought it.
        """
        reached = {stage}
        if self.knows(stage) and self.stage(stage).supplement:
            return frozenset(reached)
        while more := {
            move.source
            for move in self.moves
            if move.target in reached and move.source not in reached and move.back is not Back.DOCUMENT
        }:
            reached |= more
        return frozenset(reached)
