"""Who works on a dossier at a unit: taken, given, handed over, put back; over by itself when the dossier or the person leaves."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from casework.assigned import holds
from models.assignments import Assignment
from models.dossiers import Dossier
from models.record import Event, Request
from models.session import transaction
from models.units import Person, Post, Unit
from ocop.errors import InvalidInput, NotFound, NotPossibleNow, NotYours
from ocop.levels import Level, Role
from ocop.working_days import day_of
from tests.factories import Office, an_office, day
from tests.integration.test_acts_together import together
from tests.integration.test_amendments import sound
from tests.integration.test_statements import each, statements

pytestmark = pytest.mark.postgresql_long

OFFICER, HEAD = "cán bộ phụ trách Huyện Giao Thủy", "thủ trưởng đơn vị chuyên môn Huyện Giao Thủy"


def colleague(office: Office, code: str = "365/second", unit: str = "365", role: Role = Role.OFFICER) -> str:
    """Let another person work at a unit, and return their code."""
    with transaction(office.engine) as session:
        found = session.scalars(select(Unit).where(Unit.code == unit)).one()
        who = Person(code=code, name=f"Cán bộ thứ hai {found.name}", email=f"{code.replace('/', '.')}@office.example")
        session.add(who)
        session.flush()
        session.add(Post(person_id=who.id, unit_id=found.id, role=role.value, valid_from=date(2000, 1, 1)))
    return code


def works_on(office: Office) -> dict[str, str]:
    """Return, by dossier, who works on it now."""
    return {
        code: name
        for code, name in office.rows(
            select(Dossier.code, Person.code)
            .join(Assignment, Assignment.dossier_id == Dossier.id)
            .join(Person, Person.id == Assignment.person_id)
            .where(holds(day_of(office.now)))
        )
    }


def kept(office: Office, code: str) -> list[tuple[str, str, bool, str]]:
    """Return a dossier's assignments: who, given by whom, whether it was ended, and by whom."""
    rows = office.rows(
        select(Person.code, Assignment.begun_by, Assignment.ended_at, Assignment.ended_by)
        .join(Person, Person.id == Assignment.person_id)
        .join(Dossier, Dossier.id == Assignment.dossier_id)
        .where(Dossier.code == code)
        .order_by(Assignment.id)
    )
    return [(who, by, ended is not None, ended_by) for who, by, ended, ended_by in rows]


def test_an_officer_takes_dossiers_of_their_unit_and_the_dossiers_stay_as_they_were(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    codes = [office.at_district(), office.at_district()]
    before = office.rows(select(Event.id)), office.rows(select(Dossier.code, Dossier.stage, Dossier.version))
    answer = office.act("claim", "365/officer", dossiers=codes)
    assert answer["message"] == "Đã nhận 2 hồ sơ để xử lý."
    assert answer["done"] == [{"dossier": code, "person": OFFICER} for code in codes]
    assert works_on(office) == dict.fromkeys(codes, "365/officer")
    assert before == (office.rows(select(Event.id)), office.rows(select(Dossier.code, Dossier.stage, Dossier.version)))
    (kept_answer,) = office.rows(select(Request.answer).where(Request.act == "claim"))[0]
    assert [row["dossier"] for row in kept_answer["done"]] == codes
    assert sound(office) == []


def test_each_dossier_of_a_list_has_its_own_result(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    second = colleague(office)
    free, others, elsewhere, ended = (
        office.at_district(),
        office.at_district(),
        office.at_district("14201"),
        office.judged("40"),
    )
    office.act("claim", second, dossiers=[others])
    answer = office.act("claim", "365/officer", dossiers=[free, others, elsewhere, ended])
    assert [row["dossier"] for row in answer["done"]] == [free]
    reasons = {row["dossier"]: row["reason"] for row in answer["refused"]}
    assert set(reasons) == {others, elsewhere, ended}
    assert "đã do Cán bộ thứ hai Huyện Giao Thủy nhận từ ngày 5/5/2025" in reasons[others]
    assert "do Huyện Hải Hậu giải quyết" in reasons[elsewhere]
    assert "đã kết thúc" in reasons[ended]
    assert answer["message"] == "Đã nhận 1 hồ sơ để xử lý. Không nhận được 3 hồ sơ, xem lý do từng hồ sơ."
    none = office.act("claim", "365/officer", dossiers=[others, elsewhere])
    assert none["message"] == "Không nhận được hồ sơ nào, xem lý do từng hồ sơ."


def test_a_single_dossier_that_cannot_be_taken_is_refused(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_district()
    with pytest.raises(NotYours, match="do Huyện Giao Thủy giải quyết"):
        office.act("claim", "14101/officer", dossiers=[code])
    with pytest.raises(NotYours, match="Huyện Giao Thủy"):
        office.act("claim", "36/officer", dossiers=[code])
    with pytest.raises(NotPossibleNow, match="chưa có ai nhận"):
        office.act("release", "365/officer", dossiers=[code])
    with pytest.raises(NotFound):
        office.act("claim", "365/officer", dossiers=["ND2025-9999"])
    with pytest.raises(InvalidInput):
        office.act("claim", "365/officer", dossiers=[])


def test_a_dossier_is_given_handed_over_and_put_back_and_every_row_stays(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    second, code = colleague(office), office.at_district()
    office.act("assign", "365/head", dossiers=[code], person="365/officer", note="Xem kỹ giấy kiểm nghiệm")
    assert works_on(office) == {code: "365/officer"}
    answer = office.act("assign", "365/officer", dossiers=[code], person=second)
    assert answer["message"] == "Đã giao 1 hồ sơ cho Cán bộ thứ hai Huyện Giao Thủy."
    office.act("assign", "365/officer", dossiers=[office.at_district()], person=second)  # nobody's
    office.act("release", second, dossiers=[code])
    assert code not in works_on(office)
    assert kept(office, code) == [
        ("365/officer", HEAD, True, OFFICER),
        (second, OFFICER, True, "Cán bộ thứ hai Huyện Giao Thủy"),
    ]
    assert office.rows(select(Assignment.note).order_by(Assignment.id).limit(1)) == [("Xem kỹ giấy kiểm nghiệm",)]
    assert sound(office) == []


def test_a_colleague_s_dossier_is_taken_from_them_by_the_head_alone(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    second, code = colleague(office), office.at_district()
    office.act("claim", "365/officer", dossiers=[code])
    with pytest.raises(NotYours, match="lãnh đạo đơn vị"):
        office.act("assign", second, dossiers=[code], person=second)
    with pytest.raises(NotYours, match="lãnh đạo đơn vị"):
        office.act("release", second, dossiers=[code])
    office.act("assign", "365/vice_chair", dossiers=[code], person=second)
    office.act("release", "365/head", dossiers=[code])
    assert works_on(office) == {}


def test_a_dossier_is_given_only_to_somebody_of_the_unit_where_it_stands(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_district()
    with pytest.raises(NotYours, match="cán bộ phụ trách Huyện Hải Hậu không giữ nhiệm vụ ở đó"):
        office.act("assign", "365/head", dossiers=[code], person="366/officer")
    with pytest.raises(NotFound, match="mang mã"):
        office.act("assign", "365/head", dossiers=[code], person="365/nobody")


def test_taking_again_what_one_has_changes_nothing(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_district()
    office.act("claim", "365/officer", dossiers=[code])
    office.act("claim", "365/officer", dossiers=[code, code])
    office.act("assign", "365/head", dossiers=[code], person="365/officer")
    assert kept(office, code) == [("365/officer", OFFICER, False, "")]


def test_an_assignment_is_over_when_the_dossier_leaves_the_unit_also_when_it_comes_back(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    code = office.at_district()
    office.act("claim", "365/officer", dossiers=[code])
    office.evaluate(code, "75")
    assert works_on(office) == {code: "365/officer"}, "a step at the unit ends nothing"
    office.decide(code)
    office.act("submit", "365/officer", dossiers=[code], number="88/UBND", signed_on=office.now.date())
    assert works_on(office) == {code: "365/officer"}
    office.tick()
    assert works_on(office) == {}, "it stands at the province"
    office.evaluate(code, "65", "36/officer")
    office.decide(code, "36/officer")
    assert office.stage(code) == "returned_to_district"
    assert works_on(office) == {}, "it came back, and waits for somebody to take it"
    second = colleague(office)
    office.act("claim", second, dossiers=[code])
    assert works_on(office) == {code: second}
    assert kept(office, code) == [
        ("365/officer", OFFICER, True, ""),
        (second, "Cán bộ thứ hai Huyện Giao Thủy", False, ""),
    ]
    assert sound(office) == []


def test_what_stands_at_the_centre_is_the_province_s_work(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_province("93")
    office.act("claim", "36/officer", dossiers=[code])
    office.evaluate(code, "92", "36/officer")
    office.decide(code, "36/officer")
    office.recognise(code, "36/officer")
    office.act("propose", "36/officer", dossiers=[code], number="9/TTr", signed_on=office.now.date())
    office.tick()
    assert office.stage(code) == "central_evaluation"
    assert works_on(office) == {code: "36/officer"}
    with pytest.raises(NotYours, match="do Tỉnh Nam Định giải quyết"):
        office.act("claim", "00/officer", dossiers=[code])
    office.act("assign", "36/coordinator_office", dossiers=[code], person="36/department")
    assert works_on(office) == {code: "36/department"}


def test_whoever_loses_the_post_works_on_nothing_there_any_more(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    second, code = colleague(office), office.at_district()
    office.act("claim", second, dossiers=[code])
    with transaction(office.engine) as session:
        who = select(Person.id).where(Person.code == second).scalar_subquery()
        session.execute(update(Post).where(Post.person_id == who).values(valid_to=day("2025-05-09")))
    office.go("2025-05-09")
    assert works_on(office) == {code: second}, "the last day counts"
    office.go("2025-05-10")
    assert works_on(office) == {}
    office.act("claim", "365/officer", dossiers=[code])
    assert kept(office, code)[0] == (second, "Cán bộ thứ hai Huyện Giao Thủy", True, "")


def absent(office: Office, substitute: str, who: str = "365/officer") -> None:
    """Record that somebody of Giao Thủy is away for ten days from today."""
    today = office.now.date()
    office.act(
        "leave", "365/head", person=who, level=Level.DISTRICT, unit="365", from_day=today,
        to_day=today + timedelta(days=9), substitute=substitute,
    )  # fmt: skip


def test_the_substitute_hands_over_and_puts_back_what_the_absent_one_has(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    second = colleague(office)
    codes = [office.at_district(), office.at_district()]
    office.act("claim", "365/officer", dossiers=codes)
    absent(office, second)
    office.act("assign", second, dossiers=codes[:1], person=second)
    office.act("release", second, dossiers=codes[1:])
    assert works_on(office) == {codes[0]: second}
    office.go("2025-05-16")
    office.act("assign", "365/head", dossiers=codes[1:], person="365/officer")
    with pytest.raises(NotYours):
        office.act("release", second, dossiers=codes[1:])


def test_giving_to_somebody_who_is_away_says_so(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_district()
    absent(office, "365/vice_chair")
    answer = office.act("assign", "365/head", dossiers=[code], person="365/officer")
    assert "vắng mặt đến hết ngày 14/5/2025" in answer["warnings"][0]


def test_two_who_take_one_dossier_at_once_leave_it_with_one_of_them(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    second, code = colleague(office), office.at_district()
    answers = together(
        lambda: office.act("claim", "365/officer", dossiers=[code]),
        lambda: office.act("claim", second, dossiers=[code]),
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["NotPossibleNow", "dict"], answers
    assert len(kept(office, code)) == 1


def test_the_record_keeps_one_running_assignment_of_a_dossier(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    code = office.at_district()
    office.act("claim", "365/officer", dossiers=[code])

    def twice(session: Session) -> Any:
        (row,) = session.scalars(select(Assignment)).all()
        session.add(
            Assignment(
                dossier_id=row.dossier_id, unit_id=row.unit_id, person_id=row.person_id, number=row.number,
                begun_at=row.begun_at, begun_by="",
            )
        )  # fmt: skip
        session.flush()

    with pytest.raises(Exception, match=r"uq_assignments_running|UNIQUE"), transaction(engine) as session:
        twice(session)


def test_a_list_is_taken_given_and_put_back_without_a_question_for_each(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    codes = [office.at_district() for _ in range(9)]
    assert each(office, "claim", "365/officer", codes) == 0
    assert each(office, "assign", "365/head", codes, person="365/vice_chair") == 0
    assert each(office, "release", "365/vice_chair", codes) == 0
    with statements(office.engine) as seen:
        office.act("claim", "365/officer", dossiers=codes)
    assert sum("assignments" in statement for statement in seen) == 2, "one look, one insert"
