"""What holds of every procedure in the rulebook: rows quote their source, phases hold the stages, nothing is stuck or runs in circles."""

import pytest

from ocop.levels import Level
from ocop.procedure import Back, Move, Note, Procedure
from ocop.rulebook import PROCEDURES
from ocop.scoring import LEAST_CERTIFIED_STAR

EVERY = pytest.mark.parametrize("law", PROCEDURES.values(), ids=list(PROCEDURES))
WITHOUT_DISTRICTS = pytest.mark.parametrize("key", sorted(set(PROCEDURES) - {"qd148"}))
ROWS = [(key, row) for key, law in PROCEDURES.items() for row in (*law.moves, *law.notes)]


@pytest.mark.parametrize(("key", "row"), ROWS, ids=[f"{key}-{n}-{row.event}" for n, (key, row) in enumerate(ROWS)])
def test_every_row_has_a_source_that_a_page_can_quote(key: str, row: Move | Note) -> None:
    assert row.rule is not None, key
    assert str(row.rule).startswith(f"{row.rule.document}, {row.rule.place}")
    if row.rule.document == "Quy tắc của phần mềm":
        assert row.rule.reading, "a rule of ours says that it is a reading"


@EVERY
def test_every_open_stage_belongs_to_one_phase_named_after_a_stage_of_its_own(law: Procedure) -> None:
    assert sorted(stage for stages in law.phases.values() for stage in stages) == sorted(law.open_stages)
    assert all(phase in stages for phase, stages in law.phases.items())


@EVERY
def test_each_star_that_is_certified_is_awarded_at_some_level(law: Procedure) -> None:
    assert max(law.most_stars(level) for level in Level) == 5


@EVERY
def test_every_stage_is_reached_from_the_start_and_reaches_an_end(law: Procedure) -> None:
    onward = {stage.key: {move.target for move in law.moves if move.source == stage.key} for stage in law.stages}
    reached, open_ends = set(law.starts.values()), list(law.starts.values())
    while open_ends:
        fresh = onward[open_ends.pop()] - reached
        reached |= fresh
        open_ends += fresh
    assert reached == set(onward)
    for stage in law.open_stages:
        assert any(stage in law.still_ahead(end.key) for end in law.stages if end.final), stage


@EVERY
def test_only_the_flows_and_documents_bring_a_dossier_back_each_with_its_bound(law: Procedure) -> None:
    place = {stage.key: number for number, stage in enumerate(law.stages)}
    for move in law.moves:
        down = law.stage(move.target).level != law.stage(move.source).level and place[move.target] < place[move.source]
        if down and not law.stage(move.target).final and move.event != "keep":
            assert move.back in (Back.ONCE, Back.DOCUMENT), move


@EVERY
def test_a_stage_whose_result_is_routed_is_reached_by_a_decision_of_its_own_body_alone(law: Procedure) -> None:
    by_purpose = {"result": {"decide"}, "after_return": {"decide"}, "central": {"record_central_result"}}
    for stage in law.stages:
        if stage.result:
            assert {move.event for move in law.moves if move.target == stage.key} == by_purpose[stage.result]


@EVERY
def test_whoever_evaluates_can_note_it_and_nobody_else_can(law: Procedure) -> None:
    assert {stage.key for stage in law.stages if stage.evaluates} == {
        stage for note in law.notes if note.event == "evaluate" for stage in note.stages
    }


@EVERY
def test_recognition_waits_where_a_body_may_award_and_the_star_is_certified(law: Procedure) -> None:
    waiting = {move.source for move in law.moves if move.event in ("recognise", "record_central_result")}
    assert {stage.key for stage in law.stages if stage.awards_up_to} == waiting
    assert all(law.stage(stage).awards_up_to >= LEAST_CERTIFIED_STAR for stage in waiting)


@WITHOUT_DISTRICTS
def test_no_stage_and_no_act_belongs_to_a_district_any_more(key: str) -> None:
    law = PROCEDURES[key]
    assert Level.DISTRICT not in {stage.level for stage in law.stages}
    assert Level.DISTRICT not in {row.by for row in law.rows}
    assert "huyện" not in " ".join(f"{stage.label} {stage.waits_for}" for stage in law.stages)
    assert list(law.starts) == ["commune"]


@EVERY
def test_a_period_of_a_dossiers_own_has_the_length_of_the_law_or_of_the_plan_and_never_of_both(law: Procedure) -> None:
    for own in (stage.period for stage in law.stages if stage.period):
        if own.setting:
            assert (own.days, own.rule) == (0, None)
        else:
            assert own.days > 0
            assert own.rule is not None


def test_the_record_keeps_what_a_period_is_for_under_the_same_word_in_every_procedure() -> None:
    kinds = {(stage.key, str(stage.period.kind)) for law in PROCEDURES.values() for stage in law.stages if stage.period}
    assert kinds == {
        ("returned_to_district", "return"),
        ("returned_to_province", "return"),
        ("commune_review", "review"),
        ("written_opinion", "opinion"),
    }


def test_a_rule_of_the_plan_or_of_the_software_has_no_law_whose_full_name_could_be_quoted() -> None:
    assert {(row.rule.document, row.rule.full_name != "") for _, row in ROWS if row.rule} == {
        ("Quyết định 148/QĐ-TTg", True),
        ("Quyết định 1489/QĐ-TTg", True),
        ("Quyết định 26/2026/QĐ-TTg", True),
        ("Kế hoạch năm của UBND tỉnh", False),
        ("Quy tắc của phần mềm", False),
    }
