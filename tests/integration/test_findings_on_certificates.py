"""Revocation under QĐ 26: a finding with one of six grounds, decided on in 15 days, or told of when nobody did."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from casework.findings_due import FINDING
from models.cycles import AgendaItem
from models.findings import Finding
from models.letters import Letter
from models.results import Certificate
from ocop.errors import InvalidInput, NotFound, NotPossibleNow, NotYours
from ocop.revocation import Ground
from tests.factories import Office, an_office, at, day
from tests.holdings import certified
from tests.integration.test_laws_without_districts import sound
from tests.plans import plan_with

pytestmark = pytest.mark.postgresql_long

NUMBER = "GCN-1"
FOUND = {
    "certificate": NUMBER, "ground": Ground.PRODUCTION_STOPPED, "found_on": day("2025-05-05"),
    "body": "Cơ sở đóng cửa từ tháng 3", "document": "4/BB-KT",
}  # fmt: skip
REVOKING = {"certificate": NUMBER, "document": "88/QĐ-UBND", "reason": "Ngừng sản xuất"}


@pytest.fixture
def office(sqlite_engine: Engine) -> Office:
    """A district's product of 3 stars, and the day of the finding."""
    office = an_office(sqlite_engine)
    certified(office, "14101", star=3, issued_on=day("2024-02-01"), number=NUMBER)
    return office.go("2025-05-05")


def letters(office: Office, notice: str) -> set[str]:
    return {row[0] for row in office.rows(select(Letter.recipient_name).where(Letter.notice == notice))}


def test_a_finding_is_due_fifteen_days_on_and_tells_the_holder_of_the_certificate(
    office: Office, tmp_path: Path
) -> None:
    answer = office.act("record-finding", "365/officer", **FOUND)
    assert answer["due_on"] == "2025-05-20"
    assert "chậm nhất ngày 20/5/2025 (Quyết định 26/2026/QĐ-TTg)" in answer["message"]
    assert "HTX mô phỏng GCN-1" in letters(office, "finding_recorded")
    sound(office, tmp_path)


def test_the_fifteenth_day_a_day_off_goes_to_the_next_working_day(office: Office) -> None:
    office.go("2025-05-10")
    answer = office.act("record-finding", "365/officer", **(FOUND | {"found_on": day("2025-05-09")}))
    assert answer["due_on"] == "2025-05-26"  # 24/5 is a Saturday


def test_the_revocation_closes_the_finding_in_time(office: Office, tmp_path: Path) -> None:
    office.act("record-finding", "365/officer", **FOUND)
    office.go("2025-05-20")
    answer = office.act("revoke", "365/officer", revoked_on=day("2025-05-20"), **REVOKING)
    assert "Quá hạn" not in answer["message"]
    ((finding,),) = office.rows(select(Finding))
    assert (finding.outcome, finding.closed_on, finding.closing_document) == (
        "revoked",
        day("2025-05-20"),
        "88/QĐ-UBND",
    )
    office.go("2025-05-22")
    assert letters(office, "finding_due") == set()
    sound(office, tmp_path)


def test_a_finding_on_which_nobody_decided_goes_to_the_issuing_body_and_the_coordinator_office(
    engine: Engine, tmp_path: Path
) -> None:
    office = an_office(engine)
    certified(office, "14101", star=3, issued_on=day("2024-02-01"), number=NUMBER)
    office.go("2025-05-05")
    office.act("record-finding", "365/officer", **FOUND)
    office.go("2025-05-20 23:59")
    assert letters(office, "finding_due") == set()
    office.go("2025-05-21 08:00")
    assert letters(office, "finding_due") == {
        "cán bộ phụ trách Huyện Giao Thủy",
        "Văn phòng Điều phối nông thôn mới Tỉnh Nam Định",
    }
    late = office.act("revoke", "365/officer", revoked_on=day("2025-05-21"), **REVOKING)
    assert "Quá hạn 20/5/2025 của phát hiện số 1." in late["message"]
    sound(office, tmp_path)


def test_a_finding_on_a_districts_certificate_is_told_of_at_the_hour_of_the_provinces_plan(
    sqlite_engine: Engine,
) -> None:
    later = plan_with(('hour = "07:30"', 'hour = "08:15"'))
    office = Office(sqlite_engine).found().open_cycle(later)
    certified(office, "14101", star=3, issued_on=day("2024-02-01"), number=NUMBER)
    office.go("2025-05-05")
    office.act("record-finding", "365/officer", **FOUND)
    assert office.rows(select(AgendaItem.due_at).where(AgendaItem.kind == FINDING)) == [(at("2025-05-21 08:15"),)]


def test_the_body_may_decide_not_to_revoke_with_a_reason(office: Office) -> None:
    office.act("record-finding", "365/officer", **FOUND)
    body = {"finding": 1, "closed_on": day("2025-05-05"), "document": "9/KL-UBND", "reason": "Đã sản xuất lại"}
    office.act("close-finding", "365/officer", **body)
    assert office.rows(select(Certificate.revoked_on))[0][0] is None
    with pytest.raises(NotFound, match="Không có phát hiện số 1 đang chờ"):
        office.act("close-finding", "365/officer", **body)


def test_only_the_body_that_issued_it_records_a_finding(office: Office) -> None:
    with pytest.raises(NotYours):
        office.act("record-finding", "366/officer", **FOUND)


def test_a_finding_lies_between_the_issue_and_today_and_on_a_standing_certificate(office: Office) -> None:
    with pytest.raises(InvalidInput, match="sớm hơn ngày cấp"):
        office.act("record-finding", "365/officer", **(FOUND | {"found_on": day("2024-01-31")}))
    office.act("revoke", "365/officer", revoked_on=day("2025-05-05"), **REVOKING)
    with pytest.raises(NotPossibleNow, match="đã được thay thế hoặc thu hồi"):
        office.act("record-finding", "365/officer", **FOUND)


def test_the_six_grounds_of_the_law_have_their_vietnamese_names() -> None:
    assert len({ground.label for ground in Ground}) == len(Ground) == 6
