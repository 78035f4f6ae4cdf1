"""A cycle with many decided dossiers in a fresh SQLite file, written straight into the tables."""

from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Engine, insert

from casework.calendar_seed import calendar_rows
from casework.calendar_table import seed
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


def decided(home: Path, number: int) -> Engine:
    """Return an engine on a record in which so many dossiers wait to be routed from 'district_decided'."""
    engine = make_engine(DatabaseSettings(home=home, db_url=""))
    migrate.upgrade(engine)
    with transaction(engine) as session:
        session.execute(
            insert(Unit),
            [
                {"id": key, "level": level.value, "code": code, "name": f"{level.label} {code}", "search": code,
                 "parent_id": parent, "valid_from": _FOUNDED, "source": "bench"}
                for key, level, code, parent in _UNITS
            ],
        )  # fmt: skip
        people = [(2, Role.COORDINATOR_OFFICE), (2, Role.OFFICER), (3, Role.OFFICER), (4, Role.OFFICER)]
        for key, (unit, role) in enumerate(people, start=1):
            session.execute(
                insert(Person),
                [
                    {
                        "id": key,
                        "code": f"P{key}",
                        "name": f"Người {key}",
                        "email": f"p{key}@bench.example",
                        "phone": "0",
                    }
                ],
            )
            session.execute(
                insert(Post), [{"person_id": key, "unit_id": unit, "role": role.value, "valid_from": _FOUNDED}]
            )
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
