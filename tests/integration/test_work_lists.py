"""What waits for an officer now: every dossier of the desk in one section, by what is due, who has it, and whose turn it is."""

import pytest
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.orm import Session

from casework.act_words import ACT_WORDS
from casework.board.deadlines import due_dates
from casework.board.desks import OF_DOSSIERS, SOON, Section, desk_of
from casework.board.owed import Owed
from casework.board.work import Work
from casework.board.work_lines import WorkLine, bulk_acts, dossiers, owed
from casework.days import calendar
from casework.rules import cycles_of
from models.cycles import Breach
from models.dossiers import Dossier
from models.letters import Letter, LetterState
from models.session import reading, transaction
from models.units import Person, Unit
from ocop.levels import Level
from ocop.revocation import Ground
from ocop.working_days import day_of
from tests import merger
from tests.factories import Office, an_office, day
from tests.integration.console_pages import walked
from tests.integration.test_assignments import absent, colleague
from tests.integration.test_statements import statements

pytestmark = pytest.mark.postgresql_long


def listed(office: Office, who: str, section: Section, *, mine: bool = False, stage: str = "") -> list[WorkLine]:
    """Return the lines of somebody's section."""
    with reading(office.engine) as session:
        work = _work(session, office, who, mine)
        if section in (*OF_DOSSIERS, Section.FREE):
            return dossiers(work, section, stage=stage, limit=500)
        return owed(work, Owed(session, work.desk), section, limit=500)


def told(office: Office, who: str, section: Section, *, mine: bool = False, stage: str = "") -> dict[str, WorkLine]:
    """Return the lines of somebody's section, by dossier."""
    return {line.code: line for line in listed(office, who, section, mine=mine, stage=stage)}


def counted(office: Office, who: str, *, mine: bool = False) -> dict[str, int]:
    """Return how much stands in each of somebody's sections, those with nothing left out."""
    with reading(office.engine) as session:
        work = _work(session, office, who, mine)
        return {section.value: n for section, n in (work.counts() | Owed(session, work.desk).counts()).items() if n}


def _work(session: Session, office: Office, who: str, mine: bool) -> Work:
    person = session.scalars(select(Person.id).where(Person.code == who)).one()
    return Work(session, desk_of(session, person, office.now), office.now, mine=mine)


def test_a_dossier_goes_through_the_sections_as_its_day_comes_near(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    code = office.at_district()  # the districts' councils meet before 15 June
    assert counted(office, "365/officer") == {"waiting": 1, "free": 1}
    office.go("2025-06-04 09:00")
    assert counted(office, "365/officer")["waiting"] == 1
    office.go("2025-06-05 09:00")
    line = told(office, "365/officer", Section.SOON)[code]
    assert line.due is not None
    assert line.due.last_day == day("2025-06-14")
    assert line.awaited == "chờ hội đồng cấp huyện họp và huyện ký kết quả"
    office.go("2025-06-14 23:00")
    assert set(told(office, "365/officer", Section.TODAY)) == {code}
    office.go("2025-06-15 01:00")
    assert told(office, "365/officer", Section.LATE)[code].late


def test_a_session_held_meets_the_day_and_the_decision_is_the_unit_s_own_work(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-10")
    code = office.at_district()
    due = told(office, "365/officer", Section.SOON)[code].due
    assert due is not None
    assert due.last_day == day("2025-06-14")
    office.evaluate(code, "55")
    line = told(office, "365/officer", Section.SOON)[code]
    assert line.awaited == "đã có kết quả chấm của hội đồng, chờ ký quyết định"
    assert line.due is not None
    assert line.due.last_day > day("2025-06-14"), "the next day that it may have to meet"


def test_what_somebody_else_has_to_do_is_said_and_by_whom(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    council, asked, above = office.at_district(), office.at_district(), office.at_province()
    office.act(
        "request-supplement", "365/officer", dossier=asked, reason="Thiếu giấy", requested_on=office.now.date()
    )  # fmt: skip
    district = told(office, "365/officer", Section.WAITING)
    assert district[council].awaited == "chờ hội đồng cấp huyện họp và huyện ký kết quả"
    assert district[asked].awaited.startswith("chờ HTX mô phỏng")
    assert district[asked].awaited.endswith("bổ sung hồ sơ")
    assert district[above].awaited == "đã chuyển lên Tỉnh Nam Định: hội đồng cấp tỉnh họp và tỉnh ký kết quả"
    assert (district[above].who, district[above].mine, district[council].mine) == ("Tỉnh Nam Định", False, True)
    commune = told(office, "14101/officer", Section.WAITING)
    assert set(commune) == {council, asked, above}
    assert not any(line.mine for line in commune.values())
    assert counted(office, "36/officer") == {"waiting": 1, "free": 1}
    assert counted(office, "14102/officer") == {}
    filed = office.register()
    assert told(office, "14101/officer", Section.LATER)[filed].awaited == "xã tiếp nhận hồ sơ"


def test_what_stands_at_the_centre_is_on_the_province_s_desk_and_the_centre_sees_it(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_province("93")
    office.evaluate(code, "92", "36/officer")
    office.decide(code, "36/officer")
    office.recognise(code, "36/officer")
    office.act("propose", "36/officer", dossiers=[code], number="9/TTr", signed_on=office.now.date())
    office.tick()
    for who in ("36/officer", "00/officer"):
        line = told(office, who, Section.WAITING)[code]
        assert line.awaited == "chờ kết quả của trung ương; tỉnh ghi vào khi nhận được"
        assert line.mine
    assert code in told(office, "365/officer", Section.WAITING)


def test_suspended_dossiers_wait_and_have_no_day(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    merger.suspended(office)
    with transaction(office.engine) as session:
        count = len(session.scalars(select(Dossier.id).where(Dossier.suspended_at.is_not(None))).all())
    found = [
        line
        for who in ("365/officer", "366/officer")
        for line in told(office, who, Section.WAITING).values()
        if "tạm dừng từ ngày" in line.awaited
    ]
    assert count == len(found)
    assert {line.due for line in found} <= {None}


def test_one_s_own_list_is_what_one_took_and_the_unit_s_has_all_with_who_has_it(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    second = colleague(office)
    mine, theirs, free = office.at_district(), office.at_district(), office.at_district()
    office.act("claim", "365/officer", dossiers=[mine])
    office.act("assign", "365/head", dossiers=[theirs], person=second)
    assert set(told(office, "365/officer", Section.WAITING, mine=True)) == {mine}
    assert set(told(office, second, Section.WAITING, mine=True)) == {theirs}
    for who in ("365/officer", "365/head"):
        assert {code: line.who for code, line in told(office, who, Section.WAITING).items()} == {
            mine: "cán bộ phụ trách Huyện Giao Thủy", theirs: "Cán bộ thứ hai Huyện Giao Thủy", free: "",
        }  # fmt: skip
        assert set(told(office, who, Section.FREE)) == {free}
    assert set(told(office, "365/officer", Section.FREE, mine=True)) == {free}
    assert counted(office, "365/officer", mine=True) == {"waiting": 1, "free": 1}
    # what went up is followed by whoever had it
    for code in (mine, free):
        office.evaluate(code, "75")
        office.decide(code)
        office.act("submit", "365/officer", dossiers=[code], number="8/UBND", signed_on=office.now.date())
    office.tick()
    assert set(told(office, "365/officer", Section.WAITING, mine=True)) == {mine}
    assert set(told(office, second, Section.WAITING, mine=True)) == {theirs}
    assert set(told(office, second, Section.WAITING)) == {mine, theirs, free}


def test_the_substitute_sees_the_absent_officer_s_list_for_the_days_of_the_leave(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    second, code = colleague(office), office.at_district()
    office.act("claim", "365/officer", dossiers=[code])
    assert counted(office, "365/vice_chair", mine=True) == {}
    absent(office, "365/vice_chair")
    line = told(office, "365/vice_chair", Section.WAITING, mine=True)[code]
    assert (line.who, line.away_until) == ("cán bộ phụ trách Huyện Giao Thủy", day("2025-05-14"))
    assert counted(office, second, mine=True) == {}, "somebody else was named"
    office.go("2025-05-15 09:00")
    assert counted(office, "365/vice_chair", mine=True) == {}


def test_a_substitute_who_holds_the_role_anyway_sees_the_list_too(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    second, code = colleague(office), office.at_district()
    office.act("claim", "365/officer", dossiers=[code])
    absent(office, second)
    assert set(told(office, second, Section.WAITING, mine=True)) == {code}


def test_complaints_findings_and_letters_of_the_unit_wait_too(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.judged("55")
    (issued,) = office.recognise(code)["certificates"]
    office.act(
        "complain", "365/officer", dossier=code, received_on=office.now.date(), body="Chấm điểm chưa đúng quy định."
    )
    office.act(
        "record-finding", "365/officer", certificate=issued["certificate"], ground=Ground.PRODUCTION_STOPPED, found_on=office.now.date(), body="Cơ sở đóng cửa", document="4/BB",
    )  # fmt: skip
    with transaction(office.engine) as session:
        letter = session.scalars(
            select(Letter.id).where(Letter.notice == "recognised", Letter.recipient.like("producer/%"))
        ).one()
        session.execute(update(Letter).where(Letter.id == letter).values(state=LetterState.TO_HAND_OVER.value))
    assert counted(office, "365/officer") == {"complaints": 1, "findings": 1}
    assert counted(office, "14101/officer") == {"letters": 1}
    (complaint,) = told(office, "365/officer", Section.COMPLAINTS).values()
    assert complaint.awaited == "trả lời chủ thể: “Chấm điểm chưa đúng quy định.”"
    assert complaint.due is not None
    assert not complaint.late
    (finding,) = told(office, "365/officer", Section.FINDINGS).values()
    assert finding.awaited == "quyết định thu hồi giấy chứng nhận hay không: ngừng sản xuất"
    assert finding.due is not None
    assert finding.due.last_day == day("2025-05-20")
    (printed,) = told(office, "14101/officer", Section.LETTERS).values()
    assert printed.awaited.startswith("in và trao cho HTX mô phỏng")
    office.go("2025-07-01")
    (complaint,) = told(office, "365/officer", Section.COMPLAINTS).values()
    assert complaint.late
    assert complaint.due is not None
    assert complaint.due.passed


def _everybody(office: Office) -> list[str]:
    return [code for (code,) in office.rows(select(Person.code).order_by(Person.code))]


@pytest.mark.parametrize("when", ["2025-06-17 16:00", pytest.param("2025-07-05 09:00", marks=pytest.mark.long)])
def test_every_dossier_stands_in_one_section_and_each_number_is_its_list(sqlite_engine: Engine, when: str) -> None:
    office = walked(sqlite_engine)
    held = office.rows(
        select(Dossier.code).join(Unit, Unit.id == Dossier.holder_id).where(Dossier.open.is_(True), Unit.code == "365")
    )
    office.act("claim", "365/officer", dossiers=[code for (code,) in held][:2])
    office.go(when)
    seen: set[str] = set()
    for who in _everybody(office):
        numbers = counted(office, who)
        rows = {section: listed(office, who, section) for section in Section}
        assert {section.value: len(found) for section, found in rows.items() if found} == numbers, who
        codes = [line.code for section in OF_DOSSIERS for line in rows[section]]
        assert len(set(codes)) == len(codes), who
        assert {line.code for line in rows[Section.FREE]} <= set(codes)
        assert all(line.who == "" for line in rows[Section.FREE])
        seen.update(codes)
        assert sum(counted(office, who).get(section.value, 0) for section in OF_DOSSIERS) <= len(codes)
    assert seen == {code for (code,) in office.rows(select(Dossier.code).where(Dossier.open.is_(True)))}


@pytest.mark.parametrize("when", ["2025-06-05 09:00", "2025-06-10 09:00", "2025-06-15 09:00", "2025-06-18 09:00"])
def test_the_sections_are_by_the_days_that_the_lines_show(engine: Engine, when: str) -> None:
    office = an_office(engine).go("2025-05-20")
    office.at_province("80", "14201")
    back = office.at_province("72")
    office.evaluate(back, "65", "36/officer")
    office.decide(back, "36/officer")
    for number in range(2):
        code = office.at_district("14201" if number else "14101")
        office.act(
            "request-supplement", "366/officer" if number else "365/officer", dossier=code, reason="Thiếu",
            requested_on=office.now.date(),
        )  # fmt: skip
        office.at_district("14202" if number else "14102")
        office.register("14201" if number else "14101")
    held = office.at_district()
    office.evaluate(held, "55")
    annulled = office.judged("45")
    office.act(
        "annul", "365/officer", dossier=annulled, document="9/QĐ", reason="Cộng sai", annulled_on=office.now.date(),
        due_on=day("2025-06-19"),
    )  # fmt: skip
    office.act(
        "extend", "36/officer", cycle="ND2025", stage="district_evaluation", day=day("2025-06-18"), document="99/UBND",
        reason="bão", level=Level.DISTRICT, unit="365",
    )  # fmt: skip
    office.go(when)
    with reading(office.engine) as session:
        today, days = day_of(office.now), calendar(session)
        soon = days.add_working_days(today, SOON)
        rows = session.scalars(select(Dossier).where(Dossier.open.is_(True))).all()
        due = {
            key: one
            for c in cycles_of(session, rows).values()
            for key, one in due_dates(session, c, rows, office.now).items()
        }
        late = set(session.scalars(select(Breach.dossier_id).where(Breach.closed_at.is_(None))))
        expected = {
            row.code: "late" if row.id in late
            else "today" if row.id in due and due[row.id].last_day <= today
            else "soon" if row.id in due and due[row.id].last_day <= soon
            else "far"
            for row in rows
        }  # fmt: skip
    found: dict[str, str] = {}
    for who in (
        "14101/officer",
        "14102/officer",
        "14201/officer",
        "14202/officer",
        "365/officer",
        "366/officer",
        "36/officer",
    ):
        for section in OF_DOSSIERS:
            named = section.value if section in (Section.LATE, Section.TODAY, Section.SOON) else "far"
            found |= {code: named for code, line in told(office, who, section).items() if line.mine}
    assert found == expected


def test_the_numbers_of_one_s_own_list_are_its_lines(sqlite_engine: Engine) -> None:
    office = walked(sqlite_engine)
    held = office.rows(
        select(Dossier.code, Unit.code)
        .join(Unit, Unit.id == Dossier.holder_id)
        .where(Dossier.open.is_(True), Unit.code.in_(("365", "366", "36")))
    )
    for unit in ("365", "366", "36"):
        office.act("claim", f"{unit}/officer", dossiers=[code for code, holder in held if holder == unit])
    for who in ("365/officer", "366/officer", "36/officer", "365/head"):
        numbers = counted(office, who, mine=True)
        rows = {section.value: len(listed(office, who, section, mine=True)) for section in Section}
        assert {section: number for section, number in rows.items() if number} == numbers, who
        assert (sum(numbers.get(section.value, 0) for section in OF_DOSSIERS) > 0) == (who != "365/head")


def test_a_list_is_narrowed_to_a_stage_and_offers_what_may_be_done_there(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    filed, reviewed = office.register(), office.register()
    office.act("receive", "14101/officer", dossiers=[reviewed], received_on=office.now.date())
    assert set(told(office, "14101/officer", Section.LATER, stage="registered")) == {filed}
    with reading(office.engine) as session:
        work = _work(session, office, "14101/officer", mine=False)
        parts = work.parts(Section.LATER)
        assert [(part.group.stage, part.number) for part in parts] == [("registered", 1), ("commune_review", 1)]
        offered = [act.name for act in bulk_acts(work.desk, [part.group for part in parts])]
    assert offered == ["receive", "report", "carry-over"]
    assert set(offered) <= set(ACT_WORDS)


def _asked(office: Office, who: str) -> dict[str, int]:
    """Return how many statements each section of somebody's list needs, counts included."""
    found = {}
    for section in Section:
        with reading(office.engine) as session, statements(office.engine) as seen:
            work = _work(session, office, who, mine=False)
            owing = Owed(session, work.desk)
            assert work.counts() | owing.counts()
            if section in (*OF_DOSSIERS, Section.FREE):
                dossiers(work, section, limit=50)
            else:
                owed(work, owing, section, limit=50)
        found[section.value] = len(seen)
    return found


def test_a_list_asks_the_record_as_often_for_many_dossiers_as_for_a_few(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    for _ in range(2):
        office.at_district()
        office.register()
    few = {who: _asked(office, who) for who in ("365/officer", "14101/officer")}
    for _ in range(6):
        office.at_district()
        office.register()
    office.act("claim", "365/officer", dossiers=list(told(office, "365/officer", Section.WAITING))[:5])
    assert {who: _asked(office, who) for who in ("365/officer", "14101/officer")} == few
    assert max(max(asked.values()) for asked in few.values()) <= 30


def test_somebody_without_a_post_has_nothing_to_do(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    office.at_district()
    with transaction(office.engine) as session:
        session.execute(insert(Person).values(code="none", name="Người không giữ nhiệm vụ"))
    assert counted(office, "none") == {}
    with reading(office.engine) as session:
        assert not _work(session, office, "none", mine=False).desk.leads
