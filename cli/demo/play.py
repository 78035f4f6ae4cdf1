"""Plays the year on a driven clock: officers' acts by the engine's own functions, everything else by the real flows."""

import asyncio
import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from casework import calendar_table
from casework.actors import Actor
from casework.calendar_seed import calendar_rows
from casework.imports.templates import KINDS
from cli.demo.accounts import PASSWORD, is_demo, open_accounts
from cli.demo.councils import PROVINCE
from cli.demo.morning import KEPT, WHOLE, keep_morning, return_to_morning
from cli.demo.player import Played, Player, Say, enact, import_file
from cli.demo.steps import FILING_DAYS, Step, hour
from cli.demo.story import ENDS, OPENS, story
from cli.demo.world import SHIPPED, World, world
from cli.serving.prefect_server import start_server
from cli.serving.processes import sole_use
from cli.surroundings import surrounded
from models import migrate
from models.session import make_engine, perform
from models.settings import DatabaseSettings
from notifications.letterbox import start_letterbox
from ocop.errors import InvalidInput
from ocop.text import day as told

CYCLE = "ND-2025"
PLAN = SHIPPED.parent / "plans" / "nam_dinh_2025.toml"
MARK = "ban-trinh-dien.txt"
"""Marks a folder as the demo's own, which it may empty; any other folder with a database is left alone."""
OURS = (
    "ocop.db", "ocop.db-wal", "ocop.db-shm", KEPT, WHOLE, PASSWORD, "prefect", "letters", "imports", "files",
    "console.log", MARK,
)  # fmt: skip
PUBLISHED = "recognitions_published.csv"
HANDED_OVER_ON = (date(2025, 6, 30), date(2025, 8, 19))
"""The days on which a part of the printed letters is handed over."""


def ending(until: date) -> datetime:
    """Return the instant at which a play until a day ends: the end of its office hours; InvalidInput outside the year."""
    ends = hour(until, "17:00")
    if not OPENS < ends <= ENDS:
        raise InvalidInput(
            f"Không chạy thử đến ngày {told(until)} được: hãy chọn một ngày từ {told(OPENS.date())} đến {told(ENDS.date())}.",
            f"the demo plays no {until}",
        )
    return ends


def play(home: Path, say: Say, ends: datetime = ENDS, opens: datetime | None = None) -> Played:
    """Play the year in a folder: empty it if it is the demo's, migrate, import, and drive the clock to the end asked for.

    The record stays on the folder's SQLite file, with the driven clock standing at that end. Where a morning is given on
    which the console opens, the folder's file is the record of that morning and the end lies in the folder WHOLE. Either
    has the demo's accounts.

    Raises:
        InvalidInput: the folder holds an office's record.
        CannotServe: another command uses the folder.
    """
    began = time.monotonic()
    clean(home)
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
        played = Played(home, opens=opens)
        found_office(engine, home, told_world, say)
        player = Player(engine, home, CYCLE, told_world.dossiers, _steps(told_world, ends), played, say)
        enact(engine, Step(OPENS, "open-cycle", PROVINCE, {"code": CYCLE, "plan": plan_text()}), "demo/open", {})
        server.wait()
        with _timed(played):
            if opens:
                asyncio.run(player.run(opens))
                open_accounts(engine, home, datetime.now(UTC))
                keep_morning(home)
            asyncio.run(player.run(ends))
        if opens:
            return_to_morning(home)
        else:
            open_accounts(engine, home, datetime.now(UTC))
        played.kept_letters = len(letterbox.letters())
        _count_runs(played)
    engine.dispose()
    played.seconds = time.monotonic() - began
    return played


def clean(home: Path) -> None:
    """Empty a folder of an earlier demo; refuse one that holds an office's record, and one that is in use."""
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


def environment(home: Path, port: int) -> AbstractContextManager[None]:
    """Point the flows at the demo's record and at its letterbox."""
    return surrounded(
        {
            "OCOP_HOME": str(home.resolve()),
            "OCOP_DB_URL": "",
            "OCOP_SMTP_HOST": "127.0.0.1",
            "OCOP_SMTP_PORT": str(port),
            "OCOP_SMTP_STARTTLS": "never",
            "OCOP_SMTP_USERNAME": "",
            "OCOP_SMTP_SENDER_ADDRESS": "ocop@namdinh.example",
        }
    )


@contextmanager
def caught_letters(settings: DatabaseSettings) -> Iterator[None]:
    """Keep in its own folder what a demo sends while it is served: reminders, links to set a password. An office's go their way."""
    if not is_demo(settings):
        yield
        return
    with start_letterbox(settings.home / "letters") as letterbox, environment(settings.home, letterbox.port):
        yield


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


def plan_text() -> str:
    """Return the shipped plan, marked as played and not lived."""
    return PLAN.read_text(encoding="utf-8").replace("simulated = false", "simulated = true")


def found_office(engine: Engine, home: Path, told_world: World, say: Say) -> None:
    """Seed the calendar and import units, people and the recognitions of earlier years from files, as an office does."""
    perform(engine, lambda session: calendar_table.seed(session, calendar_rows(2021, 2029)))
    files = {name: content for name, content in told_world.files().items() if name != "ho_so.xlsx"}
    files[PUBLISHED] = (SHIPPED / PUBLISHED).read_bytes()
    kinds = {"don_vi.csv": "units", "can_bo.xlsx": "people", "da_cong_nhan.csv": "history", PUBLISHED: "history"}
    for name, content in files.items():
        outcome = import_file(engine, home, kinds[name], name, content, Actor("Quản trị"), OPENS - timedelta(hours=1))
        say(f"Đã nhập {KINDS[kinds[name]].title.lower()} từ {name}: {outcome}")


def _steps(told_world: World, ends: datetime) -> list[Step]:
    """Return the story's acts until an instant, the taking in of files and the handing over of letters."""
    filings = [Step(hour(day, "16:00"), "import", PROVINCE) for day in FILING_DAYS]
    papers = [Step(hour(day, "11:30"), "hand-over", PROVINCE) for day in HANDED_OVER_ON]
    return [step for step in (*story(told_world, CYCLE), *filings, *papers) if step.at <= ends]


def _count_runs(played: Played) -> None:
    """Ask the server how many runs it has, subflows included."""
    from prefect.client.orchestration import get_client

    async def count() -> int:
        async with get_client() as client:
            answer = await client.request("POST", "/flow_runs/count", json={})
            return int(answer.json())

    played.flow_runs["all"] = asyncio.run(count())
