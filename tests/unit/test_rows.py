"""The rows that the procedures without districts share: who may write which note where, and what it owes and quotes."""

import pytest

from ocop.levels import Level
from ocop.notices import Notice
from ocop.procedure import Back, Note, Procedure
from ocop.procedures.qd26 import QD26
from ocop.procedures.qd26_renewal import QD26_RENEWAL
from ocop.procedures.qd1489 import QD1489
from ocop.procedures.rows import PLAN

LAWS = pytest.mark.parametrize("law", [QD1489, QD26, QD26_RENEWAL], ids=lambda law: law.key)
CERTIFIED = {
    "qd1489": {"recognised", "central_proposal", "proposed", "central_evaluation", "central_decided"},
    "qd26": {"recognised"},
    "qd26_renewal": {"recognised"},
}
"""Where a product may hold a certificate of its dossier: under QĐ 1489 its 4 stars stand on the way to the centre."""
ENDINGS = "kết thúc hồ sơ trước khi công nhận"
CORRECTIONS = "đính chính, thu hồi kết quả bằng văn bản"


@LAWS
def test_a_note_quotes_its_rule_and_owes_its_letter_at_the_stages_where_it_may_be_written(law: Procedure) -> None:
    everywhere, unfinished = {stage.key for stage in law.stages}, set(law.open_stages)
    told = {
        note.event: (set(note.stages), note.letters, note.by, note.rule.place if note.rule else "")
        for note in law.notes
        if note.event != "evaluate"
    }
    # fmt: off
    assert told == {
        "add_evidence":     (unfinished, (), None, "trình tự đánh giá, phân hạng: cấp xã"),
        "waive_evidence":   (unfinished, (), None, "tài liệu minh chứng hết hạn"),
        "accept_late":      (unfinished, (Notice.ACCEPTED_LATE,), Level.PROVINCE, "chấp nhận hồ sơ muộn"),
        "correct":          (everywhere, (Notice.CORRECTED,), None, CORRECTIONS),
        "complain":         (everywhere, (Notice.COMPLAINT_RECEIVED,), None, "kiến nghị của chủ thể"),
        "answer_complaint": (everywhere, (Notice.COMPLAINT_ANSWERED,), None, "kiến nghị của chủ thể"),
        "revoke":           (CERTIFIED[law.key], (), None, "thu hồi giấy chứng nhận"),
    }
    # fmt: on


def evaluations(notes: tuple[Note, ...]) -> list[tuple[set[str], str, tuple[Notice, ...]]]:
    """Return where an evaluation is noted and what its row quotes."""
    return [(set(n.stages), n.rule.place if n.rule else "", n.letters) for n in notes if n.event == "evaluate"]


def test_an_evaluation_quotes_the_rule_of_its_council() -> None:
    returned = "sản phẩm dưới 90 điểm ở trung ương: cấp tỉnh công nhận 3 sao, 4 sao hoặc đánh giá lại"
    written = "công nhận lại: hội đồng cho ý kiến bằng văn bản, chỉ họp khi ý kiến khác nhau"
    province = ({"provincial_evaluation"}, "trình tự đánh giá, phân hạng: cấp tỉnh", ())
    assert evaluations(QD1489.notes) == [province]
    assert evaluations(QD26.notes) == [province, ({"returned_to_province"}, returned, ())]
    assert evaluations(QD26_RENEWAL.notes) == [
        ({"written_opinion"}, written, ()),
        ({"returned_to_province"}, returned, ()),
    ]


@LAWS
@pytest.mark.parametrize(
    ("event", "target", "letter", "place"),
    [
        ("retract", "retracted", Notice.RETRACTED, ENDINGS),
        ("disqualify", "disqualified", Notice.DISQUALIFIED, "phân hạng sản phẩm theo điểm"),
        ("carry_over", "carried_over", Notice.CARRIED_OVER, ENDINGS),
    ],
)
def test_who_withdraws_is_excluded_or_put_off_ends_there_and_is_told(
    law: Procedure, event: str, target: str, letter: Notice, place: str
) -> None:
    ended = [move for move in law.moves if move.event == event]
    assert {(m.target, m.letters, m.rule and m.rule.place, m.back) for m in ended} == {(target, (letter,), place, None)}
    assert all(law.stage(move.target).level is Level.COMMUNE for move in ended)


@LAWS
def test_a_supplement_goes_back_to_who_asked_for_it_and_both_ways_are_told(law: Procedure) -> None:
    asked = {(m.source, m.target): m for m in law.moves if m.event == "request_supplement"}
    brought = {(m.target, m.source): m for m in law.moves if m.event == "supplement"}
    judge = "written_opinion" if law is QD26_RENEWAL else "provincial_evaluation"
    assert set(asked) == set(brought)
    assert {source for source, _ in asked} == {"commune_review", judge}
    assert {(m.letters, m.back) for m in asked.values()} == {((Notice.RETURNED_FOR_COMPLETION,), None)}
    assert {(m.letters, m.back) for m in brought.values()} == {((Notice.SUPPLEMENTED,), Back.SUPPLEMENT)}
    assert {way: m.rule for way, m in asked.items()} == {way: m.rule for way, m in brought.items()}


@LAWS
def test_a_result_is_annulled_by_a_document_alone(law: Procedure) -> None:
    annulled = [move for move in law.moves if move.event == "annul"]
    assert annulled
    assert {(m.back, m.rule and m.rule.place) for m in annulled} == {(Back.DOCUMENT, CORRECTIONS)}
    assert {m.event for m in law.moves if m.back is Back.DOCUMENT} == {"annul"}


@LAWS
def test_dossiers_end_with_the_province_that_ranks_or_with_the_commune_that_filed(law: Procedure) -> None:
    assert {stage.key: stage.level for stage in law.stages if stage.final} == {
        "recognised": Level.PROVINCE,
        "not_ranked": Level.PROVINCE,
        "retracted": Level.COMMUNE,
        "disqualified": Level.COMMUNE,
        "carried_over": Level.COMMUNE,
    }


def test_the_plan_of_a_year_is_quoted_where_it_orders_a_way() -> None:
    assert (PLAN.document, PLAN.place) == ("Kế hoạch năm của UBND tỉnh", "phần đánh giá, phân hạng sản phẩm")
