"""Retract, disqualify, carry over: allowed or refused at each stage by the table; after recognition only revoke."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from models.cycles import Cycle
from models.record import Event
from ocop.errors import AlreadyExists, InvalidInput, NotPossibleNow, NotYours
from ocop.levels import Level
from ocop.procedures.qd148 import QD148
from tests.factories import CYCLE, PLAN, Office, all_gates, an_office, at, day
from tests.records import letters, read_all

HOLDERS = {Level.COMMUNE: "14101/officer", Level.DISTRICT: "365/officer", Level.PROVINCE: "36/officer"}


def sign(office: Office, name: str, who: str, code: str, **more: object) -> str:
    """Perform an act on a list of one dossier without routing after it."""
    body = {"dossiers": [code], "number": "1/QĐ", "signed_on": office.now.date()}
    office.act(name, who, **(body | more))
    return code


def ask(office: Office, code: str, who: str) -> str:
    """Return a dossier for completion."""
    office.act("request-supplement", who, dossier=code, reason="Thiếu giấy", requested_on=office.now.date())
    return code


def received(office: Office) -> str:
    """Take a dossier to the commune's review."""
    code = office.register()
    office.act("receive", "14101/officer", dossiers=[code], received_on=office.now.date())
    return code


def reported(office: Office) -> str:
    """Take a dossier to the commune's report, not yet carried on."""
    code = received(office)
    office.act("report", "14101/officer", dossiers=[code], number="1/BC", reported_on=office.now.date(), findings="Đủ.")
    return code


def judged_by_province(office: Office, mean: str) -> str:
    """Take a dossier through the province's decision."""
    code = office.at_province("92")
    office.evaluate(code, mean, "36/officer")
    office.decide(code, "36/officer")
    return code


def recognised_by_province(office: Office) -> str:
    """Take a dossier of 5 stars by points to its 4 stars."""
    code = judged_by_province(office, "91")
    office.recognise(code, "36/officer")
    return code


def at_centre(office: Office) -> str:
    """Take a dossier to the centre."""
    code = sign(office, "propose", "36/officer", recognised_by_province(office))
    office.tick()
    return code


STANDING: dict[str, Callable[[Office], str]] = {
    "registered": lambda o: o.register(),
    "commune_review": received,
    "commune_supplement": lambda o: ask(o, received(o), "14101/officer"),
    "district_evaluation": lambda o: o.at_district(),
    "district_supplement": lambda o: ask(o, o.at_district(), "365/officer"),
    "provincial_submission": lambda o: o.judged("75"),
    "provincial_evaluation": lambda o: o.at_province(),
    "provincial_supplement": lambda o: ask(o, o.at_province(), "36/officer"),
    "returned_to_district": lambda o: judged_by_province(o, "65"),
    "district_recognition": lambda o: o.judged("55"),
    "provincial_recognition": lambda o: judged_by_province(o, "75"),
    "central_proposal": recognised_by_province,
    "central_evaluation": at_centre,
}
"""How a dossier comes to stand at each stage where it waits for a person; the routed stages are left before any act."""

RETRACTED = frozenset(STANDING) - {"central_proposal", "central_evaluation"}
DISQUALIFIED = RETRACTED - {"registered"}
CARRIED = RETRACTED - {"district_recognition", "provincial_recognition"}
TABLE = {"retract": RETRACTED, "disqualify": DISQUALIFIED, "carry-over": CARRIED}


def end(office: Office, name: str, code: str, who: str) -> None:
    """Perform one of the three endings."""
    body = {
        "retract": {"dossier": code, "requested_on": office.now.date(), "reason": "Chủ thể xin rút"},
        "disqualify": {"dossier": code, "found_on": office.now.date(), "reason": "Giấy tờ giả", "document": "3/BB"},
        "carry-over": {"dossiers": [code], "decided_on": office.now.date(), "reason": "Chưa đủ điều kiện"},
    }[name]
    office.act(name, who, **body)


@pytest.mark.parametrize("stage", STANDING)
def test_at_each_stage_the_table_allows_or_refuses_the_three_endings(sqlite_engine: Engine, stage: str) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    for name, allowed in TABLE.items():
        code = STANDING[stage](office)
        assert office.stage(code) == stage
        who = HOLDERS.get(QD148.stage(stage).level, "36/officer")
        if stage not in allowed:
            with pytest.raises(NotPossibleNow, match="không thực hiện được"):
                end(office, name, code, who)
            assert office.stage(code) == stage
            continue
        with pytest.raises(NotYours):
            end(office, name, code, "366/officer")
        end(office, name, code, who)
        assert (
            office.stage(code)
            == {"retract": "retracted", "disqualify": "disqualified", "carry-over": "carried_over"}[name]
        )
        assert letters(
            office, {"retract": "retracted", "disqualify": "disqualified", "carry-over": "carried_over"}[name]
        )
        with pytest.raises(NotPossibleNow):
            end(office, name, code, who)
    read_all(office)


def test_the_stages_of_this_table_are_those_where_a_dossier_waits_for_a_person() -> None:
    assert set(STANDING) == set(QD148.open_stages) - set(QD148.routed) - {"filed_at_district"}


@pytest.mark.parametrize("name", TABLE)
def test_after_recognition_none_of_them_is_possible(sqlite_engine: Engine, name: str) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.judged("55")
    office.recognise(code)
    with pytest.raises(NotPossibleNow, match="đã kết thúc"):
        end(office, name, code, "365/officer")


@pytest.mark.parametrize("name", TABLE)
def test_each_needs_its_reason_and_a_disqualification_its_document(sqlite_engine: Engine, name: str) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_district()
    body = {
        "retract": {"dossier": code, "requested_on": office.now.date(), "reason": " "},
        "disqualify": {"dossier": code, "found_on": office.now.date(), "reason": "Giấy tờ giả", "document": " "},
        "carry-over": {"dossiers": [code], "decided_on": office.now.date(), "reason": " "},
    }[name]
    with pytest.raises(InvalidInput):
        office.act(name, "365/officer", **body)


def test_in_a_batch_one_refusal_does_not_stop_the_others(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    stays, goes = office.judged("55"), office.at_district()
    answer = office.act(
        "carry-over", "365/officer", dossiers=[stays, goes], decided_on=office.now.date(), reason="Chờ kỳ sau"
    )
    assert [item["dossier"] for item in answer["done"]] == [goes]
    assert [item["dossier"] for item in answer["refused"]] == [stays]


# --- the cycle ---------------------------------------------------------------------------------------------------------


def test_a_cycle_closes_only_when_every_dossier_is_final_carried_over_or_at_the_centre(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    at_the_centre, proposing = at_centre(office), recognised_by_province(office)
    waiting = office.at_district()
    office.recognise(office.judged("55"), number="510/QĐ")
    with pytest.raises(NotYours):
        office.act("close-cycle", "365/officer", cycle=CYCLE)
    with pytest.raises(NotPossibleNow, match="Huyện đánh giá: 1"):
        office.act("close-cycle", "36/officer", cycle=CYCLE)
    office.act("carry-over", "365/officer", dossiers=[waiting], decided_on=office.now.date(), reason="Chờ kỳ sau")
    with pytest.raises(NotPossibleNow, match="Chờ đề nghị trung ương: 1"):
        office.act("close-cycle", "36/officer", cycle=CYCLE)
    office.act("forgo", "36/officer", dossiers=[proposing], decided_on=office.now.date(), reason="Chủ thể xin thôi")
    office.act("close-cycle", "36/officer", cycle=CYCLE)
    with pytest.raises(NotPossibleNow, match="đã đóng"):
        office.act("close-cycle", "36/officer", cycle=CYCLE)
    with pytest.raises(NotPossibleNow, match="đã đóng"):
        office.register()
    ((closed,),) = office.rows(select(Cycle.closed_at))
    assert closed == office.now
    owed = len(letters(office, "daily_digest"))
    office.go("2025-07-25")
    assert len(letters(office, "daily_digest")) <= owed + 1  # a closed cycle has no morning letter and no strokes
    assert letters(office, "overdue") == []
    office.act(
        "record-central-result", "36/officer", dossier=at_the_centre, held_on=day("2025-07-20"), minutes="7/BB",
        mean=Decimal(93), gates=all_gates(), number="2000/QĐ", signed_on=day("2025-07-24"), signer="Bộ trưởng",
    )  # fmt: skip
    office.tick()
    assert office.stage(at_the_centre) == "recognised"
    read_all(office)


def test_a_cycle_opens_once_by_the_province_on_or_after_the_plans_day(sqlite_engine: Engine) -> None:
    office = Office(sqlite_engine).found()
    office.now = at("2025-04-07 23:59:59")
    with pytest.raises(NotPossibleNow, match="8/4/2025"):
        office.open_cycle()
    office.now = at("2025-04-08 00:00:00")
    with pytest.raises(NotYours):
        office.act("open-cycle", "365/officer", code=CYCLE, plan=PLAN)
    office.open_cycle()
    with pytest.raises(AlreadyExists):
        office.open_cycle()
    told = letters(office, "cycle_opened")
    assert len(told) == 8  # province, two districts, four communes, coordinator office
    read_all(office)


def test_a_cycle_keeps_the_plan_it_was_opened_with(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine)
    ((plan, sha256, procedure),) = office.rows(select(Cycle.plan, Cycle.plan_sha256, Cycle.procedure_key))
    assert '"number":"61/KH-UBND"' in plan
    assert len(sha256) == 64
    assert procedure == "qd148"


def test_a_units_planned_number_is_its_own_or_the_provinces_and_a_later_one_replaces_it(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine)
    body = {"cycle": CYCLE, "level": Level.DISTRICT, "unit": "365", "planned": 12}
    with pytest.raises(NotYours):
        office.act("set-target", "366/officer", **body)
    with pytest.raises(InvalidInput):
        office.act("set-target", "365/officer", **(body | {"planned": -1}))
    office.act("set-target", "365/officer", **body)
    office.act("set-target", "365/officer", **(body | {"planned": 15}))
    told = office.rows(select(Event.details).where(Event.event == "set_target").order_by(Event.number))
    assert [row[0]["before"] for row in told] == [None, 12]
