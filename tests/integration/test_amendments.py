"""A running cycle's plan is amended: what moves, what stays, who is told, and what a trial shows without writing."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select

from casework.actors import person
from casework.acts import ACTS
from casework.doctor.checkup import examine
from casework.doctor.invariant import Look
from casework.lists.kinds import KINDS
from models.cycles import AgendaItem, Breach, Cycle, Deadline
from models.plans import PlanVersion
from models.record import Event
from models.session import reading, transaction, trial
from ocop.errors import InvalidInput, NotPossibleNow, NotYours, TooLate
from ocop.levels import Level
from tests import merger
from tests.factories import CYCLE, PLAN, Office, an_office, at, council, day
from tests.integration.console_pages import console
from tests.integration.deadline_facts import breaches, extension
from tests.records import letters, readers, record

pytestmark = pytest.mark.postgresql_long

DISTRICT = "2025-06-15"


def amended(*changes: tuple[str, str]) -> str:
    """Return the plan of 2025 with some of its text replaced."""
    text = PLAN
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def moved(to: str, of: str = DISTRICT) -> str:
    """Return the plan with one date moved."""
    return amended((f"date = {of}", f"date = {to}"))


def amend(office: Office, plan: str, who: str = "36/officer", **more: Any) -> Any:
    """Amend the cycle's plan."""
    return office.act("amend-plan", who, cycle=CYCLE, plan=plan, **({"document": "99/KH-UBND"} | more))


def lines(answer: Any, heading: str) -> list[str]:
    """Return what an answer lists under a heading."""
    return next(part["lines"] for part in answer["changes"] if part["heading"] == heading)


def in_force(office: Office) -> dict[str, tuple[str, int]]:
    """Return the date in force for all at each stage, with the version of the plan that set it."""
    rows = office.rows(
        select(Deadline.stage, Deadline.day, Deadline.plan_version)
        .where(Deadline.replaced_at.is_(None), Deadline.scope == "all")
        .order_by(Deadline.strikes_at)
    )
    return {stage: (fixed.isoformat(), version) for stage, fixed, version in rows}


def sound(office: Office) -> list[tuple[str, str]]:
    """Return what the doctor finds, but letters that nobody sent."""
    with transaction(office.engine) as session:
        look = Look(session, office.now, None)  # type: ignore[arg-type]
        keys = [
            "overdue_is_a_breach", "one_breach_per_miss", "due_was_done", "events_have_letters", "letters_have_causes",
            "chain_holds", "lines_are_numbered", "quorum_met", "actor_in_office", "conservation",
        ]  # fmt: skip
        return [(found.invariant.key, one.what) for found in examine(look, keys) for one in found.violations]


def test_a_later_date_closes_open_breaches_as_an_extension_does_and_the_old_row_stays(engine: Engine) -> None:
    office = an_office(engine).go("2025-06-02")
    code = office.at_district()
    office.go("2025-06-16")
    answer = amend(office, moved("2025-06-19"))
    assert answer["closed_breaches"] == 1
    assert breaches(office) == [(code, "district_evaluation", "district_evaluation", "Huyện Giao Thủy", False)]
    old = select(Deadline.plan_version, Deadline.day, Breach.closed_by).join(Breach, Breach.deadline_id == Deadline.id)
    assert office.rows(old) == [(1, day("2025-06-15"), "amend_plan")]  # the breach keeps the version that it broke
    assert in_force(office)["district_evaluation"] == ("2025-06-19", 2)
    office.evaluate(code, "55")
    assert sound(office) == []


def test_a_dossier_that_misses_the_new_date_has_a_new_breach_of_the_new_version(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    office.at_district()
    office.go("2025-06-16")
    amend(office, moved("2025-06-19"))
    office.go("2025-06-19")
    rows = select(Deadline.plan_version, Breach.closed_by).join(Breach, Breach.deadline_id == Deadline.id)
    assert office.rows(rows.order_by(Breach.id)) == [(1, "amend_plan"), (2, "")]
    assert sound(office) == []


def test_a_date_that_ends_with_a_districts_extension_holds_since_it_came_later_and_a_miss_is_one_breach(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    office.at_district()
    for last in ("2025-06-16", "2025-06-18"):
        office.act("extend", "36/officer", **extension(day=day(last), level=Level.DISTRICT, unit="365"))
    amend(office, moved("2025-06-19"))
    office.go("2025-06-19 08:00")
    missed = select(Deadline.scope).join(Breach, Breach.deadline_id == Deadline.id)
    assert office.rows(missed.where(Deadline.stage == "district_evaluation")) == [("all",)]
    assert sound(office) == []


def test_an_earlier_date_still_ahead_strikes_on_its_day_and_not_again_on_the_old_one(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    code = office.at_district()
    amend(office, moved("2025-06-10"))
    office.go("2025-06-09 23:59")
    assert breaches(office) == []
    office.go("2025-06-16")
    assert [row[0] for row in breaches(office)] == [code]
    with pytest.raises(TooLate):
        office.evaluate(code, "55")
    assert sound(office) == []


def test_a_date_before_the_instant_is_refused_by_its_stage_with_the_date_in_force(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-12")
    office.at_district()
    before = record(sqlite_engine)
    with pytest.raises(InvalidInput, match=r"Huyện đánh giá.*hạn cuối 9/6/2025; hạn đang áp dụng: 14/6/2025"):
        amend(office, moved("2025-06-10"))
    assert record(sqlite_engine) == before
    office.go("2025-06-16")
    with pytest.raises(InvalidInput, match="ngược thời gian"):  # one that struck can only be moved past the instant
        amend(office, moved("2025-06-14"))


def test_dates_that_passed_and_stay_as_they_are_hinder_no_amendment_of_others(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-25")
    amend(office, moved("2025-08-01", "2025-07-20"))
    assert in_force(office) == {
        "district_evaluation": ("2025-06-15", 1),
        "provincial_submission": ("2025-06-20", 1),
        "provincial_evaluation": ("2025-08-01", 2),
    }


def test_an_extension_that_the_new_text_takes_in_stays_and_one_that_it_overrules_goes(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    office.act(
        "extend", "36/officer", cycle=CYCLE, stage="district_evaluation", day=day("2025-06-17"), document="70", reason="Bão"
    )  # fmt: skip
    taken_in = amend(office, moved("2025-06-18"), document="98/KH-UBND")
    assert lines(taken_in, "Thời hạn") == []
    office.go("2025-06-03")
    amend(office, moved("2025-06-20"))
    assert in_force(office)["district_evaluation"] == ("2025-06-20", 3)


def test_a_stage_that_loses_its_date_has_no_breach_left_and_no_work_to_come(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    office.at_district()
    office.go("2025-06-23")
    start = PLAN.index('[[deadlines]]\nstage = "provincial_submission"')
    end = PLAN.index("[[deadlines]]", start + 1)
    answer = amend(office, PLAN[:start] + PLAN[end:])
    assert [row[-1] for row in breaches(office) if row[1] == "provincial_submission"] == [False]
    assert lines(answer, "Thời hạn") == [
        "Chờ gửi tỉnh: bỏ, trước đây hạn cuối 19/6/2025 (hoàn thành trước ngày 20/6/2025)"
    ]
    to_come = select(AgendaItem.kind).where(AgendaItem.stage == "provincial_submission", AgendaItem.done_at.is_(None))
    assert office.rows(to_come) == []
    assert sound(office) == []


def test_what_a_running_cycle_is_may_not_be_amended_and_each_part_is_named(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine)
    other = amended(('key = "nam_dinh_2025"', 'key = "khac"'), ("year = 2025", "year = 2026"), ('"36"', '"37"'))
    with pytest.raises(InvalidInput) as refused:
        amend(office, other)
    for part in ("key (nam_dinh_2025 → khac", "year (2025 → 2026", "province (36 → 37"):
        assert part in refused.value.vietnamese
    office.go("2025-04-09")
    with pytest.raises(InvalidInput, match="giống hệt"):
        amend(office, PLAN)
    with pytest.raises(InvalidInput, match="số văn bản"):
        amend(office, moved("2025-06-18"), document=" ")
    with pytest.raises(NotYours):
        amend(office, moved("2025-06-18"), who="365/officer")


def test_every_unit_and_the_coordinator_office_are_told_what_changes_by_which_document(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    office.at_district()
    amend(office, moved("2025-06-18"), reason="Mưa bão")
    told = letters(office, "plan_amended")
    assert len(readers(told)) == 8
    ours = next(letter for letter in told if letter.recipient_name == "cán bộ phụ trách Huyện Giao Thủy")
    (change,) = ours.facts["changes"]
    assert change.startswith(
        "Huyện đánh giá: hạn cuối 14/6/2025 (hoàn thành trước ngày 15/6/2025) → hạn cuối 17/6/2025"
    )
    assert (ours.facts["document"], ours.facts["total"]) == ("99/KH-UBND", 1)


def test_an_amendment_of_a_day_to_come_waits_and_takes_force_at_its_instant_however_late_a_watch_runs(
    engine: Engine,
) -> None:
    office = an_office(engine).go("2025-06-02")
    code = office.at_district()
    amend(office, moved("2025-06-19"), effective_at=at("2025-06-15 00:00"))
    assert in_force(office)["district_evaluation"] == ("2025-06-15", 1)
    office.go("2025-06-18 10:00")  # nothing ran for days: the amendment of the very stroke came first
    assert breaches(office) == []
    assert in_force(office)["district_evaluation"] == ("2025-06-19", 2)
    (event,) = office.rows(select(Event).where(Event.event == "plan_in_force"))
    assert (event[0].effective_at, event[0].recorded_at) == (at("2025-06-15 00:00"), at("2025-06-18 10:00"))
    assert event[0].rule == "99/KH-UBND"
    office.go("2025-06-19")
    assert [row[0] for row in breaches(office)] == [code]
    assert sound(office) == []


def test_reminders_rungs_and_digests_to_come_are_remade_and_done_ones_stay(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    office.at_district()
    office.go("2025-06-16 08:00")  # struck; the first rung was climbed at 7:30
    done = select(AgendaItem.kind, AgendaItem.subject, AgendaItem.number, AgendaItem.due_at, AgendaItem.outcome)
    before = office.rows(done.where(AgendaItem.done_at.is_not(None)).order_by(AgendaItem.id))
    amend(
        office,
        amended(
            ("[14, 7, 3, 1]", "[5, 2]"), ("[0, 2, 4, 6, 8]", "[0, 1, 4, 6, 8]"), ('hour = "07:30"', 'hour = "08:15"')
        ),
    )
    assert office.rows(done.where(AgendaItem.done_at.is_not(None)).order_by(AgendaItem.id)) == before
    coming = office.rows(
        select(AgendaItem.kind, AgendaItem.number, AgendaItem.due_at)
        .where(AgendaItem.done_at.is_(None), AgendaItem.kind.in_(("reminder", "rung", "digest")))
        .order_by(AgendaItem.due_at, AgendaItem.id)
    )
    soonest: dict[tuple[str, int], datetime] = {}
    for kind, number, due_at in coming:
        soonest.setdefault((kind, 0 if kind == "digest" else number), due_at)
    assert soonest["digest", 0] == at("2025-06-17 08:15")
    assert soonest["rung", 1] == at("2025-06-17 08:15")
    assert soonest["reminder", 2] == at("2025-06-17 08:15")  # two working days before the last day of sending, 19/6
    assert {number for kind, number, _ in coming if kind == "reminder"} == {5, 2}


def test_a_trial_lists_everything_that_changes_and_leaves_the_record_as_it_was(engine: Engine) -> None:
    office = an_office(engine).go("2025-06-02")
    code = office.at_district()
    office.now = at(
        "2025-06-16 09:00"
    )  # what fell due meanwhile is not done yet: the trial does it too, and takes it back
    before = record(engine)

    def work(session: Any) -> Any:
        return ACTS["amend-plan"].perform(
            session, actor=person(session, "36/officer"), at=office.now, key="thử", cycle=CYCLE, plan=moved("2025-06-20"),
            document="99/KH-UBND",
        )  # fmt: skip

    answer = trial(engine, work)
    assert record(engine) == before
    assert lines(answer, "Hồ sơ") == [f"{code} (Huyện Giao Thủy), Huyện đánh giá: 14/6/2025, đang quá hạn → 19/6/2025"]
    assert any("Ghi quá hạn, Huyện đánh giá" in line for line in lines(answer, "Việc đến hạn"))
    assert any("Sửa đổi kế hoạch, gửi cán bộ phụ trách Xã Hải Anh" in line for line in lines(answer, "Thư"))
    assert any("gửi Huyện Giao Thủy" in line and "Nhắc trước hạn" in line for line in lines(answer, "Thư"))
    office.tick()
    done = amend(office, moved("2025-06-20"))
    assert (done["changes"], done["message"]) == (answer["changes"], answer["message"])  # and the deed does just that


def test_a_plan_that_holds_from_a_later_instant_is_not_replaced_by_one_that_holds_from_an_earlier_one(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    amend(office, moved("2025-06-18"), document="1", effective_at=at("2025-06-02 08:00"))
    office.go("2025-06-03")
    with pytest.raises(NotPossibleNow, match="muộn hơn"):
        amend(office, moved("2025-06-17"), document="2", effective_at=at("2025-06-01"))
    with pytest.raises(InvalidInput, match="đúng"):
        amend(office, moved("2025-06-17"), document="2", effective_at=at("2025-06-02 08:00"))
    later = amend(office, moved("2025-06-20"), document="3", effective_at=at("2025-06-12"))
    between = amend(office, moved("2025-06-19"), document="4", effective_at=at("2025-06-10"))
    assert (later["warnings"], len(between["warnings"])) == ([], 1)
    office.go("2025-06-11")
    assert in_force(office)["district_evaluation"] == ("2025-06-19", 4)
    office.go("2025-06-13")
    assert in_force(office)["district_evaluation"] == ("2025-06-20", 3)
    rows = office.rows(select(PlanVersion.number, PlanVersion.document, PlanVersion.in_force_at))
    assert [(number, document) for number, document, _ in rows] == [(1, "61/KH-UBND"), (2, "1"), (3, "3"), (4, "4")]
    assert office.rows(select(Cycle.plan_version)) == [(3,)]
    assert sound(office) == []


def test_a_session_is_measured_by_the_quorum_of_the_plan_in_force_when_it_was_recorded(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    first, second = office.at_district(), office.at_district()
    office.evaluate(first, "55", members=5, scores=council("55", 4))
    office.go("2025-06-03")
    amend(
        office,
        amended(("quorum_numerator = 3", "quorum_numerator = 1"), ("quorum_denominator = 4", "quorum_denominator = 1")),
    )
    with pytest.raises(NotPossibleNow):
        office.evaluate(second, "55", members=5, scores=council("55", 4))
    assert sound(office) == []


def test_an_amended_plan_may_come_as_the_plan_with_a_document_that_refines_it(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    refinement = (
        '[plan]\nrefines = "61/KH-UBND"\nnumber = "812/SNN"\ntitle = "Hướng dẫn"\nissued_on = 2025-06-01\n'
        'issuer = "Sở (mô phỏng)"\n[council]\nspread = 7.5\n[sources]\n"council.spread" = "Công văn 812, mục 4"\n'
    )
    answer = amend(office, PLAN, refinement=refinement)
    assert lines(answer, "Thời hạn") == []
    assert any("7,5" in line for line in lines(answer, "Thiết lập"))


def test_lists_and_the_plan_page_show_every_version_and_the_dates_that_were_replaced(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    office.at_district()
    amend(office, moved("2025-06-18"), reason="Mưa bão")
    amend(office, moved("2025-06-19"), document="100/KH-UBND", effective_at=at("2025-06-10"))
    with reading(office.engine) as session:
        wanted = KINDS["deadlines"].wanted(session, at=office.now)
        versions, dates = KINDS["plan-versions"].sheet(session, wanted), KINDS["deadlines"].sheet(session, wanted)
    stands = versions.columns.index("Tình trạng")
    assert [row[stands] for row in versions.rows] == ["đã được thay", "đang áp dụng", "chờ có hiệu lực"]
    stood = [row[dates.columns.index("Tình trạng")] for row in dates.rows]
    assert stood[0] == "không còn áp dụng từ ngày 2/6/2025"
    page = console(office.engine).get("/plan").text
    assert "Các phiên bản của kế hoạch" in page
    assert "(Mưa bão)" in page
    assert "chờ có hiệu lực" in page


def test_after_a_change_of_procedure_the_amended_plan_names_the_one_that_the_cycle_goes_on_under(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    who, body, _ = merger.changed(office)
    office.act("change-procedure", who, **body)
    later = moved("2025-08-10", "2025-07-20")
    with pytest.raises(InvalidInput, match="procedure"):
        amend(office, later)
    districts, province = (
        later.index('[[deadlines]]\nstage = "district'),
        later.index('[[deadlines]]\nstage = "provincial_eval'),
    )
    text = (later[:districts] + later[province:]).replace('procedure = "qd148"', 'procedure = "qd1489"')
    assert lines(amend(office, text), "Thời hạn")
    assert in_force(office)["provincial_evaluation"] == ("2025-08-10", 2)
    assert sound(office) == []
