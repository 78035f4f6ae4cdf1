"""The doctor finds nothing in a year that went every way there is, and tells letters, breaches, acts and counts apart."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, func, select, update

from casework.actors import person
from casework.chronicle import append_cycle_event
from casework.doctor import balance, checkup
from casework.doctor.balance import conservation
from casework.doctor.chains import verify
from casework.doctor.checkup import examine
from casework.doctor.invariant import Look
from casework.rules import cycle_by_code
from models.cycles import AgendaItem, Breach, Cycle, Deadline
from models.letters import Letter
from models.record import Event, Mark
from models.session import transaction
from tests.factories import CYCLE, Office
from tests.integration.doctor.broken_year import Broken

pytestmark = pytest.mark.postgresql_long


def test_a_year_that_went_every_way_breaks_nothing(broken: Broken) -> None:
    assert broken.findings() == {}
    read = verify(broken.session)
    assert read.sound
    assert read.chains == 1 + len(broken.year.codes)


def test_what_two_nights_kept_counts_with_what_came_since_as_the_whole_history_does(broken: Broken) -> None:
    session, now = broken.session, broken.year.office.now
    cycle = cycle_by_code(session, CYCLE)
    whole = conservation(session, cycle)
    half = session.scalar(select(func.max(Event.id))) // 2
    counted = balance.custody(session, now)
    assert (counted.line, counted.moved) == (0, [])  # the first night does not know which lines are still under way
    balance.keep(session, replace(counted, newest=half), now)
    session.flush()
    soon = balance.custody(session, now + timedelta(minutes=59))
    assert soon.line == 0
    balance.keep(session, balance.custody(session, now + timedelta(hours=1)), now + timedelta(hours=1))
    session.flush()
    kept = json.loads(session.get_one(Mark, balance.KEPT).value)
    assert kept["line"] == half
    assert kept["moved"]
    assert conservation(session, cycle) == whole
    broken.unlock()
    session.execute(delete(Event).where(Event.id <= half))
    assert conservation(session, cycle) == whole  # what was kept is not counted again
    assert [finding for finding in broken.findings() if finding == "kept_counts_agree"]


def test_a_unit_that_got_no_letter_is_missed_though_others_got_theirs(broken: Broken) -> None:
    line = broken.line("three stars", "recognise")
    district = broken.dossier("three stars").district_id
    broken.session.execute(
        delete(Letter).where(Letter.cause == f"{line.chain}#{line.number}", Letter.unit_id == district)
    )
    found = broken.findings()
    assert set(found) == {"events_have_letters"}
    assert [one.what for one in found["events_have_letters"].violations] == [
        f"dòng {line.number} ('recognise') thiếu thư 'recognised' gửi huyện"
    ]


def test_an_escalation_a_revocation_and_an_opening_without_their_letters_are_missed(broken: Broken) -> None:
    broken.session.execute(delete(Letter).where(Letter.cause.like("deadline/%/rung/0")))
    broken.session.execute(delete(Letter).where(Letter.cause.like("certificate/%/revoked")))
    broken.session.execute(delete(Letter).where(Letter.notice == "cycle_opened"))
    told = [one.what for one in broken.findings()["events_have_letters"].violations]
    assert any("bậc 1" in what for what in told)
    assert "đã thu hồi nhưng không có thư báo" in told
    assert "dòng 1 thiếu thư 'cycle_opened'" in told


@pytest.mark.parametrize(
    ("like", "cause"),
    [
        ("deadline/%/before/%", "deadline/1/before/5/unit/3"),
        ("deadline/%/rung/%", "deadline/1/unit/3/rung/9"),
        ("cycle/%/digest/%", "cycle/1/digest/1"),
        ("cycle/%#%", "cycle/1#77"),
        ("certificate/%", "certificate/999/revoked"),
        ("complaint/%", "complaint/99"),
        ("vacant/%", "vacant/999/officer/2025-05-05"),
    ],
)
def test_a_letter_about_nothing_is_found_whatever_it_is_about(broken: Broken, like: str, cause: str) -> None:
    letter = broken.session.scalars(select(func.min(Letter.id)).where(Letter.cause.like(like))).one()
    assert letter is not None
    broken.copy(Letter, letter, key=f"{cause}/x/person/1", cause=cause)
    found = broken.findings()
    assert set(found) == {"letters_have_causes"}
    assert [cause in one.what for one in found["letters_have_causes"].violations] == [True]


def test_a_letter_that_its_event_does_not_owe_is_found(broken: Broken) -> None:
    line = broken.line("three stars", "recognise")
    cause = f"{line.chain}#{line.number}"
    letter = broken.session.scalars(select(func.min(Letter.id)).where(Letter.cause == cause)).one()
    broken.copy(Letter, letter, key=f"{cause}/not_ranked/producer/1", notice="not_ranked")
    assert set(broken.findings()) == {"letters_have_causes"}


def test_a_breach_that_stayed_open_after_its_dossier_passed_is_found(broken: Broken) -> None:
    passed = broken.dossier("completed").id
    assert broken.session.scalars(select(Breach.closed_at).where(Breach.dossier_id == passed)).first() is not None
    broken.session.execute(update(Breach).where(Breach.dossier_id == passed).values(closed_at=None))
    found = broken.findings()
    assert set(found) == {"overdue_is_a_breach"}
    assert broken.year["completed"] in found["overdue_is_a_breach"].violations[0].where


def test_a_deadline_that_has_not_struck_by_its_watch_is_no_missing_breach_but_work_undone(broken: Broken) -> None:
    late = select(Deadline.id).join(Breach, Breach.deadline_id == Deadline.id).where(Breach.closed_at.is_(None))
    strokes = [f"deadline/{number}" for number in set(broken.session.scalars(late))]
    broken.session.execute(delete(Breach).where(Breach.closed_at.is_(None)))
    undo = update(AgendaItem).where(AgendaItem.kind == "stroke", AgendaItem.subject.in_(strokes)).values(done_at=None)
    broken.session.execute(undo)
    assert "overdue_is_a_breach" not in broken.findings()
    assert "due_was_done" in broken.findings()


def test_whoever_entered_on_behalf_without_a_post_above_is_named(broken: Broken) -> None:
    elsewhere = person(broken.session, "365/officer", "Công văn 8/UBND, ông A ký")
    broken.forge("on behalf", "add_evidence", elsewhere)
    assert set(broken.findings()) == {"actor_in_office"}


def test_an_amendment_that_a_commune_entered_is_named(broken: Broken) -> None:
    office = broken.year.office
    cycle, commune = broken.session.get_one(Cycle, 1), person(broken.session, "14201/officer")
    append_cycle_event(
        broken.session,
        cycle,
        "amend_plan",
        actor=commune,
        at=office.now,
        occurred_on=office.now.date(),
        rule="99/KH-UBND",
    )
    (one,) = broken.findings()["actor_in_office"].violations
    assert "('amend_plan'): cán bộ phụ trách" in one.what


def test_a_missing_attachment_is_named_with_the_paper_that_needs_it(broken: Broken) -> None:
    look = Look(broken.session, broken.year.office.now, broken.files / "nowhere")
    (finding,) = (one for one in examine(look, ["attachments_hold"]))
    assert finding.total == 1
    assert "'Giấy đăng ký'" in finding.violations[0].where
    assert "không còn trong thư mục" in finding.violations[0].what


def test_each_units_equation_has_the_terms_that_its_dossiers_went_through(broken: Broken) -> None:
    rows = {row.unit: row for row in conservation(broken.session, cycle_by_code(broken.session, CYCLE))}
    district = rows["Huyện Giao Thủy"]
    assert (district.received, district.forwarded, district.recognised) == (11, 1, 2)
    assert (district.not_ranked, district.disqualified, district.carried_over, district.in_progress) == (1, 1, 1, 5)
    province = rows["Tỉnh Nam Định"]
    assert (province.received, province.sent_back, province.forwarded) == (2, 1, 1)
    assert rows["Trung ương"].recognised == 1
    assert all(row.holds for row in rows.values())
    assert province.equation == "nhận 2 = chuyển lên 1 + gửi trả 1"


def test_what_the_nightly_check_found_stands_in_the_morning_letter(engine: Engine, tmp_path: Path) -> None:
    office = Office(engine).found().open_cycle()
    office.go("2025-05-05")
    with transaction(engine) as session:
        found = checkup.check(Look(session, office.now, tmp_path))
        checkup.remember(session, found, office.now)
    assert (found.name, found.broken) == ("Broken", {"letters_not_forgotten": found.broken["letters_not_forgotten"]})
    office.go("2025-05-07")
    facts = office.rows(select(Letter.facts).where(Letter.notice == "daily_digest").order_by(Letter.id.desc()))[0][0]
    assert facts["health"] == [
        "Kiểm tra sổ lúc 09:00 ngày 05/05/2025: 1 quy tắc không giữ được, 0 chuỗi lịch sử sai; người quản trị xem từng chỗ bằng “Kiểm tra sổ”"
    ]
