"""An act on a list asks the record as often as an act on one dossier: what it needs is read for all of them at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from tests.factories import Office, an_office

FEW, MANY = 2, 7


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Give the statements that reach the database."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        del connection, cursor, rest
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def each(office: Office, name: str, who: str, codes: list[str], **body: Any) -> float:
    """Perform an act on a few dossiers and on many; return how many statements each further dossier costs."""
    counts = []
    for some in (codes[:FEW], codes[FEW:]):
        with statements(office.engine) as seen:
            office.act(name, who, dossiers=some, **body)
        office.tick()
        counts.append(len(seen))
    return (counts[1] - counts[0]) / (MANY - FEW)


def test_a_list_of_dossiers_is_received_reported_decided_and_sent_without_a_question_for_each(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    today = office.now.date()
    codes = [office.register() for _ in range(FEW + MANY)]
    signed = {"signed_on": today, "signer": "Người ký"}
    commune, district = "14101/officer", "365/officer"
    assert each(office, "receive", commune, codes, received_on=today) == 0
    assert each(office, "report", commune, codes, number="1/BC", reported_on=today, findings="Đủ.") == 0
    for number, code in enumerate(codes):
        office.evaluate(code, "75" if number % 2 else "55")
    assert each(office, "decide", district, codes, number="1/QĐ", **signed) == 0
    sent = [code for code in codes if office.stage(code) == "provincial_submission"]
    with statements(office.engine) as seen:
        office.act("submit", district, dossiers=sent, number="2/UBND", signed_on=today)
    assert sum("snapshots" in statement for statement in seen) == 2, "one look at those before, one insert"


def test_a_list_is_recognised_with_an_insert_for_each_decision_and_certificate_and_no_question(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    codes = [office.judged("55") for _ in range(FEW + MANY)]
    signed = {"signed_on": office.now.date(), "signer": "Người ký"}
    per_dossier = each(office, "recognise", "365/officer", codes, number="5/QĐ", **signed)
    assert per_dossier <= 2, "SQLite tells the ids of new rows one by one"
