"""The shipped plan is the plan of 2025; what a plan leaves out is a default with a source; a stored plan is the same."""

import json
import unicodedata
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest

from casework.calendar_seed import calendar_rows
from ocop.deadlines import Boundary, Roll
from ocop.evidence import EVIDENCE_LABELS, EvidenceKind, ExpiredEvidence
from ocop.levels import LADDER, Level
from ocop.plan import CyclePlan, dump, load
from ocop.plan_file import read_plan
from ocop.plan_sections import SOFTWARE, AfterDeadline, ReturnBasis
from ocop.plan_settings import settings
from ocop.procedure import MetBy
from ocop.working_days import Calendar
from tests.unit.plan_texts import SMALLEST, TOML, problems_of


def test_the_shipped_plan_is_the_plan_of_2025(plan: CyclePlan) -> None:
    document = plan.document
    assert (document.number, document.issued_on, document.province) == ("61/KH-UBND", date(2025, 4, 8), "36")
    assert (document.year, document.procedure, document.simulated) == (2025, "qd148", False)
    assert [(row.stage, row.day, row.met_by) for row in plan.deadlines] == [
        ("district_evaluation", date(2025, 6, 15), MetBy.SESSION_HELD),
        ("provincial_submission", date(2025, 6, 20), MetBy.LETTER_SENT),
        ("provincial_evaluation", date(2025, 7, 20), MetBy.SESSION_HELD),
    ]
    assert {(row.boundary, row.roll, row.after_deadline) for row in plan.deadlines} == {
        (Boundary.EXCLUSIVE, Roll.NONE, AfterDeadline.REFUSE)
    }
    assert (plan.targets.new_three_stars, plan.targets.five_stars_evaluated) == (40, 1)
    assert (plan.forwarding.to_province_from, plan.forwarding.to_centre_from) == (Decimal(70), Decimal(90))
    assert plan.registration.files_with is Level.COMMUNE


def test_the_shipped_plan_states_each_default_of_the_domain(plan: CyclePlan) -> None:
    assert plan.returned_to_district.working_days == 15
    assert plan.returned_to_district.basis is ReturnBasis.PROVINCE_RESULT
    assert (plan.supplement.working_days, plan.supplement.at_most) == (10, 3)
    assert plan.complaint.answer_working_days == 15
    assert plan.council.spread == Decimal(10)
    assert plan.council.chair_must_attend
    assert plan.council.dossier_notice_working_days == 1
    assert plan.reminders.working_days_before == (14, 7, 3, 1)
    assert plan.escalation.working_days_after == (0, 2, 4, 6, 8)
    assert len(plan.escalation.working_days_after) == len(LADDER)
    assert plan.notices.hour == time(7, 30)
    assert plan.certificate.months == 36
    assert (plan.expiry.days_before, plan.expiry.monthly_list_day) == ((180, 120, 30, 0), 1)
    assert set(plan.evidence.expired) == set(EvidenceKind) == set(EVIDENCE_LABELS)
    assert len(EvidenceKind) == 15


def test_the_deadlines_strike_at_the_first_instant_of_the_days_they_name(plan: CyclePlan) -> None:
    calendar = Calendar(calendar_rows(2025, 2025))
    assert [row.fixed.strikes_at(calendar).isoformat() for row in plan.deadlines] == [
        "2025-06-15T00:00:00+07:00",
        "2025-06-20T00:00:00+07:00",
        "2025-07-20T00:00:00+07:00",
    ]


def test_a_deadline_is_found_by_its_stage(plan: CyclePlan) -> None:
    found = plan.deadline("provincial_submission")
    assert found is not None
    assert found.day == date(2025, 6, 20)
    assert plan.deadline("commune_review") is None


@pytest.mark.parametrize(("members", "needed"), [(1, 1), (4, 3), (5, 4), (7, 6), (8, 6), (9, 7), (12, 9)])
def test_a_quorum_of_three_quarters_is_rounded_up(plan: CyclePlan, members: int, needed: int) -> None:
    assert plan.council.quorum(members) == needed


def test_every_setting_has_a_label_a_value_and_a_source(plan: CyclePlan) -> None:
    shown = settings(plan)
    assert all(setting.group and setting.label and setting.value_text and setting.source for setting in shown)
    assert len({setting.key for setting in shown}) == len(shown)
    assert len({(setting.group, setting.label) for setting in shown}) == len(shown)
    by_key = {setting.key: setting for setting in shown}
    assert by_key["forwarding.to_province_from"].value_text == "70 điểm"
    assert by_key["deadlines.district_evaluation.date"].value_text == "15/6/2025"
    assert "61/KH-UBND" in by_key["deadlines.district_evaluation.date"].source
    assert by_key["reminders.working_days_before"].value_text == "14, 7, 3, 1 ngày làm việc"
    assert by_key["notices.hour"].value_text == "7 giờ 30"
    assert by_key["plan.procedure"].value_text == plan.procedure.name


@pytest.mark.parametrize("rule", ["boundary", "roll", "met_by", "after_deadline"])
def test_a_default_of_ours_is_not_said_to_come_from_the_plan(plan: CyclePlan, rule: str) -> None:
    for row in plan.deadlines:
        source = plan.source_of(f"deadlines.{row.stage}.{rule}")
        assert source is not None
        assert source.startswith(SOFTWARE)


def test_a_stored_plan_is_the_same_plan_and_the_same_text(plan: CyclePlan) -> None:
    assert load(dump(plan)) == plan
    assert dump(load(dump(plan))) == dump(plan)


def test_a_stored_plan_writes_the_defaults_out() -> None:
    plan = read_plan(SMALLEST)
    assert '"days_before":[180,120,30,0]' in dump(plan)
    assert load(dump(plan)) == plan


def test_what_a_plan_leaves_out_has_the_softwares_value_and_says_so() -> None:
    plan = read_plan(SMALLEST)
    assert plan.supplement.at_most == 3
    assert plan.source_of("supplement.at_most") == SOFTWARE
    assert plan.source_of("deadlines.district_evaluation.roll") == SOFTWARE
    assert plan.source_of("deadlines.district_evaluation.met_by") == "mục 1"
    assert plan.evidence.expired[EvidenceKind.STORY] is ExpiredEvidence.WARN
    assert plan.evidence.expired[EvidenceKind.AWARDS] is ExpiredEvidence.HOLD
    assert "công nhận" not in (plan.source_of("certificate.months") or "")
    assert "148" in (plan.source_of("certificate.months") or "")


def test_a_plan_stored_before_a_setting_existed_takes_the_settings_default(plan: CyclePlan) -> None:
    stored = json.loads(dump(plan))
    del stored["complaint"], stored["sources"]["complaint"], stored["supplement"]["at_most"]
    older = load(json.dumps(stored))
    assert older.complaint.answer_working_days == 15
    assert older.source_of("complaint.answer_working_days") == SOFTWARE
    assert older.supplement.at_most == 3


def test_a_window_opens_before_its_deadline_and_is_told_beside_it() -> None:
    opened = SMALLEST.replace("date = 2025-06-15", "opens_on = 2025-06-14\ndate = 2025-06-15")
    (row,) = read_plan(opened).deadlines
    calendar = Calendar(calendar_rows(2025, 2025))
    assert row.explain(calendar) == f"{row.fixed.explain(calendar)}; chỉ được họp, ký từ ngày 14/6/2025"
    ((_, key, told),) = problems_of(opened.replace("2025-06-14", "2025-06-15"))
    assert key == "deadlines[1].opens_on"
    assert "không muộn hơn 14/6/2025" in told


def test_a_stored_plan_can_be_read_by_a_person_and_has_one_order() -> None:
    stored = dump(read_plan(SMALLEST))
    assert '"title":"Kế hoạch nhỏ nhất"' in stored
    assert [stored.index(f'"{key}":') for key in ("certificate", "council", "deadlines")] == sorted(
        stored.index(f'"{key}":') for key in ("certificate", "council", "deadlines")
    )
    assert stored.index('"boundary":') < stored.index('"date":') < stored.index('"wording":')


def test_a_source_is_found_at_the_key_itself_then_at_what_lies_above_it() -> None:
    plan = read_plan(SMALLEST.replace('"deadlines.met_by" = "mục 1"', 'deadlines = "phụ lục"\n"plan.year" = "tiêu đề"'))
    assert plan.source_of("deadlines.district_evaluation.met_by") == "phụ lục"
    assert plan.source_of("deadlines.district_evaluation.date") == "mục 1"
    assert plan.source_of("plan.year") == "tiêu đề"
    assert plan.source_of("plan.title") == "Kế hoạch 1"
    assert plan.source_of("deadlines.central_evaluation.date") == "phụ lục"  # a stage without a date of its own
    assert plan.source_of("prizes.first") is None


def test_a_rule_that_a_deadline_states_needs_a_source_that_the_file_states() -> None:
    stated = SMALLEST.replace('met_by = "session_held"', 'met_by = "session_held"\nroll = "next_working_day"')
    ((_, key, told),) = problems_of(stated)
    assert (key, "không ghi nguồn" in told) == ("deadlines[1].roll", True)


def test_a_file_from_a_windows_editor_reads_the_same(tmp_path: Path, plan: CyclePlan) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes(b"\xef\xbb\xbf" + TOML.replace("\n", "\r\n").encode())
    assert read_plan(path) == plan


def test_decomposed_vietnamese_reads_as_composed(plan: CyclePlan) -> None:
    assert read_plan(unicodedata.normalize("NFD", TOML)) == plan


def test_a_plan_cannot_be_changed_once_read(plan: CyclePlan) -> None:
    with pytest.raises(ValueError, match="frozen"):
        plan.targets.new_three_stars = 1


def test_the_day_of_the_closing_event_needs_a_source_that_the_file_states_as_its_title_does() -> None:
    closing = '[closing]\ntitle = "Lễ công bố"\ndate = 2025-12-20\n\n[sources]'
    unsourced = SMALLEST.replace("[sources]", closing)
    assert [key for _, key, _ in problems_of(unsourced)] == ["closing.title", "closing.date"]
    plan = read_plan(f'{unsourced}closing = "mục 8"\n')
    assert (plan.source_of("closing.title"), plan.source_of("closing.date")) == ("mục 8", "mục 8")
