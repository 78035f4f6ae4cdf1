"""A paper that expires before the council's planned day is told of when the dossier is filed and when it is received."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, select

from casework.evidence import NewEvidence
from models.letters import Letter
from notifications.rendering import words
from ocop.evidence import EvidenceKind
from ocop.notices import Notice
from tests.factories import Office, an_office

ENDS_EARLY = NewEvidence(EvidenceKind.TEST_REPORT, "Phiếu kiểm nghiệm", expires_on=date(2025, 5, 31))
LASTS = NewEvidence(EvidenceKind.QUALITY_SYSTEM, "Chứng nhận HACCP", expires_on=date(2026, 5, 31))


def letters(office: Office) -> list[Any]:
    return office.rows(
        select(Letter.recipient_name, Letter.facts).where(Letter.notice == "evidence_expiring").order_by(Letter.id)
    )


def test_the_producer_and_the_holder_are_written_to_at_filing_and_at_receipt(engine: Engine) -> None:
    office = an_office(engine).go("2025-04-10")
    code = office.register(evidence=[ENDS_EARLY, LASTS])
    assert len(letters(office)) == 2
    answer = office.act("receive", "14101/officer", dossiers=[code], received_on=office.now.date())
    assert answer["warnings"] == [
        f"{code}: 'Phiếu kiểm nghiệm' hết hạn ngày 31/5/2025, trước hạn đánh giá 14/6/2025: hãy bổ sung bản mới."
    ]
    assert len(letters(office)) == 4
    for _, facts in letters(office):
        said = words(Notice.EVIDENCE_EXPIRING, facts).text
        assert "Phiếu kiểm nghiệm: hết hạn ngày 31/5/2025" in said
        assert "HACCP" not in said


@pytest.mark.parametrize(("expires_on", "told"), [(date(2025, 6, 13), 2), (date(2025, 6, 14), 0), (None, 0)])
def test_a_paper_that_lasts_to_the_last_day_for_the_council_needs_no_letter(
    sqlite_engine: Engine, expires_on: date | None, told: int
) -> None:
    office = an_office(sqlite_engine).go("2025-04-10")
    office.register(evidence=[NewEvidence(EvidenceKind.TEST_REPORT, "Phiếu kiểm nghiệm", expires_on=expires_on)])
    assert len(letters(office)) == told
