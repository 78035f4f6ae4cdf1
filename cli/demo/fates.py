"""What becomes of each invented dossier: a table of fates, dealt out alike for one seed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from random import Random

from casework.ballots import Score
from casework.submission import KeptBecause
from ocop.scoring import GATED_STARS, Gate

Span = tuple[int, int]
"""From and to, in hundredths of a point: a council's mean lies in it."""


class Twist(StrEnum):
    """What happens to a dossier on its way besides being judged."""

    COMMUNE_SUPPLEMENT = "commune_supplement"
    DISTRICT_SUPPLEMENT = "district_supplement"
    PROVINCE_SUPPLEMENT = "province_supplement"
    SCORED_AGAIN = "scored_again"
    """The first ballot's totals lie too far apart."""
    ANNULLED = "annulled"
    """The district annuls its result by a document and judges again."""
    ANNULLED_AT_PROVINCE = "annulled_at_province"
    ANNULLED_AFTER_RETURN = "annulled_after_return"
    CORRECTED = "corrected"
    """The number of a recognition is rectified."""
    COMPLAINS = "complains"
    COMPLAINS_UNANSWERED = "complains_unanswered"
    ACCEPTED_LATE = "accepted_late"
    """Sent after the deadline, which the province allows by a document."""
    CENTRE_PASSES = "centre_passes"
    CENTRE_FAILS = "centre_fails"
    AT_CENTRE = "at_centre"
    FORGONE = "forgone"


@dataclass(frozen=True)
class Fate:
    """One row of the table: how many dossiers, what the councils find, and what else happens."""

    number: int
    district: Span | None = None
    province: Span | None = None
    """None: it does not go to the province."""
    failed: Mapping[int, str] = field(default_factory=dict)
    """Stars whose minimum requirements the last council finds failed, with the reason as typed."""
    kept: KeptBecause | None = None
    twist: Twist | None = None
    ends: tuple[str, str] | None = None
    """The stage that it leaves before its way is done, and the act by which it does."""


LOW, THREE, HIGH, TOP = (3100, 4990), (5000, 6980), (7000, 8800), (9050, 9600)
PLAIN = Fate(0, THREE)
"""What befalls a product that no other fate is dealt to."""
NO_REPORT = "chưa có phiếu kiểm nghiệm đủ chỉ tiêu"
NO_SYSTEM = "chưa có chứng nhận hệ thống quản lý chất lượng"

# fmt: off
FIVE_STARS = (
    Fate(1, TOP, TOP, twist=Twist.CENTRE_PASSES),
    Fate(1, TOP, TOP, twist=Twist.CENTRE_FAILS),
    Fate(1, TOP, TOP, twist=Twist.AT_CENTRE),
)
"""The upgrades of products that hold 4 stars."""

OTHERS = (
    Fate(9,  LOW),
    Fate(3,  THREE, failed={3: NO_REPORT}),
    Fate(18, THREE),
    Fate(3,  THREE, twist=Twist.COMMUNE_SUPPLEMENT),
    Fate(2,  THREE, twist=Twist.DISTRICT_SUPPLEMENT),
    Fate(2,  THREE, twist=Twist.SCORED_AGAIN),
    Fate(1,  THREE, twist=Twist.ANNULLED),
    Fate(1,  LOW,   twist=Twist.ANNULLED),
    Fate(1,  HIGH,  kept=KeptBecause.NOT_SELECTED, twist=Twist.ANNULLED),
    Fate(1,  HIGH, HIGH,  twist=Twist.ANNULLED_AT_PROVINCE),
    Fate(1,  HIGH, THREE, twist=Twist.ANNULLED_AT_PROVINCE),
    Fate(1,  HIGH, THREE, twist=Twist.ANNULLED_AFTER_RETURN),
    Fate(1,  HIGH, LOW,   twist=Twist.ANNULLED_AFTER_RETURN),
    Fate(1,  THREE, twist=Twist.CORRECTED),
    Fate(1,  LOW,   twist=Twist.COMPLAINS),
    Fate(1,  THREE, twist=Twist.COMPLAINS_UNANSWERED),
    Fate(3,  HIGH, failed={4: NO_SYSTEM}),
    Fate(3,  HIGH, kept=KeptBecause.NOT_SELECTED),
    Fate(2,  HIGH, kept=KeptBecause.DECLINED),
    Fate(2,  HIGH, kept=KeptBecause.NOT_SENT),
    Fate(24, HIGH, HIGH),
    Fate(2,  HIGH, HIGH, twist=Twist.PROVINCE_SUPPLEMENT),
    Fate(1,  HIGH, HIGH, twist=Twist.ACCEPTED_LATE),
    Fate(2,  HIGH, TOP,  twist=Twist.FORGONE),
    Fate(8,  HIGH, THREE),
    Fate(2,  HIGH, LOW),
    Fate(1,  HIGH, THREE, failed={3: NO_REPORT}),
    *(Fate(1, district, province, ends=(stage, act)) for stage, district, province, acts in (
        ("registered",             None,  None,  ("retract", "carry-over")),
        ("commune_review",         None,  None,  ("retract", "disqualify", "carry-over")),
        ("commune_supplement",     None,  None,  ("retract", "disqualify", "carry-over")),
        ("district_evaluation",    THREE, None,  ("retract", "disqualify", "carry-over")),
        ("district_supplement",    THREE, None,  ("retract", "disqualify", "carry-over")),
        ("district_recognition",   THREE, None,  ("retract", "disqualify")),
        ("provincial_submission",  HIGH,  None,  ("retract", "disqualify", "carry-over")),
        ("provincial_evaluation",  HIGH,  HIGH,  ("retract", "disqualify", "carry-over")),
        ("provincial_supplement",  HIGH,  HIGH,  ("retract", "disqualify", "carry-over")),
        ("provincial_recognition", HIGH,  HIGH,  ("retract", "disqualify")),
        ("returned_to_district",   HIGH,  THREE, ("retract", "disqualify", "carry-over")),
    ) for act in acts),
)
"""All the rest; what is left over when these are dealt is judged as three stars."""
# fmt: on


def deal(chance: Random, codes: Sequence[str], to_five: Sequence[str], twice: Collection[str]) -> dict[str, Fate]:
    """Return the fate of each product by its code.

    `to_five` are those whose producer asks for five stars; `twice` those that a district's council
    can judge in its first session and again in its second.
    """
    dealt = dict(zip(to_five, FIVE_STARS, strict=True))
    cards = [fate for fate in OTHERS for _ in range(fate.number)]
    others = [code for code in codes if code not in dealt]
    cards += [PLAIN] * (len(others) - len(cards))
    chance.shuffle(cards)
    again = [card for card in cards if card.twist is Twist.ANNULLED]
    dealt |= dict(zip([code for code in others if code in twice], again, strict=False))
    left = [code for code in others if code not in dealt]
    return dealt | dict(zip(left, [card for card in cards if card.twist is not Twist.ANNULLED], strict=True))


COUNCIL = 7
"""Members of each invented council."""
_APART = (Decimal("3.5"), Decimal(-3), Decimal(2), Decimal("-1.5"), Decimal(1), Decimal(-2), Decimal(0))
"""How far the members lie from the mean; the sum is zero, the spread below ten points."""
_TOO_FAR = (Decimal(7), Decimal(-6), Decimal(2), Decimal(-3), Decimal(1), Decimal(-1), Decimal(0))


def ballot(chance: Random, span: Span, *, too_far: bool = False) -> list[Score]:
    """Return the totals of a full council whose mean lies in a span."""
    mean = Decimal(chance.randint(*span)) / 100
    apart = _TOO_FAR if too_far else _APART
    return [
        Score(f"Ủy viên {number} (mô phỏng)", mean + away, chair=number == 1)
        for number, away in enumerate(apart, start=1)
    ]


def gates(failed: Mapping[int, str]) -> list[Gate]:
    """Return the outcome of the minimum requirements of all three stars."""
    return [Gate(star, star not in failed, failed.get(star, "")) for star in GATED_STARS]
