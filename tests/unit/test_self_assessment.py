"""A producer's own points: three parts, each within what the law gives it, and the star of their sum."""

from decimal import Decimal

import pytest

from ocop.errors import InvalidInput
from ocop.scoring import STAR_FLOORS
from ocop.self_assessment import PARTS, SelfAssessment


def given(community: str, marketing: str, quality: str, note: str = "") -> SelfAssessment:
    """Return points as they are typed."""
    return SelfAssessment(Decimal(community), Decimal(marketing), Decimal(quality), note)


def test_the_parts_give_a_hundred_points_between_them() -> None:
    assert sum(most for *_, most in PARTS) == 100


@pytest.mark.parametrize(
    ("community", "marketing", "quality"), [("0", "0", "0"), ("40", "25", "35"), ("39.995", "0.5", "35")]
)
def test_points_within_their_parts_are_taken(community: str, marketing: str, quality: str) -> None:
    given(community, marketing, quality).check()


@pytest.mark.parametrize(
    ("community", "marketing", "quality", "told"),
    [
        ("40.001", "0", "0", "Phần A: sản phẩm và sức mạnh cộng đồng là 40,001; phần này từ 0 đến 40"),
        ("0", "25.5", "0", "từ 0 đến 25"),
        ("0", "0", "36", "từ 0 đến 35"),
        ("-0.5", "0", "0", "từ 0 đến 40"),
        ("NaN", "0", "0", "từ 0 đến 40"),
        ("Infinity", "0", "0", "từ 0 đến 40"),
    ],
)
def test_points_beyond_their_part_are_refused(community: str, marketing: str, quality: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        given(community, marketing, quality).check()


MISSING = "Tự đánh giá thiếu điểm của {}. Hãy ghi đủ ba phần, hoặc bỏ trống cả ba."
BEYOND = "Điểm tự đánh giá của {}; phần này từ 0 đến {} điểm."


@pytest.mark.parametrize(
    ("own", "vietnamese", "english"),
    [
        (
            SelfAssessment(community=Decimal(30)),
            MISSING.format("Phần B: khả năng tiếp thị"), "marketing is missing",
        ),
        (
            SelfAssessment(quality=Decimal(30)),
            MISSING.format("Phần A: sản phẩm và sức mạnh cộng đồng"), "community is missing",
        ),
        (
            given("30", "25.5", "30"),
            BEYOND.format("Phần B: khả năng tiếp thị là 25,5", 25), "marketing is not within 0 and 25",
        ),
        (
            given("30", "20", "36"),
            BEYOND.format("Phần C: chất lượng sản phẩm là 36", 35), "quality is not within 0 and 35",
        ),
    ],
)  # fmt: skip
def test_points_without_a_note_are_checked_too_and_a_refusal_names_the_part(
    own: SelfAssessment, vietnamese: str, english: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        _ = own.told
    assert (refused.value.vietnamese, refused.value.english) == (vietnamese, english)


@pytest.mark.parametrize(("quality", "star"), [("24.995", 3), ("25", 4), ("34", 4), ("35", 4)])
def test_the_star_is_that_of_the_exact_sum(quality: str, star: int) -> None:
    own = given("25", "20", quality)
    assert own.star == star
    assert own.total >= STAR_FLOORS[star]


def test_nothing_said_keeps_nothing_and_a_note_alone_is_not_enough() -> None:
    assert SelfAssessment().told == {}
    assert SelfAssessment(note="  ").told == {}
    with pytest.raises(InvalidInput, match="thiếu điểm"):
        _ = SelfAssessment(note="tự chấm").told


def test_what_is_kept_names_the_parts_their_sum_and_its_star() -> None:
    assert given("30", "20", "25", "phiếu 02").told == {
        "self_assessment": {
            "community": Decimal(30), "marketing": Decimal(20), "quality": Decimal(25), "note": "phiếu 02",
            "total": Decimal(75), "star": 4,
        }
    }  # fmt: skip
