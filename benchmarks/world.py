"""Worlds in fresh SQLite files: a cycle with many decided dossiers, and a province whose cycle has just been opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session

from casework.actors import person
from casework.calendar_seed import calendar_rows
from casework.calendar_table import seed
from casework.cycles import open_cycle
from models import migrate
from models.cycles import Cycle
from models.dossiers import Dossier
from models.session import make_engine, transaction
from models.settings import DatabaseSettings
from models.units import Person, Post, Producer, Product, Unit
from ocop.levels import Level, Role
from ocop.plan import dump
from ocop.plan_file import read_plan
from ocop.working_days import VIETNAM

PLAN = Path(__file__).parents[1] / "deployments" / "plans" / "nam_dinh_2025.toml"
AT = datetime(2025, 6, 12, 9, 0, tzinfo=VIETNAM)
_FOUNDED = date(2020, 1, 1)
_UNITS = ((1, Level.CENTRAL, "TW", None), (2, Level.PROVINCE, "36", 1), (3, Level.DISTRICT, "365", 2),
          (4, Level.COMMUNE, "14101", 3))  # fmt: skip


Place = tuple[int, Level, str, int | None]
"""A unit: id, level, code, the unit above it."""
ROLES = {
    Level.CENTRAL: (Role.OFFICER,),
    Level.PROVINCE: (Role.OFFICER, Role.COORDINATOR_OFFICE, Role.DEPARTMENT),
    Level.DISTRICT: (Role.OFFICER, Role.HEAD, Role.VICE_CHAIR),
    Level.COMMUNE: (Role.OFFICER, Role.HEAD, Role.VICE_CHAIR),
}


def inhabit(session: Session, places: Sequence[Place]) -> dict[int, int]:
    """Write units, parents first, with everybody who has a role there; return the officer of each unit."""
    posts = [(unit, role) for unit, level, _, _ in places for role in ROLES[level]]
    session.execute(
        insert(Unit),
        [
            {"id": key, "level": level.value, "code": code, "name": f"{level.label.capitalize()} {code}",
             "search": f"{level.value} {code}", "parent_id": parent, "valid_from": _FOUNDED, "source": "bench"}
            for key, level, code, parent in places
        ],
    )  # fmt: skip
    session.execute(
        insert(Person),
        [
            {"id": key, "code": f"{unit}/{role.value}", "name": f"{role.label} {unit}",
             "email": f"p{key}@office.example", "phone": "0900000000"}
            for key, (unit, role) in enumerate(posts, start=1)
        ],
    )  # fmt: skip
    session.execute(
        insert(Post),
        [
            {"person_id": key, "unit_id": unit, "role": role.value, "valid_from": _FOUNDED}
            for key, (unit, role) in enumerate(posts, start=1)
        ],
    )
    return {unit: key for key, (unit, role) in enumerate(posts, start=1) if role is Role.OFFICER}


def decided(home: Path, number: int) -> Engine:
    """Return an engine on a record in which so many dossiers wait to be routed from 'district_decided'."""
    engine = make_engine(DatabaseSettings(home=home, db_url=""))
    migrate.upgrade(engine)
    with transaction(engine) as session:
        inhabit(session, _UNITS)
        seed(session, calendar_rows(2025, 2025))
        plan = dump(read_plan(PLAN.read_text(encoding="utf-8")))
        session.add(
            Cycle(id=1, code="BENCH", title="Đo tốc độ", province_id=2, central_id=1, procedure_key="qd148", plan=plan,
                  plan_sha256="", opened_at=AT)
        )  # fmt: skip
        session.flush()
        keys = range(1, number + 1)
        session.execute(
            insert(Producer),
            [{"id": k, "code": f"CT{k}", "name": f"HTX mô phỏng {k}", "search": "", "commune_id": 4, "simulated": True,
              "email": f"ct{k}@bench.example"} for k in keys],
        )  # fmt: skip
        session.execute(
            insert(Product),
            [{"id": k, "code": f"SP{k}", "name": f"Gạo mô phỏng {k}", "search": "", "producer_id": k} for k in keys],
        )
        session.execute(
            insert(Dossier),
            [{"id": k, "code": f"BENCH-{k:06d}", "cycle_id": 1, "product_id": k, "producer_id": k, "kind": "first",
              "procedure_key": "qd148", "stage": "district_decided", "stage_since": AT, "open": True, "holder_id": 3,
              "commune_id": 4, "district_id": 3, "province_id": 2, "proposed_star": 4, "registered_on": AT.date(),
              "registered_at": AT, "version": 6, "head": "0" * 64} for k in keys],
        )  # fmt: skip
    return engine


@dataclass(frozen=True)
class Province:
    """A province whose cycle of 2025 is open: unit 2 under the centre, unit 1."""

    engine: Engine
    communes: Sequence[tuple[int, int]]
    """Each commune with its district."""
    officers: dict[int, int]
    """The officer of each unit."""


def founded(home: Path, *, url: str = "", districts: int = 10, communes: int = 22, plan: str = "") -> Province:
    """Return a province with so many districts of so many communes each, its people, and its cycle opened by the act."""
    engine = make_engine(DatabaseSettings(home=home, db_url=url))
    migrate.upgrade(engine)
    places: list[Place] = [(1, Level.CENTRAL, "TW", None), (2, Level.PROVINCE, "36", 1)]
    places += [(2 + number, Level.DISTRICT, f"{300 + number}", 2) for number in range(1, districts + 1)]
    lowest = [(3 + districts + number, 3 + number % districts) for number in range(districts * communes)]
    places += [(key, Level.COMMUNE, f"{14000 + key}", district) for key, district in lowest]
    with transaction(engine) as session:
        officers = inhabit(session, places)
        seed(session, calendar_rows(2020, 2028))
    with transaction(engine) as session:
        open_cycle(
            session, actor=person(session, "2/officer"), at=datetime(2025, 4, 8, 9, 0, tzinfo=VIETNAM), key="open",
            code="BENCH", plan=plan or PLAN.read_text(encoding="utf-8"),
        )  # fmt: skip
    return Province(engine, lowest, officers)
