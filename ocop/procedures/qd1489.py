"""The procedure of Decision 148/QĐ-TTg as amended by Decision 1489/QĐ-TTg, in force from 06/7/2025: commune, province, centre."""

from ocop.levels import Level
from ocop.notices import Notice
from ocop.procedure import ROUTE, Move, Procedure, Stage, always, worth_three_stars
from ocop.procedures.rows import (
    ENDED,
    ON_THE_WAY_TO_THE_CENTRE,
    annulments,
    at_the_commune,
    endings,
    from_four_stars_to_five,
    notes,
    supplements,
    through_the_commune,
)
from ocop.sources import Source

LAW = Source(
    "Quyết định 1489/QĐ-TTg", "Điều 1",
    "Quyết định số 148/QĐ-TTg ngày 24/02/2023 của Thủ tướng Chính phủ, được sửa đổi, bổ sung bởi Quyết định số 1489/QĐ-TTg, "
    "có hiệu lực từ ngày 06/7/2025",
)  # fmt: skip


def _law(place: str) -> Source:
    return Source("Quyết định 1489/QĐ-TTg", place, LAW.full_name)


AT_COMMUNE = _law("trình tự đánh giá, phân hạng: cấp xã")
AT_PROVINCE = _law("trình tự đánh giá, phân hạng: cấp tỉnh")
AT_CENTRE = _law("trình tự đánh giá, phân hạng: cấp trung ương")
BANDS = Source("Quyết định 148/QĐ-TTg", "phân hạng sản phẩm theo điểm", LAW.full_name)

P, T = Level.PROVINCE, Level.CENTRAL

# fmt: off
STAGES = (
    *at_the_commune(),
    Stage("provincial_evaluation", P, "Tỉnh đánh giá",               "hội đồng cấp tỉnh họp và tỉnh ký kết quả", evaluates=True),
    Stage("provincial_supplement", P, "Chờ bổ sung (tỉnh)",          "chủ thể bổ sung hồ sơ", supplement=True),
    Stage("provincial_decided",    P, "Tỉnh đã có kết quả",          "phân luồng theo điểm", result="result"),
    Stage("provincial_recognition", P, "Chờ tỉnh công nhận",         "tỉnh ký quyết định, cấp giấy chứng nhận 3 sao hoặc 4 sao", awards_up_to=4),
    *ON_THE_WAY_TO_THE_CENTRE,
    Stage("central_decided",       T, "Trung ương đã có kết quả",    "kết thúc theo kết quả của trung ương"),
    Stage("recognised",            P, "Đã công nhận",                final=True),
    Stage("not_ranked",            P, "Không phân hạng",             final=True),
    *ENDED,
)

MOVES = (
    #    event       from                      to                         when / letters / bound / rule
    *through_the_commune("provincial_evaluation", AT_COMMUNE, AT_PROVINCE),
    Move("decide",   "provincial_evaluation",  "provincial_decided",      letters=(Notice.PROVINCIAL_RANKING,), rule=AT_PROVINCE),
    Move(ROUTE,      "provincial_decided",     "provincial_recognition",  worth_three_stars, (Notice.TO_RECOGNISE,), rule=AT_PROVINCE),
    Move(ROUTE,      "provincial_decided",     "not_ranked",              always, (Notice.NOT_RANKED,), rule=BANDS),
    *from_four_stars_to_five(AT_PROVINCE, AT_CENTRE),

    *supplements((
        ("commune_review",        "commune_supplement",    AT_COMMUNE),
        ("provincial_evaluation", "provincial_supplement", AT_PROVINCE),
    )),
    *annulments((
        ("provincial_decided", "provincial_evaluation", always),
        ("provincial_recognition", "provincial_evaluation", always),
        ("not_ranked", "provincial_evaluation", always),
    )),
    *endings(
        retract=("registered", "commune_review", "commune_supplement", "provincial_submission", "provincial_evaluation",
                 "provincial_supplement", "provincial_recognition"),
        disqualify=("commune_review", "commune_supplement", "provincial_submission", "provincial_evaluation",
                    "provincial_supplement", "provincial_recognition"),
        carry_over=("registered", "commune_review", "commune_supplement", "provincial_submission", "submitted",
                    "provincial_evaluation", "provincial_supplement"),
        bands=BANDS,
    ),
)
# fmt: on

CERTIFIED = frozenset({"recognised", "central_proposal", "proposed", "central_evaluation", "central_decided"})
"""Where a product may hold a certificate of this dossier: its 4 stars stand while it is on its way to the centre."""

PHASES = {
    "commune_review": ("registered", "commune_review", "commune_supplement"),
    "provincial_submission": ("provincial_submission", "submitted"),
    "provincial_evaluation": (
        "provincial_evaluation",
        "provincial_supplement",
        "provincial_decided",
        "provincial_recognition",
    ),
    "central_evaluation": ("central_proposal", "proposed", "central_evaluation", "central_decided"),
}

QD1489 = Procedure(
    key="qd1489",
    name="Quy trình theo Quyết định 148/QĐ-TTg năm 2023, sửa đổi bởi Quyết định 1489/QĐ-TTg năm 2025",
    source=LAW,
    starts={"commune": "registered"},
    stages=STAGES,
    moves=MOVES,
    notes=notes(
        STAGES,
        evaluations={"provincial_evaluation": AT_PROVINCE},
        filing=AT_COMMUNE,
        certified=CERTIFIED,
        revoking=Source("Quyết định 148/QĐ-TTg", "thu hồi giấy chứng nhận", LAW.full_name),
    ),
    phases=PHASES,
)
"""The province recognises 3 and 4 stars, so nothing is sent back; fewer than 3 stars is not ranked there.

A failure at the centre leaves the province's stars as they are.
"""
