"""The one writer by itself: batches in their order, bounds of the ways back, and what it refuses."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from casework.actors import ENGINE, Actor, person
from casework.ledger import advance
from casework.moves import Moved, ProposedMove, Refused
from models.dossiers import Dossier
from models.record import Event
from models.session import transaction
from ocop.errors import NotFound, NotPossibleNow, SomeoneWasFaster
from tests.factories import Office, an_office

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
