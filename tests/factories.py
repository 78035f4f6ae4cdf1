"""A small world in few words: two districts, four communes, their people, a cycle under the plan of 2025, dossiers in it."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, select

from casework.act import Answer
from casework.actors import Actor, person
from casework.acts import ACTS
from casework.agenda import catch_up
from casework.ballots import Score
from casework.calendar_seed import calendar_rows
from casework.registration import Goods, Maker
from casework.routing import route
from casework.rules import cycle_by_code
from models.cycles import CalendarDay, Cycle
from models.dossiers import Dossier
from models.session import perform, transaction
from models.units import Person, Post, Unit
from ocop.levels import DossierKind, Level, Role
from ocop.scoring import Gate
from ocop.text import fold
from ocop.working_days import VIETNAM

PLAN = (Path(__file__).parent.parent / "deployments" / "plans" / "nam_dinh_2025.toml").read_text(encoding="utf-8")
CYCLE = "ND2025"


def at(text: str) -> datetime:
    """Return an instant in Việt Nam: '2025-06-13 09:00', or a day alone for nine in the morning."""
    day, _, hour = text.partition(" ")
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(hour or "09:00"), VIETNAM)


def day(text: str) -> date:
    """Return a date."""
    return date.fromisoformat(text)


def all_gates(failed: dict[int, str] | None = None) -> list[Gate]:
    """Return gates passed for 3, 4 and 5 stars, but those named with a reason."""
    failed = failed or {}
    return [Gate(star, star not in failed, failed.get(star, "")) for star in (3, 4, 5)]


def council(mean: str | Decimal, members: int = 5) -> list[Score]:
    """Return signed totals of a full council whose exact mean is this."""
    return [Score(f"Ủy viên {number}", Decimal(mean), chair=number == 1) for number in range(1, members + 1)]


UNITS = (
    # level, code, name, parent code
    (Level.CENTRAL, "00", "Trung ương", None),
    (Level.PROVINCE, "36", "Tỉnh Nam Định", "00"),
    (Level.DISTRICT, "365", "Huyện Giao Thủy", "36"),
    (Level.DISTRICT, "366", "Huyện Hải Hậu", "36"),
    (Level.COMMUNE, "14101", "Xã Giao Xuân", "365"),
    (Level.COMMUNE, "14102", "Xã Giao Hải", "365"),
    (Level.COMMUNE, "14201", "Xã Hải Minh", "366"),
    (Level.COMMUNE, "14202", "Xã Hải Anh", "366"),
)
ROLES = {
    Level.CENTRAL: (Role.OFFICER,),
    Level.PROVINCE: (Role.OFFICER, Role.COORDINATOR_OFFICE, Role.DEPARTMENT),
    Level.DISTRICT: (Role.OFFICER, Role.HEAD, Role.VICE_CHAIR),
    Level.COMMUNE: (Role.OFFICER, Role.HEAD, Role.VICE_CHAIR),
}


@dataclass
class Office:
    """The small world on an engine; every method is one act by the right officer, under a fresh key."""

    engine: Engine
    now: datetime = field(default_factory=lambda: at("2025-04-08"))
    keys: Any = field(default_factory=lambda: count(1))
    kept: str = ""
    """What the whole record is the outcome of, while nothing else was done to it."""
    units: Sequence[tuple[Level, str, str, str | None]] = UNITS

    def found(self) -> "Office":
        """Write units, people, posts and the calendar."""
        with transaction(self.engine) as session:
            ids: dict[str | None, int] = {}
            for level, code, name, parent in self.units:
                row = Unit(
                    level=level.value, code=code, name=name, search=fold(name), parent_id=ids.get(parent),
                    valid_from=date(2000, 1, 1), source="test",
                )  # fmt: skip
                session.add(row)
                session.flush()
                ids[code] = row.id
                for role in ROLES[level]:
                    who = Person(code=f"{code}/{role.value}", name=f"{role.label} {name}", phone="0900000000")
                    who.email = f"{role.value}.{code}@office.example"
                    session.add(who)
                    session.flush()
                    session.add(Post(person_id=who.id, unit_id=row.id, role=role.value, valid_from=date(2000, 1, 1)))
            session.execute(
                insert(CalendarDay),
                [
                    {"day": row.day, "kind": row.kind.value, "name": row.name, "source": row.source}
                    for row in calendar_rows(2024, 2028)
                ],
            )
        return self

    def open_cycle(self, plan: str = PLAN, code: str = CYCLE) -> "Office":
        """Open the cycle of 2025 by the province's officer."""
        self.act("open-cycle", "36/officer", code=code, plan=plan)
        return self

    def act(self, name: str, who: str, *, key: str | None = None, on_behalf: str = "", **body: Any) -> Answer:
        """Perform one act in a transaction of its own at the office's present instant."""
        used = key or f"test-{next(self.keys)}"

        def work(session: Any) -> Answer:
            actor: Actor = person(session, who, on_behalf)
            return ACTS[name].perform(session, actor=actor, at=self.now, key=used, **body)

        return perform(self.engine, work)

    def go(self, when: str | timedelta) -> "Office":
        """Drive the clock: to an instant, or by a span; does everything due and routes what is decided."""
        self.now = self.now + when if isinstance(when, timedelta) else at(when)
        if self.kept and isinstance(when, str) and untouched(self.engine):
            as_kept(self.engine, f"{self.kept}, then {when}", self.tick)
        else:
            self.tick()
        self.kept = ""
        return self

    def tick(self) -> None:
        """Do what the hourly watch does."""
        with transaction(self.engine) as session:
            catch_up(session, self.now)
            for cycle_id in session.scalars(select(Dossier.cycle_id).distinct()):
                route(session, session.get_one(Cycle, cycle_id), self.now)

    def register(
        self, commune: str = "14101", kind: DossierKind = DossierKind.FIRST, star: int = 3, **more: Any
    ) -> str:
        """File a dossier of a new invented product and return its code."""
        number = next(self.keys)
        body: dict[str, Any] = {
            "cycle": CYCLE,
            "producer": Maker(
                f"CT-{number}", f"HTX mô phỏng {number}", commune, email=f"ct{number}@producer.example", simulated=True
            ),
            "product": Goods(f"SP-{number}", f"Nước mắm mô phỏng {number}", "Thực phẩm"),
            "kind": kind,
            "proposed_star": star,
            "registered_on": self.now.date(),
        }
        return str(self.act("register", f"{commune}/officer", **(body | more))["dossier"])

    def at_district(self, commune: str = "14101", **more: Any) -> str:
        """File, receive, report and route a dossier to its district."""
        code = self.register(commune, **more)
        who = f"{commune}/officer"
        self.act("receive", who, dossiers=[code], received_on=self.now.date())
        self.act(
            "report",
            who,
            dossiers=[code],
            number="12/BC-UBND",
            reported_on=self.now.date(),
            findings="Đủ nội dung đánh giá.",
        )
        self.tick()
        return code

    def evaluate(
        self, code: str, mean: str, who: str = "365/officer", *, gates: Sequence[Gate] | None = None, **more: Any
    ) -> Answer:
        """Record a full council's ballot with this mean and all gates passed."""
        body: dict[str, Any] = {
            "dossier": code, "held_on": self.now.date(), "minutes": "01/BB-HĐ", "members": 5, "scores": council(mean),
            "gates": all_gates() if gates is None else gates,
        }  # fmt: skip
        return self.act("evaluate", who, **(body | more))

    def decide(self, code: str, who: str = "365/officer", number: str = "412/QĐ-UBND") -> Answer:
        """Sign the decision on the recorded result, then route."""
        answer = self.act(
            "decide", who, dossiers=[code], number=number, signed_on=self.now.date(), signer="Nguyễn Văn Ký"
        )
        self.tick()
        return answer

    def recognise(self, code: str, who: str = "365/officer", number: str = "500/QĐ-UBND") -> Answer:
        """Sign the recognition and issue the certificate."""
        return self.act(
            "recognise", who, dossiers=[code], number=number, signed_on=self.now.date(), signer="Nguyễn Văn Ký"
        )

    def judged(self, mean: str, commune: str = "14101", **more: Any) -> str:
        """Take a new dossier through the district's council and decision, and route it."""
        code = self.at_district(commune, **more)
        who = "365/officer" if commune.startswith("141") else "366/officer"
        self.evaluate(code, mean, who)
        self.decide(code, who)
        return code

    def at_province(self, mean: str = "75", commune: str = "14101", **more: Any) -> str:
        """Take a new dossier of 70 points and more to the province."""
        code = self.judged(mean, commune, **more)
        who = "365/officer" if commune.startswith("141") else "366/officer"
        self.act("submit", who, dossiers=[code], number="88/UBND-NN", signed_on=self.now.date())
        self.tick()
        return code

    def stage(self, code: str) -> str:
        """Return where a dossier stands."""
        with transaction(self.engine) as session:
            return session.scalars(select(Dossier.stage).where(Dossier.code == code)).one()

    def rows(self, statement: Any) -> list[Any]:
        """Return the rows of a query."""
        with transaction(self.engine) as session:
            return list(session.execute(statement).all())

    def route(self) -> None:
        """Carry on what is ready in the cycle."""
        with transaction(self.engine) as session:
            route(session, cycle_by_code(session, CYCLE), self.now)


def an_office(engine: Engine) -> Office:
    """Return a world whose cycle of 2025 has just opened."""
    office = Office(engine)
    as_kept(engine, "opened", lambda: office.found().open_cycle())
    office.keys, office.kept = count(2), "opened"
    return office


_KEPT: dict[str, sqlite3.Connection] = {}
"""Copies of SQLite records, in memory, by what made them: the same steps on a fresh file are taken once."""


def as_kept(engine: Engine, name: str, make: Callable[[], object]) -> None:
    """Bring a record to what `make` makes of it: from the copy that it made before under this name, where that is SQLite."""
    if engine.dialect.name != "sqlite":
        make()
        return
    if name not in _KEPT:
        make()
    with engine.connect() as connection:
        record = connection.connection.driver_connection
        assert isinstance(record, sqlite3.Connection)
        if name in _KEPT:
            _KEPT[name].backup(record)
        else:
            _KEPT[name] = sqlite3.connect(":memory:", check_same_thread=False)
            record.backup(_KEPT[name])
        record.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def untouched(engine: Engine) -> bool:
    """Tell whether nothing was written to a SQLite file since it was kept: its log is empty."""
    if engine.dialect.name != "sqlite":
        return False
    log = Path(f"{engine.url.database}-wal")
    return not log.exists() or log.stat().st_size == 0
