"""Each deadline names the act that meets it and the day that counts; a plan says where that day ends."""

from datetime import date

import pytest
from sqlalchemy import Engine, select

from casework.late_entries import late_entries
from casework.rules import cycle_by_code
from models.cycles import Deadline
from models.record import Event
from models.results import Evaluation
from models.session import transaction
from ocop.errors import InvalidInput, TooLate
from tests.factories import CYCLE, an_office, at, day
from tests.integration.deadline_facts import an_office_under, breaches
from tests.plans import deadline_with, plan_with
from tests.records import letters

pytestmark = pytest.mark.postgresql_long


@pytest.mark.parametrize(
    ("held_on", "in_time"),
    [("2025-06-13", True), ("2025-06-14", True), ("2025-06-15", False), ("2025-06-16", False)],
)
def test_the_day_of_the_councils_session_meets_the_evaluations_deadline(
    sqlite_engine: Engine, held_on: str, in_time: bool
) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    code = office.at_district()
    office.go("2025-06-17")
    if in_time:
        answer = office.evaluate(code, "55", held_on=day(held_on))
        assert answer["recorded_late"] is True
    else:
        with pytest.raises(TooLate, match="14/6/2025"):
            office.evaluate(code, "55", held_on=day(held_on))


@pytest.mark.parametrize(
    ("now", "late"), [("2025-06-14 23:59:59", False), ("2025-06-15 00:00:00", True), ("2025-06-15 00:00:01", True)]
)
def test_a_session_recorded_at_the_stroke_is_recorded_late_and_a_second_before_it_is_not(
    engine: Engine, now: str, late: bool
) -> None:
    office = an_office(engine).go("2025-06-02")
    code = office.at_district()
    office.now = at(now)
    assert office.evaluate(code, "55", held_on=day("2025-06-14"))["recorded_late"] is late
    assert bool(breaches(office)) is late


def test_a_session_held_in_time_is_decided_after_the_stroke_and_its_breach_closes_with_the_entry(
    engine: Engine,
) -> None:
    office = an_office(engine).go("2025-06-02")
    code = office.at_district()
    office.go("2025-06-16 09:00")
    assert [row[-1] for row in breaches(office)] == [True]
    office.evaluate(code, "55", held_on=day("2025-06-13"))
    assert [row[-1] for row in breaches(office)] == [False]
    office.decide(code)
    office.recognise(code)
    assert office.stage(code) == "recognised"
    ((late,),) = office.rows(select(Evaluation.recorded_late))
    assert late is True


def test_what_is_entered_after_the_stroke_is_listed_as_recorded_late_for_the_coordinator_office(engine: Engine) -> None:
    office = an_office(engine).go("2025-06-02")
    punctual, late = office.at_district(), office.at_district()
    office.evaluate(punctual, "55")
    office.go("2025-06-16 09:00")
    office.evaluate(late, "55", held_on=day("2025-06-13"), minutes="07/BB-HĐ")
    with transaction(engine) as session:
        (entry,) = late_entries(session, cycle_by_code(session, CYCLE), office.now)
    assert (entry.dossier, entry.event, entry.unit) == (late, "evaluate", "Huyện Giao Thủy")
    assert (entry.occurred_on, entry.recorded_at, entry.document) == (day("2025-06-13"), office.now, "07/BB-HĐ")
    office.go("2025-06-17 08:00")
    told = [
        {row["label"]: row["value"] for row in letter.facts["counts"]} for letter in letters(office, "daily_digest")
    ]
    assert [row["Việc làm đúng hạn nhưng ghi sau hạn"] for row in told[-2:]] == [0, 1]


def test_a_session_recorded_in_time_and_decided_after_the_stroke_is_no_breach(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-10")
    code = office.at_district()
    office.evaluate(code, "55")
    office.go("2025-06-18")
    assert breaches(office) == []
    office.decide(code)
    assert office.stage(code) == "district_recognition"


def test_entry_after_the_stroke_needs_the_minutes_number(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    code = office.at_district()
    office.go("2025-06-17")
    with pytest.raises(InvalidInput, match="số biên bản"):
        office.evaluate(code, "55", held_on=day("2025-06-13"), minutes="  ")


@pytest.mark.parametrize(
    ("signed_on", "in_time"),
    [("2025-06-18", True), ("2025-06-19", True), ("2025-06-20", False), ("2025-06-21", False)],
)
def test_the_date_of_the_sending_letter_meets_the_submissions_deadline(
    sqlite_engine: Engine, signed_on: str, in_time: bool
) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    code = office.judged("75")
    office.go("2025-06-23")
    sign = {"dossiers": [code], "number": "88/UBND-NN", "signed_on": day(signed_on)}
    if not in_time:
        with pytest.raises(TooLate, match="19/6/2025"):
            office.act("submit", "365/officer", **sign)
        return
    office.act("submit", "365/officer", **sign)
    ((details,),) = office.rows(select(Event.details).where(Event.event == "submit"))
    assert details["recorded_late"] is True
    assert [(row[1], row[-1]) for row in breaches(office)] == [("provincial_submission", False)]


def test_of_a_list_for_the_province_only_the_late_are_refused(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    one, other = office.judged("75"), office.judged("76")
    office.go("2025-06-16")
    office.act(
        "accept-late", "36/officer", dossiers=[other], stage="provincial_submission", document="9/UBND", reason="Bão"
    )
    office.go("2025-06-23")
    answer = office.act("submit", "365/officer", dossiers=[one, other], number="88", signed_on=day("2025-06-23"))
    assert [item["dossier"] for item in answer["done"]] == [other]
    assert [item["dossier"] for item in answer["refused"]] == [one]
    assert "19/6/2025" in answer["refused"][0]["reason"]


@pytest.mark.parametrize(("held_on", "in_time"), [("2025-07-18", True), ("2025-07-19", True), ("2025-07-20", False)])
def test_the_provinces_session_is_in_time_until_19_july(sqlite_engine: Engine, held_on: str, in_time: bool) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    code = office.at_province()
    office.go("2025-07-22")
    if in_time:
        assert office.evaluate(code, "75", "36/officer", held_on=day(held_on))["recorded_late"] is True
    else:
        with pytest.raises(TooLate, match="19/7/2025"):
            office.evaluate(code, "75", "36/officer", held_on=day(held_on))


def test_a_plan_may_let_the_decisions_day_meet_the_deadline_and_then_the_sessions_day_is_free(
    sqlite_engine: Engine,
) -> None:
    plan = deadline_with("district_evaluation", ('met_by = "session_held"', 'met_by = "decision_signed"'))
    office = an_office_under(sqlite_engine, plan).go("2025-06-02")
    early, late = office.at_district(), office.at_district()
    office.evaluate(early, "55")
    office.go("2025-06-17")
    assert [row[0] for row in breaches(office)] == [early, late]
    office.evaluate(late, "55", held_on=day("2025-06-16"))
    assert all(row[-1] for row in breaches(office))  # only the decision closes them
    with pytest.raises(TooLate, match="14/6/2025"):
        office.decide(late)
    office.act(
        "decide", "365/officer", dossiers=[early], number="4/QĐ", signed_on=day("2025-06-13"), signer="Nguyễn Văn Ký"
    )
    assert [row[-1] for row in breaches(office)] == [False, True]


def test_a_deadline_of_the_commune_is_met_by_the_day_of_its_report(sqlite_engine: Engine) -> None:
    commune = """[[deadlines]]
stage = "commune_review"
date = 2025-05-15
wording = "trước ngày 15/5/2025"
boundary = "exclusive"
roll = "none"
met_by = "letter_sent"
after_deadline = "refuse"
section = "Kế hoạch thử"

[[deadlines]]
stage = "district_evaluation\""""
    plan = plan_with(('[[deadlines]]\nstage = "district_evaluation"', commune))
    office = an_office_under(sqlite_engine, plan).go("2025-05-05")
    code = office.register()
    office.act("receive", "14101/officer", dossiers=[code], received_on=day("2025-05-05"))
    office.go("2025-05-16")
    assert breaches(office) == [(code, "commune_review", "commune_review", "Xã Giao Xuân", True)]
    report = {"dossiers": [code], "number": "12/BC", "findings": "Đủ."}
    with pytest.raises(TooLate, match="14/5/2025"):
        office.act("report", "14101/officer", reported_on=day("2025-05-15"), **report)
    office.act("report", "14101/officer", reported_on=day("2025-05-14"), **report)
    assert [row[-1] for row in breaches(office)] == [False]


@pytest.mark.parametrize(
    ("boundary", "roll", "last"),
    [
        ("exclusive", "none", "2025-06-14"),
        ("inclusive", "none", "2025-06-15"),
        ("exclusive", "next_working_day", "2025-06-16"),
        ("exclusive", "previous_working_day", "2025-06-13"),
        ("inclusive", "next_working_day", "2025-06-16"),
        ("inclusive", "previous_working_day", "2025-06-13"),
    ],
)
def test_boundary_and_roll_are_the_plans_and_move_the_stroke(
    sqlite_engine: Engine, boundary: str, roll: str, last: str
) -> None:
    changes = (('boundary = "exclusive"', f'boundary = "{boundary}"'), ('roll = "none"', f'roll = "{roll}"'))
    office = an_office_under(sqlite_engine, deadline_with("district_evaluation", *changes)).go("2025-06-02")
    in_time, too_late = office.at_district(), office.at_district()
    office.now = at(f"{last} 23:59:59")
    office.tick()
    assert breaches(office) == []
    office.go("2025-06-18")
    assert len(breaches(office)) == 2
    office.evaluate(in_time, "55", held_on=day(last))
    with pytest.raises(TooLate):
        office.evaluate(too_late, "55", held_on=date.fromordinal(day(last).toordinal() + 1))


def test_the_rule_in_force_stands_beside_every_date(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine)
    rules = [row[0] for row in office.rows(select(Deadline.rule).order_by(Deadline.strikes_at))]
    assert rules[0].startswith("trước ngày 15/6/2025 (không kể ngày được nêu): hạn cuối 24 giờ thứ Bảy, ngày 14/6/2025")
    assert "20/6/2025" in rules[1]
    assert "Chủ nhật" in rules[2]
    assert "không dời" in rules[2]
