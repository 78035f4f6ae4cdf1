"""After a deadline the letters climb rung by rung, until somebody acknowledges or the dossiers have moved."""

import pytest
from sqlalchemy import Engine, func, select, update

from models.cycles import Deadline, Escalation
from models.session import transaction
from models.units import Person, Post
from ocop.errors import InvalidInput, NotPossibleNow, NotYours
from ocop.levels import Level, Role
from tests.factories import CYCLE, an_office, at, day
from tests.integration.deadline_facts import breaches
from tests.records import letters, read_all, readers

pytestmark = pytest.mark.postgresql_long


def test_the_ladder_climbs_at_0_2_4_6_and_8_working_days_each_rung_to_its_role(engine: Engine) -> None:
    office = an_office(engine).go("2025-06-02")
    code = office.at_district()
    office.go("2025-06-30")
    climbed = [
        (row.rung, row.role, row.due_at, row.vacant)
        for (row,) in office.rows(
            select(Escalation)
            .join(Deadline, Deadline.id == Escalation.deadline_id)
            .where(Deadline.stage == "district_evaluation")
            .order_by(Escalation.rung)
        )
    ]
    # Struck on Sunday 15/6 at 0:00: the first working morning is Monday 16/6.
    assert climbed == [
        (0, "officer", at("2025-06-16 07:30"), False),
        (1, "head", at("2025-06-18 07:30"), False),
        (2, "vice_chair", at("2025-06-20 07:30"), False),
        (3, "coordinator_office", at("2025-06-24 07:30"), False),
        (4, "department", at("2025-06-26 07:30"), False),
    ]
    told = [letter for letter in letters(office, "overdue") if "15/6/2025" in letter.facts["deadline"]["wording"]]
    assert [letter.recipient_name for letter in told] == [
        "cán bộ phụ trách Huyện Giao Thủy",
        "thủ trưởng đơn vị chuyên môn Huyện Giao Thủy",
        "phó chủ tịch Ủy ban nhân dân Huyện Giao Thủy",
        "Văn phòng Điều phối nông thôn mới Tỉnh Nam Định",
        "Sở Nông nghiệp và Môi trường Tỉnh Nam Định",
    ]
    assert [letter.send_from for letter in told] == [row[2] for row in climbed]
    assert [letter.facts["deadline"]["working_days_left"] for letter in told] == [-1, -3, -5, -7, -9]
    assert {row["code"] for row in told[0].facts["dossiers"]} == {code}
    read_all(office)


def test_the_breach_is_dated_at_the_stroke_and_its_letter_at_half_past_seven_of_the_next_working_day(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    office.at_district()
    office.go("2025-06-16 07:29")
    assert len(breaches(office)) == 1
    assert letters(office, "overdue") == []
    office.go("2025-06-16 07:30")
    (letter,) = letters(office, "overdue")
    assert letter.owed_at == at("2025-06-16 07:30")


def test_acknowledged_the_ladder_stops(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    office.at_district()
    office.go("2025-06-18 08:00")
    body = {
        "cycle": CYCLE,
        "stage": "district_evaluation",
        "level": Level.DISTRICT,
        "unit": "365",
        "note": "Họp ngày 20/6",
    }
    with pytest.raises(NotYours):
        office.act("acknowledge", "366/officer", **body)
    with pytest.raises(InvalidInput):
        office.act("acknowledge", "365/head", **(body | {"note": " "}))
    assert office.act("acknowledge", "365/head", **body)["acknowledged"] == 2
    with pytest.raises(NotPossibleNow):
        office.act("acknowledge", "365/head", **body)
    office.go("2025-06-30")
    rows = office.rows(
        select(Escalation.rung, Escalation.acknowledged_by)
        .join(Deadline, Deadline.id == Escalation.deadline_id)
        .where(Deadline.stage == "district_evaluation")
        .order_by(Escalation.rung)
    )
    assert [row[0] for row in rows] == [0, 1]
    assert len(breaches(office)) == 2  # acknowledging is no cure: the dossier stays overdue
    assert breaches(office)[0][-1] is True


def test_whoever_stands_on_a_rung_at_the_province_acknowledges_only_once_the_ladder_has_come_there(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    office.at_district()
    body = {
        "cycle": CYCLE,
        "stage": "district_evaluation",
        "level": Level.DISTRICT,
        "unit": "365",
        "note": "Đã làm việc",
    }
    office.go("2025-06-20 08:00")
    with pytest.raises(NotYours):
        office.act("acknowledge", "36/coordinator_office", **body)
    office.go("2025-06-24 08:00")
    assert office.act("acknowledge", "36/coordinator_office", **body)["acknowledged"] == 4


def test_once_moved_the_ladder_stops(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    code = office.at_district()
    office.go("2025-06-16 08:00")
    office.evaluate(code, "55", held_on=day("2025-06-13"))
    office.go("2025-06-19 12:00")
    assert office.rows(select(func.count(Escalation.id))) == [(1,)]


def test_a_vacant_rung_sends_its_letter_to_the_next_and_the_gap_to_the_coordinator_office(engine: Engine) -> None:
    office = an_office(engine).go("2025-06-02")
    office.at_district()
    with transaction(engine) as session:
        officer = session.scalars(select(Person.id).where(Person.code == "365/officer")).one()
        session.execute(update(Post).where(Post.person_id == officer).values(valid_to=day("2025-06-10")))
    office.go("2025-06-16 08:00")
    told = [letter for letter in letters(office, "overdue")]
    assert readers(told) == {"thủ trưởng đơn vị chuyên môn Huyện Giao Thủy"}
    gaps = [letter for letter in letters(office, "rung_vacant") if letter.owed_at == at("2025-06-16 07:30")]
    assert readers(gaps) == {"Văn phòng Điều phối nông thôn mới Tỉnh Nam Định"}
    assert gaps[0].facts["role_label"] == Role.OFFICER.label
    ((vacant,),) = office.rows(select(Escalation.vacant))
    assert vacant is True
    read_all(office)


def test_a_unit_where_nobody_is_left_gets_its_letter_on_paper_at_the_provinces_rung(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    office.at_district()
    with transaction(sqlite_engine) as session:
        session.execute(
            update(Post).where(Post.role.in_(["officer", "head", "vice_chair"])).values(valid_to=day("2025-06-10"))
        )
    office.go("2025-06-16 08:00")
    assert readers(letters(office, "overdue")) == {"Văn phòng Điều phối nông thôn mới Tỉnh Nam Định"}
