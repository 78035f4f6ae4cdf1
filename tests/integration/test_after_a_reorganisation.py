"""What comes after a reorganisation: units that are merged again, people who are away, what is entered late, what names the old."""

from datetime import date

import pytest
from sqlalchemy import Engine, select

from casework.actors import Territory, person
from casework.directory import Directory
from casework.imports.columns import Imported
from casework.imports.reading import read
from casework.imports.settings import ImportSettings
from casework.imports.successions import import_successions
from casework.imports.units import import_units
from casework.ledger import advance
from casework.moves import Refused
from casework.reorganisation import Clocks, bound_for, transfer
from casework.rules import standing_rules
from casework.succession import Successors
from models.cycles import Cycle, UnitTarget
from models.dossiers import Dossier
from models.leaves import Leave
from models.letters import Letter
from models.record import Event
from models.session import transaction
from models.successions import Succession
from models.units import Person, Post, Unit
from notifications.rendering import render
from ocop.errors import InvalidRows, NotFound, NotPossibleNow, SomeoneWasFaster
from ocop.levels import Level
from tests.factories import CYCLE, Office, an_office, day
from tests.integration.test_reorganisation import holders, june, sound
from tests.merger import MERGED, PAPER, learn, merge

pytestmark = pytest.mark.postgresql_long

AGAIN = date(2025, 9, 1)


def learn_of_another(office: Office) -> dict[str, int]:
    """Write that both communes of July become one in September; return the units by code."""
    with transaction(office.engine) as session:
        ids = {unit.code: unit.id for unit in session.scalars(select(Unit))}
        newest = Unit(
            level="commune", code="30001", name="Xã Chung", search="xa chung", parent_id=ids["37"], valid_from=AGAIN
        )
        session.add(newest)
        session.flush()
        for old in ("20001", "20002"):
            session.add(
                Succession(
                    unit_id=ids[old], successor_id=newest.id, from_day=AGAIN, main=True, roles="move", document=PAPER
                )
            )
        return ids | {"30001": newest.id}


def test_units_that_are_merged_twice_leave_letters_and_rights_to_the_last_of_them(sqlite_engine: Engine) -> None:
    office, found = june(sqlite_engine)
    learn(office).go("2025-07-01")
    merge(office)
    ids = learn_of_another(office)
    office.go("2025-09-01")
    office.act("reorganise", "36/officer", day=AGAIN, document=PAPER)
    assert holders(office)[found["registered"]] == "Xã Chung"
    with transaction(sqlite_engine) as session:
        posts = Territory.of(session, person(session, "14201/officer"), AGAIN).posts
    assert {code for code, unit in ids.items() if unit in posts} == {
        "14101", "14102", "14201", "14202", "20001", "20002", "30001",
    }  # fmt: skip
    sound(office)


def test_the_rules_of_a_province_that_was_merged_twice_are_those_of_the_last_one(sqlite_engine: Engine) -> None:
    an_office(sqlite_engine)
    with transaction(sqlite_engine) as session:
        cycle = session.scalars(select(Cycle)).one()
        old, then = (
            Unit(
                level="province", code=code, name=f"Tỉnh {code}", search=f"tinh {code}", valid_from=date(2000, 1, 1),
                valid_to=until,
            )
            for code, until in (("91", date(2025, 3, 31)), ("92", date(2025, 4, 30)))
        )  # fmt: skip
        session.add_all([old, then])
        session.flush()
        for unit, after, from_day in ((old, then.id, "2025-04-01"), (then, cycle.province_id, "2025-05-01")):
            session.add(
                Succession(unit_id=unit.id, successor_id=after, from_day=day(from_day), main=True, document=PAPER)
            )
        session.flush()
        assert [standing_rules(session, unit.id)[3] for unit in (old, then)] == [cycle.title, cycle.title] != ["", ""]


def test_a_second_reorganisation_of_a_day_adds_no_target_twice(sqlite_engine: Engine) -> None:
    office, _ = june(sqlite_engine)
    learn(office).go("2025-07-01")
    merge(office)
    again = merge(office)
    assert "Chỉ tiêu đơn vị cộng vào đơn vị mới: 0, giữ lại làm tư liệu: 0" in again["report"]
    targets = office.rows(select(Unit.code, UnitTarget.planned).join(Unit, Unit.id == UnitTarget.unit_id))
    assert {(row.code, row.planned) for row in targets} == {("14101", 3), ("14102", 2), ("20001", 5)}


def away(office: Office, code: str, first: str, last: str) -> None:
    """Let a commune's officer be away, with its head in their stead."""
    office.act(
        "leave", f"{code}/officer", person=f"{code}/officer", level=Level.COMMUNE, unit=code, from_day=day(first),
        to_day=day(last), substitute=f"{code}/head",
    )  # fmt: skip


def test_who_is_away_when_units_end_stays_away_at_the_successor_with_the_same_substitute(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-12")
    code = office.register("14201")
    away(office, "14201", "2025-06-26", "2025-07-20")
    away(office, "14102", "2025-07-03", "2025-07-20")
    away(office, "14202", "2025-07-03", "2025-07-20")  # its posts end with the unit
    learn(office).go("2025-07-01")
    merge(office)
    office.act("receive", "14201/head", dossiers=[code], received_on=office.now.date())
    (line,) = office.rows(select(Event.actor_name).where(Event.event == "receive"))
    assert line.actor_name.endswith("Xã Hải Minh (thay cán bộ phụ trách Xã Hải Minh)")
    with transaction(engine) as session:
        ids = {unit.code: unit.id for unit in session.scalars(select(Unit))}
        readers = {
            when: Directory(session, [ids["14201"]], ids["36"], day(when)).find(ids["14201"]).recipient.name
            for when in ("2025-07-01", "2025-07-20", "2025-07-21")
        }
        left = session.execute(
            select(Unit.code, Leave.from_day, Leave.to_day)
            .join(Post, Post.id == Leave.post_id)
            .join(Unit, Unit.id == Post.unit_id)
            .order_by(Unit.code)
        ).all()
    assert [("(thay" in name) for name in readers.values()] == [True, True, False]
    assert left == [
        ("14201", day("2025-06-26"), day("2025-06-30")),
        ("20001", day("2025-07-03"), day("2025-07-20")),
        ("20002", day("2025-07-01"), day("2025-07-20")),
    ]
    sound(office)


def test_what_a_district_did_before_its_end_was_entered_stays_done_by_somebody_in_office(sqlite_engine: Engine) -> None:
    office, found = june(sqlite_engine)
    learn(office).go("2025-07-03")
    office.recognise(found["to_recognise"])
    office.go("2025-07-04")
    merge(office)
    sound(office)
    assert office.stage(found["to_recognise"]) == "recognised"
    with transaction(sqlite_engine) as session:
        posts = Territory.of(session, person(session, "365/officer"), day("2025-07-04")).posts
    assert posts == {}, "the day after, the district has nobody any more"


def test_what_was_handed_on_cannot_be_given_to_somebody_else_by_another_file(sqlite_engine: Engine) -> None:
    office, _ = june(sqlite_engine)
    learn(office).go("2025-07-01")
    merge(office)
    columns = "level,code,successor_level,successor_code,from_day,covers,roles,document"
    wrong = f"{columns}\nxã,14101,xã,20002,2025-07-01,,chuyển,{PAPER}"
    with (
        pytest.raises(InvalidRows, match="Xã Giao Xuân đã được sắp xếp từ ngày 1/7/2025 theo đơn vị kế thừa khác"),
        transaction(sqlite_engine) as session,
    ):
        import_successions(session, read("s.csv", wrong.encode(), ImportSettings()))


def test_who_names_a_unit_that_has_ended_is_told_which_one_followed(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine)
    learn(office).go("2025-07-01")
    merge(office)
    with pytest.raises(NotFound, match=r"Xã Giao Xuân đã kết thúc sau ngày 30/6/2025; .*Xã Giao Mới \(mã 20001\)"):
        office.act("set-target", "36/officer", cycle=CYCLE, level=Level.COMMUNE, unit="14101", planned=4)
    with pytest.raises(NotFound, match=r"mang mã '99999'.*“Nhập đơn vị hành chính”"):
        office.act("set-target", "36/officer", cycle=CYCLE, level=Level.COMMUNE, unit="99999", planned=4)


def test_a_dossier_that_moved_while_units_were_reorganised_is_not_written_over(sqlite_engine: Engine) -> None:
    """What a second reorganisation had read before the first one ended is out of date: it is refused, not told twice."""
    office = an_office(sqlite_engine).go("2025-05-12")
    office.at_district()
    learn(office).go("2025-07-01")
    with transaction(sqlite_engine) as session:
        (dossier,) = session.scalars(select(Dossier)).all()
        found = Successors(session, MERGED)
        move = transfer(found, bound_for(found, dossier), PAPER, Clocks.KEEP)
    merge(office)
    with transaction(sqlite_engine) as session:
        (answer,) = advance(session, [move], actor=person(session, "36/officer"), at=office.now)
    assert isinstance(answer, Refused)
    assert isinstance(answer.violation, SomeoneWasFaster)


@pytest.mark.long
def test_products_of_units_that_ended_stand_on_one_list_of_the_unit_that_followed(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-12")
    for commune in ("14101", "14102", "14201"):
        code = office.judged("60", commune)
        office.recognise(code, "365/officer" if commune != "14201" else "366/officer", number=f"{commune}/QĐ")
    learn(office).go("2025-07-01")
    merge(office)
    office.go("2028-06-02")
    lists = office.rows(
        select(Unit.name, Letter.facts).join(Unit, Unit.id == Letter.unit_id).where(Letter.notice == "expired_list")
    )
    assert sorted((row.name, row.facts["total"]) for row in lists) == [("Xã Giao Mới", 2), ("Xã Hải Mới", 1)]
    sound(office)


def test_a_file_of_units_from_before_does_not_bring_a_unit_back(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine)
    learn(office).go("2025-07-01")
    merge(office)
    old = "level,code,name,parent_code,valid_from,valid_to\nxã,14201,Xã Hải Minh,366,1/1/2000,"
    with transaction(sqlite_engine) as session:
        assert import_units(session, read("u.csv", old.encode(), ImportSettings())) == Imported(0, 1, 0)
    assert office.rows(select(Unit.valid_to).where(Unit.code == "14201")) == [(day("2025-06-30"),)]


def test_a_level_is_not_said_to_be_suspended_where_no_cycle_is(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine)
    learn(office).go("2025-07-01")
    merge(office)
    with pytest.raises(NotPossibleNow, match="dùng “Tạm dừng hồ sơ, chờ xác định thẩm quyền”"):
        merge(office, suspend=Level.DISTRICT)


def test_a_letter_to_a_unit_of_another_province_climbs_to_that_provinces_office(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine)
    learn(office).go("2025-07-01")
    with transaction(sqlite_engine) as session:
        units = [
            Unit(level=level, code=code, name=f"Đơn vị {code}", search=f"don vi {code}", valid_from=begins)
            for level, code, begins in (
                ("province", "91", date(2000, 1, 1)), ("commune", "91001", date(2000, 1, 1)), ("commune", "91002", MERGED),
            )
        ]  # fmt: skip
        session.add_all(units)
        session.flush()
        province, old, new = units
        old.parent_id = new.parent_id = province.id
        there = Person(code="91/office", name="Văn phòng Điều phối 91", email="office.91@office.example")
        session.add(there)
        session.flush()
        session.add(
            Post(person_id=there.id, unit_id=province.id, role="coordinator_office", valid_from=date(2000, 1, 1))
        )
        session.add(Succession(unit_id=old.id, successor_id=new.id, from_day=MERGED, main=True, document=PAPER))
        waits = {
            column.key: getattr(session.scalars(select(Letter)).first(), column.key) for column in Letter.__table__.c
        }
        waits |= {"key": "another", "unit_id": old.id, "reply_unit_id": None, "recipient": f"unit/{old.id}"}
        session.add(Letter(**{name: value for name, value in waits.items() if name != "id"}))
    merge(office)
    assert office.rows(select(Letter.recipient_name).where(Letter.key == "another")) == [("Văn phòng Điều phối 91",)]


def test_a_letter_to_an_office_of_the_old_province_goes_to_the_same_office_of_the_new_one(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine)
    learn(office).go("2025-07-01")
    offices = select(Letter.id).where(Letter.recipient_name.startswith("Văn phòng Điều phối"))
    waiting = {row.id for row in office.rows(offices)}
    assert waiting
    merge(office)
    assert waiting <= {row.id for row in office.rows(offices.where(Letter.facts.contains("readdressed_from")))}


def test_a_letter_that_found_its_unit_ended_says_to_whom_it_was_written_first(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine)
    learn(office).go("2025-07-01")
    merge(office)
    with transaction(sqlite_engine) as session:
        letters = session.scalars(select(Letter).where(Letter.notice == "cycle_opened")).all()
        told = {letter.facts["readdressed_from"]["unit"]: render(letter) for letter in letters if letter.unit_id}
    first = "Thư này trước đó gửi cán bộ phụ trách Huyện Giao Thủy (Huyện Giao Thủy); đơn vị đó đã kết thúc"
    assert first in told["Huyện Giao Thủy"].text
    assert first in told["Huyện Giao Thủy"].html
