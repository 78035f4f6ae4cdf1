"""From council members' totals to stars: exact means, half-open bands, gates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ocop.sources import Source

STAR_FLOORS: Mapping[int, Decimal] = {
    5: Decimal(90),
    4: Decimal(70),
    3: Decimal(50),
    2: Decimal(30),
    1: Decimal(0),
}
"""The least mean for each star, of 100 points; the bands are half-open upward (QĐ 148/QĐ-TTg, the same in QĐ 26/2026)."""

STAR_SOURCE = Source("148/QĐ-TTg", "Bộ tiêu chí, khung điểm và phân hạng", "Quyết định 148/QĐ-TTg ngày 24/02/2023")
LEAST_CERTIFIED_STAR = 3
"""One and two stars get no decision of recognition and no certificate."""

GATED_STARS = (3, 4, 5)
"""The stars for which a dossier must pass minimum requirements besides its points."""


def mean(totals: Sequence[Decimal]) -> Decimal:
    """Return the exact mean of members' totals, points of 100; raise ValueError when there are none.

    Twenty-eight digits are kept: totals carry at most three decimals, so no mean of a council can be mistaken for a
    band's floor.
    """
    if not totals:
        raise ValueError("a mean needs at least one total")
    return sum(totals, Decimal(0)) / len(totals)


def stars(mean_points: Decimal) -> int:
    """Return the star class for a council's exact mean, 1 to 5."""
    return next(star for star, floor in STAR_FLOORS.items() if mean_points >= floor)


@dataclass(frozen=True)
class Gate:
    """The outcome of one star's minimum requirements, with the reasons as typed."""

    star: int
    passed: bool
    reason: str = ""


def missing_gates(by_points: int, gates: Sequence[Gate]) -> tuple[int, ...]:
    """Return the stars up to `by_points` whose gate has no outcome yet."""
    known = {gate.star for gate in gates}
    return tuple(star for star in GATED_STARS if star <= by_points and star not in known)


def stars_after_gates(by_points: int, gates: Sequence[Gate]) -> int:
    """Return the highest star not above `by_points` whose gates, and those of the stars below it, all hold.

    The law names the gates but not what follows from a failed one: the next lower star that holds is our reading
    (docs/decisions/0005). With a failed 3-star gate the product is not ranked: 2 stars at most.
    """
    passed = {gate.star for gate in gates if gate.passed}
    held = min(by_points, LEAST_CERTIFIED_STAR - 1)
    for star in GATED_STARS:
        if star > by_points or star not in passed:
            break
        held = star
    return held


def spread(totals: Sequence[Decimal]) -> Decimal:
    """Return the distance between the highest and the lowest total, in points."""
    return max(totals) - min(totals)
