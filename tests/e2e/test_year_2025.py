"""The year 2025 of the Nam Định plan through the real flows, compared with the figures of README.md, table by table."""

from collections import Counter
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from cli.demo import summary
from cli.demo.player import Played
from models.cycles import AgendaItem, Breach, Deadline, Escalation
from models.dossiers import Complaint, Dossier
from models.letters import Letter
from models.record import Event
from models.results import Certificate, Decision, Evaluation
from models.units import Unit
from notifications.letterbox import Letterbox
from ocop.procedures.qd148 import QD148
from ocop.working_days import VIETNAM, day_of
from tests.e2e.figures_2025 import (
    BREACHES,
    CERTIFICATES,
    CONSERVATION,
    ENDS,
    ESCALATIONS,
    FINAL,
    LETTERS,
    LISTS,
    OVERDUE_IN_DIGESTS,
    RECOGNISED,
    REMINDERS,
    STOOD,
    WARNINGS,
    P,
)
from tests.e2e.printed import tables
from tests.e2e.world import CYCLE, A, B, C, Year, code
from tests.factories import at, day


def number_of(dossier: str) -> int:
    """Return a dossier's number in the table."""
    return int(dossier.rpartition("-")[2])


def test_every_dossier_ends_where_the_table_says(year: Year) -> None:
    stages = {number_of(row.code): row.stage for row in year.rows(select(Dossier.code, Dossier.stage))}
    assert stages == FINAL


def test_certificates_have_the_stars_and_the_days_of_the_table(year: Year) -> None:
    found = {
        row.number: (row.star, str(row.valid_until), *(str(day) if day else None for day in row[3:]))
        for row in year.rows(
            select(
                Certificate.number,
                Certificate.star,
                Certificate.valid_until,
                Certificate.replaced_on,
                Certificate.revoked_on,
            )
        )
    }
    assert found == CERTIFICATES


@pytest.mark.parametrize("stroke", STOOD)
def test_at_each_deadline_and_after_the_centre_the_districts_stand_as_the_table_says(year: Year, stroke: str) -> None:
    assert year.stood[stroke] == STOOD[stroke]


def test_reminders_reach_the_units_that_hold_what_is_outstanding(year: Year) -> None:
    found: dict[tuple[str, str], dict[str, list[int]]] = {}
    rows = year.rows(
        select(Letter.owed_at, Letter.cause, Letter.facts, Letter.send_from)
        .where(Letter.notice == "deadline_reminder")
        .order_by(Letter.id)
    )
    units = {row.id: row.code for row in year.rows(select(Unit.id, Unit.code))}
    deadlines = {row.id: row.stage for row in year.rows(select(Deadline.id, Deadline.stage))}
    for row in rows:
        _, deadline, _, _, _, unit = row.cause.split("/")
        when = str(day_of(row.owed_at))
        by_unit = found.setdefault((when, deadlines[int(deadline)]), {})
        by_unit.setdefault(units[int(unit)], []).append(row.facts["total"])
        assert row.send_from == at(f"{when} 07:30")
    assert found == REMINDERS


def test_breaches_are_dated_at_the_stroke_and_closed_by_what_healed_them(year: Year) -> None:
    rows = year.rows(
        select(Deadline.stage, Breach.struck_at, Dossier.code, Unit.code, Breach.closed_at, Breach.closed_by)
        .join(Deadline, Deadline.id == Breach.deadline_id)
        .join(Dossier, Dossier.id == Breach.dossier_id)
        .join(Unit, Unit.id == Breach.unit_id)
    )
    found = Counter(
        (stage, str(day_of(struck)), number_of(dossier), unit, str(day_of(closed)), by)
        for stage, struck, dossier, unit, closed, by in rows
    )
    assert found == Counter(BREACHES)
    assert {(row[1].astimezone(VIETNAM).hour, row[1].minute) for row in rows} == {(0, 0)}


def test_the_ladder_is_climbed_until_somebody_answers(year: Year) -> None:
    rows = year.rows(
        select(
            Escalation.due_at, Deadline.stage, Unit.code, Escalation.rung, Escalation.dossiers, Escalation.vacant,
            Escalation.acknowledged_by,
        )
        .join(Deadline, Deadline.id == Escalation.deadline_id)
        .join(Unit, Unit.id == Escalation.unit_id)
    )  # fmt: skip
    assert {(str(day_of(row[0])), *row[1:3], row[3] + 1, *row[4:6]) for row in rows} == ESCALATIONS
    assert len(rows) == len(ESCALATIONS)
    assert {row[0].astimezone(VIETNAM).strftime("%H:%M") for row in rows} == {"07:30"}
    answered = [(row[1], row[2], row[3] + 1) for row in rows if row.acknowledged_by]
    assert sorted(answered) == [("district_evaluation", C, rung) for rung in (1, 2, 3, 4)]


def test_digests_come_on_every_working_morning_and_say_how_many_are_overdue(year: Year) -> None:
    rows = year.rows(select(Letter.owed_at, Letter.facts).where(Letter.notice == "daily_digest"))
    counts = {
        str(day_of(row.owed_at)): {entry["label"]: entry["value"] for entry in row.facts["counts"]} for row in rows
    }
    assert len(counts) == 144
    overdue = {day: by_label["Hồ sơ quá hạn"] for day, by_label in counts.items()}
    assert {day: number for day, number in overdue.items() if number} == OVERDUE_IN_DIGESTS
    assert counts["2025-04-18"]["Tổng số hồ sơ"] == 0
    assert counts["2025-04-22"]["Tổng số hồ sơ"] == 20
    assert counts["2025-10-31"]["Tổng số hồ sơ"] == 27


def test_what_a_unit_received_went_somewhere(year: Year) -> None:
    assert conservation(year) == CONSERVATION


def conservation(year: Year) -> dict[tuple[str, str], dict[str, int]]:
    """Return received and gone by level and unit, read from the history alone; what is in progress would be missing."""
    district = aliased(Unit)
    rows = year.rows(
        select(Event.from_stage, Event.to_stage, district.code)
        .join(Dossier, Dossier.id == Event.dossier_id)
        .join(district, district.id == Dossier.district_id)
        .where(Event.from_stage != Event.to_stage)
        .order_by(Event.id)
    )
    terms: dict[tuple[str, str], Counter[str]] = {}
    for source, target, unit in rows:
        leaves, enters = _level(source), _level(target)
        if leaves == enters:
            continue
        if enters in LEVELS:
            terms.setdefault((enters, _at(enters, unit)), Counter())["received"] += 1
        if leaves:
            gone = enters if enters not in LEVELS else "sent_back" if _below(enters, leaves) else "forwarded"
            terms.setdefault((leaves, _at(leaves, unit)), Counter())[gone] += 1
    return {key: dict(counted) for key, counted in terms.items()}


LEVELS = ("commune", "district", "province", "central")
STAGE_LEVELS = {
    **dict.fromkeys(("registered", "commune_review", "commune_supplement", "commune_reported"), "commune"),
    **dict.fromkeys(
        ("district_evaluation", "district_supplement", "district_decided", "provincial_submission", "submitted",
         "returned_to_district", "return_decided", "district_recognition"), "district"),
    **dict.fromkeys(
        ("provincial_evaluation", "provincial_supplement", "provincial_decided", "provincial_recognition",
         "central_proposal", "proposed"), "province"),
    **dict.fromkeys(("central_evaluation", "central_decided"), "central"),
}  # fmt: skip


def _level(stage: str) -> str:
    return STAGE_LEVELS.get(stage, stage)


def _at(level: str, district: str) -> str:
    return district if level in {"commune", "district"} else P


def _below(level: str, other: str) -> bool:
    return LEVELS.index(level) < LEVELS.index(other)


def test_targets_are_counted_by_kind_and_the_five_stars_twice(year: Year) -> None:
    (first,) = year.rows(
        select(func.count()).select_from(Dossier).where(Dossier.stage == RECOGNISED, Dossier.kind == "first")
    )[0]
    proposed = year.rows(select(Event.dossier_id).where(Event.event == "propose"))
    judged = year.rows(select(Decision.awarded_star).where(Decision.purpose == "central"))
    assert (first, len(proposed), len(judged)) == (17, 2, 2)
    assert sorted(row.awarded_star or 0 for row in judged) == [0, 5]


def test_warnings_come_on_their_days_and_stop_when_somebody_files_again(year: Year) -> None:
    numbers = {row.id: row.number for row in year.rows(select(Certificate.id, Certificate.number))}
    for notice, expected in (
        ("expiry_warning", WARNINGS),
        ("expired", {number: (until,) for number, until in ENDS.items()}),
    ):
        rows = year.rows(select(Letter.cause, Letter.owed_at, Letter.send_from).where(Letter.notice == notice))
        found: dict[str, set[str]] = {}
        for row in rows:
            found.setdefault(numbers[int(row.cause.split("/")[1])], set()).add(str(day_of(row.owed_at)))
            assert row.send_from == row.owed_at, "a legal notice passes quiet hours"
        assert {number: tuple(sorted(days)) for number, days in found.items()} == expected


def test_each_month_lists_what_ran_out_to_its_commune_and_district(year: Year) -> None:
    rows = year.rows(
        select(Letter.owed_at, Unit.code).join(Unit, Unit.id == Letter.unit_id).where(Letter.notice == "expired_list")
    )
    found: dict[str, set[str]] = {}
    for owed_at, unit in rows:
        assert day_of(owed_at).day == 1
        found.setdefault(f"{day_of(owed_at):%Y-%m}", set()).add(unit)
    expected: dict[str, set[str]] = {}
    for first, months, units in LISTS:
        month = date.fromisoformat(f"{first}-01")
        for _ in range(months):
            expected[f"{month:%Y-%m}"] = units
            month = (month + timedelta(days=32)).replace(day=1)
    assert found == expected


def test_letters_are_owed_notice_by_notice_as_counted(year: Year) -> None:
    found = dict(year.rows(select(Letter.notice, func.count()).group_by(Letter.notice)))
    assert found == LETTERS
    assert sum(found.values()) == 1203


def test_every_letter_left_once_and_those_without_an_address_are_handed_over(year: Year, letterbox: Letterbox) -> None:
    states = dict(year.rows(select(Letter.state, func.count()).group_by(Letter.state)))
    assert states == {"sent": 1190, "to_hand_over": 13}
    kept = [message_from_bytes(file.read_bytes(), policy=default) for file in letterbox.letters()]
    sent = {row.message_id for row in year.rows(select(Letter.message_id).where(Letter.state == "sent"))}
    assert sorted(message["Message-ID"] for message in kept) == sorted(sent)


def test_what_stands_for_people_is_marked_as_simulated(letterbox: Letterbox, year: Year) -> None:
    marks = {row.simulated for row in year.rows(select(Letter.simulated).where(Letter.dossier_id.is_not(None)))}
    assert marks == {True}
    about = [file.read_bytes() for file in letterbox.letters()][:1]
    assert about, "letters were kept"


def test_a_session_on_the_day_of_the_stroke_is_refused_and_one_in_time_is_listed_as_recorded_late(year: Year) -> None:
    assert len(year.refused) == 1
    assert "deadline" in year.refused[0]
    late = year.rows(
        select(Dossier.code).join(Evaluation, Evaluation.dossier_id == Dossier.id).where(Evaluation.recorded_late)
    )
    assert [number_of(row.code) for row in late] == [16]


def test_ballots_too_far_apart_and_annulled_results_stay_on_record(year: Year) -> None:
    rows = year.rows(
        select(Evaluation.passage, Evaluation.ballot, Evaluation.counts, Evaluation.mean, Evaluation.annulled_on)
        .join(Dossier, Dossier.id == Evaluation.dossier_id)
        .where(Dossier.code.in_([code(2), code(7)]))
        .order_by(Dossier.code, Evaluation.id)
    )
    assert [
        (passage, ballot, counts, str(mean).rstrip("0").rstrip(".")) for passage, ballot, counts, mean, _ in rows
    ] == [
        (1, 1, False, "55"),
        (1, 2, True, "55"),
        (1, 1, True, "58"),
        (2, 1, True, "66"),
    ]
    assert [row.annulled_on for row in rows] == [None, None, day("2025-06-09"), None]
    rectified = year.rows(
        select(Decision.number, Decision.annulled_by)
        .join(Dossier, Dossier.id == Decision.dossier_id)
        .where(Dossier.code == code(3), Decision.purpose == "recognition")
        .order_by(Decision.id)
    )
    assert [tuple(row) for row in rectified] == [("recognise-2025-06-13", "502/QĐ-UBND"), ("501/QĐ-UBND", "")]


def test_a_complaint_is_due_after_fifteen_working_days(year: Year) -> None:
    ((due_on, answered_on),) = year.rows(select(Complaint.due_on, Complaint.answered_on))
    assert (due_on, answered_on) == (day("2025-07-07"), day("2025-07-10"))


def test_flows_end_in_states_that_say_how_the_year_stands(year: Year) -> None:
    names = {when: name for (when, flow), (name, _) in year.states.items() if flow == "evaluation_cycle"}
    assert names["2025-06-15 00:05"] == "Overdue"
    assert names["2025-06-26 07:30"] != "Overdue"
    assert names["2025-04-08 10:05"] == "Nothing due"


def test_the_nightly_check_finds_the_record_sound(year: Year) -> None:
    checked = {when: name for (when, flow), (name, _) in year.states.items() if flow == "conservation_check"}
    assert checked == {"2025-07-20 03:15": "Sound", "2028-12-01 08:00": "Sound"}


def test_nothing_that_fell_due_was_left_undone(year: Year) -> None:
    left = year.rows(select(AgendaItem.kind).where(AgendaItem.done_at.is_(None), AgendaItem.due_at <= at("2028-12-01")))
    assert left == []


@pytest.fixture
def summarised(year: Year, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What `ocop demo` would print of this year at its end."""
    monkeypatch.setattr(summary, "CYCLE", CYCLE)
    played = Played(year.home, seconds=41.3, acts=7, refused=["Quá hạn."], flow_seconds=30.5, kept_letters=1190)
    played.flow_runs.update({"evaluation_cycle": 5, "all": 12})
    summary.summarise(year.engine, played)
    return capsys.readouterr().out


def test_the_summary_tells_how_the_deadlines_found_the_districts_and_who_was_late_reminded_and_told(
    summarised: str,
) -> None:
    found = tables(summarised)
    names = {A: "Huyện Giao Thủy", B: "Huyện Hải Hậu", C: "Huyện Ý Yên"}
    stages = {"15/6/2025": "2025-06-15", "20/6/2025": "2025-06-20", "20/7/2025": "2025-07-20"}
    for wording, stroke in stages.items():
        (title,) = [title for title in found if title.startswith("Hạn “") and f"trước ngày {wording}," in title]
        rows = {row.pop("Huyện"): row for row in found[title]}
        for district, counts in STOOD[stroke].items():
            row = rows[names[district]]
            assert int(row.pop("Cộng")) == sum(counts.values())
            told = {stage: int(number) for stage, number in row.items() if number}
            assert told == {QD148.stage(stage).label: number for stage, number in counts.items()}
        assert rows["Toàn tỉnh"]["Cộng"] == "27"
    late = found["Ai quá hạn (mỗi hồ sơ một vi phạm, ghi cho đơn vị đang giữ)"]
    assert sum(int(row["Hồ sơ"]) for row in late) == sum(int(row["Đã khắc phục"]) for row in late) == len(BREACHES)
    assert {"Huyện Ý Yên", "Xã Mô Phỏng Sáu", "Tỉnh Nam Định"} <= {row["Đơn vị"] for row in late}
    reminded = {
        next(iter(row.values())): list(row.values())[1:] for row in found["Nhắc việc trước hạn: số đơn vị được nhắc"]
    }
    assert reminded == {
        "Huyện đánh giá": ["4", "4", "3", "3"], "Chờ gửi tỉnh": ["4", "4", "3", "3"], "Tỉnh đánh giá": ["2", "1", "1", "1"],
    }  # fmt: skip
    climbed = found["Báo cáo vượt cấp: gửi ai, khi nào"]
    assert len(climbed) == len(ESCALATIONS)
    assert sum("khuyết" in row["Gửi"] for row in climbed) == sum(vacant for *_, vacant in ESCALATIONS)
    assert [row["Xác nhận"][:22] for row in climbed if row["Xác nhận"]] == ["10:00 ngày 24/6/2025, "] * 4


def test_the_summary_tells_results_against_targets_letters_the_equation_and_where_all_lies(
    year: Year, summarised: str
) -> None:
    found = tables(summarised)
    ended = {row["Bước"]: list(row.values())[1:] for row in found["Hồ sơ kết thúc ở đâu"]}
    assert ended == {
        "Đã công nhận": ["17", "2", "1", "20"], "Không phân hạng": ["3", "", "1", "4"], "Chủ thể đã rút": ["1", "", "", "1"],
        "Bị loại": ["1", "", "", "1"], "Chuyển kỳ sau": ["1", "", "", "1"],
    }  # fmt: skip
    assert [list(row.values())[1:] for row in found["Chỉ tiêu và kết quả"]] == [["40", "17"], ["1", "2"], ["1", "2"]]
    balanced = {
        row["Đơn vị"]: (row["nhận"], row["Khớp"]) for row in found["Đẳng thức bảo toàn: nhận = tổng các cột sau"]
    }
    received = {"Huyện Giao Thủy": "10", "Huyện Hải Hậu": "12", "Huyện Ý Yên": "6", "Tỉnh Nam Định": "12"}
    assert balanced == {unit: (number, "đúng") for unit, number in received.items()}
    for sentence in (
        "coi như cấp huyện tồn tại đến hết chu trình",
        "Chủ thể, sản phẩm, con người và điểm số đều là mô phỏng",
        "Giấy chứng nhận cấp trong chu trình: 3 sao 9, 4 sao 10, 5 sao 1. Tỉnh trả về huyện: 2 hồ sơ.",
        "đến 31/12/2025 có 3 sản phẩm đã hết hạn mà chưa được công nhận lại",
        "Thư: đã gửi 1.190, chờ trao tay 13.",
        "12 lượt chạy luồng (evaluation_cycle 5)",
        "Thời gian: 41,3 giây, trong đó 30,5 giây ở các lượt chạy của Prefect",
        f"Mọi thứ nằm trong thư mục {year.home}",
        "Gõ tiếp: 'make serve'",
    ):
        assert sentence in summarised
