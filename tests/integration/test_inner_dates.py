"""A unit's own plan, batches of sessions and passes of a council: dates inside the deadline that remind and make nobody late."""

from datetime import datetime, time
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from casework import acts
from casework.doctor.checkup import examine
from casework.doctor.invariant import Look
from models.cycles import AgendaItem, Breach
from models.inner_dates import InnerDate
from models.letters import Letter
from models.session import transaction
from models.units import Unit
from ocop.errors import InvalidInput, NotFound, NotYours, RuleViolation
from ocop.levels import Level
from ocop.working_days import VIETNAM
from tests.factories import CYCLE, Office, day

pytestmark = pytest.mark.postgresql_long

assert "amend-plan" in acts.ACTS
FORMS = Path(__file__).parents[1] / "data" / "plans"
UPPER = (FORMS / "batches_and_passes.toml").read_text(encoding="utf-8")
NESTED = (FORMS / "nested" / "district.toml").read_text(encoding="utf-8")


@pytest.fixture
def office(sqlite_engine: Engine) -> Office:
    """A cycle under a plan with two batches of districts and two passes of the province's council."""
    office = Office(sqlite_engine, datetime.combine(day("2025-04-08"), time(9), VIETNAM)).found()
    office.open_cycle(UPPER)
    return office


def kept(office: Office) -> list[tuple[str, str, str, str, bool]]:
    """Return (unit, kind, title, words, in force) of every inner date."""
    return [
        (unit, kind, title, wording, replaced is None)
        for unit, kind, title, wording, replaced in office.rows(
            select(Unit.name, InnerDate.kind, InnerDate.title, InnerDate.wording, InnerDate.replaced_at)
            .join(Unit, Unit.id == InnerDate.unit_id)
            .order_by(InnerDate.id)
        )
    ]


def reminded(office: Office) -> list[tuple[str, str]]:
    """Return (cause up to the unit, who reads it) of every letter of an inner date."""
    return [
        (cause.rpartition("/unit/")[0], name)
        for cause, name in office.rows(
            select(Letter.cause, Letter.recipient_name).where(Letter.cause.startswith("inner/")).order_by(Letter.id)
        )
    ]


def adopt(office: Office, plan: str = NESTED, who: str = "365/officer", unit: str = "365") -> dict[str, object]:
    """Take in the district's own plan."""
    return office.act("adopt-plan", who, cycle=CYCLE, level=Level.DISTRICT, unit=unit, plan=plan)


def test_batches_and_passes_are_dates_of_the_units_that_they_concern(office: Office) -> None:
    assert kept(office) == [
        ("Huyện Giao Thủy", "batch", "Cụm 1", "cụm 1 họp chậm nhất ngày 16/5/2025", True),
        ("Huyện Hải Hậu", "batch", "Cụm 2", "cụm 2 họp chậm nhất ngày 30/5/2025", True),
        ("Tỉnh Nam Định", "pass", "Lượt 1: rà soát minh chứng", "lượt 1 chậm nhất ngày 04/7/2025", True),
    ]


def test_a_batch_that_names_a_unknown_unit_opens_no_cycle(sqlite_engine: Engine) -> None:
    office = Office(sqlite_engine, datetime.combine(day("2025-04-08"), time(9), VIETNAM)).found()
    with pytest.raises(NotFound, match=r"Kế hoạch nêu đơn vị '999' trong 'Cụm 1'"):
        office.open_cycle(UPPER.replace('units = ["365"]', 'units = ["999"]'))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("date = 2025-05-16", "date = 2025-06-16", r"batches\[1\].date': ngày cuối 16/6/2025 nằm ngoài khoảng"),
        ('units = ["366"]', 'units = ["366", "365"]', r"batches\[2\].units': đơn vị '365' đứng ở hai cụm"),
        ('stage = "provincial_evaluation"\ndate = 2025-07-04', 'stage = "central_evaluation"\ndate = 2025-07-04', "kế hoạch không đặt hạn cho bước"),
    ],
)  # fmt: skip
def test_what_lies_outside_the_deadline_is_refused(sqlite_engine: Engine, old: str, new: str, told: str) -> None:
    assert old in UPPER
    office = Office(sqlite_engine).found()
    with pytest.raises(RuleViolation, match=told):
        office.open_cycle(UPPER.replace(old, new))


def test_a_unit_is_reminded_of_its_own_date_while_a_dossier_of_it_waits_and_is_never_late_by_it(office: Office) -> None:
    adopt(office)
    waiting = office.at_district("14101")
    office.at_district("14201")
    office.go("2025-05-30 08:00")
    own = {
        row[0]: row[1] for row in office.rows(select(InnerDate.stage, InnerDate.id).where(InnerDate.kind == "own_plan"))
    }
    mine = [cause for cause, who in reminded(office) if cause.startswith(f"inner/{own['district_evaluation']}/")]
    assert mine == [f"inner/{own['district_evaluation']}/before/{number}" for number in (14, 7, 3, 1, 0)]
    assert {who for _, who in reminded(office)} == {
        "cán bộ phụ trách Huyện Giao Thủy",
        "cán bộ phụ trách Huyện Hải Hậu",
    }
    assert not [cause for cause, _ in reminded(office) if cause.startswith(f"inner/{own['commune_review']}/")]
    office.go("2025-06-03")
    assert office.rows(select(func.count()).select_from(Breach)) == [(0,)]
    assert office.evaluate(waiting, "55")["recorded_late"] is False
    keys = [
        "overdue_is_a_breach",
        "due_was_done",
        "events_have_letters",
        "letters_have_causes",
        "chain_holds",
        "rows_fit_rules",
    ]
    with transaction(office.engine) as session:
        found = [one for asked in examine(Look(session, office.now, FORMS), keys) for one in asked.violations]
    assert found == []


def test_a_later_plan_of_the_unit_takes_the_place_of_the_earlier(office: Office) -> None:
    adopt(office)
    answer = adopt(office, NESTED.replace("25/KH-UBND", "31/KH-UBND").replace('"cuối tháng 5"', "2025-05-24"))
    assert [(unit, title, live) for unit, kind, title, _, live in kept(office) if kind == "own_plan"] == [
        ("Huyện Giao Thủy", "25/KH-UBND", False),
        ("Huyện Giao Thủy", "25/KH-UBND", False),
        ("Huyện Giao Thủy", "31/KH-UBND", True),
        ("Huyện Giao Thủy", "31/KH-UBND", True),
    ]
    assert "Đã ghi kế hoạch 31/KH-UBND của Huyện Giao Thủy: 2 thời hạn" in str(answer["message"])
    dropped = office.rows(select(AgendaItem.outcome).where(AgendaItem.outcome.startswith("replaced by 31")))
    assert len(dropped) == 10


def test_a_unit_takes_in_its_own_plan_and_no_one_elses(office: Office) -> None:
    with pytest.raises(NotYours):
        adopt(office, who="366/officer")
    with pytest.raises(InvalidInput, match="“Sửa đổi kế hoạch của chu trình”"):
        office.act("adopt-plan", "36/officer", cycle=CYCLE, level=Level.PROVINCE, unit="36", plan=NESTED)


def test_a_date_later_than_the_provinces_is_refused_with_its_line(office: Office) -> None:
    with pytest.raises(
        RuleViolation, match=r"dòng 17, khóa 'deadlines\[2\].date': hạn 30/6/2025 muộn hơn hạn 14/6/2025"
    ):
        adopt(office, NESTED.replace('"cuối tháng 5"', '"cuối tháng 6"'))


def test_an_amended_plan_moves_the_batches_and_leaves_the_units_own_plan(office: Office) -> None:
    adopt(office)
    moved = UPPER.replace("date = 2025-05-16", "date = 2025-05-23").replace("ngày 16/5/2025", "ngày 23/5/2025")
    office.go("2025-04-10")
    office.act("amend-plan", "36/officer", cycle=CYCLE, plan=moved, document="70/UBND-NN", reason="Mưa bão")
    live = [(kind, wording) for _, kind, _, wording, live in kept(office) if live]
    assert ("batch", "cụm 1 họp chậm nhất ngày 23/5/2025") in live
    assert ("batch", "cụm 1 họp chậm nhất ngày 16/5/2025") not in live
    assert sum(kind == "own_plan" for kind, _ in live) == 2


def test_an_amended_plan_that_overtakes_a_units_own_date_says_so(office: Office) -> None:
    adopt(office)
    office.go("2025-04-10")
    sooner = UPPER.replace("date = 2025-06-15", "date = 2025-05-31").replace("ngày 15/6/2025", "ngày 31/5/2025")
    answer = office.act("amend-plan", "36/officer", cycle=CYCLE, plan=sooner, document="70/UBND-NN", reason="Sớm hơn")
    (warned,) = [one for one in answer["warnings"] if "25/KH-UBND" in one]
    assert warned == (
        "Kế hoạch 25/KH-UBND của Huyện Giao Thủy đặt hạn 31/5/2025 cho bước 'Huyện đánh giá', nay muộn hơn kế hoạch cấp trên "
        "(30/5/2025): đơn vị cần ban hành lại."
    )


def test_an_amended_hour_or_list_of_reminders_remakes_those_of_inner_dates_too(office: Office) -> None:
    adopt(office)
    office.go("2025-05-13")  # the reminder a working day before the communes' report, of 14/5, is to come
    assert reminded(office) == []
    office.act(
        "amend-plan", "36/officer", cycle=CYCLE, document="70/UBND-NN",
        plan=UPPER.replace(
            "[[deadlines]]", '[reminders]\nworking_days_before = [5, 2]\n\n[notices]\nhour = "08:15"\n\n[[deadlines]]', 1
        ).replace("[sources]", '[sources]\nreminders = "x"\nnotices = "x"'),
    )  # fmt: skip
    coming = office.rows(
        select(AgendaItem.number, AgendaItem.due_at)
        .where(AgendaItem.kind == "inner", AgendaItem.done_at.is_(None))
        .order_by(AgendaItem.due_at)
    )
    assert {number for number, _ in coming} == {5, 2, 0}
    assert {f"{due_at.astimezone(VIETNAM):%H:%M}" for _, due_at in coming} == {"08:15"}


def test_what_an_amendment_changes_lists_the_reminders_and_letters_of_inner_dates_too(office: Office) -> None:
    adopt(office)
    office.at_district()  # in the first batch; nothing waits in the second
    office.go("2025-04-10")
    answer = office.act(
        "amend-plan", "36/officer", cycle=CYCLE, document="70/UBND-NN",
        plan=UPPER.replace("date = 2025-05-16", "date = 2025-05-23").replace("date = 2025-05-30", "date = 2025-05-29"),
    )  # fmt: skip
    changed = {part["heading"]: part["lines"] for part in answer["changes"]}
    first = "Huyện đánh giá (cụm họp hội đồng: Cụm 1)"
    assert f"Nhắc vào ngày cuối, {first}, Huyện Giao Thủy: 07:30 16/5/2025 → 07:30 23/5/2025" in changed["Việc đến hạn"]
    assert any(
        line.startswith("Nhắc trước hạn 14 ngày làm việc, Huyện đánh giá (cụm họp hội đồng: Cụm 2), Huyện Hải Hậu")
        for line in changed["Việc đến hạn"]
    )
    assert (
        f"Nhắc vào ngày cuối, {first}, gửi Huyện Giao Thủy: 07:30 16/5/2025 (1 hồ sơ) → 07:30 23/5/2025 (1 hồ sơ)"
        in changed["Thư"]
    )
    assert not any("Cụm 2" in line for line in changed["Thư"])
    assert not any("kế hoạch riêng" in line for line in [*changed["Việc đến hạn"], *changed["Thư"]])
    office.go("2025-04-11")
    answer = office.act(
        "amend-plan", "36/officer", cycle=CYCLE, document="71/UBND-NN",
        plan=UPPER.replace("date = 2025-05-16", "date = 2025-05-23")
        .replace("date = 2025-05-30", "date = 2025-05-29")
        .replace("[[deadlines]]", '[notices]\nhour = "08:15"\n\n[[deadlines]]', 1)
        .replace("[sources]", '[sources]\nnotices = "x"'),
    )  # fmt: skip
    changed = {part["heading"]: part["lines"] for part in answer["changes"]}
    assert f"Nhắc vào ngày cuối, {first}, Huyện Giao Thủy: 07:30 23/5/2025 → 08:15 23/5/2025" in changed["Việc đến hạn"]
    assert any(
        line.startswith("Tình hình trong ngày: 07:30 14/4/2025 → 08:15 14/4/2025") for line in changed["Việc đến hạn"]
    )
