"""Plays the year on a driven clock: officers' acts by the engine's own functions, everything else by the real flows."""

import asyncio
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from casework import calendar_table, clock, outbox
from casework.actors import Actor, person
from casework.acts import ACTS
from casework.agenda import DIGEST_KINDS, EXPIRY_KINDS
from casework.calendar_seed import calendar_rows
from casework.exports import to_excel
from casework.imports.templates import KINDS
from casework.reconcile import phases_with_work
from casework.rules import cycle_by_code
from cli.demo.steps import FILING_DAYS, Step, filing_day, hour
from cli.demo.story import ENDS, OPENS, PROVINCE, story
from cli.demo.world import SHIPPED, Row, World, sheet, world
from cli.files import take_in
from cli.serving.prefect_server import start_server
from cli.serving.processes import sole_use
from models import migrate
from models.cycles import AgendaItem
from models.dossiers import Complaint, Dossier
from models.letters import Letter
from models.session import make_engine, perform, reading
from models.settings import DatabaseSettings
from models.units import Product
from notifications.letterbox import start_letterbox
from ocop.errors import InvalidInput, RuleViolation
from ocop.text import day as told

CYCLE = "ND-2025"
PLAN = SHIPPED.parent / "plans" / "nam_dinh_2025.toml"
MARK = "ban-trinh-dien.txt"
"""Marks a folder as the demo's own, which it may empty; any other folder with a database is left alone."""
OURS = ("ocop.db", "ocop.db-wal", "ocop.db-shm", "prefect", "letters", "imports", "files", "console.log", MARK)
PUBLISHED = "recognitions_published.csv"
HANDED_OVER_ON = (date(2025, 6, 30), date(2025, 8, 19))
"""The days on which a part of the printed letters is handed over."""

WAKES = (
    ("evaluation_cycle", frozenset({"stroke", "reminder", "rung"})),
    ("deadline_watch", frozenset({"complaint"})),
    ("expiry_sweep", EXPIRY_KINDS),
    ("daily_digest", DIGEST_KINDS),
)
"""Which flow is woken for what falls due, as the hourly and daily schedules of prefect.yaml would."""

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


def play(home: Path, say: Say) -> Played:
    """Play the year in a folder: empty it if it is the demo's, migrate, import, and drive the clock to the year's end.

    The record stays on the folder's SQLite file, with the driven clock standing at the end of the year.

    Raises:
        InvalidInput: the folder holds an office's record.
        CannotServe: another command uses the folder.
    """
    began = time.monotonic()
    _clean(home)
    settings = DatabaseSettings(home=home, db_url="")
    engine = make_engine(settings)
    with (
        start_server(home) as server,
        start_letterbox(home / "letters") as letterbox,
        environment(home, letterbox.port),
    ):
        migrate.upgrade(engine)
        say("Đã tạo cơ sở dữ liệu; máy chủ Prefect đang khởi động ...")
        told_world = world(cycle=CYCLE)
        played = Played(home)
        _found(engine, home, told_world, say)
        player = Player(engine, home, CYCLE, told_world.dossiers, _steps(told_world), played, say)
        enact(engine, Step(OPENS, "open-cycle", PROVINCE, {"code": CYCLE, "plan": _plan()}), "demo/open", {})
        server.wait()
        with _timed(played):
            asyncio.run(player.run(ENDS))
        played.kept_letters = len(letterbox.letters())
        _count_runs(played)
    engine.dispose()
    played.seconds = time.monotonic() - began
    return played


def _clean(home: Path) -> None:
    """Empty a folder of an earlier demo; refuse one that holds an office's record."""
    if not home.exists():
        home.mkdir(parents=True)
    elif (home / "ocop.db").exists() and not (home / MARK).exists():
        raise InvalidInput(
            f"Thư mục {home} chứa cơ sở dữ liệu không phải của bản trình diễn nên không được xóa. "
            "Hãy đặt OCOP_HOME là một thư mục khác rồi chạy lại.",
            f"{home} holds a record that is not the demo's",
        )
    with sole_use(home / "prefect"):
        pass
    for name in OURS:
        path = home / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    (home / MARK).write_text(
        "Thư mục của bản trình diễn: 'ocop demo' xóa và dựng lại nội dung ở đây.\n", encoding="utf-8"
    )


@contextmanager
def environment(home: Path, port: int) -> Iterator[None]:
    """Point the flows at the demo's record and at its letterbox."""
    ours = {
        "OCOP_HOME": str(home.resolve()),
        "OCOP_DB_URL": "",
        "OCOP_SMTP_HOST": "127.0.0.1",
        "OCOP_SMTP_PORT": str(port),
        "OCOP_SMTP_STARTTLS": "never",
        "OCOP_SMTP_USERNAME": "",
        "OCOP_SMTP_SENDER_ADDRESS": "ocop@namdinh.example",
    }
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _timed(played: Played) -> Iterator[None]:
    """Add up the time of the record's transactions in the flows."""
    # Imported here: Prefect comes with it, and the environment of our server must stand before.
    from tasks.database import engine as flows_engine

    begun: list[float] = []

    def begin(connection: Any) -> None:
        del connection
        begun.append(time.monotonic())

    def end(connection: Any) -> None:
        del connection
        if begun:
            played.engine_seconds += time.monotonic() - begun.pop()

    engine, listeners = flows_engine(), {"begin": begin, "commit": end, "rollback": end}
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners.items():
            event.remove(engine, name, listener)


def _plan() -> str:
    """Return the shipped plan, marked as played and not lived."""
    return PLAN.read_text(encoding="utf-8").replace("simulated = false", "simulated = true")


def _found(engine: Engine, home: Path, told_world: World, say: Say) -> None:
    """Seed the calendar and import units, people and the recognitions of earlier years from files, as an office does."""
    perform(engine, lambda session: calendar_table.seed(session, calendar_rows(2021, 2029)))
    files = {name: content for name, content in told_world.files().items() if name != "ho_so.xlsx"}
    files[PUBLISHED] = (SHIPPED / PUBLISHED).read_bytes()
    kinds = {"don_vi.csv": "units", "can_bo.xlsx": "people", "da_cong_nhan.csv": "history", PUBLISHED: "history"}
    for name, content in files.items():
        outcome = import_file(engine, home, kinds[name], name, content, Actor("Quản trị"), OPENS - timedelta(hours=1))
        say(f"Đã nhập {KINDS[kinds[name]].title.lower()} từ {name}: {outcome}")


def import_file(engine: Engine, home: Path, kind: str, name: str, content: bytes, actor: Actor, at: datetime) -> Any:
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


def _steps(told_world: World) -> list[Step]:
    """Return the story's acts, the taking in of files and the handing over of letters."""
    filings = [Step(hour(day, "16:00"), "import", PROVINCE) for day in FILING_DAYS]
    papers = [Step(hour(day, "11:30"), "hand-over", PROVINCE) for day in HANDED_OVER_ON]
    return [*story(told_world, CYCLE), *filings, *papers]


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
        """Play everything that happens until the end."""
        for at, steps in groupby(self.steps, key=lambda step: step.at):
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
                kinds = set(session.scalars(pending.distinct()))
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
        """Run a flow as the served ones run, and look at the state it ends in."""
        began = time.monotonic()
        state = await getattr(import_module(f"flows.{name}"), name)(**parameters, return_state=True)
        if name != "letter_delivery":  # that one works while the next day is played
            self.played.flow_seconds += time.monotonic() - began
        self.played.flow_runs[name] += 1
        if not state.is_completed():
            raise RuntimeError(f"{name} {parameters}: {state.name} {state.message}")


def _count_runs(played: Played) -> None:
    """Ask the server how many runs it has, subflows included."""
    from prefect.client.orchestration import get_client

    async def count() -> int:
        async with get_client() as client:
            answer = await client.request("POST", "/flow_runs/count", json={})
            return int(answer.json())

    played.flow_runs["all"] = asyncio.run(count())
