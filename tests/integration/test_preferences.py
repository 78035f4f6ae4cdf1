"""What people choose about the morning's digest: who gets it, from when, and that somebody always does."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from casework.doctor.checkup import examine
from casework.doctor.invariant import Look
from models.letters import Letter
from models.session import reading
from ocop.working_days import VIETNAM
from tests.factories import Office, an_office
from tests.integration.console_pages import OFFICE, form_token, shown, text

pytestmark = pytest.mark.postgresql_long


@pytest.fixture
def office(engine: Engine) -> Office:
    return an_office(engine).go("2025-05-05 10:00")


def choose(office: Office, who: str, hour: str = "", *, digest: bool = True) -> Any:
    client = shown(office, who)
    fields = {"form_token": form_token(client), "hour": hour} | ({"digest": "1"} if digest else {})
    return client.post("/letters/preferences", data=fields, follow_redirects=False)


def digests(office: Office, day: str) -> dict[str, str]:
    """Return who gets the digest of a day, and from which hour."""
    rows = office.rows(
        select(Letter.recipient_name, Letter.send_from).where(Letter.notice == "daily_digest").order_by(Letter.id)
    )
    found = [(name, f"{start.astimezone(VIETNAM):%Y-%m-%d %H:%M}") for name, start in rows]
    return {name: start[11:] for name, start in found if start.startswith(day)}


THE_OFFICE = "Văn phòng Điều phối nông thôn mới Tỉnh Nam Định"
OFFICER = "cán bộ phụ trách Tỉnh Nam Định"


def test_without_a_choice_the_office_gets_the_digest_at_the_plans_hour(office: Office) -> None:
    assert digests(office.go("2025-05-06 12:00"), "2025-05-06") == {THE_OFFICE: "07:30"}


def test_another_of_the_province_gets_it_too_at_the_hour_that_they_chose(office: Office) -> None:
    assert choose(office, "36/officer", "14:15").status_code == 303
    assert choose(office, OFFICE, "09:00").status_code == 303
    assert digests(office.go("2025-05-06 12:00"), "2025-05-06") == {THE_OFFICE: "09:00", OFFICER: "14:15"}


def test_the_office_may_leave_it_to_others_but_somebody_always_gets_it(office: Office, tmp_path: Path) -> None:
    assert choose(office, OFFICE, digest=False).status_code == 303
    assert digests(office.go("2025-05-06 12:00"), "2025-05-06") == {THE_OFFICE: "07:30"}
    choose(office, "36/officer")
    assert digests(office.go("2025-05-07 12:00"), "2025-05-07") == {OFFICER: "07:30"}
    choose(office, "36/officer", digest=False)
    assert digests(office.go("2025-05-08 12:00"), "2025-05-08") == {THE_OFFICE: "07:30"}
    with reading(office.engine) as session:
        broken = {found.invariant.key for found in examine(Look(session, office.now, tmp_path)) if found.total}
    assert broken == {"letters_not_forgotten"}  # no mail server takes them here


@pytest.mark.parametrize("hour", ["07:29", "18:00", "23:00", "9h", "24:00"])
def test_an_hour_in_which_no_letter_leaves_is_refused_with_the_plans_hours(office: Office, hour: str) -> None:
    refused = choose(office, OFFICE, hour)
    assert refused.status_code == 422
    assert "từ 07:30 đến trước 18:00" in refused.text
    assert digests(office.go("2025-05-06 12:00"), "2025-05-06") == {THE_OFFICE: "07:30"}


def test_the_page_shows_what_was_chosen_and_what_nobody_turns_off(office: Office) -> None:
    client = shown(office)
    assert "checked" in client.get("/letters/preferences").text
    choose(office, OFFICE, "10:30", digest=False)
    page = client.get("/letters/preferences").text
    assert 'value="10:30"' in page
    assert "checked" not in page
    said = text(client, "/letters/preferences")
    assert "Những gì không tắt được" in said
    assert "chưa ai chọn thì vẫn đến đây" in said
    assert shown(office, "365/officer").get("/letters/preferences").status_code == 403
