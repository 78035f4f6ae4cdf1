"""A unit is reminded at once: by whom, about what, once a day for each deadline, and with a line in the cycle's history."""

import re
from pathlib import Path

import pytest
from httpx import Response
from sqlalchemy import Engine, select

from casework.doctor.checkup import examine
from casework.doctor.invariant import Look
from casework.reminding import reminded
from casework.rules import cycle_by_code
from models.letters import Letter
from models.record import Event
from models.session import reading
from models.units import Unit
from notifications.rendering import render
from ocop.errors import InvalidInput, NotPossibleNow, NotYours
from ocop.levels import Level
from tests.factories import CYCLE, Office, an_office
from tests.integration.console_pages import OFFICE, form_token, shown

DISTRICT = {"cycle": CYCLE, "level": Level.DISTRICT, "unit": "365"}


def letters(office: Office) -> list[Letter]:
    """Return the letters that reminders owe."""
    lines = select(Event.chain + "#").where(Event.event == "remind")
    with reading(office.engine) as session:
        chain = session.scalars(lines.limit(1)).first()
        if chain is None:
            return []
        numbers = session.scalars(select(Event.number).where(Event.event == "remind")).all()
        causes = [f"{chain}{number}/" for number in numbers]
        found = [
            letter
            for letter in session.scalars(select(Letter).order_by(Letter.id))
            if any(letter.cause.startswith(cause) for cause in causes)
        ]
        session.expunge_all()
        return found


@pytest.fixture
def office(sqlite_engine: Engine) -> Office:
    """Two dossiers at one district, before the deadline of its evaluation."""
    office = an_office(sqlite_engine).go("2025-05-05")
    office.at_district()
    office.at_district("14102")
    return office


def test_a_reminder_is_a_letter_to_the_units_officer_and_a_line_of_history(office: Office) -> None:
    office.go("2025-06-04 10:00")
    answer = office.act("remind", "36/coordinator_office", **DISTRICT)
    assert answer["message"].startswith("Đã nhắc Huyện Giao Thủy: 1 thư cho ")
    assert (answer["dossiers"], answer["stages"]) == (2, ["Huyện đánh giá"])
    (letter,) = letters(office)
    assert (letter.notice, letter.email) == ("deadline_reminder", "officer.365@office.example")
    rendered = render(letter)
    assert rendered.subject.startswith("Nhắc hạn: Huyện đánh giá, còn ")
    assert "còn 2 hồ sơ chưa qua bước" in " ".join(rendered.text.split())
    (line,) = office.rows(select(Event.actor_name, Event.details).where(Event.event == "remind"))
    assert line.details["dossiers"] == 2
    assert not line.details["missed"]


def test_a_unit_is_reminded_once_a_day_of_one_deadline_and_again_the_next_day(office: Office) -> None:
    office.go("2025-06-04 10:00")
    office.act("remind", "36/coordinator_office", **DISTRICT)
    with pytest.raises(NotPossibleNow, match="lúc 10:00 hôm nay"):
        office.act("remind", "36/officer", **DISTRICT)
    office.go("2025-06-05 08:00")
    office.act("remind", "36/officer", **DISTRICT)
    assert len(letters(office)) == 2
    with reading(office.engine) as session:
        (told,) = reminded(session, cycle_by_code(session, CYCLE), office.now).values()
        assert list(told.values()) == [office.now]


def test_the_same_key_reminds_once(office: Office) -> None:
    office.go("2025-06-04 10:00")
    first = office.act("remind", "36/officer", key="nhac-1", **DISTRICT)
    second = office.act("remind", "36/officer", key="nhac-1", **DISTRICT)
    assert (first["replayed"], second["replayed"]) == (False, True)
    assert len(letters(office)) == 1


def test_what_a_unit_missed_is_told_as_overdue_and_names_no_rung(office: Office) -> None:
    office.go("2025-06-17 10:00")
    answer = office.act("remind", "36/officer", **DISTRICT)
    assert answer["letters"] == 2
    late, coming = letters(office)
    assert (late.notice, coming.notice) == ("overdue", "deadline_reminder")
    assert render(late).subject.startswith("Quá hạn: Huyện đánh giá – Huyện Giao Thủy, 2 hồ sơ")


def test_a_period_of_a_dossiers_own_that_ends_soon_is_reminded_of(office: Office) -> None:
    code = office.at_district("14201")
    office.act(
        "request-supplement", "366/officer", dossier=code, reason="thiếu phiếu", requested_on=office.now.date()
    )  # fmt: skip
    office.go("2025-05-15 09:00")
    answer = office.act("remind", "36/officer", cycle=CYCLE, level=Level.DISTRICT, unit="366")
    assert answer["letters"] >= 1
    assert any("19/5/2025" in render(letter).text for letter in letters(office))


def test_only_the_province_or_a_unit_above_reminds(office: Office) -> None:
    office.go("2025-06-04 10:00")
    commune = {"cycle": CYCLE, "level": Level.COMMUNE, "unit": "14101"}
    for stranger in ("365/officer", "366/officer", "14101/officer"):
        with pytest.raises(NotYours, match="Chỉ cấp trên của"):
            office.act("remind", stranger, **DISTRICT)
    office.register()
    with pytest.raises(NotYours):
        office.act("remind", "366/officer", **commune)
    assert office.act("remind", "365/officer", **commune)["dossiers"] == 1


def test_a_unit_that_holds_nothing_due_is_not_written_to(office: Office) -> None:
    office.go("2025-06-04 10:00")
    with pytest.raises(NotPossibleNow, match="không có gì để nhắc"):
        office.act("remind", "36/officer", cycle=CYCLE, level=Level.COMMUNE, unit="14202")
    assert letters(office) == []


def test_a_unit_outside_the_cycles_province_is_refused(sqlite_engine: Engine) -> None:
    office = Office(sqlite_engine, units=(*Office(sqlite_engine).units, (Level.PROVINCE, "37", "Tỉnh Ninh Bình", "00")))
    office.found().open_cycle()
    with pytest.raises(InvalidInput, match="không thuộc tỉnh của chu trình"):
        office.act("remind", "36/officer", cycle=CYCLE, level=Level.PROVINCE, unit="37")


def test_the_doctor_finds_nothing_wrong_after_a_reminder(office: Office, tmp_path: Path) -> None:
    office.go("2025-06-17 10:00")
    office.act("remind", "36/officer", **DISTRICT)
    with reading(office.engine) as session:
        found = examine(Look(session, office.now, tmp_path))
        # Nobody sends letters in this world.
        assert [one.invariant.key for one in found if not one.holds] == ["letters_not_forgotten"]


# --- on the pages -------------------------------------------------------------------------------------------------------


def unit_number(office: Office, code: str) -> int:
    """Return a unit's number."""
    ((number,),) = office.rows(select(Unit.id).where(Unit.code == code))
    return int(number)


def pressed(office: Office, *codes: str, who: str = OFFICE) -> Response:
    """Return the page after the button for some units, which the browser was sent on to."""
    client = shown(office, who)
    units = [str(unit_number(office, code)) for code in codes]
    return client.post("/remind", data={"unit": units, "form_token": form_token(client)})


def test_a_unit_called_today_has_a_button_that_reminds_it_and_then_says_when(office: Office) -> None:
    office.go("2025-06-04 10:00")
    first = shown(office).get("/").text
    assert f'name="unit" value="{unit_number(office, "365")}"' in first
    page = pressed(office, "365")
    assert page.status_code == 200
    assert "Đã nhắc Huyện Giao Thủy: 1 thư" in page.text
    assert "đã nhắc lúc 10:00 4/6/2025" in page.text
    again = pressed(office, "365")
    assert "đã được nhắc về các thời hạn này lúc 10:00 hôm nay" in again.text
    assert len(letters(office)) == 1


def test_several_units_are_reminded_with_a_result_for_each(office: Office) -> None:
    office.go("2025-06-04 10:00")
    page = pressed(office, "365", "14202")
    words = " ".join(re.sub(r"<[^>]+>", " ", page.text).split())
    assert "Đã nhắc 1 trong 2 đơn vị" in words
    assert "Xã Hải Anh không nhắc Xã Hải Anh không giữ hồ sơ nào quá hạn" in words


def test_who_is_late_is_reminded_from_the_pages_that_show_it(office: Office) -> None:
    office.at_district("14201")
    office.go("2025-06-17 10:00")
    client = shown(office)
    late, heat = client.get("/late").text, client.get("/heat").text
    assert f'name="unit" value="{unit_number(office, "365")}"' in late
    assert "đơn vị có hồ sơ quá hạn" in heat
    units = re.findall(r'name="unit" value="(\d+)"', heat)
    assert {str(unit_number(office, code)) for code in ("365", "366")} <= set(units)
    page = client.post("/remind", data={"unit": units, "back": "/heat", "form_token": form_token(client)})
    assert "Bản đồ nhiệt" in page.text
    assert {letter.email for letter in letters(office)} >= {"officer.365@office.example", "officer.366@office.example"}
    assert "đã nhắc lúc 10:00 17/6/2025" in client.get("/late").text


def test_other_levels_have_no_button_and_may_not_press_it(office: Office) -> None:
    office.go("2025-06-04 10:00")
    assert pressed(office, "365", who="365/officer").status_code == 403
    assert pressed(office, "14101", who="14101/officer").status_code == 403
    assert letters(office) == []
