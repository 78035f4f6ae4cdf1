"""The grounds on which a certificate is revoked, and how long the issuing body has from the finding."""

from enum import StrEnum

from ocop.phrase import phrases
from ocop.procedures.qd26 import law

DECIDE_WITHIN_DAYS = 15
"""Days from the finding in which the issuing body decides."""
RULE = law("thu hồi giấy chứng nhận: cơ quan cấp quyết định trong 15 ngày kể từ khi phát hiện")


class Ground(StrEnum):
    """Why a certificate may be revoked: the six grounds of Decision 26/2026/QĐ-TTg."""

    FALSE_PAPERS = "false_papers"
    CRITERIA_NOT_MET = "criteria_not_met"
    BREACH_OF_LAW = "breach_of_law"
    MISUSE_OF_MARK = "misuse_of_mark"
    PRODUCTION_STOPPED = "production_stopped"
    OTHER_FINDING = "other_finding"

    @property
    def label(self) -> str:
        """The ground in Vietnamese."""
        return GROUND_LABELS[self]


GROUND_LABELS = phrases(
    {
        Ground.FALSE_PAPERS: "hồ sơ, giấy tờ giả mạo",
        Ground.CRITERIA_NOT_MET: "sản phẩm không còn đáp ứng tiêu chí",
        Ground.BREACH_OF_LAW: "vi phạm pháp luật",
        Ground.MISUSE_OF_MARK: "sử dụng sai biểu trưng, hạng sao",
        Ground.PRODUCTION_STOPPED: "ngừng sản xuất",
        Ground.OTHER_FINDING: "kết luận khác của cơ quan có thẩm quyền",
    }
)


class Outcome(StrEnum):
    """What became of a finding."""

    REVOKED = "revoked"
    KEPT = "kept"
    """The issuing body decided not to revoke."""
