"""Days that follow one another, numbers that stand once, letters that only their own units handle."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from casework.acts import ACTS
from casework.ballots import Score
from casework.submission import KeptBecause
from models.letters import Letter, LetterState
from models.record import Event
from models.results import Certificate, GateResult
from models.session import transaction
from models.units import Unit
from ocop.errors import AlreadyExists, InvalidInput, NotYours
from ocop.levels import Level
from ocop.scoring import Gate
from tests.factories import CYCLE, PLAN, Office, all_gates, an_office, at, council, day

pytestmark = pytest.mark.postgresql_long

BEFORE, TODAY = day("2025-05-02"), day("2025-05-05")


def signed(office: Office, code: str, name: str, who: str = "365/officer", **more: Any) -> object:
    """Sign a list, a decision or a recognition of one dossier, dated before what it builds on."""
    return office.act(name, who, dossiers=[code], number="88/UBND", signed_on=BEFORE, **more)


def received(office: Office) -> str:
    """Return a dossier that its commune took in today."""
    code = office.register()
    office.act("receive", "14101/officer", dossiers=[code], received_on=TODAY)
    return code


def asked(office: Office) -> str:
    """Return a dossier that its district reviews."""
    return office.at_district()


BACKDATED: dict[str, tuple[Callable[[Office], str], Callable[[Office, str], object]]] = {
    # act: (where the dossier is, the act with a day before the last step)
    "receive": (
        lambda o: o.register(),
        lambda o, c: o.act("receive", "14101/officer", dossiers=[c], received_on=BEFORE),
    ),
    "report": (
        received,
        lambda o, c: o.act("report", "14101/officer", dossiers=[c], number="1", reported_on=BEFORE, findings="Đủ"),
    ),
    "request a supplement": (
        asked,
        lambda o, c: o.act("request-supplement", "365/officer", dossier=c, reason="Thiếu", requested_on=BEFORE),
    ),
    "hold a session at the district": (asked, lambda o, c: o.evaluate(c, "75", held_on=BEFORE)),
    "submit": (lambda o: o.judged("75"), lambda o, c: signed(o, c, "submit")),
    "keep": (
        lambda o: o.judged("75"),
        lambda o, c: o.act(
            "keep", "365/officer", dossiers=[c], because=KeptBecause.DECLINED, reason="Đơn", decided_on=BEFORE
        ),
    ),
    "hold a session at the province": (
        lambda o: o.at_province("75"),
        lambda o, c: o.evaluate(c, "75", "36/officer", held_on=BEFORE),
    ),
    "annul": (
        lambda o: o.judged("75"),
        lambda o, c: o.act(
            "annul", "365/officer", dossier=c, document="1", reason="Sai", annulled_on=BEFORE, due_on=day("2025-06-01")
        ),
    ),
}


@pytest.mark.parametrize("name", BACKDATED)
def test_an_act_is_not_dated_before_the_step_that_it_builds_on(sqlite_engine: Engine, name: str) -> None:
    prepare, act = BACKDATED[name]
    office = an_office(sqlite_engine).go("2025-05-05")
    code = prepare(office)
    stage = office.stage(code)
    with pytest.raises(InvalidInput, match="sớm hơn ngày"):
        act(office, code)
    assert office.stage(code) == stage


def test_a_letter_to_the_province_is_not_older_than_the_result_it_sends_whatever_the_deadline(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-06-13")
    code = office.at_district()
    office.evaluate(code, "75")
    office.go("2025-06-23")
    office.decide(code)
    with pytest.raises(InvalidInput, match="19/6/2025 sớm hơn ngày 23/6/2025"):
        office.act("submit", "365/officer", dossiers=[code], number="88", signed_on=day("2025-06-19"))


def test_a_producers_own_papers_may_be_older_than_what_was_entered_meanwhile(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.judged("75")
    office.act("complain", "365/officer", dossier=code, received_on=BEFORE, body="Điểm chưa đúng")
    office.act("retract", "365/officer", dossier=code, requested_on=BEFORE, reason="Ngừng làm")
    assert office.stage(code) == "retracted"


def test_a_session_held_before_a_supplement_was_brought_still_counts(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_district()
    office.go("2025-05-12")
    office.act("request-supplement", "365/officer", dossier=code, reason="Thiếu", requested_on=day("2025-05-12"))
    office.act("supplement", "365/officer", dossier=code, supplemented_on=day("2025-05-12"), note="Đủ")
    office.evaluate(code, "75", held_on=day("2025-05-09"))


@pytest.mark.parametrize(
    "gates",
    [
        [*all_gates(), Gate(3, False, "Thiếu")],
        [*all_gates(), Gate(2, True)],
        [Gate(3, True), Gate(4, True), Gate(6, True)],
    ],
)
def test_a_gate_is_of_3_4_or_5_stars_and_stands_once(sqlite_engine: Engine, gates: list[Gate]) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_district()
    with pytest.raises(InvalidInput, match="mỗi mức một dòng"):
        office.evaluate(code, "75", gates=gates)


@pytest.mark.parametrize("total", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_a_total_is_a_number(sqlite_engine: Engine, total: str) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    scores = [*council("75")[:4], Score("Ủy viên 5", Decimal(total))]
    with pytest.raises(InvalidInput, match="không hợp lệ"):
        office.evaluate(office.at_district(), "75", scores=scores)


def at_centre(office: Office, mean: str = "95") -> str:
    """Return a dossier that the centre evaluates."""
    code = office.at_province(mean)
    office.evaluate(code, mean, "36/officer")
    office.decide(code, "36/officer")
    office.recognise(code, "36/officer")
    office.act("propose", "36/officer", dossiers=[code], number="99/TTr", signed_on=office.now.date())
    office.tick()
    return code


def central(office: Office, code: str, **more: Any) -> dict[str, Any]:
    """Record what the centre found."""
    body = {
        "dossier": code, "held_on": TODAY, "minutes": "7/BB-TW", "mean": Decimal(95), "gates": all_gates(),
        "number": "1234/QĐ-BNNMT", "signed_on": TODAY, "signer": "Bộ trưởng",
    }  # fmt: skip
    return office.act("record-central-result", "36/officer", **body | more)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"held_on": day("2025-05-06")}, "sớm hơn ngày họp"),
        ({"minutes": " "}, "số biên bản"),
        ({"number": ""}, "số quyết định"),
        ({"signer": ""}, "người ký"),
        ({"mean": Decimal("NaN")}, "từ 0 đến 100"),
        ({"mean": Decimal("100.1")}, "từ 0 đến 100"),
        ({"gates": all_gates()[:1]}, "chưa ghi kết quả yêu cầu tối thiểu"),
        ({"gates": [*all_gates()[:2], Gate(5, False)]}, "chưa ghi lý do"),
        ({"signed_on": BEFORE, "held_on": BEFORE}, "sớm hơn ngày"),
    ],
)
def test_a_central_result_is_complete_or_refused(sqlite_engine: Engine, wrong: dict[str, Any], said: str) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = at_centre(office)
    with pytest.raises(InvalidInput, match=said):
        central(office, code, **wrong)
    assert office.stage(code) == "central_evaluation"


def test_what_failed_at_the_centre_is_told_to_the_producer(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    central(office, at_centre(office), gates=all_gates({5: "Chưa xuất khẩu"}))
    ((facts,),) = office.rows(
        select(Letter.facts).where(Letter.notice == "central_result", Letter.recipient.like("producer/%"))
    )
    assert facts["result"]["gates_failed"] == [{"star": 5, "reason": "Chưa xuất khẩu"}]
    assert office.rows(select(GateResult.star).where(GateResult.reason == "Chưa xuất khẩu")) == [(5,)]


def test_a_plans_threshold_says_who_is_proposed_and_not_who_passes_at_the_centre(sqlite_engine: Engine) -> None:
    plan = PLAN.replace("to_centre_from = 90", "to_centre_from = 95")
    assert plan != PLAN
    office = Office(sqlite_engine).found().open_cycle(plan).go("2025-05-05")
    assert central(office, at_centre(office), mean=Decimal(92))["certificate"]
    assert office.rows(select(Certificate.star).order_by(Certificate.id)) == [(4,), (5,)]


def test_a_certificate_number_stands_once(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    first, second, third = office.judged("55"), office.judged("56"), office.judged("57")
    body: dict[str, Any] = {"number": "500/QĐ", "signed_on": TODAY, "signer": "Nguyễn Văn Ký"}
    office.act("recognise", "365/officer", dossiers=[first], certificates=["GCN-01"], **body)
    with pytest.raises(InvalidInput, match="một số riêng"):
        office.act("recognise", "365/officer", dossiers=[second, third], certificates=["GCN-02", "GCN-02 "], **body)
    answer = office.act("recognise", "365/officer", dossiers=[second, third], certificates=["GCN-01", "GCN-03"], **body)
    assert [row["dossier"] for row in answer["done"]] == [third]
    assert "Đã có giấy chứng nhận mang số 'GCN-01'" in answer["refused"][0]["reason"]
    with pytest.raises(AlreadyExists, match="GCN-03"):
        office.act(
            "correct-certificate", "365/officer", certificate="GCN-01", number="GCN-03", document="1", reason="Sai số"
        )


def test_a_central_certificate_does_not_take_a_number_that_is_taken(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    office.recognise(office.judged("55"))
    ((taken,),) = office.rows(select(Certificate.number))
    with pytest.raises(AlreadyExists):
        central(office, at_centre(office), certificate=taken)


def test_a_rectified_certificate_is_told_by_history_and_by_letter(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    code = office.judged("55")
    office.recognise(code)
    ((number,),) = office.rows(select(Certificate.number))
    office.act(
        "correct-certificate", "365/officer", certificate=number, number="GCN-9", document="61/QĐ", reason="Sai số"
    )
    ((event, reason, details),) = office.rows(
        select(Event.event, Event.reason, Event.details).order_by(Event.id.desc()).limit(1)
    )
    assert (event, reason) == ("correct", "Sai số")
    assert details == {"certificate": number, "document": "61/QĐ", "number": "GCN-9"}
    assert office.rows(select(Letter.id).where(Letter.notice == "corrected", Letter.recipient.like("producer/%")))


def test_a_certificate_is_not_revoked_before_it_was_issued(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    office.recognise(office.judged("55"))
    ((number,),) = office.rows(select(Certificate.number))
    with pytest.raises(InvalidInput, match="sớm hơn ngày cấp"):
        office.act(
            "revoke", "365/officer", certificate=number, revoked_on=BEFORE, document="1", reason="Ngừng sản xuất"
        )


def test_a_revocation_owes_each_reader_one_letter(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    office.recognise(office.judged("55"))
    ((number,),) = office.rows(select(Certificate.number))
    office.act("revoke", "365/officer", certificate=number, revoked_on=TODAY, document="1", reason="Ngừng sản xuất")
    readers = [row[0] for row in office.rows(select(Letter.recipient).where(Letter.notice == "revoked"))]
    assert len(readers) == len(set(readers)) == 3
    assert all(row[0]["certificate"] for row in office.rows(select(Letter.facts).where(Letter.notice == "revoked")))


def test_a_complaint_is_not_answered_before_it_came(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_district()
    number = office.act("complain", "365/officer", dossier=code, received_on=TODAY, body="Điểm chưa đúng")["complaint"]
    with pytest.raises(InvalidInput, match="sớm hơn ngày nhận"):
        office.act(
            "answer-complaint", "365/officer", complaint=number, answered_on=BEFORE, answer="Giữ nguyên", document="7"
        )


def test_a_unit_of_another_province_gets_no_extension(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    with transaction(sqlite_engine) as session:
        session.add(
            Unit(
                level="district", code="999", name="Huyện Xa", search="huyen xa", valid_from=day("2000-01-01"),
                source="test",
            )
        )  # fmt: skip
    with pytest.raises(InvalidInput, match="Huyện Xa không thuộc tỉnh"):
        office.act(
            "extend", "36/officer", cycle=CYCLE, stage="district_evaluation", day=day("2025-06-30"), document="1",
            reason="Mưa bão", level=Level.DISTRICT, unit="999",
        )  # fmt: skip


def on_paper(office: Office, state: LetterState) -> list[int]:
    """Return the letters of a commune's officer, in a state."""
    office.at_district()
    with transaction(office.engine) as session:
        ids = list(session.scalars(select(Letter.id).join(Unit, Unit.id == Letter.unit_id).where(Unit.code == "14101")))
        session.execute(update(Letter).where(Letter.id.in_(ids)).values(state=state.value))
    assert ids
    return ids


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("14101/officer", True),
        ("14101/head", True),
        ("365/officer", True),
        ("36/coordinator_office", True),
        ("14102/officer", False),
        ("366/officer", False),
    ],
)
@pytest.mark.parametrize(("name", "state"), [("hand-over", LetterState.TO_HAND_OVER), ("resend", LetterState.DEAD)])
def test_a_letter_is_handled_by_its_unit_and_those_above(
    sqlite_engine: Engine, name: str, state: LetterState, who: str, may: bool
) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    letters = on_paper(office, state)
    assert name in ACTS
    if may:
        office.act(name, who, letters=letters)
        assert not office.rows(select(Letter.id).where(Letter.id.in_(letters), Letter.state == state.value))
        return
    with pytest.raises(NotYours, match="thuộc đơn vị khác"):
        office.act(name, who, letters=letters)
    assert len(office.rows(select(Letter.id).where(Letter.state == state.value))) == len(letters)


def test_only_a_province_lets_the_letters_of_a_restored_copy_go(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    held = on_paper(office, LetterState.HELD)
    for who in ("14101/officer", "365/head"):
        with pytest.raises(NotYours, match="Chỉ cán bộ cấp tỉnh"):
            office.act("release-letters", who, reason="Máy chủ cũ đã hỏng")
    office.now = at("2025-05-06")
    office.act("release-letters", "36/department", reason="Máy chủ cũ đã hỏng")
    assert len(office.rows(select(Letter.id).where(Letter.id.in_(held), Letter.state == "owed"))) == len(held)


def test_a_number_longer_than_the_record_keeps_is_refused_on_both_databases_alike(engine: Engine) -> None:
    office = an_office(engine).go("2025-06-02")
    code = office.at_district()
    extension = {"cycle": CYCLE, "stage": "district_evaluation", "day": day("2025-06-20"), "reason": "x" * 5000}
    with pytest.raises(InvalidInput, match="Số văn bản dài 201 ký tự, phần mềm chỉ giữ 200"):
        office.act("extend", "36/officer", **extension, document="1" * 201)
    office.act("extend", "36/officer", **extension, document="1" * 200)
    office.evaluate(code, "55")
    decision = {"dossiers": [code], "signed_on": office.now.date()}
    with pytest.raises(InvalidInput, match="Số, ký hiệu"):
        office.act("decide", "365/officer", **decision, number="1" * 101, signer="A")
    with pytest.raises(InvalidInput, match="Tên người ký"):
        office.act("decide", "365/officer", **decision, number="1", signer="A" * 201)
    office.act("decide", "365/officer", **decision, number="1" * 100, signer="A" * 200)
