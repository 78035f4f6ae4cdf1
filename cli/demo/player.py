"""The driven clock of a play: what is due and what officers do, in order, through the acts and the real flows."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from casework import clock, outbox
from casework.actors import Actor, person
from casework.acts import ACTS
from casework.exports import to_excel
from casework.importing import take_in
from casework.imports.templates import KINDS
from casework.reconcile import phases_with_work
from casework.rules import cycle_by_code
from cli.demo.steps import Step, filing_day, hour
from cli.demo.story import OPENS
from cli.demo.world import Row, sheet
from cli.waking import WAKES, by_flow
from models.cycles import AgendaItem
from models.dossiers import Complaint, Dossier
from models.letters import Letter
from models.session import perform, reading
from models.units import Product
from ocop.errors import RuleViolation
from ocop.text import day as told

Say = Callable[[str], None]


@dataclass
class Played:
    """What the summary needs to know besides the record."""

    home: Path
    seconds: float = 0.0
    acts: int = 0
    refused: list[str] = field(default_factory=list)
    """The refusals that the story expects, as the officers read them."""
    flow_runs: Counter[str] = field(default_factory=Counter)
    flow_seconds: float = 0.0
    """Wall time in flow runs but the delivery of letters, the engine's own work in them included."""
    engine_seconds: float = 0.0
    """Wall time in the record's transactions within flow runs."""
    kept_letters: int = 0
    opens: datetime | None = None
    """The morning on which the console opens, where that is not the end of the play."""


def import_file(engine: Engine, home: Path, kind: str, name: str, content: bytes, actor: Actor, at: datetime) -> Any:
    """Keep a file as an office does and take it in; return how many rows were new, changed and as before."""
    file = home / "imports" / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    return perform(engine, lambda session: take_in(session, kind, name, content, actor, at))


def enact(engine: Engine, step: Step, key: str, codes: dict[str, str]) -> None:
    """Perform one act in a transaction of its own, as the command does."""
    body = dict(step.body)
    if step.products:
        dossiers = [codes[product] for product in step.products]
        body |= {"dossier": dossiers[0]} if step.one else {"dossiers": dossiers}

    def work(session: Session) -> Any:
        if step.act == "answer-complaint":
            body["complaint"] = _complaint(session, body.pop("dossier"))
        actor = person(session, step.who, step.on_behalf)
        return ACTS[step.act].perform(session, actor=actor, at=step.at, key=key, **body)

    perform(engine, work)


def _complaint(session: Session, dossier: str) -> int:
    found = select(Complaint.id).join(Dossier, Dossier.id == Complaint.dossier_id).where(Dossier.code == dossier)
    return session.scalars(found.order_by(Complaint.id.desc())).first() or 0


class Player:
    """The driven clock: the earlier of what is due and what an officer does is next, until the year is over."""

    wakes: Sequence[tuple[str, frozenset[str]]] = WAKES

    def __init__(
        self,
        engine: Engine,
        home: Path,
        cycle: str,
        dossiers: Sequence[Row],
        steps: Iterable[Step],
        played: Played,
        say: Say,
    ) -> None:
        """Play `steps` on a record whose cycle is open; the step 'import' takes in the rows of its day."""
        self.engine, self.home, self.cycle, self.played, self.say = engine, home, cycle, played, say
        self.dossiers, self.steps = dossiers, sorted(steps, key=lambda step: step.at)
        self.codes: dict[str, str] = {}
        self.now = OPENS
        self.month = OPENS.month
        self.delivering: asyncio.Task[None] | None = None

    async def run(self, ends: datetime) -> None:
        """Play everything that happens until an end; what officers do later waits for the next call."""
        now = [step for step in self.steps if step.at <= ends]
        self.steps = self.steps[len(now) :]
        for at, steps in groupby(now, key=lambda step: step.at):
            await self._let_pass(at)
            await self._perform(at, list(steps))
        await self._let_pass(ends)
        await self.deliver(ends)
        if self.delivering:
            await self.delivering
        self._drive(ends)

    async def _perform(self, at: datetime, steps: list[Step]) -> None:
        await self._new_day(at)
        for number, step in enumerate(steps):
            key = f"demo/{at:%Y%m%d%H%M}/{number}"
            try:
                self._one(step, key)
            except RuleViolation as violation:
                if not step.refused:
                    raise
                self.played.refused.append(violation.vietnamese)
            else:
                assert not step.refused, f"{step.act} at {at} was to be refused"
            self.played.acts += 1
        self._drive(at)
        await self.nudge(at)

    async def nudge(self, at: datetime) -> None:
        """Run the flow of each phase for which officers' acts left work, in the plan's order; each may leave some to the next."""
        done = set[str]()
        while todo := [phase for phase in self._with_work(at) if phase not in done]:
            done.add(todo[0])
            await self.wake(todo[0], cycle=self.cycle, at=at)

    def _with_work(self, at: datetime) -> list[str]:
        with reading(self.engine) as session:
            return phases_with_work(session, cycle_by_code(session, self.cycle, must_be_open=False), at)

    def _one(self, step: Step, key: str) -> None:
        if step.act == "import":
            self.take_in(step)
        elif step.act == "hand-over":
            self._hand_over(step, key)
        else:
            enact(self.engine, step, key, self.codes)

    def take_in(self, step: Step) -> None:
        """Take in the dossiers registered since the last file, and know their codes."""
        rows = [row for row in self.dossiers if filing_day(row) == step.at.date()]
        content = to_excel([sheet(KINDS["dossiers"], rows)])
        name = f"ho_so_{step.at:%Y-%m-%d}.xlsx"
        with reading(self.engine) as session:
            actor = person(session, step.who)
        outcome = import_file(self.engine, self.home, "dossiers", name, content, actor, step.at)
        self.say(f"  {told(step.at.date())}: nhập hồ sơ từ {name}: {outcome}")
        with reading(self.engine) as session:
            found = session.execute(select(Product.code, Dossier.code).join(Dossier, Dossier.product_id == Product.id))
            self.codes = {product: code for product, code in found}

    def _hand_over(self, step: Step, key: str) -> None:
        """Hand over the printed letters of every second unit: the others still have theirs to do."""
        with reading(self.engine) as session:
            units = outbox.units_that_hand_over(session)[::2]
            letters = [letter.id for unit in units for letter in outbox.to_hand_over(session, unit.unit_id)]
        enact(self.engine, Step(step.at, "hand-over", step.who, {"letters": letters}), key, self.codes)

    async def _let_pass(self, until: datetime) -> None:
        """Wake the flows at each instant at which something falls due before the next act."""
        woken: datetime | None = None
        while True:
            with reading(self.engine) as session:
                due_at = session.scalar(
                    select(func.min(AgendaItem.due_at)).where(AgendaItem.done_at.is_(None), AgendaItem.due_at <= until)
                )
                if due_at is None:
                    return
                if due_at == woken:
                    raise RuntimeError(f"what was due at {due_at} is due still")
                woken = due_at
                pending = select(AgendaItem.kind).where(AgendaItem.done_at.is_(None), AgendaItem.due_at <= due_at)
                kinds = set(session.scalars(pending))  # few are due; for DISTINCT SQLite would read the whole agenda
            await self._new_day(due_at)
            for flow, does in self.wakes:
                if kinds & does:
                    more = {"cycle": self.cycle} if flow == "evaluation_cycle" else {}
                    await self.wake(flow, at=due_at, **more)
            self._drive(due_at)

    async def _new_day(self, at: datetime) -> None:
        """Send the letters of the day that ends, and say where the year is."""
        if at.astimezone(OPENS.tzinfo).date() == self.now.date():
            return
        await self.deliver(hour(self.now.date(), "17:30"))
        self.now = at.astimezone(OPENS.tzinfo)
        if self.now.month != self.month:
            self.say(f"  hết tháng {self.month}/2025: {self.progress()}")
            self.month = self.now.month

    def progress(self) -> str:
        """Return how far the play is."""
        runs = sum(self.played.flow_runs.values())
        return f"{self.played.acts} việc của cán bộ, {runs} lượt chạy luồng, {len(self.codes)} hồ sơ"

    async def deliver(self, at: datetime) -> None:
        """Begin to send what may leave by an instant; the letters of a day leave while the next day is played."""
        if self.delivering:
            await self.delivering
        with reading(self.engine) as session:
            waits = session.scalar(select(func.count()).where(Letter.state == "owed", Letter.next_try_at <= at))
        if waits:
            self.delivering = asyncio.create_task(self.wake("letter_delivery", at=at))

    def _drive(self, at: datetime) -> None:
        perform(self.engine, lambda session: clock.drive(session, at))

    async def wake(self, name: str, **parameters: Any) -> None:
        """Run a flow, and count it."""
        began = time.monotonic()
        await by_flow(name, parameters)
        if name != "letter_delivery":  # that one works while the next day is played
            self.played.flow_seconds += time.monotonic() - began
        self.played.flow_runs[name] += 1
