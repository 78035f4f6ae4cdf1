"""From one procedure to another while dossiers are on their way: the image of each stage, and whose date holds there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ocop.law_dates import IN_FORCE
from ocop.procedure import Condition, Facts, always, decided_after_return
from ocop.procedures.qd26 import law
from ocop.sources import Source

CHANGE = "change_procedure"
"""The event of a dossier that goes over to another procedure."""


@dataclass(frozen=True)
class Image:
    """Where a dossier that stands at a stage of the old procedure goes on under the new one."""

    source: str
    target: str
    when: Condition = always


@dataclass(frozen=True)
class Transition:
    """A way from one procedure to another; a stage without a row has no image, and the change is refused over it."""

    source: str
    target: str
    rule: Source
    from_day: date
    """The day on which the new procedure comes into force."""
    images: tuple[Image, ...]
    dates: Mapping[str, str] = field(default_factory=dict)
    """For stages of the new procedure, the stage of the old one whose date in force holds there from now on."""

    def image(self, stage: str, facts: Facts) -> str | None:
        """Return the stage at which a dossier goes on, or None where the table has no row for it."""
        found = (image.target for image in self.images if image.source == stage and image.when(facts))
        return next(found, None)


_AMENDMENT = (
    "Quyết định số 1489/QĐ-TTg sửa đổi, bổ sung Quyết định số 148/QĐ-TTg, có hiệu lực từ ngày 06/7/2025: bỏ cấp huyện, "
    "cấp tỉnh công nhận 3 sao và 4 sao"
)

# fmt: off
TO_QD1489 = Transition(
    "qd148", "qd1489",
    Source("Quyết định 1489/QĐ-TTg", "chuyển tiếp: cấp tỉnh thay cấp huyện đánh giá, công nhận 3 sao", _AMENDMENT,
           reading="văn bản không nêu từng bước; bảng đối chiếu bước là quy tắc của phần mềm"),
    IN_FORCE["qd1489"].first,
    (
        # stage under 148           goes on at
        Image("registered",             "registered"),
        Image("filed_at_district",      "provincial_submission"),
        Image("commune_review",         "commune_review"),
        Image("commune_supplement",     "commune_supplement"),
        Image("commune_reported",       "provincial_submission"),
        Image("district_evaluation",    "provincial_evaluation"),
        Image("district_supplement",    "provincial_supplement"),
        Image("district_decided",       "provincial_evaluation"),
        Image("provincial_submission",  "provincial_evaluation"),
        Image("submitted",              "provincial_evaluation"),
        Image("provincial_evaluation",  "provincial_evaluation"),
        Image("provincial_supplement",  "provincial_supplement"),
        Image("provincial_decided",     "provincial_decided"),
        # The province has judged it already: nothing goes back any more, its own result is carried out.
        Image("returned_to_district",   "provincial_decided"),
        Image("return_decided",         "provincial_decided"),
        Image("district_recognition",   "provincial_decided", decided_after_return),
        # Only the district has: the province awards on a result of its own council.
        Image("district_recognition",   "provincial_evaluation"),
        Image("provincial_recognition", "provincial_recognition"),
        Image("central_proposal",       "central_proposal"),
        Image("proposed",               "proposed"),
        Image("central_evaluation",     "central_evaluation"),
        Image("central_decided",        "central_decided"),
    ),
    # The plan's dates for districts bind nobody any more; a commune sends in time for the province's council.
    {"provincial_submission": "provincial_evaluation"},
)
TO_QD26 = Transition(
    "qd1489", "qd26",
    law("điều khoản chuyển tiếp",
        reading="hồ sơ nộp trước 22/5/2026 được làm tiếp theo quy định cũ 60 ngày; bảng này cho hồ sơ chuyển sang quy định mới"),
    IN_FORCE["qd26"].first,
    tuple(Image(stage, stage) for stage in (
        "registered", "commune_review", "commune_supplement", "provincial_submission", "submitted",
        "provincial_evaluation", "provincial_supplement", "provincial_decided", "provincial_recognition",
        "central_proposal", "proposed", "central_evaluation", "central_decided",
    )),
)
# fmt: on

TRANSITIONS: tuple[Transition, ...] = (TO_QD1489, TO_QD26)


def between(source: str, target: str) -> Transition | None:
    """Return the way from one procedure to another, or None."""
    return next((way for way in TRANSITIONS if (way.source, way.target) == (source, target)), None)
