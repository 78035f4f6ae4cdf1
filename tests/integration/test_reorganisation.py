"""Units end and have successors while dossiers are on their way: nothing is lost, nothing is guessed, nobody who is gone is written to."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from casework.actors import person
from casework.doctor.balance import conservation
from casework.doctor.checkup import examine
from casework.doctor.invariant import Look
from casework.reorganisation import Clocks, Roles, reorganise
from casework.rules import cycle_by_code
from models.cycles import AgendaItem, Breach, Deadline, UnitTarget
from models.dossiers import Dossier
from models.letters import Letter, LetterState
from models.record import Event
from models.session import transaction, trial
from models.successions import Binding, Succession
from models.units import Person, Post, Producer, Unit
from ocop.errors import InvalidInput, NotFound, NotPossibleNow, NotYours
from ocop.levels import Level, Role
from ocop.text import fold
from tests.factories import CYCLE, Office, an_office, day
from tests.merger import FOLLOWS, MERGED, PAPER, learn, merge

pytestmark = pytest.mark.postgresql_long


def sound(office: Office) -> None:
    """Assert that every invariant holds, but for letters that nobody sends here."""
    with transaction(office.engine) as session:
        broken = {
            finding.invariant.key: [violation.what for violation in finding.violations[:3]]
            for finding in examine(Look(session, office.now, Path("no such folder")))
            if not finding.holds and finding.invariant.key != "letters_not_forgotten"
        }
    assert broken == {}


def ended(office: Office) -> set[int]:
    """Return the units that ended on 30/6."""
    return {row.id for row in office.rows(select(Unit.id).where(Unit.valid_to == date(2025, 6, 30)))}


def holders(office: Office) -> dict[str, str]:
    """Return who holds each dossier, by code."""
    rows = office.rows(select(Dossier.code, Unit.name).join(Unit, Unit.id == Dossier.holder_id))
    return {row.code: row.name for row in rows}


def june(engine: Engine) -> tuple[Office, dict[str, str]]:
    """Bring a cycle to 30/6 with a dossier at each level, one late at the district, one just returned to it."""
    office = an_office(engine).go("2025-05-12")
    found = {
        "registered": office.register("14201"),
        "late": office.at_district("14202"),
        "to_recognise": office.judged("60"),
        "not_ranked": office.judged("40", "14201"),
        "province": office.at_province("75", "14102"),
        "returned": office.at_province("75", "14201"),
    }
    office.act("set-target", "14101/officer", cycle=CYCLE, level=Level.COMMUNE, unit="14101", planned=3)
    office.act("set-target", "14102/officer", cycle=CYCLE, level=Level.COMMUNE, unit="14102", planned=2)
    office.go("2025-06-27")
    office.evaluate(found["returned"], "62", "36/officer")
    office.decide(found["returned"], "36/officer")
    return office.go("2025-06-30 17:00"), found


Merged = tuple[Office, dict[str, str], Any]


@pytest.fixture(scope="module")
def merged(shared_engine: Engine) -> Merged:
    """The same cycle after the units were reorganised at 0:10 on 1/7; only read."""
    office, found = june(shared_engine)
    learn(office).go("2025-07-01 00:10")
    return office, found, merge(office)


def test_each_dossier_on_its_way_goes_to_the_successor_competent_at_its_stage(merged: Merged) -> None:
    office, found, answer = merged
    assert {name: holders(office)[code] for name, code in found.items()} == {
        "registered": "Xã Hải Mới",
        "late": "Tỉnh Ninh Bình",
        "to_recognise": "Tỉnh Ninh Bình",
        "province": "Tỉnh Ninh Bình",
        "returned": "Tỉnh Ninh Bình",
        "not_ranked": "Huyện Hải Hậu",
    }
    assert "Bước 'Tỉnh trả về huyện': 1 hồ sơ, Huyện Hải Hậu (mã 366) sang Tỉnh Ninh Bình (mã 37)" in answer["report"]
    sound(office)


def test_what_ended_before_keeps_its_old_units_and_each_dossier_says_what_it_was_bound_to(merged: Merged) -> None:
    office, found, _ = merged
    (kept,) = office.rows(
        select(Unit.code).join(Dossier, Dossier.commune_id == Unit.id).where(Dossier.code == found["not_ranked"])
    )
    assert kept.code == "14201"
    bound = office.rows(
        select(Dossier.code, Unit.code.label("commune"), Binding.from_number, Binding.until_number, Dossier.version)
        .join(Dossier, Dossier.id == Binding.dossier_id)
        .join(Unit, Unit.id == Binding.commune_id)
        .where(Dossier.code == found["returned"])
    )
    assert [(row.commune, row.from_number) for row in bound] == [("14201", 1)]
    assert bound[0].until_number == bound[0].version - 1, "the line that transfers stands under the new units"


def test_history_has_a_line_for_each_transfer_with_the_document_and_the_rule(merged: Merged) -> None:
    office, found, _ = merged
    lines = office.rows(
        select(Dossier.code, Event.rule, Event.details, Event.actor_name)
        .join(Dossier, Dossier.id == Event.dossier_id)
        .where(Event.event == "transfer")
    )
    assert {line.code for line in lines} == set(found.values()) - {found["not_ranked"]}
    assert all("đơn vị kế thừa" in line.rule and line.details["document"] == PAPER for line in lines)
    (of_cycle,) = office.rows(select(Event.details).where(Event.event == "reorganise"))
    assert of_cycle.details["dossiers"] == 5
    assert of_cycle.details["stages"]["returned_to_district"] == 1


def test_every_equation_has_a_column_for_what_was_handed_on_and_still_holds(merged: Merged) -> None:
    office, _, answer = merged
    with transaction(office.engine) as session:
        balances = {row.unit: row for row in conservation(session, cycle_by_code(session, CYCLE))}
    assert all(row.holds for row in balances.values())
    assert {name: row.transferred for name, row in balances.items() if row.transferred} == {
        "Xã Hải Minh": 1, "Huyện Giao Thủy": 1, "Huyện Hải Hậu": 2, "Tỉnh Nam Định": 1,
    }  # fmt: skip
    assert (balances["Tỉnh Ninh Bình"].received, balances["Tỉnh Ninh Bình"].in_progress) == (4, 4)
    assert "Tỉnh Nam Định: nhận 2 = gửi trả 1 + bàn giao 1" in answer["conservation"]


def test_posts_move_or_end_as_the_file_says_and_nobody_of_a_district_works_at_the_province(merged: Merged) -> None:
    office, _, _ = merged
    now = office.rows(
        select(Person.code, Unit.code.label("unit"))
        .join(Post, Post.person_id == Person.id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(Post.valid_from == MERGED, Post.role == Role.OFFICER.value)
    )
    assert {(row.code, row.unit) for row in now} == {
        ("36/officer", "37"), ("14101/officer", "20001"), ("14102/officer", "20001"), ("14201/officer", "20002"),
    }  # fmt: skip
    assert office.rows(select(func.count(Post.id)).where(Post.unit_id.in_(ended(office)), Post.valid_to.is_(None))) == [
        (0,)
    ]


def test_no_letter_that_has_not_left_stands_with_a_unit_that_has_ended(merged: Merged) -> None:
    office, _, answer = merged
    waiting = (LetterState.OWED.value, LetterState.TO_HAND_OVER.value)
    with_ended = Letter.unit_id.in_(ended(office)) | Letter.reply_unit_id.in_(ended(office))
    assert answer["letters"] > 0
    assert office.rows(select(func.count(Letter.id)).where(Letter.state.in_(waiting), with_ended)) == [(0,)]
    of_districts = office.rows(select(Letter.recipient_name).where(Letter.recipient_name.contains("Huyện")))
    assert of_districts == [], "who read for a district reads no more"
    first, *_ = office.rows(select(Letter.facts).where(Letter.notice == "cycle_opened"))
    assert first.facts["readdressed_from"]["unit"]


def test_targets_of_communes_are_added_up_and_the_old_rows_stay(merged: Merged) -> None:
    office, _, _ = merged
    rows = office.rows(select(Unit.code, UnitTarget.planned).join(Unit, Unit.id == UnitTarget.unit_id))
    assert {(row.code, row.planned) for row in rows} == {("14101", 3), ("14102", 2), ("20001", 5)}


def test_an_open_breach_follows_its_dossier_and_the_ladder_climbs_on_from_there(merged: Merged) -> None:
    office, found, _ = merged
    (breach,) = office.rows(
        select(Unit.name, Breach.deadline_id, Unit.id)
        .join(Unit, Unit.id == Breach.unit_id)
        .join(Dossier, Dossier.id == Breach.dossier_id)
        .join(Deadline, Deadline.id == Breach.deadline_id)
        .where(Dossier.code == found["late"], Breach.closed_at.is_(None), Deadline.stage == "district_evaluation")
    )
    assert breach.name == "Tỉnh Ninh Bình"
    waiting = office.rows(select(AgendaItem.subject).where(AgendaItem.kind == "rung", AgendaItem.done_at.is_(None)))
    units = {int(row.subject.rpartition("/")[2]) for row in waiting}
    assert not units & ended(office)


def test_producers_lie_in_the_commune_that_theirs_became(merged: Merged) -> None:
    office, _, _ = merged
    assert office.rows(select(func.count(Producer.id)).where(Producer.commune_id.in_(ended(office)))) == [(0,)]


def test_whoever_works_at_a_successor_acts_on_what_ended_under_the_old_unit(sqlite_engine: Engine) -> None:
    office, found = june(sqlite_engine)
    learn(office).go("2025-07-01")
    merge(office)
    office.act(
        "complain", "36/officer", dossier=found["not_ranked"], received_on=office.now.date(), body="Đề nghị xem lại."
    )
    letters = office.rows(select(Letter.unit_id).where(Letter.notice == "complaint_received"))
    assert letters
    assert not {row.unit_id for row in letters} & ended(office)
    sound(office)


def test_a_second_time_nothing_is_left_to_hand_on(sqlite_engine: Engine) -> None:
    office, _ = june(sqlite_engine)
    learn(office).go("2025-07-01")
    merge(office)
    before = office.rows(select(func.count(Event.id))), office.rows(select(func.count(Letter.id)))
    assert merge(office)["letters"] == 0
    assert (office.rows(select(func.count(Event.id))), office.rows(select(func.count(Letter.id)))) == before
    sound(office)


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ("14202", "Xã Hải Anh (cấp xã, mã 14202) chưa có đơn vị kế thừa"),
        ("366", "Huyện Hải Hậu (cấp huyện, mã 366) chưa có đơn vị kế thừa"),
    ],
)
def test_a_unit_without_a_row_in_the_file_is_named_and_nothing_is_changed(
    sqlite_engine: Engine, lost: str, said: str
) -> None:
    office = an_office(sqlite_engine).go("2025-05-12")
    office.at_district("14202")
    learn(office, [row for row in FOLLOWS if row[0] != lost]).go("2025-07-01")
    before = office.rows(select(func.count(Event.id)))
    with pytest.raises(NotPossibleNow) as refused:
        merge(office)
    assert said in refused.value.vietnamese
    assert "chưa thay đổi gì" in refused.value.vietnamese
    assert office.rows(select(func.count(Event.id))) == before
    assert office.rows(select(func.count(Unit.id)).where(Unit.valid_to.is_not(None))) == [(0,)]


def test_a_post_without_a_rule_is_named_and_the_act_may_state_it_for_all(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine)
    learn(office, [(old, new, "" if old == "14101" else roles) for old, new, roles in FOLLOWS]).go("2025-07-01")
    with pytest.raises(NotPossibleNow, match=r"Xã Giao Xuân.*chưa nêu nhiệm vụ chuyển hay kết thúc"):
        merge(office)
    merge(office, roles=Roles.END)
    assert office.rows(
        select(Person.code).join(Post, Post.person_id == Person.id).where(
            Post.valid_to == date(2025, 6, 30), Person.code.like("14101/officer")
        )
    ) == [("14101/officer",)]  # fmt: skip


def test_a_post_does_not_climb_to_another_level(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine)
    learn(office, [(old, new, "move") for old, new, _ in FOLLOWS]).go("2025-07-01")
    with pytest.raises(NotPossibleNow, match="không chuyển sang Tỉnh Ninh Bình vì khác cấp"):
        merge(office)


def test_it_is_tried_before_the_day_and_done_on_it_by_the_province_alone(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-12")
    code = office.at_district()
    with pytest.raises(NotFound, match="“Nhập đơn vị kế thừa”"):
        merge(office)
    learn(office)
    with pytest.raises(InvalidInput, match=r"Ngày 1/7/2025 chưa đến\. Hãy dùng “Xem trước”"):
        merge(office)
    office.go("2025-07-01")
    with pytest.raises(NotYours, match="Chỉ cán bộ của tỉnh"):
        office.act("reorganise", "365/officer", day=MERGED, document=PAPER)
    act = reorganise_in(office)
    answer = trial(sqlite_engine, act)
    assert any("Huyện Giao Thủy" in line for line in answer["report"])
    assert holders(office)[code] == "Huyện Giao Thủy", "a trial writes nothing"
    assert merge(office)["report"] == answer["report"]
    assert holders(office)[code] == "Tỉnh Ninh Bình"


def reorganise_in(office: Office) -> Any:
    """Return the reorganisation as a unit of work."""
    return lambda session: reorganise(
        session, actor=person(session, "36/officer"), at=office.now, key="thử", day=MERGED, document=PAPER
    )


@pytest.mark.parametrize(("clocks", "last"), [(Clocks.KEEP, "2025-07-10"), (Clocks.RESTART, "2025-07-15")])
def test_a_dossiers_own_period_is_kept_or_begins_anew_by_the_stated_rule(
    sqlite_engine: Engine, clocks: Clocks, last: str
) -> None:
    office = an_office(sqlite_engine).go("2025-05-12")
    code = office.at_district()
    office.go("2025-06-26")
    office.act("request-supplement", "365/officer", dossier=code, reason="Thiếu.", requested_on=office.now.date())
    learn(office).go("2025-07-01")
    merge(office, clocks=clocks)
    (latest,) = office.rows(
        select(Deadline.day, Deadline.wording)
        .where(Deadline.kind == "supplement", Deadline.replaced_at.is_(None))
        .order_by(Deadline.strikes_at.desc())
        .limit(1)
    )
    assert latest.day == day(last)
    sound(office)


def test_an_extension_of_a_unit_that_ends_goes_on_for_the_dossiers_that_it_had(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-12")
    mine, other = office.at_district(), office.at_district("14201")
    office.go("2025-06-10")
    office.act(
        "extend", "36/officer", cycle=CYCLE, stage="district_evaluation", day=day("2025-07-10"), level=Level.DISTRICT,
        unit="365", document="9/CV", reason="Bão.",
    )  # fmt: skip
    learn(office).go("2025-07-01")
    merge(office)
    sound(office)
    office.go("2025-07-12")
    late = office.rows(
        select(Dossier.code, Deadline.day)
        .join(Breach, Breach.dossier_id == Dossier.id)
        .join(Deadline, Deadline.id == Breach.deadline_id)
        .where(Deadline.stage == "district_evaluation")
        .order_by(Dossier.id)
    )
    assert late == [(mine, day("2025-07-10")), (other, day("2025-06-15"))]
    sound(office)


def test_a_district_divided_by_its_communes_gives_each_dossier_to_the_part_that_has_its_commune(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-05-12")
    a, b = office.at_district("14101"), office.at_district("14102")
    with transaction(sqlite_engine) as session:
        ids = {unit.code: unit.id for unit in session.scalars(select(Unit))}
        for code, name, communes in (("901", "Huyện Đông", "14101"), ("902", "Huyện Tây", "14102")):
            part = Unit(
                level="district", code=code, name=name, search=fold(name), parent_id=ids["36"], valid_from=MERGED
            )
            session.add(part)
            session.flush()
            session.add(
                Succession(
                    unit_id=ids["365"], successor_id=part.id, from_day=MERGED, main=code == "901", covers=communes,
                    roles="move", document=PAPER,
                )
            )  # fmt: skip
        for commune, above in (("14101", "901"), ("14102", "902")):
            old = session.get_one(Unit, ids[commune])
            old.valid_to = MERGED - timedelta(days=1)
            district = session.scalars(select(Unit.id).where(Unit.code == above)).one()
            new = Unit(
                level="commune", code=commune, name=old.name, search=old.search, parent_id=district, valid_from=MERGED
            )
            session.add(new)
            session.flush()
            session.add(
                Succession(
                    unit_id=old.id, successor_id=new.id, from_day=MERGED, main=True, roles="move", document=PAPER
                )
            )
    office.go("2025-07-01")
    merge(office)
    assert holders(office) == {a: "Huyện Đông", b: "Huyện Tây"}
    sound(office)
