"""The table of moves refuses what cannot work, and the table of QĐ 148 sends each dossier where the law and the plan say."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from ocop.levels import Level
from ocop.notices import Notice
from ocop.procedure import (
    ROUTE,
    Back,
    Facts,
    Move,
    NoSuchMove,
    Note,
    Procedure,
    Stage,
    worth_three_stars,
)
from ocop.procedures.qd148 import QD148
from ocop.rulebook import PROCEDURES
from ocop.sources import Source

LAW = Source("Quyết định thử", "Điều 1")
COMMUNE, DISTRICT = Level.COMMUNE, Level.DISTRICT
STAGES = (
    Stage("filed", COMMUNE, "Đã nộp", "xã tiếp nhận"),
    Stage("judged", DISTRICT, "Đã chấm", "phân luồng"),
    Stage("asked", DISTRICT, "Chờ bổ sung", "chủ thể bổ sung", supplement=True),
    Stage("named", DISTRICT, "Đã công nhận", final=True),
    Stage("closed", DISTRICT, "Không phân hạng", final=True),
)
MOVES = (
    Move("receive", "filed", "judged"),
    Move("ask", "judged", "asked"),
    Move("supplement", "asked", "judged", back=Back.SUPPLEMENT),
    Move(ROUTE, "judged", "named", worth_three_stars),
    Move(ROUTE, "judged", "closed"),
)


def a_procedure(stages: Sequence[Stage] = STAGES, moves: Sequence[Move] = MOVES, **more: Any) -> Procedure:
    """Return a small procedure that holds, but for what is given."""
    return Procedure(
        "small", "Quy trình thử", LAW, more.pop("starts", {"commune": "filed"}), tuple(stages), tuple(moves), **more
    )


def changed(key: str, **values: Any) -> tuple[Stage, ...]:
    """Return the small stages with one of them changed."""
    return tuple(replace(stage, **values) if stage.key == key else stage for stage in STAGES)


def test_the_small_procedure_of_these_tests_holds() -> None:
    assert a_procedure().open_stages == ("filed", "judged", "asked")


@pytest.mark.parametrize(
    ("fault", "given"),
    [
        ("a stage stands twice", {"stages": (*STAGES, STAGES[0])}),
        ("unknown stages ['heaven']", {"moves": (*MOVES, Move("lift", "judged", "heaven"))}),
        ("unknown stages ['limbo']", {"moves": (*MOVES, Move("lift", "limbo", "named"))}),
        ("unknown stages ['door']", {"starts": {"commune": "door"}}),
        ("unknown stages ['attic']", {"notes": (Note("complain", frozenset({"attic"})),)}),
        ("no way into ['island']", {"stages": (*STAGES, Stage("island", DISTRICT, "Đảo", final=True))}),
        ("filed must be final or have a way out", {"moves": MOVES[1:], "starts": {"commune": "filed", "x": "judged"}}),
        ("named must be final or have a way out", {"moves": (*MOVES, Move("undo", "named", "closed"))}),
        ("asked does not say what it waits for", {"stages": changed("asked", waits_for="")}),
        ("the phases do not hold each open stage once", {"phases": {"all": ("filed", "judged")}}),
        ("the phases do not hold each open stage once", {"phases": {"a": ("filed", "judged", "asked", "filed")}}),
        ("the phases do not hold each open stage once", {"phases": {"a": ("filed", "judged", "asked", "named")}}),
        ("route at judged leaves a case open", {"moves": MOVES[:-1], "stages": changed("closed", final=True)[:-1]}),
        ("route at judged has a row that is never reached", {"moves": (*MOVES, Move(ROUTE, "judged", "closed"))}),
        ("note receive repeats a move at filed", {"notes": (Note("receive", frozenset({"filed"})),)}),
        ("note complain repeats a move at filed", {"notes": (Note("complain", frozenset({"filed"})),) * 2}),
        ("judged -> asked -> judged", {"moves": (*MOVES[:2], Move("supplement", "asked", "judged"), *MOVES[3:])}),
        ("filed -> filed", {"moves": (*MOVES, Move("wait", "filed", "filed"))}),
    ],
)
def test_a_procedure_refuses_to_be_built_with(fault: str, given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^small: ") as refused:
        a_procedure(**given)
    assert fault in str(refused.value)


def test_phases_may_hold_the_open_stages_in_another_order_than_the_table() -> None:
    phased = a_procedure(phases={"late": ("judged", "asked"), "early": ("filed",)})
    assert [phased.phase_of(stage) for stage in ("filed", "judged", "asked", "named")] == ["early", "late", "late", ""]


def test_a_note_leaves_a_dossier_where_it_is_and_keeps_its_letters_its_level_and_its_rule() -> None:
    rule = Source("Quyết định thử", "Điều 2")
    noted = a_procedure(notes=(Note("hear", frozenset({"filed"}), (Notice.CORRECTED,), Level.PROVINCE, rule),))
    assert noted.move("filed", "hear") == Move(
        "hear", "filed", "filed", letters=(Notice.CORRECTED,), by=Level.PROVINCE, rule=rule
    )


def test_a_stage_that_only_a_document_leaves_is_final() -> None:
    with_annulment = (*MOVES, Move("annul", "closed", "judged", back=Back.DOCUMENT))
    assert a_procedure(moves=with_annulment).stage("closed").final


def test_a_procedure_without_an_event_answers_with_what_is_possible_instead() -> None:
    assert a_procedure().move("filed", "recognise") == NoSuchMove("recognise", "filed", ("receive",))
    assert a_procedure().move("named", "receive") == NoSuchMove("receive", "named", ())


# The table of QĐ 148.

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


ALWAYS = ""

# fmt: off
WAYS = [
    # stage                     event                    mean      target                    letter
    ("registered",              "receive",               ALWAYS,   "commune_review",         Notice.RECEIVED),
    ("filed_at_district",       "receive",               ALWAYS,   "district_evaluation",    Notice.RECEIVED),
    ("commune_review",          "report",                ALWAYS,   "commune_reported",       Notice.COMMUNE_REPORTED),
    ("commune_reported",        ROUTE,                   ALWAYS,   "district_evaluation",    Notice.FORWARDED_TO_DISTRICT),
    ("district_evaluation",     "decide",                ALWAYS,   "district_decided",       Notice.DISTRICT_RESULT),
    ("district_decided",        ROUTE,                   "0",      "not_ranked",             Notice.NOT_RANKED),
    ("district_decided",        ROUTE,                   "49",     "not_ranked",             Notice.NOT_RANKED),
    ("district_decided",        ROUTE,                   "49.995", "not_ranked",             Notice.NOT_RANKED),
    ("district_decided",        ROUTE,                   "50",     "district_recognition",   Notice.TO_RECOGNISE),
    ("district_decided",        ROUTE,                   "69",     "district_recognition",   Notice.TO_RECOGNISE),
    ("district_decided",        ROUTE,                   "69.995", "district_recognition",   Notice.TO_RECOGNISE),
    ("district_decided",        ROUTE,                   "70",     "provincial_submission",  Notice.SELECTED_FOR_PROVINCE),
    ("district_decided",        ROUTE,                   "89.999", "provincial_submission",  Notice.SELECTED_FOR_PROVINCE),
    ("district_decided",        ROUTE,                   "90",     "provincial_submission",  Notice.SELECTED_FOR_PROVINCE),
    ("district_decided",        ROUTE,                   "100",    "provincial_submission",  Notice.SELECTED_FOR_PROVINCE),
    ("provincial_submission",   "submit",                ALWAYS,   "submitted",              Notice.SENT_TO_PROVINCE),
    ("provincial_submission",   "keep",                  ALWAYS,   "district_recognition",   Notice.KEPT_AT_DISTRICT),
    ("submitted",               ROUTE,                   ALWAYS,   "provincial_evaluation",  Notice.ARRIVED_AT_PROVINCE),
    ("provincial_evaluation",   "decide",                ALWAYS,   "provincial_decided",     Notice.PROVINCIAL_RESULT),
    ("provincial_decided",      ROUTE,                   "49.995", "returned_to_district",   Notice.RETURNED_TO_DISTRICT),
    ("provincial_decided",      ROUTE,                   "50",     "returned_to_district",   Notice.RETURNED_TO_DISTRICT),
    ("provincial_decided",      ROUTE,                   "69",     "returned_to_district",   Notice.RETURNED_TO_DISTRICT),
    ("provincial_decided",      ROUTE,                   "69.995", "returned_to_district",   Notice.RETURNED_TO_DISTRICT),
    ("provincial_decided",      ROUTE,                   "70",     "provincial_recognition", Notice.TO_RECOGNISE),
    ("provincial_decided",      ROUTE,                   "89.999", "provincial_recognition", Notice.TO_RECOGNISE),
    ("provincial_decided",      ROUTE,                   "90",     "provincial_recognition", Notice.TO_RECOGNISE),
    ("returned_to_district",    "decide",                ALWAYS,   "return_decided",         Notice.RETURN_RESULT),
    ("return_decided",          ROUTE,                   "49",     "not_ranked",             Notice.NOT_RANKED),
    ("return_decided",          ROUTE,                   "49.995", "not_ranked",             Notice.NOT_RANKED),
    ("return_decided",          ROUTE,                   "50",     "district_recognition",   Notice.TO_RECOGNISE),
    ("return_decided",          ROUTE,                   "69.995", "district_recognition",   Notice.TO_RECOGNISE),
    ("return_decided",          ROUTE,                   "100",    "district_recognition",   Notice.TO_RECOGNISE),
    ("district_recognition",    "recognise",             ALWAYS,   "recognised",             Notice.RECOGNISED),
    ("provincial_recognition",  "recognise",             "70",     "recognised",             Notice.RECOGNISED),
    ("provincial_recognition",  "recognise",             "89.999", "recognised",             Notice.RECOGNISED),
    ("provincial_recognition",  "recognise",             "90",     "central_proposal",       Notice.RECOGNISED),
    ("provincial_recognition",  "recognise",             "100",    "central_proposal",       Notice.RECOGNISED),
    ("central_proposal",        "propose",               ALWAYS,   "proposed",               Notice.PROPOSED_TO_CENTRE),
    ("central_proposal",        "forgo",                 ALWAYS,   "recognised",             Notice.NOT_PROPOSED),
    ("proposed",                ROUTE,                   ALWAYS,   "central_evaluation",     Notice.ARRIVED_AT_CENTRE),
    ("central_evaluation",      "record_central_result", "89.999", "central_decided",        Notice.CENTRAL_RESULT),
    ("central_evaluation",      "record_central_result", "90",     "central_decided",        Notice.CENTRAL_RESULT),
    ("central_decided",         ROUTE,                   ALWAYS,   "recognised",             Notice.CENTRAL_COMPLETED),
    ("commune_review",          "request_supplement",    ALWAYS,   "commune_supplement",     Notice.RETURNED_FOR_COMPLETION),
    ("district_evaluation",     "request_supplement",    ALWAYS,   "district_supplement",    Notice.RETURNED_FOR_COMPLETION),
    ("provincial_evaluation",   "request_supplement",    ALWAYS,   "provincial_supplement",  Notice.RETURNED_FOR_COMPLETION),
    ("commune_supplement",      "supplement",            ALWAYS,   "commune_review",         Notice.SUPPLEMENTED),
    ("district_supplement",     "supplement",            ALWAYS,   "district_evaluation",    Notice.SUPPLEMENTED),
    ("provincial_supplement",   "supplement",            ALWAYS,   "provincial_evaluation",  Notice.SUPPLEMENTED),
    ("district_decided",        "annul",                 ALWAYS,   "district_evaluation",    Notice.REOPENED),
    ("provincial_submission",   "annul",                 ALWAYS,   "district_evaluation",    Notice.REOPENED),
    ("district_recognition",    "annul",                 ALWAYS,   "district_evaluation",    Notice.REOPENED),
    ("not_ranked",              "annul",                 ALWAYS,   "district_evaluation",    Notice.REOPENED),
    ("provincial_decided",      "annul",                 ALWAYS,   "provincial_evaluation",  Notice.REOPENED),
    ("provincial_recognition",  "annul",                 ALWAYS,   "provincial_evaluation",  Notice.REOPENED),
    ("returned_to_district",    "annul",                 ALWAYS,   "provincial_evaluation",  Notice.REOPENED),
    ("return_decided",          "annul",                 ALWAYS,   "returned_to_district",   Notice.REOPENED),
    *((stage, "retract", ALWAYS, "retracted", Notice.RETRACTED) for stage in (
        "registered", "filed_at_district", "commune_review", "commune_supplement", "commune_reported",
        "district_evaluation", "district_supplement", "provincial_submission", "provincial_evaluation",
        "provincial_supplement", "returned_to_district", "district_recognition", "provincial_recognition")),
    *((stage, "disqualify", ALWAYS, "disqualified", Notice.DISQUALIFIED) for stage in (
        "commune_review", "commune_supplement", "district_evaluation", "district_supplement", "provincial_submission",
        "provincial_evaluation", "provincial_supplement", "returned_to_district", "district_recognition",
        "provincial_recognition")),
    *((stage, "carry_over", ALWAYS, "carried_over", Notice.CARRIED_OVER) for stage in (
        "registered", "filed_at_district", "commune_review", "commune_supplement", "commune_reported",
        "district_evaluation", "district_supplement", "provincial_submission", "submitted", "provincial_evaluation",
        "provincial_supplement", "returned_to_district")),
]
AFTER_RETURN = [
    # stage                  event    target
    ("district_recognition", "annul", "returned_to_district"),
    ("not_ranked",           "annul", "returned_to_district"),
]
GATED = [
    # stage                   event        mean   stars  target
    ("district_decided",      ROUTE,       "95",  5,     "provincial_submission"),
    ("district_decided",      ROUTE,       "95",  4,     "provincial_submission"),
    ("district_decided",      ROUTE,       "95",  3,     "district_recognition"),
    ("district_decided",      ROUTE,       "95",  2,     "not_ranked"),
    ("district_decided",      ROUTE,       "55",  2,     "not_ranked"),
    ("provincial_decided",    ROUTE,       "95",  5,     "provincial_recognition"),
    ("provincial_decided",    ROUTE,       "95",  4,     "provincial_recognition"),
    ("provincial_decided",    ROUTE,       "95",  3,     "returned_to_district"),
    ("provincial_decided",    ROUTE,       "70",  2,     "returned_to_district"),
    ("provincial_recognition", "recognise", "95", 5,     "central_proposal"),
    ("provincial_recognition", "recognise", "95", 4,     "recognised"),
    ("return_decided",        ROUTE,       "69",  3,     "district_recognition"),
    ("return_decided",        ROUTE,       "69",  2,     "not_ranked"),
]
# fmt: on


def going(stage: str, event: str, facts: Facts) -> Move:
    """Return the row that is taken."""
    found = QD148.move(stage, event, facts)
    assert isinstance(found, Move)
    return found


@pytest.mark.parametrize(("stage", "event", "mean", "target", "letter"), WAYS)
def test_a_dossier_goes_where_the_table_says_and_the_letter_is_owed(
    stage: str, event: str, mean: str, target: str, letter: Notice
) -> None:
    taken = going(stage, event, Facts(mean=Decimal(mean)) if mean else Facts())
    assert (taken.target, taken.letters) == (target, (letter,))


@pytest.mark.parametrize(("stage", "event", "target"), AFTER_RETURN)
def test_an_annulled_result_of_the_return_goes_back_to_the_return(stage: str, event: str, target: str) -> None:
    assert going(stage, event, Facts(after_return=True)).target == target


@pytest.mark.parametrize(("stage", "event", "mean", "stars", "target"), GATED)
def test_failed_gates_lead_where_the_lower_star_leads(
    stage: str, event: str, mean: str, stars: int, target: str
) -> None:
    assert going(stage, event, Facts(mean=Decimal(mean), stars_after_gates=stars)).target == target


def test_every_row_of_the_table_is_exercised_here() -> None:
    walked = {(stage, event, target) for stage, event, _, target, _ in WAYS}
    walked |= {(stage, event, target) for stage, event, target in AFTER_RETURN}
    assert {(move.source, move.event, move.target) for move in QD148.moves} == walked


@pytest.mark.parametrize(
    ("threshold", "mean", "stars", "target"),
    [
        ("75", "74.999", 4, "district_recognition"),
        ("75", "75", 4, "provincial_submission"),
        ("60", "59.999", 3, "district_recognition"),
        ("60", "60", 3, "provincial_submission"),  # a plan that sends products up below 4 stars
        ("60", "75", 3, "provincial_submission"),
        ("60", "75", 2, "not_ranked"),
        (
            "92",
            "92",
            4,
            "provincial_submission",
        ),  # the province may give 4: its threshold never asks for the gates of 5
        ("92", "91", 4, "district_recognition"),
    ],
)
def test_the_plan_says_from_how_many_points_a_product_goes_up(
    threshold: str, mean: str, stars: int, target: str
) -> None:
    facts = Facts(mean=Decimal(mean), stars_after_gates=stars, to_province_from=Decimal(threshold))
    assert going("district_decided", ROUTE, facts).target == target


@pytest.mark.parametrize(
    ("threshold", "mean", "stars", "target"),
    [
        ("95", "94.999", 5, "recognised"),
        ("95", "95", 5, "central_proposal"),
        ("85", "85", 4, "central_proposal"),
        ("85", "84.999", 4, "recognised"),
    ],
)
def test_the_plan_says_from_how_many_points_the_centre_is_asked(
    threshold: str, mean: str, stars: int, target: str
) -> None:
    facts = Facts(mean=Decimal(mean), stars_after_gates=stars, to_centre_from=Decimal(threshold))
    assert going("provincial_recognition", "recognise", facts).target == target


def test_without_a_result_nobody_is_ranked() -> None:
    assert Facts().stars == 0
    assert going("district_decided", ROUTE, Facts()).target == "not_ranked"


def test_stars_alone_without_a_mean_lead_no_higher() -> None:
    assert going("district_decided", ROUTE, Facts(stars_after_gates=5)).target == "district_recognition"
    assert going("provincial_recognition", "recognise", Facts(stars_after_gates=5)).target == "recognised"


def test_without_any_facts_a_dossier_takes_the_row_that_asks_for_none() -> None:
    routed = QD148.move("district_decided", ROUTE)
    assert isinstance(routed, Move)
    assert routed.target == "not_ranked"


@pytest.mark.parametrize("start", ["registered", "filed_at_district"])
def test_a_dossier_comes_from_nowhere_into_its_first_stage_by_the_law(start: str) -> None:
    assert QD148.entry(start) == Move("register", "", start, letters=(Notice.REGISTERED,), rule=QD148.source)


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


def test_every_procedure_stands_in_the_rulebook_under_its_own_key() -> None:
    assert PROCEDURES == {"qd148": QD148}


def test_the_rows_of_a_table_are_its_entries_its_moves_and_its_notes_as_moves_that_stay() -> None:
    small = a_procedure(notes=(Note("hear", frozenset({"filed"})),), starts={"commune": "filed", "district": "filed"})
    assert small.rows == (
        small.entry("filed"),
        *sorted(MOVES, key=lambda row: row.event != "receive"),
        Move("hear", "filed", "filed"),
    )
    assert [row.moves for row in small.rows] == [True] * 6 + [False]


def test_a_row_is_permitted_and_another_is_not() -> None:
    assert QD148.permits("district_decided", ROUTE, "provincial_submission")
    assert not QD148.permits("district_decided", ROUTE, "submitted")
    assert not QD148.permits("recognised", "annul", "district_evaluation")


def test_only_the_province_accepts_late_and_records_what_the_centre_found() -> None:
    assert {row.event for row in ROWS if row.by is Level.PROVINCE} == {"accept_late", "record_central_result"}
    assert {row.by for row in ROWS} == {None, Level.PROVINCE}
