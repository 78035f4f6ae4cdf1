"""The totals and gates of a council: which count, and what the council's regulation does not allow."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ocop import scoring
from ocop.errors import InvalidInput, NotPossibleNow
from ocop.plan_sections import Council
from ocop.scoring import GATED_STARS, Gate


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
        raise InvalidInput(
            "Mỗi thành viên hội đồng ghi tên và chỉ một dòng điểm.",
            "name each member of the council, with one line of points only",
        )
    if len(scores) > members:
        raise InvalidInput(
            f"Hội đồng có {members} thành viên nhưng ghi {len(scores)} dòng điểm.",
            f"the council has {members} members, but there are {len(scores)} lines of points",
        )
    voting = [score for score in scores if score.total is not None and not score.recused]
    for score in scores:
        if score.total is None and not score.recused.strip():
            raise InvalidInput(
                f"{score.member}: ghi điểm, hoặc lý do không tham gia chấm.",
                f"{score.member}: give the points, or why there are none",
            )
        if score.total is not None and not possible_points(score.total):
            raise InvalidInput(
                f"{score.member}: điểm {score.total} không hợp lệ; điểm từ 0 đến 100, nhiều nhất 3 chữ số thập phân.",
                f"{score.member}: points lie between 0 and 100 with at most three decimals",
            )
    recused = sum(1 for score in scores if score.recused)
    needed = council.quorum(members - recused)
    if len(voting) < max(needed, 1):
        raise NotPossibleNow(
            f"Phiên họp không đủ thành viên: cần {needed} trong {members - recused} người, chỉ có {len(voting)} phiếu.",
            f"the session has no quorum: {needed} of {members - recused} members are needed, only {len(voting)} gave points",
        )
    if council.chair_must_attend and not any(score.chair for score in voting):
        raise NotPossibleNow(
            "Chủ tịch hội đồng phải dự họp và chấm điểm.", "the chair of the council must attend and give points"
        )
    return [score.total for score in voting if score.total is not None]


def possible_points(total: Decimal) -> bool:
    """Return whether a member's total lies between 0 and 100 with at most three decimals."""
    if not total.is_finite():
        return False
    exponent = total.as_tuple().exponent
    return Decimal(0) <= total <= 100 and isinstance(exponent, int) and exponent >= -3


def check_gates(by_points: int, gates: Sequence[Gate]) -> None:
    """Refuse gates of no star or of one star twice, those that are missing up to the band, and a failed one without reason."""
    named = [gate.star for gate in gates]
    if len(set(named)) != len(named) or not set(named) <= set(GATED_STARS):
        raise InvalidInput(
            "Yêu cầu tối thiểu chỉ ghi cho mức 3, 4 và 5 sao, mỗi mức một dòng.",
            "gates are recorded for 3, 4 and 5 stars only, one line each",
        )
    if missing := scoring.missing_gates(by_points, gates):
        raise InvalidInput(
            f"Điểm đạt {by_points} sao nhưng chưa ghi kết quả yêu cầu tối thiểu của mức: "
            f"{', '.join(f'{star} sao' for star in missing)}.",
            f"the points reach {by_points} stars, but the gates of these stars are missing: {', '.join(map(str, missing))}",
        )
    if unexplained := [gate.star for gate in gates if not gate.passed and not gate.reason.strip()]:
        raise InvalidInput(
            f"Yêu cầu tối thiểu mức {unexplained[0]} sao không đạt nhưng chưa ghi lý do.",
            f"the gate of {unexplained[0]} stars was not passed, but no reason is given",
        )
