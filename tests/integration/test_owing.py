"""Who is owed which letter: every notice once by real acts, read by those of its row in the table, at the right hour."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from casework import expiry
from casework.calendar_seed import calendar_rows
from casework.corrections import Purpose
from casework.evidence import NewEvidence
from casework.owing import send_from
from casework.registration import Goods, Maker
from casework.submission import KeptBecause
from models.cycles import Deadline, Escalation
from models.dossiers import Dossier
from models.letters import Letter
from models.record import Event
from models.results import Certificate, Decision
from models.session import transaction
from models.units import Person, Post, Producer, Product, Unit
from ocop.evidence import EvidenceKind
from ocop.levels import Role
from ocop.notices import AUDIENCE, LEGAL_NOTICES, Notice, Party
from ocop.plan_sections import Notices
from ocop.procedures.qd148 import QD148
from ocop.revocation import Ground
from ocop.rulebook import PROCEDURES
from ocop.working_days import Calendar
from tests.factories import CYCLE, PLAN, Office, all_gates, an_office, at, day

pytestmark = pytest.mark.postgresql_long

CALENDAR = Calendar(calendar_rows(2025, 2025))


def vacate(office: Office, *codes: str, last_day: str) -> None:
    """End people's posts."""
    with transaction(office.engine) as session:
        ids = session.scalars(select(Person.id).where(Person.code.in_(codes))).all()
        assert len(ids) == len(codes)
        session.execute(update(Post).where(Post.person_id.in_(ids)).values(valid_to=day(last_day)))


def without_email(office: Office, code: str) -> None:
    """Take a person's address away."""
    with transaction(office.engine) as session:
        assert session.scalar(update(Person).where(Person.code == code).values(email=None).returning(Person.id))


def letters(office: Office, *conditions: Any) -> list[Letter]:
    """Return letters, oldest first."""
    with transaction(office.engine) as session:
        return list(session.scalars(select(Letter).where(*conditions).order_by(Letter.owed_at, Letter.id)))


def readers(office: Office, *conditions: Any) -> set[str]:
    """Return who reads letters: a person's code, 'producer' or a unit on paper."""
    with transaction(office.engine) as session:
        codes = {f"person/{number}": code for number, code in session.execute(select(Person.id, Person.code))}
    return {codes.get(letter.recipient, letter.recipient.partition("/")[0]) for letter in letters(office, *conditions)}


def an_old_certificate(session: Session, number: str, issued: date, valid_until: date) -> Certificate:
    """Add a certificate of earlier years for an invented product of commune 14101, as the import of history does."""
    commune = session.scalars(select(Unit).where(Unit.code == "14101")).one()
    district = session.scalars(select(Unit).where(Unit.code == "365")).one()
    maker = Producer(
        code=f"CT-{number}", name=f"HTX {number}", search=number, commune_id=commune.id,
        email=f"{number}@producer.example", simulated=True,
    )  # fmt: skip
    session.add(maker)
    session.flush()
    goods = Product(code=f"SP-{number}", name=number, search=number, producer_id=maker.id, simulated=True)
    session.add(goods)
    session.flush()
    decision = Decision(
        product_id=goods.id, level="district", purpose="imported", number="1/QĐ", signed_on=issued, signer="",
        unit_id=district.id, awarded_star=3, recorded_at=at("2025-04-08"),
    )  # fmt: skip
    session.add(decision)
    session.flush()
    found = Certificate(
        number=number, product_id=goods.id, decision_id=decision.id, commune_id=commune.id, star=3, issued_on=issued,
        valid_until=valid_until, unit_id=district.id, simulated=True,
    )  # fmt: skip
    session.add(found)
    session.flush()
    return found


def everything_happens(engine: Engine) -> Office:
    """Return an office in which each kind of letter has been owed by an act of a person or by the clock."""
    office = an_office(engine)
    with transaction(engine) as session:
        ends = [("gcn-a", "2022-04-20", "2025-04-20"), ("gcn-b", "2022-10-01", "2025-10-01")]
        old = [an_old_certificate(session, number, day(issued), day(until)) for number, issued, until in ends]
        expiry.schedule(session, old, office.now)
    a_paper = NewEvidence(EvidenceKind.TEST_REPORT, "Phiếu kiểm nghiệm", day("2024-05-01"), day("2025-05-01"))
    office.register("14102", evidence=[a_paper])

    def today() -> date:
        return office.now.date()

    for name, body in (
        ("retract", {"requested_on": today(), "reason": "Chủ thể xin rút."}),
        ("disqualify", {"found_on": today(), "reason": "Giấy tờ giả.", "document": "3/BB"}),
    ):
        office.act(name, "365/officer", dossier=office.at_district(), **body)
    office.act("carry-over", "365/officer", dossiers=[office.at_district()], decided_on=today(), reason="Chưa đủ.")
    kept = office.judged("82")
    office.act(
        "keep", "365/officer", dossiers=[kept], because=KeptBecause.NOT_SELECTED, reason="Ưu tiên.", decided_on=today()
    )
    office.recognise(kept)
    office.act("complain", "365/officer", dossier=kept, received_on=today(), body="Đề nghị xem lại.")
    office.act(
        "answer-complaint", "365/officer", complaint=1, answered_on=today(), answer="Đúng quy định.", document="8/UBND"
    )
    office.act("complain", "365/officer", dossier=kept, received_on=today(), body="Chưa đồng ý.")  # never answered
    low = office.judged("40")
    office.act(
        "annul", "365/officer", dossier=low, document="15/QĐ-UBND", reason="Hội đồng sai thành phần.",
        annulled_on=today(), due_on=day("2025-04-29"),
    )  # fmt: skip
    returned = office.at_province("75")
    office.evaluate(returned, "65", "36/officer")
    office.decide(returned, "36/officer", "90/QĐ-UBND")
    office.decide(returned, number="413/QĐ-UBND")
    for mean in ("92", "95"):
        five = office.at_province("92")
        office.evaluate(five, mean, "36/officer")
        office.decide(five, "36/officer", "91/QĐ-UBND")
        office.recognise(five, "36/officer", "92/QĐ-UBND")
    office.act("forgo", "36/officer", dossiers=[five], reason="Chủ thể không đề nghị.", decided_on=today())
    (proposed,) = office.rows(select(Dossier.code).where(Dossier.stage == "central_proposal"))
    office.act("propose", "36/officer", dossiers=[proposed.code], number="5/TTr-UBND", signed_on=today())
    office.tick()
    office.act(
        "record-central-result", "36/officer", dossier=proposed.code, held_on=today(), minutes="7/BB", mean=Decimal(93),
        gates=all_gates(), number="2000/QĐ-BNNMT", signed_on=today(), signer="Bộ trưởng",
    )  # fmt: skip
    office.tick()
    corrected = office.judged("55")
    office.act(
        "correct-decision", "365/officer", dossier=corrected, purpose=Purpose.RESULT, number="412b/QĐ-UBND", signed_on=today(),
        signer="Nguyễn Văn Ký", document="16/CV", reason="Sai số quyết định.",
    )  # fmt: skip
    waiting = office.at_district()
    office.act(
        "request-supplement", "365/officer", dossier=waiting, reason="Thiếu phiếu kiểm nghiệm.", requested_on=today()
    )
    office.go("2025-04-25 10:00")
    office.act("supplement", "365/officer", dossier=waiting, supplemented_on=today(), note="Đã nộp.")
    vacate(office, "14102/officer", last_day="2025-05-31")
    office.act(
        "extend", "36/officer", cycle=CYCLE, stage="provincial_evaluation", day=day("2025-07-31"), document="70/UBND",
        reason="Bão.",
    )  # fmt: skip
    office.go("2025-06-17 10:00")
    office.act(
        "accept-late",
        "36/officer",
        dossiers=[waiting],
        stage="district_evaluation",
        document="71/UBND",
        reason="Mưa lũ.",
    )
    (given,) = office.rows(select(Certificate.number, Certificate.issued_on).join(Dossier).where(Dossier.code == kept))
    office.act(
        "record-finding", "365/officer", certificate=given.number, ground=Ground.PRODUCTION_STOPPED,
        found_on=given.issued_on, body="Cơ sở đóng cửa.", document="4/BB-KT",
    )  # fmt: skip
    office.act(
        "revoke", "365/officer", certificate=given.number, revoked_on=today(), document="80/QĐ-UBND",
        reason="Ngừng sản xuất.",
    )  # fmt: skip
    office.act("open-cycle", "36/officer", code="KHONG", plan=PLAN)
    office.act("close-cycle", "36/officer", cycle="KHONG")
    return office


@pytest.fixture(scope="module")
def played(shared_engine: Engine) -> Office:
    """The office in which everything happened once, on both databases; its tests only read."""
    return everything_happens(shared_engine)


LATER_LAWS = {notice for law in PROCEDURES.values() for row in law.rows for notice in row.letters} - {
    notice for row in QD148.rows for notice in row.letters
}
"""Owed under the laws without districts alone: tests/integration/test_laws_without_districts.py takes dossiers through them."""
ELSEWHERE = LATER_LAWS | {
    Notice.PLAN_AMENDED, Notice.CALENDAR_CHANGED, Notice.REORGANISED, Notice.TRANSFERRED, Notice.SUSPENDED, Notice.RESUMED,
    Notice.PROCEDURE_CHANGED, Notice.ACCOUNT_INVITED, Notice.PASSWORD_RESET,
}  # fmt: skip
"""And what changes while a cycle runs: tests/integration/test_amendments.py, test_calendar_edits.py, test_reorganisation.py,
test_suspension.py; and of accounts: test_account_letters.py."""


def test_every_notice_is_owed_by_something_that_happens(played: Office) -> None:
    assert {notice for (notice,) in played.rows(select(Letter.notice).distinct())} == set(Notice) - ELSEWHERE


def test_every_notice_has_its_readers_in_the_table() -> None:
    assert set(AUDIENCE) == set(Notice)
    assert all(AUDIENCE[notice] for notice in Notice)
    assert all(notice.label[0].isupper() for notice in Notice)


def test_a_dossiers_letters_go_to_those_of_their_row(played: Office) -> None:
    with transaction(played.engine) as session:
        units = {unit.id: unit for unit in session.scalars(select(Unit))}
        people = {f"person/{number}": code for number, code in session.execute(select(Person.id, Person.code))}
        events = {f"{event.chain}#{event.number}": event for event in session.scalars(select(Event))}
        dossiers = {dossier.id: dossier for dossier in session.scalars(select(Dossier))}
    told: dict[tuple[str, str], list[Letter]] = defaultdict(list)
    for letter in letters(played, Letter.cause.like("dossier/%")):
        told[letter.cause, letter.notice].append(letter)
    by_moves = {notice for row in (*QD148.moves, *QD148.notes) for notice in row.letters}
    assert {Notice(notice) for _, notice in told} == by_moves | {Notice.REGISTERED, Notice.EVIDENCE_EXPIRING}
    for (cause, notice), sent in told.items():
        event, dossier = events[cause], dossiers[int(cause.split("/")[1].split("#")[0])]
        stage = QD148.stage(event.to_stage)
        by_level = {
            "commune": dossier.commune_id, "district": dossier.district_id, "province": dossier.province_id,
            "central": next(unit.id for unit in units.values() if unit.level == "central"),
        }  # fmt: skip
        holder = event.unit_id if stage.final else by_level[stage.level]
        holding = {
            Party.COMMUNE: dossier.commune_id, Party.DISTRICT: dossier.district_id, Party.PROVINCE: dossier.province_id,
            Party.HOLDER: holder,
        }  # fmt: skip
        expected = set()
        for party in AUDIENCE[Notice(notice)]:
            if party is Party.PRODUCER:
                expected.add(f"producer/{dossier.producer_id}")
            elif party is Party.COORDINATOR_OFFICE:
                expected.add("36/coordinator_office")
            else:
                expected.add(f"{units[holding[party]].code}/officer")
        found = {people.get(letter.recipient, letter.recipient) for letter in sent}
        assert found == expected, (cause, notice)
        assert {letter.reply_to for letter in sent} == {f"officer.{units[holder].code}@office.example"}, (cause, notice)


BY_HAND = [
    # notice, condition, who reads it
    (Notice.CYCLE_OPENED, (Letter.owed_at == at("2025-04-08"),), {"36/officer", "36/coordinator_office", "365/officer", "366/officer", "14101/officer",
                               "14102/officer", "14201/officer", "14202/officer"}),
    (Notice.CYCLE_CLOSED, (), {"36/officer", "36/coordinator_office", "365/officer", "366/officer"}),
    (Notice.SENT_TO_PROVINCE, (), {"producer", "36/officer"}),
    (Notice.ARRIVED_AT_PROVINCE, (), {"36/officer", "36/coordinator_office"}),
    (Notice.RETURNED_TO_DISTRICT, (), {"producer", "365/officer", "36/coordinator_office"}),
    (Notice.ARRIVED_AT_CENTRE, (), {"36/officer", "36/coordinator_office"}),
    (Notice.COMPLAINT_ANSWERED, (), {"producer"}),
    (Notice.COMPLAINT_DUE, (), {"365/officer", "36/coordinator_office"}),
    (Notice.SUPPLEMENT_REMINDER, (), {"producer"}),
    (Notice.SUPPLEMENT_OVERDUE, (), {"producer", "365/officer"}),
    (Notice.EXPIRY_WARNING, (), {"producer", "14101/officer"}),
    (Notice.EXPIRED, (), {"producer", "14101/officer", "36/coordinator_office"}),
    (Notice.EXPIRED_LIST, (), {"14101/officer", "365/officer"}),
    (Notice.RUNG_VACANT, (), {"36/coordinator_office"}),
    (Notice.DAILY_DIGEST, (), {"36/coordinator_office"}),
]  # fmt: skip


@pytest.mark.parametrize(("notice", "conditions", "who"), BY_HAND)
def test_readers_worked_out_by_hand(played: Office, notice: Notice, conditions: Any, who: set[str]) -> None:
    assert readers(played, Letter.notice == notice, *conditions) == who


def test_a_cycles_letters_list_its_deadlines_in_the_plans_order_wherever_their_rows_lie(engine: Engine) -> None:
    office = an_office(engine)
    with transaction(engine) as session:  # on PostgreSQL a row that is written anew lies behind the others
        first = session.scalar(select(func.min(Deadline.id)))
        session.execute(update(Deadline).where(Deadline.id == first).values(wording=Deadline.wording))
    office.act("close-cycle", "36/officer", cycle=CYCLE)
    (told,) = {
        tuple(deadline["stage_label"] for deadline in facts["plan"]["deadlines"])
        for (facts,) in office.rows(select(Letter.facts).where(Letter.notice == Notice.CYCLE_CLOSED))
    }
    assert told == tuple(QD148.stage(stage).label for stage in (
        "district_evaluation", "provincial_submission", "provincial_evaluation"
    ))  # fmt: skip


def test_what_a_unit_is_told_comes_from_the_province_and_answers_go_there(played: Office) -> None:
    province_writes = (
        Notice.CYCLE_OPENED, Notice.CYCLE_CLOSED, Notice.DEADLINE_EXTENDED, Notice.DEADLINE_REMINDER, Notice.OVERDUE,
        Notice.EXPIRED_LIST, Notice.RUNG_VACANT, Notice.DAILY_DIGEST,
    )  # fmt: skip
    sent = letters(played, Letter.notice.in_(province_writes))
    assert {letter.reply_to for letter in sent} == {"officer.36@office.example"}
    assert {letter.notice for letter in sent} == set(province_writes)


def test_every_letter_of_the_year_leaves_in_office_hours_but_the_legal_ones(played: Office) -> None:
    legal, others = [], []
    for letter in letters(played):
        (legal if letter.notice in LEGAL_NOTICES else others).append(letter)
    assert all(letter.send_from == letter.owed_at for letter in legal)
    assert {letter.owed_at for letter in legal if letter.notice == "expired"} == {at("2025-04-20 07:30")}, "a Sunday"
    for letter in others:
        local = letter.send_from.astimezone(at("2025-01-01").tzinfo)
        assert CALENDAR.is_working(local.date())
        assert (7, 30) <= (local.hour, local.minute) < (18, 0)
        assert letter.send_from >= letter.owed_at


def test_the_stroke_of_midnight_is_told_in_the_morning_of_the_next_working_day(played: Office) -> None:
    overdue = letters(played, Letter.notice == Notice.SUPPLEMENT_OVERDUE)
    assert {letter.owed_at for letter in overdue} == {at("2025-04-23 00:00")}
    assert {letter.send_from for letter in overdue} == {at("2025-04-23 07:30")}
    first = min(letter.owed_at for letter in letters(played, Letter.notice == Notice.OVERDUE))
    assert first == at("2025-06-16 07:30"), "15/6 is a Sunday"


def test_what_is_done_again_owes_nothing_again(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine)
    code = office.at_district()
    before = office.rows(select(func.count()).select_from(Letter))
    office.tick()
    office.act("receive", "14101/officer", key="twice", dossiers=[office.register()], received_on=office.now.date())
    (after,) = office.rows(select(func.count()).where(Letter.notice == "received"))
    with transaction(office.engine) as session:
        (again,) = session.scalars(select(Dossier.code).where(Dossier.code != code))
    office.act("receive", "14101/officer", key="twice", dossiers=[again], received_on=office.now.date())
    assert office.rows(select(func.count()).where(Letter.notice == "received")) == [after]
    assert before < office.rows(select(func.count()).select_from(Letter))


# --- nobody there ----------------------------------------------------------------------------------------------------


def test_a_vacant_rung_passes_its_letter_on_and_the_office_hears_of_the_gap_the_same_day(engine: Engine) -> None:
    office = an_office(engine)
    vacate(office, "365/officer", last_day="2025-04-08")
    office.now = at("2025-04-09")
    codes = [office.register(), office.register()]
    office.act("receive", "14101/officer", dossiers=codes, received_on=office.now.date())
    office.act("report", "14101/officer", dossiers=codes, number="12/BC", reported_on=office.now.date(), findings="Đủ.")
    office.tick()
    assert readers(office, Letter.notice == "forwarded_to_district") == {"producer", "365/head"}
    (gap,) = letters(office, Letter.notice == "rung_vacant")
    assert gap.recipient_name == "Văn phòng Điều phối nông thôn mới Tỉnh Nam Định"
    assert (gap.facts["unit"], gap.facts["role_label"]) == ("Huyện Giao Thủy", "cán bộ phụ trách")
    assert gap.owed_at == gap.send_from == at("2025-04-09"), "one letter a day, however many dossiers"
    assert {letter.reply_to for letter in letters(office, Letter.notice == "forwarded_to_district")} == {
        "head.365@office.example"
    }
    office.now = at("2025-04-10")
    office.act("request-supplement", "365/head", dossier=codes[0], reason="Thiếu.", requested_on=office.now.date())
    office.act("supplement", "365/head", dossier=codes[0], supplemented_on=office.now.date(), note="Đủ.")
    days = [letter.owed_at.date() for letter in letters(office, Letter.notice == "rung_vacant")]
    assert days == [day("2025-04-09"), day("2025-04-10")]


def test_the_ladder_climbs_over_several_vacant_rungs_and_each_gap_is_told(engine: Engine) -> None:
    office = an_office(engine)
    office.register("14101")
    vacate(office, "14101/officer", "14101/head", last_day="2025-06-15")
    office.go("2025-06-16 08:00")
    assert readers(office, Letter.notice == "overdue") == {"14101/vice_chair"}
    assert office.rows(select(Escalation.rung, Escalation.role, Escalation.vacant)) == [(0, "officer", True)]
    gaps = letters(office, Letter.notice == "rung_vacant")
    assert {letter.facts["role_label"] for letter in gaps} == {Role.OFFICER.label, Role.HEAD.label}
    assert {letter.send_from for letter in gaps} == {at("2025-06-16 07:30")}


def test_a_unit_without_anybody_is_read_for_by_the_coordinator_office(engine: Engine) -> None:
    office = an_office(engine)
    office.register("14101")
    vacate(office, "14101/officer", "14101/head", "14101/vice_chair", last_day="2025-06-15")
    office.go("2025-06-16 08:00")
    assert readers(office, Letter.notice == "overdue") == {"36/coordinator_office"}
    assert len(letters(office, Letter.notice == "rung_vacant")) == 3


def test_where_nobody_is_left_at_all_the_unit_itself_gets_the_letter_on_paper(engine: Engine) -> None:
    office = an_office(engine)
    office.register("14101")
    everybody = [f"14101/{role}" for role in ("officer", "head", "vice_chair")]
    vacate(office, *everybody, "36/coordinator_office", "36/department", last_day="2025-06-15")
    office.go("2025-06-16 08:00")
    (letter,) = letters(office, Letter.notice == "overdue")
    assert (letter.recipient_name, letter.state, letter.email) == ("Xã Giao Xuân", "to_hand_over", None)


def test_a_person_or_a_producer_without_an_address_gets_the_letter_to_hand_over(engine: Engine) -> None:
    office = an_office(engine)
    without_email(office, "14201/officer")
    maker = Maker("CT-GIAY", "HTX mô phỏng", "14201", contact="Bà Lụa", simulated=True)
    office.register("14201", producer=maker, product=Goods("SP-GIAY", "Kẹo mô phỏng"))
    told = letters(office, Letter.notice == "registered")
    with transaction(office.engine) as session:
        commune = session.scalars(select(Unit.id).where(Unit.code == "14201")).one()
    assert {(letter.recipient_name, letter.state, letter.unit_id) for letter in told} == {
        ("Bà Lụa (HTX mô phỏng)", "to_hand_over", commune),
        ("cán bộ phụ trách Xã Hải Minh", "to_hand_over", commune),
    }
    assert {letter.reply_to for letter in told} == {"head.14201@office.example"}, "its officer cannot be written to"
    assert all(letter.simulated for letter in told)


def test_who_reads_for_two_parties_gets_one_letter(engine: Engine) -> None:
    office = an_office(engine)
    code = office.judged("55")
    told = letters(office, Letter.notice == "registered", Letter.dossier_id.is_not(None))
    assert len(told) == 2, "producer, and the commune that holds it"
    office.recognise(code)
    assert readers(office, Letter.notice == "recognised") == {
        "producer", "14101/officer", "365/officer", "36/coordinator_office",
    }  # fmt: skip
    with transaction(office.engine) as session:
        keys = session.scalars(select(Letter.key)).all()
    assert len(keys) == len(set(keys))


# --- quiet hours -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owed", "leaves"),
    [
        ("2025-06-16 07:29", "2025-06-16 07:30"),
        ("2025-06-16 07:30", "2025-06-16 07:30"),
        ("2025-06-16 12:15", "2025-06-16 12:15"),
        ("2025-06-16 17:59", "2025-06-16 17:59"),
        ("2025-06-16 18:00", "2025-06-17 07:30"),
        ("2025-06-16 00:00", "2025-06-16 07:30"),
        ("2025-06-13 20:00", "2025-06-16 07:30"),  # a Friday evening
        ("2025-06-14 09:00", "2025-06-16 07:30"),  # a Saturday
        ("2025-06-15 00:00", "2025-06-16 07:30"),  # a Sunday: the stroke of the districts' deadline
        ("2025-04-26 09:00", "2025-04-26 09:00"),  # a Saturday worked for 2/5
        ("2025-04-29 19:00", "2025-05-05 07:30"),  # before the holidays of 30/4 to 4/5
        ("2025-05-02 09:00", "2025-05-05 07:30"),  # off, worked on 26/4
        ("2025-01-24 17:59", "2025-01-24 17:59"),
        ("2025-01-24 18:00", "2025-02-03 07:30"),  # the evening before the nine days of Tết
        ("2025-01-31 07:30", "2025-02-03 07:30"),
    ],
)
def test_letters_wait_for_the_morning_of_a_working_day(owed: str, leaves: str) -> None:
    assert send_from(at(owed), Notice.OVERDUE, CALENDAR, Notices()) == at(leaves)
    for notice in LEGAL_NOTICES:
        assert send_from(at(owed), notice, CALENDAR, Notices()) == at(owed)


def test_only_what_the_law_makes_due_passes_quiet_hours() -> None:
    assert {Notice.EXPIRY_WARNING, Notice.EXPIRED, Notice.REVOKED} == LEGAL_NOTICES


def test_an_act_in_the_evening_is_told_in_the_morning_and_a_revocation_at_once(engine: Engine) -> None:
    office = an_office(engine)
    code = office.judged("55")
    office.recognise(code)
    office.now = at("2025-06-13 20:00")
    office.register()
    told = letters(office, Letter.notice == "registered", Letter.owed_at == office.now)
    assert {letter.send_from for letter in told} == {at("2025-06-16 07:30")}
    assert {letter.give_up_at - letter.send_from for letter in told} == {timedelta(days=3)}
    (given,) = office.rows(select(Certificate.number))
    office.act(
        "revoke", "365/officer", certificate=given.number, revoked_on=office.now.date(), document="80/QĐ-UBND",
        reason="Ngừng sản xuất.",
    )  # fmt: skip
    assert {letter.send_from for letter in letters(office, Letter.notice == "revoked")} == {office.now}
