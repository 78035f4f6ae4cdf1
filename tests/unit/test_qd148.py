"""The table of QĐ 148: each row quotes its source, each stage has its level, its phase and its way out."""

import pytest

from ocop.levels import Level
from ocop.notices import Notice
from ocop.procedure import (
    Back,
    MetBy,
    Move,
    Note,
    OwnPeriod,
    PeriodKind,
)
from ocop.procedures.qd148 import QD148
from ocop.sources import Source

ROWS = [*QD148.moves, *QD148.notes]


@pytest.mark.parametrize("row", ROWS, ids=[f"{number}-{row.event}" for number, row in enumerate(ROWS, start=1)])
def test_every_row_has_a_source_that_a_page_can_quote(row: Move | Note) -> None:
    assert row.rule is not None
    assert row.rule.document
    assert row.rule.place
    quoted = str(row.rule)
    assert quoted.startswith(f"{row.rule.document}, {row.rule.place}")
    if row.rule.document == "Quy tắc của phần mềm":
        assert row.rule.reading, "a rule of ours says that it is a reading"


PLANNED = {
    ("district_decided", "provincial_submission"),
    ("provincial_submission", "submitted"),
    ("provincial_submission", "district_recognition"),
    ("provincial_decided", "returned_to_district"),
    ("returned_to_district", "return_decided"),
}
"""The ways that the plan of the year orders, and no law."""
PLACES = {
    "retract": "kết thúc hồ sơ trước khi công nhận",
    "carry_over": "kết thúc hồ sơ trước khi công nhận",
    "annul": "đính chính, thu hồi kết quả bằng văn bản",
    "disqualify": "phân hạng sản phẩm theo điểm",
}


def the_way_of(level: Level) -> str:
    return f"trình tự đánh giá, phân hạng: cấp {level.label}"


@pytest.mark.parametrize("event", sorted({move.event for move in QD148.moves}))
def test_a_move_quotes_the_law_of_the_level_it_reaches_or_ends_at_or_the_plan_or_a_rule_of_ours(event: str) -> None:
    for move in QD148.moves:
        if move.event != event:
            continue
        at = QD148.stage(move.source if QD148.stage(move.target).final else move.target)
        bands = "phân hạng sản phẩm theo điểm" if move.target == "not_ranked" else the_way_of(at.level)
        place = "phần đánh giá, phân hạng sản phẩm" if (move.source, move.target) in PLANNED else bands
        assert move.rule is not None
        assert move.rule.place == PLACES.get(event, place), move


def test_a_note_quotes_its_rule_and_owes_its_letter_at_the_stages_where_it_may_be_written() -> None:
    everywhere = {stage.key for stage in QD148.stages}
    unfinished = set(QD148.open_stages)
    certified = {"recognised", "central_proposal", "proposed", "central_evaluation", "central_decided"}
    notes = {(note.event, *sorted(note.stages)[: 1 if len(note.stages) == 1 else 0]): note for note in QD148.notes}
    assert {
        key: (note.stages, note.letters, note.rule.place) for key, note in notes.items() if note.rule is not None
    } == {
        ("evaluate", "district_evaluation"): ({"district_evaluation"}, (), the_way_of(Level.DISTRICT)),
        ("evaluate", "provincial_evaluation"): ({"provincial_evaluation"}, (), the_way_of(Level.PROVINCE)),
        ("evaluate", "returned_to_district"): ({"returned_to_district"}, (), "phần đánh giá, phân hạng sản phẩm"),
        ("add_evidence",): (unfinished, (), the_way_of(Level.COMMUNE)),
        ("waive_evidence",): (unfinished, (), "tài liệu minh chứng hết hạn"),
        ("accept_late",): (unfinished, (Notice.ACCEPTED_LATE,), "chấp nhận hồ sơ muộn"),
        ("correct",): (everywhere, (Notice.CORRECTED,), "đính chính, thu hồi kết quả bằng văn bản"),
        ("complain",): (everywhere, (Notice.COMPLAINT_RECEIVED,), "kiến nghị của chủ thể"),
        ("answer_complaint",): (everywhere, (Notice.COMPLAINT_ANSWERED,), "kiến nghị của chủ thể"),
        ("revoke",): (certified, (), "thu hồi giấy chứng nhận"),
    }


def test_the_phases_of_a_year_follow_the_plan_and_hold_their_stages() -> None:
    assert list(QD148.phases) == [
        "commune_review", "district_evaluation", "provincial_submission", "provincial_evaluation",
        "returned_to_district", "central_evaluation",
    ]  # fmt: skip
    for phase, stages in QD148.phases.items():
        assert phase in stages
    assert QD148.phase_of("filed_at_district") == "commune_review"
    assert QD148.phase_of("district_recognition") == "district_evaluation"
    assert QD148.phase_of("provincial_recognition") == "provincial_evaluation"
    assert QD148.phase_of("return_decided") == "returned_to_district"
    assert QD148.phase_of("submitted") == "provincial_submission"
    assert QD148.phase_of("central_proposal") == "central_evaluation"


def test_dossiers_are_filed_with_the_commune_or_the_district() -> None:
    assert QD148.starts == {"commune": "registered", "district": "filed_at_district"}
    assert {move.back for move in QD148.moves if move.event == "supplement"} == {Back.SUPPLEMENT}
    assert [move.source for move in QD148.moves if move.back is Back.ONCE] == ["provincial_decided"]
    assert {move.event for move in QD148.moves if move.back is Back.DOCUMENT} == {"annul"}


def test_a_source_of_ours_says_so_and_a_source_of_law_names_the_whole_document() -> None:
    assert str(Source("Quyết định 1", "Điều 2")) == "Quyết định 1, Điều 2"
    assert str(Source("Quyết định 1", "Điều 2", reading="cách hiểu")) == "Quyết định 1, Điều 2 (cách hiểu)"
    assert QD148.source.full_name == "Quyết định số 148/QĐ-TTg ngày 24/02/2023 của Thủ tướng Chính phủ"


@pytest.mark.parametrize("start", ["registered", "filed_at_district"])
def test_a_registration_quotes_the_article_that_the_decision_begins_with(start: str) -> None:
    assert str(QD148.entry(start).rule) == "Quyết định 148/QĐ-TTg, Điều 1"


def test_each_body_awards_up_to_the_star_that_the_law_gives_it() -> None:
    assert {stage.key: stage.awards_up_to for stage in QD148.stages if stage.awards_up_to} == {
        "district_recognition": 3,
        "provincial_recognition": 4,
        "central_evaluation": 5,
    }


@pytest.mark.parametrize(
    ("level", "stages"),
    [
        (Level.COMMUNE, {"registered", "commune_review", "commune_supplement", "commune_reported"}),
        (
            Level.DISTRICT,
            {
                "filed_at_district", "district_evaluation", "district_supplement", "district_decided",
                "provincial_submission", "submitted", "returned_to_district", "return_decided", "district_recognition",
            },
        ),
        (
            Level.PROVINCE,
            {
                "provincial_evaluation", "provincial_supplement", "provincial_decided", "provincial_recognition",
                "central_proposal", "proposed",
            },
        ),
        (Level.CENTRAL, {"central_evaluation", "central_decided"}),
    ],
)  # fmt: skip
def test_an_open_dossier_stands_with_the_level_whose_act_it_waits_for(level: Level, stages: set[str]) -> None:
    assert {stage.key for stage in QD148.stages if not stage.final and stage.level is level} == stages


def test_the_ways_to_end_are_the_final_stages() -> None:
    assert not any(stage.waits_for for stage in QD148.stages if stage.final)
    assert [stage.key for stage in QD148.stages if stage.final] == [
        "recognised", "not_ranked", "retracted", "disqualified", "carried_over",
    ]  # fmt: skip


def test_a_supplement_is_waited_for_at_the_three_levels_that_evaluate() -> None:
    assert [stage.key for stage in QD148.stages if stage.supplement] == [
        "commune_supplement", "district_supplement", "provincial_supplement",
    ]  # fmt: skip


def test_councils_meet_at_the_district_the_province_and_after_the_return() -> None:
    assert [stage.key for stage in QD148.stages if stage.evaluates] == [
        "district_evaluation",
        "provincial_evaluation",
        "returned_to_district",
    ]
    assert {stage.key: stage.result for stage in QD148.stages if stage.result} == {
        "district_decided": "result",
        "provincial_decided": "result",
        "return_decided": "after_return",
    }


def test_only_what_the_province_returned_has_its_own_period_and_is_decided_on_the_basis_that_the_plan_gives() -> None:
    assert {stage.key: stage.period for stage in QD148.stages if stage.period} == {
        "returned_to_district": OwnPeriod(
            PeriodKind.RETURN, MetBy.DECISION_SIGNED, setting="returned_to_district.working_days"
        )
    }
    assert [stage.key for stage in QD148.stages if stage.basis_by_plan] == ["returned_to_district"]


@pytest.mark.parametrize("stage", QD148.open_stages)
def test_every_open_stage_belongs_to_one_phase_says_what_it_waits_for_and_has_a_way_out(stage: str) -> None:
    assert stage in QD148.phases[QD148.phase_of(stage)]
    assert QD148.stage(stage).waits_for
    assert any(move.source == stage and move.moves for move in QD148.moves)
    assert {"complain", "answer_complaint", "correct"} <= set(QD148.events_at(stage))


@pytest.mark.parametrize("stage", [stage.key for stage in QD148.stages if stage.final])
def test_a_final_stage_belongs_to_no_phase_and_is_left_by_a_document_alone(stage: str) -> None:
    assert QD148.phase_of(stage) == ""
    assert {move.back for move in QD148.moves if move.source == stage} <= {Back.DOCUMENT}
    assert {"complain", "answer_complaint", "correct"} <= set(QD148.events_at(stage))


def test_the_stages_from_which_flows_carry_on() -> None:
    assert QD148.routed == (
        "commune_reported",
        "district_decided",
        "submitted",
        "provincial_decided",
        "return_decided",
        "proposed",
        "central_decided",
    )


@pytest.mark.parametrize(
    ("stage", "ahead", "past"),
    [
        ("district_evaluation", {"registered", "commune_supplement", "district_supplement"}, {"district_decided"}),
        ("provincial_submission", {"registered", "district_decided"}, {"submitted", "district_recognition"}),
        ("provincial_evaluation", {"submitted", "provincial_supplement"}, {"provincial_decided", "not_ranked"}),
        ("returned_to_district", {"provincial_decided"}, {"return_decided", "provincial_recognition"}),
        ("central_evaluation", {"registered", "proposed"}, {"central_decided", "recognised"}),
    ],
)
def test_a_dossier_is_ahead_of_a_stage_until_it_left_it(stage: str, ahead: set[str], past: set[str]) -> None:
    found = QD148.still_ahead(stage)
    assert stage in found
    assert ahead <= found
    assert not past & found
    assert not {"recognised", "retracted", "disqualified", "carried_over"} & found


def test_a_supplement_is_owed_only_by_a_dossier_that_was_asked_for_it() -> None:
    for stage in ("commune_supplement", "district_supplement", "provincial_supplement"):
        assert QD148.still_ahead(stage) == {stage}


def test_a_stage_of_another_procedure_has_nothing_ahead_of_it_but_itself() -> None:
    assert QD148.still_ahead("ministry_evaluation") == {"ministry_evaluation"}


def test_only_the_province_accepts_late_and_records_what_the_centre_found() -> None:
    assert {row.event for row in ROWS if row.by is Level.PROVINCE} == {"accept_late", "record_central_result"}
    assert {row.by for row in ROWS} == {None, Level.PROVINCE}
