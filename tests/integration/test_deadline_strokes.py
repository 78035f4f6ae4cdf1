"""What a deadline does when it strikes: a breach for whoever is behind, and what the plan says of late acts and late comers."""

import pytest
from sqlalchemy import Engine, select

from models.cycles import Breach
from models.record import Event
from ocop.errors import TooLate
from tests.factories import an_office, at, day
from tests.integration.deadline_facts import LAST_MOMENT, STROKE, an_office_under, breaches, extension
from tests.plans import deadline_with, plan_with
from tests.records import letters, read_all

pytestmark = pytest.mark.postgresql_long


def test_at_the_stroke_every_registered_dossier_that_has_not_passed_gets_one_breach_naming_its_holder(
    engine: Engine,
) -> None:
    office = an_office(engine).go("2025-06-02")
    registered = office.register("14102")
    reviewed = office.register("14201")
    office.act("receive", "14201/officer", dossiers=[reviewed], received_on=office.now.date())
    waiting = office.at_district("14101")
    supplement = office.at_district("14202")
    office.act(
        "request-supplement", "366/officer", dossier=supplement, reason="Thiếu giấy", requested_on=office.now.date()
    )
    passed = office.judged("55")
    gone = office.register("14101")
    office.act("retract", "14101/officer", dossier=gone, requested_on=office.now.date(), reason="Chủ thể xin rút")
    office.go("2025-06-15 00:00")
    found = [row for row in breaches(office)]
    assert found == [
        (registered, "district_evaluation", "registered", "Xã Giao Hải", True),
        (reviewed, "district_evaluation", "commune_review", "Xã Hải Minh", True),
        (waiting, "district_evaluation", "district_evaluation", "Huyện Giao Thủy", True),
        (supplement, "district_evaluation", "district_supplement", "Huyện Hải Hậu", True),
    ]
    assert passed not in {row[0] for row in found}
    struck = {row[0] for row in office.rows(select(Breach.struck_at))}
    assert struck == {at("2025-06-15 00:00")}
    office.tick()
    office.go("2025-06-19 23:59")
    again = [row for row in breaches(office) if row[1] == "district_evaluation"]
    assert again == found


def test_a_second_before_the_stroke_nothing_is_overdue(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    office.at_district()
    office.go(LAST_MOMENT)
    assert breaches(office) == []
    office.go(STROKE)
    assert len(breaches(office)) == 1


def test_each_deadline_that_passes_adds_a_breach_of_its_own_to_a_dossier_that_stays_behind(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    code = office.at_district()
    office.go("2025-07-21")
    assert [row[1] for row in breaches(office)] == [
        "district_evaluation",
        "provincial_submission",
        "provincial_evaluation",
    ]
    office.act("carry-over", "365/officer", dossiers=[code], decided_on=office.now.date(), reason="Chưa đủ điều kiện")
    assert not any(row[-1] for row in breaches(office))


def test_a_dossier_leaves_its_breach_open_while_it_moves_below_the_breached_stage(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    code = office.register()
    office.go("2025-06-16")
    office.act("receive", "14101/officer", dossiers=[code], received_on=office.now.date())
    assert [row[-1] for row in breaches(office)] == [True]


def test_under_refuse_a_late_session_is_refused_and_the_dossier_stays_overdue(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    code = office.at_district()
    office.go("2025-06-17")
    with pytest.raises(TooLate, match="gia hạn hoặc chấp nhận hồ sơ muộn"):
        office.evaluate(code, "55")
    assert office.stage(code) == "district_evaluation"


def test_under_accept_late_a_late_session_is_taken_and_its_breach_tells_that_it_was_late(sqlite_engine: Engine) -> None:
    plan = deadline_with("district_evaluation", ('after_deadline = "refuse"', 'after_deadline = "accept_late"'))
    office = an_office_under(sqlite_engine, plan).go("2025-06-02")
    code = office.at_district()
    office.go("2025-06-17")
    assert office.evaluate(code, "55")["recorded_late"] is False  # held late, which its breach says
    ((struck, closed),) = office.rows(select(Breach.struck_at, Breach.closed_at))
    assert (struck, closed) == (at("2025-06-15 00:00"), at("2025-06-17"))


def test_under_next_round_the_stroke_carries_over_what_has_not_passed(engine: Engine) -> None:
    plan = deadline_with("district_evaluation", ('after_deadline = "refuse"', 'after_deadline = "next_round"'))
    office = an_office_under(engine, plan).go("2025-06-02")
    late, passed = office.at_district(), office.judged("75")
    office.go("2025-06-17")
    assert office.stage(late) == "carried_over"
    assert office.stage(passed) == "provincial_submission"
    ((actor, when, on, reason),) = office.rows(
        select(Event.actor_id, Event.effective_at, Event.occurred_on, Event.reason).where(Event.event == "carry_over")
    )
    assert (actor, when, on) == (None, at("2025-06-15 00:00"), day("2025-06-15"))
    assert "đợt sau" in reason
    assert [row[-1] for row in breaches(office)] == [False]
    assert letters(office, "carried_over")
    read_all(office)


def test_a_registration_after_the_deadline_is_refused_by_name(engine: Engine) -> None:
    office = an_office(engine)
    office.now = at(LAST_MOMENT)
    office.register()
    office.now = at(STROKE)
    with pytest.raises(TooLate, match=r"Sản phẩm 'Nước mắm mô phỏng \d+' đăng ký sau hạn.*không nhận"):
        office.register()


def test_a_registration_after_the_deadline_goes_to_the_next_round_where_the_plan_says_so(sqlite_engine: Engine) -> None:
    plan = plan_with(
        ('files_with = "commune"\nafter_deadline = "refuse"', 'files_with = "commune"\nafter_deadline = "next_round"')
    )
    office = an_office_under(sqlite_engine, plan)
    office.now = at(STROKE)
    with pytest.raises(TooLate, match="đăng ký vào đợt sau"):
        office.register()


def test_an_extension_lets_registrations_in_again(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine)
    office.now = at("2025-06-16")
    office.act("extend", "36/officer", **extension(day=day("2025-06-18")))
    assert office.stage(office.register()) == "registered"
