"""The procedure of Decision 148/QĐ-TTg of 24/02/2023: commune, district, province, centre."""

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
    worth_four_stars,
    worth_the_province,
    worth_three_stars,
)
from ocop.procedures.rows import ENDED, PLAN, annulments, endings, from_four_stars_to_five, notes, supplements
from ocop.sources import Source

LAW = Source("Quyết định 148/QĐ-TTg", "Điều 1", "Quyết định số 148/QĐ-TTg ngày 24/02/2023 của Thủ tướng Chính phủ")


def _law(place: str) -> Source:
    return Source("Quyết định 148/QĐ-TTg", place, LAW.full_name)


AT_COMMUNE = _law("trình tự đánh giá, phân hạng: cấp xã")
AT_DISTRICT = _law("trình tự đánh giá, phân hạng: cấp huyện")
AT_PROVINCE = _law("trình tự đánh giá, phân hạng: cấp tỉnh")
AT_CENTRE = _law("trình tự đánh giá, phân hạng: cấp trung ương")
BANDS = _law("phân hạng sản phẩm theo điểm")

C, D, P, T = Level.COMMUNE, Level.DISTRICT, Level.PROVINCE, Level.CENTRAL

# fmt: off
STAGES = (
    Stage("registered",            C, "Đã đăng ký",                  "xã tiếp nhận hồ sơ"),
    Stage("filed_at_district",     D, "Đã nộp tại huyện",            "huyện tiếp nhận hồ sơ kèm báo cáo của xã"),
    Stage("commune_review",        C, "Xã đánh giá",                 "xã lập báo cáo đánh giá"),
    Stage("commune_supplement",    C, "Chờ bổ sung (xã)",            "chủ thể bổ sung hồ sơ", supplement=True),
    Stage("commune_reported",      C, "Xã đã báo cáo",               "chuyển hồ sơ lên huyện"),
    Stage("district_evaluation",   D, "Huyện đánh giá",              "hội đồng cấp huyện họp và huyện ký kết quả", evaluates=True),
    Stage("district_supplement",   D, "Chờ bổ sung (huyện)",         "chủ thể bổ sung hồ sơ", supplement=True),
    Stage("district_decided",      D, "Huyện đã có kết quả",         "phân luồng theo điểm", result="result"),
    Stage("provincial_submission", D, "Chờ gửi tỉnh",                "huyện ký danh sách gửi tỉnh"),
    Stage("submitted",             D, "Đã ký gửi tỉnh",              "chuyển hồ sơ lên tỉnh"),
    Stage("provincial_evaluation", P, "Tỉnh đánh giá",               "hội đồng cấp tỉnh họp và tỉnh ký kết quả", evaluates=True),
    Stage("provincial_supplement", P, "Chờ bổ sung (tỉnh)",          "chủ thể bổ sung hồ sơ", supplement=True),
    Stage("provincial_decided",    P, "Tỉnh đã có kết quả",          "phân luồng theo điểm", result="result"),
    Stage("returned_to_district",  D, "Tỉnh trả về huyện",           "huyện quyết định trong thẩm quyền", evaluates=True,
          basis_by_plan=True, period=OwnPeriod(PeriodKind.RETURN, MetBy.DECISION_SIGNED, setting="returned_to_district.working_days")),
    Stage("return_decided",        D, "Huyện đã quyết sau trả về",   "phân luồng theo kết quả", result="after_return"),
    Stage("district_recognition",  D, "Chờ huyện công nhận",         "huyện ký quyết định, cấp giấy chứng nhận 3 sao", awards_up_to=3),
    Stage("provincial_recognition", P, "Chờ tỉnh công nhận",         "tỉnh ký quyết định, cấp giấy chứng nhận 4 sao", awards_up_to=4),
    Stage("central_proposal",      P, "Chờ đề nghị trung ương",      "tỉnh ký đề nghị trung ương đánh giá 5 sao"),
    Stage("proposed",              P, "Đã ký đề nghị trung ương",    "chuyển hồ sơ lên trung ương"),
    Stage("central_evaluation",    T, "Trung ương đánh giá",         "tỉnh ghi kết quả của trung ương", awards_up_to=5),
    Stage("central_decided",       T, "Trung ương đã có kết quả",    "kết thúc theo kết quả của trung ương"),
    Stage("recognised",            P, "Đã công nhận",                final=True),
    Stage("not_ranked",            D, "Không phân hạng",             final=True),
    *ENDED,
)

MOVES = (
    #    event       from                      to                         when / letters / bound / rule
    Move("receive",  "registered",             "commune_review",          letters=(Notice.RECEIVED,), rule=AT_COMMUNE),
    Move("receive",  "filed_at_district",      "district_evaluation",     letters=(Notice.RECEIVED,), rule=AT_DISTRICT),
    Move("report",   "commune_review",         "commune_reported",        letters=(Notice.COMMUNE_REPORTED,), rule=AT_COMMUNE),
    Move(ROUTE,      "commune_reported",       "district_evaluation",     always, (Notice.FORWARDED_TO_DISTRICT,), rule=AT_DISTRICT),
    Move("decide",   "district_evaluation",    "district_decided",        letters=(Notice.DISTRICT_RESULT,), rule=AT_DISTRICT),
    Move(ROUTE,      "district_decided",       "provincial_submission",   worth_the_province, (Notice.SELECTED_FOR_PROVINCE,), rule=PLAN),
    Move(ROUTE,      "district_decided",       "district_recognition",    worth_three_stars, (Notice.TO_RECOGNISE,), rule=AT_DISTRICT),
    Move(ROUTE,      "district_decided",       "not_ranked",              always, (Notice.NOT_RANKED,), rule=BANDS),
    Move("submit",   "provincial_submission",  "submitted",               letters=(Notice.SENT_TO_PROVINCE,), rule=PLAN),
    Move("keep",     "provincial_submission",  "district_recognition",    letters=(Notice.KEPT_AT_DISTRICT,), rule=PLAN),
    Move(ROUTE,      "submitted",              "provincial_evaluation",   always, (Notice.ARRIVED_AT_PROVINCE,), rule=AT_PROVINCE),
    Move("decide",   "provincial_evaluation",  "provincial_decided",      letters=(Notice.PROVINCIAL_RESULT,), rule=AT_PROVINCE),
    Move(ROUTE,      "provincial_decided",     "provincial_recognition",  worth_four_stars, (Notice.TO_RECOGNISE,), rule=AT_PROVINCE),
    Move(ROUTE,      "provincial_decided",     "returned_to_district",    always, (Notice.RETURNED_TO_DISTRICT,), Back.ONCE, rule=PLAN),
    Move("decide",   "returned_to_district",   "return_decided",          letters=(Notice.RETURN_RESULT,), rule=PLAN),
    Move(ROUTE,      "return_decided",         "district_recognition",    worth_three_stars, (Notice.TO_RECOGNISE,), rule=AT_DISTRICT),
    Move(ROUTE,      "return_decided",         "not_ranked",              always, (Notice.NOT_RANKED,), rule=BANDS),
    Move("recognise", "district_recognition",  "recognised",              letters=(Notice.RECOGNISED,), rule=AT_DISTRICT),
    *from_four_stars_to_five(AT_PROVINCE, AT_CENTRE),

    *supplements((
        ("commune_review",        "commune_supplement",    AT_COMMUNE),
        ("district_evaluation",   "district_supplement",   AT_DISTRICT),
        ("provincial_evaluation", "provincial_supplement", AT_PROVINCE),
    )),
    *annulments((
        ("district_decided", "district_evaluation", always),
        ("provincial_submission", "district_evaluation", always),
        ("district_recognition", "returned_to_district", decided_after_return),
        ("district_recognition", "district_evaluation", always),
        ("not_ranked", "returned_to_district", decided_after_return),
        ("not_ranked", "district_evaluation", always),
        ("provincial_decided", "provincial_evaluation", always),
        ("provincial_recognition", "provincial_evaluation", always),
        ("returned_to_district", "provincial_evaluation", always),
        ("return_decided", "returned_to_district", always),
    )),
    *endings(
        retract=("registered", "filed_at_district", "commune_review", "commune_supplement", "commune_reported",
                 "district_evaluation", "district_supplement", "provincial_submission", "provincial_evaluation",
                 "provincial_supplement", "returned_to_district", "district_recognition", "provincial_recognition"),
        disqualify=("commune_review", "commune_supplement", "district_evaluation", "district_supplement",
                    "provincial_submission", "provincial_evaluation", "provincial_supplement", "returned_to_district",
                    "district_recognition", "provincial_recognition"),
        carry_over=("registered", "filed_at_district", "commune_review", "commune_supplement", "commune_reported",
                    "district_evaluation", "district_supplement", "provincial_submission", "submitted",
                    "provincial_evaluation", "provincial_supplement", "returned_to_district"),
        bands=BANDS,
    ),
)
# fmt: on

CERTIFIED = frozenset({"recognised", "central_proposal", "proposed", "central_evaluation", "central_decided"})
"""Where a product may hold a certificate of this dossier: its 4 stars stand while it is on its way to the centre."""

NOTES = notes(
    STAGES,
    evaluations={
        "district_evaluation": AT_DISTRICT,
        "provincial_evaluation": AT_PROVINCE,
        "returned_to_district": PLAN,
    },
    filing=AT_COMMUNE,
    certified=CERTIFIED,
    revoking=_law("thu hồi giấy chứng nhận"),
)

PHASES = {
    "commune_review": ("registered", "filed_at_district", "commune_review", "commune_supplement", "commune_reported"),
    "district_evaluation": ("district_evaluation", "district_supplement", "district_decided", "district_recognition"),
    "provincial_submission": ("provincial_submission", "submitted"),
    "provincial_evaluation": (
        "provincial_evaluation",
        "provincial_supplement",
        "provincial_decided",
        "provincial_recognition",
    ),
    "returned_to_district": ("returned_to_district", "return_decided"),
    "central_evaluation": ("central_proposal", "proposed", "central_evaluation", "central_decided"),
}

QD148 = Procedure(
    key="qd148",
    name="Quy trình theo Quyết định 148/QĐ-TTg năm 2023",
    source=LAW,
    starts={"commune": "registered", "district": "filed_at_district"},
    stages=STAGES,
    moves=MOVES,
    notes=NOTES,
    phases=PHASES,
)
"""Supplements stay with the level that asked; the province returns a dossier once; only a document annuls a result.

Re-evaluation after the centre does not exist here: a failure at the centre leaves the 4 stars as they are.
"""
