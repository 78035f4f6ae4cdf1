"""The totals of a council's members: which count, and what the council's regulation does not allow."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ocop.errors import InvalidInput, NotPossibleNow
from ocop.plan_sections import Council


@dataclass(frozen=True)
class Score:
    """One council member's total of a dossier, points of 100; a recused member has a reason and no total."""

    member: str
    total: Decimal | None = None
    chair: bool = False
    recused: str = ""


def counted_totals(council: Council, members: int, scores: Sequence[Score]) -> list[Decimal]:
    """Return the totals that count; refuse what the council's regulation does not allow."""
    names = [score.member.strip() for score in scores]
    if len(set(names)) != len(names) or not all(names):
        raise InvalidInput("Mỗi thành viên hội đồng ghi tên và chỉ một dòng điểm.", "members must be named once")
    if len(scores) > members:
        raise InvalidInput(
            f"Hội đồng có {members} thành viên nhưng ghi {len(scores)} dòng điểm.", "more scores than members"
        )
    voting = [score for score in scores if score.total is not None and not score.recused]
    for score in scores:
        if score.total is None and not score.recused.strip():
            raise InvalidInput(
                f"{score.member}: ghi điểm, hoặc lý do không tham gia chấm.", "a total or a reason is needed"
            )
        if score.total is not None and (not Decimal(0) <= score.total <= 100 or score.total.as_tuple().exponent < -3):  # type: ignore[operator]
            raise InvalidInput(
                f"{score.member}: điểm {score.total} không hợp lệ; điểm từ 0 đến 100, nhiều nhất 3 chữ số thập phân.",
                "totals lie between 0 and 100 with at most three decimals",
            )
    recused = sum(1 for score in scores if score.recused)
    needed = council.quorum(members - recused)
    if len(voting) < max(needed, 1):
        raise NotPossibleNow(
            f"Phiên họp không đủ thành viên: cần {needed} trong {members - recused} người, chỉ có {len(voting)} phiếu.",
            f"quorum is {needed}, got {len(voting)}",
        )
    if council.chair_must_attend and not any(score.chair for score in voting):
        raise NotPossibleNow("Chủ tịch hội đồng phải dự họp và chấm điểm.", "the chair must take part")
    return [score.total for score in voting if score.total is not None]
