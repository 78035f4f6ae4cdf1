"""A row that no rule fits, a poison, stops no other dossier, cycle or unit; it is named, and once it is mended all is done."""

from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, select, text
from sqlalchemy.orm import Session

from casework import clock, poison
from casework.act import Answer
from casework.actors import ENGINE, person
from casework.acts import ACTS
from casework.doctor import checkup
from casework.doctor.invariant import Look
from casework.ledger import move_one
from casework.moves import ProposedMove
from cli.upkeep import watch
from models.cycles import AgendaItem, Breach
from models.dossiers import Dossier
from models.session import perform, reading, transaction, trial
from ocop.errors import NotPossibleNow
from tests.factories import CYCLE, Office, an_office, at
from tests.integration.console_pages import console

SECOND = "ND2025-2"
STROKE = "2025-06-20 09:00"
"""After the stroke of the districts' evaluation, its first rung and the stroke of the submission."""


def received(office: Office, commune: str, cycle: str = CYCLE) -> str:
    """Return a dossier that its commune has taken in."""
    code = office.register(commune, cycle=cycle)
    office.act("receive", f"{commune}/officer", dossiers=[code], received_on=office.now.date())
    return code


def report(office: Office, code: str, commune: str) -> None:
    """Let a commune report on a dossier, which is then ready to be carried on."""
    office.act(
        "report", f"{commune}/officer", dossiers=[code], number="1/BC", reported_on=office.now.date(), findings="Đủ."
    )


def reported(office: Office) -> str:
    report(office, code := received(office, "14101"), "14101")
    return code


def reported_elsewhere(office: Office) -> str:
    report(office, code := received(office, "14101", SECOND), "14101")
    return code


def decided(office: Office) -> str:
    code = office.at_district("14101")
    office.evaluate(code, "75")
    office.act("decide", "365/officer", dossiers=[code], number="4/QĐ", signed_on=office.now.date(), signer="Nguyễn Ký")
    return code


pytestmark = [
    pytest.mark.postgresql_long,
    # The doctor reads in a stream; where a damaged value ends the reading, psycopg says that the cursor was left open.
    pytest.mark.filterwarnings("ignore:<psycopg.ServerCursor:ResourceWarning"),
]
SHORT = ("a dossier's procedure", "a cycle's plan")
"""Those that the short run tries."""

# fmt: off
POISONS: dict[str, tuple[Callable[[Office], str], str, str, str, str]] = {
    # what is damaged: who is ready, the table and column, which row, the value, what the doctor calls it
    "a dossier's procedure": (reported, "dossiers.procedure_key", "code = :code", "qd_of_nobody", "hồ sơ {code}"),
    "a dossier's stage": (reported, "dossiers.stage", "code = :code", "nowhere", "hồ sơ {code}"),
    "a decision's points": (decided, "decisions.mean", "dossier_id = (SELECT id FROM dossiers WHERE code = :code)", "nhiều",
                            "decision_on_evaluation"),
    "a cycle's plan": (reported_elsewhere, "cycles.plan", "code = 'ND2025-2' AND :code <> ''", '{"half',
                       "chu trình ND2025-2"),
    "a cycle's procedure": (reported_elsewhere, "cycles.procedure_key", "code = 'ND2025-2' AND :code <> ''", "qd_of_nobody",
                            "chu trình ND2025-2"),
    "what a reminder is about": (reported, "agenda.subject", ("kind = 'reminder' AND stage = 'district_evaluation' AND id ="
                                 " (SELECT max(id) FROM agenda WHERE kind = 'reminder' AND stage = 'district_evaluation'"
                                 " AND cycle_id = 1) AND :code <> ''"), "deadline/x", "việc 'reminder' của deadline/x"),
}
# fmt: on


def damage(engine: Engine, name: str, code: str) -> Callable[[], None]:
    """Damage a row as no act of ours would, and return what mends it."""
    _, place, where, value, _ = POISONS[name]
    table, column = place.split(".")
    with transaction(engine) as session:
        number, whole = session.execute(text(f"SELECT id, {column} FROM {table} WHERE {where}"), {"code": code}).one()

    def write(value: str) -> None:
        with transaction(engine) as session:
            session.execute(
                text(f"UPDATE {table} SET {column} = :value WHERE id = :id"), {"value": value, "id": number}
            )

    write(value)
    return lambda: write(whole)


def run(office: Office, when: str) -> dict[str, int]:
    office.now = at(when)
    return perform(office.engine, lambda session: watch(session, office.now))


def doctor(office: Office, files: Path) -> str:
    """Return everything the doctor says."""
    with reading(office.engine) as session:
        return "\n".join(
            f"{finding.invariant.key} {violation.where}: {violation.what}"
            for finding in checkup.examine(Look(session, office.now, files))
            for violation in finding.violations
        )


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in SHORT else [pytest.mark.long]) for name in POISONS]
)
def test_a_poison_stops_no_other_is_named_and_once_mended_is_carried_on(
    engine: Engine, tmp_path: Path, name: str
) -> None:
    office = an_office(engine).open_cycle(code=SECOND).go("2025-05-05")
    same, other, another = received(office, "14101"), received(office, "14201"), received(office, "14102", SECOND)
    poisoned = POISONS[name][0](office)
    stood = office.stage(poisoned)
    mend = damage(engine, name, poisoned)

    # People go on, though each act first does what is due and carries on what is ready, the poison too.
    report(office, same, "14101")
    report(office, other, "14201")
    if "cycle" not in name:
        report(office, another, "14102")
    new = office.register("14202")
    run(office, "2025-05-05 10:00")
    assert {office.stage(code) for code in (same, other)} == {"district_evaluation"}
    assert office.stage(another) == ("commune_review" if "cycle" in name else "district_evaluation")

    # So do deadlines.
    run(office, STROKE)
    breached = {row[0] for row in office.rows(select(Dossier.code).join(Breach, Breach.dossier_id == Dossier.id))}
    assert breached >= {same, other, new}
    assert ("cycle" in name) != (another in breached)

    # It is named.
    which = POISONS[name][-1].format(code=poisoned)
    assert which in doctor(office, tmp_path)
    with transaction(engine) as session:
        clock.drive(session, office.now)
    shown = console(engine).get("/health", params={"cycle": CYCLE})
    assert shown.status_code == 200
    if name != "a decision's points":
        assert f"Phải gác lại, không xử lý được: {which}" in unescape(shown.text)

    # Mended, it is carried on by the next watch.
    mend()
    run(office, "2025-06-20 10:00")
    assert (
        office.rows(select(AgendaItem.kind).where(AgendaItem.done_at.is_(None), AgendaItem.due_at <= office.now)) == []
    )
    assert stood == "nowhere" or office.stage(poisoned) != stood
    with reading(engine) as session:
        assert list(poison.named(session)) == []


def test_savepoints_are_set_only_once_a_row_was_unfit(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    sound, poisoned = received(office, "14201"), decided(office)
    asked: list[str] = []

    @event.listens_for(sqlite_engine, "savepoint")
    def note(connection: Connection, name: str) -> None:
        asked.append(name)

    office.register("14202")
    assert office.stage(poisoned) != "district_decided"  # that act carried it on
    assert asked == []

    damage(sqlite_engine, "a decision's points", again := decided(office))
    asked.clear()
    report(office, sound, "14201")
    assert asked
    assert (office.stage(again), office.stage(sound)) == ("district_decided", "commune_reported")


def test_a_preview_is_given_though_something_ready_is_damaged(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    sound, poisoned = received(office, "14201"), decided(office)
    damage(sqlite_engine, "a decision's points", poisoned)

    def preview(session: Session) -> Answer:
        body = {"dossiers": [sound], "number": "1/BC", "reported_on": office.now.date(), "findings": "Đủ."}
        return ACTS["report"].perform(session, actor=person(session, "14201/officer"), at=office.now, key="1", **body)

    assert trial(sqlite_engine, preview)["done"]
    assert office.stage(sound) == "commune_review"


def sign(name: str, **document: str) -> Callable[[Office, list[str]], Answer]:
    return lambda office, codes: office.act(
        name, "365/officer", dossiers=codes, signed_on=office.now.date(), signer="Nguyễn Ký", **document
    )


def council_met(office: Office, commune: str) -> str:
    office.evaluate(code := office.at_district(commune), "55")
    return code


# fmt: off
BATCHES: dict[str, tuple[Callable[[Office], str], Callable[[Office, list[str]], Answer]]] = {
    "receive": (lambda office: office.register("14101"), lambda office, codes: office.act(
        "receive", "14101/officer", dossiers=codes, received_on=office.now.date())),
    "report": (lambda office: received(office, "14101"), lambda office, codes: office.act(
        "report", "14101/officer", dossiers=codes, number="1/BC", reported_on=office.now.date(), findings="Đủ.")),
    "decide": (lambda office: council_met(office, "14101"), sign("decide", number="4/QĐ")),
    "recognise": (lambda office: office.judged("55"), sign("recognise", number="5/QĐ")),
    "carry over": (lambda office: office.at_district("14101"), lambda office, codes: office.act(
        "carry-over", "365/officer", dossiers=codes, decided_on=office.now.date(), reason="Chờ đợt sau")),
}
# fmt: on


@pytest.mark.parametrize("name", BATCHES)
@pytest.mark.parametrize("poison", ["a dossier's procedure", "a dossier's stage"])
def test_an_officers_list_with_a_poison_in_it_is_done_but_for_that_one(
    sqlite_engine: Engine, name: str, poison: str
) -> None:
    ready, done = BATCHES[name]
    office = an_office(sqlite_engine).go("2025-05-05")
    poisoned, sound = ready(office), ready(office)
    mend = damage(office.engine, poison, poisoned)
    answer = done(office, [poisoned, sound])
    assert [moved["dossier"] for moved in answer["done"]] == [sound]
    (refused,) = answer["refused"]
    assert refused["dossier"] == poisoned
    assert refused["reason"].startswith(f"Hồ sơ {poisoned}: bước '")
    assert "“Kiểm tra sổ”" in refused["reason"]
    mend()
    assert [moved["dossier"] for moved in done(office, [poisoned])["done"]] == [poisoned]


@pytest.mark.parametrize("poison", ["a dossier's procedure", "a dossier's stage"])
def test_an_act_on_a_poison_alone_is_refused_in_a_plain_sentence(sqlite_engine: Engine, poison: str) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    poisoned = office.at_district("14101")
    damage(office.engine, poison, poisoned)
    with pytest.raises(NotPossibleNow, match="“Kiểm tra sổ”"):
        office.evaluate(poisoned, "75")


def test_what_a_work_that_failed_had_moved_is_seen_again_where_it_stands(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.register("14101")
    with transaction(sqlite_engine) as session:
        dossier = session.scalars(select(Dossier).where(Dossier.code == code)).one()

        def work() -> None:
            move_one(
                session,
                ProposedMove(dossier.id, "carry_over", office.now.date(), reason="Thử"),
                actor=ENGINE,
                at=office.now,
            )
            assert dossier.stage == "carried_over"
            raise ValueError("a row after it")

        assert isinstance(poison.apart(session, "a trial", work), ValueError)
        assert dossier.stage == "registered"
