"""The procedure of Decision 26/2026/QĐ-TTg, in force from 22/5/2026, for the rounds: commune, province, ministry."""

from ocop.levels import Level
from ocop.notices import Notice
from ocop.procedure import (
    ROUTE,
    Back,
    MetBy,
    Move,
    OwnPeriod,
    PeriodKind,
    Procedure,
    Stage,
    always,
    decided_after_return,
    worth_five_stars,
    worth_the_centre,
    worth_three_stars,
)
from ocop.procedures.rows import (
    ENDED,
    ON_THE_WAY_TO_THE_CENTRE,
    annulments,
    at_the_commune,
    endings,
    notes,
    supplements,
    through_the_commune,
)
from ocop.sources import Source

FULL_NAME = "Quyết định số 26/2026/QĐ-TTg của Thủ tướng Chính phủ, có hiệu lực từ ngày 22/5/2026"


def law(place: str, reading: str = "") -> Source:
    """Return the source of a rule of Decision 26/2026, with our reading where the text does not say it."""
    return Source("Quyết định 26/2026/QĐ-TTg", place, FULL_NAME, reading)


LAW = law("trình tự đánh giá, phân hạng")
AT_COMMUNE = law("trình tự đánh giá, phân hạng: cấp xã")
AT_PROVINCE = law("trình tự đánh giá, phân hạng: cấp tỉnh")
AT_CENTRE = law("trình tự đánh giá, phân hạng: cấp trung ương")
AFTER_THE_CENTRE = law("sản phẩm dưới 90 điểm ở trung ương: cấp tỉnh công nhận 3 sao, 4 sao hoặc đánh giá lại")
BANDS = law("phân hạng sản phẩm theo điểm")
REVOKING = law("thu hồi giấy chứng nhận")

P, T = Level.PROVINCE, Level.CENTRAL

COMMUNE_PERIOD = OwnPeriod(
    PeriodKind.REVIEW,
    MetBy.LETTER_SENT,
    days=15,
    rule=law("cấp xã đánh giá trong 15 ngày làm việc kể từ ngày nhận hồ sơ"),
    from_complete=False,
)
RETURN_PERIOD = OwnPeriod(PeriodKind.RETURN, MetBy.DECISION_SIGNED, setting="returned_to_province.working_days")

# fmt: off
FROM_THE_PROVINCES_RESULT = (
    Stage("provincial_decided",    P, "Tỉnh đã có kết quả",          "phân luồng theo điểm", result="result"),
    *ON_THE_WAY_TO_THE_CENTRE,
    Stage("central_decided",       T, "Trung ương đã có kết quả",    "phân luồng theo kết quả của trung ương", result="central"),
    Stage("returned_to_province",  P, "Trung ương trả về tỉnh",      "tỉnh quyết định theo kết quả của trung ương hoặc đánh giá lại",
          evaluates=True, falls_back_on=T, period=RETURN_PERIOD),
    Stage("return_decided",        P, "Tỉnh đã quyết sau trả về",    "phân luồng theo kết quả", result="after_return"),
    Stage("provincial_recognition", P, "Chờ tỉnh công nhận",         "tỉnh ký quyết định, cấp giấy chứng nhận 3 sao hoặc 4 sao", awards_up_to=4),
    Stage("recognised",            P, "Đã công nhận",                final=True),
    Stage("not_ranked",            P, "Không phân hạng",             final=True),
    *ENDED,
)
"""What follows the province's council, in a round and in re-recognition alike."""

STAGES = (
    *at_the_commune(COMMUNE_PERIOD),
    Stage("provincial_evaluation", P, "Tỉnh đánh giá",               "hội đồng cấp tỉnh họp và tỉnh ký kết quả", evaluates=True),
    Stage("provincial_supplement", P, "Chờ bổ sung (tỉnh)",          "chủ thể bổ sung hồ sơ", supplement=True),
    *FROM_THE_PROVINCES_RESULT,
)


def moves_of(judged: str, waiting: str, at_province: Source) -> tuple[Move, ...]:
    """Return the rows of a way whose province judges at one stage and waits for supplements at another.

    90 points and more go to the ministry before anybody recognises them; under 90 there the province decides once, on the
    central result or on a new session of its own.
    """
    return (
        #    event       from                      to                         when / letters / bound / rule
        *through_the_commune(judged, AT_COMMUNE, at_province),
        Move("decide",   judged,                   "provincial_decided",      letters=(Notice.PROVINCIAL_RANKING,), rule=at_province),
        Move(ROUTE,      "provincial_decided",     "central_proposal",        worth_the_centre, (Notice.SELECTED_FOR_MINISTRY,), rule=AT_PROVINCE),
        Move(ROUTE,      "provincial_decided",     "provincial_recognition",  worth_three_stars, (Notice.TO_RECOGNISE,), rule=AT_PROVINCE),
        Move(ROUTE,      "provincial_decided",     "not_ranked",              always, (Notice.NOT_RANKED,), rule=BANDS),
        Move("recognise", "provincial_recognition", "recognised",             letters=(Notice.RECOGNISED,), rule=AT_PROVINCE),
        Move("propose",  "central_proposal",       "proposed",                letters=(Notice.PROPOSED_TO_MINISTRY,), rule=AT_PROVINCE),
        Move("forgo",    "central_proposal",       "provincial_recognition",  letters=(Notice.NOT_PROPOSED_TO_MINISTRY,), rule=AT_PROVINCE),
        Move(ROUTE,      "proposed",               "central_evaluation",      always, (Notice.ARRIVED_AT_MINISTRY,), rule=AT_CENTRE),
        Move("record_central_result", "central_evaluation", "central_decided", letters=(Notice.MINISTRY_RESULT,), by=P, rule=AT_CENTRE),
        Move(ROUTE,      "central_decided",        "recognised",              worth_five_stars, (Notice.CENTRAL_COMPLETED,), rule=AT_CENTRE),
        Move(ROUTE,      "central_decided",        "returned_to_province",    always, (Notice.RETURNED_TO_PROVINCE,), Back.ONCE, rule=AFTER_THE_CENTRE),
        Move("decide",   "returned_to_province",   "return_decided",          letters=(Notice.RESULT_AFTER_MINISTRY,), rule=AFTER_THE_CENTRE),
        Move(ROUTE,      "return_decided",         "provincial_recognition",  worth_three_stars, (Notice.TO_RECOGNISE,), rule=AFTER_THE_CENTRE),
        Move(ROUTE,      "return_decided",         "not_ranked",              always, (Notice.NOT_RANKED,), rule=BANDS),

        *supplements((
            ("commune_review", "commune_supplement", AT_COMMUNE),
            (judged,           waiting,              at_province),
        )),
        *annulments((
            ("provincial_decided", judged, always),
            ("central_proposal", judged, always),
            ("provincial_recognition", "returned_to_province", decided_after_return),
            ("provincial_recognition", judged, always),
            ("not_ranked", "returned_to_province", decided_after_return),
            ("not_ranked", judged, always),
            ("return_decided", "returned_to_province", always),
        )),
        *endings(
            retract=("registered", "commune_review", "commune_supplement", "provincial_submission", judged, waiting,
                     "central_proposal", "returned_to_province", "provincial_recognition"),
            disqualify=("commune_review", "commune_supplement", "provincial_submission", judged, waiting,
                        "central_proposal", "returned_to_province", "provincial_recognition"),
            carry_over=("registered", "commune_review", "commune_supplement", "provincial_submission", "submitted",
                        judged, waiting),
            bands=BANDS,
        ),
    )
# fmt: on


COMMUNE_PHASES = {
    "commune_review": ("registered", "commune_review", "commune_supplement"),
    "provincial_submission": ("provincial_submission", "submitted"),
}
LATER_PHASES = {
    "central_evaluation": ("central_proposal", "proposed", "central_evaluation", "central_decided"),
    "returned_to_province": ("returned_to_province", "return_decided"),
}

QD26 = Procedure(
    key="qd26",
    name="Quy trình theo đợt của Quyết định 26/2026/QĐ-TTg",
    source=LAW,
    starts={"commune": "registered"},
    stages=STAGES,
    moves=moves_of("provincial_evaluation", "provincial_supplement", AT_PROVINCE),
    notes=notes(
        STAGES,
        evaluations={"provincial_evaluation": AT_PROVINCE, "returned_to_province": AFTER_THE_CENTRE},
        filing=AT_COMMUNE,
        certified=("recognised",),
        revoking=REVOKING,
    ),
    phases={
        **COMMUNE_PHASES,
        "provincial_evaluation": (
            "provincial_evaluation",
            "provincial_supplement",
            "provincial_decided",
            "provincial_recognition",
        ),
        **LATER_PHASES,
    },
)
"""One cycle is one round: the plan of the round gives its dates."""
