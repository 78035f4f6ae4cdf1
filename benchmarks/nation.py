"""A national year in one record: 34 provinces, 20,000 dossiers, 15,600 products watched, through the acts and the flows.

Officers' acts are the engine's own, one transaction each, in lists where an act takes a list. What falls due, and what the
acts leave ready, is done by the flows `deadline_watch`, `expiry_sweep` and `daily_digest` on a real Prefect server, at each
instant at which there is something. Letters are written and owed; how fast they leave is a figure of its own.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from benchmarks.cycle import dealt, story
from benchmarks.figures import Figure, at_most
from benchmarks.world import PLAN, Place, inhabit
from casework.actors import Actor, person
from casework.agenda import DEADLINE_KINDS, DIGEST_KINDS, EXPIRY_KINDS
from casework.calendar_seed import calendar_rows
from casework.calendar_table import seed
from casework.cycles import open_cycle
from casework.exports import to_csv
from casework.imports.templates import KINDS
from casework.routing import ready
from cli.demo.play import environment
from cli.demo.player import Played, Player, import_file
from cli.demo.steps import Step, filing_day, hour
from cli.demo.world import Row, sheet
from cli.serving.prefect_server import start_server
from models import migrate
from models.cycles import Cycle
from models.dossiers import Dossier
from models.letters import Letter
from models.record import Event
from models.results import Certificate
from models.session import make_engine, reading, transaction
from models.settings import DatabaseSettings
from models.units import Product
from ocop.levels import Level

PROVINCES, DISTRICTS, COMMUNES = 34, 10, 10
"""Of the nation, of a province, of a district."""
DOSSIERS, WATCHED = 20_000, 15_600
GOAL = 10.0
"""Minutes."""
OPENS, ENDS = hour(date(2025, 4, 8)), hour(date(2026, 4, 8))


@dataclass(frozen=True)
class Land:
    """A province of the nation."""

    key: int
    code: str
    communes: Sequence[tuple[int, int]]
    """Each with its district."""

    @property
    def cycle(self) -> str:
        """The code of its cycle."""
        return f"ND{self.code}"

    @property
    def office(self) -> str:
        """The code of its officer."""
        return f"{self.key}/officer"


def nation(provinces: int) -> tuple[list[Place], list[Land]]:
    """Return the units as (id, level, code, parent), parents first, and the provinces."""
    units: list[Place] = [(1, Level.CENTRAL, "TW", None)]
    lands = []
    for number in range(provinces):
        province, communes = len(units) + 1, []
        units.append((province, Level.PROVINCE, f"{10 + number}", 1))
        districts = [len(units) + 1 + place for place in range(DISTRICTS)]
        units += [(key, Level.DISTRICT, f"{1000 + key}", province) for key in districts]
        for place in range(DISTRICTS * COMMUNES):
            key, district = len(units) + 1, districts[place % DISTRICTS]
            units.append((key, Level.COMMUNE, f"{14000 + key}", district))
            communes.append((key, district))
        lands.append(Land(province, f"{10 + number}", communes))
    return units, lands


def founded(home: Path, provinces: int, watched: int) -> tuple[Engine, list[Land]]:
    """Return a record with the nation's units and people, its recognitions of earlier years, and a cycle in each province."""
    engine = make_engine(DatabaseSettings(home=home, db_url=""))
    migrate.upgrade(engine)
    units, lands = nation(provinces)
    with transaction(engine) as session:
        inhabit(session, units)
        seed(session, calendar_rows(2020, 2028))
    for number, land in enumerate(lands):
        rows = [_recognised(land, key) for key in range(number, watched, len(lands))]
        content = to_csv(sheet(KINDS["history"], rows))
        import_file(engine, home, "history", f"{land.code}.csv", content, Actor("Quản trị"), OPENS - timedelta(hours=1))
        with transaction(engine) as session:
            _open(session, land)
    return engine, lands


def _open(session: Session, land: Land) -> None:
    plan = PLAN.read_text(encoding="utf-8").replace('province = "36"', f'province = "{land.code}"')
    open_cycle(
        session, actor=person(session, land.office), at=OPENS, key=f"open/{land.code}", code=land.cycle, plan=plan
    )


def _recognised(land: Land, key: int) -> Row:
    """Return the recognition of a product for which nobody files this year; each day of three years has its share."""
    on = date(2022, 4, 10) + timedelta(days=key * 7 % 1090)
    return {
        "product_code": f"CU-{key}", "product_name": f"Mật ong mô phỏng {key}", "group": "Thực phẩm",
        "producer_code": f"CTCU-{key}", "producer_name": f"HTX mô phỏng {key}", "producer_kind": "hợp tác xã",
        "commune_code": f"{14000 + land.communes[key % len(land.communes)][0]}", "contact": "Người mô phỏng",
        "email": f"cu{key}@bench.example", "phone": "0000 000 000", "star": 4, "decision_number": f"{key}/QĐ-UBND",
        "decision_date": on, "authority_level": Level.PROVINCE.label, "certificate_number": f"{key}/GCN-CU",
        "source": "dữ liệu mô phỏng", "simulated": True,
    }  # fmt: skip


class National(Player):
    """Drives all provinces by one clock."""

    wakes = (
        ("deadline_watch", DEADLINE_KINDS),
        ("expiry_sweep", EXPIRY_KINDS),
        ("daily_digest", DIGEST_KINDS),
    )
    rows: dict[tuple[str, date], list[Row]]

    async def deliver(self, at: datetime) -> None:
        """Letters wait: how fast they leave is measured by itself."""

    async def nudge(self, at: datetime) -> None:
        """Let the watch carry on what the acts of all provinces left ready."""
        with reading(self.engine) as session:
            waits = any(ready(session, cycle) for cycle in session.scalars(select(Cycle)))
        if waits:
            await self.wake("deadline_watch", at=at)

    def take_in(self, step: Step) -> None:
        """Take in the file of one province."""
        cycle = step.body["cycle"]
        content = to_csv(sheet(KINDS["dossiers"], self.rows[cycle, step.at.date()]))
        with reading(self.engine) as session:
            actor = person(session, step.who)
        import_file(self.engine, self.home, "dossiers", f"{cycle}-{step.at:%m%d}.csv", content, actor, step.at)
        known = select(Product.code, Dossier.code).join(Dossier, Dossier.product_id == Product.id)
        with reading(self.engine) as session:
            found = session.execute(known.join(Cycle, Cycle.id == Dossier.cycle_id).where(Cycle.code == cycle))
            self.codes |= {product: code for product, code in found}


def play(home: Path, provinces: int, number: int, watched: int) -> tuple[Played, float, dict[str, int]]:
    """Play the year; return what was played, the seconds from the first act to the year's end, and counts of the record."""
    played = Played(home)
    with start_server(home) as server, environment(home, 1):
        engine, lands = founded(home, provinces, watched)
        steps: list[Step] = []
        rows: dict[tuple[str, date], list[Row]] = {}
        for place, land in enumerate(lands):
            dossiers = dealt(land.communes, len(range(place, number, len(lands))), land.cycle)
            for one in dossiers:
                rows.setdefault((land.cycle, filing_day(one.row)), []).append(one.row)
            steps += story(dossiers, Random(land.key), land.office)
        player = National(engine, home, "", (), steps, played, lambda _: None)
        player.rows = rows
        server.wait()
        began = time.perf_counter()
        asyncio.run(player.run(ENDS))
        took = time.perf_counter() - began
        with reading(engine) as session:
            tables = {"dossiers": Dossier, "letters": Letter, "lines of history": Event, "certificates": Certificate}
            counts = {
                name: session.scalar(select(func.count()).select_from(table)) or 0 for name, table in tables.items()
            }
        engine.dispose()
    return played, took, counts


def peak_megabytes() -> float:
    """Return the peak of this process's memory, as Linux counts it."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def figures() -> Iterator[Figure]:
    """Play the year once."""
    with tempfile.TemporaryDirectory() as folder:
        played, took, counts = play(Path(folder), PROVINCES, DOSSIERS, WATCHED)
        size = sum(file.stat().st_size for file in Path(folder).glob("ocop.db*")) / 1e6
    yield at_most(
        f"a national year: {PROVINCES} provinces, {DOSSIERS:,} dossiers, {WATCHED:,} products watched, on SQLite",
        took / 60, GOAL, "min",
    )  # fmt: skip
    told = ", ".join(f"{number:,} {name}" for name, number in counts.items())
    runs = sum(played.flow_runs.values())
    yield Figure(
        "the year",
        f"{played.acts + counts['dossiers']:,} acts, {runs:,} flow runs ({played.flow_seconds:.0f} s), {told}",
    )
    yield Figure("its peak memory, and its file", f"{peak_megabytes():.0f} MB, {size:,.0f} MB")
