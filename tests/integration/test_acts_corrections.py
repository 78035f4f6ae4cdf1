"""What sets a result right: annulment, corrected decisions and certificates; and complaints, which stop nothing."""

from datetime import date

import pytest
from sqlalchemy import Engine, select

from casework.corrections import Purpose
from casework.registration import Goods, Maker
from models.cycles import Breach, Deadline
from models.dossiers import Complaint
from models.results import Certificate, Decision, Evaluation
from models.units import Producer, Product
from ocop.errors import InvalidInput, NotFound, NotPossibleNow, NotYours
from tests.factories import Office, an_office, at, day
from tests.records import letters, read_all, readers

pytestmark = pytest.mark.postgresql_long


def annul(office: Office, code: str, who: str = "365/officer", **more: object) -> dict[str, object]:
    """Annul a dossier's result by a document."""
    body = {"dossier": code, "document": "15/QĐ-UBND", "reason": "Tính sai điểm", "annulled_on": office.now.date(),
            "due_on": day("2025-06-10")}  # fmt: skip
    return office.act("annul", who, **(body | more))


@pytest.mark.parametrize("mean", ["45", "55", "75"], ids=["not ranked", "to recognise", "to send"])
def test_the_issuing_body_annuls_a_result_by_a_document_and_the_old_rows_stay(engine: Engine, mean: str) -> None:
    office = an_office(engine).go("2025-05-05")
    code = office.judged(mean)
    annul(office, code)
    assert office.stage(code) == "district_evaluation"
    office.evaluate(code, "60", minutes="02/BB-HĐ")
    office.decide(code, number="413/QĐ")
    assert office.stage(code) == "district_recognition"
    ballots = office.rows(select(Evaluation.passage, Evaluation.mean, Evaluation.annulled_by).order_by(Evaluation.id))
    assert [(passage, str(points), by) for passage, points, by in ballots] == [(1, mean, "15/QĐ-UBND"), (2, "60", "")]
    decisions = office.rows(select(Decision.number, Decision.annulled_by).order_by(Decision.id))
    assert decisions == [("412/QĐ-UBND", "15/QĐ-UBND"), ("413/QĐ", "")]
    read_all(office)


def test_annulling_needs_document_reason_and_a_day_ahead_until_which_it_is_judged_again(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.judged("55")
    for wrong in ({"document": " "}, {"reason": ""}, {"due_on": date(2025, 5, 5)}, {"annulled_on": date(2025, 5, 6)}):
        with pytest.raises(InvalidInput):
            annul(office, code, **wrong)
    annul(office, code)
    (letter, *_) = letters(office, "reopened")
    assert letter.facts["due_on"] == "2025-06-10"


def test_a_result_is_not_annulled_while_its_product_has_another_open_dossier(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    code = office.judged("45")
    ((producer, product),) = office.rows(select(Producer.code, Product.code).join_from(Producer, Product))
    again = office.register(producer=Maker(producer, "HTX mô phỏng", "14101"), product=Goods(product, "Nước mắm"))
    with pytest.raises(NotPossibleNow) as refused:
        annul(office, code)
    assert again in refused.value.vietnamese
    office.act("retract", "14101/officer", dossier=again, requested_on=office.now.date(), reason="Chờ kết quả cũ")
    annul(office, code)
    assert office.stage(code) == "district_evaluation"


def test_after_the_plans_date_the_document_gives_the_dossier_a_date_of_its_own(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.judged("45")
    office.go("2025-06-20")
    annul(office, code, due_on=day("2025-07-01"))
    office.go("2025-06-25")
    office.evaluate(code, "55", minutes="02/BB")
    assert office.rows(select(Breach.id).join(Deadline).where(Deadline.stage == "district_evaluation")) == []


def test_only_the_body_that_issued_the_result_annuls_it(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.judged("55")
    for wrong in ("36/officer", "366/officer", "14101/officer"):
        with pytest.raises(NotYours):
            annul(office, code, wrong)
    other = office.at_province()
    office.evaluate(other, "65", "36/officer")
    office.decide(other, "36/officer")
    assert office.stage(other) == "returned_to_district"
    with pytest.raises(NotYours):
        annul(office, other)  # the district holds it now, but the result is the province's
    annul(office, other, "36/officer")
    assert office.stage(other) == "provincial_evaluation"


def test_a_return_that_was_annulled_has_no_period_any_more_and_a_second_return_has_its_own(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_province()
    office.evaluate(code, "65", "36/officer")
    office.decide(code, "36/officer")
    annul(office, code, "36/officer")
    office.go("2025-05-28")  # past the 15 working days of the first return
    assert office.rows(select(Breach.id)) == []
    office.evaluate(code, "66", "36/officer", minutes="03/BB")
    office.decide(code, "36/officer", number="420/QĐ")
    assert office.stage(code) == "returned_to_district"
    days = office.rows(select(Deadline.day).where(Deadline.kind == "return").order_by(Deadline.version))
    assert days == [(day("2025-05-26"),), (day("2025-06-18"),)]
    office.decide(code, number="421/QĐ")
    assert office.stage(code) == "district_recognition"


def test_a_result_after_the_return_is_annulled_and_decided_again(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_province()
    office.evaluate(code, "65", "36/officer")
    office.decide(code, "36/officer")
    office.decide(code, number="413/QĐ")
    annul(office, code)
    assert office.stage(code) == "returned_to_district"
    office.decide(code, number="414/QĐ")
    assert office.stage(code) == "district_recognition"


def test_a_councils_result_without_a_decision_is_annulled_alone(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_district()
    with pytest.raises(NotPossibleNow):
        annul(office, code)
    office.evaluate(code, "55")
    annul(office, code)
    assert office.stage(code) == "district_evaluation"
    office.evaluate(code, "60", minutes="02/BB")
    read_all(office)


def test_after_recognition_a_result_is_no_longer_annulled(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.judged("55")
    office.recognise(code)
    with pytest.raises(NotPossibleNow):
        annul(office, code)


def rectify(office: Office, code: str, purpose: Purpose, who: str = "365/officer", **more: object) -> dict[str, object]:
    """Rectify a decision's number."""
    body = {"dossier": code, "purpose": purpose, "number": "412a/QĐ", "signed_on": office.now.date(), "signer": "Trần Thị Ký",
            "document": "16/QĐ-UBND", "reason": "Ghi nhầm số"}  # fmt: skip
    return office.act("correct-decision", who, **(body | more))


def test_a_decision_is_rectified_by_its_body_with_a_document_and_the_old_row_stays(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    code = office.judged("55")
    office.recognise(code)
    with pytest.raises(NotYours):
        rectify(office, code, Purpose.RECOGNITION, "36/officer")
    for missing in ("document", "reason", "number", "signer"):
        with pytest.raises(InvalidInput):
            rectify(office, code, Purpose.RECOGNITION, **{missing: " "})
    with pytest.raises(NotFound):
        rectify(office, code, Purpose.AFTER_RETURN)
    rectify(office, code, Purpose.RECOGNITION)
    rows = office.rows(
        select(Decision.number, Decision.annulled_by, Decision.corrects_id, Decision.awarded_star)
        .where(Decision.purpose == "recognition")
        .order_by(Decision.id)
    )
    assert [row[:2] for row in rows] == [("500/QĐ-UBND", "16/QĐ-UBND"), ("412a/QĐ", "")]
    assert rows[1][2] is not None
    assert rows[1][3] == 3
    ((number,),) = office.rows(select(Decision.number).join(Certificate, Certificate.decision_id == Decision.id))
    assert number == "412a/QĐ"
    read_all(office)


def test_each_body_rectifies_its_own_result_also_when_the_other_decided_later(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_province()
    office.evaluate(code, "75", "36/officer")
    office.decide(code, "36/officer", number="700/QĐ")
    rectify(office, code, Purpose.RESULT, number="412b/QĐ")
    rectify(office, code, Purpose.RESULT, "36/officer", number="700b/QĐ")
    numbers = office.rows(
        select(Decision.level, Decision.number).where(Decision.annulled_on.is_(None)).order_by(Decision.level)
    )
    assert numbers == [("district", "412b/QĐ"), ("province", "700b/QĐ")]
    office.recognise(code, "36/officer")  # and the dossier goes on


def test_a_certificate_is_rectified_by_another_number_with_the_same_star_and_dates(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    code = office.judged("55")
    office.recognise(code)
    office.go("2025-05-20")
    body = {"certificate": f"{code}/GCN-3", "number": "GCN-ĐÚNG", "document": "17/UBND", "reason": "In nhầm số"}
    with pytest.raises(NotYours):
        office.act("correct-certificate", "36/officer", **body)
    with pytest.raises(InvalidInput):
        office.act("correct-certificate", "365/officer", **(body | {"document": ""}))
    office.act("correct-certificate", "365/officer", **body)
    with pytest.raises(NotFound):
        office.act("correct-certificate", "365/officer", **body)
    rows = office.rows(
        select(Certificate.number, Certificate.star, Certificate.issued_on, Certificate.valid_until, Certificate.replaced_on)
        .order_by(Certificate.id)
    )  # fmt: skip
    until = day("2028-05-05")
    assert rows == [
        (f"{code}/GCN-3", 3, day("2025-05-05"), until, day("2025-05-20")),
        ("GCN-ĐÚNG", 3, day("2025-05-05"), until, None),
    ]


# --- complaints --------------------------------------------------------------------------------------------------------


def complain(office: Office, code: str, who: str = "365/officer", **more: object) -> dict[str, object]:
    """Record a producer's complaint received today."""
    return office.act(
        "complain", who, **({"dossier": code, "received_on": office.now.date(), "body": "Điểm chưa đúng"} | more)
    )


def test_a_complaint_has_a_due_date_an_answer_and_its_dossier_and_stops_nothing(engine: Engine) -> None:
    # 15 working days after Monday 5/5: Monday 26/5.
    office = an_office(engine).go("2025-05-05")
    code = office.judged("55")
    answer = complain(office, code)
    assert answer["due_on"] == "2025-05-26"
    office.recognise(code)
    assert office.stage(code) == "recognised"
    told = {
        "complaint": answer["complaint"],
        "answered_on": office.now.date(),
        "answer": "Giữ kết quả",
        "document": "18/UBND",
    }
    for missing in ("answer", "document"):
        with pytest.raises(InvalidInput):
            office.act("answer-complaint", "365/officer", **(told | {missing: " "}))
    office.act("answer-complaint", "365/officer", **told)
    with pytest.raises(NotFound):
        office.act("answer-complaint", "365/officer", **told)
    assert office.rows(select(Complaint.dossier_id, Complaint.answer, Complaint.document)) == [
        (1, "Giữ kết quả", "18/UBND")
    ]
    office.go("2025-05-28")
    assert letters(office, "complaint_due") == []
    read_all(office)


def test_unanswered_the_holder_and_the_coordinator_office_are_told_the_morning_after_its_day(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    complain(office, office.judged("45"))
    office.go("2025-05-27 07:29")
    assert letters(office, "complaint_due") == []
    office.go("2025-05-27 07:30")
    told = letters(office, "complaint_due")
    assert readers(told) == {"cán bộ phụ trách Huyện Giao Thủy", "Văn phòng Điều phối nông thôn mới Tỉnh Nam Định"}
    assert told[0].owed_at == at("2025-05-27 07:30")
    assert told[0].facts["due_on"] == "2025-05-26"
    assert {letter.facts["dossier"]["commune"] for letter in told} == {"Xã Giao Xuân"}
    read_all(office)


def test_a_complaint_says_something_and_is_entered_by_the_unit_that_holds_the_dossier(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.judged("55")
    with pytest.raises(InvalidInput):
        complain(office, code, body=" ")
    with pytest.raises(InvalidInput):
        complain(office, code, received_on=day("2025-05-06"))
    with pytest.raises(NotYours):
        complain(office, code, "366/officer")
