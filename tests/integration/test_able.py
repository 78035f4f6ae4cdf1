"""What a dossier's page says may be done is what the acts then do, and what it says may not be is refused in the same words."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from casework.actors import person
from casework.acts import ACTS
from casework.board.able import EVENTS, Ability, abilities, acts_on_dossiers, beside
from casework.corrections import Purpose
from casework.evidence import NewEvidence
from casework.submission import KeptBecause
from models.dossiers import Dossier
from models.session import reading, trial
from ocop.errors import MissingResult, NotPossibleNow, NotYours, RuleViolation, TooLate
from ocop.evidence import EvidenceKind
from ocop.levels import Level
from ocop.rulebook import PROCEDURES
from ocop.scoring import Gate
from tests.factories import CYCLE, Office, all_gates, an_office, council, day
from tests.integration.console_pages import walked


@pytest.fixture
def office(sqlite_engine: Engine) -> Office:
    return an_office(sqlite_engine).go("2025-05-05")


def able(office: Office, code: str, who: str) -> dict[str, Ability]:
    """Return what somebody may do with a dossier now, by the act's name."""
    with reading(office.engine) as session:
        row = session.scalars(select(Dossier).where(Dossier.code == code)).one()
        found = abilities(session, [row], acts_on_dossiers(), actor=person(session, who), at=office.now)
        return {one.act: one for one in found[row.id]}


def may(office: Office, code: str, who: str) -> set[str]:
    return {name for name, one in able(office, code, who).items() if one.refusal is None}


def test_an_officer_sees_what_the_stage_knows_and_what_of_it_is_theirs_to_do(office: Office) -> None:
    code = office.register()
    anybody_of_the_commune = {"receive", "retract", "carry-over", "add-evidence", "complain"}
    assert may(office, code, "14101/officer") == anybody_of_the_commune
    receive = able(office, code, "14101/officer")["receive"]
    assert "148/QĐ-TTg" in receive.rule
    assert dict(receive.about) == {"dossiers": code}
    other = able(office, code, "14102/officer")
    assert set(other) >= anybody_of_the_commune
    assert may(office, code, "14102/officer") == set()
    assert isinstance(other["receive"].refusal, NotYours)
    assert "decide" not in other, "the stage does not know it"


def test_a_decision_waits_for_the_councils_result_and_a_second_session_is_refused(office: Office) -> None:
    code = office.at_district()
    before = able(office, code, "365/officer")
    assert before["evaluate"].refusal is None
    assert isinstance(before["decide"].refusal, MissingResult)
    assert "chưa có kết quả của hội đồng" in before["decide"].refusal.vietnamese
    assert isinstance(before["annul"].refusal, NotPossibleNow)
    office.evaluate(code, "75")
    after = able(office, code, "365/officer")
    assert after["decide"].refusal is None
    assert after["annul"].refusal is None
    assert after["evaluate"].refusal is not None
    assert "đã có kết quả của hội đồng" in after["evaluate"].refusal.vietnamese


def test_after_the_deadline_the_page_says_which_days_still_count(office: Office) -> None:
    code = office.at_district()
    office.go("2025-06-17")
    one = able(office, code, "365/officer")["evaluate"]
    assert one.refusal is None
    assert "đã quá hạn" in one.remark
    assert "Chỉ cơ quan ban hành kế hoạch" in one.remark
    office.act(
        "accept-late", "36/officer", dossiers=[code], stage="district_evaluation", document="7/UBND", reason="bão"
    )
    assert able(office, code, "365/officer")["evaluate"].remark == ""


def test_a_supplement_asked_for_as_often_as_the_plan_allows_is_not_asked_for_again(office: Office) -> None:
    code = office.at_district()
    rule = able(office, code, "365/officer")["request-supplement"].rule
    assert rule
    while may(office, code, "365/officer") >= {"request-supplement"}:
        office.act("request-supplement", "365/officer", dossier=code, reason="thiếu", requested_on=office.now.date())
        assert "request-supplement" not in able(office, code, "365/officer")
        office.act("supplement", "365/officer", dossier=code, supplemented_on=office.now.date(), note="đủ")
    refused = able(office, code, "365/officer")["request-supplement"]
    assert refused.refusal is not None
    assert "bằng số lần kế hoạch cho phép" in refused.refusal.vietnamese
    assert refused.rule == rule, "the rule is told whether or not the act may be done"


def test_a_suspended_dossier_can_only_wait(office: Office) -> None:
    code = office.at_district()
    office.act(
        "suspend",
        "36/officer",
        cycle=CYCLE,
        level=Level.DISTRICT,
        since=office.now.date(),
        document="1/UBND",
        reason="x",
    )
    for name, one in able(office, code, "365/officer").items():
        assert one.refusal is not None, name
    assert "tạm dừng" in str(able(office, code, "365/officer")["evaluate"].refusal)


def test_a_unit_above_may_act_on_behalf_where_nobody_works_and_not_where_somebody_does(office: Office) -> None:
    code = office.register()
    refused = able(office, code, "365/officer")["receive"].refusal
    assert refused is not None
    assert "có cán bộ phụ trách" in refused.vietnamese
    office.act(
        "leave", "14101/officer", person="14101/officer", level=Level.COMMUNE, unit="14101", from_day=office.now.date(),
        to_day=office.now.date() + timedelta(days=3),
    )  # fmt: skip
    one = able(office, code, "365/officer")["receive"]
    assert (one.refusal, one.on_behalf) == (None, True)
    assert able(office, code, "14101/officer")["receive"].on_behalf is False
    office.act(
        "receive", "365/officer", on_behalf="12/UQ-UBND, Trần Văn Ký", dossiers=[code], received_on=office.now.date()
    )


def test_complaints_and_the_certificate_are_acted_on_beside_the_dossier(office: Office) -> None:
    code = office.judged("55")
    office.recognise(code)
    office.act("complain", "365/officer", dossier=code, received_on=office.now.date(), body="sao thấp")
    with reading(office.engine) as session:
        row = session.scalars(select(Dossier).where(Dossier.code == code)).one()
        district = beside(session, row, actor=person(session, "365/officer"), at=office.now)
        commune = beside(session, row, actor=person(session, "14101/officer"), at=office.now)
    assert (district[0].act, district[0].refusal, dict(district[0].about)) == (
        "answer-complaint", None, {"complaint": "1"},
    )  # fmt: skip
    assert {one.act for one in district if one.refusal is None} == {
        "answer-complaint", "correct-certificate", "record-finding", "revoke",
    }  # fmt: skip
    assert all(dict(one.about) == {"certificate": f"{code}/GCN-3"} for one in district[1:])
    assert all(one.refusal is not None for one in commune if one.act == "revoke")


EXAMPLES: dict[str, dict[str, Any]] = {
    "receive": {"received_on": ...},
    "report": {"number": "1/BC", "reported_on": ..., "findings": "đủ"},
    "request-supplement": {"reason": "thiếu", "requested_on": ...},
    "supplement": {"supplemented_on": ..., "note": "đủ"},
    "add-evidence": {"evidence": [NewEvidence(EvidenceKind.STORY, "câu chuyện")]},
    "waive-evidence": {"title": "phiếu kiểm nghiệm", "reason": "được miễn"},
    "evaluate": {"held_on": ..., "minutes": "1", "members": 5, "scores": council("75"), "gates": all_gates()},
    "decide": {"number": "1/QĐ", "signed_on": ..., "signer": "K"},
    "record-central-result": {
        "held_on": ..., "minutes": "1", "mean": Decimal(91), "gates": [Gate(n, True) for n in (3, 4, 5)], "number": "1", "signed_on": ...,
        "signer": "K",
    },
    "submit": {"number": "1", "signed_on": ...},
    "keep": {"because": KeptBecause.NOT_SELECTED, "reason": "x", "decided_on": ...},
    "propose": {"number": "1", "signed_on": ...},
    "forgo": {"reason": "x", "decided_on": ...},
    "recognise": {"number": "1", "signed_on": ..., "signer": "K"},
    "retract": {"requested_on": ..., "reason": "x"},
    "disqualify": {"found_on": ..., "reason": "x", "document": "1"},
    "carry-over": {"decided_on": ..., "reason": "x"},
    "accept-late": {"document": "1", "reason": "x"},
    "annul": {"document": "1", "reason": "x", "annulled_on": ..., "due_on": day("2025-12-31")},
    "correct-decision": {
        "number": "2", "signed_on": ..., "signer": "K", "document": "1", "reason": "x",
    },
    "complain": {"received_on": ..., "body": "x"},
}  # fmt: skip
"""What each act is given besides the dossier; three dots are today."""
OFFICERS = ("14101/officer", "14201/officer", "365/officer", "366/head", "36/officer")


def given(act: str, row: Dossier, at: Any) -> dict[str, Any]:
    """Return an act's example for a dossier."""
    body = {name: at.date() if value is ... else value for name, value in EXAMPLES[act].items()}
    if act == "accept-late":
        body["stage"] = row.stage
    return body | ({"dossiers": [row.code]} if "dossiers" in ACTS[act].signature.parameters else {"dossier": row.code})


def refused(office: Office, act: str, who: str, row: Dossier) -> list[RuleViolation]:
    """Return why an act refuses its example, for whichever decision; nothing where it is done. All of it is taken back."""
    answers = []
    for purpose in Purpose if act == "correct-decision" else [None]:
        body = given(act, row, office.now) | ({"purpose": purpose} if purpose else {})

        def work(session: Session, body: dict[str, Any] = body) -> Any:
            return ACTS[act].perform(session, actor=person(session, who), at=office.now, key="trial", **body)

        try:
            trial(office.engine, work)
        except RuleViolation as violation:
            answers.append(violation)
        else:
            return []
    return answers


def test_what_is_said_of_every_dossier_officer_and_act_is_what_the_act_then_answers(sqlite_engine: Engine) -> None:
    office = walked(sqlite_engine)
    judged = {event for law in PROCEDURES.values() for stage in law.stages for event in law.events_at(stage.key)}
    moving = {act.name for act in acts_on_dossiers() if EVENTS.get(act.name, act.name.replace("-", "_")) in judged}
    assert set(EXAMPLES) == moving
    with reading(office.engine) as session:
        rows = list(session.scalars(select(Dossier).order_by(Dossier.id)))
        told = {
            who: abilities(session, rows, acts_on_dossiers(), actor=person(session, who), at=office.now)
            for who in OFFICERS
        }
        session.expunge_all()
    wrong, possible = [], 0
    for who, found in told.items():
        for row in rows:
            known = {one.act: one for one in found[row.id]}
            for act in EXAMPLES:
                one, answers = known.get(act), refused(office, act, who, row)
                done = not answers
                if one is None:
                    right = not done
                elif one.refusal is None:
                    possible += 1
                    right = done or bool(one.remark) or one.on_behalf
                else:
                    right = bool(
                        {type(one.refusal), TooLate} & {type(answer) for answer in answers}
                    )  # it asks for the day first
                if not right:
                    wrong.append((who, row.code, row.stage, act, one and str(one.refusal), [str(no) for no in answers]))
    assert wrong == []
    assert possible > 30


def test_what_may_be_done_with_many_dossiers_is_read_in_a_number_of_queries_that_does_not_grow(office: Office) -> None:
    codes = [office.at_district() for _ in range(6)]
    for code in codes:
        office.evaluate(code, "75")
    counted = []
    for number in (2, 6):
        with reading(office.engine) as session:
            actor = person(session, "365/officer")
            rows = list(session.scalars(select(Dossier).where(Dossier.code.in_(codes[:number]))))
            statements: list[str] = []

            def note(*call: Any, heard: list[str] = statements) -> None:
                heard.append(call[2])

            event.listen(office.engine, "before_cursor_execute", note)
            found = abilities(session, rows, [ACTS["decide"], ACTS["carry-over"]], actor=actor, at=office.now)
            event.remove(office.engine, "before_cursor_execute", note)
            counted.append(len(statements))
            assert all(one.refusal is None for told in found.values() for one in told)
    assert counted[0] == counted[1]
