"""An act on a list asks the record as often as an act on one dossier: what it needs is read for all of them at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event, select

from models.letters import Letter
from ocop.notices import Notice
from tests.factories import Office, all_gates, an_office

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


def test_what_a_lists_dossiers_failed_is_asked_once_when_they_are_decided_carried_on_and_recognised(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    codes = [office.at_district() for _ in range(MANY)]
    for code in codes:
        office.evaluate(code, "75", gates=all_gates({4: f"Hồ sơ {code} chưa có phiếu"}))
    body: dict[str, Any] = {"dossiers": codes, "signed_on": office.now.date(), "signer": "Người ký"}
    steps: dict[str, Callable[[], object]] = {
        "decide": lambda: office.act("decide", "365/officer", number="1/QĐ", **body),
        "carry on": office.tick,
        "recognise": lambda: office.act("recognise", "365/officer", number="2/QĐ", **body),
    }
    for step, take in steps.items():
        with statements(office.engine) as seen:
            take()
        assert sum("gate_results" in statement for statement in seen) == 1, step
    told = {
        letter.facts["dossier"]["code"]: letter.facts["result"]["gates_failed"]
        for (letter,) in office.rows(select(Letter).where(Letter.notice == Notice.RECOGNISED))
    }
    assert told == {code: [{"star": 4, "reason": f"Hồ sơ {code} chưa có phiếu"}] for code in codes}
