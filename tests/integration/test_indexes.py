"""What is asked often is found by an index, on both databases: never by a scan of what it is not about."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Engine, Select, event, text
from sqlalchemy.orm import Session

from casework import digest, poison
from casework.agenda import DEADLINE_KINDS, EXPIRY_KINDS, catch_up
from casework.board import certificates, cycles, letters
from casework.board.dossiers import ORDERS
from casework.rules import cycle_by_code
from casework.scope import Scope
from models.cycles import Cycle
from models.dossiers import Dossier
from models.session import transaction
from ocop.levels import Level
from tests.factories import CYCLE, an_office, at

pytestmark = pytest.mark.postgresql_long

FUTURE = """
INSERT INTO agenda (kind, subject, stage, number, due_at, outcome)
WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < 20000)
SELECT 'expiry', 'certificate/' || k, '', 30, '2027-01-01 00:30:00', '' FROM n
"""
"""Twenty thousand warnings that lie ahead."""
TODAY = date(2025, 6, 25)


@contextmanager
def asked(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements that are executed meanwhile, as the driver takes them."""
    found: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if not many:
            found.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def plan(engine: Engine, statement: str, parameters: Any) -> str:
    """Return how a database would answer a statement, line by line."""
    explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    with engine.connect() as connection:
        return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(explain + statement, parameters))


def plans(engine: Engine, work: Callable[[Session], object], about: str) -> list[str]:
    """Return the plans of the statements about something that a piece of work executes."""
    with asked(engine) as found, transaction(engine) as session:
        work(session)
    return [plan(engine, statement, parameters) for statement, parameters in found if about in statement]


@pytest.mark.parametrize("kinds", [DEADLINE_KINDS, EXPIRY_KINDS])
def test_what_is_due_is_found_by_its_instant_among_all_that_lies_ahead(engine: Engine, kinds: frozenset[str]) -> None:
    office = an_office(engine)
    with transaction(engine) as session:
        session.execute(text(FUTURE))
        if engine.dialect.name == "postgresql":
            session.execute(text("ANALYZE agenda"))
    found = plans(engine, lambda session: catch_up(session, at("2025-06-16"), kinds), "agenda.due_at <=")
    assert len(found) > 5  # reminders, strokes and digests fell due
    for told in found:
        assert "ix_agenda_due" in told
        assert "Seq Scan" not in told
    assert office.rows(text("SELECT count(*) FROM agenda WHERE kind = 'stroke' AND done_at IS NOT NULL")) == [(1,)]


def province(cycle: Cycle) -> Scope:
    """Return what the province of a cycle reads."""
    return Scope(frozenset({cycle.province_id}), frozenset({Level.PROVINCE}))


def in_force(session: Session, cycle: Cycle) -> Sequence[ColumnElement[bool]]:
    """Return the conditions on the certificates that the province's page lists when nothing is asked for."""
    return certificates.conditions(session, "", None, "", (90, 30), TODAY, province(cycle))[0]


@pytest.mark.parametrize(
    ("about", "index", "work"),
    [
        (
            "min(dossiers.stage_since)",
            "COVERING INDEX ix_dossiers_board",
            lambda session, cycle: cycles.standing(session, cycle),
        ),
        ("DISTINCT breaches", "COVERING INDEX ix_breaches_open", lambda session, cycle: cycles.grid(session, cycle)),
        (
            "max(decisions.awarded_star)",
            "COVERING INDEX ix_decisions_dossier",
            lambda session, cycle: cycles.stars(session, cycle),
        ),
        ("agenda.outcome LIKE", "INDEX ix_agenda_aside", lambda session, cycle: list(poison.named(session))),
        (
            "sum(letters.unconfirmed)",
            "COVERING INDEX ix_letters_doubted",
            lambda session, cycle: letters.unconfirmed(session),
        ),
        (
            "events.effective_at >",
            "COVERING INDEX ix_events_moves",
            lambda session, cycle: digest.stage_counts(session, cycle, at("2025-06-02")),
        ),
        (
            "events.recorded_at <=",
            "INDEX ix_events_late",
            lambda session, cycle: digest.stage_counts(session, cycle, at("2025-06-02")),
        ),
        (
            "sum(CASE WHEN (certificates",
            "COVERING INDEX ix_certificates_commune",
            lambda session, cycle: certificates.by_unit(session, (90, 30), TODAY, province(cycle)),
        ),
        (
            "count(*) AS count_1 \nFROM certificates",
            "COVERING INDEX ix_certificates_commune",
            lambda session, cycle: certificates.count_certificates(session, in_force(session, cycle)),
        ),
    ],
)
def test_a_page_counts_what_it_tells_from_an_index(
    sqlite_engine: Engine, about: str, index: str, work: Callable[[Session, Any], object]
) -> None:
    an_office(sqlite_engine).register()
    found = plans(sqlite_engine, lambda session: work(session, cycle_by_code(session, CYCLE)), about)
    assert len(found) == 1
    assert f"USING {index}" in found[0]


def test_a_list_by_code_is_read_in_its_order_without_sorting(sqlite_engine: Engine) -> None:
    an_office(sqlite_engine)
    listed: Select[Any] = Select(Dossier.id).where(Dossier.cycle_id == 1).order_by(*ORDERS["code"][1]).limit(50)
    (told,) = plans(sqlite_engine, lambda session: session.execute(listed), "dossiers")
    assert "ix_dossiers_code" in told
    assert "TEMP B-TREE" not in told
