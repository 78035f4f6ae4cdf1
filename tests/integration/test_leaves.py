"""An officer on leave: a substitute at the unit gets the letters and acts in their stead; without one letters climb."""

from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from models.record import Event
from models.session import reading, transaction
from models.units import Person, Post, Unit
from ocop.errors import AlreadyExists, InvalidInput, NotYours
from ocop.levels import Level
from tests.factories import CYCLE, Office, an_office, day
from tests.integration.test_amendments import sound
from tests.records import letters, readers

pytestmark = pytest.mark.postgresql_long

OFFICER, HEAD = "cán bộ phụ trách Huyện Giao Thủy", "thủ trưởng đơn vị chuyên môn Huyện Giao Thủy"
STANDS_IN = f"{HEAD} (thay {OFFICER})"


def leave(office: Office, who: str = "365/head", **more: Any) -> Any:
    """Record that the officer of Giao Thủy is away from the third to the tenth of June."""
    body: dict[str, Any] = {
        "person": "365/officer", "level": Level.DISTRICT, "unit": "365", "from_day": day("2025-06-03"),
        "to_day": day("2025-06-10"),
    }  # fmt: skip
    return office.act("leave", who, **(body | more))


def test_the_substitute_gets_the_unit_s_letters_while_the_officer_is_away_and_not_before_or_after(
    engine: Engine,
) -> None:
    office = an_office(engine).go("2025-06-02")
    leave(office, substitute="365/head")
    first = office.at_district()
    office.go("2025-06-05 09:00")  # the reminder seven working days before
    second = office.at_district()
    office.go("2025-06-11 09:00")
    third = office.at_district()
    told = letters(office, "forwarded_to_district")
    by_dossier = {
        letter.facts["dossier"]["code"]: letter.recipient_name for letter in told if "HTX" not in letter.recipient_name
    }
    assert by_dossier == {first: OFFICER, second: STANDS_IN, third: OFFICER}
    reminded = {
        letter.recipient_name for letter in letters(office, "deadline_reminder") if "Giao Thủy" in letter.recipient_name
    }
    assert reminded == {STANDS_IN, OFFICER}
    assert letters(office, "rung_vacant") == []
    assert sound(office) == []


def test_what_the_substitute_does_is_shown_as_in_the_officer_s_stead(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    leave(office, substitute="365/head")
    code = office.at_district()
    office.go("2025-06-04")
    office.evaluate(code, "55", "365/head")
    office.go("2025-06-12")
    office.decide(code, "365/head")
    rows = office.rows(select(Event.event, Event.actor_name).where(Event.event.in_(("evaluate", "decide"))))
    assert dict(tuple(row) for row in rows) == {"evaluate": STANDS_IN, "decide": HEAD}
    assert sound(office) == []


def test_the_coordinator_office_s_substitute_may_answer_an_escalation_that_reached_it(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    office.at_district()
    office.go("2025-06-24 09:00")  # four rungs climbed: the coordinator office has it
    body = {"cycle": CYCLE, "stage": "district_evaluation", "level": Level.DISTRICT, "unit": "365", "note": "Sẽ họp"}
    with pytest.raises(NotYours):
        office.act("acknowledge", "36/officer", **body)
    leave(
        office, "36/officer", person="36/coordinator_office", level=Level.PROVINCE, unit="36", substitute="36/officer",
        from_day=day("2025-06-24"), to_day=day("2025-06-30"),
    )  # fmt: skip
    assert office.act("acknowledge", "36/officer", **body)["acknowledged"] == 4


def test_without_a_substitute_letters_climb_to_the_next_rung_and_the_gap_is_told(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    assert "khuyết" in leave(office)["warnings"][0]
    office.go("2025-06-05 09:00")
    office.at_district()
    assert HEAD in readers(letters(office, "forwarded_to_district"))
    (gap,) = {letter.facts["role_label"] for letter in letters(office, "rung_vacant")}
    assert gap == "cán bộ phụ trách"
    # and a unit above may enter acts for it, with a document
    code = office.at_district()
    office.evaluate(code, "55", "36/officer", on_behalf="12/UBND, Phó Chủ tịch ký")
    assert sound(office) == []


def test_an_earlier_return_ends_the_leave_and_a_day_before_its_first_takes_it_back(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    leave(office, substitute="365/head")
    back = {"person": "365/officer", "level": Level.DISTRICT, "unit": "365"}
    office.act("end-leave", "365/head", **back, last_day=day("2025-06-04"))
    office.go("2025-06-05 09:00")
    office.at_district()
    assert OFFICER in readers(letters(office, "forwarded_to_district"))
    leave(office, from_day=day("2025-06-06"), substitute="365/vice_chair")
    office.act("end-leave", "365/head", **back, last_day=day("2025-06-05"))
    leave(office, from_day=day("2025-06-06"), substitute="365/vice_chair")  # the days are free again


def test_a_leave_that_cannot_be_is_refused_with_what_to_do(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    with pytest.raises(InvalidInput, match="cùng làm việc tại Huyện Giao Thủy"):
        leave(office, substitute="366/officer")
    with pytest.raises(InvalidInput, match="người khác"):
        leave(office, substitute="365/officer")
    with pytest.raises(InvalidInput, match="không giữ nhiệm vụ"):
        leave(office, person="366/officer")
    with pytest.raises(InvalidInput, match="sớm hơn"):
        leave(office, to_day=day("2025-06-01"))
    with pytest.raises(NotYours, match="đơn vị cấp trên"):
        leave(office, "366/head")
    leave(office, substitute="365/head")
    with pytest.raises(AlreadyExists, match="“Kết thúc việc vắng mặt sớm hơn”"):
        leave(office, from_day=day("2025-06-10"), to_day=day("2025-06-12"))
    with pytest.raises(InvalidInput, match="cũng vắng mặt"):
        leave(office, person="365/vice_chair", substitute="365/officer")


def officer_until(office: Office, who: str = "365/head") -> list[Any]:
    """Return the last days of somebody's posts as an officer."""
    rows = select(Post.valid_to).join(Person, Person.id == Post.person_id)
    return [until for (until,) in office.rows(rows.where(Person.code == who, Post.role == "officer").order_by(Post.id))]


def test_a_return_told_late_leaves_what_the_substitute_did_in_office(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    leave(office, substitute="365/head")
    code = office.at_district()
    office.go("2025-06-06")
    office.evaluate(code, "55", "365/head")
    back = {"person": "365/officer", "level": Level.DISTRICT, "unit": "365", "last_day": day("2025-06-04")}
    assert "4/6/2025" in office.act("end-leave", "365/officer", **back)["message"]
    assert officer_until(office) == [day("2025-06-06")]  # nothing is taken from them backwards in time
    assert sound(office) == []
    office.go("2025-06-07 09:00")
    office.at_district()
    assert letters(office, "forwarded_to_district")[-1].recipient_name == OFFICER


def test_a_substitute_holds_the_post_no_longer_than_the_one_who_is_away(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    with transaction(office.engine) as session:
        session.execute(
            update(Post)
            .where(Post.person_id.in_(select(Person.id).where(Person.code == "365/officer")))
            .values(valid_from=day("2025-06-05"), valid_to=day("2025-06-08"))
        )
    leave(office, substitute="365/head")
    with reading(office.engine) as session:
        held = session.execute(
            select(Post.valid_from, Post.valid_to).where(Post.role == "officer", Post.valid_to.is_not(None))
        ).all()
    assert [tuple(row) for row in held] == [(day("2025-06-05"), day("2025-06-08"))] * 2


def test_who_stands_in_for_two_stays_for_the_one_who_is_still_away(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    with transaction(office.engine) as session:  # a second officer at the unit
        unit = session.scalars(select(Unit).where(Unit.code == "365")).one()
        second = Person(code="365/second", name="cán bộ thứ hai", email="second.365@office.example")
        session.add(second)
        session.flush()
        session.add(Post(person_id=second.id, unit_id=unit.id, role="officer", valid_from=day("2025-01-01")))
    leave(office, substitute="365/head")
    leave(office, person="365/second", substitute="365/head", to_day=day("2025-06-20"))
    back = {"person": "365/officer", "level": Level.DISTRICT, "unit": "365", "last_day": day("2025-06-05")}
    office.act("end-leave", "365/officer", **back)
    assert max(officer_until(office)) == day("2025-06-20")
    office.act("end-leave", "365/second", **(back | {"person": "365/second", "last_day": day("2025-06-12")}))
    assert max(officer_until(office)) == day("2025-06-12")


def test_a_substitute_who_goes_away_too_hands_on_to_theirs_and_without_one_the_letters_climb(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    leave(office, substitute="365/head")
    leave(office, person="365/head", substitute="365/vice_chair", from_day=day("2025-06-05"), to_day=day("2025-06-05"))
    leave(office, person="365/head", from_day=day("2025-06-06"), to_day=day("2025-06-06"))
    told = []
    for when in (
        "2025-06-03 07:30",
        "2025-06-04",
        "2025-06-05",
        "2025-06-06",
        "2025-06-09",
        "2025-06-10 17:59",
        "2025-06-11 07:30",
    ):
        office.go(when)
        office.at_district()
        told.append(letters(office, "forwarded_to_district")[-1].recipient_name)
    vice = "phó chủ tịch Ủy ban nhân dân Huyện Giao Thủy"
    assert told == [STANDS_IN, STANDS_IN, f"{vice} (thay {HEAD})", vice, STANDS_IN, STANDS_IN, OFFICER], told
    assert sound(office) == []


def test_the_rights_of_a_substitute_end_with_the_leave(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    office.at_district()
    leave(
        office, "36/officer", person="36/coordinator_office", level=Level.PROVINCE, unit="36", substitute="36/officer",
        from_day=day("2025-06-24"), to_day=day("2025-06-25"),
    )  # fmt: skip
    body = {"cycle": CYCLE, "stage": "district_evaluation", "level": Level.DISTRICT, "unit": "365", "note": "Sẽ họp"}
    office.go("2025-06-26 00:00")
    with pytest.raises(NotYours):
        office.act("acknowledge", "36/officer", **body)
    office.act("acknowledge", "36/coordinator_office", **body)
