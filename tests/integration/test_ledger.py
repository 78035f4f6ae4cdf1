"""The one writer by itself: batches in their order, bounds of the ways back, and what it refuses."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from casework.actors import ENGINE, Actor, person
from casework.evidence import NewEvidence
from casework.ledger import advance
from casework.moves import Moved, ProposedMove, Rebind, Refused
from models.cycles import Breach
from models.dossiers import Dossier
from models.letters import Letter
from models.record import Event
from models.session import transaction
from models.successions import Binding
from models.units import Unit
from ocop.errors import NotFound, NotPossibleNow, SomeoneWasFaster
from ocop.evidence import EvidenceKind
from ocop.levels import Level
from ocop.notices import Notice
from ocop.procedure import Facts, Move
from ocop.rulebook import PROCEDURES
from tests.factories import CYCLE, Office, an_office, at

DAY = date(2025, 5, 5)


@pytest.fixture
def office(sqlite_engine: Engine) -> Office:
    return an_office(sqlite_engine)


def ids(office: Office, *codes: str) -> list[int]:
    found = dict(office.rows(select(Dossier.code, Dossier.id)))
    return [found[code] for code in codes]


def move(office: Office, moves: list[ProposedMove], who: str = "") -> list[Moved | Refused]:
    with transaction(office.engine) as session:
        actor: Actor = person(session, who) if who else ENGINE
        return advance(session, moves, actor=actor, at=office.now)


def refused(office: Office, moves: list[ProposedMove], who: str = "") -> Any:
    (answer,) = move(office, moves, who)
    assert isinstance(answer, Refused)
    return answer.violation


def test_answers_come_in_the_order_of_the_moves_and_what_does_not_exist_stops_no_other(office: Office) -> None:
    office.go("2025-05-05 09:00")
    first, second = ids(office, office.register(), office.register("14201"))
    moves = [ProposedMove(key, "receive", DAY) for key in (second, 10_000, first)]
    answers = move(office, moves)
    assert [answer.dossier_id for answer in answers] == [second, 10_000, first]
    assert [type(answer) for answer in answers] == [Moved, Refused, Moved]
    unknown = answers[1]
    assert isinstance(unknown, Refused)
    assert unknown.code == ""
    assert isinstance(unknown.violation, NotFound)
    assert unknown.violation.english == "no dossier with id 10000"


def test_a_dossier_that_stands_twice_in_a_batch_is_a_fault_and_nothing_moves(office: Office) -> None:
    office.go("2025-05-05 09:00")
    (key,) = ids(office, code := office.register())
    with pytest.raises(ValueError, match="a dossier stands twice in one batch"):
        move(office, [ProposedMove(key, "receive", DAY)] * 2)
    assert office.stage(code) == "registered"


def test_a_move_from_an_older_view_is_refused_with_who_was_faster(office: Office) -> None:
    office.go("2025-05-05 09:00")
    (key,) = ids(office, office.register())
    violation = refused(office, [ProposedMove(key, "receive", DAY, version=7)])
    assert isinstance(violation, SomeoneWasFaster)
    assert "09:00 ngày 05/05/2025" in str(violation)


def test_a_result_is_annulled_by_a_document_alone(office: Office) -> None:
    office.go("2025-05-05 09:00")
    (key,) = ids(office, code := office.judged("82"))
    violation = refused(office, [ProposedMove(key, "annul", office.now.date(), reason="Sai sót")], "365/officer")
    assert isinstance(violation, NotPossibleNow)
    assert violation.vietnamese == f"Hồ sơ {code}: muốn hủy kết quả phải có số văn bản của cơ quan ban hành."


def test_a_supplement_comes_back_as_often_as_the_plan_lets_a_level_ask(office: Office) -> None:
    office.go("2025-05-05 09:00")
    (key,) = ids(office, code := office.at_district())
    today = office.now.date()
    for event in ("request_supplement", "supplement") * 3:
        (answer,) = move(office, [ProposedMove(key, event, today)], "365/officer")
        assert isinstance(answer, Moved), event
    move(office, [ProposedMove(key, "request_supplement", today)], "365/officer")
    violation = refused(office, [ProposedMove(key, "supplement", today)], "365/officer")
    assert isinstance(violation, NotPossibleNow)
    assert violation.vietnamese == (f"Hồ sơ {code}: bước quay lại này chỉ được thực hiện 3 lần và đã dùng hết.")
    assert violation.english == "supplement from district_supplement is used up (3)"


def test_a_dossier_that_changed_under_a_batch_ends_the_whole_batch(office: Office) -> None:
    office.go("2025-05-05 09:00")
    first, second = ids(office, a := office.register(), b := office.register("14201"))
    with office.engine.begin() as connection:  # stands for another writer: one of the two is not where it was read
        connection.execute(
            text(
                f"CREATE TRIGGER taken BEFORE UPDATE ON dossiers WHEN old.id = {second} BEGIN SELECT RAISE(IGNORE); END"
            )
        )
    with pytest.raises(SomeoneWasFaster, match="vừa được người khác cập nhật"):
        move(office, [ProposedMove(key, "receive", DAY) for key in (first, second)])
    assert (office.stage(a), office.stage(b)) == ("registered", "registered")
    assert not office.rows(select(Event.id).where(Event.event == "receive"))


def test_a_level_that_a_dossier_has_no_unit_at_is_a_fault_that_names_it(office: Office) -> None:
    office.go("2025-05-05 09:00")
    (key,) = ids(office, code := office.register())
    move(office, [ProposedMove(key, "receive", DAY)])
    move(office, [ProposedMove(key, "report", DAY)])
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE dossiers SET district_id = NULL"))
    with pytest.raises(ValueError, match=f"dossier {code} has no unit at level district"):
        move(office, [ProposedMove(key, "route", DAY)])


def line(office: Office, key: int) -> Any:
    """Return the newest line of a dossier's history."""
    found = select(*Event.__table__.c).where(Event.dossier_id == key).order_by(Event.number.desc()).limit(1)
    return office.rows(found)[0]


def standing(office: Office, key: int) -> Any:
    return office.rows(select(*Dossier.__table__.c).where(Dossier.id == key))[0]


def unit(office: Office, code: str) -> int:
    return int(office.rows(select(Unit.id).where(Unit.code == code))[0][0])


def test_the_first_line_of_a_dossier_begins_its_chain_and_owes_its_letters(office: Office) -> None:
    office.go("2025-05-05 09:00")
    (key,) = ids(office, office.register(star=4))
    first, row = line(office, key), standing(office, key)
    holder = unit(office, "14101")
    assert (first.chain, first.number, first.event, first.prev_hash) == (f"dossier/{key}", 1, "register", "")
    assert (first.from_stage, first.to_stage, first.unit_id, first.reason) == ("", "registered", holder, "")
    assert (first.occurred_on, first.effective_at, first.recorded_at) == (DAY, office.now, office.now)
    assert first.rule == str(PROCEDURES[row.procedure_key].source)
    assert first.details["proposed_star"] == 4
    assert (row.stage, row.open, row.holder_id, row.version, row.head) == ("registered", True, holder, 1, first.hash)
    assert row.stage_since == office.now
    letters = office.rows(select(Letter.notice, Letter.cause, Letter.facts).where(Letter.dossier_id == key))
    assert letters
    assert {letter.cause for letter in letters} == {f"dossier/{key}#1"}
    assert {letter.facts["dossier"]["code"] for letter in letters} == {row.code}
    assert {letter.facts["details"]["proposed_star"] for letter in letters} == {4}


def test_the_first_line_owes_what_else_its_facts_call_for(office: Office) -> None:
    office.go("2025-05-05 09:00")
    paper = NewEvidence(EvidenceKind.TEST_REPORT, "Phiếu kiểm nghiệm", expires_on=date(2025, 5, 20))
    (key,) = ids(office, office.register(evidence=[paper]))
    expiring = select(Letter.facts).where(Letter.dossier_id == key, Letter.notice == Notice.EVIDENCE_EXPIRING.value)
    listed = [{"label": "Phiếu kiểm nghiệm", "valid_until": "2025-05-20"}]
    told = [letter.facts["details"]["evidence"] for letter in office.rows(expiring)]
    assert told
    assert all(evidence == listed for evidence in told)


def suspended(office: Office, level: Level) -> Office:
    """Return the office when nobody is competent at a level."""
    office.go("2025-05-05 09:00")
    because = {"document": "9/UBND", "reason": "Chưa có cơ quan thẩm quyền."}
    office.act("suspend", "36/officer", cycle=CYCLE, level=level, since=DAY, **because)
    return office


def test_a_dossier_registered_where_nobody_is_competent_is_halted_at_once(office: Office) -> None:
    (key,) = ids(office, suspended(office, Level.COMMUNE).register())
    assert standing(office, key).suspended_at == office.now
    assert (line(office, key).event, line(office, key).number) == ("suspend", 2)


def test_a_dossier_that_comes_where_nobody_is_competent_is_halted_on_arrival(office: Office) -> None:
    (key,) = ids(office, suspended(office, Level.DISTRICT).at_district())
    assert (standing(office, key).stage, standing(office, key).suspended_at) == ("district_evaluation", office.now)
    assert line(office, key).event == "suspend"


def test_a_step_changes_what_stands_of_its_dossier_alone_and_quotes_its_rule(office: Office) -> None:
    office.go("2025-05-05 09:00")
    key, other = ids(office, office.register(), office.register("14201"))
    before, beside = line(office, key), standing(office, other)
    office.now = at("2025-05-06 10:00")
    move(office, [ProposedMove(key, "receive", DAY, effective_at=at("2025-05-05 15:00"), document="3/GN")])
    now, row = line(office, key), standing(office, key)
    assert (now.number, now.prev_hash, now.from_stage, now.to_stage) == (2, before.hash, "registered", "commune_review")
    receive = PROCEDURES[row.procedure_key].move("registered", "receive", Facts())
    assert isinstance(receive, Move)
    assert (now.rule, now.details) == (str(receive.rule), {"document": "3/GN"})
    assert (now.effective_at, now.recorded_at) == (at("2025-05-05 15:00"), office.now)
    assert (row.stage, row.open, row.version, row.head) == ("commune_review", True, 2, now.hash)
    assert row.stage_since == at("2025-05-05 15:00")
    kept = f"SELECT stage_since, suspended_at FROM dossiers WHERE id = {key}"
    assert office.rows(text(kept)) == [("2025-05-05 08:00:00.000000", None)]  # in UTC, without a zone
    assert standing(office, other) == beside
    office.now = at("2025-05-07 10:00")
    move(office, [ProposedMove(key, "complain", DAY)])  # a note: it stays where it is
    noted = standing(office, key)
    assert (noted.stage, noted.stage_since, noted.version) == ("commune_review", row.stage_since, 3)
    move(office, [ProposedMove(key, "retract", DAY)])
    gone = standing(office, key)
    assert (gone.stage, gone.open, gone.holder_id) == ("retracted", False, row.holder_id)


def test_a_dossier_that_the_session_holds_is_read_anew_once_it_moved(office: Office) -> None:
    office.go("2025-05-05 09:00")
    (key,) = ids(office, office.register())
    with transaction(office.engine) as session:
        held = session.get_one(Dossier, key)
        assert held.stage == "registered"
        advance(session, [ProposedMove(key, "receive", DAY)], actor=ENGINE, at=office.now)
        assert (held.stage, held.version) == ("commune_review", 2)


def test_a_move_without_a_rule_quotes_none(office: Office) -> None:
    office.go("2025-05-05 09:00")
    (key,) = ids(office, office.register())
    row = standing(office, key)
    names = ("procedure_key", "stage", "commune_id", "district_id", "province_id", "suspended_at")
    same = Rebind(**{name: getattr(row, name) for name in names}, rule="")
    move(office, [ProposedMove(key, "transfer", DAY, rebind=same)])
    assert line(office, key).rule == ""
    assert office.rows(select(Binding.id)) == []


def test_what_binds_a_dossier_anew_changes_it_alone_and_keeps_what_it_was_bound_to(office: Office) -> None:
    office.go("2025-05-05 09:00")
    key, other = ids(office, office.register(), office.register("14102"))
    was, beside = standing(office, key), standing(office, other)
    commune, district, province = (unit(office, code) for code in ("14201", "366", "00"))
    since = at("2025-05-04 09:00")
    rebind = Rebind("qd1489", "commune_review", commune, district, province, since, "6/NQ")
    move(office, [ProposedMove(key, "change_procedure", DAY, rebind=rebind)])
    row = standing(office, key)
    assert (row.procedure_key, row.stage, row.suspended_at) == ("qd1489", "commune_review", since)
    assert (row.commune_id, row.district_id, row.province_id) == (commune, district, province)
    assert line(office, key).rule == "6/NQ"
    assert office.rows(text(f"SELECT suspended_at FROM dossiers WHERE id = {key}")) == [("2025-05-04 02:00:00.000000",)]
    assert standing(office, other) == beside
    (kept,) = office.rows(select(*Binding.__table__.c))
    assert (kept.dossier_id, kept.from_number, kept.until_number) == (key, 1, 1)
    assert (kept.procedure_key, kept.commune_id, kept.district_id, kept.province_id) == (
        was.procedure_key, was.commune_id, was.district_id, was.province_id,
    )  # fmt: skip


def test_a_breach_is_closed_by_the_step_that_leaves_what_was_missed_and_by_no_other(office: Office) -> None:
    office.go("2025-05-05 09:00")
    key, other = ids(office, code := office.at_district(), office.at_district("14102"))
    office.go("2025-06-16 09:00")
    opened = select(*Breach.__table__.c).order_by(Breach.dossier_id)
    assert [(row.dossier_id, row.closed_at) for row in office.rows(opened)] == [(key, None), (other, None)]
    move(office, [ProposedMove(key, "request_supplement", office.now.date())])  # still ahead of the decision
    move(office, [ProposedMove(key, "complain", office.now.date())])
    assert [row.closed_at for row in office.rows(opened)] == [None, None]
    moment = at("2025-06-16 08:30")
    move(office, [ProposedMove(key, "retract", office.now.date(), effective_at=moment)])
    assert office.stage(code) == "retracted"
    assert [(row.closed_at, row.closed_by) for row in office.rows(opened)] == [(moment, "retract"), (None, "")]


def test_a_breach_that_the_new_procedure_does_not_know_is_closed_by_the_change(office: Office) -> None:
    office.go("2025-05-05 09:00")
    (key,) = ids(office, office.register())
    move(office, [ProposedMove(key, "receive", DAY)])
    office.go("2025-06-16 09:00")
    opened = select(*Breach.__table__.c).where(Breach.dossier_id == key)
    assert [row.closed_at for row in office.rows(opened)] == [None]
    row = standing(office, key)
    names = ("stage", "commune_id", "district_id", "province_id", "suspended_at")
    rebind = Rebind("qd1489", **{name: getattr(row, name) for name in names}, rule="6/NQ")
    move(office, [ProposedMove(key, "change_procedure", office.now.date(), rebind=rebind)])
    assert [(row.closed_at, row.closed_by) for row in office.rows(opened)] == [(office.now, "change_procedure")]
