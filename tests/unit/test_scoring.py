"""Exact means, half-open bands and gates: what a council's points are worth in stars."""

from decimal import Decimal

import pytest

from ocop.scoring import (
    GATED_STARS,
    STAR_FLOORS,
    STAR_SOURCE,
    Gate,
    mean,
    missing_gates,
    spread,
    stars,
    stars_after_gates,
)
from ocop.text import points


def decimals(*values: str) -> list[Decimal]:
    """Return exact numbers."""
    return [Decimal(value) for value in values]


@pytest.mark.parametrize(
    ("mean_points", "star"),
    [
        ("0", 1),
        ("29", 1),
        ("29.999", 1),
        ("30", 2),
        ("49", 2),
        ("49.995", 2),
        ("49.9999999999999999999999999", 2),
        ("50", 3),
        ("69", 3),
        ("69.95", 3),  # printed as 69,95 and not rounded to 70
        ("69.995", 3),
        ("69.99999999999999999999999999", 3),
        ("70", 4),
        ("70.000", 4),
        ("89", 4),
        ("89.999", 4),
        ("90", 5),
        ("100", 5),
    ],
)
def test_a_band_begins_at_its_floor_and_ends_before_the_next(mean_points: str, star: int) -> None:
    assert stars(Decimal(mean_points)) == star


def test_the_floors_are_those_of_the_law_and_fall() -> None:
    assert dict(STAR_FLOORS) == {5: 90, 4: 70, 3: 50, 2: 30, 1: 0}
    assert list(STAR_FLOORS.values()) == sorted(STAR_FLOORS.values(), reverse=True)
    assert "148/QĐ-TTg" in str(STAR_SOURCE)


@pytest.mark.parametrize(
    ("totals", "exact"),
    [
        (("70", "70", "69.85"), "69.95"),
        (("69.99", "70", "70.01"), "70"),
        (("50", "50", "49.985"), "49.995"),
        (("90", "89.997", "90"), "89.999"),
        (("0.1", "0.2"), "0.15"),  # floats would make it 0.15000000000000002
        (("100",), "100"),
        (("0", "0", "0"), "0"),
    ],
)
def test_the_mean_of_members_totals_is_exact(totals: tuple[str, ...], exact: str) -> None:
    found = mean(decimals(*totals))
    assert isinstance(found, Decimal)
    assert found == Decimal(exact)


@pytest.mark.parametrize(
    ("totals", "star", "shown"),
    [
        (("70", "70", "69"), 3, "69,66"),  # 69 and two thirds
        (("70", "70", "69.999"), 3, "69,99"),  # a third of a thousandth short
        (("50", "50", "49.999"), 2, "49,99"),
        (("90", "90", "89.999"), 4, "89,99"),
        (("70", "71", "70"), 4, "70,33"),  # 70 and a third
        (("70", "70", "70"), 4, "70,00"),
    ],
)
def test_a_mean_that_no_decimal_holds_is_never_rounded_into_a_band(
    totals: tuple[str, ...], star: int, shown: str
) -> None:
    found = mean(decimals(*totals))
    assert stars(found) == star
    assert points(found) == shown, "printed digits are cut, so that they never name a floor that was not reached"


def test_a_mean_needs_at_least_one_total() -> None:
    with pytest.raises(ValueError, match="at least one"):
        mean([])


def gates(*outcomes: tuple[int, bool]) -> list[Gate]:
    """Return gates by star and outcome, the failed ones with a reason."""
    return [Gate(star, passed, "" if passed else "thiếu phiếu kiểm nghiệm") for star, passed in outcomes]


PASSED, FAILED = True, False


@pytest.mark.parametrize(
    ("by_points", "outcomes", "after"),
    [
        (5, [(3, PASSED), (4, PASSED), (5, PASSED)], 5),
        (5, [(3, PASSED), (4, PASSED), (5, FAILED)], 4),
        (5, [(3, PASSED), (4, FAILED), (5, FAILED)], 3),
        (5, [(3, PASSED), (4, FAILED), (5, PASSED)], 3),  # a passed 5 does not lift over a failed 4
        (5, [(3, FAILED), (4, PASSED), (5, PASSED)], 2),  # without the least of 3 stars nothing is ranked
        (5, [(3, FAILED), (4, FAILED), (5, FAILED)], 2),
        (4, [(3, PASSED), (4, PASSED)], 4),
        (4, [(3, PASSED), (4, PASSED), (5, PASSED)], 4),  # gates never raise above the points
        (4, [(3, PASSED), (4, FAILED)], 3),
        (4, [(3, FAILED), (4, PASSED)], 2),
        (3, [(3, PASSED)], 3),
        (3, [(3, FAILED)], 2),
        (3, [(3, PASSED), (4, FAILED), (5, FAILED)], 3),
        (2, [], 2),
        (2, [(3, FAILED)], 2),
        (2, [(3, PASSED), (4, PASSED), (5, PASSED)], 2),
        (1, [(3, FAILED)], 1),
        (1, [(3, PASSED), (4, PASSED), (5, PASSED)], 1),
        (5, [], 2),  # a gate without an outcome does not hold
        (5, [(4, PASSED), (5, PASSED)], 2),
        (4, [(3, PASSED), (5, PASSED)], 3),
        (5, [(5, PASSED), (3, PASSED), (4, PASSED)], 5),  # in whatever order they were typed
    ],
)
def test_a_star_is_given_when_its_band_and_all_gates_up_to_it_hold(
    by_points: int, outcomes: list[tuple[int, bool]], after: int
) -> None:
    assert stars_after_gates(by_points, gates(*outcomes)) == after


@pytest.mark.parametrize(
    ("by_points", "outcomes", "missing"),
    [
        (5, [], (3, 4, 5)),
        (5, [(3, PASSED)], (4, 5)),
        (5, [(3, PASSED), (4, FAILED)], (5,)),
        (5, [(3, FAILED), (4, FAILED), (5, FAILED)], ()),
        (4, [(3, PASSED), (4, PASSED)], ()),
        (3, [(4, PASSED)], (3,)),
        (2, [], ()),
        (1, [], ()),
    ],
)
def test_every_gate_up_to_the_band_needs_an_outcome(
    by_points: int, outcomes: list[tuple[int, bool]], missing: tuple[int, ...]
) -> None:
    assert missing_gates(by_points, gates(*outcomes)) == missing


def test_the_gated_stars_are_those_that_get_a_certificate() -> None:
    assert GATED_STARS == (3, 4, 5)


@pytest.mark.parametrize(
    ("totals", "apart"),
    [(("70",), "0"), (("70", "80"), "10"), (("80", "70"), "10"), (("70", "80.001", "75"), "10.001")],
)
def test_the_spread_is_the_distance_between_the_outermost_totals(totals: tuple[str, ...], apart: str) -> None:
    assert spread(decimals(*totals)) == Decimal(apart)
