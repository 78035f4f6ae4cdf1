"""Return for completion, papers that expire, and the snapshots of what was submitted."""

import pytest
from sqlalchemy import Engine, select

from casework.evidence import NewEvidence
from models.cycles import Breach, Deadline
from models.dossiers import Evidence, Snapshot
from ocop.errors import InvalidInput, NotFound, NotPossibleNow, NotYours
from ocop.evidence import EvidenceKind
from tests.factories import Office, an_office, at, day
from tests.plans import plan_with
from tests.records import letters, read_all, readers

pytestmark = pytest.mark.postgresql_long


def ask(
    office: Office, code: str, who: str = "365/officer", reason: str = "Thiếu phiếu kiểm nghiệm"
) -> dict[str, object]:
    """Return a dossier for completion today."""
    return office.act("request-supplement", who, dossier=code, reason=reason, requested_on=office.now.date())


def bring(office: Office, code: str, who: str = "365/officer", **more: object) -> dict[str, object]:
    """Take in a supplement today."""
    return office.act(
        "supplement", who, **({"dossier": code, "supplemented_on": office.now.date(), "note": "Đã nộp"} | more)
    )


@pytest.mark.parametrize(
    ("level", "who", "stage"),
    [
        ("commune", "14101/officer", "commune_supplement"),
        ("district", "365/officer", "district_supplement"),
        ("province", "36/officer", "provincial_supplement"),
    ],
)
def test_a_return_for_completion_needs_a_reason_and_stays_with_the_level_that_asked(
    sqlite_engine: Engine, level: str, who: str, stage: str
) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    if level == "commune":
        code = office.register()
        office.act("receive", who, dossiers=[code], received_on=office.now.date())
    else:
        code = office.at_district() if level == "district" else office.at_province()
    with pytest.raises(InvalidInput):
        ask(office, code, who, " ")
    before = office.stage(code)
    answer = ask(office, code, who)
    assert office.stage(code) == stage
    assert answer["due_on"] == "2025-05-19"  # ten working days after Monday 5/5
    bring(office, code, who)
    assert office.stage(code) == before
    read_all(office)


def test_it_stops_no_plan_date(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-10")
    code = office.at_district()
    ask(office, code)
    office.go("2025-06-15 00:00")
    rows = office.rows(select(Deadline.stage).join(Breach, Breach.deadline_id == Deadline.id))
    assert rows == [("district_evaluation",)]


def test_completed_in_time_it_is_no_breach_although_the_dossier_stands_there_again(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    code = office.at_district()
    ask(office, code)
    office.go("2025-05-09")
    bring(office, code)
    office.go("2025-05-21")
    assert office.rows(select(Breach.id)) == []
    assert letters(office, "supplement_overdue") == []
    assert {str(letter.owed_at.date()) for letter in letters(office, "supplement_reminder")} == {"2025-05-08"}


def test_unanswered_it_is_overdue_at_its_own_stroke_and_a_person_closes_it(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    code = office.at_district()
    ask(office, code)
    office.go("2025-05-20 08:00")
    ((struck, closed),) = office.rows(select(Breach.struck_at, Breach.closed_at))
    assert (struck, closed) == (at("2025-05-20 00:00"), None)
    told = letters(office, "supplement_overdue")
    assert len(readers(told)) == 2  # the producer and the unit that asked
    assert told[0].facts["reason"] == "Thiếu phiếu kiểm nghiệm"
    assert {letter.facts["dossier"]["commune"] for letter in told} == {"Xã Giao Xuân"}
    assert told[0].send_from == at("2025-05-20 07:30")
    office.go("2025-05-30")
    assert office.stage(code) == "district_supplement"  # the software closes nothing
    office.act("carry-over", "365/officer", dossiers=[code], decided_on=office.now.date(), reason="Không bổ sung")
    assert office.rows(select(Breach.closed_by)) == [("carry_over",)]
    read_all(office)


def test_brought_late_it_is_still_taken_and_closes_its_breach(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_district()
    ask(office, code)
    office.go("2025-05-21")
    bring(office, code)
    assert office.rows(select(Breach.closed_by)) == [("supplement",)]


def test_a_level_asks_at_most_as_often_as_the_plan_says(sqlite_engine: Engine) -> None:
    office = Office(sqlite_engine).found().open_cycle(plan_with(("at_most = 3", "at_most = 1"))).go("2025-05-05")
    code = office.register()
    office.act("receive", "14101/officer", dossiers=[code], received_on=office.now.date())
    ask(office, code, "14101/officer")
    bring(office, code, "14101/officer")
    with pytest.raises(NotPossibleNow, match="1 lần"):
        ask(office, code, "14101/officer")
    body = {"number": "12/BC", "reported_on": office.now.date(), "findings": "Đủ."}
    office.act("report", "14101/officer", dossiers=[code], **body)
    ask(office, code)  # the district has its own


def test_another_unit_neither_asks_nor_takes_in(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_district()
    for wrong in ("366/officer", "14101/officer", "36/officer"):
        with pytest.raises(NotYours):
            ask(office, code, wrong)
    ask(office, code)
    with pytest.raises(NotYours):
        bring(office, code, "14101/officer")


# --- papers ------------------------------------------------------------------------------------------------------------


def paper(
    expires_on: str, kind: EvidenceKind = EvidenceKind.TEST_REPORT, title: str = "Phiếu kiểm nghiệm"
) -> NewEvidence:
    """Return a paper with its end."""
    return NewEvidence(kind, title, expires_on=day(expires_on))


@pytest.mark.parametrize(("expires_on", "warned"), [("2025-06-13", True), ("2025-06-14", False), ("2026-01-01", False)])
def test_a_paper_that_expires_before_the_planned_session_warns_at_filing_and_at_receipt(
    sqlite_engine: Engine, expires_on: str, warned: bool
) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.register(evidence=[paper(expires_on)])
    filed = office.rows(select(Evidence.expires_on))
    assert filed == [(day(expires_on),)]
    at_filing = letters(office, "evidence_expiring")
    answer = office.act("receive", "14101/officer", dossiers=[code], received_on=office.now.date())
    assert bool(answer["warnings"]) is warned
    at_receipt = letters(office, "evidence_expiring")
    assert bool(at_filing) is warned
    assert len(at_receipt) == 2 * len(at_filing)
    read_all(office)


def test_expired_on_the_councils_day_it_holds_the_dossier_until_supplemented(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    code = office.at_district(evidence=[paper("2025-05-08")])
    office.go("2025-05-12")
    with pytest.raises(NotPossibleNow, match="'Phiếu kiểm nghiệm' hết hạn ngày 8/5/2025"):
        office.evaluate(code, "55", held_on=day("2025-05-09"))
    ask(office, code)
    bring(office, code, evidence=[paper("2026-05-08")])
    office.evaluate(code, "55", held_on=day("2025-05-12"))
    kept = office.rows(select(Evidence.expires_on, Evidence.replaced_by_id).order_by(Evidence.id))
    assert [(str(end), after is None) for end, after in kept] == [("2025-05-08", False), ("2026-05-08", True)]


def test_on_its_last_day_a_paper_is_still_valid(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_district(evidence=[paper("2025-05-08")])
    office.go("2025-05-12")
    office.evaluate(code, "55", held_on=day("2025-05-08"))


def test_or_until_it_is_waived_with_a_reason(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_district(evidence=[paper("2025-05-08")])
    office.go("2025-05-12")
    waive = {"dossier": code, "title": "Phiếu kiểm nghiệm", "reason": "Đang chờ kết quả mới"}
    with pytest.raises(InvalidInput):
        office.act("waive-evidence", "365/officer", **(waive | {"reason": ""}))
    with pytest.raises(NotFound):
        office.act("waive-evidence", "365/officer", **(waive | {"title": "Giấy khác"}))
    with pytest.raises(NotYours):
        office.act("waive-evidence", "14101/officer", **waive)
    office.act("waive-evidence", "365/officer", **waive)
    office.evaluate(code, "55")
    assert office.rows(select(Evidence.waived_reason)) == [("Đang chờ kết quả mới",)]


def test_a_kind_that_the_plan_only_warns_of_lets_the_dossier_go_on_and_tells_the_council(sqlite_engine: Engine) -> None:
    plan = plan_with(('awards = "hold"', 'awards = "warn"'))
    office = Office(sqlite_engine).found().open_cycle(plan).go("2025-05-05")
    code = office.at_district(evidence=[paper("2025-05-08", EvidenceKind.AWARDS, "Giải thưởng")])
    office.go("2025-05-12")
    answer = office.evaluate(code, "55")
    assert len(answer["warnings"]) == 1
    assert "'Giải thưởng' đã hết hạn" in answer["warnings"][0]


def test_a_newer_paper_may_be_added_to_an_open_dossier_by_its_holder(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_district(evidence=[paper("2025-05-08")])
    with pytest.raises(NotYours):
        office.act("add-evidence", "366/officer", dossier=code, evidence=[paper("2026-05-08")])
    office.act("add-evidence", "365/officer", dossier=code, evidence=[paper("2026-05-08")])
    office.go("2025-05-12")
    office.evaluate(code, "55")


def test_each_submission_is_an_unchangeable_snapshot(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.judged("75", evidence=[paper("2026-05-08")])
    office.act("submit", "365/officer", dossiers=[code], number="88", signed_on=office.now.date())
    office.tick()
    ask(office, code, "36/officer")
    bring(office, code, "36/officer", evidence=[paper("2027-05-08")])
    kept = office.rows(
        select(Snapshot.number, Snapshot.occasion, Snapshot.body, Snapshot.sha256).order_by(Snapshot.number)
    )
    assert [row[:2] for row in kept] == [(1, "register"), (2, "submit"), (3, "supplement")]
    assert [row[2]["evidence"][0]["expires_on"] for row in kept] == ["2026-05-08", "2026-05-08", "2027-05-08"]
    assert len({row[3] for row in kept}) == 3
