"""A run: eras one after the other, each a fresh record of some years, with faults and then without until all is done."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import func, select

from benchmarks.simulation.actors import Actors
from benchmarks.simulation.office import Office, Told
from benchmarks.simulation.shadow import expect
from benchmarks.simulation.world import FIRST_YEAR, World, fresh
from casework.doctor.chains import verify
from casework.doctor.checkup import INVARIANTS, examine
from casework.doctor.invariant import Look
from models.cycles import AgendaItem, Breach, Cycle, Deadline
from models.letters import Letter, LetterState
from models.session import reading
from ocop.procedures.qd148 import QD148
from ocop.working_days import VIETNAM

ROUNDS = 200
"""Rounds of work after which what is not done by then will never be."""


class Era:
    """One record from its first cycle to the day on which nothing is left to do."""

    def __init__(self, folder: Path, world: World, seed: str, faults: float, size: int, years: int, told: Told) -> None:
        """Open a fresh record on the day before the first plan opens."""
        start = datetime(FIRST_YEAR, 4, 7, 8, 0, tzinfo=VIETNAM)
        self.last = datetime(FIRST_YEAR + years, 4, 1, tzinfo=VIETNAM)
        self.told = told
        self.office = Office(fresh(folder, f"era-{seed.replace('/', '-')}"), world, Random(seed), faults, start, told)
        self.actors = Actors(self.office, size)

    def run(self, steps: int, enough: Callable[[], bool], each: Callable[[], None], every: int) -> int:
        """Take so many steps with faults or fewer, and return how many; the doctor looks every so many steps."""
        taken = 0
        shadow = self.office.shadow
        while taken < steps and self.office.now < self.last and not enough():
            before = shadow.transitions, shadow.letters
            self.actors.step()
            taken += 1
            self.told.steps += 1
            self.told.transitions += shadow.transitions - before[0]
            self.told.letters += shadow.letters - before[1]
            if taken % every == 0:
                self.office.watch()
                self.office.send()
                self.examine()
            each()
        return taken

    def settle(self) -> str:
        """Let nothing fail any more, do everything that is due, look at all of it and return the root of the record."""
        shadow = self.office.shadow
        before = shadow.transitions, shadow.letters
        self.office.calm()
        self.actors.planned.clear()
        for round_ in range(ROUNDS):
            self.office.now += timedelta(hours=5)
            self.office.watch()
            if round_ % 5 == 0:
                self.office.send()
            if not shadow.open_in():
                break
            self._finish()
        expect(not shadow.open_in(), f"still open after {ROUNDS} rounds: {self._left()}")
        self.actors.close()
        expect(not self.actors.open_cycles, f"cycles that cannot be closed: {self.actors.open_cycles}")
        for _ in range(21):
            self.office.now += timedelta(hours=16)
            self.office.watch()
            self.actors._letters()
            self.office.send()
        self.told.transitions += shadow.transitions - before[0]
        self.told.letters += shadow.letters - before[1]
        self.told.dossiers += len(shadow.dossiers)
        self.told.lines.update(shadow.lines)
        self._nothing_left()
        self.examine()
        with reading(self.office.engine) as session:
            read = verify(session)
            expect(read.sound, f"chains: {read.faults[:3]}")
            return hashlib.sha256(
                "\n".join(f"{code}:{root}" for code, root in sorted(read.roots.items())).encode()
            ).hexdigest()

    def _finish(self) -> None:
        """Take every open dossier a step further, late ones by a document of the province."""
        onward = {"registered": "receive", "filed_at_district": "receive", "commune_review": "report"}
        onward |= {"provincial_submission": "submit", "central_evaluation": "record_central_result"}
        for key, found in list(self.office.shadow.standing.items()):
            chosen, stage, unit = list(found.values())[:200], key[1], key[2]
            if not chosen or QD148.stage(stage).result or stage in ("commune_reported", "submitted", "proposed"):
                continue
            self.actors.accept(key[0], stage, chosen)
            if stage.endswith("_supplement"):
                self.actors.act("supplement", chosen, unit)
            elif stage.endswith("_recognition"):
                self.actors.act("recognise", chosen, unit)
            elif stage == "central_proposal":
                self.actors.act("forgo", chosen, unit)
            elif stage in ("district_evaluation", "provincial_evaluation", "returned_to_district"):
                judged = [known for known in chosen if known.judged]
                if judged or stage == "returned_to_district":
                    self.actors.act("decide", judged or chosen, unit)
                waiting = [known for known in chosen if not known.judged and known.stage == stage]
                if waiting and not self.actors.act("evaluate", waiting, unit):
                    for known in waiting[:20]:
                        self.actors.act("waive_evidence", [known], unit)
            else:
                self.actors.act(onward[stage], chosen, unit)

    def _left(self) -> dict[str, int]:
        return {stage: len(found) for (_, stage, _), found in self.office.shadow.standing.items() if found}

    def _nothing_left(self) -> None:
        """Look for what is due and not done: letters, routes, breaches, items of the agenda."""
        office, now = self.office, self.office.now
        with reading(office.engine) as session:
            owed = session.scalars(
                select(Letter.key).where(Letter.state == LetterState.OWED.value, Letter.send_from <= now).limit(3)
            ).all()
            expect(not owed, f"letters owed and due: {owed}")
            unsaid = session.scalar(
                select(func.count()).where(Letter.state == LetterState.DEAD.value, Letter.last_error == "")
            )
            expect(not unsaid, f"{unsaid} dead letters without a reason")
            sent = select(Letter.message_id, Letter.unconfirmed).where(Letter.state == LetterState.SENT.value)
            for message, unconfirmed in session.execute(sent):
                arrived = office.server.arrived[message]
                expect(1 <= arrived <= 1 + unconfirmed, f"{message} arrived {arrived} times, {unconfirmed} unconfirmed")
            strays = set(office.server.arrived) - set(session.scalars(select(Letter.message_id)))
            expect(not strays, f"letters that nobody owes arrived: {sorted(strays)[:3]}")
            undone = session.scalar(select(func.count()).where(AgendaItem.done_at.is_(None), AgendaItem.due_at <= now))
            expect(not undone, f"{undone} items of the agenda are due and not done")
            opened = session.scalar(select(func.count()).where(Breach.closed_at.is_(None)))
            expect(not opened, f"{opened} breaches of dossiers that have ended are open")
            undated = session.scalar(
                select(func.count())
                .select_from(Breach)
                .join(Deadline, Deadline.id == Breach.deadline_id)
                .where(Breach.struck_at != Deadline.strikes_at)
            )
            expect(not undated, f"{undated} breaches are not dated at their stroke")
            still = session.scalar(select(func.count()).where(Cycle.closed_at.is_(None)))
            expect(not still, f"{still} cycles are open")

    def examine(self) -> None:
        """Let the doctor ask every invariant; while the mail has faults and senders come by seldom, letters may be late."""
        self.told.examined += 1
        failing = self.office.server.faults > 0
        with reading(self.office.engine) as session:
            self.office.shadow.count(session)
            look = Look(session, self.office.now, self.office.home)
            keys = [row.key for row in INVARIANTS if not (failing and row.key == "letters_not_forgotten")]
            broken = {
                found.invariant.key: list(found.violations)[:3] for found in examine(look, keys) if not found.holds
            }
            expect(not broken, f"{broken}")
