"""The simulator's own memory of every dossier, led from line to line by the law of the reference model."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.simulation.world import World
from models.cycles import Cycle
from models.dossiers import Dossier
from models.letters import Letter
from models.record import Event
from ocop.levels import Level
from tests.model import law


class Violation(Exception):
    """The record is not what the law and its own history make of it."""


@dataclass
class Known:
    """What is known of one dossier."""

    id: int
    code: str
    cycle_id: int
    producer_id: int
    commune: str
    holder: str
    version: int = 0
    head: str = ""
    stage: str = ""
    results: set[str] = field(default_factory=set)
    """The stages at which a council's result counts."""

    @property
    def judged(self) -> bool:
        """Whether a council's result counts where it stands."""
        return self.stage in self.results

    @property
    def bucket(self) -> tuple[int, str, str]:
        """Where it stands: cycle, stage, unit."""
        return self.cycle_id, self.stage, self.holder


@dataclass
class Shadow:
    """Every dossier, the open ones by where they stand, and how far history and letters were read."""

    world: World
    dossiers: dict[int, Known] = field(default_factory=dict)
    standing: dict[tuple[int, str, str], dict[int, Known]] = field(default_factory=dict)
    """Open dossiers by (cycle, stage, unit)."""
    last_event: int = 0
    last_letter: int = 0
    transitions: int = 0
    lines: Counter[str] = field(default_factory=Counter)
    """Lines of history by event."""
    letters: int = 0
    cycles: dict[int, tuple[int, str]] = field(default_factory=dict)

    def follow(self, session: Session) -> None:
        """Read what was written since the last time; raise Violation where it does not follow from what was there."""
        rows = session.execute(
            select(
                Event.id, Event.chain, Event.number, Event.cycle_id, Event.dossier_id, Event.event, Event.from_stage,
                Event.to_stage, Event.unit_id, Event.prev_hash, Event.hash, Event.details,
            )
            .where(Event.id > self.last_event)
            .order_by(Event.id)
        ).all()  # fmt: skip
        if not rows:
            self._letters(session, {})
            return
        self._meet(session, sorted({row.dossier_id for row in rows if row.event == "register"}))
        owed: dict[str, tuple[str, str, Known]] = {}
        for row in rows:
            self.last_event = row.id
            self.lines[row.event] += 1
            if row.dossier_id is None:
                self._cycle_line(row)
            else:
                owed[f"{row.chain}#{row.number}"] = self._line(row)
        self._compare(session, sorted({row.dossier_id for row in rows if row.dossier_id is not None}))
        self._letters(session, owed)

    def _meet(self, session: Session, ids: Sequence[int]) -> None:
        for start in range(0, len(ids), 500):
            for row in session.execute(
                select(Dossier.id, Dossier.code, Dossier.cycle_id, Dossier.producer_id, Dossier.commune_id).where(
                    Dossier.id.in_(ids[start : start + 500])
                )
            ):
                commune = self.world.by_id[row.commune_id].code
                self.dossiers[row.id] = Known(row.id, row.code, row.cycle_id, row.producer_id, commune, commune)

    def _cycle_line(self, row: Any) -> None:
        number, head = self.cycles.get(row.cycle_id, (0, ""))
        expect((number + 1, head) == (row.number, row.prev_hash), f"{row.chain}: line {row.number} does not follow")
        self.cycles[row.cycle_id] = (row.number, row.hash)

    def _line(self, row: Any) -> tuple[str, str, Known]:
        """Take one line of a dossier's history, and return the letter that it owes, its readers and the dossier."""
        known = self.dossiers[row.dossier_id]
        told = f"{known.code}: line {row.number} ({row.from_stage}, {row.event}, {row.to_stage})"
        expect((row.number, row.prev_hash) == (known.version + 1, known.head), f"{told} does not follow")
        expect(row.from_stage == known.stage, f"{told} begins elsewhere than at {known.stage}")
        expect(law.permitted(row.from_stage, row.event, row.to_stage), f"{told} is not the law")
        self.standing.get(known.bucket, {}).pop(known.id, None)
        if row.from_stage != row.to_stage:
            self.transitions += 1
            known.holder = self._holder(known, row.to_stage)
        if row.event == "evaluate" and row.details["counts"]:
            known.results.add(row.to_stage)
        elif row.event == "annul" or row.details.get("annulled") == "evaluation":
            known.results.discard(row.to_stage)
        known.version, known.head, known.stage = row.number, row.hash, row.to_stage
        if known.stage in law.LEVEL:
            self.standing.setdefault(known.bucket, {})[known.id] = known
        return (*law.letters_of(row.from_stage, row.event, row.to_stage), known)

    def _holder(self, known: Known, stage: str) -> str:
        commune = self.world.units[known.commune]
        district = commune.above or ""
        places = {
            law.COMMUNE: known.commune,
            law.DISTRICT: district,
            law.PROVINCE: self.world.units[district].above or "",
            law.CENTRE: "00",
        }
        return places[law.LEVEL[stage]] if stage in law.LEVEL else known.holder

    def _compare(self, session: Session, ids: Sequence[int]) -> None:
        for start in range(0, len(ids), 500):
            for row in session.execute(
                select(Dossier.id, Dossier.stage, Dossier.version, Dossier.head, Dossier.holder_id, Dossier.open).where(
                    Dossier.id.in_(ids[start : start + 500])
                )
            ):
                known = self.dossiers[row.id]
                expect(
                    (row.stage, row.version, row.head, self.world.by_id[row.holder_id].code, row.open)
                    == (known.stage, known.version, known.head, known.holder, known.stage in law.LEVEL),
                    f"{known.code} stands at {row.stage} (line {row.version}), its history leads to {known.stage}",
                )

    def _letters(self, session: Session, owed: dict[str, tuple[str, str, Known]]) -> None:
        """Compare the new letters with those that the new lines owe: which notice, how many readers, to the producer or not."""
        found: Counter[tuple[str, str, bool]] = Counter()
        for row in session.execute(
            select(Letter.id, Letter.cause, Letter.notice, Letter.recipient).where(Letter.id > self.last_letter)
        ):
            self.last_letter = max(self.last_letter, row.id)
            self.letters += 1
            if "#" in row.cause and row.cause.startswith("dossier/") and row.notice != "evidence_expiring":
                found[row.cause, row.notice, row.recipient.startswith("producer/")] += 1
        expected: Counter[tuple[str, str, bool]] = Counter()
        for cause, (notice, readers, known) in owed.items():
            if "P" in readers:
                expected[cause, notice, True] = 1
            if units := {self._reader(reader, known) for reader in readers if reader != "P"}:
                expected[cause, notice, False] = len(units)
        expect(
            found == expected, f"letters owed and letters written differ: {(found - expected) or (expected - found)}"
        )

    def _reader(self, reader: str, known: Known) -> str:
        district = self.world.units[known.commune].above or ""
        province = self.world.units[district].above or ""
        if (reader == "H" and known.holder == "00") or reader == "T":
            return "00" if reader == "H" else province
        return {"C": known.commune, "D": district, "H": known.holder, "O": f"{province}/office"}[reader]

    def count(self, session: Session) -> None:
        """Compare totals: dossiers by stage, lines of history, serial numbers."""
        by_stage = dict(session.execute(select(Dossier.stage, func.count()).group_by(Dossier.stage)).tuples().all())
        expect(by_stage == Counter(known.stage for known in self.dossiers.values()), "dossiers by stage differ")
        lines = session.scalar(select(func.count()).select_from(Event))
        expect(lines == sum(self.lines.values()), "lines of history differ")
        serials = session.scalar(select(func.sum(Cycle.last_serial))) or 0
        expect(serials == len(self.dossiers), "serial numbers and dossiers differ")

    def open_in(self, level: Level | None = None) -> int:
        """Return how many dossiers are open, at all levels or at one."""
        return sum(
            len(found) for (_, stage, _), found in self.standing.items() if level is None or law.LEVEL[stage] == level
        )


def expect(holds: bool, otherwise: str) -> None:
    """Raise Violation unless something holds."""
    if not holds:
        raise Violation(otherwise)
