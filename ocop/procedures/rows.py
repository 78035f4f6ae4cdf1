"""Rows that procedures share: supplements, annulments, ways out before recognition, notes, and a way without districts."""

from collections.abc import Iterable, Mapping

from ocop.levels import Level
from ocop.notices import Notice
from ocop.procedure import ROUTE, Back, Condition, Move, Note, OwnPeriod, Stage, always, worth_the_centre
from ocop.sources import Source

PLAN = Source("Kế hoạch năm của UBND tỉnh", "phần đánh giá, phân hạng sản phẩm")


def ours(place: str) -> Source:
    """Return the source of a rule that no law gives."""
    return Source("Quy tắc của phần mềm", place, reading="mặc định, xem kế hoạch của chu trình")


ENDINGS = ours("kết thúc hồ sơ trước khi công nhận")
CORRECTIONS = ours("đính chính, thu hồi kết quả bằng văn bản")

C, P, T = Level.COMMUNE, Level.PROVINCE, Level.CENTRAL

# fmt: off
ENDED = (
    Stage("retracted",            C, "Chủ thể đã rút",              final=True),
    Stage("disqualified",         C, "Bị loại",                     final=True),
    Stage("carried_over",         C, "Chuyển kỳ sau",               final=True),
)
"""Where dossiers end that were never decided; they stay with whoever held them."""
ON_THE_WAY_TO_THE_CENTRE = (
    Stage("central_proposal",     P, "Chờ đề nghị trung ương",      "tỉnh ký đề nghị trung ương đánh giá 5 sao"),
    Stage("proposed",             P, "Đã ký đề nghị trung ương",    "chuyển hồ sơ lên trung ương"),
    Stage("central_evaluation",   T, "Trung ương đánh giá",         "tỉnh ghi kết quả của trung ương", awards_up_to=5),
)
"""The stages of a proposal to the centre; what follows its result is each procedure's own."""
# fmt: on


def at_the_commune(period: OwnPeriod | None = None) -> tuple[Stage, ...]:
    """Return the commune's stages where no district stands between it and the province."""
    return (
        Stage("registered", C, "Đã đăng ký", "xã tiếp nhận hồ sơ"),
        Stage("commune_review", C, "Xã đánh giá", "xã lập báo cáo đánh giá", period=period),
        Stage("commune_supplement", C, "Chờ bổ sung (xã)", "chủ thể bổ sung hồ sơ", supplement=True),
        Stage("provincial_submission", C, "Chờ gửi tỉnh", "xã ký văn bản đề nghị tỉnh đánh giá"),
        Stage("submitted", C, "Đã ký gửi tỉnh", "chuyển hồ sơ lên tỉnh"),
    )


def through_the_commune(first: str, at_commune: Source, at_province: Source) -> tuple[Move, ...]:
    """Return the rows from filing to the province's first stage: received, reported on, sent with a signed letter."""
    return (
        Move("receive", "registered", "commune_review", letters=(Notice.RECEIVED,), rule=at_commune),
        Move("report", "commune_review", "provincial_submission", letters=(Notice.COMMUNE_REPORTED,), rule=at_commune),
        Move("submit", "provincial_submission", "submitted", letters=(Notice.SENT_TO_PROVINCE,), rule=at_commune),
        Move(ROUTE, "submitted", first, always, (Notice.ARRIVED_AT_PROVINCE,), rule=at_province),
    )


def from_four_stars_to_five(at_province: Source, at_centre: Source) -> tuple[Move, ...]:
    """Return the rows of the laws until 2026: the province recognises 4 stars, and proposes who may get 5 to the centre."""
    # fmt: off
    return (
        Move("recognise", "provincial_recognition", "central_proposal",       worth_the_centre, (Notice.RECOGNISED,), rule=at_province),
        Move("recognise", "provincial_recognition", "recognised",             letters=(Notice.RECOGNISED,), rule=at_province),
        Move("propose",  "central_proposal",       "proposed",                letters=(Notice.PROPOSED_TO_CENTRE,), rule=at_province),
        Move("forgo",    "central_proposal",       "recognised",              letters=(Notice.NOT_PROPOSED,), rule=at_province),
        Move(ROUTE,      "proposed",               "central_evaluation",      always, (Notice.ARRIVED_AT_CENTRE,), rule=at_centre),
        Move("record_central_result", "central_evaluation", "central_decided", letters=(Notice.CENTRAL_RESULT,), by=P, rule=at_centre),
        Move(ROUTE,      "central_decided",        "recognised",              always, (Notice.CENTRAL_COMPLETED,), rule=at_centre),
    )
    # fmt: on


def supplements(places: Iterable[tuple[str, str, Source]]) -> tuple[Move, ...]:
    """Return the rows of supplements: for each (stage, stage that waits for the producer, rule) there, then each back."""
    places = tuple(places)
    return (
        *(
            Move("request_supplement", stage, waiting, letters=(Notice.RETURNED_FOR_COMPLETION,), rule=rule)
            for stage, waiting, rule in places
        ),
        *(
            Move("supplement", waiting, stage, always, (Notice.SUPPLEMENTED,), Back.SUPPLEMENT, rule=rule)
            for stage, waiting, rule in places
        ),
    )


def annulments(ways: Iterable[tuple[str, str, Condition]]) -> tuple[Move, ...]:
    """Return the rows by which a document annuls a result: (stage, stage where it is found anew, condition)."""
    return tuple(
        Move("annul", stage, target, when, (Notice.REOPENED,), Back.DOCUMENT, rule=CORRECTIONS)
        for stage, target, when in ways
    )


def endings(
    retract: Iterable[str], disqualify: Iterable[str], carry_over: Iterable[str], bands: Source
) -> tuple[Move, ...]:
    """Return the rows by which a dossier ends before its recognition, each from the stages named."""
    ways = (
        ("retract", "retracted", Notice.RETRACTED, retract, ENDINGS),
        ("disqualify", "disqualified", Notice.DISQUALIFIED, disqualify, bands),
        ("carry_over", "carried_over", Notice.CARRIED_OVER, carry_over, ENDINGS),
    )
    return tuple(
        Move(event, stage, target, letters=(notice,), rule=rule)
        for event, target, notice, stages, rule in ways
        for stage in stages
    )


def notes(
    stages: Iterable[Stage],
    evaluations: Mapping[str, Source],
    filing: Source,
    certified: Iterable[str],
    revoking: Source,
) -> tuple[Note, ...]:
    """Return the events that leave a dossier where it is.

    `evaluations` gives the rule of each stage with a council; `certified` the stages at which a product may hold a
    certificate of its dossier.
    """
    stages = tuple(stages)
    unfinished, everywhere = frozenset(s.key for s in stages if not s.final), frozenset(s.key for s in stages)
    return (
        *(Note("evaluate", frozenset({stage}), rule=rule) for stage, rule in evaluations.items()),
        Note("add_evidence", unfinished, rule=filing),
        Note("waive_evidence", unfinished, (), rule=ours("tài liệu minh chứng hết hạn")),
        Note("accept_late", unfinished, (Notice.ACCEPTED_LATE,), P, ours("chấp nhận hồ sơ muộn")),
        Note("correct", everywhere, (Notice.CORRECTED,), rule=CORRECTIONS),
        Note("complain", everywhere, (Notice.COMPLAINT_RECEIVED,), rule=ours("kiến nghị của chủ thể")),
        Note("answer_complaint", everywhere, (Notice.COMPLAINT_ANSWERED,), rule=ours("kiến nghị của chủ thể")),
        Note("revoke", frozenset(certified), rule=revoking),
    )
