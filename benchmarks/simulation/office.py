"""One record under the virtual clock: acts, the watch and the letters' delivery, each struck by faults and done again."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

import casework.acts
from benchmarks.simulation.faults import Fault, Faults
from benchmarks.simulation.mail import SETTINGS, VirtualServer
from benchmarks.simulation.shadow import Shadow, expect
from benchmarks.simulation.world import World, open_record
from casework.act import ACTS, Answer
from casework.actors import person
from casework.agenda import catch_up
from casework.imports.reading import Sheet
from casework.intake import import_dossiers
from casework.reconcile import cycles_with_work
from casework.routing import ready, route
from models.cycles import Cycle
from models.session import perform, reading, transaction
from models.units import Unit
from notifications.claims import claim, mark
from notifications.delivery import deliver
from notifications.quiet import opening
from ocop.errors import KeyReused, RuleViolation

T = TypeVar("T")
del casework.acts  # imported to fill ACTS
WRITTEN_OUT = 5
"""How many letters of each delivery are written out; the others only pass claims, answers and marks."""
REPEATED = 0.03
"""How often an officer sends the same request again."""


@dataclass
class Told:
    """What happened, in numbers that go on from era to era."""

    steps: int = 0
    acts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    mail: Counter[str] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)
    restarts: int = 0
    repeated: int = 0
    transitions: int = 0
    letters: int = 0
    dossiers: int = 0
    examined: int = 0


class Office:
    """The record, the clock, and whoever asks something of it."""

    def __init__(self, home: Path, world: World, random: Random, faults: float, now: datetime, told: Told) -> None:
        """Open the record of a home."""
        self.home, self.world, self.random, self.now, self.told = home, world, random, now, told
        self.shadow = Shadow(world)
        self.faults = Faults(random, faults)
        self.server = VirtualServer(random, faults * 2)
        self._open()
        self._keys = 0

    def _open(self) -> None:
        self.engine = open_record(self.home)
        self.faults.watch(self.engine)

    def calm(self) -> None:
        """Let nothing fail from now on."""
        self.faults.probability = self.server.faults = 0

    def close(self) -> None:
        """Close the record."""
        self.engine.dispose()

    def ask(self, name: str, who: str, body: dict[str, Any], on_behalf: str = "") -> Answer | None:
        """Perform an act, again under its key after each fault; None when it is refused."""
        self._keys += 1
        key = f"sim-{self._keys}"

        def work(session: Session) -> Answer:
            actor = person(session, who, on_behalf)
            return ACTS[name].perform(session, actor=actor, at=self.now, key=key, **body)

        answer = self._done(name, work)
        if answer is not None and self.random.random() < REPEATED:
            self.told.repeated += 1
            again = self._done(name, work)
            expect(again == {**answer, "replayed": True}, f"{name}: the same request got another answer")
            self._reused(who, key)
        return answer

    def ask_each(self, name: str, who: str, bodies: list[dict[str, Any]], on_behalf: str = "") -> int:
        """Perform an act on one dossier after the other in one sitting, each under its key, and return how many were done.

        What is refused leaves nothing behind; after a fault the whole sitting is entered again.
        """
        keys = []
        for _ in bodies:
            self._keys += 1
            keys.append(f"sim-{self._keys}")

        def work(session: Session) -> tuple[int, Counter[str]]:
            actor, refused = person(session, who, on_behalf), Counter[str]()
            for key, body in zip(keys, bodies, strict=True):
                try:
                    with session.begin_nested():
                        ACTS[name].perform(session, actor=actor, at=self.now, key=key, **body)
                except RuleViolation as violation:
                    refused[f"{name}: {type(violation).__name__}"] += 1
            return len(bodies) - refused.total(), refused

        done, refused = self._done(f"{name}, a sitting", work) or (0, Counter[str]())
        self.told.acts[name] += done
        self.told.refusals.update(refused)
        return done

    def _reused(self, who: str, key: str) -> None:
        """Ask for something else under a used key."""
        try:
            perform(
                self.engine,
                lambda session: ACTS["retract"].perform(
                    session, actor=person(session, who), at=self.now, key=key, dossier="?", requested_on=self.now.date(),
                    reason="khác",
                ),
            )  # fmt: skip
        except KeyReused:
            return
        expect(False, f"key {key} served two requests")

    def bring(self, who: str, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> int:
        """Import a file of dossiers and return how many are new; a file refused whole is none."""
        self._keys += 1
        key = f"sim-{self._keys}"
        table = [Sheet("", ((1, header), *((number, row) for number, row in enumerate(rows, start=2))))]

        def work(session: Session) -> int:
            return import_dossiers(session, table, actor=person(session, who), at=self.now, key=key).new

        return self._done("import", work) or 0

    def watch(self) -> None:
        """Do what is due and carry on what is ready, unit by unit, as the flows do."""
        self._done("watch", lambda session: catch_up(session, self.now))
        with reading(self.engine) as session:
            batches = [
                (cycle.id, stage, unit)
                for cycle in session.scalars(cycles_with_work())
                for stage, unit, _ in ready(session, cycle)
            ]
        for cycle_id, stage, unit in batches:
            self._done("route", lambda session, c=cycle_id, s=stage, u=unit: self._route(session, c, s, u))

    def _route(self, session: Session, cycle_id: int, stage: str, unit: int) -> int:
        return route(session, session.get_one(Cycle, cycle_id), self.now, stage=stage, unit_id=unit).moved

    def send(self) -> None:
        """Send the letters that are due, once office hours begin; a sender that falls leaves its lease behind for another."""
        with reading(self.engine) as session:
            opens = opening(session)(self.now)
        if opens > self.now:
            self.now = opens
            self.watch()  # what fell due over night or a weekend is done first, as the hourly watch does it
        again = False
        while True:
            try:
                with self.faults.around("delivery", again=again):
                    asyncio.run(
                        deliver(self.engine, SETTINGS, self.now, at_most=WRITTEN_OUT, sender=self._sender(),
                                elapsed=lambda: 0.0, connect=self.server.connect)
                    )  # fmt: skip
                    while self._send_some():
                        pass
                    break
            except* Fault:
                self._fallen()
                again = True
                self.now += timedelta(seconds=SETTINGS.lease_seconds)
        self.told.mail.update(self.server.told)
        self.server.told.clear()
        self.follow()

    def _sender(self) -> str:
        self._keys += 1
        return f"sender-{self._keys}"

    def _send_some(self) -> bool:
        """Claim letters, let the server answer and mark them, without writing them out; tell whether there were any."""
        sender, lease = self._sender(), timedelta(seconds=SETTINGS.lease_seconds)
        with transaction(self.engine) as session:
            letters = claim(session, at=self.now, limit=500, lease_until=self.now + lease, sender=sender)
        outcomes = [self.server.answer(letter) for letter in letters]
        with transaction(self.engine) as session:
            late = mark(session, outcomes, at=self.now, sender=sender) if outcomes else 0
        expect(not late, f"{late} letters were another sender's")
        return bool(letters)

    def _done(self, name: str, work: Callable[[Session], T]) -> T | None:
        """Do a unit of work until it is done or refused; after each fault the process may have been started anew."""
        again = False
        while True:
            try:
                with self.faults.around(name, again=again):
                    answer = perform(self.engine, lambda session: work(_with_units_in_hand(session)))
                    break
            except Fault:
                self._fallen()
                again = True
            except RuleViolation as violation:
                self.told.refusals[f"{name}: {type(violation).__name__}"] += 1
                self.follow()
                return None
        self.told.acts[name] += 1
        self.follow()
        return answer

    def _fallen(self) -> None:
        self.told.faults.update(self.faults.struck)
        self.faults.struck.clear()
        self.follow()
        if self.random.random() < 0.2:
            self.told.restarts += 1
            self.engine.dispose()
            if self.random.random() < 0.1:  # the seldom whole start: an engine compiles all its statements anew
                self._open()

    def follow(self) -> None:
        """Compare what was written since the last time with the law."""
        with reading(self.engine) as session:
            self.shadow.follow(session)

    def rows(self, statement: Any) -> list[Any]:
        """Return the rows of a query."""
        with transaction(self.engine) as session:
            return list(session.execute(statement).all())


def _with_units_in_hand(session: Session) -> Session:
    """Keep units and open cycles for a unit of work, which would else be read again for each dossier."""
    session.info["in hand"] = [
        *session.scalars(select(Unit)),
        *session.scalars(select(Cycle).where(Cycle.closed_at.is_(None))),
    ]
    return session
