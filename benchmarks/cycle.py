"""A whole cycle of 1,000 dossiers through the real flows on a real Prefect server, and Prefect's share of its time.

Prefect's time is the wall time of the flow runs without what our own code does in them: the transactions of the record, and
the sending of letters. The runs come one after the other here, so that nothing of it hides behind the next day's acts.
"""

import asyncio
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine, event, func, select

from benchmarks.figures import Figure, at_most
from benchmarks.world import founded
from casework.ballots import Score
from casework.calendar_seed import calendar_rows
from cli.demo.fates import HIGH, LOW, THREE, TOP, Span, ballot, gates
from cli.demo.play import environment
from cli.demo.player import Played, Player
from cli.demo.steps import FILING_DAYS, Step, grouped, hour
from cli.demo.world import Row
from cli.serving.prefect_server import start_server
from models.letters import Letter
from models.session import reading
from notifications.delivery import deliver
from notifications.letterbox import start_letterbox
from ocop.evidence import EvidenceKind
from ocop.levels import DossierKind
from ocop.working_days import Calendar

DOSSIERS = 1_000
GOAL = 10
"""Per cent of the time, at most, that is Prefect's."""
CYCLE = "BENCH"
OFFICE = "2/officer"
ENDS = hour(date(2025, 8, 20), "17:00")
DAYS = Calendar(calendar_rows(2025, 2025))
SIGNED = {"signer": "Người ký mô phỏng"}

FATES: Sequence[tuple[Span, Span | None]] = (
    #  at the district, at the province
    *((LOW, None),) * 2,
    *((THREE, None),) * 9,
    *((HIGH, HIGH),) * 6,
    *((HIGH, THREE),) * 2,
    (TOP, TOP),
)
"""Of twenty dossiers."""
LATE = 50
"""One of so many never leaves its commune: it is breached, reminded of, escalated, and carried over."""


@dataclass(frozen=True)
class Filed:
    """A dossier and what becomes of it."""

    cycle: str
    product: str
    commune: int
    district: int
    file: int
    """Which of the filing days it was registered for."""
    fate: tuple[Span, Span | None]
    late: bool

    @property
    def filed(self) -> date:
        """The day on which its file is taken in."""
        return FILING_DAYS[self.file]

    @property
    def row(self) -> Row:
        """Its row of the import file."""
        return {
            "cycle": self.cycle, "producer_code": f"CT-{self.product}", "producer_name": f"HTX mô phỏng {self.product}",
            "producer_kind": "hợp tác xã", "commune_code": f"{14000 + self.commune}", "contact": "Người mô phỏng",
            "email": f"ct{self.product}@bench.example", "phone": "0000 000 000", "product_code": f"SP-{self.product}",
            "product_name": f"Gạo mô phỏng {self.product}", "group": "Thực phẩm", "kind": DossierKind.FIRST.label,
            "proposed_star": 3, "registered_on": self.filed - timedelta(days=1), "simulated": True,
            f"evidence_{EvidenceKind.BUSINESS_REGISTRATION}": "x",
            f"evidence_{EvidenceKind.TEST_REPORT}": date(2026, 5, 31),
        }  # fmt: skip


def dealt(communes: Sequence[tuple[int, int]], number: int, cycle: str = CYCLE) -> list[Filed]:
    """Return dossiers spread over communes, each given with its district; a commune's dossiers are filed together."""
    found = []
    for key in range(number):
        place = key % len(communes)
        commune, district = communes[place]
        fate, late = FATES[key * 7 % len(FATES)], key % LATE == 7
        found.append(Filed(cycle, f"{cycle}-{key:05d}", commune, district, place % len(FILING_DAYS), fate, late))
    return found


def story(dossiers: Sequence[Filed], chance: Random, office: str = OFFICE) -> Iterator[Step]:
    """Yield what the officers of all levels of a province do, from the first file to the closing of the cycle."""
    cycle = dossiers[0].cycle
    for day in FILING_DAYS:
        yield Step(hour(day, "16:00"), "import", office, {"cycle": cycle})
    for (commune, file), here in grouped(dossiers, lambda one: (one.commune, one.file)).items():
        received, who = FILING_DAYS[file] + timedelta(days=3), f"{commune}/officer"
        yield Step(hour(received), "receive", who, {"received_on": received}, _codes(here))
        if ready := [one for one in here if not one.late]:
            reported = received + timedelta(days=8)
            body = {"number": f"{commune}/BC-UBND", "reported_on": reported, "findings": "Phù hợp (mô phỏng)."}
            yield Step(hour(reported, "14:00"), "report", who, body, _codes(ready))
        if rest := [one for one in here if one.late]:
            given_up = date(2025, 6, 25)
            body = {"decided_on": given_up, "reason": "Chưa hoàn thiện hồ sơ"}
            yield Step(hour(given_up), "carry-over", who, body, _codes(rest))
    judged = [one for one in dossiers if not one.late]
    for (district, second), here in grouped(judged, lambda one: (one.district, one.file > 1)).items():
        yield from _district(f"{district}/officer", district, second, here, chance)
    for district, here in grouped((one for one in judged if one.fate[1]), lambda one: one.district).items():
        yield Step(
            hour(date(2025, 6, 18), "16:00"), "submit", f"{district}/officer",
            {"number": f"{district}/UBND-NN", "signed_on": date(2025, 6, 18)}, _codes(here),
        )  # fmt: skip
    yield from _province(office, [one for one in judged if one.fate[1]], chance)
    yield Step(hour(date(2025, 8, 20)), "close-cycle", office, {"cycle": cycle})


def _codes(dossiers: Sequence[Filed]) -> tuple[str, ...]:
    return tuple(f"SP-{one.product}" for one in dossiers)


def _district(who: str, district: int, second: bool, here: Sequence[Filed], chance: Random) -> Iterator[Step]:
    held = (date(2025, 6, 10) if second else date(2025, 5, 27)) + timedelta(days=district % 4)
    for one in here:
        yield _evaluation(who, one.product, held, one.fate[0], chance)
    decided = DAYS.add_working_days(held, 2)
    yield _decision(who, f"{1 + second}{district}", decided, here)
    three = [one for one in here if one.fate[0] == THREE]
    yield from _recognition(who, f"{1 + second}{district}", DAYS.add_working_days(decided, 3), three)


def _province(office: str, here: Sequence[Filed], chance: Random) -> Iterator[Step]:
    for number, one in enumerate(here):
        assert one.fate[1] is not None
        yield _evaluation(office, one.product, date(2025, 7, 8) + timedelta(days=number % 3), one.fate[1], chance)
    yield _decision(office, "36", date(2025, 7, 14), here)
    yield from _recognition(office, "36", date(2025, 7, 18), [one for one in here if one.fate[1] != THREE])
    back = [one for one in here if one.fate[1] == THREE]
    for district, returned in grouped(back, lambda one: one.district).items():
        yield _decision(f"{district}/officer", f"3{district}", date(2025, 7, 24), returned)
        yield from _recognition(f"{district}/officer", f"3{district}", date(2025, 7, 29), returned)
    day = date(2025, 7, 25)
    if top := [one for one in here if one.fate[1] == TOP]:
        yield Step(hour(day, "14:00"), "propose", office, {"number": "90/TTr-UBND", "signed_on": day}, _codes(top))


@lru_cache
def _ballots(span: Span) -> Sequence[Sequence[Score]]:
    return [ballot(Random(f"{span}{number}"), span) for number in range(20)]


PASSED = gates({})


def _evaluation(who: str, product: str, held: date, span: Span, chance: Random) -> Step:
    scores = chance.choice(_ballots(span))
    body = {"held_on": held, "minutes": "01/BB-HĐ", "members": 7, "scores": scores, "gates": PASSED}
    return Step(hour(held, "15:00"), "evaluate", who, body, (f"SP-{product}",), one=True)


def _decision(who: str, number: str, day: date, here: Sequence[Filed]) -> Step:
    body = {"number": f"{number}/QĐ-UBND", "signed_on": day, **SIGNED}
    return Step(hour(day, "10:00"), "decide", who, body, _codes(here))


def _recognition(who: str, number: str, day: date, here: Sequence[Filed]) -> Iterator[Step]:
    if here:
        body = {"number": f"{number}-CN/QĐ-UBND", "signed_on": day, **SIGNED}
        yield Step(hour(day, "15:00"), "recognise", who, body, _codes(here))


@dataclass
class Meter:
    """What the flow runs take, and what of it is our own."""

    in_runs: float = 0.0
    ours: float = 0.0
    by_flow: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def prefect(self) -> float:
        """Prefect's seconds."""
        return self.in_runs - self.ours


class Measured(Player):
    """Waits for the letters of a day before the next one begins, and takes the time of each run."""

    meter: Meter

    async def deliver(self, at: datetime) -> None:
        """Send what may leave, to the end."""
        await super().deliver(at)
        if self.delivering:
            await self.delivering

    async def wake(self, name: str, **parameters: Any) -> None:
        """Run a flow."""
        began, ours = time.perf_counter(), self.meter.ours
        await super().wake(name, **parameters)
        took = time.perf_counter() - began
        self.meter.in_runs += took
        self.meter.by_flow[name].append(took - (self.meter.ours - ours))


@contextmanager
def metered(meter: Meter) -> Iterator[None]:
    """Add up the flows' transactions and the deliveries as wholes; the transactions of a delivery are part of it."""
    from tasks import letters
    from tasks.database import engine as flows_engine

    begun: list[float] = []
    delivering = False

    async def timed(*given: Any, **named: Any) -> Any:
        nonlocal delivering
        began, delivering = time.perf_counter(), True
        try:
            return await deliver(*given, **named)
        finally:
            delivering = False
            meter.ours += time.perf_counter() - began

    def begin(_: Any) -> None:
        if not delivering:
            begun.append(time.perf_counter())

    def end(_: Any) -> None:
        if begun and not delivering:
            meter.ours += time.perf_counter() - begun.pop()

    engine = flows_engine()
    vars(letters)["deliver"] = timed
    for name, listener in (("begin", begin), ("commit", end), ("rollback", end)):
        event.listen(engine, name, listener)
    try:
        yield
    finally:
        vars(letters)["deliver"] = deliver
        engine.dispose()


def play(home: Path, number: int) -> tuple[Played, Meter, float, int]:
    """Play a cycle of so many dossiers; return what was played, its meter, the wall time and the letters that left."""
    played, meter = Played(home), Meter()
    with (
        start_server(home) as server,
        start_letterbox(home / "letters") as letterbox,
        environment(home, letterbox.port),
    ):
        province = founded(home)
        dossiers = dealt(province.communes, number)
        player = Measured(
            province.engine, home, CYCLE, [one.row for one in dossiers], story(dossiers, Random(number)), played,
            lambda _: None,
        )  # fmt: skip
        player.meter = meter
        server.wait()
        with metered(meter):
            began = time.perf_counter()
            asyncio.run(player.run(ENDS))
            took = time.perf_counter() - began
        sent = _sent(province.engine)
        province.engine.dispose()
    return played, meter, took, sent


def _sent(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).where(Letter.state == "sent")) or 0


def figures() -> Iterator[Figure]:
    """Play the cycle once; of each flow's runs the median is given."""
    with tempfile.TemporaryDirectory() as folder:
        played, meter, took, sent = play(Path(folder), DOSSIERS)
    runs = Counter({name: len(seconds) for name, seconds in meter.by_flow.items()})
    yield at_most(
        f"Prefect's share of a cycle of {DOSSIERS:,} dossiers", 100 * meter.prefect / took, GOAL, "%",
        f"{meter.prefect:.1f} s of {took:.1f} s",
    )  # fmt: skip
    yield Figure("the cycle", f"{played.acts:,} acts, {runs.total():,} flow runs, {sent:,} letters sent, {took:.1f} s")
    for name, seconds in sorted(meter.by_flow.items()):
        middle = sorted(seconds)[len(seconds) // 2]
        yield Figure(f"Prefect's part of a run of {name}", f"{1000 * middle:.0f} ms ({len(seconds)} runs)")
