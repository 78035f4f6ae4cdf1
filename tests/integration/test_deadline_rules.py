"""What a deadline demands, sentence by sentence of the domain's section 6."""

from datetime import date

import pytest
from sqlalchemy import Engine, func, select, update

from casework.late_entries import late_entries
from casework.rules import cycle_by_code
from models.cycles import AgendaItem, Breach, Deadline, Escalation, LateAcceptance
from models.dossiers import Dossier
from models.record import Event
from models.results import Evaluation
from models.session import transaction
from models.units import Person, Post, Unit
from ocop.errors import InvalidInput, NotFound, NotPossibleNow, NotYours, TooLate
from ocop.levels import Level, Role
from tests.factories import CYCLE, Office, an_office, at, day
from tests.plans import deadline_with, plan_with
from tests.records import letters, read_all, readers

pytestmark = pytest.mark.postgresql_long

LAST_MOMENT, STROKE = "2025-06-14 23:59:59", "2025-06-15 00:00:00"


def an_office_under(engine: Engine, plan: str) -> Office:
    """Return the world under another plan."""
    return Office(engine).found().open_cycle(plan)


def breaches(office: Office) -> list[tuple[str, str, str, str, bool]]:
    """Return (dossier, deadline's stage, where it stood, unit, whether open) of every breach."""
    return [
        (code, stage, stood, unit, closed is None)
        for code, stage, stood, unit, closed in office.rows(
            select(Dossier.code, Deadline.stage, Breach.stage, Unit.name, Breach.closed_at)
            .join(Deadline, Deadline.id == Breach.deadline_id)
            .join(Dossier, Dossier.id == Breach.dossier_id)
            .join(Unit, Unit.id == Breach.unit_id)
            .order_by(Deadline.strikes_at, Dossier.code)
        )
    ]


# --- each deadline names the act that meets it -----------------------------------------------------------------------


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


# --- boundary and roll -------------------------------------------------------------------------------------------------


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


# --- at the stroke -----------------------------------------------------------------------------------------------------


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


# --- who opens a deadline again ----------------------------------------------------------------------------------------


def extension(**more: object) -> dict[str, object]:
    """Return what an extension of the districts' evaluation says."""
    body = {
        "cycle": CYCLE,
        "stage": "district_evaluation",
        "day": day("2025-06-25"),
        "document": "70/UBND-NN",
        "reason": "Mưa bão",
    }
    return body | more


def test_an_extension_before_the_stroke_moves_it(engine: Engine) -> None:
    office = an_office(engine).go("2025-06-02")
    code = office.at_district()
    answer = office.act("extend", "36/officer", **extension())
    assert answer["last_day"] == "2025-06-25"
    office.go("2025-06-25 23:59:59")
    assert [row[1] for row in breaches(office)] == ["provincial_submission"]
    office.evaluate(code, "55", held_on=day("2025-06-25"))
    office.go("2025-06-26 00:00")
    assert "district_evaluation" not in {row[1] for row in breaches(office)}


def test_an_extension_after_the_stroke_closes_the_open_breach_and_a_new_miss_is_a_new_one(engine: Engine) -> None:
    office = an_office(engine).go("2025-06-02")
    code = office.at_district()
    office.go("2025-06-16")
    answer = office.act("extend", "36/officer", **extension(day=day("2025-06-19")))
    assert answer["closed_breaches"] == 1
    ((by, closed),) = office.rows(select(Breach.closed_by, Breach.closed_at))
    assert (by, closed) == ("extend", office.now)
    office.go("2025-06-20 09:00")
    found = [row for row in breaches(office) if row[1] == "district_evaluation"]
    assert [row[-1] for row in found] == [False, True]
    assert {row[0] for row in found} == {code}
    read_all(office)


def test_the_ladder_of_an_extended_deadline_stops_climbing(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    office.at_district()
    office.go("2025-06-16 08:00")
    office.act("extend", "36/officer", **extension())
    office.go("2025-06-19 23:00")
    assert office.rows(select(func.count(Escalation.id))) == [(1,)]


def test_an_extension_needs_document_and_reason_and_a_later_day_ahead(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    for wrong in ({"document": " "}, {"reason": ""}, {"day": day("2025-06-14")}):
        with pytest.raises(InvalidInput):
            office.act("extend", "36/officer", **extension(**wrong))
    office.go("2025-06-27")
    with pytest.raises(InvalidInput, match="đã qua"):
        office.act("extend", "36/officer", **extension())
    with pytest.raises(NotFound, match="district_evaluation"):
        office.act("extend", "36/officer", **extension(stage="commune_review", day=day("2025-07-10")))


@pytest.mark.parametrize("who", ["365/officer", "365/vice_chair", "14101/officer", "00/officer"])
def test_a_unit_never_extends_its_own_deadline(sqlite_engine: Engine, who: str) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    with pytest.raises(NotYours):
        office.act("extend", who, **extension())
    with pytest.raises(NotYours):
        office.act("extend", who, **extension(level=Level.DISTRICT, unit="365"))


def test_an_extension_for_one_district_holds_for_its_dossiers_alone(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    here, there = office.at_district("14101"), office.at_district("14201")
    office.go("2025-06-16")
    assert office.act("extend", "36/officer", **extension(level=Level.DISTRICT, unit="365"))["closed_breaches"] == 1
    office.evaluate(here, "55")
    with pytest.raises(TooLate):
        office.evaluate(there, "55", "366/officer")
    told = letters(office, "deadline_extended")
    assert readers(told) == {"cán bộ phụ trách Huyện Giao Thủy", "Văn phòng Điều phối nông thôn mới Tỉnh Nam Định"}


def test_an_extension_that_overruns_the_next_deadline_is_reported_when_it_is_entered(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    fits = office.act("extend", "36/officer", **extension(day=day("2025-06-18")))
    assert fits["warnings"] == []
    overruns = office.act("extend", "36/officer", **extension(day=day("2025-06-25")))
    assert len(overruns["warnings"]) == 1
    assert "Chờ gửi tỉnh" in overruns["warnings"][0]
    far = office.act("extend", "36/officer", **extension(day=day("2025-07-25")))
    assert len(far["warnings"]) == 2


def test_an_extension_is_no_longer_reported_once_the_next_deadline_was_extended_too(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    office.act("extend", "36/officer", **extension(stage="provincial_submission", day=day("2025-07-01")))
    assert office.act("extend", "36/officer", **extension(day=day("2025-06-25")))["warnings"] == []


def test_accept_late_opens_a_deadline_for_named_dossiers_with_document_and_reason(engine: Engine) -> None:
    office = an_office(engine).go("2025-06-02")
    named, other = office.at_district(), office.at_district()
    office.go("2025-06-17")
    body = {"dossiers": [named], "stage": "district_evaluation", "document": "71/UBND", "reason": "Chủ thể bị bão"}
    with pytest.raises(NotYours):
        office.act("accept-late", "365/officer", **body)
    with pytest.raises(InvalidInput):
        office.act("accept-late", "36/officer", **(body | {"document": ""}))
    with pytest.raises(InvalidInput):
        office.act("accept-late", "36/officer", **(body | {"reason": " "}))
    office.act("accept-late", "36/officer", **body)
    assert [row[-1] for row in breaches(office)] == [True, True]  # it stays open until the act itself
    office.evaluate(named, "55")
    with pytest.raises(TooLate):
        office.evaluate(other, "55")
    assert [row[-1] for row in breaches(office)] == [False, True]
    assert office.rows(select(LateAcceptance.document)) == [("71/UBND",)]


def test_a_dossier_past_the_stage_cannot_be_accepted_late_there(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    code = office.judged("75")
    with pytest.raises(NotPossibleNow):
        office.act(
            "accept-late", "36/officer", dossiers=[code], stage="district_evaluation", document="71", reason="Bão"
        )


# --- after_deadline is plan data ---------------------------------------------------------------------------------------


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


# --- registration after the deadline -----------------------------------------------------------------------------------


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


# --- reminders ---------------------------------------------------------------------------------------------------------


def reminders(office: Office) -> list[str]:
    """Return when the reminders of the districts' deadline were owed."""
    found = office.rows(
        select(AgendaItem.due_at)
        .where(AgendaItem.kind == "reminder", AgendaItem.stage == "district_evaluation")
        .order_by(AgendaItem.due_at)
    )
    return [f"{row[0].astimezone(at('2025-01-01').tzinfo):%d/%m %H:%M}" for row in found]


def test_reminders_leave_14_7_3_and_1_working_days_before_the_last_day(sqlite_engine: Engine) -> None:
    # The last day is Saturday 14/6: 13/6 is one working day before it, 11/6 three, 5/6 seven, 27/5 fourteen.
    office = an_office(sqlite_engine)
    assert reminders(office) == ["27/05 07:30", "05/06 07:30", "11/06 07:30", "13/06 07:30"]


def test_reminders_count_over_the_holidays_of_30_april_and_the_saturday_worked_for_2_may(sqlite_engine: Engine) -> None:
    # Before 8/5: last day Wednesday 7/5. 1: 6/5. 3: 29/4, as 30/4, 1/5, 2/5 and the weekend are off.
    # 5 would be Saturday 26/4, worked for 2/5; 7: Thursday 24/4. 14: Tuesday 15/4.
    office = an_office_under(
        sqlite_engine, deadline_with("district_evaluation", ("date = 2025-06-15", "date = 2025-05-08"))
    )
    assert reminders(office) == ["15/04 07:30", "24/04 07:30", "29/04 07:30", "06/05 07:30"]


def test_the_worked_saturday_is_itself_a_day_for_a_reminder(sqlite_engine: Engine) -> None:
    # Before 30/4 with the day itself excluded: last day 29/4. 1: 28/4, 3: 25/4, with Saturday 26/4 between them.
    plan = deadline_with("district_evaluation", ("date = 2025-06-15", "date = 2025-04-30")).replace(
        "working_days_before = [14, 7, 3, 1]", "working_days_before = [3, 2, 1]"
    )
    office = an_office_under(sqlite_engine, plan)
    assert reminders(office) == ["25/04 07:30", "26/04 07:30", "28/04 07:30"]


def test_reminders_that_lie_behind_the_opening_are_not_sent(sqlite_engine: Engine) -> None:
    office = Office(sqlite_engine).found()
    office.now = at("2025-06-06")
    office.open_cycle()
    assert reminders(office) == ["11/06 07:30", "13/06 07:30"]


def test_a_reminder_goes_to_the_holder_and_to_the_stages_own_unit_with_what_is_outstanding(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-06-12 12:00")
    waiting = office.register("14201")
    done = office.at_district("14101")
    office.evaluate(done, "55")
    office.go("2025-06-13 07:30")
    told = [letter for letter in letters(office, "deadline_reminder") if letter.owed_at == at("2025-06-13 07:30")]
    assert readers(told) == {"cán bộ phụ trách Xã Hải Minh", "cán bộ phụ trách Huyện Hải Hậu"}
    assert {row["code"] for letter in told for row in letter.facts["dossiers"]} == {waiting}
    assert told[0].facts["deadline"]["working_days_left"] == 0  # 14/6 is a Saturday: no working day is left after today
    read_all(office)


# --- the ladder --------------------------------------------------------------------------------------------------------


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
