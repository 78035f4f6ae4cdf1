"""The tables of QĐ 26/2026: 90 points go to the ministry first, under 90 there the province decides once, renewals in writing."""

from decimal import Decimal

import pytest

from ocop.levels import DossierKind, Level
from ocop.notices import Notice
from ocop.procedure import ROUTE, Back, Facts, MetBy, Move, OwnPeriod, PeriodKind, Procedure
from ocop.procedures.qd26 import QD26
from ocop.procedures.qd26_renewal import QD26_RENEWAL

JUDGED, WAITING = "(judged)", "(waits for the producer)"
PLACES = {
    "qd26": {JUDGED: "provincial_evaluation", WAITING: "provincial_supplement"},
    "qd26_renewal": {JUDGED: "written_opinion", WAITING: "opinion_supplement"},
}
"""Where a round and a renewal differ: who judges, and where its supplement is waited for."""
BOTH = pytest.mark.parametrize("law", [QD26, QD26_RENEWAL], ids=["round", "renewal"])

# fmt: off
WAYS = [
    # stage                    event                    mean      stars  returned  target                    letter
    ("registered",             "receive",               "",       None,  False,    "commune_review",         Notice.RECEIVED),
    ("commune_review",         "report",                "",       None,  False,    "provincial_submission",  Notice.COMMUNE_REPORTED),
    ("provincial_submission",  "submit",                "",       None,  False,    "submitted",              Notice.SENT_TO_PROVINCE),
    ("submitted",              ROUTE,                   "",       None,  False,    JUDGED,                   Notice.ARRIVED_AT_PROVINCE),
    (JUDGED,                   "decide",                "90",     None,  False,    "provincial_decided",     Notice.PROVINCIAL_RANKING),
    ("provincial_decided",     ROUTE,                   "90",     None,  False,    "central_proposal",       Notice.SELECTED_FOR_MINISTRY),
    ("provincial_decided",     ROUTE,                   "89.999", None,  False,    "provincial_recognition", Notice.TO_RECOGNISE),
    ("provincial_decided",     ROUTE,                   "90",     4,     False,    "provincial_recognition", Notice.TO_RECOGNISE),
    ("provincial_decided",     ROUTE,                   "50",     None,  False,    "provincial_recognition", Notice.TO_RECOGNISE),
    ("provincial_decided",     ROUTE,                   "49.999", None,  False,    "not_ranked",             Notice.NOT_RANKED),
    ("provincial_recognition", "recognise",             "85",     None,  False,    "recognised",             Notice.RECOGNISED),
    ("central_proposal",       "propose",               "90",     None,  False,    "proposed",               Notice.PROPOSED_TO_MINISTRY),
    ("central_proposal",       "forgo",                 "90",     None,  False,    "provincial_recognition", Notice.NOT_PROPOSED_TO_MINISTRY),
    ("proposed",               ROUTE,                   "90",     None,  False,    "central_evaluation",     Notice.ARRIVED_AT_MINISTRY),
    ("central_evaluation",     "record_central_result", "90",     None,  False,    "central_decided",        Notice.MINISTRY_RESULT),
    ("central_decided",        ROUTE,                   "90",     None,  False,    "recognised",             Notice.CENTRAL_COMPLETED),
    ("central_decided",        ROUTE,                   "89.999", None,  False,    "returned_to_province",   Notice.RETURNED_TO_PROVINCE),
    ("returned_to_province",   "decide",                "85",     None,  False,    "return_decided",         Notice.RESULT_AFTER_MINISTRY),
    ("return_decided",         ROUTE,                   "50",     None,  True,     "provincial_recognition", Notice.TO_RECOGNISE),
    ("return_decided",         ROUTE,                   "49.999", None,  True,     "not_ranked",             Notice.NOT_RANKED),
    ("provincial_decided",     "annul",                 "85",     None,  False,    JUDGED,                   Notice.REOPENED),
    ("central_proposal",       "annul",                 "90",     None,  False,    JUDGED,                   Notice.REOPENED),
    ("provincial_recognition", "annul",                 "85",     None,  False,    JUDGED,                   Notice.REOPENED),
    ("provincial_recognition", "annul",                 "85",     None,  True,     "returned_to_province",   Notice.REOPENED),
    ("not_ranked",             "annul",                 "45",     None,  False,    JUDGED,                   Notice.REOPENED),
    ("not_ranked",             "annul",                 "45",     None,  True,     "returned_to_province",   Notice.REOPENED),
    ("return_decided",         "annul",                 "45",     None,  True,     "returned_to_province",   Notice.REOPENED),
]

ORDER = "trình tự đánh giá, phân hạng: cấp "
RETURNED = "sản phẩm dưới 90 điểm ở trung ương: cấp tỉnh công nhận 3 sao, 4 sao hoặc đánh giá lại"
IN_WRITING = "công nhận lại: hội đồng cho ý kiến bằng văn bản, chỉ họp khi ý kiến khác nhau"
BANDS = "phân hạng sản phẩm theo điểm"
QUOTED = [
    # stage                    event                    target                    where the law says so; JUDGED: the order of the province or of a renewal
    ("registered",             "receive",               "commune_review",         ORDER + "xã"),
    ("commune_review",         "report",                "provincial_submission",  ORDER + "xã"),
    ("provincial_submission",  "submit",                "submitted",              ORDER + "xã"),
    ("submitted",              ROUTE,                   JUDGED,                   JUDGED),
    (JUDGED,                   "decide",                "provincial_decided",     JUDGED),
    ("provincial_decided",     ROUTE,                   "central_proposal",       ORDER + "tỉnh"),
    ("provincial_decided",     ROUTE,                   "provincial_recognition", ORDER + "tỉnh"),
    ("provincial_decided",     ROUTE,                   "not_ranked",             BANDS),
    ("provincial_recognition", "recognise",             "recognised",             ORDER + "tỉnh"),
    ("central_proposal",       "propose",               "proposed",               ORDER + "tỉnh"),
    ("central_proposal",       "forgo",                 "provincial_recognition", ORDER + "tỉnh"),
    ("proposed",               ROUTE,                   "central_evaluation",     ORDER + "trung ương"),
    ("central_evaluation",     "record_central_result", "central_decided",        ORDER + "trung ương"),
    ("central_decided",        ROUTE,                   "recognised",             ORDER + "trung ương"),
    ("central_decided",        ROUTE,                   "returned_to_province",   RETURNED),
    ("returned_to_province",   "decide",                "return_decided",         RETURNED),
    ("return_decided",         ROUTE,                   "provincial_recognition", RETURNED),
    ("return_decided",         ROUTE,                   "not_ranked",             BANDS),
    ("commune_review",         "request_supplement",    "commune_supplement",     ORDER + "xã"),
    ("commune_supplement",     "supplement",            "commune_review",         ORDER + "xã"),
    (JUDGED,                   "request_supplement",    WAITING,                  JUDGED),
    (WAITING,                  "supplement",            JUDGED,                   JUDGED),
]
# fmt: on


@BOTH
@pytest.mark.parametrize(("stage", "event", "mean", "stars", "returned", "target", "letter"), WAYS)
def test_a_dossier_goes_where_the_decision_of_2026_says(
    law: Procedure, stage: str, event: str, mean: str, stars: int | None, returned: bool, target: str, letter: Notice
) -> None:
    at = PLACES[law.key]
    facts = Facts(mean=Decimal(mean) if mean else None, stars_after_gates=stars, after_return=returned)
    taken = law.move(at.get(stage, stage), event, facts)
    assert isinstance(taken, Move)
    assert (taken.target, taken.letters) == (at.get(target, target), (letter,))


@BOTH
def test_every_row_but_supplements_and_endings_is_exercised_here(law: Procedure) -> None:
    at = PLACES[law.key]
    walked = {(at.get(stage, stage), event, at.get(target, target)) for stage, event, *_, target, _ in WAYS}
    others = {"request_supplement", "supplement", "retract", "disqualify", "carry_over"}
    assert {(move.source, move.event, move.target) for move in law.moves if move.event not in others} == walked


@BOTH
def test_each_row_quotes_the_place_in_the_decision_that_orders_it(law: Procedure) -> None:
    at = PLACES[law.key]
    ordered = {JUDGED: ORDER + "tỉnh" if law is QD26 else IN_WRITING}
    ours = {"annul", "retract", "disqualify", "carry_over"}
    assert {
        (move.source, move.event, move.target): (move.rule.document, move.rule.place)
        for move in law.moves
        if move.event not in ours and move.rule is not None
    } == {
        (at.get(stage, stage), event, at.get(target, target)): ("Quyết định 26/2026/QĐ-TTg", ordered.get(place, place))
        for stage, event, target, place in QUOTED
    }
    assert {move.rule and move.rule.place for move in law.moves if move.event == "disqualify"} == {BANDS}
    assert {row.rule.full_name for row in law.rows if row.rule and row.rule.document.startswith("Quyết định")} == {
        "Quyết định số 26/2026/QĐ-TTg của Thủ tướng Chính phủ, có hiệu lực từ ngày 22/5/2026"
    }


@BOTH
def test_only_the_ministry_sends_back_and_once_and_the_province_records_what_it_found(law: Procedure) -> None:
    assert [(move.source, move.target) for move in law.moves if move.back is Back.ONCE] == [
        ("central_decided", "returned_to_province")
    ]
    assert {row.event for row in law.rows if row.by is Level.PROVINCE} == {"record_central_result", "accept_late"}
    assert {row.by for row in law.rows} == {None, Level.PROVINCE}


@BOTH
def test_a_dossier_can_be_withdrawn_put_off_or_excluded_where_nobody_else_decides_on_it(law: Procedure) -> None:
    ends = {
        event: {move.source for move in law.moves if move.event == event}
        for event in ("retract", "disqualify", "carry_over")
    }
    judged = set(PLACES[law.key].values())
    filed = {"registered", "commune_review", "commune_supplement", "provincial_submission"}
    late = {"central_proposal", "returned_to_province", "provincial_recognition"}
    assert ends == {
        "retract": filed | judged | late,
        "disqualify": filed - {"registered"} | judged | late,
        "carry_over": filed | judged | {"submitted"},
    }


@BOTH
def test_a_stage_has_its_level_and_its_purpose(law: Procedure) -> None:
    at, renewal = PLACES[law.key], law is QD26_RENEWAL
    C, P, T = Level.COMMUNE, Level.PROVINCE, Level.CENTRAL
    # fmt: off
    assert [(s.key, s.level) for s in law.stages if not s.final] == [
        *((key, C) for key in ("registered", "commune_review", "commune_supplement", "provincial_submission", "submitted")),
        *((key, P) for key in (at[JUDGED], at[WAITING], "provincial_decided", "central_proposal", "proposed")),
        ("central_evaluation", T), ("central_decided", T),
        *((key, P) for key in ("returned_to_province", "return_decided", "provincial_recognition")),
    ]
    # fmt: on
    assert {s.key for s in law.stages if s.final} == {
        "recognised",
        "not_ranked",
        "retracted",
        "disqualified",
        "carried_over",
    }  # fmt: skip
    assert {s.key for s in law.stages if s.evaluates} == {at[JUDGED], "returned_to_province"}
    assert {s.key for s in law.stages if s.supplement} == {"commune_supplement", at[WAITING]}
    assert {s.key for s in law.stages if s.in_writing} == ({at[JUDGED]} if renewal else set())
    assert {s.key: s.falls_back_on for s in law.stages if s.falls_back_on} == {"returned_to_province": T}
    assert {s.key: s.awards_up_to for s in law.stages if s.awards_up_to} == {
        "provincial_recognition": 4,
        "central_evaluation": 5,
    }
    assert {s.key: s.result for s in law.stages if s.result} == {
        "provincial_decided": "result",
        "central_decided": "central",
        "return_decided": "after_return",
    }


def periods(law: Procedure) -> dict[str, tuple[OwnPeriod, str]]:
    """Return the periods that run for each dossier, and the place of the law that gives them."""
    return {s.key: (s.period, s.period.rule.place if s.period.rule else "") for s in law.stages if s.period}


def test_the_commune_has_fifteen_working_days_and_a_written_opinion_forty_five_days_of_the_calendar() -> None:
    (review, in_the_law), (back, nowhere) = periods(QD26)["commune_review"], periods(QD26)["returned_to_province"]
    assert (review.kind, review.met_by, review.days, review.working) == (
        PeriodKind.REVIEW, MetBy.LETTER_SENT, 15, True,
    )  # fmt: skip
    assert not review.from_complete, "a supplement does not begin it anew"
    assert in_the_law == "cấp xã đánh giá trong 15 ngày làm việc kể từ ngày nhận hồ sơ"
    assert (back.kind, back.met_by, back.setting, nowhere) == (
        PeriodKind.RETURN, MetBy.DECISION_SIGNED, "returned_to_province.working_days", "",
    )  # fmt: skip
    opinion, place = periods(QD26_RENEWAL)["written_opinion"]
    assert (opinion.kind, opinion.met_by, opinion.days, opinion.working, opinion.from_complete) == (
        PeriodKind.OPINION, MetBy.DECISION_SIGNED, 45, False, True,
    )  # fmt: skip
    assert place == "công nhận lại: không quá 45 ngày kể từ ngày có hồ sơ đầy đủ"
    assert periods(QD26_RENEWAL) == {**periods(QD26), "written_opinion": (opinion, place)}


@BOTH
def test_the_phases_are_named_after_who_has_the_dossier(law: Procedure) -> None:
    at = PLACES[law.key]
    assert law.phases == {
        "commune_review": ("registered", "commune_review", "commune_supplement"),
        "provincial_submission": ("provincial_submission", "submitted"),
        at[JUDGED]: (at[JUDGED], at[WAITING], "provincial_decided", "provincial_recognition"),
        "central_evaluation": ("central_proposal", "proposed", "central_evaluation", "central_decided"),
        "returned_to_province": ("returned_to_province", "return_decided"),
    }


def test_a_round_takes_every_dossier_and_the_rolling_way_renewals_alone() -> None:
    assert (QD26.kinds, QD26.rolling) == (frozenset(DossierKind), False)
    assert (QD26_RENEWAL.kinds, QD26_RENEWAL.rolling) == (frozenset({DossierKind.RE_RECOGNITION}), True)
    assert QD26.starts == QD26_RENEWAL.starts == {"commune": "registered"}
    assert (QD26.source.place, QD26_RENEWAL.source.place) == (
        "trình tự đánh giá, phân hạng",
        "công nhận lại sản phẩm",
    )
